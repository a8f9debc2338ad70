# SPDX-License-Identifier: GPL-2.0-or-later
"""A root on memory that is brought into one of its states, disturbed, and judged.

The states are `old` (as before, no trace of putback), `done` (a transaction stands) and `undone` (it was taken
back). A root that passed a judgement is as good as a fresh copy, inode for inode: it is used again. One that did
not is thrown away.
"""
import ctypes
import errno
import fcntl
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import time

AREA = '.putback'
IMMUTABLE = 0x10
OWN = {'area', 'journal.sqlite', 'journal.sqlite-journal'}
DB, HISTORY = 'var/lib/rpm', 'var/lib/dnf'
NOTE = 'trusted.putback.mtime'
# times of the installation, and a number of its record: what differs from one run to the next
VOLATILE_TAGS = {1008, 1128, 1195}
SIDE = {'old': 'old', 'undone': 'old', 'done': 'new'}


class Wrong(Exception):
    """What must not be."""


# --- what a root is ---------------------------------------------------------------------------------------


class Inner:
    """What is in files. What an inode has is not read again as long as its ctime stays, which every change moves; unless
    it was so fresh when it was read that a change after that might have got the same."""
    FRESH = 100 * 1000 * 1000  # ns; the kernel's clock for files ticks every 10 ms at most

    def __init__(self):
        self.known = {}
        self.made_up = set()  # devices whose inode numbers do not last

    def of(self, entry, st):
        if st.st_dev in self.made_up:
            return read_inner(entry)
        key, stamp = (st.st_dev, st.st_ino), (st.st_ctime_ns, st.st_size, st.st_mode)
        found = self.known.get(key)
        if found and found[0] == stamp:
            return found[1]
        began = time.time_ns()
        inner = read_inner(entry)
        if abs(began - st.st_ctime_ns) > self.FRESH:
            self.known[key] = stamp, inner
        return inner


def read_inner(entry):
    if entry.is_symlink():
        content = os.readlink(entry.path)
    elif entry.is_file(follow_symlinks=False):
        with open(entry.path, 'rb') as f:
            content = f.read()
    else:
        content = None
    return content, xattrs(entry.path)


inner = Inner()


def describe(entry, st):
    content, attributes = inner.of(entry, st)
    size = None if content is None else st.st_size
    return [st.st_mode, st.st_uid, st.st_gid, size, st.st_mtime_ns, st.st_rdev,
            None if content is None else st.st_nlink, content, attributes]


def xattrs(path):
    try:
        return [(n, os.getxattr(path, n, follow_symlinks=False))
                for n in os.listxattr(path, follow_symlinks=False)]
    except OSError as e:
        if e.errno != errno.EOPNOTSUPP:
            raise
        return []


def snapshot(top, ids):
    """Everything but the areas: path -> what it is; with ids which inode, too."""
    st = os.stat(top)
    found = {'': [st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns, xattrs(top)]}
    todo = ['']
    while todo:
        at = todo.pop()
        with os.scandir(os.path.join(top, at)) as entries:
            for e in entries:
                if e.name == AREA:
                    continue
                path = e.path[len(top) + 1:]
                st = e.stat(follow_symlinks=False)
                if st.st_dev in inner.made_up:
                    found[path.lower()] = describe_plainly(e, st)
                else:
                    found[path] = describe(e, st) + ([st.st_dev, st.st_ino] if ids else [])
                if e.is_dir(follow_symlinks=False):
                    todo.append(path)
    return found


def describe_plainly(entry, st):
    """Where inode numbers do not last, names that differ in case only are one, and a top has no room for a note of its
    mtime."""
    mtime = None if os.path.ismount(entry.path) else st.st_mtime_ns
    return [st.st_mode, st.st_uid, st.st_gid, mtime, st.st_rdev, inner.of(entry, st)]


