# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel is asked for: mounts, loop devices, copies of images. By system call, since a
crash state lives for a tenth of a second and starting programs would take most of that."""
import ctypes
import errno
import fcntl
import os
import struct
import time

libc = ctypes.CDLL(None, use_errno=True)

# numbers from linux/sched.h, sys/mount.h, linux/loop.h, linux/fs.h, linux/btrfs.h, linux/falloc.h
CLONE_NEWNS = 0x20000
MS_REC, MS_PRIVATE, MNT_DETACH = 0x4000, 1 << 18, 2
LOOP_CTL_GET_FREE, LOOP_CONFIGURE, LO_FLAGS_AUTOCLEAR = 0x4C82, 0x4C0A, 4
FICLONE = 0x40049409
BTRFS_IOC_FORGET_DEV = 0x50009405
PUNCH_HOLE, KEEP_SIZE = 2, 1


def check(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, '%s: %s' % (what, os.strerror(number)))


def private_mounts():
    """A mount namespace of our own: when we are gone, so is everything we mounted."""
    check(libc.unshare(CLONE_NEWNS), 'unshare')
    check(libc.mount(b'none', b'/', None, MS_REC | MS_PRIVATE, None), 'mount --make-rprivate /')


def mount(device, where, kind, options=''):
    check(libc.mount(device.encode(), where.encode(), kind.encode(), 0, options.encode() or None),
          'mounting %s as %s' % (device, kind))


def umount(where, lazily=False):
    for _ in range(100):
        if libc.umount2(where.encode(), MNT_DETACH if lazily else 0) == 0:
            return
        number = ctypes.get_errno()
        if number != errno.EBUSY:
            break
        time.sleep(0.02)
    raise OSError(number, 'unmounting %s: %s' % (where, os.strerror(number)))


def punch_hole(fd, offset, length):
    check(libc.fallocate(fd, PUNCH_HOLE | KEEP_SIZE, ctypes.c_long(offset), ctypes.c_long(length)),
          'punching a hole')


class Loop:
    """A loop device over a file. It goes by itself once nobody has it open or mounted."""

    def __init__(self, path):
        file = os.open(path, os.O_RDWR)
        control = os.open('/dev/loop-control', os.O_RDWR)
        try:
            for _ in range(200):        # others look for a free one at the same time
                self.device = '/dev/loop%d' % fcntl.ioctl(control, LOOP_CTL_GET_FREE)
                try:
                    self.fd = os.open(self.device, os.O_RDWR)
                except OSError:
                    time.sleep(0.01)
                    continue
                # struct loop_config: fd, block_size, struct loop_info64 (lo_flags at 52), reserved
                config = bytearray(8 + 232 + 64)
                struct.pack_into('<I', config, 0, file)
                struct.pack_into('<I', config, 8 + 52, LO_FLAGS_AUTOCLEAR)
                try:
                    fcntl.ioctl(self.fd, LOOP_CONFIGURE, config)
                    return
                except OSError as e:
                    os.close(self.fd)
                    if e.errno != errno.EBUSY:
                        raise
            raise OSError(errno.ENODEV, 'no loop device is free')
        finally:
            os.close(control)
            os.close(file)

    def close(self):
        os.close(self.fd)


def btrfs_forget(device):
    """btrfs remembers devices by their file system's id, which copies of an image share."""
    try:
        control = os.open('/dev/btrfs-control', os.O_RDWR)
    except OSError:
        return
    arguments = bytearray(4096)
    arguments[8:8 + len(device)] = device.encode()
    try:
        fcntl.ioctl(control, BTRFS_IOC_FORGET_DEV, arguments)
    except OSError:
        pass
    finally:
        os.close(control)


def copy_image(source, target):
    """A copy with the holes of the original; by reference where the file system can."""
    a = os.open(source, os.O_RDONLY)
    b = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        try:
            fcntl.ioctl(b, FICLONE, a)
            return
        except OSError:
            pass
        size = os.fstat(a).st_size
        os.ftruncate(b, size)
        at = 0
        while at < size:
            try:
                at = os.lseek(a, at, os.SEEK_DATA)
            except OSError:             # only a hole is left
                break
            end = os.lseek(a, at, os.SEEK_HOLE)
            while at < end:
                at += os.pwrite(b, os.pread(a, min(end - at, 1 << 20), at), at)
    finally:
        os.close(a)
        os.close(b)
