#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Little memory is enough, and the out-of-memory killer is a crash like any other.

setup() {
	load lib
	make_group
	lab bulk plain
	APPLY=(apply bulk-1-1 plain-1-1 --yes)
}

teardown() { [ -z "${GROUP-}" ] || rmdir "$GROUP"; }

# A control group of our own, of either version; skip where there is none to be had.
make_group() {
	GROUP=
	if [ -e /sys/fs/cgroup/memory/memory.limit_in_bytes ]; then
		PARENT=/sys/fs/cgroup/memory LIMIT=memory.limit_in_bytes
	elif grep -qw memory /sys/fs/cgroup/cgroup.subtree_control 2> "$TMP/err"; then
		PARENT=/sys/fs/cgroup LIMIT=memory.max
	else
		skip 'no control group for memory here'
	fi
	GROUP=$PARENT/putback-test-$BATS_ROOT_PID-$BATS_TEST_NUMBER
	mkdir "$GROUP" 2> "$TMP/err" || { GROUP=; skip 'control groups cannot be made here'; }
}

# How many processes of the group were killed for it since it was made.
kills() { cat "$GROUP"/memory.events "$GROUP"/memory.oom_control 2> "$TMP/err" | sed -n 's/^oom_kill //p'; }

# In a group that is made anew each time: what the last one left in the page cache would count.
within() { # MIB ARG...: pb, with no more memory than that
	rmdir "$GROUP" && mkdir "$GROUP"
	echo $(($1 * 1024 * 1024)) > "$GROUP/$LIMIT" || skip 'a control group cannot be limited here'
	[ ! -e "$GROUP/memory.swap.max" ] || echo 0 > "$GROUP/memory.swap.max"
	# shellcheck disable=SC2016
	run --separate-stderr timeout 120 bash -c 'echo $$ > "$0/cgroup.procs" && exec "$@"' "$GROUP" \
		"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "${@:2}" < /dev/null
}

is_old() { "$ORACLES/tree" compare "$TMP/before" "$R" --inodes "${OURS[@]}" > "$TMP/old.diff"; }
is_new() {
	"$ORACLES/tree" compare "$ORACLE" "$R" --no-dir-mtime "${VOLATILE[@]}" > "$TMP/new.diff" &&
		"$ORACLES/rpmdb" compare "$ORACLE" "$R" >> "$TMP/new.diff"
}
whole() { is_old || is_new || tell "$1: neither old nor new" "$(head -n 9 "$TMP/old.diff" "$TMP/new.diff")"; }

@test "killed for want of memory at many a moment: recover, and it is wholly old or wholly new" {
	local failed=0
	for mib in 2 3 4 5 6 7 8 9 10 12 14 16 20 24 32 48 64 96 128 192 256 384; do
		within "$mib" "${APPLY[@]}"
		if [ "$status" = 0 ]; then break; fi
		failed=$((failed + 1))
		case $status in
		137) ;;
		1) assert_says 'the root is as it was'; is_old || tell "$mib MiB" "$(head "$TMP/old.diff")" ;;
		*) assert_exit 10 ;;
		esac
		pb recover --yes
		assert_exit 0
		whole "$mib MiB"
		if ! is_old; then
			pb undo --yes
			assert_exit 0
		fi
	done
	assert_exit 0
	[ "$failed" -gt 1 ]
	is_new
	for mib in 2 3 4 5 6 8 12 16 24 48 96 192 384; do
		within "$mib" undo --yes
		[ "$status" != 0 ] || break
		pb recover --yes
		assert_exit 0
		whole "undo in $mib MiB"
		if is_old; then
			pb redo --yes
			assert_exit 0
		fi
	done
	assert_exit 0
	is_old
}

@test "thousands of files and their database: 32 MiB are enough" {
	! grep -q -a __asan_init "$PUTBACK" || skip 'a build with sanitizers takes more'
	within 32 plan bulk-1-1
	assert_exit 0
	within 32 "${APPLY[@]}"
	assert_exit 0
	within 32 undo --yes
	assert_exit 0
	assert_undone
}

# One process of the program takes all there is, at a place that only its kind passes; the kernel ends the one that has most.
# A child that is ended is named by the parent, which lives.
@test "whichever process is killed for want of memory: the parent, a worker, the child with the rpmdb" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	local who at words mib=200
	! grep -q -a __asan_init "$PUTBACK" || mib=600
	while read -r who at words; do
		PUTBACK_FAILPOINT=$at=memory within "$mib" "${APPLY[@]}"
		[ "$(kills)" = 1 ] || tell "$who at $at: $(kills) killed"
		case $who in
		parent) assert_exit 137 ;;
		child)
			assert_exit 1
			assert_stderr "$words" 'the root is as it was'
			is_old || tell "$at" "$(head "$TMP/old.diff")"
			[ ! -e "$R/.putback" ]
			;;
		esac
		pb recover --yes
		assert_exit 0
		whole "$who at $at"
		is_old || pb undo --yes
		assert_exit 0
		is_old
	done <<-WHO
		child stage-written the worker was killed by signal 9
		child stage-created the worker was killed by signal 9
		child rpmdb-built building the new rpmdb: librpm crashed on it (signal 9)
		parent staging
		parent ready
		parent commit-exchanged
		parent state-set
	WHO
	# and on the way back
	for at in commit-exchanged directory-mtime; do
		pb "${APPLY[@]}"
		assert_exit 0
		PUTBACK_FAILPOINT=$at=memory within "$mib" undo --yes
		assert_exit 137
		[ "$(kills)" = 1 ]
		pb recover --yes
		assert_exit 0
		whole "undo at $at"
		is_old || pb undo --yes
		assert_exit 0
		is_old
	done
}
