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
