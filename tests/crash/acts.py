# SPDX-License-Identifier: GPL-2.0-or-later
"""What putback is recorded at, from which state of the machine, and what must come of it.

A start is made of the fresh machine (version 2, the `old` side of an apply) by commands whose power
does not fail; a failpoint lets one of them die where that is wanted.
"""
import collections
import os
import shutil

import judge
import kernel
import machine

NAMES = 'plain hardlinks modes types config dirs'.split()

# start: below. command: what is recorded. rc: how that may end. first, during, after: what is right when
# power fails before it began, while it runs, and after its end.
Act = collections.namedtuple('Act', 'start command rc first during after failpoint')
EITHER = ('old', 'new')
DONE = (0, 7)       # with warnings, too
ACTS = {
    'apply': Act('fresh', 'apply', DONE, ('old',), EITHER, ('new',), None),
    'undo': Act('applied', 'undo', DONE, ('new',), EITHER, ('old',), None),
    'redo': Act('undone', 'redo', DONE, ('old',), EITHER, ('new',), None),
    # an apply that died in the middle, finished or taken back
    'recover': Act('halfway', 'recover', DONE, ('new',), ('new',), ('new',), None),
    'back': Act('halfway', 'recover --back', DONE, ('new',), EITHER, ('old',), None),
    # one that died before it touched anything; the same with another transaction in the journal
    'drop': Act('ready', 'recover', DONE, ('old',), ('old',), ('old',), None),
    'drop-second': Act('second', 'recover', DONE, ('old',), ('old',), ('old',), None),
    # one that meets an error in the middle and turns round
    'fail': Act('fresh', 'apply', (1,), ('old',), EITHER, ('old',), 'commit-exchanged:30=EIO'),
    'forget': Act('applied', 'forget 1', DONE, ('new',), ('new',), ('new',), None),
}


class World:
    """The packages, a fresh machine, and the program."""

    def __init__(self, folder, putback, tools):
        self.folder, self.tools = folder, tools
        here = os.path.dirname(os.path.abspath(__file__))
        machine.must([os.path.join(here, 'world'), folder], limit=600)
        with open(os.path.join(folder, 'key')) as f:
            key = f.read().strip()
        self.putback = [putback, '--root', '{root}', '--from', os.path.join(folder, 'v1'), '--key', key]
        self.root, self.oracle = os.path.join(folder, 'root'), os.path.join(folder, 'oracle')

    def command(self, text):
        """The arguments, in full: `apply` means every package, `apply NAME` that one."""
        words = text.split()
        if words[0] == 'apply':
            names = words[1:] or ['power'] + NAMES
            words = ['apply'] + ['%s-1-1' % n for n in names]
        return self.putback + words + ['--yes']


class Starts:
    """States of the machine on one kind of file system, made when they are asked for."""

    STEPS = {
        # from, command, failpoint at which it dies
        'applied': ('fresh', 'apply', None),
        'undone': ('applied', 'undo', None),
        'halfway': ('fresh', 'apply', 'commit-exchanged:40=kill'),
        'ready': ('fresh', 'apply', 'ready=kill'),
        'first': ('fresh', 'apply plain', None),
        'second': ('first', 'apply power hardlinks modes types config dirs', 'ready=kill'),
    }

    def __init__(self, world, fs, layout, folder, env):
        self.world, self.fs, self.layout, self.folder, self.env = world, fs, layout, folder, env
        self.images, self.shots = {}, {}
        self.images['fresh'] = machine.make(world.root, layout, fs, os.path.join(folder, 'fresh'))
        self.shots['fresh'] = self.visit('fresh', judge.look)

    def drop(self):
        shutil.rmtree(self.folder)

    def visit(self, start, do, *arguments):
        """do(where, ...) on a copy of the start, which is dropped."""
        folder = os.path.join(self.folder, 'visit')
        return self.on_copy(start, folder, do, *arguments)

    def on_copy(self, start, folder, do, *arguments, keep=False):
        os.makedirs(folder)
        images = [os.path.join(folder, 'disk.%d' % n) for n in range(len(self.images[start]))]
        for source, image in zip(self.images[start], images):
            kernel.copy_image(source, image)
        try:
            with machine.Mounted(images, self.layout, self.fs, os.path.join(self.folder, 'mnt')):
                result = do(os.path.join(self.folder, 'mnt'), *arguments)
        finally:
            if not keep:
                shutil.rmtree(folder)
        return (images, result) if keep else result

    def get(self, start):
        if start not in self.images:
            before, command, failpoint = self.STEPS[start]
            self.get(before)
            self.images[start], self.shots[start] = self.on_copy(
                before, os.path.join(self.folder, start), self.step, command, failpoint, keep=True)
        return self.images[start]

    def step(self, where, command, failpoint):
        env = dict(self.env, PUTBACK_FAILPOINT=failpoint) if failpoint else self.env
        argv = [a.replace('{root}', where) for a in self.world.command(command)]
        rc, out = machine.run(argv, env)
        if rc not in ((-9,) if failpoint else DONE):
            raise RuntimeError('%s: exit %d: %s' % (' '.join(argv), rc, out))
        return judge.look(where)

    def after(self, start, command):
        """How it looks when the command has run there."""
        self.get(start)
        return self.visit(start, self.step, command, None)


def sides(starts, act, final, log):
    """What the sides look like, and where undo leads. final: how the recording ended."""
    fresh = starts.shots['fresh']
    if act.start == 'second':
        return {'old': starts.shots['first'], 'fresh': fresh}, {'old': 'fresh'}
    found = {'old': fresh}
    if act.start == 'ready':
        return found, {}
    if act.after == ('new',):
        found['new'] = final
    elif act.start == 'applied':
        found['new'] = starts.shots['applied']
    elif act.start == 'halfway':
        found['new'] = starts.after('halfway', 'recover')
    return found, {'new': 'old'}
