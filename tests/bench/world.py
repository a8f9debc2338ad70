# SPDX-License-Identifier: GPL-2.0-or-later
"""A world to measure on, made of nothing: 300 packages with 10,000 files in two versions, half of which
differ, signed, installed by dnf and updated by dnf. Kept from one bench to the next."""
import os
import random
import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor

PACKAGES, FILES = 300, 10000
SPEC = """Name: bench-%(n)03d
Version: %(v)d
Release: 1
Summary: bench
License: none
Vendor: putback bench
BuildArch: noarch
AutoReqProv: no
%%description
Generated.
%%files
/usr/share/bench/%(n)03d
"""


def run(*args, env=None):
    r = subprocess.run(args, capture_output=True, text=True, env=env)
    if r.returncode:
        raise SystemExit('bench: %s failed:\n%s\n%s' % (args[0], r.stdout[-2000:], r.stderr[-2000:]))


def fill(n, v, top):
    """Files of log-normal sizes, half of text that compresses and half of noise; version 2 changes half."""
    shape = random.Random(n)
    os.makedirs(top)
    for i in range(FILES // PACKAGES):
        size = min(int(shape.lognormvariate(8.5, 1.8)), 4 << 20)
        changes, kind, seed = shape.random() < 0.5, shape.random() < 0.5, shape.getrandbits(32)
        data = random.Random(seed + (v if changes else 0))
        path = os.path.join(top, 'd%d' % (i % 4), 'f%d' % i)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as f:
            if kind:
                f.write(data.randbytes(size))
            else:
                line = b'%d a line of text like many others\n' % data.getrandbits(16)
                f.write((line * (size // len(line) + 1))[:size])
        os.utime(path, (1700000000, 1700000000))


def package(job):
    out, n, v, env = job
    root, spec = '%s/build/%d.%d' % (out, n, v), '%s/build/%d.%d.spec' % (out, n, v)
    fill(n, v, '%s/usr/share/bench/%03d' % (root, n))
    with open(spec, 'w') as f:
        f.write(SPEC % {'n': n, 'v': v})
    run('rpmbuild', '-bb', '--quiet', '--noclean', '--buildroot', root, '-D', '_topdir %s/build/top' % out,
        '-D', '_rpmdir %s/repo.v%d' % (out, v), '-D', '_build_name_fmt %%{NAME}-%%{VERSION}.%%{ARCH}.rpm',
        '-D', '_binary_payload w3.zstdio', '-D', '__os_install_post %{nil}', '-D', '__check_files %{nil}',
        '-D', '_build_pkgcheck %{nil}', '-D', '_build_pkgcheck_set %{nil}', spec, env=env)
    shutil.rmtree(root)


def generate(out):
    if os.path.exists(out + '/.done'):
        return out
    print('making a world in %s' % out)
    shutil.rmtree(out, ignore_errors=True)
    for d in ('home', 'gpg', 'build', 'repo.v1', 'repo.v2', 'root.broken', 'none'):
        os.makedirs('%s/%s' % (out, d))
    os.chmod(out + '/gpg', 0o700)
    env = dict(os.environ, HOME=out + '/home', GNUPGHOME=out + '/gpg', LC_ALL='C.UTF-8')
    with open(out + '/home/.rpmmacros', 'w') as f:
        f.write('%%_dbpath /var/lib/rpm\n%%__gpg %s\n%%_gpg_name bench@localhost\n'
                '%%_gpg_sign_cmd_extra_args --pinentry-mode loopback --batch --no-tty\n' % shutil.which('gpg'))
    run('gpg', '--batch', '--pinentry-mode', 'loopback', '--passphrase', '', '--quick-generate-key',
        'bench@localhost', 'rsa3072', 'sign', 'never', env=env)
    run('gpg', '--batch', '--armor', '--output', out + '/RPM-GPG-KEY-lab', '--export', 'bench@localhost',
        env=env)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(package, [(out, n, v, env) for n in range(PACKAGES) for v in (1, 2)]))
    for v in (1, 2):
        repo = '%s/repo.v%d' % (out, v)
        run('rpmsign', '--addsign', *sorted(os.path.join(repo, f) for f in os.listdir(repo)), env=env)
        run('createrepo_c', '-q', repo)
    root = out + '/root.broken'
    rpm = ['rpm', '--root', root, '--dbpath', '/var/lib/rpm']
    run(*rpm, '--initdb', env=env)
    run(*rpm, '--import', out + '/RPM-GPG-KEY-lab', env=env)
    for v, verb in ((1, 'install'), (2, 'upgrade')):
        with open(out + '/dnf.conf', 'w') as f:
            f.write('[main]\ngpgcheck=0\nassumeyes=1\nplugins=0\nmetadata_expire=0\nreposdir=%s/none\n'
                    '[bench]\nname=bench\nbaseurl=file://%s/repo.v%d\n' % (out, out, v))
        run('dnf', '-q', '-y', '-c', out + '/dnf.conf', '--installroot', root, '--releasever', '1', verb,
            *(['bench-*'] if v == 1 else []), env=env)
    subprocess.run(['gpgconf', '--kill', 'gpg-agent'], env=env)
    shutil.rmtree(out + '/build')
    open(out + '/.done', 'w').close()
    return out
