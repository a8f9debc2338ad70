# SPDX-License-Identifier: GPL-2.0-or-later
"""What is disturbed, and what must be so afterwards.

An act is a command in a state of the root. It is run with a fault; then its exit code and message are judged, the
root is recovered where that is called for, and what the journal says must be what is there.
"""
import copy
import os
import re
import shutil
import subprocess

from lab import AREA, Wrong, difference, snapshot

ERRORS = {'EIO': 'Input/output error', 'ENOSPC': 'No space left|full|no room left', 'EINTR': 'Interrupted system call',
          'EDQUOT': 'Disk quota exceeded|full', 'EROFS': 'Read-only file system|read-only',
          'EPERM': 'Operation not permitted'}
# what SQLite says in the place of the reason, which it does not always keep
BY_SQLITE = '|disk I/O error|unable to open database file|attempt to write a readonly database'
KILLED = 137


class Act:
    """start: the state to be in; args: the command; end: the state a success comes to; error: the place at which it meets
    one before what is tried."""
    name = start = end = None
    args = ()
    error = 0

    def prepare(self, lab):
        lab.goto(self.start)

    def command(self, lab):
        return self.args

    def judge_failure(self, lab, fault, r):
        """Exit code 1 and its kin: as it was."""
        if fault.goes_on and self.start == 'old' and os.path.exists(os.path.join(lab.top, AREA)):
            # nothing can be cleared from a disk that is dead, and the message says so
            if 'recover' not in r.err:
                raise Wrong('an area is left, and nothing said of recover: ' + r.err)
            lab.run_well('recover', '--yes')
        lab.judge(self.start)

    def recover(self, lab, back):
        lab.run_well('recover', '--yes', *(['--back'] if back else []))
        lab.judge_by_journal()

    def settle(self, lab, fault, r):
        judge_message(fault, r)
        if r.status in (0, 7):
            if fault.goes_on:
                lab.settle_tops()
            lab.judge(self.end)
        elif r.status == KILLED:
            self.recover(lab, fault.back)
        elif r.status == 10:
            if 'recover' not in r.err:
                raise Wrong('exit 10 without a word of recover: ' + r.err)
            self.recover(lab, fault.back)
        elif r.status in (1, 5):
            self.judge_failure(lab, fault, r)
        else:
            raise Wrong('exit %d' % r.status)


def judge_message(fault, r):
    """Every diagnostic is ours, a failure has one, and it gives the reason."""
    if r.status == KILLED:
        return
    for line in r.err.splitlines():
        if not re.match('putback: |  ', line):
            raise Wrong('not a diagnostic of ours: %r' % line)
    if r.status in (0, 7):
        return
    if not r.err.startswith('putback: '):
        raise Wrong('exit %d without a reason' % r.status)
    if re.search('no room (for|left there)', r.err) and fault.goes_on:
        return
    if fault.kind in ERRORS and not re.search(ERRORS[fault.kind] + BY_SQLITE, r.err):
        raise Wrong('exit %d, and the reason is not in: %s' % (r.status, r.err.strip()))


class Apply(Act):
    name, start, end = 'apply', 'old', 'done'

    def command(self, lab):
        return (*lab.good, *lab.apply)


class Undo(Act):
    name, start, end, args = 'undo', 'done', 'undone', ('undo', '--yes')


class Redo(Act):
    name, start, end, args = 'redo', 'undone', 'done', ('redo', '--yes')


def turned(act, n):
    """The same, which meets an error at its n-th place: what is tried befalls it on the way back."""
    act = copy.copy(act)
    act.name, act.error = act.name + ' turned', n
    return act


class Cut:
    """cut: cuts an act short."""

    def __init__(self, cut):
        self.cut = cut

    def cut_short(self, lab):
        if self.cut(lab).status != KILLED:
            raise Wrong('what was to be cut short was not')


class Recover(Cut, Act):
    """Of a redo that was cut in the middle by `cut`."""
    name, start, end, args = 'recover', 'undone', 'done', ('recover', '--yes')

    def prepare(self, lab):
        lab.goto('undone')
        self.cut_short(lab)
        lab.state = None

    def judge_failure(self, lab, fault, r):
        self.recover(lab, fault.back)


