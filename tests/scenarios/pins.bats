#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Files and directories that chattr(1) fixed in their places.

setup() {
	load lib
	need chattr lsattr
	lab plain types
	PINNED=("$R/usr/share/plain/changes" "$R/usr/share/plain/comes" "$R/usr/share/plain")
	chattr +a "$R/usr/share/plain/changes" 2> "$TMP/err" || skip 'no such flags on this file system'
	chattr +i "${PINNED[@]:1}"
	"$ORACLES/tree" snapshot "$R" "$TMP/before"
	flags > "$TMP/flags"
}

teardown() { [ ! -d "$R" ] || chattr -R -f -ia "$R" || :; }

flags() { lsattr -d "${PINNED[@]}" "$R/usr/share" 2> "$TMP/err" | awk '{ gsub("[^ia]", "", $1); print }'; }

@test "lifted to change them, and told; undo brings them back" {
	pb plan plain-1-1
	assert_exit 0
	assert_says "'/usr/share/plain/changes' is marked append-only" "'/usr/share/plain/comes' is marked immutable" \
		"'/usr/share/plain' is marked immutable"
	pb apply --yes plain-1-1
	assert_exit 7
	assert_same_tree --only /usr/share/plain
	# the directory is what it was; what came is nobody's to fix
	[ "$(flags)" = " $R/usr/share/plain/changes
i $R/usr/share/plain
 $R/usr/share" ]
	pb undo --yes
	assert_exit 0
	[ "$(flags)" = "$(cat "$TMP/flags")" ]
	assert_undone
	pb redo --yes
	assert_exit 0 7
	pb undo --yes
	[ "$(flags)" = "$(cat "$TMP/flags")" ]
	assert_undone
	pb forget 1 --yes
	assert_exit 0
	assert_undone
}

@test "killed in the middle: recover brings them back, too" {
	local place
	"$PUTBACK" --version > "$TMP/v"
	for place in pins-lifted pins-given commit-exchanged commit-moved directory-mtime; do
		PUTBACK_FAILPOINT=$place pb apply --yes plain-1-1
		[ "$status" = 137 ] || skip 'a build without failpoints (configure --enable-failpoints)'
		pb recover --back --yes
		assert_exit 0 7
		[ "$(flags)" = "$(cat "$TMP/flags")" ] || tell "$place: $(flags)"
		assert_undone
	done
	for place in pins-lifted pins-given commit-exchanged; do
		pb apply --yes plain-1-1
		assert_exit 7
		PUTBACK_FAILPOINT=$place pb undo --yes
		[ "$status" = 137 ]
		pb recover --yes
		assert_exit 0 7
		[ "$(flags)" = "$(cat "$TMP/flags")" ] || tell "$place: $(flags)"
		assert_undone
	done
}

lose_journal() { rm "$R"/.putback/journal.sqlite*; }

salvaged() { # WHEN: wholly old, marks and all
	[ "$(flags)" = "$(cat "$TMP/flags")" ] || tell "$1: $(flags)"
	assert_undone
	pb forget 1 --yes
	assert_exit 0
}

@test "the journal is lost: salvage lifts what is in its way, and sets it again" {
	pb apply --yes plain-1-1
	assert_exit 7
	lose_journal
	pb recover --salvage --yes
	assert_exit 0
	salvaged 'after a whole apply'
	pb apply --yes plain-1-1
	lose_journal
	pb recover --salvage --yes /usr/share/plain/changes
	assert_exit 0
	[ "$(flags)" = "a $R/usr/share/plain/changes
i $R/usr/share/plain
 $R/usr/share" ] || tell "$(flags)"
	pb recover --salvage --yes
	assert_exit 0
	salvaged 'path by path'
}

@test "killed in the middle, and the journal is lost: the marks are named, and come back" {
	local place
	for place in pins-lifted pins-given commit-exchanged:3 commit-moved directory-mtime; do
		PUTBACK_FAILPOINT=$place pb apply --yes plain-1-1
		[ "$status" = 137 ] || skip 'a build without failpoints (configure --enable-failpoints)'
		lose_journal
		if [ $place = pins-lifted ]; then # and nothing was moved
			pb recover --salvage
			assert_says "'/usr/share/plain/changes' was marked append-only before" 'chattr +a' \
				"'/usr/share/plain' was marked immutable before"
			pb recover --salvage --yes
			assert_exit 5
		fi
		pb recover --salvage --yes 1
		assert_exit 0 7
		pb recover --salvage
		refute_says 'was marked'
		salvaged "$place"
	done
}

@test "salvage in a root that was copied names each mark that the copy lost" {
	pb apply --yes plain-1-1
	cp -a "$R" "$TMP/copy"
	chattr -R -f -ia "$R" || :
	rm -rf "$R"
	mv "$TMP/copy" "$R"
	lose_journal
	pb recover --salvage --yes
	assert_exit 7
	assert_says "'/usr/share/plain/changes' was marked append-only before" 'chattr +a' \
		"'/usr/share/plain/comes' was marked immutable before" "'/usr/share/plain' was marked immutable before"
}

@test "fixed since the apply: salvage leaves that path, says why, and goes on when it is mended" {
	pb apply --yes plain-1-1
	lose_journal
	chattr +i "$R/usr/share/plain/changes"
	pb recover --salvage --yes
	assert_exit 10
	assert_stderr /usr/share/plain/changes lsattr 'run the same again'
	pb apply --yes types-1-1
	assert_exit 6
	assert_stderr 'recover --salvage'
	chattr -i "$R/usr/share/plain/changes"
	pb recover --salvage --yes
	assert_exit 0
	salvaged 'mended'
}

@test "fixed since the apply: undo says so, and moves nothing" {
	chattr -i "$R/usr/share/plain"
	"$ORACLES/tree" snapshot "$R" "$TMP/before"
	pb apply --yes plain-1-1
	assert_exit 7
	chattr +i "$R/usr/share/plain"
	"$ORACLES/tree" snapshot "$R" "$TMP/after"
	pb undo --yes
	assert_exit 5
	assert_stderr 'the directory of' 'is marked immutable'
	same tree "$TMP/after" "$R" --inodes "${OURS[@]}"
	chattr -i "$R/usr/share/plain"
	pb undo --yes
	assert_exit 0
}

@test "fixed since the kill: recover says where to look, and goes on when it is mended" {
	pb apply --yes plain-1-1
	pb undo --yes
	assert_exit 0
	sqlite3 "$R/.putback/journal.sqlite" "update transactions set state=(select code from states where name='committing')"
	chattr +i "$R/usr/share/plain/sly"
	pb recover --yes
	assert_exit 10
	assert_stderr "'/usr/share/plain/sly' (swap): Operation not permitted" lsattr 'chattr -ia' 'recover again'
	chattr -i "$R/usr/share/plain/sly"
	pb recover --yes
	assert_exit 0 7
	assert_same_tree --only /usr/share/plain
}

@test "the top of the root is fixed: no room for an area, and nothing changes" {
	chattr +i "$R"
	pb apply --yes plain-1-1
	chattr -i "$R"
	assert_exit 5
	assert_stderr "cannot make '.putback'" 'marked immutable'
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
}

@test "without the right to lift them: nothing is changed, and nothing is in the way" {
	need setpriv
	run --separate-stderr setpriv --bounding-set -linux_immutable --inh-caps -linux_immutable \
		"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply --yes plain-1-1 < /dev/null
	assert_exit 1
	assert_stderr "cannot lift that '/usr/share/plain" 'Operation not permitted' 'the root is as it was'
	assert_root_as_it_was
	[ "$(flags)" = "$(cat "$TMP/flags")" ]
	pb recover --yes
	assert_says 'Nothing to recover'
	pb apply --yes plain-1-1
	assert_exit 7
}

@test "without that right, where only attributes were to change: nothing is changed, and nothing is in the way" {
	need setpriv
	chattr -R -f -ia "$R" || :
	lab modes
	chattr +i "$R/usr/lib/modes/mode" "$R/usr/lib/modes/sticky"
	note
	run --separate-stderr setpriv --bounding-set -linux_immutable --inh-caps -linux_immutable \
		"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply --yes modes-1-1 < /dev/null
	assert_exit 1
	assert_stderr "cannot lift that '/usr/lib/modes/" 'Operation not permitted' 'the root is as it was'
	assert_root_as_it_was
	pb recover --yes
	assert_says 'Nothing to recover'
}

@test "forget says why a file does not go, and takes it once it can" {
	pb apply --yes plain-1-1
	assert_exit 7
	kept=$(grep -rlx 'this is version 2' "$R/.putback" | head -n 1)
	chattr +i "$kept"
	pb forget 1 --yes
	assert_exit 1
	assert_stderr "cannot remove '${kept##*/}'" 'chattr -ia' 'run recover'
	chattr -i "$kept"
	pb recover --yes
	assert_exit 0
	[ ! -e "$kept" ]
}
