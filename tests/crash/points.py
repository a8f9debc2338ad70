# SPDX-License-Identifier: GPL-2.0-or-later
"""Crash states: what may be on the disks when the power fails at a position of the log.

Each disk has what was written before its last flush. Of what came since, it has ...

  lost      nothing
  whole     everything
  one-disk  everything on one disk, and nothing on the others
  subset    writes at random
  torn      pieces of 4 KiB of writes at random

lost, whole and one-disk are tried at every flush, just before it is done, and at the end. whole,
subset and torn at positions in between: a third of them anywhere, a third between two flushes that are
chosen first, so that flushes close to one another get their share, and a third where the command is
at its most delicate. A disk that ignores flushes (`lying`) is no state that anything
survives: it is there to try the checks themselves.
"""
import os
import random

import kernel

ATOM = 4096     # what a disk writes in one piece


class Point:
    """At position p; each disk has what is before its floor, and the pieces (entry, start, end)."""

    def __init__(self, p, kind, floors, pieces, seed=0):
        self.p, self.kind, self.floors, self.pieces, self.seed = p, kind, floors, pieces, seed

    def __str__(self):
        return '%s@%d' % (self.kind, self.p) + ('/%x' % self.seed if self.seed else '')

    def key(self):
        return self.p, tuple(self.floors), tuple(self.pieces)


def pending(log, p, disk):
    return log.changes(disk, log.floor(p, disk), p)


def extreme(log, p, kind, disks, kept):
    """kept: the disks that have everything up to p."""
    floors = [p if d in kept else log.floor(p, d) for d in range(disks)]
    return Point(p, kind, floors, [])


def scattered(log, p, kind, disks, seed):
    rnd = random.Random(seed)
    share = rnd.choice((0.1, 0.5, 0.9))
    pieces = []
    for i in (i for d in range(disks) for i in pending(log, p, d)):
        length, start = log.entries[i].length, 0
        step = length if kind == 'subset' else ATOM
        while start < length:
            if rnd.random() < share:
                pieces.append((i, start, min(start + step, length)))
            start += step
    return Point(p, kind, [log.floor(p, d) for d in range(disks)], sorted(pieces), seed)


def lie(log, p, disks, start, seed):
    """Since start the disks have dropped one write in ten, flushed or not."""
    rnd = random.Random(seed)
    pieces = [(i, 0, log.entries[i].length) for d in range(disks)
              for i in log.changes(d, start, p) if rnd.random() < 0.9]
    return Point(p, 'lying', [start] * disks, sorted(pieces), seed)


def at_flushes(log, disks, start, end):
    """lost, whole and one-disk: every point that differs by more than what is pending."""
    points = []
    for p in [f for f in log.flushes if start < f < end] + [end]:
        points.append(extreme(log, p, 'lost', disks, ()))
        points.append(extreme(log, p, 'whole', disks, range(disks)))
        if disks > 1:
            points += [extreme(log, p, 'one-disk', disks, (d,)) for d in range(disks)]
    return points


def in_between(log, disks, start, end, delicate, count, rnd):
    edges = [start] + [f for f in log.flushes if start < f < end] + [end]
    points = []
    for n in range(count):
        a, b = ((start, end), delicate, rnd.choice(list(zip(edges, edges[1:]))))[n % 3]
        p = rnd.randint(min(a + 1, b), b)
        kind = ('whole', 'subset', 'torn')[n // 3 % 3]
        points.append(extreme(log, p, kind, disks, range(disks)) if kind == 'whole'
                      else scattered(log, p, kind, disks, rnd.getrandbits(32)))
    return points


def choose(log, disks, start, end, delicate, count, flushes, seed, lying=False):
    """
    Different states between two positions, in order: count in between flushes, and those at flushes;
    of these a sample where there are more than `flushes`. delicate: a range of positions.
    """
    rnd = random.Random(seed)
    if lying:
        found = [lie(log, rnd.randint(start + 1, end), disks, start, rnd.getrandbits(32))
                 for _ in range(count)]
    else:
        found = at_flushes(log, disks, start, end)
        if len(found) > flushes:
            inside = [p for p in found if delicate[0] < p.p <= delicate[1]]
            found = rnd.sample(inside, min(len(inside), flushes // 2)) + rnd.sample(found, flushes // 2)
        found += in_between(log, disks, start, end, delicate, count, rnd)
    points, seen = [], set()
    for point in found:
        if point.key() not in seen:
            seen.add(point.key())
            points.append(point)
    return sorted(points, key=lambda x: (x.p, x.kind))


class Imager:
    """Makes the images of points whose positions do not go back: copies of some that roll along."""

    def __init__(self, bases, log, folder):
        self.log = log
        self.rolling = [os.path.join(folder, 'rolling.%d' % d) for d in range(len(bases))]
        self.at = [0] * len(bases)
        for base, image in zip(bases, self.rolling):
            kernel.copy_image(base, image)

    def build(self, point, images):
        for d, (rolling, image) in enumerate(zip(self.rolling, images)):
            # 'whole' goes to p itself, further than a later point of another kind may want to roll
            floor = self.log.floor(point.p, d) if point.kind != 'lying' else point.floors[d]
            self.write(rolling, [(i, 0, None) for i in self.log.changes(d, self.at[d], floor)])
            self.at[d] = max(self.at[d], floor)
            kernel.copy_image(rolling, image)
            self.write(image, [(i, 0, None) for i in self.log.changes(d, self.at[d], point.floors[d])])
            self.write(image, [piece for piece in point.pieces if self.log.entries[piece[0]].disk == d])

    def write(self, image, pieces):
        if not pieces:
            return
        fd = os.open(image, os.O_RDWR)
        try:
            for piece in pieces:
                self.log.replay(fd, *piece)
        finally:
            os.close(fd)

    def close(self):
        for image in self.rolling:
            os.unlink(image)
