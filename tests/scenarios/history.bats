#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What happened to the root, from dnf's history or from what rpm recorded.

setup() { load lib; lab dnf plain other; DB=$(cd "$R" && find . -name history.sqlite); DB=$R/$DB; settle; }

@test "entries, newest told apart, and one entry's packages" {
	pb history
	assert_exit 0
	assert_says upgrade install
	pb history --json
	last=$(jq '.entries | max_by(.id) | .id' <<< "$output")
	pb history "$last"
	assert_exit 0
	assert_says plain-2-1 plain-1-1 other-2-1
	assert_root_untouched
}

@test "an unknown entry" {
	pb history 4711
	assert_exit 2
	assert_stderr 4711
	pb plan --undo 4711
	assert_exit 2
	assert_stderr 4711
}

@test "the newest entries stand in the -wal only" {
	change_in_wal "$DB" "update trans set cmdline='from the wal' where id=(select max(id) from trans)"
	settle
	pb history
	assert_exit 0
	assert_says 'from the wal'
	assert_root_untouched
}

@test "a damaged history database" {
	head -c 3000 "$DB" > "$TMP/cut"
	cat "$TMP/cut" > "$DB"
	rm -f "$DB-wal" "$DB-shm"
	settle
	pb history
	assert_exit 7
	assert_stderr history.sqlite
	# what stands in for it is said to do so
	pb plan --undo last
	assert_exit 0
	assert_says "dnf's history" history.sqlite damaged
	pb plan plain-1-1 # needs no history
	assert_exit 0
	assert_root_untouched
}

@test "garbage in the place of the history database" {
	head -c 100000 /dev/urandom > "$DB"
	rm -f "$DB-wal" "$DB-shm"
	pb history
	assert_exit 7
	assert_stderr history.sqlite
}

@test "a history database of another version" {
	sqlite3 "$DB" "update config set value='7.3' where key='version'"
	settle
	pb history
	assert_exit 7
	assert_stderr history.sqlite version 7.3
	pb plan --undo last
	assert_exit 0
	assert_says "version '7.3'"
	assert_root_untouched
}

@test "a history database that lacks a table" {
	sqlite3 "$DB" 'drop table trans_item'
	settle
	pb plan --undo last
	assert_exit 0
	assert_says history.sqlite trans_item
	assert_root_untouched
}

@test "where the database is gone, dnf's log says what went as well" {
	pb history --json
	[[ $(jq -r '.entries[-1].entry' <<< "$output") =~ ^[0-9]+$ ]]
	pb history last --json
	jq -r '.entries[0].items[] | .action + " " + .package' <<< "$output" | sort > "$TMP/kept"
	rm -f "$DB"*
	pb history last --json
	assert_jq '.entries[0] | .origin == "dnf4-log" and .complete and (.entry | startswith("dnf4-log:"))'
	jq -r '.entries[0].items[] | .action + " " + .package' <<< "$output" | sort > "$TMP/logged"
	diff "$TMP/kept" "$TMP/logged"
	pb plan --undo "$(jq -r '.entries[0].entry' <<< "$output")"
	assert_exit 0
	assert_says plain.noarch "2 to downgrade"
}

@test "what came by hand is an entry beside those of dnf" {
	pb history --json
	n=$(jq '.entries | length' <<< "$output")
	assert_jq '[.entries[].origin] | all(. == "dnf4")'
	# one that dnf did not bring: what came a minute ago by the same name would be the same
	rpmr "$R" -i --nodeps "$(package dirs 1)"
	pb history --json
	assert_jq ".entries | length == $n + 1" '.entries[-1] | .origin == "rpm" and .came == 1'
}

@test "without a history database rpm's own record is grouped" {
	rm -f "$DB"* "$R"/var/log/dnf*
	settle
	pb history
	assert_exit 0
	assert_says rpm
	pb history --json
	assert_jq '.entries | length >= 2' '[.entries[].origin] | all(. == "rpm")'
	assert_root_untouched
}

@test "the last entry of a killed dnf is shown as unfinished" {
	sqlite3 "$DB" 'update trans set dt_end=null, state=0 where id=(select max(id) from trans)'
	pb history
	assert_exit 0
	assert_says unfinished
}
