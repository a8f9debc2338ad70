#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# After a rollback the root's own dnf goes on, as if it had taken the root back itself.

setup() {
	load lib
	lab dnf plain other config
	createrepo_c -q "$V1"
	createrepo_c -q "$V2"
	DB=$R/var/lib/dnf/history.sqlite
}

# dnf's own words about a root, without what differs between any two transactions.
says() { dnfr "$@" && cat "$TMP/dnf.log"; }
info() { # ROOT: the last entry's packages and state, sorted
	says "$1" "$V1" history info last | sed -n '/^Return-Code/p; /^Packages Altered/,$p' | sed 's/ \+@[^ ]*$//; s/  */ /g' | sort
}
reasons() { says "$1" "$V1" repoquery --userinstalled | sort; }
installed() { rpmr "$1" -qa --qf '%{NAME}-%{EVR}.%{ARCH}\n' | sort; }

alike() { # COMMAND [ARG...]: it says the same of both roots; one after the other, for they share a log
	"$1" "$DNFS" "${@:2}" > "$TMP/by-dnf"
	"$1" "$R" "${@:2}" > "$TMP/ours"
	diff "$TMP/by-dnf" "$TMP/ours"
}

entries_of_ours() { # of a copy: sqlite3 would tidy up
	rm -rf "$TMP/copy"
	cp -a "${DB%/*}" "$TMP/copy"
	sqlite3 "$TMP/copy/history.sqlite" "select count(*) from trans where cmdline like 'putback%'"
}

# The same root taken back by dnf.
by_dnf() {
	DNFS=$TMP/dnfs
	cp -a "$R" "$DNFS"
	dnfr "$DNFS" "$V1" history undo last
}

@test "dnf finds the rollback in its history, and all that it would have written itself" {
	by_dnf
	entries=$(sqlite3 "$DB" 'select count(*) from trans')
	pb apply --undo last --yes
	assert_exit 0
	[ "$(installed "$R")" = "$(installed "$DNFS")" ]
	says "$R" "$V1" check
	says "$R" "$V1" history list
	grep -q 'putback apply --undo' "$TMP/dnf.log"
	[ "$(grep -c '^ *[0-9]' "$TMP/dnf.log")" = $((entries + 1)) ]
	# marks of a database that was altered behind dnf's back
	! grep '^ *[0-9].*[<>]' "$TMP/dnf.log"
	alike info
	alike reasons
	alike says "$V1" list --installed
}

@test "the careful update that follows, and its undo by dnf" {
	by_dnf
	pb apply --undo last --yes
	for root in "$DNFS" "$R"; do
		dnfr "$root" "$V2" upgrade --exclude=plain
		[ "$(installed "$root" | grep -c -- -2-1)" -ge 1 ]
		dnfr "$root" "$V1" history undo last
		says "$root" "$V1" check
	done
	[ "$(installed "$R")" = "$(installed "$DNFS")" ]
	alike info
}

@test "dnf takes the rollback itself back" {
	before=$(installed "$R")
	pb apply --undo last --yes
	dnfr "$R" "$V2" history undo last
	[ "$(installed "$R")" = "$before" ]
}

@test "putback undo takes the entry back with all the rest, though dnf has looked" {
	pb apply --undo last --yes
	assert_exit 0
	note
	says "$R" "$V1" history list
	pb undo --yes
	assert_exit 0
	[ "$(entries_of_ours)" = 0 ]
	pb redo --yes
	assert_exit 0
	[ "$(entries_of_ours)" = 1 ]
}

# SQLite's log, beside the history: a dnf that ends leaves an empty one, one that is killed all that it had written, and
# whoever closes the database as he should takes it away.
there_and_back() { # LOOK [redo]: what looks at the history after each step
	echo "$*"
	settle
	pb apply --undo last --yes
	assert_exit 0
	for turn in 1 2; do
		"$1"
		note
		pb undo --yes
		assert_exit 0
		[ -z "$stderr" ]
		[ "$(entries_of_ours)" = 0 ]
		[ "$turn" = 1 ] || break
		[ "$2" != redo ] || "$1"
		pb redo --yes
		assert_exit 0
		[ -z "$stderr" ]
		[ "$(entries_of_ours)" = 1 ]
	done
	[ "$(sqlite3 "$DB" 'select cmdline from trans order by id desc limit 1')" = "$LAST" ]
}
dnf_looks() { says "$R" "$V1" history list; }
sqlite_looks() { sqlite3 "$DB" 'select count(*) from trans' > "$TMP/sqlite.out"; [ ! -e "$DB-wal" ]; }
nobody_looks() { :; }

@test "its log: empty, and left, made or taken away by whoever looks" {
	LAST=$(sqlite3 "$DB" 'select cmdline from trans order by id desc limit 1')
	cp -a "$R" "$TMP/start"
	for had in log none; do
		for look in dnf_looks sqlite_looks nobody_looks; do
			rm -rf "$R"
			cp -a "$TMP/start" "$R"
			rm -f "$DB-wal" "$DB-shm"
			[ "$had" = none ] || : > "$DB-wal"
			there_and_back "$look" redo
		done
	done
}

