#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""index.py [COUNT]: a folder of COUNT packages (10,000), indexed for the first time and again.

Environment: PUTBACK, the program; PUTBACK_BENCH_DIR, where the packages go and stay (default:
/var/tmp/putback-bench). Fails where the first time takes more than 10 s of CPU or 100 MiB, the second more than 1 s, or
where it does not find what it ought to.
"""
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MAX_MIB, MAX_FIRST, MAX_AGAIN = 100, 10, 1


def make(work, count):
    packages, root = '%s/many-%d' % (work, count), work + '/many-root'
    if not os.path.isdir(packages):
        subprocess.run([sys.executable, HERE + '/../fixtures/many', packages + '.new', str(count)], check=True)
        os.rename(packages + '.new', packages)
        time.sleep(3)  # younger files are not remembered
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root + '/var/lib/rpm')
    subprocess.run(['rpmdb', '--dbpath', root + '/var/lib/rpm', '--define', '_db_backend sqlite', '--initdb'],
                   check=True)
    return packages, root


def run(putback, root, packages, cache, name):
    """Wall and CPU seconds, MiB, and how many candidates of a package there are."""
    args = [putback, '--root', root, '--from', packages, '--cache', cache, '--allow-unsigned', '--nodeps',
            '--no-closure', '--json', 'plan', name, '--why', name]
    begin = time.monotonic()
    with open(cache + '/out', 'w') as out:
        pid = os.posix_spawn(putback, args, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)])
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - begin
    with open(cache + '/out') as f:
        text = f.read()
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text.count('{ "nevra": "%s-' % name)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    putback = os.path.abspath(os.environ.get('PUTBACK') or shutil.which('putback') or sys.exit('no putback'))
    work = os.environ.get('PUTBACK_BENCH_DIR', '/var/tmp/putback-bench')
    cache = work + '/many-cache'
    os.makedirs(work, exist_ok=True)
    packages, root = make(work, count)
    shutil.rmtree(cache, ignore_errors=True)
    os.makedirs(cache, mode=0o700)
    bad = []
    print('%d packages in a folder' % count)
    for label, limit in (('first', MAX_FIRST), ('again', MAX_AGAIN), ('again', MAX_AGAIN)):
        wall, cpu, peak, found = run(putback, root, packages, cache, 'many00007')
        print('  %-6s wall %6.2f s   cpu %6.2f s   peak %6.1f MiB' % (label, wall, cpu, peak))
        if cpu > limit or peak > MAX_MIB:
            bad.append('%s: %.2f s of CPU (at most %d), %.1f MiB (at most %d)' % (label, cpu, limit, peak, MAX_MIB))
        if found < 3:
            bad.append('%s: found %d mentions of 3 (what comes, and two versions); see %s/out' % (label, found, cache))
    sizes = [os.path.getsize('%s/%s' % (cache, f)) for f in os.listdir(cache) if f.endswith('.index')]
    print('  kept   %.1f MiB' % (sum(sizes) / 1048576))
    if len(sizes) != 1:
        bad.append('%d indices were kept' % len(sizes))
    for line in bad:
        print('TOO MUCH OR WRONG: ' + line)
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
