#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Several entries of the history at once: --undo N..M and --back-to. What the entries come to is tried
# in tests/fixtures/select/back, and against dnf in tests/oracle-history/chains.

setup() {
	load lib
	lab dnf plain other
	DB=$R/$(cd "$R" && find . -name history.sqlite)
	LAST=$(sqlite3 "$DB" 'select max(id) from trans') # the upgrade; what is before it installed
	BEFORE=$((LAST - 1))
	settle
}

@test "back to an entry: all that are later" {
	pb plan --back-to "$BEFORE"
	assert_exit 0
	assert_says "back to entry $BEFORE: undo of entry $LAST: dnf" plain.noarch other.noarch
	pb apply --yes --back-to "$BEFORE"
	assert_exit 0
	assert_put_back
}

@test "back to the last entry: nothing to do" {
	pb plan --back-to "$LAST" --exit-code
	assert_exit 0
	assert_says "back to entry $LAST" 'othing to do'
}

@test "back to a time" {
	# as they are: the rpmdb has the times of these entries, too
	begin=$(sqlite3 "$DB" "select dt_begin from trans where id = $LAST")
	[ "$(sqlite3 "$DB" "select dt_begin from trans where id = $BEFORE")" -lt "$begin" ]
	just=$((begin - 1))
	settle
	for date in "@$just" "$(date -u -d "@$just" '+%F %T')" "$(date -u -d "@$just" '+%FT%TZ')" \
		"$(date -u -d "@$((just + 3600))" '+%FT%T+01:00')"; do
		pb plan --back-to "$date"
		assert_exit 0
		assert_says "back to $(date -u -d "@$just" +%F)" "UTC: undo of entry $LAST" plain.noarch
	done
	pb plan --back-to "$(date -u -d "@$begin" '+%F %T')"
	assert_exit 0
	assert_says 'othing to do'
	# in the zone of who asks
	TZ=XYZ-2 pb plan --back-to "$(TZ=XYZ-2 date -d "@$just" '+%F %T')"
	assert_exit 0
	assert_says "XYZ: undo of entry $LAST"
	assert_root_untouched
}

@test "back to before the history begins" {
	pb plan --back-to 2001-01-01
	assert_exit 2
	assert_stderr 'begins after that time' '--undo 1..last'
	assert_root_untouched
}

@test "what is no time and no entry" {
	for word in soon 2026-02-30 '2026-11-01 14:00 CET' 7..8 last; do
		pb plan --back-to "$word"
		assert_exit 2
		assert_stderr "$word" 2026-11-01
	done
	pb plan --back-to 4711
	assert_exit 2
	assert_stderr 'no entry 4711'
	pb plan --undo 1..4711
	assert_exit 2
	assert_stderr 'no entry 4711'
}

@test "a run of entries" {
	pb plan --undo "$LAST..last"
	assert_exit 0
	assert_says "undo of entry $LAST" plain.noarch
	pb plan --json --undo "1..$LAST"
	[ "$(jq -r '.title' <<< "$output")" = "undo of entries 1 to $LAST" ]
	[ "$(jq -r '[.changes[].kind] | unique | join(" ")' <<< "$output")" = remove ]
	assert_root_untouched
}

@test "a saved plan holds the very entries and the very time" {
	pb plan -o "$TMP/plan" --undo last..last
	assert_exit 0
	[ "$(sqlite3 "$TMP/plan" "select count(*) from meta where cast(value as text) = '--undo=$LAST'")" = 1 ]
	pb plan -o "$TMP/plan2" --back-to "$BEFORE"
	pb apply --yes "$TMP/plan2"
	assert_exit 0
	assert_put_back
}