@test "its log: full, of a dnf that was killed" {
	LAST='from the log'
	cp -a "$R" "$TMP/start"
	for look in dnf_looks sqlite_looks nobody_looks; do
		rm -rf "$R"
		cp -a "$TMP/start" "$R"
		change_in_wal "$DB" "update trans set cmdline='$LAST' where id=(select max(id) from trans)"
		[ -s "$DB-wal" ]
		# who looked after an undo has written it into the database, which is a change
		there_and_back "$look"
	done
}

@test "its log: what was written into it since is in the way of an undo" {
	cp -a "$R" "$TMP/start"
	for had in log none; do
		rm -rf "$R"
		cp -a "$TMP/start" "$R"
		[ "$had" = log ] || sqlite_looks
		pb apply --undo last --yes
		assert_exit 0
		cp "$DB" "$TMP/since"
		change_in_wal "$TMP/since" "update trans set cmdline='since' where id=1"
		cat "$TMP/since-wal" > "$DB-wal"
		"$ORACLES/tree" snapshot "${DB%/*}" "$TMP/since.before"
		pb undo --yes
		assert_exit 5
		assert_stderr '1 thing has changed' "history.sqlite-wal' "
		same tree "$TMP/since.before" "${DB%/*}" --untouched
		# none of it comes into the database of before
		pb undo --yes --force
		assert_exit 7
		assert_says "history.sqlite-wal'"
		[ "$(entries_of_ours)" = 0 ]
		[ "$(sqlite3 "$DB" "select count(*) from trans where cmdline='since'")" = 0 ]
	done
}

@test "its log: taken away after an undo, it tells nothing of a transaction whose journal is lost" {
	change_in_wal "$DB" "update trans set cmdline='from the log' where id=(select max(id) from trans)"
	settle
	pb apply --undo last --yes
	assert_exit 0
	pb undo --yes
	assert_exit 0
	[ -s "$DB-wal" ]
	sqlite_looks
	rm "$R"/.putback/journal.sqlite*
	pb survey
	refute_says 'MIDDLE'
	pb recover --salvage
	refute_says 'MIDDLE'
	assert_says 'taken back'
}

killed_at() { # PLACE ARG...
	PUTBACK_FAILPOINT=$1 pb "${@:2}" --yes
	[ "$status" = 137 ]
}

@test "its log: killed while it goes, or comes back in the place of an empty one, and recovered forward and back" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	change_in_wal "$DB" "update trans set cmdline='from the log' where id=(select max(id) from trans)"
	settle
	for n in 1 2 3 99; do
		killed_at commit-moved:$n apply --undo last || break
		pb recover --yes
		assert_exit 0
		[ "$(entries_of_ours)" = 1 ]
		[ ! -s "$DB-wal" ]
		pb undo --yes
		assert_exit 0
		assert_undone
		killed_at commit-moved:$n apply --undo last
		pb recover --back --yes
		assert_exit 0
		assert_undone
	done
	[ "$n" = 99 ] # there are fewer; of this one nothing was killed
	pb undo --yes
	for place in commit-aside commit-moved:1 commit-moved:2; do
		for way in '' --back; do
			pb apply --undo last --yes
			assert_exit 0
			: > "$DB-wal" # dnf has looked
			killed_at "$place" undo
			# shellcheck disable=SC2086
			pb recover $way --yes
			assert_exit 0 7
			if [ -n "$way" ]; then
				[ "$(entries_of_ours)" = 1 ]
				[ ! -s "$DB-wal" ]
				pb undo --yes
				assert_exit 0
			fi
			assert_undone
		done
	done
	[ "$(sqlite3 "$DB" 'select cmdline from trans order by id desc limit 1')" = 'from the log' ]
}

@test "two rollbacks are two entries, and are taken back one by one" {
	pb apply plain-1-1 --yes
	pb apply other-1-1 --yes
	[ "$(entries_of_ours)" = 2 ]
	for n in 1 0; do
		pb undo --yes
		assert_exit 0
		[ "$(entries_of_ours)" = $n ]
	done
}

@test "an entry that dnf made since stands in the way of undo" {
	pb apply --undo last --yes
	dnfr "$R" "$V1" mark remove plain
	pb undo --yes
	assert_exit 5
	assert_stderr history.sqlite
}

@test "the rollback is not the last entry for putback, and is not told twice" {
	pb apply --undo last --yes
	pb history --json
	assert_jq '[.entries[].origin] | all(. == "dnf4")' '.entries[-1].command | startswith("putback apply")'
	pb history last --json
	assert_jq '.entries[0].command | startswith("putback") | not'
}

