# SPDX-License-Identifier: GPL-2.0-or-later
"""Power cuts: records a command, and judges what every chosen crash state of it becomes."""
import collections
import multiprocessing
import os
import random
import re
import shutil
import tempfile

import acts
import blocklog
import judge
import kernel
import machine
import points

# What was recorded, and all that is needed to judge a state of it.
Recording = collections.namedtuple('Recording', 'name fs layout bases log judge act env tools')
Result = collections.namedtuple('Result', 'name side detail')
NESTED_POINTS = 12      # in between flushes, and as many at flushes at most
ALL = 1 << 30


def expected(log, act, p):
    begun, (ended, rc) = log.mark('begin')[0], log.mark('exit:')
    if p <= begun:
        return act.first
    return act.after if p > ended and int(rc) in act.rc else act.during


# --- the sides of what did not end on them --------------------------------------------------------

def find_new(recording, folder):
    """The new side of a command that came back to the old one: what a cut late in it recovers to."""
    log = blocklog.Log(recording.log)
    images = [os.path.join(folder, 'found.%d' % n) for n in range(len(recording.bases))]
    where = os.path.join(folder, 'mnt')
    begun, ended = log.mark('begin')[0], log.mark('exit:')[0]
    old = recording.judge.sides['old']
    found = None
    for p in reversed([f for f in log.flushes if begun < f < ended]):
        imager = points.Imager(recording.bases, log, folder)
        imager.build(points.extreme(log, p, 'whole', len(images), range(len(images))), images)
        imager.close()
        with machine.Mounted(images, recording.layout, recording.fs, where):
            rc, _ = recording.judge.call(where, 'recover', '--yes')
            shot = judge.look(where)
        if rc == 0 and shot != old:
            found = shot
            break
    log.close()
    for image in images:
        os.unlink(image)
    return found


# --- judging --------------------------------------------------------------------------------------

def judge_images(recording, images, where, allowed, fsck=False):
    try:
        with machine.Mounted(images, recording.layout, recording.fs, where):
            verdict = recording.judge.judge(where, allowed)
    except OSError as e:
        return judge.Verdict('no-mount', str(e))
    if fsck and verdict.is_good():
        bad = machine.fsck(images, recording.fs)
        if bad:
            return judge.Verdict('fsck', bad[-400:])
    return verdict


def nest(recording, point, images, folder, allowed):
    """Power fails again while `recover` mends the images: the same must hold."""
    log_path = os.path.join(folder, 'nested.log')
    rnd = random.Random('%s %s' % (recording.name, point))
    name = '%s %s, then recover' % (recording.name, point)
    disturbance = rnd.choice((None, 'commit:10:%d' % rnd.randrange(1, 1000)))
    try:
        rc, out, final = machine.record(
            images, recording.layout, recording.fs, recording.judge.putback + ['recover', '--yes'],
            log_path, folder, recording.tools, disturbance, recording.env, judge.look)
    except OSError as e:
        return [Result(name, 'no-mount', str(e))]
    if rc:
        return [Result(name, 'recover-failed', out)]
    log = blocklog.Log(log_path)
    ended = log.mark('exit:')[0]
    after = tuple(s for s, shot in recording.judge.sides.items() if shot == final)
    inside = os.path.join(folder, 'inside')
    os.makedirs(inside)
    copies = [os.path.join(inside, 'crash.%d' % n) for n in range(len(images))]
    imager = points.Imager(images, log, inside)
    results = []
    for p in points.choose(log, len(images), log.mark('begin')[0], log.end, log.delicate(), NESTED_POINTS,
                           NESTED_POINTS, rnd.getrandbits(32)):
        imager.build(p, copies)
        verdict = judge_images(recording, copies, os.path.join(folder, 'mnt'),
                               after if p.p > ended else allowed)
        results.append(Result('%s %s' % (name, p), verdict.side, verdict.detail))
    log.close()
    shutil.rmtree(inside)
    os.unlink(log_path)
    return results


def judge_points(job):
    """One worker's share of the points of a recording."""
    recording, chosen, nested, fscked, work, keep, until_bad = job
    folder = tempfile.mkdtemp(prefix='points.', dir=work)
    log = blocklog.Log(recording.log)
    images = [os.path.join(folder, 'crash.%d' % n) for n in range(len(recording.bases))]
    imager = points.Imager(recording.bases, log, folder)
    results = []
    for n, point in enumerate(chosen):
        imager.build(point, images)
        allowed = expected(log, recording.act, point.p)
        name = '%s %s' % (recording.name, point)
        if point in nested:
            results += nest(recording, point, images, folder, allowed)
        kept = os.path.join(keep, re.sub(r'\W+', '_', name)) if keep else None
        if kept:
            for d, image in enumerate(images):
                kernel.copy_image(image, '%s.%d' % (kept, d))
        verdict = judge_images(recording, images, os.path.join(folder, 'mnt'), allowed, point in fscked)
        results.append(Result(name, verdict.side, verdict.detail))
        if kept and verdict.is_good():
            for d in range(len(images)):
                os.unlink('%s.%d' % (kept, d))
        if until_bad and not verdict.is_good():
            break
    log.close()
    shutil.rmtree(folder)
    return results


