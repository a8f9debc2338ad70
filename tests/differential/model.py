# SPDX-License-Identifier: GPL-2.0-or-later
"""Random pairs of package sets: what each of a handful of packages holds in version 1 and in version 2, and what
an administrator does to the disk in between. The same seed gives the same pair."""
import copy
import random

DIRS = ['opt/x', 'opt/x/deep/er', 'opt/y', 'usr/lib/d', 'usr/share/d', 'etc/d', 'etc/d/conf.d', 'var/lib/d']
NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'long-name', 'with space', 'Ünïcode', 'x;y', 'dot.', '#h']
USERS = ['root', 'root', 'root', 'u1', 'u2', 'nobody-has-this']
GROUPS = ['root', 'root', 'root', 'g1', 'g2', 'nor-this']
CAPS = ['', '', '', '', 'cap_net_raw=ep', 'cap_net_admin,cap_net_raw=ep']
CONFIGS = ['', '', '', '%config', '%config(noreplace)', '%config(missingok)']
MTIMES = [1600000000, 1600000001, 1650000000]


class Pair:
    """files[v][package]: {path: entry}; an entry is a dict with kind (file, link, dir, ghost) and attributes."""

    def __init__(self, seed):
        self.random = r = random.Random(seed)
        self.seed = seed
        self.wild = r.random() < 0.15  # directories, links and files in each other's place
        self.algo = {1: r.choice([8, 8, 1, 2]), 2: r.choice([8, 8, 8, 1])}
        self.packages = ['p%d' % i for i in range(r.randint(2, 5))]
        self.free = ['%s/%s' % (d, n) for d in DIRS for n in NAMES]
        r.shuffle(self.free)
        self.files = {1: {p: self.some() for p in self.packages}}
        self.share()
        self.files[2] = {p: self.evolve(f) for p, f in copy.deepcopy(self.files[1]).items()}
        self.obsoletes = {}
        self.reshuffle()
        self.share_again()
        self.edits = {1: self.some_edits(1), 2: self.some_edits(2)}

    # --- one package -------------------------------------------------------------------------------

    def entry(self, kind=None):
        r = self.random
        e = {'kind': kind or r.choices(['file', 'link', 'dir', 'ghost'], [70, 12, 12, 6])[0],
             'content': '%x\n' % r.getrandbits(40) * r.choice([1, 1, 1, 30]),
             'mode': r.choice([0o644, 0o644, 0o755, 0o600, 0o4755, 0o2755, 0o444]),
             'user': r.choice(USERS), 'group': r.choice(GROUPS), 'mtime': r.choice(MTIMES),
             'caps': '', 'config': '', 'hard': None, 'target': r.choice(['aa', '../x', '/usr/lib/d', 'nowhere', '/etc/passwd'])}
        if e['kind'] == 'file':
            e['caps'] = r.choice(CAPS)
            e['config'] = r.choice(CONFIGS)
            if e['caps'] or e['config']:
                e['mode'] &= 0o777
        if e['kind'] == 'dir':
            e['mode'] = r.choice([0o755, 0o755, 0o700, 0o1777, 0o2775])
        if r.random() < 0.05:
            e['content'] = ''
        return e

    def some(self):
        r, files = self.random, {}
        for _ in range(r.randint(2, 8)):
            files[self.free.pop()] = self.entry()
        if r.random() < 0.4:
            self.hard_links(files)
        return files

    def hard_links(self, files):
        e = self.entry('file')
        e['config'] = e['caps'] = ''
        e['hard'] = 'set%d' % self.random.getrandbits(30)
        for _ in range(self.random.randint(2, 3)):
            files[self.free.pop()] = dict(e)

    # --- from version to version ----------------------------------------------------------------------

    def change(self, path, e):
        r = self.random
        what = r.choices(['same', 'content', 'mode', 'owner', 'mtime', 'caps', 'config', 'kind', 'gone', 'swap'],
                         [30, 22, 6, 6, 6, 4, 6, 6, 8, 6])[0]
        if what in ('content', 'swap') and e['kind'] in ('file', 'link'):
            size = len(e['content'])
            e['content'] = ('%x' % r.getrandbits(4 * max(size, 1)))[:size] if what == 'swap' else '%x\n' % r.getrandbits(40)
            e['target'] = r.choice(['bb', '../y', '/opt/x', 'gone'])
        elif what == 'mode':
            e['mode'] = r.choice([0o700, 0o711]) if e['kind'] == 'dir' else r.choice([0o640, 0o711])
        elif what == 'owner':
            e['user'], e['group'] = r.choice(USERS), r.choice(GROUPS)
        elif what == 'mtime':
            e['mtime'] = r.choice(MTIMES)
        elif what == 'caps' and e['kind'] == 'file' and not e['hard']:
            e['caps'] = r.choice(CAPS)
            e['mode'] &= 0o777
        elif what == 'config' and e['kind'] == 'file' and not e['hard']:
            e['config'] = r.choice(CONFIGS)
        elif what == 'kind' and not e['hard']:
            if self.wild:
                new = self.entry()
            elif e['kind'] in ('file', 'link'):
                new = self.entry(r.choice(['file', 'link']))
            else:
                return True
            e.clear()
            e.update(new)
        return what != 'gone'

    def evolve(self, files):
        r = self.random
        kept, sets = {}, {}
        for path, e in files.items():
            if e['hard']:  # a set changes as one, or is regrouped
                if e['hard'] not in sets:
                    keep = dict(e)
                    sets[e['hard']] = (keep, self.change(path, keep), r.random() < 0.2)
                keep, stays, apart = sets[e['hard']]
                if not stays and r.random() < 0.5:
                    continue
                e = dict(keep)
                if apart and r.random() < 0.5:
                    e['hard'] = None
                kept[path] = e
            elif self.change(path, e):
                kept[path] = e
        for _ in range(r.randint(0, 3)):
            kept[self.free.pop()] = self.entry()
        if r.random() < 0.15:
            self.hard_links(kept)
        return kept

    # --- between packages --------------------------------------------------------------------------------

    def share(self):
        """Some paths belong to two packages, alike."""
        r = self.random
        for _ in range(r.randint(0, 3)):
            a, b = r.sample(self.packages, 2)
            path = self.free.pop()
            self.files[1][a][path] = e = self.entry(r.choice(['file', 'dir', 'link']))
            e['config'] = e['caps'] = ''
            self.files[1][b][path] = dict(e)

    def share_again(self):
        """What two packages of version 2 hold is alike there, too."""
        seen = {}
        for files in self.files[2].values():
            for path, e in list(files.items()):
                if path in seen:
                    files[path] = dict(seen[path], hard=None)
                else:
                    seen[path] = e

    def reshuffle(self):
        r, old, new = self.random, self.files[1], self.files[2]
        for p in list(new):  # paths move from package to package
            for path in list(new[p]):
                if r.random() < 0.06 and not new[p][path]['hard']:
                    to = r.choice(self.packages)
                    if path not in new[to]:
                        new[to][path] = new[p].pop(path)
        if r.random() < 0.3:  # one is split
            p = r.choice(self.packages)
            new['split'] = {}
            for path in [x for x in new[p] if not new[p][x]['hard']][::2]:
                new['split'][path] = new[p].pop(path)
        if r.random() < 0.3 and len(self.packages) > 2:  # one is merged into another, which obsoletes it
            gone, into = r.sample(self.packages, 2)
            for path, e in new.pop(gone).items():
                new[into].setdefault(path, e)
            self.obsoletes[into] = gone
        if r.random() < 0.2:
            new['fresh'] = {self.free.pop(): self.entry() for _ in range(3)}

    # --- the administrator ---------------------------------------------------------------------------------

    def some_edits(self, v):
        r, edits = self.random, []
        paths = sorted({path for files in self.files[v].values() for path, e in files.items()
                        if e['kind'] == 'file' and not e['hard']})
        if r.random() < 0.4 or not paths:
            return edits
        for path in r.sample(paths, min(len(paths), r.randint(1, 3))):
            edits.append((r.choice(['append', 'append', 'delete', 'chmod', 'touch', 'link']), path))
        edits.append(('extra', '%s/mine-%d' % (r.choice(DIRS), v)))
        return edits
