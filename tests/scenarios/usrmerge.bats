#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# /bin, /sbin and /lib in all the states that their merge with /usr has, and the rpmdb that moved there.

setup() { load lib; }

# rpm itself does not go from links to directories: each side is a root that never was the other.
both_sides() { # NAME...
	supply 1 "$@"
	new_root "$ORACLE"
	rpmr "$ORACLE" -i "${FILES[@]}"
	supply 2 "$@"
	new_root "$R"
	rpmr "$R" -i "${FILES[@]}"
	settle
}

@test "no merge: /bin and /usr/bin are two" {
	lab usrmerge
	rpm_goes_back
	pb apply usrmerge-1-1 --yes
	assert_exit 0
	assert_same_as_rpm
	[ -d "$R/bin" ] && [ ! -L "$R/bin" ]
	pb undo --yes
	assert_undone
}

@test "half of it: one of the directories is a link, the other is none" {
	mkdir -p "$R"
	new_root "$R"
	ln -s usr/bin "$R/bin"
	mkdir -p "$R/lib"
	lab_install usrmerge
	lab_update usrmerge
	rpm_goes_back
	pb apply usrmerge-1-1 --yes
	assert_exit 0
	assert_same_as_rpm
	pb undo --yes
	assert_undone
}

@test "merged in the one version and not in the other; and /usr/sbin a link to bin" {
	both_sides splitfs splittool
	[ -L "$R/usr/sbin" ]
	pb apply splitfs-1-1 splittool-1-1 --yes
	assert_exit 0
	assert_same_tree
	assert_same_db
	[ ! -L "$R/bin" ] && [ ! -L "$R/sbin" ] && [ ! -L "$R/usr/sbin" ]
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "the same, the other way" {
	both_sides splitfs splittool
	rm -rf "$TMP/swap"
	mv "$R" "$TMP/swap"; mv "$ORACLE" "$R"; mv "$TMP/swap" "$ORACLE"
	V1=$V2
	settle
	pb apply splitfs-2-1 splittool-2-1 --yes
	assert_exit 0
	assert_same_tree
	assert_same_db
	pb undo --yes
	assert_undone
}

@test "the same, killed on the way" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	both_sides splitfs splittool
	for at in commit-moved:2 commit-exchanged:2 commit-moved:5 commit-moved:8; do
		PUTBACK_FAILPOINT=$at pb apply splitfs-1-1 splittool-1-1 --yes
		assert_exit 137
		pb recover --yes
		assert_exit 0
		assert_same_tree
		PUTBACK_FAILPOINT=commit-moved:3 pb undo --yes
		assert_exit 137
		pb recover --yes
		assert_undone
	done
}

@test "files of a package that stays would be out of sight: refused, with its name" {
	both_sides splitfs splittool
	pb apply splitfs-1-1 --no-closure --nodeps --yes
	assert_exit 5
	assert_says splittool-2-1 'no link will lead any more'
	assert_root_untouched
}

@test "the rpmdb in /var/lib/rpm, and /usr/lib/sysimage/rpm a link to it" {
	lab plain
	for root in "$R" "$ORACLE"; do
		mkdir -p "$root/usr/lib/sysimage"
		ln -s ../../../var/lib/rpm "$root/usr/lib/sysimage/rpm"
		touch -h -d 2020-01-01 "$root/usr/lib/sysimage/rpm"
	done
	settle
	pb apply plain-1-1 --yes
	assert_exit 0
	assert_put_back
	[ -L "$R/usr/lib/sysimage/rpm" ]
	pb undo --yes
	assert_undone
}

@test "an rpmdb at both places: the one of today counts, and the other is said" {
	lab plain
	for root in "$R" "$ORACLE"; do
		mkdir -p "$root/usr/lib/sysimage"
		cp -a "$root/var/lib/rpm" "$root/usr/lib/sysimage/rpm"
	done
	settle
	pb apply plain-1-1 --yes
	assert_exit 0 7
	assert_stderr "another rpmdb at 'var/lib/rpm"
	RPMDB_PATH=/usr/lib/sysimage/rpm assert_put_back --ignore '/usr/lib/sysimage/rpm/*'
	same tree "$TMP/before" "$R" --only /var/lib/rpm
	pb undo --yes
	assert_undone
}

@test "an empty rpmdb at the place of today, left there by a query: the other counts" {
	lab plain
	mkdir -p "$R/usr/lib/sysimage/rpm"
	rpm --root "$R" --dbpath /usr/lib/sysimage/rpm --initdb
	settle
	pb apply plain-1-1 --yes
	assert_exit 0 7
	assert_same_db
	pb undo --yes
	assert_undone
}
