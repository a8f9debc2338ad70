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
CONFIGS = ['', '', '', '%config', '%config(noreplace)', '%config(missingok)', '%config(noreplace) %missingok']
MARKS = ['', '', '', '', '', '', '%doc', '%license', '%missingok', '%lang(de)']
MTIMES = [1600000000, 1600000001, 1650000000]


class Pair:
    """files[v][package]: {path: entry}; an entry is a dict with kind (file, link, dir, ghost) and attributes.

    A package is known by a key, which is its name but for the two of a multilib pair, 'm64' and 'm32'."""

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
        self.options = r.choice([[], [], [], [], ['--excludedocs'], ['-D', '_install_langs fr']])
        for v in (1, 2):  # something tells what is left out on this machine
            self.files[v]['witness'] = {'usr/share/w/%s' % m[-3:].strip('()'): dict(self.entry('file'), mark=m, config='', caps='')
                                        for m in ('%doc', '%lang(de)', '%lang(fr)')} if self.options else {}
            if not self.options:
                del self.files[v]['witness']
        if r.random() < 0.25:
            self.multilib()
        self.contested = r.random() < 0.12 and 'm64' not in self.files[1]
        if self.contested:
            self.contest()
        if self.wild:
            self.turn_directory()
        self.edits = {1: self.some_edits(1), 2: self.some_edits(2)}

    def name(self, package):
        return 'm' if package in ('m64', 'm32') else package

    def arch(self, package):
        return {'m64': 'x86_64', 'm32': 'i686'}.get(package, 'noarch')

    # --- one package -------------------------------------------------------------------------------

    def entry(self, kind=None):
        r = self.random
        e = {'kind': kind or r.choices(['file', 'link', 'dir', 'ghost'], [70, 12, 12, 6])[0],
             'content': '%x\n' % r.getrandbits(40) * r.choice([1, 1, 1, 30]),
             'mode': r.choice([0o644, 0o644, 0o755, 0o600, 0o4755, 0o2755, 0o444]),
             'user': r.choice(USERS), 'group': r.choice(GROUPS), 'mtime': r.choice(MTIMES),
             'caps': '', 'config': '', 'mark': '', 'elf': 0, 'hard': None, 'target': r.choice(['aa', '../x', '/usr/lib/d', 'nowhere', '/etc/passwd'])}
        if e['kind'] == 'file':
            e['caps'] = r.choice(CAPS)
            e['config'] = r.choice(CONFIGS)
            if e['caps'] or e['config']:
                e['mode'] &= 0o777
            if not e['config']:
                e['mark'] = r.choice(MARKS)
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
        e['config'] = e['caps'] = e['mark'] = ''
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
            e['config'], e['mark'] = r.choice(CONFIGS), ''
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
            elif r.random() < 0.05:  # the same under another name
                kept[self.free.pop()] = e
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
            e['caps'] = e['mark'] = ''
            if r.random() < 0.6:
                e['config'] = ''
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

    def contest(self):
        """Some paths belong to two packages, and differ: what rpm only does with --replacefiles."""
        r = self.random
        for _ in range(r.randint(1, 2)):
            path = self.free.pop()
            for v in r.choice([(1,), (2,), (1, 2), (1, 2)]):
                for p in r.sample([p for p in self.packages if p in self.files[v]], 2):
                    self.files[v][p][path] = e = self.entry('file')
                    e['config'] = e['caps'] = e['mark'] = ''

    def multilib(self):
        """A 64-bit and a 32-bit package: what is ELF in both is the 64-bit one's."""
        r = self.random
        both = [self.free.pop() for _ in range(r.randint(1, 3))]
        alike = [self.free.pop() for _ in range(r.randint(0, 2))]
        own = {p: [self.free.pop() for _ in range(r.randint(0, 2))] for p in ('m64', 'm32')}
        for v in (1, 2):
            # (with nothing but 32-bit packages left it would be no 64-bit machine)
            here = ['m64', 'm32'] if v == 1 or r.random() < 0.85 else ['m64']
            files = {p: {} for p in here}
            same = {path: self.entry('file') for path in alike}
            for p in here:
                for path in both:
                    if v == 2 and r.random() < 0.15:
                        continue
                    files[p][path] = e = self.entry('file')
                    e['elf'], e['mode'] = (2 if p == 'm64' else 1), 0o755
                    e['config'] = e['caps'] = e['mark'] = ''
                for path in own[p]:
                    files[p][path] = self.entry()
                for path in alike:
                    files[p][path] = dict(same[path], config='', mark='')
            self.files[v].update(files)

    def turn_directory(self):
        """A directory of the one version with a file in it is a link in the other."""
        r = self.random
        p = r.choice([p for p in self.packages if p in self.files[2]])
        path = 'srv/turned'
        full, link = r.choice([(1, 2), (2, 1)])
        self.files[full][p].update({path: self.entry('dir'), path + '/in': self.entry('file')})
        self.files[link][p][path] = e = self.entry('link')
        e['target'] = r.choice(['/opt/x', 'other', 'nowhere'])

    # --- the administrator ---------------------------------------------------------------------------------

    def some_edits(self, v):
        r, edits = self.random, []
        paths, dirs, links = (sorted({path for files in self.files[v].values() for path, e in files.items()
                                      if e['kind'] == kind and not e['hard']}) for kind in ('file', 'dir', 'link'))
        if r.random() < 0.4 or not paths:
            return edits
        for path in r.sample(paths, min(len(paths), r.randint(1, 3))):
            edits.append((r.choice(['append', 'append', 'delete', 'chmod', 'touch', 'link']), path))
        edits.append(('extra', '%s/mine-%d' % (r.choice(DIRS + dirs), v)))
        if dirs and r.random() < 0.3:
            edits.append(('chmod-dir', r.choice(dirs)))
        if links and r.random() < 0.3:
            edits.append((r.choice(['delete-link', 'retarget']), r.choice(links)))
        if v == 1 and r.random() < 0.1:  # moved to where there is room, with a link left behind
            edits.append(('move-dir', r.choice(['opt/x', 'opt/y', 'usr/share/d', 'var/lib/d'])))
        return edits
