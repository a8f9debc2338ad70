#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every call that changes a file, over all processes, is the last one, fails, or writes short. A sample;
# with FAULT_ALL=1, as `make crash-long` sets it, all of them.

setup() {
	load ../scenarios/lib
	INJECT=${PUTBACK_BUILDDIR:?}/tests/fault/inject
	[ -x "$INJECT" ] || skip 'the injector is not built'
	"$INJECT" -a count true || skip 'no ptrace or no seccomp here'
	lab wide
	export PYTHONDONTWRITEBYTECODE=1 R ORACLE V1 KEY ORACLES PUTBACK INJECT WHAT=wide-1-1 WORK=$TMP/work
}

calls() { # ACT...
	in_mounts "$BATS_TEST_DIRNAME/calls" "$@" <<< '"$@"'
}

@test "apply; recover of what was being staged" { calls apply drop; }
@test "apply: a disk that dies as the journal is told that the first rename comes" { calls set-off; }
@test "undo; redo; recover, forward and back" { calls undo redo recover; }
@test "recover, killed in its turn" { calls again; }
@test "forget; killed, and what finishes it killed in its turn" { calls forget forget-again; }
