# SPDX-License-Identifier: GPL-2.0-or-later
"""Acts that are rare, after which the root is made anew."""
import os

from acts import KILLED, Act, Apply, Cut, Undo, judge_message
from lab import AREA, Wrong, difference, snapshot, without_db


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
        elif r.status in (0, 7) and self.args[0] == 'undo':
            raise Wrong('undone, and the journal says %s' % lab.states()[1])
        elif not os.path.isdir(os.path.join(lab.top, self.newcomer, 'a/b/c')):
            raise Wrong('%s, and the newcomer is gone' % lab.states()[1])
        lab.state = None


class ForceRecover(Force):
    """The recovery of one that was killed at its n-th place."""
    name, args = 'force+recover', ('recover', '--yes')

    def __init__(self, source, kill):
        self.source, self.kill = source, kill

    def prepare(self, lab):
        super().prepare(lab)
        if self.source.run(lab, Force(), self.kill).status != KILLED:
            raise Wrong('survived')


class Mended(Cut, Act):
    """An apply that was cut short by `cut`, after which somebody replaced what it had exchanged and what it had not: taken
    back all the same. The one is kept, the other stays."""
    name, start, args = 'mended', 'old', ('recover', '--back', '--force', '--yes')
    mended = ('boot/image', 'usr/share/plain/changes', 'usr/share/plain/sly')
    text = b'by hand'

    def prepare(self, lab):
        lab.renew()
        self.cut_short(lab)
        for path in self.mended:
            with open(os.path.join(lab.top, path + '.new'), 'wb') as f:
                f.write(self.text)
            os.rename(f.name, os.path.join(lab.top, path))

    def is_by_hand(self, path):
        with open(path, 'rb') as f:
            return f.read() == self.text

    def settle(self, lab, fault, r):
        if r.status not in (0, 7, 1, 10, KILLED):
            raise Wrong('exit %d' % r.status)
        if r.status not in (0, 7):
            lab.run_well(*self.args)
        now = snapshot(lab.top, True)
        stays = [p for p in self.mended if self.is_by_hand(os.path.join(lab.top, p))]
        for path in stays:
            now[path] = lab.old[path]
        diff = difference(lab.old, now)
        if diff:
            raise Wrong('not taken back: ' + diff)
        aside = [n for n in lab.slots() if '.kept' in n]
        if len(stays) + len(aside) != len(self.mended) or not stays or not aside:
            raise Wrong('of what was put there, %s stays, and %s is kept' % (stays, aside))
        if lab.states() != {1: 'undone'}:
            raise Wrong('the journal says %s' % lab.states())
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


class SalvagePaths(Salvage):
    """Of some paths, and then of the rest."""
    name, args = 'salvage paths', ('recover', '--salvage', '--yes', '1', '/usr/share/plain', '/usr/lib/links')

    def judge_parts(self, lab):
        """What lies beneath the paths is old, all but them is new."""
        tops = tuple(p[1:] + '/' for p in self.args[4:])
        now = snapshot(lab.top, True)
        diff = difference({p: v for p, v in lab.old.items() if p.startswith(tops)},
                          {p: v for p, v in now.items() if p.startswith(tops)})
        now = {p: v[:-2] if p else v for p, v in without_db(now).items()}
        diff = diff or difference({p: v for p, v in lab.new.items() if not (p + '/').startswith(tops)},
                                  {p: v for p, v in now.items() if not (p + '/').startswith(tops)})
        if diff:
            raise Wrong('not only the paths: ' + diff)

    def end_well(self, lab, fault, r):
        if r.status not in (0, 7):
            self.finish(lab)
        self.judge_parts(lab)
        lab.run_well(*Salvage.args)
        lab.judge_tree('old')
        lab.run_well('forget', '1', '--yes')
        lab.judge('old')
        lab.state = None


class SalvageUnnamed(Cut, Salvage):
    """Of an apply that was cut short by `cut`, in whose area the file that says which it is tells nothing any more, so
    that nobody finds the journal either."""
    name, start = 'salvage unnamed', 'old'

    def prepare(self, lab):
        lab.renew()
        self.cut_short(lab)
        os.truncate(os.path.join(lab.top, AREA, 'area'), 0)

    def settle(self, lab, fault, r):
        judge_message(fault, r)
        if r.status not in (0, 7, 1, 10, KILLED):
            raise Wrong('exit %d' % r.status)
        if r.status not in (0, 7):
            self.finish(lab)
        lab.judge_tree('old')
        lab.run_well('forget', '1', '--yes', ok=(0, 7, 2))
        if lab.slots():
            raise Wrong('still there: %s' % lab.slots())
        lab.wipe()
        lab.run_well(*lab.apply)
        lab.judge('done')
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
