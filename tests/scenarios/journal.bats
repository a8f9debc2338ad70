#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A journal found in a root is input like any other.

setup() { load lib; lab plain; victim=$TMP/victim; mkdir "$victim"; echo precious > "$victim/file"; }

nothing_happened() { # EXIT TEXT...
	local code=$1
	shift
	settle
	"$ORACLES/tree" snapshot "$victim" "$TMP/victim.before"
	for command in log 'undo --yes' 'redo --yes' 'recover --yes' 'apply plain-1-1 --yes' 'forget 1 --yes'; do
		# shellcheck disable=SC2086
		pb $command
		[ "$status" = "$code" ] || tell "$command: exit $status, wanted $code"
		assert_stderr "$@"
	done
	same tree "$TMP/before" "$R" --inodes
	same tree "$TMP/before" "$R" --untouched "${OURS[@]}"
	same tree "$TMP/victim.before" "$victim" --inodes
}

@test "from a newer version: said so, nothing touched" {
	pb apply plain-1-1 --yes
	sqlite3 "$R/.putback/journal.sqlite" 'pragma user_version=4711' > "$TMP/out"
	nothing_happened 1 journal version
	pb plan plain-1-1
	same tree "$TMP/before" "$R" --inodes
}

@test "of version 1: read without a change of it, and taken over by what writes" {
	local j=$R/.putback/journal.sqlite
	pb apply plain-1-1 --yes
	"$ORACLES/tree" snapshot "$R" "$TMP/after"
	sqlite3 "$j" 'alter table ops drop column strips; pragma user_version=1' > "$TMP/out" 2>&1 || skip 'an SQLite without DROP COLUMN'
	cp "$j" "$TMP/journal"
	pb log 1 --json
	assert_exit 0
	assert_jq '.transactions[0] | .state == "done" and .ops > 3'
	pb survey
	assert_exit 0
	cmp "$j" "$TMP/journal"
	pb undo --yes
	assert_exit 0
	assert_undone
	[ "$(sqlite3 "$j" 'pragma user_version')" = 2 ]
	pb redo --yes
	assert_exit 0
	same tree "$TMP/after" "$R" --inodes "${OURS[@]}"
	# whose tables are not those of version 1
	for sql in 'alter table ops add column more' 'create table more(x)' 'alter table ops drop column reason'; do
		cp "$TMP/journal" "$TMP/odd"
		sqlite3 "$TMP/odd" "$sql"
		cat "$TMP/odd" > "$j"
		pb log
		assert_exit 1
		assert_stderr 'the journal is damaged'
	done
	pb forget 1 --yes
	assert_exit 1
	cmp "$j" "$TMP/odd"
}

@test "garbage" {
	pb apply plain-1-1 --yes
	head -c 50000 /dev/urandom > "$R/.putback/journal.sqlite"
	nothing_happened 1 journal
}

@test "cut short" {
	pb apply plain-1-1 --yes
	truncate -s 5000 "$R/.putback/journal.sqlite"
	nothing_happened 1 journal
}

@test ".putback is a link to elsewhere" { ln -s "$victim" "$R/.putback"; nothing_happened 1 .putback; }
@test ".putback is a file" { echo x > "$R/.putback"; nothing_happened 1 .putback; }
@test ".putback is someone else's" { mkdir "$R/.putback"; chown 1000 "$R/.putback"; nothing_happened 1 .putback; }
@test ".putback is open to all" { mkdir -m 777 "$R/.putback"; nothing_happened 1 .putback; }

@test "the journal is a link" {
	pb apply plain-1-1 --yes
	mv "$R/.putback/journal.sqlite" "$victim/j"
	ln -s "$victim/j" "$R/.putback/journal.sqlite"
	nothing_happened 1 journal
}

@test "the journal has a second name" {
	pb apply plain-1-1 --yes
	ln "$R/.putback/journal.sqlite" "$victim/j"
	nothing_happened 1 journal
}

@test "a forged path that climbs out of the root" {
	pb apply plain-1-1 --yes
	j=$R/.putback/journal.sqlite
	table=$(sqlite3 "$j" "select name from sqlite_master where type='table' and sql like '%path%' and name like '%op%'" | head -1)
	[ -n "$table" ]
	sqlite3 "$j" "update $table set path=cast('../../../../../../../../../../$victim/file' as blob) where path=(select min(path) from $table)"
	"$ORACLES/tree" snapshot "$victim" "$TMP/victim.before"
	pb undo --yes
	assert_exit 1 5
	pb undo --yes --force
	same tree "$TMP/victim.before" "$victim" --inodes
}

@test "a directory with the highest number that there is: named, and work goes on once it is away" {
	pb apply plain-1-1 --yes
	assert_exit 0
	mkdir -m 700 "$R/.putback/999999999999999"
	pb undo --yes
	assert_exit 0
	"$ORACLES/tree" snapshot "$R" "$TMP/now"
	pb apply plain-1-1 --yes
	assert_exit 5
	assert_stderr 999999999999999 'remove it'
	same tree "$TMP/now" "$R" --inodes "${OURS[@]}"
	rmdir "$R/.putback/999999999999999"
	pb apply plain-1-1 --yes
	assert_exit 0
}

@test "a trigger planted in the journal does not fire" {
	pb apply plain-1-1 --yes
	j=$R/.putback/journal.sqlite
	sqlite3 "$j" 'create table planted(x)'
	for t in $(sqlite3 "$j" "select name from sqlite_master where type='table' and name not like 'sqlite%' and name != 'planted'"); do
		sqlite3 "$j" "create trigger planted_$t after update on $t begin insert into planted values ('fired'); end"
	done
	pb undo --yes
	[ -z "$(sqlite3 "$j" 'select * from planted')" ]
}

@test "an area or a journal that was opened to others: what recovery needs is not to be moved away" {
	pb apply plain-1-1 --yes
	J=$R/.putback/journal.sqlite
	sqlite3 "$J" "update transactions set state=(select code from states where name='committing')"
	refused() { # MEND: what is told
		pb recover --yes
		assert_exit 1
		assert_stderr "$1" 'not trust'
		pb recover --salvage --yes
		assert_exit 1 5
		assert_says "$1"
	}
	chmod 755 "$R/.putback"
	refused "chmod 0700 '.putback'"
	refute_says 'move it away'
	chmod 0700 "$R/.putback"
	chown 1000 "$R/.putback"
	refused "chown -h root: '.putback'"
	refute_says 'move it away'
	chown root: "$R/.putback"
	chown 1000 "$R/.putback/area"
	refused "chown -h root: '.putback/area'"
	chown root: "$R/.putback/area"
	chown 1000 "$J"
	refused 'chown -h root: .putback/journal.sqlite'
	chown root: "$J"
	pb recover --yes
	assert_exit 0
}