class Drop(Recover):
    """Recovery of an apply that was cut while staging."""
    name, start, end = 'drop', 'old', 'old'

    def prepare(self, lab):
        lab.goto('old')
        self.cut_short(lab)
        lab.state = None


class Again(Act):
    """A recover, of a command that was killed at its n-th point; again killed, and recovered again."""
    args = ('recover', '--yes')

    def __init__(self, source, first, kill):
        self.name, self.start = first.name + '+recover', first.start
        self.source, self.first, self.kill = source, first, kill

    def prepare(self, lab):
        self.first.prepare(lab)
        lab.state = None
        if self.source.run(lab, self.first, self.kill).status != KILLED:
            raise Wrong('survived')

    def settle(self, lab, fault, r):
        judge_message(fault, r)
        if r.status in (0, 7):
            lab.judge_by_journal()
        elif r.status == KILLED:
            self.recover(lab, fault.back)
        else:
            raise Wrong('exit %d' % r.status)


class Forget(Act):
    """The areas are copied before and after: a forgotten transaction needs no inode of them."""
    name, start, args = 'forget', 'done', ('forget', '1', '--yes')

    def __init__(self):
        self.ready = False

    def areas(self, lab):
        return [(os.path.join(t, AREA), '%s/saved.%d' % (lab.work, i)) for i, t in enumerate(lab.tops())]

    def prepare(self, lab):
        if self.ready and lab.state == 'kept':
            return
        lab.goto('done')
        for area, saved in self.areas(lab):
            shutil.rmtree(saved, ignore_errors=True)
            subprocess.run(['cp', '-a', area, saved], check=True)
        self.root = snapshot(lab.top, True)
        self.ready, lab.state = True, 'kept'

    def restore(self, lab):
        lab.wipe()
        for (area, saved), top in zip(self.areas(lab), lab.tops()):
            st = os.stat(top)
            subprocess.run(['cp', '-a', saved, area], check=True)
            os.utime(top, ns=(st.st_atime_ns, st.st_mtime_ns))

    def is_forgotten(self, lab):
        return lab.states() == {1: 'forgotten'} and not lab.slots()

    def settle(self, lab, fault, r):
        judge_message(fault, r)
        lab.state = None
        if r.status not in (0, 1, 5, 10, KILLED):
            raise Wrong('exit %d' % r.status)
        if r.status == 0 and not self.is_forgotten(lab):
            raise Wrong('not forgotten: %s %s' % (lab.states(), lab.slots()))
        self.finish(lab, fault)

    def finish(self, lab, fault):
        lab.state = None
        if fault.kind == 'kill' or not self.is_forgotten(lab):
            lab.run_well('recover', '--yes')
        if not self.is_forgotten(lab):
            lab.run_well('forget', '1', '--yes')
        if not self.is_forgotten(lab):
            raise Wrong('cannot be forgotten: %s %s' % (lab.states(), lab.slots()))
        if fault.goes_on:
            lab.settle_tops()
        diff = difference(self.root, snapshot(lab.top, True))
        if diff:
            raise Wrong('forget changed the root: ' + diff)
        self.restore(lab)
        lab.state = 'kept'


class ForgetNewer(Act):
    """The older one, which stands beneath, is as good as before."""
    name, start = 'forget newer', 'undone'

    def command(self, lab):
        return ('forget', str(lab.newest()), '--yes')

    def settle(self, lab, fault, r):
        judge_message(fault, r)
        if r.status not in (0, 1, 5, 10, KILLED):
            raise Wrong('exit %d' % r.status)
        if r.status:
            lab.run_well('recover', '--yes')
            if lab.newest() in lab.standing():
                lab.run_well(*self.command(lab))
        lab.judge('old')


class ForgetAgain(Forget):
    """A forget that was killed at its n-th point, and is finished by what comes next; that is killed, and repeated."""
    name, args = 'forget+recover', ('recover', '--yes')

    def __init__(self, source, kill):
        super().__init__()
        self.source, self.first, self.kill = source, Forget(), kill

    def prepare(self, lab):
        super().prepare(lab)
        if self.source.run(lab, self.first, self.kill).status != KILLED:
            raise Wrong('survived')

    def settle(self, lab, fault, r):
        judge_message(fault, r)
        if r.status not in (0, 7, KILLED):
            raise Wrong('exit %d' % r.status)
        self.finish(lab, fault)
