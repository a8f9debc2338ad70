#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Ctrl-C before the commit rolls back and exits; so do the other signals that ask a program to end.

setup() { load lib; lab heavy; }

interrupted_by() { # SIGNAL: sent as soon as staging begins
	run --separate-stderr /usr/bin/python3 -c '
import os, signal, subprocess, sys
area, number, *command = sys.argv[1:]
p = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=lambda: signal.signal(int(number), signal.SIG_DFL))
while not os.path.exists(area) and p.poll() is None:
    pass
p.send_signal(int(number))
sys.exit(p.wait() % 256)' "$R/.putback" "$1" "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply heavy-1-1 --yes
	[ "$status" != 0 ] || skip 'it was faster'
	assert_exit 1
	assert_stderr stopped
	assert_root_as_it_was
	pb apply heavy-1-1 --yes
	assert_exit 0
	assert_put_back
}

@test "Ctrl-C" { interrupted_by 2; }
@test "SIGTERM" { interrupted_by 15; }
@test "the terminal goes away" { interrupted_by 1; }

@test "progress: none when piped, none with --quiet, lines on a dumb terminal" {
	need script
	pb apply heavy-1-1 --yes
	assert_exit 0
	refute_says $'\r'
	[ -z "$stderr" ]
	pb undo --yes
	TERM=dumb run script -qec "'$PUTBACK' --root '$R' --from '$V1' --key '$KEY' redo --yes" /dev/null < /dev/null
	assert_exit 0
	[[ $output != *$'\e['* ]]
}
