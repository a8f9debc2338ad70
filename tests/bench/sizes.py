#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sizes.py [WHAT...]: roots and packages of a size that few have. WHAT: wide, many, big; without, all of them.

  wide   100,000 files in one directory, each another in the version that goes
  many   500,000 files of 2,500 packages in the rpmdb, and one more package, of 10,000 files, that goes back
  big    a file of 5 GiB, which cpio's old format cannot hold (sparse; it takes its room all the same)

For each: plan, apply, undo; wall and CPU seconds and the highest memory of the largest process. Fails where the result
is not the root that never saw the update, or where memory goes beyond a limit (not of a build with sanitizers, which
takes more).

Environment: PUTBACK, the program; PUTBACK_BENCH_DIR, where packages and roots go and stay (default:
/var/tmp/putback-bench); SIZES_DIVIDE, by which the numbers are divided, to try the script itself.
"""
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.path.join(HERE, '../..')
DIVIDE = int(os.environ.get('SIZES_DIVIDE', '1'))
GIB = 1 << 30
# name: packages, directories in each, files in each directory, of how many each n-th changes, MiB at most
SHAPES = {'wide': (1, 1, 100000, 1, 300), 'many': (1, 10, 1000, 2, 250), 'big': (1, 1, 1, 1, 150)}
OTHERS = 2500  # packages of 200 files each, beside those of 'many'


def quiet(*args, **more):
    r = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', **more)
    if r.returncode:
        sys.exit('%s: exit %d\n%s' % (' '.join(args)[:300], r.returncode, r.stdout[-3000:]))
    return r.stdout


def fill(top, shape, package, version):
    _, dirs, files, changes, _ = SHAPES[shape]
    for d in range(dirs):
        folder = '%s/srv/%s/%d/%d' % (top, shape, package, d)
        os.makedirs(folder)
        if shape == 'big':
            with open(folder + '/big', 'wb') as f:
                f.truncate(5 * GIB // DIVIDE)
                f.seek(4 * GIB // DIVIDE)
                f.write(b'version %d\n' % version)
            continue
        for i in range(files // DIVIDE or 1):
            with open('%s/a-file-with-a-name-of-some-length.%d' % (folder, i), 'w') as f:
                f.write('%d %d\n' % (i, 0 if i % changes else version))


def build(work, shape, version):
    out = '%s/%s-v%d-%d' % (work, shape, version, DIVIDE)
    if os.path.isdir(out):
        return out
    home = work + '/sizes-home'
    os.makedirs(home, exist_ok=True)
    shutil.copy(SRC + '/tests/fixtures/macros', home + '/.rpmmacros')
    for p in range(SHAPES[shape][0]):
        top = work + '/sizes-top'
        shutil.rmtree(top, ignore_errors=True)
        fill(top, shape, p, version)
        with open(work + '/sizes.spec', 'w') as f:
            f.write('Name: %s%d\nVersion: %d\nRelease: 1\nSummary: x\nLicense: x\nBuildArch: noarch\nAutoReqProv: no\n'
                    '%%description\nx\n%%files\n/srv/%s/%d\n' % (shape, p, version, shape, p))
        quiet('rpmbuild', '-bb', '--quiet', '--noclean', '--buildroot', top, '-D', '_topdir ' + work + '/sizes-rpm', '-D',
              '_rpmdir %s.new' % out, work + '/sizes.spec', env=dict(os.environ, HOME=home, SOURCE_DATE_EPOCH='1700000000'))
        shutil.rmtree(top)
    os.rename(out + '.new', out)
    return out


def packages(folder):
    return sorted('%s/%s' % (d, f) for d, _, files in os.walk(folder) for f in files)


def make_roots(work, shape):
    """The root that was updated, and the one that never was."""
    old, new = build(work, shape, 1), build(work, shape, 2)
    root, never = ('%s/%s-%s-%d' % (work, shape, x, DIVIDE) for x in ('root', 'never'))
    for d in (root, never):
        shutil.rmtree(d, ignore_errors=True)
    os.makedirs(never + '/etc')
    for name in ('passwd', 'group'):
        shutil.copy('/etc/' + name, never + '/etc/')
    rpm = ['rpm', '--dbpath', '/var/lib/rpm', '--nosignature', '-D', '_flush_io 0']
    quiet(*rpm, '--root', never, '--initdb')
    if shape == 'many':
        others = work + '/sizes-others'
        shutil.rmtree(others, ignore_errors=True)
        quiet(sys.executable, SRC + '/tests/fixtures/many', others, str(2 * OTHERS // DIVIDE), '200')
        quiet(*rpm, '--root', never, '-i', '--justdb', '--nodeps', '--nodigest', '--noorder',
              *(p for p in packages(others) if p.endswith('-1-1.noarch.rpm')))
    quiet(*rpm, '--root', never, '-i', *packages(old))
    quiet('cp', '-a', '--sparse=always', never, root)
    quiet(*rpm, '--root', root, '-U', *packages(new))
    return root, never, old


def run(args):
    """Exit code, wall and CPU seconds, and MiB of the largest process."""
    begin = time.monotonic()
    null = os.open('/dev/null', os.O_RDWR)
    pid = os.posix_spawn(args[0], args, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 0),
                                                                  (os.POSIX_SPAWN_DUP2, null, 1)])
    _, status, usage = os.wait4(pid, 0)
    os.close(null)
    return (os.waitstatus_to_exitcode(status), time.monotonic() - begin, usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024)


def differs(a, b, *more):
    r = subprocess.run([SRC + '/tests/oracle/tree', 'compare', a, b, '--no-dir-mtime', '--ignore', '/.putback', '--ignore',
                        '/.putback/*', '--ignore', '/var/lib/rpm/*', *more], capture_output=True, text=True)
    return r.stdout.splitlines()[:5] if r.returncode else []


def main(shapes):
    putback = os.path.abspath(os.environ.get('PUTBACK') or shutil.which('putback') or sys.exit('no putback'))
    work = os.environ.get('PUTBACK_BENCH_DIR', '/var/tmp/putback-bench')
    os.makedirs(work, exist_ok=True)
    with open(putback, 'rb') as f:
        limited = b'__asan_init' not in f.read()
    bad = []
    for shape in shapes:
        root, never, old = make_roots(work, shape)
        count, dirs, files, _, limit = SHAPES[shape]
        print('%s: %d packages, %d files each' % (shape, count, dirs * (files // DIVIDE or 1)), flush=True)
        names = ['%s%d-1-1' % (shape, p) for p in range(count)]
        pb = [putback, '--root', root, '--from', old, '--allow-unsigned']
        names.append('--nodeps')
        for label, args in (('plan', ['plan', *names]), ('apply', ['apply', '--yes', *names]), ('undo', ['undo', '--yes'])):
            code, wall, cpu, peak = run(pb + args)
            print('  %-6s wall %7.2f s   cpu %7.2f s   peak %7.1f MiB' % (label, wall, cpu, peak), flush=True)
            if code not in (0, 7):
                bad.append('%s, %s: exit %d' % (shape, label, code))
            if limited and peak > limit:
                bad.append('%s, %s: %.1f MiB (at most %d)' % (shape, label, peak, limit))
            if label == 'apply':
                bad += ['%s: %s' % (shape, x) for x in differs(never, root)]
        shutil.rmtree(root)
        shutil.rmtree(never)
    for line in bad:
        print('TOO MUCH OR WRONG: ' + line)
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:] or list(SHAPES)) if not set(sys.argv[1:]) - set(SHAPES) else __doc__)
