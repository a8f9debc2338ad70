#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Killed at any moment, recover ends in wholly old or wholly new.

setup() {
	load lib
	lab bulk hardlinks config
	# the moments are spread over what a whole apply takes
	cp -a "$R" "$TMP/start"
	start=${EPOCHREALTIME/./}
	pb apply bulk-1-1 hardlinks-1-1 config-1-1 --yes
	assert_exit 0
	took=$((${EPOCHREALTIME/./} - start))
	"$ORACLES/tree" snapshot "$R" "$TMP/new"
	cp -a "$R" "$TMP/done"
}

again() { rm -rf "$R"; cp -a "$1" "$R"; "$ORACLES/tree" snapshot "$R" "$TMP/before"; }

kill_after() { # MICROSECONDS ARG...
	local s
	printf -v s '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000))
	shift
	run timeout -s KILL "$s" "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < /dev/null
}

is_old() { "$ORACLES/tree" compare "$TMP/before" "$R" --inodes "${OURS[@]}" > "$TMP/old.diff"; }
is_new() {
	"$ORACLES/tree" compare "$ORACLE" "$R" --no-dir-mtime "${VOLATILE[@]}" > "$TMP/new.diff" &&
		"$ORACLES/rpmdb" compare "$ORACLE" "$R" >> "$TMP/new.diff"
}

whole() { # WHAT
	is_old && { echo "$1: old" >> "$TMP/ends"; return; }
	is_new && { echo "$1: new" >> "$TMP/ends"; return; }
	head -n 20 "$TMP/old.diff" "$TMP/new.diff"
	echo "$1: neither old nor new"
	return 1
}

@test "apply killed at ten moments, then recover" {
	for i in $(seq 1 10); do
		again "$TMP/start"
		kill_after $((took * i / 11)) apply bulk-1-1 hardlinks-1-1 config-1-1 --yes
		pb recover --yes
		assert_exit 0
		whole "apply at $i"
		pb plan bulk-1-1 # nothing stands in the way
		assert_exit 0
	done
	cat "$TMP/ends"
}

@test "apply killed at ten moments, then recover --back: always old" {
	for i in $(seq 1 10); do
		again "$TMP/start"
		kill_after $((took * i / 11)) apply bulk-1-1 hardlinks-1-1 config-1-1 --yes
		finished=$status
		pb recover --back --yes
		assert_exit 0
		[ "$finished" = 0 ] || is_old || is_new || tell "$(head "$TMP/old.diff")"
	done
}

@test "undo killed at ten moments, then recover" {
	again "$TMP/start"
	pb apply bulk-1-1 hardlinks-1-1 config-1-1 --yes
	start=${EPOCHREALTIME/./}
	pb undo --yes
	assert_exit 0
	took=$((${EPOCHREALTIME/./} - start))
	for i in $(seq 1 10); do
		again "$TMP/start"
		pb apply bulk-1-1 hardlinks-1-1 config-1-1 --yes
		assert_exit 0
		kill_after $((took * i / 10)) undo --yes
		pb recover --yes
		assert_exit 0
		whole "undo at $i"
	done
	cat "$TMP/ends"
}

@test "an unfinished transaction stands in the way of everything but recover, log and looking" {
	for i in $(seq 1 60); do
		again "$TMP/start"
		kill_after $((took * i / 61)) apply bulk-1-1 hardlinks-1-1 config-1-1 --yes
		pb apply bulk-1-1 --yes
		[ "$status" != 6 ] || break
	done
	[ "$status" = 6 ] || skip 'no kill hit the moment between'
	assert_stderr recover
	for command in undo redo 'forget 1'; do
		# shellcheck disable=SC2086
		pb $command --yes
		assert_exit 6
	done
	settle
	pb log
	assert_exit 0
	pb survey
	assert_exit 0
	assert_says unfinished recover
	pb plan hardlinks-1-1
	assert_says recover
	assert_root_untouched
	pb recover --back --yes
	assert_exit 0
}

@test "recover needs no packages, no keys and no rpm" {
	again "$TMP/start"
	kill_after $((took * 9 / 10)) apply bulk-1-1 hardlinks-1-1 config-1-1 --yes
	rm -rf "$V1" "$V2"
	run env -i PATH=/nonexistent HOME=/nonexistent "$PUTBACK" --root "$R" recover --yes
	assert_exit 0
	whole 'without anything'
}

@test "Ctrl-C while staging: the root as it was, nothing left" {
	lab heavy
	"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply heavy-1-1 --yes > "$TMP/out" 2>&1 < /dev/null 3>&- &
	pid=$!
	until [ -e "$R/.putback" ] || ! kill -0 $pid 2> "$TMP/err"; do :; done
	kill -INT $pid
	rc=0
	wait $pid || rc=$?
	if [ $rc = 0 ]; then skip 'it was faster'; fi
	[ $rc = 1 ] || { cat "$TMP/out"; false; }
	grep -q interrupted "$TMP/out"
	assert_root_as_it_was
}
