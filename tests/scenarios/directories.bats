#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Directories: what nobody packaged in them stays, and so do their times.

setup() { load lib; }

@test "a directory that holds what nobody packaged is left, with that in it" {
	lab dirs
	echo mine > "$R/usr/share/dirs/new/one/mine"
	settle
	pb apply dirs-1-1 --yes
	assert_exit 0 7
	[ "$(content usr/share/dirs/new/one/mine)" = mine ]
	[ ! -e "$R/usr/share/dirs/new/one/file" ]
	[ ! -e "$R/usr/share/dirs/new/two" ]
	assert_put_back --ignore '/usr/share/dirs/new' --ignore '/usr/share/dirs/new/one*'
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "a directory that would become a link but holds what nobody packaged: refused, by name" {
	lab types
	rm "$R/usr/lib/types/link-file"
	mkdir "$R/usr/lib/types/link-file"
	echo mine > "$R/usr/lib/types/link-file/mine"
	settle
	pb plan types-1-1
	assert_says /usr/lib/types/link-file
	pb apply types-1-1 --yes
	assert_exit 5
	assert_stderr /usr/lib/types/link-file
	assert_root_untouched
}

@test "a directory where a file comes back, with what nobody packaged in it: refused" {
	lab types
	echo mine > "$R/usr/lib/types/file-dir/mine"
	settle
	pb apply types-1-1 --yes
	assert_exit 5
	assert_stderr /usr/lib/types/file-dir
	assert_root_untouched
}

@test "a directory that the admin moved away and linked to is kept" {
	need_rpm 4.17 # before, it set the times of what the link leads to
	lab plain
	mkdir -p "$R/srv"
	mv "$R/usr/share/plain" "$R/srv/plain"
	ln -s ../../srv/plain "$R/usr/share/plain"
	rpm_goes_back
	settle
	pb apply plain-1-1 --yes
	assert_exit 0 7
	[ -L "$R/usr/share/plain" ]
	assert_same_as_rpm
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "a packaged directory that is missing comes back" {
	lab plain
	rm -r "$R/usr/share/plain"
	settle
	pb apply plain-1-1 --yes
	assert_exit 0
	assert_same_tree
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "times of directories survive apply, undo and redo" {
	lab dirs
	find "$R" -type d -exec touch -d '2019-03-04 05:06:07.123456789' {} +
	settle
	pb apply dirs-1-1 --yes
	assert_exit 0
	assert_dir_times_kept
	pb undo --yes
	assert_undone
	pb redo --yes
	assert_dir_times_kept
}

@test "paths that are one through a link in the root (merged /usr)" {
	lab_install merged
	lab_install usrmerge
	lab_update usrmerge
	rpm_goes_back "$V1"/usrmerge*.rpm
	settle
	pb apply usrmerge-1-1 --yes
	assert_exit 0
	assert_put_back
	assert_same_as_rpm
	[ -L "$R/bin" ]
	pb undo --yes
	assert_exit 0
	assert_undone
}

die_at() { # PLACE ARG...
	[ "${PUTBACK_FAILPOINTS-0}" = 1 ] || skip 'a build without failpoints (configure --enable-failpoints)'
	PUTBACK_FAILPOINT=$1 pb "${@:2}"
	assert_exit 137
}

@test "killed, and something came into a directory that was to go: it stays there, and is told" {
	local d=$R/usr/share/dirs
	lab dirs
	die_at commit-moved:1 apply dirs-1-1 --yes
	echo mine > "$d/new/one/mine"
	mkdir "$d/new/two/mine"
	pb recover --yes
	assert_exit 7
	assert_says "'/usr/share/dirs/new/one' was to go, and stays: something came into it" /usr/share/dirs/new/two
	[ "$(content usr/share/dirs/new/one/mine)" = mine ]
	[ -d "$d/new/two/mine" ]
	assert_same_tree --ignore '/usr/share/dirs/new' --ignore '/usr/share/dirs/new/*'
	assert_same_db
	pb undo --yes
	assert_exit 0
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}" --ignore '/usr/share/dirs/new/*/mine'
	[ "$(content usr/share/dirs/new/one/mine)" = mine ]
}

@test "killed, and something came into a directory that was made: on the way back it stays there" {
	local d=$R/usr/share/dirs
	lab dirs
	die_at commit-exchanged:2 apply dirs-1-1 --yes
	echo mine > "$d/old/one/mine"
	pb recover --back --yes
	assert_exit 7
	assert_says "'/usr/share/dirs/old/one' was to go, and stays: something came into it"
	[ "$(content usr/share/dirs/old/one/mine)" = mine ]
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}" --ignore '/usr/share/dirs/old' --ignore '/usr/share/dirs/old/*'
	pb redo --yes
	assert_exit 0
	[ "$(content usr/share/dirs/old/one/mine)" = mine ]
	assert_same_tree --ignore '/usr/share/dirs/old/one/mine'
}

@test "killed, and something came into a directory that a file replaces: refused, by name, until it is out" {
	lab types
	die_at commit-moved:1 apply types-1-1 --yes
	echo mine > "$R/usr/lib/types/file-dir/mine"
	"$ORACLES/tree" snapshot "$R" "$TMP/now"
	pb recover --yes
	assert_exit 10
	assert_stderr "'/usr/lib/types/file-dir' is to go, but something came into it"
	same tree "$TMP/now" "$R" --inodes "${OURS[@]}"
	mv "$R/usr/lib/types/file-dir/mine" "$TMP/mine"
	pb recover --yes
	assert_exit 0
	assert_same_tree
}

@test "undo --force of a directory that something came into: both are kept aside, and it is told where" {
	lab dirs
	pb apply dirs-1-1 --yes
	assert_exit 0
	echo mine > "$R/usr/share/dirs/old/one/mine"
	pb undo --yes
	assert_exit 5
	assert_stderr /usr/share/dirs/old/one/mine
	pb undo --force --yes
	assert_exit 7
	assert_undone
	kept=$(sed -n "s/.*what came into '\/usr\/share\/dirs\/old\/one' is kept as '\(.*\)'/\1/p" <<< "$output$stderr")
	[ "$(content "$kept/mine")" = mine ]
}
