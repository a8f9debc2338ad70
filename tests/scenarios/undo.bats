#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# undo brings back what was, or says by name why it cannot.

setup() { load lib; lab plain other; }

after_apply() {
	pb apply plain-1-1 other-1-1 --yes
	assert_exit 0
}

refused_for() { # PATH
	"$ORACLES/tree" snapshot "$R" "$TMP/now"
	pb undo --yes
	assert_exit 5
	assert_stderr "$1"
	same tree "$TMP/now" "$R" --inodes "${OURS[@]}"
}

@test "nothing to undo, redo, recover, forget" {
	pb undo --yes
	assert_exit 0
	pb redo --yes
	assert_exit 0
	pb recover --yes
	assert_exit 0
	assert_root_untouched
	pb undo 7 --yes
	assert_exit 2
	pb forget 7 --yes
	assert_exit 2
	pb log 7
	assert_exit 2
	assert_root_untouched
}

@test "a file that changed since stops it, by name; --force keeps the newcomer aside" {
	after_apply
	echo changed > "$R/usr/share/plain/changes"
	refused_for /usr/share/plain/changes
	pb undo --force --yes
	assert_exit 0 7
	assert_undone
	[ "$(find "$R/.putback" -type f -exec grep -lx changed {} + | wc -l)" = 1 ]
}

@test "a file replaced by a copy of itself counts as changed" {
	after_apply
	cp -a "$R/usr/share/plain/changes" "$TMP/copy"
	rm "$R/usr/share/plain/changes"
	cp -a "$TMP/copy" "$R/usr/share/plain/changes"
	refused_for /usr/share/plain/changes
}

@test "same size and time, other content" {
	after_apply
	touch -r "$R/usr/share/plain/changes" "$TMP/time"
	tr 1 7 < "$R/usr/share/plain/changes" > "$TMP/other"
	cat "$TMP/other" > "$R/usr/share/plain/changes"
	touch -r "$TMP/time" "$R/usr/share/plain/changes"
	refused_for /usr/share/plain/changes
}

@test "a file that came and was deleted since" {
	after_apply
	rm "$R/usr/share/plain/goes"
	refused_for /usr/share/plain/goes
	pb undo --force --yes
	assert_exit 0 7
	assert_undone
}

@test "a file put where one had gone" {
	after_apply
	echo newcomer > "$R/usr/share/plain/comes"
	refused_for /usr/share/plain/comes
	pb undo --force --yes
	assert_exit 0 7
	assert_undone
}

@test "a forced undo that fails: what was in its way is where it was, or recover goes on" {
	local place n10=0
	[ "${PUTBACK_FAILPOINTS-0}" = 1 ] || skip 'a build without failpoints (configure --enable-failpoints)'
	for place in commit-aside=EIO commit-moved:{1,2,3,4}=EIO; do
		pb apply --yes plain-1-1
		assert_exit 0
		rm "$R/usr/share/plain/changes"
		echo mine > "$R/usr/share/plain/changes"
		PUTBACK_FAILPOINT=$place pb undo --force --yes
		case $status in
		0 | 7) ;; # there were fewer
		1) [ "$(content usr/share/plain/changes)" = mine ] || tell "$place: not where it was" ;;
		10)
			n10=$((n10 + 1))
			assert_stderr 'Nothing is lost: run recover'
			pb recover --yes
			assert_exit 0 7
			;;
		*) tell "$place" ;;
		esac
		[ "$status" != 1 ] || pb undo --force --yes
		assert_undone
		[ "$(find "$R/.putback" -type f -exec grep -lx mine {} + | wc -l)" -ge 1 ] || tell "$place: lost"
	done
	[ "$n10" -ge 2 ] # aside by name, and the rename that does it
}

@test "what an earlier forced undo kept aside does not come back when a later one fails" {
	[ "${PUTBACK_FAILPOINTS-0}" = 1 ] || skip 'a build without failpoints (configure --enable-failpoints)'
	after_apply
	echo mine > "$R/usr/share/plain/comes"
	pb undo --force --yes
	assert_exit 7
	pb redo --yes
	assert_exit 0
	echo more >> "$R/usr/share/plain/changes"
	"$ORACLES/tree" snapshot "$R" "$TMP/now"
	PUTBACK_FAILPOINT=commit-exchanged=EIO pb undo --force --yes
	assert_exit 1
	assert_stderr 'is left as it was'
	same tree "$TMP/now" "$R" --inodes "${OURS[@]}"
	grep -rqx mine "$R/.putback/1/"
}

@test "a forced undo that is killed: recover goes on with it, unasked" {
	[ "${PUTBACK_FAILPOINTS-0}" = 1 ] || skip 'a build without failpoints (configure --enable-failpoints)'
	for place in state-set commit-exchanged; do
		pb apply plain-1-1 --yes
		assert_exit 0
		echo mine >> "$R/usr/share/plain/changes"
		rpmr "$R" -e --justdb --nodeps base
		PUTBACK_FAILPOINT=$place=kill pb undo --force --yes
		assert_exit 137
		pb recover --yes
		assert_exit 7
		assert_says "'/usr/share/plain/changes' was changed; it is kept in '.putback' until forget"
		assert_undone
		grep -rqx mine "$R/.putback/"
	done
}

