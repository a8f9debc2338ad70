# SPDX-License-Identifier: GPL-2.0-or-later
"""The recorder's log. A position p in it is a moment: entries before p have happened, entry p and
those behind it have not."""
import bisect
import collections
import os
import struct

import kernel

WRITE, FLUSH, DISCARD, MARK = 1, 2, 3, 4
HEAD = struct.Struct('=IIQQ')

# data: where in the log file the content of a WRITE stands
Entry = collections.namedtuple('Entry', 'kind disk offset length data')


class Log:
    def __init__(self, path):
        self.fd = os.open(path, os.O_RDONLY)
        self.entries, self.marks = [], []
        at, size = 0, os.fstat(self.fd).st_size
        while at + HEAD.size <= size:
            kind, disk, offset, length = HEAD.unpack(os.pread(self.fd, HEAD.size, at))
            at += HEAD.size
            if kind == MARK:
                self.marks.append((len(self.entries), os.pread(self.fd, length, at).decode()))
            self.entries.append(Entry(kind, disk, offset, length, at))
            at += length if kind in (WRITE, MARK) else 0
        self.end = len(self.entries)
        self.flushes = [i for i, e in enumerate(self.entries) if e.kind == FLUSH]
        self.by_disk = {d: [i for i in self.flushes if self.entries[i].disk == d]
                        for d in {e.disk for e in self.entries}}

    def close(self):
        os.close(self.fd)

    def mark(self, prefix):
        """Position and rest of the first mark that begins so."""
        for at, text in self.marks:
            if text.startswith(prefix):
                return at, text[len(prefix):]
        return self.end, ''

    def delicate(self):
        """Where an apply changes what is not its own: from READY to its end. Else the last third."""
        begun, ready, ended = (self.mark(m)[0] for m in ('begin', 'ready\n', 'exit:'))
        return (ready if ready < ended else ended - (ended - begun) // 3), ended

    def floor(self, p, disk):
        """What stands before this position is durable on the disk at p: it was flushed since."""
        flushes = self.by_disk.get(disk, ())
        k = bisect.bisect_left(flushes, p)
        return flushes[k - 1] + 1 if k else 0

    def changes(self, disk, start, end):
        """The entries between two positions that change a disk."""
        return [i for i in range(start, end)
                if self.entries[i].disk == disk and self.entries[i].kind in (WRITE, DISCARD)]

    def replay(self, fd, i, start=0, end=None):
        """Does entry i, or the bytes start..end of it, to an image."""
        e = self.entries[i]
        end = e.length if end is None else min(end, e.length)
        if e.kind == DISCARD:
            kernel.punch_hole(fd, e.offset + start, end - start)
            return
        while start < end:
            data = os.pread(self.fd, min(end - start, 1 << 20), e.data + start)
            os.pwrite(fd, data, e.offset + start)
            start += len(data)
