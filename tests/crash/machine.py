# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine whose power fails: its disks as images, the file systems on them, and a command that
runs on it while a log is taken."""
import os
import shutil
import subprocess
import time

import kernel

MKFS = {
    'ext4': 'mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0',
    'xfs': 'mkfs.xfs -q -f',
    'btrfs': 'mkfs.btrfs -q -f',
}
FSCK = {'ext4': 'e2fsck -fn', 'xfs': 'xfs_repair -n', 'btrfs': 'btrfs check --readonly'}
SIZE = 640 << 20        # with holes; below 512 MiB mkfs.ext4 takes it for a floppy

# What is mounted where: a disk each. The journal lies on the first.
LAYOUTS = {'one': ('',), 'two': ('', '/usr')}


def run(argv, env=None, limit=120, fds=()):
    """Exit status and output; 124 when it hangs."""
    try:
        p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, env=dict(os.environ, **env or {}), timeout=limit,
                           pass_fds=fds)
    except subprocess.TimeoutExpired as e:
        return 124, (e.stdout or b'').decode(errors='replace') + '[hangs]'
    return p.returncode, p.stdout.decode(errors='replace')


def must(argv, **more):
    rc, out = run(argv, **more)
    if rc:
        raise RuntimeError('%s: exit %d: %s' % (' '.join(argv), rc, out))
    return out


class Mounted:
    """The disks, mounted below `where` with the options that are the default."""

    def __init__(self, files, layout, fs, where):
        self.fs, self.loops, self.mounted = fs, [], []
        os.makedirs(where, exist_ok=True)
        try:
            for file, top in zip(files, LAYOUTS[layout]):
                loop = kernel.Loop(file)
                self.loops.append(loop)
                # copies share an id, by which xfs would refuse the second
                kernel.mount(loop.device, where + top, fs, 'nouuid' if fs == 'xfs' else '')
                self.mounted.append(where + top)
        except OSError:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.close()

    def close(self):
        for path in reversed(self.mounted):
            kernel.umount(path)
        for loop in self.loops:
            if self.fs == 'btrfs':
                kernel.btrfs_forget(loop.device)
            loop.close()
        self.mounted, self.loops = [], []


def make(root, layout, fs, folder):
    """Images of new file systems that hold a copy of root."""
    images = []
    os.makedirs(folder, exist_ok=True)
    for n, top in enumerate(LAYOUTS[layout]):
        image = os.path.join(folder, 'disk.%d' % n)
        with open(image, 'w') as f:
            f.truncate(SIZE)
        must(MKFS[fs].split() + [image])
        images.append(image)
    where = os.path.join(folder, 'mnt')
    os.makedirs(where, exist_ok=True)
    mounted = Mounted(images[:1], layout, fs, where)
    try:        # a mount point must be there before something is mounted on it
        for top in LAYOUTS[layout][1:]:
            os.makedirs(where + top)
    finally:
        mounted.close()
    with Mounted(images, layout, fs, where):
        must(['cp', '-a', root + '/.', where])
    for image in images:        # zeros that mkfs wrote become holes
        must(['cp', '--sparse=always', image, image + '.holes'])
        os.rename(image + '.holes', image)
    return images


def fsck(images, fs):
    """What the file system's own check finds wrong with the unmounted images."""
    for image in images:
        rc, out = run(FSCK[fs].split() + [image])
        if rc:
            return out
    return ''


class Recorder:
    """Disks that log what is done to them. The bases are copied, and stay as they are."""

    def __init__(self, bases, log, folder, tools):
        self.folder = folder
        self.where = os.path.join(folder, 'recorded')
        os.makedirs(self.where)
        self.images = [os.path.join(folder, 'image.%d' % n) for n in range(len(bases))]
        for base, image in zip(bases, self.images):
            kernel.copy_image(base, image)
        self.disks = [os.path.join(self.where, str(n)) for n in range(len(bases))]
        self.process = subprocess.Popen([os.path.join(tools, 'recorder'), log, self.where] + self.images,
                                        stdin=subprocess.DEVNULL)
        for _ in range(1000):
            if os.path.exists(self.disks[0]):
                break
            if self.process.poll() is not None:
                raise RuntimeError('the recorder does not start')
            time.sleep(0.01)

        self.marks = os.open(os.path.join(self.where, 'mark'), os.O_WRONLY)

    def mark(self, text):
        os.write(self.marks, text.encode())

    def close(self):
        os.close(self.marks)
        try:
            kernel.umount(self.where)
        except OSError:
            kernel.umount(self.where, lazily=True)
        self.process.wait()
        for image in self.images:
            os.unlink(image)
        os.rmdir(self.where)


def record(bases, layout, fs, argv, log, folder, tools, disturbance=None, env=None, look=None):
    """
    Runs argv on the machine while the log is taken, with the marks `begin` and `exit:STATUS`, and the name
    of each failpoint that is passed; the log goes on to the unmount. {root} in argv is where the machine is mounted. disturbance: KIND:EVERY:SEED
    (see disturb.c). look(where) is called when the command has ended, and its result is returned.
    """
    folder = os.path.join(folder, 'recording')
    os.makedirs(folder)
    where = os.path.join(folder, 'mnt')
    argv = [a.replace('{root}', where) for a in argv]
    env = dict(env or {})
    if disturbance:
        argv = [os.path.join(tools, 'disturb'), disturbance] + \
            [where + top for top in LAYOUTS[layout]] + ['--'] + argv
    recorder = Recorder(bases, log, folder, tools)
    try:
        with Mounted(recorder.disks, layout, fs, where):
            recorder.mark('begin')
            rc, out = run(argv, dict(env, PUTBACK_FAILPOINT_TRACE=str(recorder.marks)),
                          fds=(recorder.marks,))
            recorder.mark('exit:%d' % rc)
            seen = look(where) if look else None
    finally:
        recorder.close()
        shutil.rmtree(folder, ignore_errors=True)
    return rc, out, seen
