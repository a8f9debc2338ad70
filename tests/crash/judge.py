# SPDX-License-Identifier: GPL-2.0-or-later
"""Is the machine whole after `recover`? Wholly old or wholly new means: every path with the type, mode,
owner, content, times, attributes and inode that it had before the recorded command or after it, files
of the rpmdb included, and nothing else. The journal must agree, no area may be left over, and `undo`
or `redo` must lead to the very other side."""
import importlib.machinery
import importlib.util
import os
import sqlite3

import machine

HERE = os.path.dirname(os.path.abspath(__file__))


def load_tree():
    path = os.path.join(HERE, '..', 'oracle', 'tree')
    loader = importlib.machinery.SourceFileLoader('tree', path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('tree', loader))
    loader.exec_module(module)
    return module


tree = load_tree()
COMPARED = len(tree.FIELDS) - 2     # all but change and access time


def look(where):
    """Everything that must be as it was: {path: fields}."""
    shot = {}
    for path, name in tree.walk(os.fsencode(where)):
        if b'/.putback' in name or name.startswith((b'/lost+found', b'/usr/lost+found')):
            continue
        fields = tree.describe(path, name.decode(errors='surrogateescape').encode(errors='surrogateescape'))
        fields[7] = 'linked' if fields[7] else '-'
        shot[name] = tuple(fields[1:COMPARED])
    return shot


def differences(a, b):
    lines = []
    for name in sorted(set(a) | set(b)):
        x, y = a.get(name), b.get(name)
        if x is None or y is None:
            lines.append('%s is %s' % (name.decode(), 'too many' if x is None else 'missing'))
        elif x != y:
            lines += ['%s: %s %s, not %s' % (name.decode(), field, v[:60], u[:60])
                      for field, u, v in zip(tree.FIELDS[1:], x, y) if u != v]
    return lines


def states(where):
    """{id: state} by the journal; None without one."""
    path = where + '/.putback/journal.sqlite'
    if not os.path.exists(path):
        return None
    db = sqlite3.connect('file:%s?mode=ro&immutable=1' % path, uri=True)
    try:
        return dict(db.execute('SELECT id, name FROM transactions JOIN states ON code = state'))
    finally:
        db.close()


def leftovers(where, layout, known):
    """What lies in areas that the journal knows nothing of."""
    kept = {str(i) for i, state in (known or {}).items() if state in ('done', 'undone')}
    found = []
    for top in machine.LAYOUTS[layout]:
        area = where + top + '/.putback'
        if not os.path.exists(area):
            continue
        names = os.listdir(area)
        found += ['%s/.putback/%s' % (top, n) for n in names if n.isdigit() and n not in kept]
        found += ['%s/.putback/%s' % (top, n) for n in names if n.endswith('.new')]
        if known is None or (top and not any(n.isdigit() for n in names)):
            found.append('%s/.putback' % top)
    return found


class Verdict:
    """side: 'old' or 'new', or what kind of failure it is; detail: empty where all is well."""

    def __init__(self, side, detail=''):
        self.side, self.detail = side, detail

    def is_good(self):
        return not self.detail


class Judge:
    """
    sides: {name: look()} of what may be there; turns: {side: side} to which undo leads from the one.
    allowed: the sides that are right here.
    """

    def __init__(self, putback, layout, sides, turns):
        self.putback, self.layout, self.sides, self.turns = putback, layout, sides, turns

    def call(self, where, *command):
        return machine.run([a.replace('{root}', where) for a in self.putback] + list(command))

    def judge(self, where, allowed):
        rc, out = self.call(where, 'recover', '--yes')
        if rc:
            return Verdict('recover-failed', 'exit %d: %s' % (rc, out.strip()))
        shot = look(where)
        side = next((name for name, s in self.sides.items() if s == shot), None)
        if side is None:
            nearest = min((differences(s, shot) for s in self.sides.values()), key=len)
            return Verdict('mixture', '%d differences from the nearest side: %s' % (
                len(nearest), '; '.join(nearest[:4])))
        if side not in allowed:
            return Verdict('wrong-side', 'is %s, should be %s' % (side, ' or '.join(allowed)))
        known = states(where)
        bad = [s for s in (known or {}).values() if s not in ('done', 'undone', 'forgotten')]
        if bad:
            return Verdict('unfinished', 'the journal says %s' % bad[0])
        bad = leftovers(where, self.layout, known)
        if bad:
            return Verdict('leak', ', '.join(bad))
        return self.turn(where, side, known or {})

    def turn(self, where, side, known):
        """Undo works, and where that has been, redo."""
        standing = [s for _, s in sorted(known.items()) if s != 'forgotten']
        if side in self.turns and 'done' not in standing and 'forgotten' not in known.values():
            return Verdict('lost', 'is %s, and the journal knows of nothing to undo' % side)
        if 'done' in standing:
            command, expected = 'undo', self.turns.get(side)
        elif standing:
            command, expected = 'redo', next(a for a, b in self.turns.items() if b == side)
        else:
            return Verdict(side)
        rc, out = self.call(where, command, '--yes')
        if rc:
            return Verdict('lost', '%s: exit %d: %s' % (command, rc, out.strip()))
        bad = differences(self.sides[expected], look(where)) if expected in self.sides else \
            ['%s from %s, which nothing was done to' % (command, side)]
        return Verdict('lost', '%s: %s' % (command, '; '.join(bad[:4]))) if bad else Verdict(side)
