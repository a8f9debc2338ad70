#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Killed at any moment, recover ends in wholly old or wholly new. Each round begins and ends with the
# old root, so that one root does for all.

setup() {
	load lib
	lab bulk hardlinks config
	WHAT=(bulk-1-1 hardlinks-1-1 config-1-1)
	took apply "${WHAT[@]}" --yes # the moments are spread over what a whole apply takes
	APPLY=$TOOK
	took undo --yes
	UNDO=$TOOK
}

took() { # ARG...: microseconds into TOOK
	local start=${EPOCHREALTIME/./}
	pb "$@"
	assert_exit 0
	TOOK=$((${EPOCHREALTIME/./} - start))
}

# N moments spread over what a command takes; and, where the build has such places, two that are in the middle of its
# exchanges, however fast the machine is.
moments() { # N MICROSECONDS
	local at
	for at in $(seq "$1"); do echo $(($2 * at / ($1 + 1))); done
	[ -z "${PUTBACK_FAILPOINTS-}" ] || printf '%s\n' commit-moved:20 commit-exchanged:800
}

kill_at() { # MOMENT ARG...
	local moment=$1 s state=committing
	shift
	if [[ $moment = *:* ]]; then
		[ "$1" != undo ] || state=undoing
		PUTBACK_FAILPOINT=$moment=kill pb "$@"
		assert_exit 137
		pb log --json
		assert_jq "any(.transactions[]; .state == \"$state\")"
	else
		printf -v s '%d.%06d' $((moment / 1000000)) $((moment % 1000000))
		run timeout -s KILL "$s" "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < /dev/null
	fi
}

is_old() { "$ORACLES/tree" compare "$TMP/before" "$R" --inodes "${OURS[@]}" > "$TMP/old.diff"; }
is_new() {
	"$ORACLES/tree" compare "$ORACLE" "$R" --no-dir-mtime "${VOLATILE[@]}" > "$TMP/new.diff" &&
		"$ORACLES/rpmdb" compare "$ORACLE" "$R" >> "$TMP/new.diff"
}

whole() { # WHEN: old or new; and old again afterwards
	if is_old; then
		echo "$1: old" >> "$TMP/ends"
	elif is_new; then
		echo "$1: new" >> "$TMP/ends"
		pb undo --yes
		assert_exit 0
		is_old || tell "$1: new, but undo does not bring back the old" "$(head -n 20 "$TMP/old.diff")"
	else
		tell "$1: neither old nor new" "$(head -n 20 "$TMP/old.diff" "$TMP/new.diff")"
	fi
}

@test "apply killed at nine moments, then recover" {
	local moment
	for moment in $(moments 9 "$APPLY"); do
		kill_at "$moment" apply "${WHAT[@]}" --yes
		pb recover --yes
		assert_exit 0
		whole "apply at $moment"
	done
	pb plan bulk-1-1 # nothing stands in the way
	assert_exit 0
}

@test "apply killed at nine moments, then recover --back: old, unless it was done" {
	local moment
	for moment in $(moments 9 "$APPLY"); do
		kill_at "$moment" apply "${WHAT[@]}" --yes
		pb log --json
		done=$(jq '[.transactions[] | select(.state == "done")] | length' <<< "$output")
		pb recover --back --yes
		assert_exit 0
		if [ "$done" = 0 ]; then
			is_old || tell "at $moment" "$(head -n 20 "$TMP/old.diff")"
		else
			whole "at $moment"
		fi
	done
}

@test "undo killed at nine moments, then recover" {
	local moment
	for moment in $(moments 9 "$UNDO"); do
		pb apply "${WHAT[@]}" --yes
		assert_exit 0
		kill_at "$moment" undo --yes
		pb recover --yes
		assert_exit 0
		whole "undo at $moment"
	done
}

@test "redo killed at six moments, then recover" {
	local moment
	for moment in $(moments 6 "$UNDO"); do
		kill_at "$moment" redo --yes
		pb recover --yes
		assert_exit 0
		whole "redo at $moment"
	done
}

@test "an unfinished transaction stands in the way of everything but recover, log and looking" {
	local moment command
	for moment in $(moments 60 "$APPLY" | tac); do
		kill_at "$moment" apply "${WHAT[@]}" --yes
		pb forget 4711 --yes
		[ "$status" != 6 ] || break
		pb recover --back --yes
		pb undo --yes
	done
	[ "$status" = 6 ] || skip 'no kill hit the moment between'
	assert_stderr recover
	for command in undo redo 'forget 1' 'apply bulk-1-1'; do
		# shellcheck disable=SC2086
		pb $command --yes
		assert_exit 6
	done
	note
	pb log
	assert_exit 0
	pb survey
	assert_exit 0
	assert_says UNFINISHED recover
	pb plan hardlinks-1-1
	assert_says recover
	same tree "$TMP/before" "$R" --inodes
	pb recover --back --yes
	assert_exit 0
}

@test "recover needs no packages, no keys and no rpm" {
	kill_at "$(moments 9 "$APPLY" | tail -n 1)" apply "${WHAT[@]}" --yes
	rm -rf "$V1" "$V2"
	run env -i PATH=/nonexistent HOME=/nonexistent "$PUTBACK" --root "$R" recover --yes
	assert_exit 0
	whole 'without anything'
}
