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

# How many places a whole apply passes: the last one at which it can be killed.
count_places() {
	local low=1 high=1024 middle
	while [ $((high - low)) -gt 1 ]; do
		middle=$(((low + high) / 2))
		again "$TMP/start"
		PUTBACK_FAILPOINT="*:$middle=kill" pb "${APPLY[@]}"
		if [ "$status" = 0 ]; then high=$middle; else low=$middle; fi
	done
	PLACES=$low
	[ "$PLACES" -gt 20 ] || tell "only $PLACES places"
}

# Calls `check N` after each apply, from a fresh copy of the root, that met one of WHAT at its N-th place.
at_each_place() { # WHAT...
	local n what=("$@")
	count_places
	for ((n = 1; n <= PLACES; n += 1 + n / 40)); do
		again "$TMP/start"
		PUTBACK_FAILPOINT="*:$n=${what[n % $#]}" pb "${APPLY[@]}"
		check "$n"
	done
}

was_done() { [ "$(sqlite3 "file:$R/.putback/journal.sqlite?mode=ro&immutable=1" 'select count(*) from transactions join states on code = state where name = "done"')" = 1 ]; }

@test "apply killed at every place, then recover" {
	check() { [ "$status" = 137 ]; pb recover --yes; assert_exit 0; whole "place $1"; }
	at_each_place kill
}

@test "apply killed at every place, then recover --back: old, unless it was done already" {
	check() {
		[ "$status" = 137 ]
		was_done && finished=1 || finished=0
		pb recover --back --yes
		assert_exit 0
		if [ $finished = 1 ]; then is_new; else is_old; fi || tell "place $1, done: $finished" "$(head "$TMP/old.diff")"
	}
	at_each_place kill
}

@test "apply gets an error at every place: the root as it was, wholly new, or recover mends it" {
	check() {
		case $status in
		0 | 7) is_new || tell "place $1: $(head "$TMP/new.diff")" ;;
		10) assert_stderr recover; pb recover --yes; assert_exit 0; whole "place $1" ;;
		*) assert_exit 1 5; is_old || tell "place $1: $(head "$TMP/old.diff")" ;;
		esac
		pb plan plain-1-1 # nothing stands in the way
		assert_exit 0
	}
	at_each_place ENOSPC EIO EROFS
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
