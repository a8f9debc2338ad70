# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults, one by one: at which points, how often, and what came of it."""
import collections
import ctypes
import os
import pickle
import random
import subprocess
import sys
import time
import traceback

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

    def total(self):
        """How many there were in the last run, which was not cut short."""
        return int(open(self.out, encoding='ascii').read().split()[-1])

    def count(self, lab, act):
        act.prepare(lab)
        r = self.run(lab, act, Fault('count', 0))
        total = self.total()
        act.settle(lab, Fault('count', 0), r)
        return total

    def first_of_many(self, name):
        """Of the calls that were counted in the last run the first of that name which another of it follows."""
        names = [line.split()[1] for line in open(self.out, encoding='ascii')]
        return 1 + next(i for i, pair in enumerate(zip(names, names[1:])) if pair == (name, name))

    def where(self):
        """The name of the call that was met, or ''."""
        words = open(self.out, encoding='ascii').read().split()
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
        specs = ['*:%d=EIO' % act.error] if act.error else []
        if fault.kind != 'count':
            specs.append('*:%d=%s' % (fault.n, fault.kind))
        if specs:
            env['PUTBACK_FAILPOINT'] = ','.join(specs)
        r = lab.run(*act.command(lab), env=env, trace=self.fd)
        self.names = os.pread(self.fd, 1 << 24, 0).decode().split()
        self.passed |= set(self.names)
        self.fault = fault
        return r

    def total(self):
        return len(self.names)

    def count(self, lab, act):
        act.prepare(lab)
        r = self.run(lab, act, Fault('count', 0))
        n = self.total()
        act.settle(lab, Fault('count', 0), r)
        return n

    def where(self):
        return self.names[self.fault.n - 1] if len(self.names) >= self.fault.n else ''


class Tally:
    """What was tried, and what came of it."""
    SHOWN = 20  # of what is wrong

    def __init__(self):
        self.tried, self.exits = collections.Counter(), collections.Counter()
        self.totals = {}  # act -> how many points it has
        self.wrong, self.runs = [], 0
        self.listed, self.passed = [], set()  # places

    def add(self, other):
        self.tried += other.tried
        self.exits += other.exits
        self.totals.update(other.totals)
        self.wrong += other.wrong
        self.runs += other.runs
        self.listed, self.passed = other.listed, self.passed | other.passed

    def note(self, text):
        """What is wrong: the first of it is shown, all is added to the file $FAULT_WRONG where that is set."""
        self.wrong.append(text)
        if len(self.wrong) <= self.SHOWN:
            print('# ' + text.replace('\n', '\n# '), flush=True)
        if os.environ.get('FAULT_WRONG'):
            with open(os.environ['FAULT_WRONG'], 'a', encoding='utf-8') as f:
                f.write(text + '\n')

    def report(self, took):
        """Whether all is well."""
        for act, total in self.totals.items():
            print('# %-16s %5d: %s' % (act, total, ', '.join(
                '%s %d' % (k, n) for (a, k), n in self.tried.items() if a == act)))
        n = sum(self.tried.values())
        if not n:
            self.note('nothing was tried')
        print('# %d faults in %d s, %d runs of putback; exit codes %s; wrong: %d' % (
            n, took, self.runs, ', '.join('%s %d: %d' % (a, s, k) for (a, s), k in sorted(self.exits.items())),
            len(self.wrong)))
        return not self.wrong