def difference(want, have):
    """The first few paths that differ, as text; '' when none does."""
    if want == have:
        return ''
    lines = []
    for path in sorted(want.keys() | have.keys()):
        if want.get(path) != have.get(path):
            lines.append('/%s: wanted %.150r, found %.150r' % (path, want.get(path), have.get(path)))
    return '\n'.join(lines[:3] + (['and %d more' % (len(lines) - 3)] if len(lines) > 3 else []))


def without_db(snap):
    return {k: v for k, v in snap.items() if k not in (DB, HISTORY) and not k.startswith((DB + '/', HISTORY + '/'))}


def header_tags(blob):
    """A header of an rpmdb: tag -> its raw bytes, but for the volatile ones."""
    entries, size = struct.unpack('>II', blob[:8])
    index = sorted(struct.iter_unpack('>IIII', blob[8:8 + entries * 16]), key=lambda e: e[2])
    data = blob[8 + entries * 16:8 + entries * 16 + size]
    ends = [e[2] for e in index[1:]] + [size]
    return {tag: data[at:end] for (tag, _, at, _), end in zip(index, ends)
            if tag not in VOLATILE_TAGS}


def rows(path, sql):
    """Of a database that is only looked at."""
    db = sqlite3.connect('file:%s?mode=ro&immutable=1' % path, uri=True)
    try:
        return list(db.execute(sql))
    finally:
        db.close()


def packages(top):
    """What the rpmdb of a root says, and dnf's history where there is one."""
    history = '%s/%s/history.sqlite' % (top, HISTORY)
    return (sorted((sorted(header_tags(blob).items())
                    for blob, in rows('%s/%s/rpmdb.sqlite' % (top, DB), 'SELECT blob FROM Packages')), key=repr),
            os.path.exists(history) and rows(history, 'SELECT cmdline, state FROM trans ORDER BY id'))


# --- flags ---------------------------------------------------------------------------------------------------


def flags_of(path, new=None):
    """The flags of chattr(1), which are set to new if that is given; None where there are none."""
    get, put = 0x80086601, 0x40086602
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        flags = struct.unpack('i', fcntl.ioctl(fd, get, b'\0' * 4))[0]
        if new is not None:
            fcntl.ioctl(fd, put, struct.pack('i', new(flags)))
        return flags
    except OSError:
        return None
    finally:
        os.close(fd)


def is_immutable(path):
    return bool((flags_of(path) or 0) & IMMUTABLE)


def set_immutable(path, on):
    return flags_of(path, lambda f: f | IMMUTABLE if on else f & ~IMMUTABLE) is not None


# --- mounts --------------------------------------------------------------------------------------------------


def mount_memory(where):
    os.makedirs(where, exist_ok=True)
    mount('tmpfs', where, 'mode=755')


