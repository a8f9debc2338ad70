#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench.py [--runs N] [--json FILE]: putback and rpm side by side, each on a fresh ext4 image.

Environment:
  PUTBACK            the program (default: putback)
  PUTBACK_WORLD      a folder with repo.v1, repo.v2 (signed packages), root.broken (version 2 installed
                     by dnf) and RPM-GPG-KEY-lab; without it a world of 300 packages is generated
  PUTBACK_BENCH_DIR  where images and the generated world go (default: /var/tmp/putback-bench)

Each run copies one master image, mounts it by a loop device, drops the page cache, runs, and syncs the
file system inside the measured time. putback finds nothing that an earlier run learned of the packages, but where the name of
the subject says so: an apply that follows a plan. What is measured:
  wall     seconds          cpu      user + system seconds of all processes
  peak     MiB of the biggest process (VmHWM)  sum      MiB of all processes together (PSS), both sampled
  written  MiB that reached the block device
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time

import world

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ('wall', 'cpu', 'peak', 'sum', 'written')


def sh(*args, **kw):
    return subprocess.run(args, check=True, **kw)


def names_of(repo):
    files = sorted(os.path.join(repo, f) for f in os.listdir(repo) if f.endswith('.rpm'))
    r = subprocess.run(['rpm', '--nosignature', '-qp', '--qf', '%{NAME}\n'] + files, check=True,
                       capture_output=True, text=True)
    return set(r.stdout.split()), files


def drop_caches():
    os.sync()
    try:
        with open('/proc/sys/vm/drop_caches', 'w') as f:
            f.write('3')
    except OSError:
        pass


class Sampler(threading.Thread):
    """Looks at the memory of a process and all beneath it, every 30 ms. (The kernel's ru_maxrss would
    not do: it begins with the size of the process that forked.)"""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.sum, self.stop = pid, 0, 0, False

    def family(self):
        todo, seen = [self.pid], []
        while todo:
            p = todo.pop()
            seen.append(p)
            try:
                with open('/proc/%d/task/%d/children' % (p, p)) as f:
                    todo += [int(c) for c in f.read().split()]
            except OSError:
                pass
        return seen

    @staticmethod
    def figure(path, name):
        try:
            with open(path) as f:
                return next((int(line.split()[1]) for line in f if line.startswith(name)), 0)
        except OSError:
            return 0

    def run(self):
        time.sleep(0.005)   # past the exec
        while not self.stop:
            family = self.family()
            self.peak = max([self.peak] + [self.figure('/proc/%d/status' % p, 'VmHWM:') for p in family])
            self.sum = max(self.sum, sum(self.figure('/proc/%d/smaps_rollup' % p, 'Pss:') for p in family))
            time.sleep(0.03)


class Image:
    """A copy of the master image, mounted; removed when done."""

    def __init__(self, master, folder):
        self.path, self.mount = os.path.join(folder, 'run.img'), os.path.join(folder, 'mnt')
        os.makedirs(self.mount, exist_ok=True)
        sh('cp', '--sparse=always', master, self.path)

    def __enter__(self):
        out = subprocess.run(['losetup', '--direct-io=on', '--show', '-f', self.path],
                             capture_output=True, text=True)
        if out.returncode:
            out = sh('losetup', '--show', '-f', self.path, capture_output=True, text=True)
        self.loop = out.stdout.strip()
        sh('mount', self.loop, self.mount)
        self.root = os.path.join(self.mount, 'root')
        return self

    def __exit__(self, *_):
        sh('umount', self.mount)
        sh('losetup', '-d', self.loop)
        os.unlink(self.path)

    def written(self):
        with open('/sys/block/%s/stat' % os.path.basename(self.loop)) as f:
            return int(f.read().split()[6]) * 512

    def measure(self, commands, cache):
        """Runs the commands one after another and syncs; returns the columns. cache: where putback keeps what it learns."""
        env = dict(os.environ, XDG_CACHE_HOME=cache)
        drop_caches()
        before = self.written()
        start, cpu, peak, total = time.monotonic(), 0.0, 0, 0
        for c in commands + [['sync', '-f', self.root]]:
            with open(os.path.join(os.path.dirname(self.path), 'output'), 'wb') as out:
                p = subprocess.Popen(c, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env)
                sampler = Sampler(p.pid)
                sampler.start()
                _, status, usage = os.wait4(p.pid, 0)
                sampler.stop = True
                p.returncode = status
            cpu += usage.ru_utime + usage.ru_stime
            peak, total = max(peak, sampler.peak), max(total, sampler.sum)
            code = os.waitstatus_to_exitcode(status)
            if code and c[0] == 'rpm':
                # the peer goes as far as it can: it cannot go back over every kind of change
                print('%s ended with %d: some packages were left as they were' % (c[0], code),
                      file=sys.stderr)
            elif code not in (0, 7):
                with open(out.name, errors='replace') as f:
                    sys.exit('bench: %s: exit %d\n%s' % (' '.join(c)[:200],
                             os.waitstatus_to_exitcode(status), f.read()[-2000:]))
        wall = time.monotonic() - start
        return {'wall': wall, 'cpu': cpu, 'peak': peak / 1024, 'sum': total / 1024,
                'written': (self.written() - before) / 2**20}