take_out() { # LINE: what has it is not in .putback any more
	local held
	held=$(grep -rlx "$1" "$R/.putback" | head -n 1)
	[ -n "$held" ] || tell "nothing in .putback has '$1'"
	rm "$held"
	"$ORACLES/tree" snapshot "$R" "$TMP/now"
}

@test "an original that somebody took out of .putback: refused, by name, also with --force; the way that is named works" {
	after_apply
	take_out 'this is version 2'
	for force in '' --force; do
		# shellcheck disable=SC2086
		pb undo --yes $force
		assert_exit 5
		assert_stderr /usr/share/plain/changes 'recover --salvage --force'
		same tree "$TMP/now" "$R" --inodes "${OURS[@]}"
	done
	rm "$R"/.putback/journal.sqlite*
	pb recover --salvage --force --yes
	assert_exit 7
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}" --ignore /usr/share/plain/changes
	grep -qx 'this is version 1' "$R/usr/share/plain/changes"
}

@test "what redo needs was taken out of .putback: refused, by name; a new apply does it" {
	after_apply
	pb undo --yes
	assert_exit 0
	take_out 'this is version 1'
	pb redo --yes
	assert_exit 5
	assert_stderr /usr/share/plain/changes 'A new apply'
	same tree "$TMP/now" "$R" --inodes "${OURS[@]}"
	pb apply plain-1-1 other-1-1 --yes
	assert_exit 0
	grep -qx 'this is version 1' "$R/usr/share/plain/changes"
}

recovered_from() { # STATE: exit 7, as when what the way back needs is gone
	sqlite3 "$R/.putback/journal.sqlite" "update transactions set state=(select code from states where name='$1')"
	pb recover --yes
	assert_exit 7
	assert_says 'forget 1'
}

@test "recover does not advise an undo that cannot be" {
	after_apply
	take_out 'this is version 2'
	recovered_from committing
	assert_says "cannot be taken back any more: '/usr/share/plain/changes'"
	refute_says 'undo 1'
}

@test "nor a redo" {
	after_apply
	pb undo --yes
	assert_exit 0
	take_out 'this is version 1'
	recovered_from undoing
	assert_says "cannot be done again any more: '/usr/share/plain/changes'"
	refute_says 'redo 1'
}

@test "packages installed since stop it: the database has changed" {
	after_apply
	rpmr "$R" -e other
	"$ORACLES/tree" snapshot "$R" "$TMP/now"
	pb undo --yes
	assert_exit 5
	assert_stderr rpm
	same tree "$TMP/now" "$R" --inodes "${OURS[@]}"
}

@test "packages that came or went before a forced undo: redo brings that rpmdb back, and says so; the next undo stops again" {
	after_apply
	rpmr "$R" -e --justdb --nodeps base
	pb undo --force --yes
	assert_exit 7
	assert_undone
	pb redo --yes
	assert_exit 7
	assert_says "the rpmdb in '/var/lib/rpm' has changed since: packages came or went"
	"$ORACLES/tree" snapshot "$R" "$TMP/now"
	pb undo --yes
	assert_exit 5
	assert_stderr 'packages came or went'
	same tree "$TMP/now" "$R" --inodes "${OURS[@]}"
}

@test "a query by rpm between apply and undo is no change" {
	after_apply
	rpmr "$R" -qa > "$TMP/out"
	rpmr "$R" -Va > "$TMP/out" || :
	pb undo --yes
	assert_exit 0
	assert_undone
	rpmr "$R" -qa > "$TMP/out"
	pb redo --yes
	assert_exit 0
	assert_put_back
}

@test "reading files in between is no change either" {
	after_apply
	cat "$R"/usr/share/*/* > "$TMP/out"
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "undo and redo by number, out of order" {
	pb apply plain-1-1 --yes
	pb apply other-1-1 --yes
	pb undo 1 --yes
	# the database of 1 is no longer the one in place
	assert_exit 5
	pb undo 2 --yes
	assert_exit 0
	pb undo 1 --yes
	assert_exit 0
	assert_undone
	pb redo 2 --yes
	assert_exit 5
	pb redo 1 --yes
	assert_exit 0
	pb redo 2 --yes
	assert_exit 0
	assert_put_back
}

@test "log tells what was done, in what state, and by which command" {
	after_apply
	pb log
	assert_exit 0
	assert_says done
	pb log 1
	assert_says plain-2-1 plain-1-1 "$V1" 'apply'
	pb undo --yes
	pb log
	assert_says undone
	pb forget 1 --yes
	assert_exit 0
	pb log
	assert_says forgotten
	settle
	pb log
	assert_root_untouched
}

@test "forget gives the space back and makes undo impossible; the root stays" {
	after_apply
	"$ORACLES/tree" snapshot "$R" "$TMP/now"
	pb forget 1 --yes
	assert_exit 0
	same tree "$TMP/now" "$R" --inodes "${OURS[@]}"
	[ "$(find "$R/.putback" -type f ! -name '*.sqlite*' | wc -l)" = 0 ]
	pb undo --yes
	assert_exit 0
	pb undo 1 --yes
	[ "$status" != 0 ]
	same tree "$TMP/now" "$R" --inodes "${OURS[@]}"
}

@test "forget what was undone" {
	after_apply
	pb undo --yes
	pb forget 1 --yes
	assert_exit 0
	assert_undone
	[ "$(find "$R/.putback" -type f ! -name '*.sqlite*' | wc -l)" = 0 ]
}