class Sweep:
    """points: how many of each act and kind, spread evenly and shifted by the seed; 0: all of them. share: which part of
    them, of how many parts."""

    def __init__(self, lab, points, seed, share=(0, 1)):
        self.lab, self.points, self.share = lab, points, share
        self.random = random.Random(seed)
        self.tally = Tally()

    def choose(self, total, points=None):
        points = self.points if points is None else points
        return self.spread(total, points or total)[self.share[0]::self.share[1]]

    def one(self, source, act, fault):
        lab, tally = self.lab, self.tally
        r = None
        try:
            act.prepare(lab)
            lab.state = None
            r = source.run(lab, act, fault)
            fault.where = source.where()
            if not fault.where and not act.error and r.status not in (0, 7):
                raise Wrong('nothing was disturbed, and yet exit %d' % r.status)
            if fault.kind == 'kill' and fault.where and r.status != KILLED:
                raise Wrong('survived')
            tally.tried[act.name, fault.word] += bool(fault.where)
            tally.exits[act.name, r.status] += 1
            if lab.state is None and act.start != 'kept':
                act.settle(lab, fault, r)
        except (Wrong, subprocess.TimeoutExpired, OSError) as e:
            tally.note('%s, %s at %d (%s): %s%s' % (
                act.name, fault.word, fault.n, fault.where, e,
                '\n    exit %d: %s' % (r.status, r.err.strip()) if r else ''))
            lab.renew()

    def count(self, source, act):
        """How many points an act has; None where it goes wrong undisturbed."""
        try:
            return source.count(self.lab, act)
        except Wrong as e:
            self.tally.note('%s, undisturbed: %s' % (act.name, e))
            self.lab.renew()
            return None

    def all(self, source, act, kinds, points=None):
        total = self.count(source, act)
        if total is None:
            return
        self.tally.totals[act.name] = total
        for kind in kinds:
            for n in self.choose(total, points):
                self.one(source, act, Fault(kind, n))

    def second(self, source, first, make, each):
        """Dies at each point of the first; make(n) is what comes then, and dies as well: at `each` of its points, other
        ones each time. each 1: at a point that is guessed, since to count takes as long as to try."""
        total = self.count(source, first)
        if total is None:
            return
        guess = 0
        for n in self.choose(total):
            act = make(n)
            self.tally.totals[act.name] = total
            if not guess or each > 1 or act.error:
                guess = self.count(source, act) or guess
            if each == 1 and not act.error:
                # too far now and then, which tells how many there are
                self.one(source, act, Fault('kill', self.random.randint(1, 1 + guess * 3 // 2)))
                guess = guess if source.where() else source.total()
                continue
            for m in self.spread(guess - act.error, each):
                self.one(source, act, Fault('kill', act.error + m))

    def spread(self, total, points):
        if points >= total:
            return range(1, total + 1)
        step = total / points
        return sorted({1 + int((i + self.random.random()) * step) for i in range(points)})


# --- several at a time ---------------------------------------------------------------------------------------


def begin_part(index, of, part):
    """In a process of its own, with mounts of its own: runs part(index, of) and hands its tally over."""
    into, out = os.pipe()
    if os.fork():
        os.close(out)
        return os.fdopen(into, 'rb')
    rc = 1
    try:
        if of > 1:
            if ctypes.CDLL(None).unshare(0x20000):  # CLONE_NEWNS
                raise OSError('no mount namespace of its own')
            # a stop of ptrace(2) costs half as much where both sides share a processor
            cpus = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, [cpus[index % len(cpus)]])
        with os.fdopen(out, 'wb') as f:
            pickle.dump(part(index, of), f)
        rc = 0
    except BaseException:  # pylint: disable=broad-except
        traceback.print_exc(file=sys.stdout)
    finally:
        sys.stdout.flush()
        os._exit(rc)  # pylint: disable=protected-access
    return None


def in_parts(part):
    """The sum of what part(index, of) gives, over $FAULT_JOBS processes."""
    of = int(os.environ.get('FAULT_JOBS') or 1)
    began = time.monotonic()
    sys.stdout.flush()
    total = Tally()
    for f in [begin_part(i, of, part) for i in range(of)]:
        with f:
            try:
                total.add(pickle.load(f))
            except EOFError:
                total.note('a part of the sweep died')
        os.wait()
    return total, time.monotonic() - began


def settings():
    """Everything or a sample, by the environment: points of each, and a seed."""
    whole = os.environ.get('FAULT_ALL') == '1'
    return 0 if whole else int(os.environ.get('FAULT_POINTS', '2')), int(os.environ.get('FAULT_SEED', '1'))