def shares(items, n):
    """Runs of neighbours: each worker rolls its images forward once."""
    size = max(1, -(-len(items) // n))
    return [items[i:i + size] for i in range(0, len(items), size)]


class Bench:
    """
    A pool of workers with a private mount namespace and a folder for scratch. putback: the program, or
    None where it is not it that is tried.
    """

    def __init__(self, putback, tools, jobs=2, work=None, keep=None):
        kernel.private_mounts()
        self.folder = tempfile.mkdtemp(prefix='putback-power.', dir=work or scratch())
        self.tools, self.jobs, self.keep = tools, jobs, keep
        self.pool = multiprocessing.Pool(jobs)
        self.world = None
        self.putback = putback
        if keep:
            os.makedirs(keep, exist_ok=True)

    def __enter__(self):
        if self.putback:
            self.world = acts.World(os.path.join(self.folder, 'world'), self.putback, self.tools)
        return self

    def __exit__(self, *why):
        self.pool.terminate()
        self.pool.join()
        shutil.rmtree(self.folder, ignore_errors=True)

    def starts(self, fs, layout, env=None):
        folder = tempfile.mkdtemp(prefix='starts.', dir=self.folder)
        return acts.Starts(self.world, fs, layout, folder, env or {})

    def record(self, starts, act_name, disturbance=None, env=None):
        """env: for what is recorded and for what recovers from it."""
        act, env = acts.ACTS[act_name], dict(env or {})
        name = ' '.join((starts.fs, starts.layout, act_name, disturbance or 'undisturbed'))
        log = os.path.join(starts.folder, 'log')
        recorded_env = dict(env, PUTBACK_FAILPOINT=act.failpoint) if act.failpoint else env
        rc, out, final = machine.record(
            starts.get(act.start), starts.layout, starts.fs, self.world.command(act.command), log,
            starts.folder, self.tools, disturbance, recorded_env, judge.look)
        if rc not in act.rc:
            raise RuntimeError('%s: exit %d: %s' % (name, rc, out))
        found, turns = acts.sides(starts, act, final, log)
        argv = ['env'] + ['%s=%s' % pair for pair in env.items()] + self.world.putback if env \
            else self.world.putback
        recording = Recording(name, starts.fs, starts.layout, starts.get(act.start), log,
                              judge.Judge(argv, starts.layout, found, turns), act, env, self.tools)
        if act.failpoint:
            new = find_new(recording, starts.folder)
            if new:
                found['new'] = new
        return recording

    def judge(self, recording, count, flushes=ALL, seed=1, nested=0, fsck=0, lying=False,
              until_bad=False, delicate=False):
        """
        Judges states of the recording; see points.choose() for how many. Of these, so many are cut again
        in recovery, and so many checked by fsck. until_bad: each worker stops when one is not right.
        delicate: only states of that part.
        """
        log = blocklog.Log(recording.log)
        start = log.delicate()[0] if delicate else log.mark('begin')[0]
        chosen = points.choose(log, len(recording.bases), start, log.end, log.delicate(), count, flushes,
                               seed, lying)
        log.close()
        rnd = random.Random(seed)
        again = rnd.sample(chosen, min(nested, len(chosen)))
        checked = rnd.sample(chosen, min(fsck, len(chosen)))
        jobs = [(recording, share, [p for p in again if p in share], [p for p in checked if p in share],
                 self.folder, self.keep, until_bad) for share in shares(chosen, self.jobs)]
        return [r for part in self.pool.imap_unordered(judge_points, jobs) for r in part]


def tools():
    """Where the build has recorder and disturb."""
    return os.path.join(os.environ['PUTBACK_BUILDDIR'], 'tests', 'crash')


def scratch():
    """Memory where there is enough of it: a sweep writes a gigabyte a minute."""
    for folder in ('/dev/shm', os.environ.get('TMPDIR', '/tmp')):
        try:
            space = os.statvfs(folder)
        except OSError:
            continue
        if space.f_bavail * space.f_frsize > 2 << 30:
            return folder
    return None


def not_here():
    """Why this machine, or this build, cannot do it at all; empty where it can."""
    if os.geteuid():
        return 'not root'
    for device in ('/dev/fuse', '/dev/loop-control'):
        if not os.path.exists(device):
            return 'no %s' % device
    try:
        with open('/proc/filesystems') as f:
            known = f.read().split()
    except OSError:
        known = []
    absent = [fs for fs in machine.MKFS if fs not in known]
    for fs in absent:       # a module that is not loaded yet is loaded by mounting
        if machine.run(['modprobe', fs])[0]:
            return 'the kernel has no %s' % fs
    return ''


def without_failpoints():
    """A putback that does not die or err where it shall."""
    return '' if os.environ.get('PUTBACK_FAILPOINTS') else \
        'a build without failpoints (configure --enable-failpoints)'


def missing():
    """What could be installed, and is not."""
    if not os.access(os.path.join(tools(), 'recorder'), os.X_OK):
        return 'the recorder is not built: fuse3 is missing'
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    for tool in ('mkfs.ext4', 'mkfs.xfs', 'mkfs.btrfs', 'rpm', 'rpmbuild', 'rpmsign', 'gpg', 'sqlite3', 'jq'):
        if not shutil.which(tool):
            return '%s is missing' % tool
    return ''