@test "reasons and repositories are those of before" {
	dnfr "$R" "$V1" mark remove other
	pb apply other-1-1 plain-1-1 --yes
	assert_exit 0
	[ "$(sqlite3 "$DB" "select group_concat(reason) from (select ti.reason from trans_item ti join rpm using(item_id) where trans_id = (select max(id) from trans) and version = '1' order by name)")" = 1,2 ]
	says "$R" "$V1" list --installed other plain
	[ "$(grep -c '@lab' "$TMP/dnf.log")" = 2 ]
}

@test "a history that cannot be written is named in the plan, and stays as it is" {
	sqlite3 "$DB" "update config set value = '7.3' where key = 'version'"
	sha256sum "$DB" > "$TMP/sum"
	pb plan plain-1-1
	assert_exit 0
	assert_says 'cannot be noted' 'dnf 4' 7.3
	pb apply plain-1-1 --yes
	assert_exit 0
	sha256sum -c "$TMP/sum"
}

@test "the report says what the next update is to leave out" {
	pb apply --undo last --yes
	assert_exit 0
	assert_says '!plain-0:2-1.*'
	line=$(sed -n 's/^ *excludepkgs=/excludepkgs=/p' <<< "$output")
	[ "$line" = excludepkgs=config-2-1.noarch,other-2-1.noarch,plain-2-1.noarch ]
	state=$(installed "$R")
	dnfr "$R" "$V2" --setopt "$line" upgrade
	[ "$(installed "$R")" = "$state" ]
	dnfr "$R" "$V2" upgrade
	[ "$(installed "$R")" != "$state" ]
}

@test "the same for a program, and later on" {
	pb apply plain-1-1 --yes --json
	assert_jq '.hold.excludepkgs == "plain-2-1.noarch"' '.hold.versionlock == ["!plain-0:2-1.*"]' '.hold.zypper == ["plain = 2-1"]'
	pb log 1
	assert_says '    excludepkgs=plain-2-1.noarch' '    !plain-0:2-1.*'
	pb log 1 --json
	assert_jq '.transactions[0].hold.excludepkgs == "plain-2-1.noarch"'
	pb undo --yes
	pb log 1
	refute_says excludepkgs # nothing is left out any more
	pb redo --yes
	assert_says '    excludepkgs=plain-2-1.noarch'
}

@test "the same in the words of yum and of zypper" {
	rm -r "$R/etc/dnf"
	mkdir -p "$R/etc/zypp"
	pb apply plain-1-1 --yes
	assert_says "    zypper addlock 'plain = 2-1'"
	refute_says excludepkgs versionlock
	rmdir "$R/etc/zypp"
	: > "$R/etc/yum.conf"
	pb log 1
	assert_says '    exclude=plain-2-1.noarch'
	refute_says excludepkgs versionlock zypper
}

@test "a name that would end a quotation is no more than a name" {
	lab quote
	mkdir -p "$R/etc/zypp"
	pb apply "it's-1-1" --yes
	assert_exit 0
	[ "$(sh -c "zypper() { printf '%s.' \"\$@\"; }; $(grep 'zypper addlock' <<< "$output")")" = "addlock.it's = 2-1." ]
}

@test "more than a screen holds are said where they can be asked for" {
	lab crowd
	pb apply 'crowd-*' --yes
	assert_exit 0
	assert_says 'the 21 versions that the next update should leave out' 'log 1'
	refute_says excludepkgs
	pb log 1
	assert_says 'excludepkgs=crowd-01-2-1.noarch,crowd-02-2-1.noarch,' '!crowd-21-0:2-1.*'
}

@test "killed, or failing, when the new history is staged: dropped, and it can be done again" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	PUTBACK_FAILPOINT=others-staged pb apply --undo last --yes
	assert_exit 137
	pb recover --yes
	assert_exit 0
	assert_root_as_it_was
	PUTBACK_FAILPOINT=others-staged=EIO pb apply --undo last --yes
	assert_exit 1
	assert_stderr 'Input/output error' 'the root is as it was'
	assert_root_as_it_was
	[ ! -e "$R/.putback" ]
	pb apply --undo last --yes
	assert_exit 0
}

@test "a history as dnf 4.24 keeps it is read and written, too" {
	# what its libdnf does to one of an earlier version (transaction/sql/migrate_tables_1_3.sql)
	[ "$(sqlite3 "$DB" "SELECT value FROM config WHERE key = 'version'")" = 1.3 ] ||
		sqlite3 "$DB" "ALTER TABLE trans ADD persistence INTEGER DEFAULT 0; UPDATE config SET value = '1.3' WHERE key = 'version'"
	settle
	pb history
	assert_exit 0
	assert_says 'dnf' 'upgrade'
	[ -z "$stderr" ]
	pb apply --undo last --yes
	assert_exit 0
	cp -a "${DB%/*}" "$TMP/copy"
	[ "$(sqlite3 "$TMP/copy/history.sqlite" "select count(*) from trans where cmdline like 'putback%' and persistence = 1")" = 1 ]
	pb undo --yes
	assert_exit 0
	assert_undone
}
