#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pairs.py FIRST COUNT: putback against rpm, on random pairs of package sets. Speaks TAP.

For each seed: build two versions with rpmbuild (model.py), install the first, edit, update to the second by rpm,
edit; go back to the first once by rpm (-U --oldpackage, and erasures) and once by putback, and compare the trees
path by path and the databases record by record. Then undo, which must give the tree of before, inode for inode.

Where rpm itself refuses to go back (a directory in a link's place and the like) and nobody edited anything, the
judge is the root that never saw the update. What putback does otherwise than rpm on purpose:
  - a .rpmsave, .rpmnew or .rpmorig that is there already is not overwritten, and one that is nothing but the
    other version's own file is cleaned up: such names are left out of the comparison, those that come are not;
  - where a path moves between packages rpm needs two steps, the first of which takes an edited configuration
    file away; putback does it in one and decides by rpm's rule for one: those paths are left out;
  - what rpm moved aside for a directory (*.rpmmoved) stays where it is;
  - a directory that no package lists, and that came with the update, goes when it empties out: rpm leaves it.

Environment: PUTBACK (the program), PUTBACK_SRCDIR, DIFFERENTIAL_KEEP=1 (keep what differed, and say where)."""
import os
import shutil
import subprocess
import sys
import tempfile

import model

SRC = os.environ.get('PUTBACK_SRCDIR') or os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
PUTBACK = os.environ.get('PUTBACK', 'putback')
PASSWD = 'root:x:0:0:root:/root:/bin/sh\nu1:x:1001:1001::/:/bin/sh\nu2:x:1002:1002::/:/bin/sh\n'
GROUP = 'root:x:0:\ng1:x:1001:\ng2:x:1002:\n'
ASIDE = ('.rpmsave', '.rpmnew', '.rpmorig', '.rpmmoved')


class Differs(Exception):
    pass


def run(*args, ok=(0,), env=None):
    r = subprocess.run(args, capture_output=True, text=True, errors='replace', env=env, stdin=subprocess.DEVNULL)
    if ok is not None and r.returncode not in ok:
        raise Differs('%s: exit %d\n%s%s' % (' '.join(args)[:300], r.returncode, r.stdout[-3000:], r.stderr[-3000:]))
    return r


def elf(bits):
    """Enough of an ELF header for rpmbuild to see a 32-bit (1) or 64-bit (2) program; 0: none."""
    machine = {1: 3, 2: 62}
    return b'\x7fELF' + bytes([bits, 1, 1] + [0] * 9 + [2, 0, machine[bits], 0, 1, 0, 0, 0]) + bytes(200) if bits else b''


class Try:
    def __init__(self, seed, work):
        self.pair, self.work = model.Pair(seed), work
        self.env = dict(os.environ, HOME=work + '/home', LC_ALL='C.UTF-8')
        os.makedirs(work + '/home')
        with open(os.path.join(SRC, 'tests/fixtures/macros')) as f, open(work + '/home/.rpmmacros', 'w') as out:
            out.write(''.join(x for x in f if 'epoch' not in x))
            out.write('%%_topdir %s/top\n%%_dbpath /var/lib/rpm\n' % work)

    # --- packages ------------------------------------------------------------------------------------

    def put(self, top, path, e, sets):
        full = os.path.join(top, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if e['kind'] == 'dir':
            os.makedirs(full, exist_ok=True)
        elif e['kind'] == 'link':
            if not os.path.lexists(full):
                os.symlink(e['target'], full)
                os.utime(full, (e['mtime'], e['mtime']), follow_symlinks=False)
        elif e['hard'] in sets:
            os.link(sets[e['hard']], full)
        elif not os.path.lexists(full):
            with open(full, 'wb') as f:
                f.write(elf(e['elf']) + e['content'].encode())
            os.utime(full, (e['mtime'], e['mtime']))
            if e['hard']:
                sets[e['hard']] = full

    def line(self, path, e):
        words = ['%%attr(%s,%s,%s)' % ('-' if e['kind'] == 'link' else '%o' % e['mode'], e['user'], e['group'])]
        if e['kind'] == 'dir':
            words.append('%dir')
        if e['kind'] == 'ghost':
            words.append('%ghost')
        if e['kind'] == 'file':
            words += [x for x in (e['config'], e['mark']) if x]
        if e['kind'] == 'file' and e['caps']:
            words.append('%%caps(%s)' % e['caps'])
        return ' '.join(words) + ' "/%s"\n' % path

    def build_some(self, v, name, arch, keys):
        """One spec file: the packages of one architecture."""
        top, out, spec_file = ('%s/%s.%d' % (self.work, x, v) for x in ('build.' + arch, 'v', 'spec.' + arch))
        os.makedirs(top)
        spec = 'Name: %s\nVersion: %d\nRelease: 1\nSummary: x\nLicense: x\n%sAutoReqProv: no\n%%description\nx\n' % (
            name, v, 'BuildArch: noarch\n' if arch == 'noarch' else '')
        sets = {}
        for p in keys:
            gone = self.pair.obsoletes.get(p) if v == 2 else None
            if arch == 'noarch':
                spec += '%%package -n %s\nSummary: x\nAutoReqProv: no\n%s%%description -n %s\nx\n%%files -n %s\n' % (
                    p, 'Obsoletes: %s\n' % gone if gone else '', p, p)
            else:
                spec += '%files\n'
            for path, e in sorted(self.pair.files[v][p].items()):
                self.put(top, path, e, sets)
                spec += self.line(path, e)
        with open(spec_file, 'w') as f:
            f.write(spec)
        run('rpmbuild', '-bb', '--quiet', '--noclean', '--target', arch, '--buildroot', top, '-D', '_rpmdir ' + out,
            '-D', '_binary_filedigest_algorithm %d' % self.pair.algo[v], spec_file, env=self.env)

    def build(self, v):
        """{key: file} of the packages of a version. Contested paths need a build each."""
        keys = list(self.pair.files[v])
        plain = [p for p in keys if self.pair.arch(p) == 'noarch']
        if self.pair.contested:
            for p in plain:
                self.build_some(v, 'pair-' + p, 'noarch', [p])
                os.rename('%s/build.noarch.%d' % (self.work, v), '%s/build.%s.%d' % (self.work, p, v))
        else:
            self.build_some(v, 'pair', 'noarch', plain)
        for p in keys:
            if p not in plain:
                self.build_some(v, 'm', self.pair.arch(p), [p])
        return {p: '%s/v.%d/%s-%d-1.%s.rpm' % (self.work, v, self.pair.name(p), v, self.pair.arch(p)) for p in keys}

    # --- roots ------------------------------------------------------------------------------------------

    def rpm(self, root, *args, ok=(0,)):
        return run('rpm', '--root', root, '--dbpath', '/var/lib/rpm', '--nosignature', '-D', '_transaction_color 3',
                   '-D', '_prefer_color 2', *args, ok=ok, env=self.env)

    def come(self, root, how, packages, ok=(0,)):
        """rpm -i or -U with what goes for each time on this machine. Where several want a path, the last one has it."""
        replace = ['--replacefiles', '--noorder'] if self.pair.contested else []
        return self.rpm(root, *how, '--nodeps', '--ignorearch', *replace, *self.pair.options, *sorted(packages), ok=ok)

    def edit(self, root, edits):
        for what, path in edits:
            full = os.path.join(root, path)
            if what == 'extra':
                if os.path.isdir(os.path.dirname(full)):
                    with open(full, 'w') as f:
                        f.write('mine\n')
                continue
            if what in ('delete-link', 'retarget') and os.path.islink(full):
                os.unlink(full)
                if what == 'retarget':
                    os.symlink('mine', full)
            elif what == 'chmod-dir' and os.path.isdir(full) and not os.path.islink(full):
                os.chmod(full, 0o751)
            elif what == 'move-dir' and os.path.isdir(full) and not os.path.islink(full):
                os.makedirs(root + '/room', exist_ok=True)
                os.rename(full, root + '/room/moved')
                os.symlink('/room/moved', full)
            if not os.path.isfile(full) or os.path.islink(full):
                continue
            if what == 'append':
                with open(full, 'a') as f:
                    f.write('edited\n')
            elif what == 'delete':
                os.unlink(full)
            elif what == 'chmod':
                os.chmod(full, 0o604)
            elif what == 'touch':
                os.utime(full, (1660000000, 1660000000))
            elif what == 'link':
                os.unlink(full)
                os.symlink('elsewhere', full)

    def make_root(self):
        root = self.work + '/root'
        os.makedirs(root + '/etc')
        for name, text in (('passwd', PASSWD), ('group', GROUP)):
            with open('%s/etc/%s' % (root, name), 'w') as f:
                f.write(text)
        self.rpm(root, '--initdb')
        self.v1, self.v2 = self.build(1), self.build(2)
        self.come(root, ['-i'], self.v1.values())
        self.edit(root, self.pair.edits[1])
        run('cp', '-a', root, self.work + '/never')
        self.come(root, ['-U', '--force'], self.v2.values(), ok=None)
        self.erase(root, '1', set(self.v1) - set(self.v2) - set(self.pair.obsoletes.values()))
        if self.names(root) != self.wanted(2):
            return None  # rpm could not even go forward: no pair
        self.edit(root, self.pair.edits[2])
        return root

    def erase(self, root, version, keys):
        if keys:
            self.rpm(root, '-e', '--nodeps', '--noscripts', *sorted(
                '%s-%s-1.%s' % (self.pair.name(p), version, self.pair.arch(p)) for p in keys), ok=None)

    def wanted(self, v):
        return {(self.pair.name(p), str(v), self.pair.arch(p)) for p in self.pair.files[v]}

    def names(self, root):
        copy = self.work + '/query'
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(root + '/var/lib/rpm', copy)
        r = run('rpm', '--dbpath', copy, '-qa', '--qf', '%{NAME} %{VERSION} %{ARCH}\n', env=self.env)
        return {tuple(x.split()) for x in r.stdout.splitlines()}

    def go_back_by_rpm(self, root):
        """Whether rpm does it at all. What only version 2 has goes first, or it would be in the way."""
        self.erase(root, '2', set(self.v2) - set(self.v1))
        r = self.come(root, ['-U', '--oldpackage', '--noscripts'], self.v1.values(), ok=None)
        return r.returncode == 0 and self.names(root) == self.wanted(1)

    # --- the comparison ---------------------------------------------------------------------------------------

    def moved_config(self):
        """Paths of configuration files that go from one package to another, as the tools write them."""
        owners = {v: {} for v in (1, 2)}
        config = set()
        for v in (1, 2):
            for p, files in self.pair.files[v].items():
                for path, e in files.items():
                    owners[v].setdefault(path, set()).add(p)
                    if e['config']:
                        config.add(path)
        moved = {p for p in config if owners[1].get(p) != owners[2].get(p)}
        return moved | {''.join(chr(c) if 32 < c < 127 else '\\x%02x' % c for c in p.encode()) for p in moved}

    def tree(self, a, b, *options):
        r = run('%s/tests/oracle/tree' % SRC, 'compare', a, b, '--ignore', '/.putback', '--ignore', '/.putback/*',
                *options, ok=None)
        if r.returncode not in (0, 1):
            raise Differs(r.stderr)
        return r.stdout.splitlines()

    def came(self, difference):
        """A directory that is not there, and was not before the update either."""
        head, _, path = difference.partition(': ')
        return head == 'missing dir' and not os.path.lexists(self.work + '/never' + path)

    def read_aside(self, before):
        """From a snapshot: what lies aside already."""
        with open(before) as f:
            paths = [x.split('\t', 1)[0] for x in f]
        self.aside = {p for p in paths if p.endswith(ASIDE)}

    def is_old_aside(self, difference):
        """About a name aside that was taken before the way back, or the one that putback takes then."""
        path = difference.split(': ')[1]
        head, _, number = path.rpartition('.')
        return path in self.aside or (number.isdigit() and head in self.aside)

    def compare(self, judge, root):
        moved = self.moved_config()
        left = [x for x in self.tree(judge, root, '--no-dir-mtime', '--ignore', '/var/lib/rpm/*')
                if not self.is_old_aside(x) and not any('/%s' % m in x for m in moved) and not self.came(x)]
        r = run('%s/tests/oracle/rpmdb' % SRC, 'compare', judge, root, ok=None, env=self.env)
        return left + [x for x in r.stdout.splitlines() if x[:1] in '+-' and x[:3] not in ('+++', '---') and
                       not any('/%s' % m in x for m in moved)]

    def check(self):
        root = self.make_root()
        if not root:
            return 'rpm cannot install version 2 of it'
        run('cp', '-a', root, self.work + '/by-rpm')
        before = self.work + '/before'
        run('%s/tests/oracle/tree' % SRC, 'snapshot', root, before)
        self.read_aside(before)
        by_rpm = self.go_back_by_rpm(self.work + '/by-rpm')
        with open(self.work + '/manifest', 'w') as f:
            f.write(''.join('%s-1-1.%s\n' % (self.pair.name(p), self.pair.arch(p)) for p in self.v1))
        pb = [PUTBACK, '--root', root, '--from', self.work + '/v.1', '--allow-unsigned']
        r = run(*pb, 'apply', *(['--replacefiles'] if self.pair.contested else []), '--manifest', self.work + '/manifest', '--exact', '--nodeps', '--yes', ok=(0, 5, 7))
        if r.returncode == 5:
            if by_rpm:
                raise Differs('refused, where rpm goes back:\n' + r.stdout[-3000:] + r.stderr)
            return 'both refuse'
        edited = self.pair.edits[1] or self.pair.edits[2]
        said = ''
        if by_rpm:
            left = self.compare(self.work + '/by-rpm', root)
        elif not edited:
            left, said = self.compare(self.work + '/never', root), 'rpm refuses'
        else:
            left, said = [], 'rpm refuses; there and back only'
        if left:
            raise Differs('\n'.join(left[:40]))
        run(*pb, 'undo', '--yes', ok=(0, 7))
        left = self.tree(before, root, '--inodes')
        if left:
            raise Differs('after undo:\n' + '\n'.join(left[:40]))
        return said


def main(first, count):
    print('1..%d' % count, flush=True)
    failed = 0
    for n, seed in enumerate(range(first, first + count), 1):
        work = tempfile.mkdtemp(prefix='pair.%d.' % seed)
        os.chmod(work, 0o755)
        try:
            said = Try(seed, work).check()
            print('ok %d seed %d%s' % (n, seed, ' (%s)' % said if said else ''), flush=True)
        except Differs as e:
            failed += 1
            print('not ok %d seed %d' % (n, seed))
            print('\n'.join('# ' + x for x in str(e).splitlines()), flush=True)
            if os.environ.get('DIFFERENTIAL_KEEP'):
                print('# kept in %s' % work, flush=True)
                continue
        shutil.rmtree(work)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) == 3 else __doc__)
