#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A build with failpoints dies, or gets an error, at each of its marked places in turn.

setup() {
	load lib
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	lab plain config
	cp -a "$R" "$TMP/start"
	APPLY=(apply plain-1-1 config-1-1 --yes)
}

again() { rm -rf "$R"; cp -a "$1" "$R"; "$ORACLES/tree" snapshot "$R" "$TMP/before"; }

is_old() { "$ORACLES/tree" compare "$TMP/before" "$R" --inodes "${OURS[@]}" > "$TMP/old.diff"; }
is_new() {
	"$ORACLES/tree" compare "$ORACLE" "$R" --no-dir-mtime "${VOLATILE[@]}" > "$TMP/new.diff" &&
		"$ORACLES/rpmdb" compare "$ORACLE" "$R" >> "$TMP/new.diff"
}
whole() { is_old || is_new || { head -n 9 "$TMP/old.diff" "$TMP/new.diff"; tell "$1: neither old nor new"; }; }

# Calls `check N` after each run of putback ARG... that a failpoint ended, from a fresh copy of ROOT.
at_each_place() { # ROOT WHAT ARG...
	local n from=$1 what=$2
	shift 2
	for ((n = 1; n < 5000; n += 1 + n / 40)); do
		again "$from"
		PUTBACK_FAILPOINT="*:$n=$what" pb "$@"
		[ "$status" != 0 ] || break
		check "$n"
	done
	[ "$n" -gt 10 ] || tell "only $n places"
}

@test "apply killed at every place, then recover" {
	check() { [ "$status" = 137 ]; pb recover --yes; assert_exit 0; whole "place $1"; }
	at_each_place "$TMP/start" kill "${APPLY[@]}"
}

@test "apply killed at every place, then recover --back" {
	check() { pb recover --back --yes; assert_exit 0; is_old || tell "place $1: $(head "$TMP/old.diff")"; }
	at_each_place "$TMP/start" kill "${APPLY[@]}"
}

@test "apply gets ENOSPC at every place: the root as it was, or wholly new" {
	check() {
		case $status in
		1) is_old || tell "place $1: $(head "$TMP/old.diff")" ;;
		7) is_new || tell "place $1: $(head "$TMP/new.diff")" ;;
		10) pb recover --yes; assert_exit 0; whole "place $1" ;;
		*) tell "place $1" ;;
		esac
	}
	at_each_place "$TMP/start" ENOSPC "${APPLY[@]}"
}

@test "apply gets EIO at every place" {
	check() {
		[[ $status =~ ^(1|7|10)$ ]] || tell "place $1"
		pb recover --yes
		assert_exit 0
		whole "place $1"
	}
	at_each_place "$TMP/start" EIO "${APPLY[@]}"
}

@test "undo killed at every place, then recover" {
	for ((n = 1; n < 5000; n += 1 + n / 40)); do
		again "$TMP/start"
		pb "${APPLY[@]}"
		assert_exit 0
		PUTBACK_FAILPOINT="*:$n=kill" pb undo --yes
		[ "$status" != 0 ] || break
		pb recover --yes
		assert_exit 0
		whole "place $n"
	done
	[ "$n" -gt 10 ]
}

@test "recover killed at every place, then recover again" {
	for place in 30 60 90 120; do
		for ((n = 1; n < 5000; n += 3 + n / 10)); do
			again "$TMP/start"
			PUTBACK_FAILPOINT="*:$place=kill" pb "${APPLY[@]}"
			[ "$status" != 0 ] || break
			PUTBACK_FAILPOINT="*:$n=kill" pb recover --yes
			[ "$status" != 0 ] || break
			pb recover --yes
			assert_exit 0
			whole "apply at $place, recover at $n"
		done
	done
}

@test "a failure in the middle of the commit that cannot be backed out: 10, and recover mends it" {
	for ((n = 1; n < 5000; n++)); do
		again "$TMP/start"
		PUTBACK_FAILPOINT="*:$n=EIO" pb "${APPLY[@]}"
		[ "$status" != 10 ] || break
		[ "$status" != 0 ] || skip 'every failure could be backed out'
	done
	assert_stderr recover
	pb recover --yes
	assert_exit 0
	whole "place $n"
}

@test "forget killed at every place, then forget again" {
	for ((n = 1; n < 500; n += 1 + n / 20)); do
		again "$TMP/start"
		pb "${APPLY[@]}"
		PUTBACK_FAILPOINT="*:$n=kill" pb forget 1 --yes
		[ "$status" != 0 ] || break
		pb recover --yes
		pb forget 1 --yes
		is_new || tell "place $n: $(head "$TMP/new.diff")"
		[ "$(find "$R/.putback" -type f ! -name '*.sqlite*' | wc -l)" = 0 ] || tell "place $n: something is left"
	done
	[ "$n" -gt 1 ]
}