def mount_over(where, folder, root):
    """An overlay, in whose lower layer is that root, or nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    for layer in 'lower', 'upper', 'work':
        os.makedirs(os.path.join(folder, layer))
    if root:
        subprocess.run(['cp', '-a', root + '/.', folder + '/lower'], check=True)
        shutil.copystat(root, folder + '/upper')
    mount('overlay', where, 'lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work'.format(folder))


def mount(kind, where, options):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(kind.encode(), os.fsencode(where), kind.encode(), 0, os.fsencode(options)):
        raise OSError(ctypes.get_errno(), 'cannot mount a file system of memory', where)


# --- the lab ---------------------------------------------------------------------------------------------------


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err


class Lab:
    """part: of a sweep that is done by several processes. mounts: directories of the root that shall be file systems of
    their own, of memory, or of mkfs on an image, or, by the program plainfs, a kind of vfat. pins: paths that are made
    immutable, files before their directories. over: the root is an overlay, where objects are known by what they are,
    all of it in its upper layer, or, `lower`, in the lower one, whose inodes and links do not come back.
    beneath: what another transaction has put back, which stands before this one begins, and must be as good as ever
    wherever this one has not come to its end."""

    def __init__(self, env, what, part=0, mounts=(), pins=(), without='', over=False, mkfs=None, plainfs=None,
                 beneath=()):
        self.putback, self.oracles = env['PUTBACK'], env['ORACLES']
        self.fresh, self.oracle = env['R'], env['ORACLE']
        self.good = ['--from', env['V1'], '--key', env['KEY'], *(['--from', env['V2']] if beneath else [])]
        self.env = dict(os.environ, PUTBACK_WITHOUT=without,
                        ASAN_OPTIONS='detect_leaks=0')  # not to be had beside ptrace
        self.apply = ['apply', *what, '--yes']
        self.work = '%s.%d' % (env['WORK'], part)
        self.top = self.work + '/root'
        self.mounts, self.pins, self.runs = mounts, pins, 0
        self.over, self.mkfs, self.plainfs, self.beneath = over, mkfs, plainfs, beneath
        mount_memory(self.work)
        # where scratch folders are made, unless the tests themselves live there
        self.memory = None if self.work.startswith('/dev/shm/') else '/dev/shm'
        if self.memory:
            mount_memory(self.memory)
        os.mkdir(self.top)
        self.held = {}
        self.renew()
        self.learn()

    def renew(self):
        """A fresh copy of the root, in state old."""
        self.unpin()
        for top in self.tops()[:0:-1] + [self.top]:
            if os.path.ismount(top):
                self.unmount(top)
        shutil.rmtree(self.top)
        os.mkdir(self.top)
        if self.over:
            mount_over(self.top, self.work + '/layers', self.fresh if self.over == 'lower' else None)
        if self.over == 'lower':
            inner.made_up.add(os.stat(self.top).st_dev)
        else:
            subprocess.run(['cp', '-a', self.fresh + '/.', self.top], check=True)
        for m, top in zip(self.mounts, self.tops()[1:]):
            shutil.rmtree(self.disk(m), ignore_errors=True)
            os.mkdir(self.disk(m))
            if self.plainfs:
                self.mount_plain(m)
            elif self.mkfs:
                self.mount_image(self.disk(m) + '/image', top)
            else:
                mount_memory(top)
            subprocess.run(['cp', '-r', '--preserve=timestamps' if self.plainfs else '-a', '%s/%s/.' % (self.fresh, m), top],
                           check=True)
        self.pins = [p for p in self.pins if set_immutable(os.path.join(self.top, p), True)]
        if self.beneath:
            self.bottom = snapshot(self.top, True)
            self.run_well('apply', *self.beneath, '--yes')
            self.held['old'] = self.slots()
        self.state = 'old'
        self.old = snapshot(self.top, True)

    def disk(self, m):
        return '%s/disk.%s' % (self.work, m.replace('/', '-'))

    def mount_image(self, image, top):
        with open(image, 'wb') as f:
            f.truncate(320 << 20)
        subprocess.run([*self.mkfs, image], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(['mount', '-o', 'loop', image, top], check=True)

    def mount_plain(self, m):
        subprocess.run([self.plainfs, self.disk(m), os.path.join(self.top, m)], check=True)
        inner.made_up.add(os.stat(os.path.join(self.top, m)).st_dev)

    def reboot(self):
        """What has no lasting inode numbers gets others."""
        for m in self.mounts if self.plainfs else ():
            self.unmount(os.path.join(self.top, m))
            self.mount_plain(m)

    def unmount(self, top):
        inner.made_up.discard(os.stat(top).st_dev)
        if self.mkfs:  # what is frozen cannot be
            subprocess.run(['fsfreeze', '-u', top], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(['umount', top], check=True)

    def close(self):
        for top in self.tops()[:0:-1]:
            self.unmount(top)

    def unpin(self):
        for at, _, names in os.walk(self.top):
            for path in [at] + [os.path.join(at, n) for n in names]:
                if self.pins and not os.path.islink(path):
                    set_immutable(path, False)

    def learn(self):
        """What done looks like, by the judgement of the oracles where there is one, and what an area then holds."""
        self.run_well(*self.apply)
        if self.oracle:
            self.judge_by_oracle()
        self.new = without_db(snapshot(self.top, False))
        self.new_packages = packages(self.top)
        self.held['done'] = self.slots()
        self.state = 'done'
        self.run_well('undo', '--yes')
        self.held['undone'] = self.slots()
        self.state = 'undone'
        self.judge('undone')

    def judge_by_oracle(self):
        volatile = []
        for glob in ('/' + AREA, '/' + AREA + '/*', '/var/lib/rpm/*', '/*/' + AREA, '/*/' + AREA + '/*',
                     '*.rpmmoved*', '/var/lib/dnf*', '/var/cache/*', '/var/log/*'):
            volatile += ['--ignore', glob]
        for command in (['tree', 'compare', self.oracle, self.top, '--no-dir-mtime', *volatile],
                        ['rpmdb', 'compare', self.oracle, self.top]):
            r = subprocess.run([os.path.join(self.oracles, command[0]), *command[1:]],
                               capture_output=True, text=True)
            if r.returncode:
                raise Wrong('an undisturbed apply is not right:\n' + r.stdout + r.stderr)

    # --- running

    def run(self, *args, wrap=(), env=None, trace=None):
        self.runs += 1
        if args[0] == 'recover':
            self.reboot()
        command = [*wrap, self.putback, '--root', self.top, *args]
        fds = (trace,) if trace is not None else ()
        p = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                           env=dict(self.env, **env) if env else self.env, pass_fds=fds)
        return Result(p.returncode if p.returncode >= 0 else 128 - p.returncode,
                      p.stdout.decode(errors='replace'), p.stderr.decode(errors='replace'))

    def run_well(self, *args, ok=(0, 7)):
        """A command that nothing disturbs, which must end well; nor may anything be left in memory."""
        if args[0] == 'apply':
            args = (*self.good, *args)
        r = self.run(*args)
        if r.status not in ok:
            raise Wrong('%s: exit %d: %s' % (' '.join(args), r.status, r.err.strip()))
        left = [n for n in (os.listdir(self.memory) if self.memory else []) if n.startswith('putback-')]
        if left:
            raise Wrong('%s: left in /dev/shm: %s' % (' '.join(args), left))
        return r

    # --- areas

    def tops(self):
        return [self.top] + [os.path.join(self.top, m) for m in self.mounts]

    def slots(self):
        """What the areas hold, but for the journal, of which one that cannot be read is kept by another name."""
        held, newest = [], re.compile('^/%d(?=/|$)' % self.newest())
        for i, top in enumerate(self.tops()):
            area = os.path.join(top, AREA)
            for at, dirs, files in os.walk(area):
                held += ['%d%s' % (i, newest.sub('/new', '%s/%s' % (at[len(area):], n)))
                         for n in dirs + files if n not in OWN and 'unreadable' not in n]
        return sorted(held)

    def newest(self):
        """The number of the transaction that is tried."""
        first = 2 if self.beneath else 1
        return max((n for n in self.states() if n >= first), default=first)

    def standing(self):
        """The states of what is not forgotten."""
        return {n: state for n, state in self.states().items() if state != 'forgotten'}

    def states(self):
        """The journal's: number -> state; {} where there is none."""
        path = os.path.join(self.top, AREA, 'journal.sqlite')
        if not os.path.exists(path):
            return {}
        return dict(rows(path, 'SELECT id, name FROM transactions JOIN states ON code=state'))

    def wipe(self):
        """Takes the areas away, and gives the tops the times back that this costs."""
        for top in self.tops():
            st = os.stat(top)
            shutil.rmtree(os.path.join(top, AREA), ignore_errors=True)
            os.utime(top, ns=(st.st_atime_ns, st.st_mtime_ns))

    # --- judging

    def judge_tree(self, side, pins=True):
        if side == 'old':
            diff = difference(self.old, snapshot(self.top, True))
        else:
            diff = difference(self.new, without_db(snapshot(self.top, False)))
            if not diff and packages(self.top) != self.new_packages:
                diff = 'the rpmdb is not that of the tree'
        for p in self.pins if pins else ():
            path = os.path.join(self.top, p)
            if is_immutable(path) != (side == 'old' or os.path.isdir(path)):
                diff = '/%s is %simmutable' % (p, '' if is_immutable(path) else 'not ')
        if diff:
            raise Wrong('not wholly %s: %s' % (side, diff))

    def judge(self, state):
        """Whether the root is in that state, with nothing missing in its areas and nothing too much."""
        self.judge_tree(SIDE[state])
        base = {1: 'done'} if self.beneath else {}
        if self.beneath and state == 'old':
            if self.standing() != base or [n for n in self.slots() if n not in self.held['old']]:
                raise Wrong('what is beneath: %s %s' % (self.states(), self.slots()))
        elif state == 'old':
            left = [t for t in self.tops() if os.path.exists(os.path.join(t, AREA))]
            if left:
                raise Wrong('an area is left: %s' % self.slots())
        else:
            if self.standing() != {**base, self.newest(): state}:
                raise Wrong('the journal says %s instead of %s' % (self.states(), state))
            if self.slots() != self.held[state]:
                raise Wrong('the areas hold %s too much, and not %s' % (
                    sorted(set(self.slots()) - set(self.held[state])),
                    sorted(set(self.held[state]) - set(self.slots()))))
        if self.beneath and SIDE[state] == 'old':
            self.judge_beneath()
        # links that are not there any more would make another plan
        self.state = state if state != 'old' or self.over != 'lower' else None

    def judge_beneath(self):
        """The older transaction can be taken back and done again."""
        for command, want in (('undo', self.bottom), ('redo', self.old)):
            self.run_well(command, '1', '--yes')
            diff = difference(want, snapshot(self.top, True))
            if diff:
                raise Wrong('%s of what is beneath: %s' % (command, diff))

    def judge_by_journal(self):
        """After a recovery: what the journal says must be so."""
        states = self.standing()
        if self.beneath:
            states.pop(1, None)
        self.judge(states.popitem()[1] if len(states) == 1 else 'old')

    # --- from state to state

    STEPS = {('old', 'done'): ['apply'], ('old', 'undone'): ['apply', 'undo'],
             ('done', 'undone'): ['undo'], ('undone', 'done'): ['redo'],
             ('done', 'old'): ['undo', 'wipe'], ('undone', 'old'): ['wipe']}

    def settle_tops(self):
        """A disk that is dead cannot be given the mtimes back that `.putback` cost the tops: takes away the notes of them,
        which must be right, as the next command would."""
        for top in self.tops():
            try:
                note = int(os.getxattr(top, NOTE))
            except OSError:
                continue
            if note != self.old['' if top == self.top else top[len(self.top) + 1:]][
                    3 if top == self.top else 4]:
                raise Wrong('a wrong note of the mtime of ' + top)
            os.removexattr(top, NOTE)
            os.utime(top, ns=(note, note))

    def goto(self, state):
        if self.state not in SIDE:
            self.renew()
        for step in self.STEPS.get((self.state, state), []):
            if step == 'wipe' and self.beneath:
                self.run_well('forget', str(self.newest()), '--yes')
                self.state = 'old'
            elif step == 'wipe' and self.over == 'lower':
                self.renew()
            elif step == 'wipe':
                self.wipe()
                self.state = 'old'
            elif step == 'apply':
                self.run_well(*self.apply)
                self.judge('done')
            else:
                self.run_well(step, '--yes')
                self.judge({'undo': 'undone', 'redo': 'done'}[step])
