# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults, one by one: at which points, how often, and what came of it."""
import collections
import os
import random
import subprocess
import sys
import time

from acts import KILLED
from lab import Wrong


class Fault:
    """The n-th of something meets with kind. back: a recovery goes back instead of on."""

    def __init__(self, kind, n):
        self.kind, self.n, self.back = kind.rstrip('+'), n, n % 2 == 0
        self.goes_on = kind.endswith('+')
        self.word = kind
        self.where = ''


class Calls:
    """Of the calls that change files."""

    def __init__(self, inject, work):
        self.inject, self.out = inject, work + '/calls'

    def run(self, lab, act, fault):
        return lab.run(*act.command(lab),
                       wrap=(self.inject, '-a', fault.word, '-n', str(fault.n), '-o', self.out))

    def count(self, lab, act):
        act.prepare(lab)
        r = self.run(lab, act, Fault('count', 0))
        act.settle(lab, Fault('count', 0), r)
        return int(open(self.out).read().split()[-1])

    def where(self):
        """The name of the call that was met, or ''."""
        words = open(self.out).read().split()
        return words[1] if len(words) > 2 else ''


class Places:
    """Of the marked places of a build with failpoints."""

    def __init__(self, lab):
        self.listed = subprocess.run([lab.putback], capture_output=True, text=True,
                                     env=dict(lab.env, PUTBACK_FAILPOINT='list')).stdout.split()
        self.passed = set()
        self.fd = os.open(lab.work + '/places', os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.names = []
        self.fault = None

    def run(self, lab, act, fault):
        os.ftruncate(self.fd, 0)
        env = {'PUTBACK_FAILPOINT_TRACE': str(self.fd)}
        if fault.kind != 'count':
            env['PUTBACK_FAILPOINT'] = '*:%d=%s' % (fault.n, fault.kind)
        r = lab.run(*act.command(lab), env=env, trace=self.fd)
        self.names = os.pread(self.fd, 1 << 24, 0).decode().split()
        self.passed |= set(self.names)
        self.fault = fault
        return r

    def count(self, lab, act):
        act.prepare(lab)
        r = self.run(lab, act, Fault('count', 0))
        n = len(self.names)
        act.settle(lab, Fault('count', 0), r)
        return n

    def where(self):
        return self.names[self.fault.n - 1] if len(self.names) >= self.fault.n else ''

    def forgotten(self):
        return sorted(set(self.listed) - self.passed)

    def doubled(self):
        return sorted(n for n, k in collections.Counter(self.listed).items() if k > 1)


class Sweep:
    """points: how many of each act and kind, spread evenly and shifted by the seed; 0: all of them. What is wrong is
    shown, the first SHOWN of it; all of it is added to the file $FAULT_WRONG, where that is set."""
    SHOWN = 20

    def __init__(self, lab, points, seed):
        self.lab, self.points = lab, points
        self.random = random.Random(seed)
        self.tried, self.exits = collections.Counter(), collections.Counter()
        self.wrong = []
        self.began = time.monotonic()

    def choose(self, total, points=None):
        points = self.points if points is None else points
        if not points or points >= total:
            return range(1, total + 1)
        step = total / points
        return sorted({1 + int((i + self.random.random()) * step) for i in range(points)})

    def one(self, source, act, fault):
        lab = self.lab
        r = None
        try:
            act.prepare(lab)
            lab.state = None
            r = source.run(lab, act, fault)
            if not source.where() and r.status not in (0, 7):
                raise Wrong('nothing was disturbed, and yet exit %d' % r.status)
            if fault.kind == 'kill' and source.where() and r.status != KILLED:
                raise Wrong('survived')
            fault.where = source.where()
            self.tried[act.name, fault.word] += bool(fault.where)
            self.exits[act.name, r.status] += 1
            if lab.state is None and act.start != 'kept':
                act.settle(lab, fault, r)
        except (Wrong, subprocess.TimeoutExpired, OSError) as e:
            self.complain(source, act, fault, r, e)

    def note(self, text):
        self.wrong.append(text)
        if len(self.wrong) <= self.SHOWN:
            print('# ' + text.replace('\n', '\n# '), flush=True)
        if os.environ.get('FAULT_WRONG'):
            with open(os.environ['FAULT_WRONG'], 'a', encoding='utf-8') as f:
                f.write(text + '\n')

    def complain(self, source, act, fault, r, e):
        self.note('%s, %s at %d (%s): %s%s' % (
            act.name, fault.word, fault.n, source.where(), e,
            '\n    exit %d: %s' % (r.status, r.err.strip()) if r else ''))
        self.lab.renew()

    def all(self, source, act, kinds, points=None, told=True):
        """told: with a line of what was tried."""
        try:
            total = source.count(self.lab, act)
        except Wrong as e:
            self.note('%s, undisturbed: %s' % (act.name, e))
            self.lab.renew()
            return
        for kind in kinds:
            for n in self.choose(total, points):
                self.one(source, act, Fault(kind, n))
        if told:
            print('# %-9s %5d %s' % (act.name, total, ', '.join(
                '%s %d' % (k, self.tried[act.name, k]) for k in kinds)), flush=True)

    def report(self):
        n, took = sum(self.tried.values()), time.monotonic() - self.began
        print('# %d faults in %d s, %d runs of putback; exit codes %s; wrong: %d' % (
            n, took, self.lab.runs,
            ', '.join('%s %d: %d' % (a, s, k) for (a, s), k in sorted(self.exits.items())), len(self.wrong)))
        if not n:
            self.note('nothing was tried')
        return not self.wrong


def settings():
    """Everything or a sample, by the environment."""
    whole = os.environ.get('FAULT_ALL') == '1'
    return whole, int(os.environ.get('FAULT_SEED', '1'))


def end(sweep):
    sys.exit(0 if sweep.report() else 1)