def make_master(w, folder):
    master = os.path.join(folder, 'master.img')
    mount = os.path.join(folder, 'mnt')
    os.makedirs(mount, exist_ok=True)
    used = int(sh('du', '-sm', os.path.join(w, 'root.broken'), capture_output=True, text=True)
               .stdout.split()[0])
    with open(master, 'wb') as f:
        f.truncate((used * 3 + 512) << 20)
    sh('mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', master)
    sh('mount', '-o', 'loop', master, mount)
    try:
        sh('cp', '-a', os.path.join(w, 'root.broken'), os.path.join(mount, 'root'))
    finally:
        sh('umount', mount)
    os.sync()
    return master


def main(args):
    runs, out = 3, None
    while args:
        a = args.pop(0)
        if a == '--runs':
            runs = int(args.pop(0))
        elif a == '--json':
            out = args.pop(0)
        else:
            sys.exit(__doc__)
    if os.geteuid():
        sys.exit('bench: needs root, for loop devices')
    putback = shutil.which(os.environ.get('PUTBACK', 'putback')) or sys.exit('bench: no putback')
    folder = os.environ.get('PUTBACK_BENCH_DIR', '/var/tmp/putback-bench')
    os.makedirs(folder, exist_ok=True)
    w = os.environ.get('PUTBACK_WORLD') or world.generate(os.path.join(folder, 'world'))
    repo, key = os.path.join(w, 'repo.v1'), os.path.join(w, 'RPM-GPG-KEY-lab')
    old, files = names_of(repo)
    new, _ = names_of(os.path.join(w, 'repo.v2'))
    only_new = sorted(new - old)
    master = make_master(w, folder)

    def ours(*rest):
        return lambda root: [[putback, '--root', root, '--from', repo, '--key', key, *rest]]

    def rpms(root):
        rpm = ['rpm', '--root', root, '--dbpath', '/var/lib/rpm']
        commands = [rpm + ['-U', '--force', '--noscripts', '--nodeps'] + files]
        if only_new:
            commands.append(rpm + ['-e', '--noscripts', '--nodeps'] + only_new)
        return commands

    apply = ours('apply', '--undo', 'last', '--yes', '--quiet')
    subjects = {'putback plan': ours('plan', '--undo', 'last'),
                'putback apply': apply,
                'putback apply, packages known': apply,
                'rpm -U --force; rpm -e; sync': rpms}
    cache = os.path.join(folder, 'cache')
    results = {name: [] for name in subjects}
    for i in range(runs):
        for name, commands in subjects.items():
            print('run %d of %d: %s ' % (i + 1, runs, name), end='\r', file=sys.stderr, flush=True)
            if not name.endswith('known'):
                shutil.rmtree(cache, ignore_errors=True)
                os.makedirs(cache, mode=0o700)
            with Image(master, folder) as image:
                results[name].append(image.measure(commands(image.root), cache))
    shutil.rmtree(cache)
    os.unlink(master)
    report(w, len(files), results)
    if out:
        with open(out, 'w') as f:
            json.dump(results, f, indent=1)


def report(w, packages, results):
    med = {n: {c: statistics.median(r[c] for r in rs) for c in COLUMNS} for n, rs in results.items()}
    peer = med['rpm -U --force; rpm -e; sync']
    print(' ' * 60, end='\r', file=sys.stderr)
    print('%s: %d packages; medians of %d runs, in brackets the ratio to rpm' % (
        w, packages, len(next(iter(results.values())))))
    print('%-30s' % '' + ''.join('%17s' % h for h in
                                 ('wall s', 'cpu s', 'peak MiB', 'sum MiB', 'written MiB')))
    for n, m in med.items():
        cells = ''.join('%10.2f (%.2f)' % (m[c], m[c] / peer[c] if peer[c] else 0) for c in COLUMNS)
        print('%-30s%s' % (n, cells))
    for n, rs in results.items():
        print('  %-28s wall of each run: %s' % (n, ' '.join('%.2f' % r['wall'] for r in rs)))


if __name__ == '__main__':
    main(sys.argv[1:])
