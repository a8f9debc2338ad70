# SPDX-License-Identifier: GPL-2.0-or-later
"""Acts that are rare, after which the root is made anew."""
import os

from acts import KILLED, Act, Apply, Undo, judge_message
from lab import AREA, Wrong


class Force(Undo):
    """An undo of what somebody changed since: the newcomer, a tree, is kept aside."""
    name, args = 'force', ('undo', '--force', '--yes')
    newcomer = 'usr/share/plain/changes'

    def prepare(self, lab):
        lab.renew()
        lab.goto('done')
        os.unlink(os.path.join(lab.top, self.newcomer))
        os.makedirs(os.path.join(lab.top, self.newcomer, 'a/b/c'))

    def settle(self, lab, fault, r):
        if r.status not in (0, 7, 1, 10, KILLED):
            raise Wrong('exit %d' % r.status)
        if r.status not in (0, 7):
            lab.run_well('recover', '--yes')
        if lab.states()[1] == 'undone':
            lab.judge_tree('old')
            aside = [n for n in lab.slots() if '.kept/a/b/c' in n]
            if not aside:
                raise Wrong('the newcomer is gone: %s' % lab.slots())
        elif r.status in (0, 7) or not os.path.isdir(os.path.join(lab.top, self.newcomer, 'a/b/c')):
            raise Wrong('%s, and the newcomer is gone' % lab.states()[1])
        lab.state = None


class ForgetAside(Force):
    """And then what was kept aside goes, too."""
    name, args = 'aside', ('forget', '1', '--yes')

    def prepare(self, lab):
        super().prepare(lab)
        lab.run_well(*Force.args)

    def settle(self, lab, fault, r):
        if r.status:
            lab.run_well('recover', '--yes')
            lab.run_well('forget', '1', '--yes', ok=(0, 5))
        if lab.slots():
            raise Wrong('held, and forgotten: %s' % lab.slots())
        lab.judge_tree('old')
        lab.state = None


class Plan(Act):
    """A plan that is saved is there as a whole, or not at all."""
    name, start = 'plan', 'old'

    def __init__(self, lab):
        self.file = lab.work + '/plan'

    def command(self, lab):
        if os.path.exists(self.file):
            os.unlink(self.file)
        return (*lab.good, 'plan', '-o', self.file, *lab.apply[1:-1])

    def settle(self, lab, fault, r):
        if r.status not in (0, 1, KILLED):
            raise Wrong('exit %d' % r.status)
        if os.path.exists(self.file):
            lab.run_well('apply', self.file, '--yes')
            lab.judge('done')
            lab.goto('old')
        elif r.status == 0:
            raise Wrong('no plan')
        lab.judge('old')


class Salvage(Act):
    """What a transaction took away is put back without a journal, marks of chattr(1) and all."""
    name, args = 'salvage', ('recover', '--salvage', '--yes')

    def prepare(self, lab):
        lab.renew()
        lab.goto('done')
        self.lose_journal(lab)

    def lose_journal(self, lab):
        for name in ('journal.sqlite', 'journal.sqlite-journal'):
            path = os.path.join(lab.top, AREA, name)
            if os.path.exists(path):
                os.unlink(path)

    def finish(self, lab):
        """Again, undisturbed. Whole already, with only the note of it lost, nothing to do is an answer as well."""
        lab.run_well(*self.args, ok=(0, 7, 5))

    def settle(self, lab, fault, r):
        judge_message(fault, r)
        if r.status not in (0, 7, 1, 10, KILLED):
            raise Wrong('exit %d' % r.status)
        if r.status == 1:
            lab.judge_tree('new')
        if r.status == 10 and 'run the same again' not in r.err:
            raise Wrong('exit 10 without a word of what to do: ' + r.err)
        self.end_well(lab, fault, r)

    def end_well(self, lab, fault, r):
        if r.status not in (0, 7):
            self.finish(lab)
        if os.path.exists(os.path.join(lab.top, AREA, '1')):
            lab.judge_tree('old')
            lab.run_well('forget', '1', '--yes')
        else:
            lab.run_well('recover', '--yes')
        lab.judge('old')
        lab.state = None


class SalvageHalf(Salvage):
    """The same of an apply that was killed at its n-th place and lost its journal then."""
    name, start = 'salvage half', 'old'

    def __init__(self, source, kill):
        self.source, self.kill = source, kill

    def prepare(self, lab):
        lab.renew()
        if self.source.run(lab, Apply(), self.kill).status != KILLED:
            raise Wrong('the apply was not cut')
        self.lose_journal(lab)

    def finish(self, lab):
        """Where no name was changed yet, only who asks for it by its number gets the marks of chattr(1) back."""
        super().finish(lab)
        if os.path.exists(os.path.join(lab.top, AREA, '1')):
            lab.run_well(*self.args, '1')

    def settle(self, lab, fault, r):
        if r.status not in (0, 7, 5, 1, 10, KILLED):
            raise Wrong('exit %d' % r.status)
        self.end_well(lab, fault, r)
