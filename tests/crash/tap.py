# SPDX-License-Identifier: GPL-2.0-or-later
"""Test results for `make check`."""
import os
import sys

count = 0


def need(not_here, missing):
    """Skips all where there is a reason. Where everything must be tried (scripts/check), what is missing
    is a failure."""
    if not_here:
        print('1..0 # SKIP %s' % not_here)
    elif missing and os.environ.get('PUTBACK_CHECK_ALL') == '1':
        print('Bail out! %s' % missing)
        sys.exit(1)
    elif missing:
        print('1..0 # SKIP %s' % missing)
    if not_here or missing:
        sys.exit(0)


def verdict(what, details):
    """ok when there are no details: a list of lines."""
    global count
    count += 1
    print('%sok %d - %s' % ('not ' if details else '', count, what))
    for line in details:
        print('# ' + line)
    sys.stdout.flush()


def done():
    print('1..%d' % count)
