#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A root that an intruder prepared: nothing outside of it changes, nothing in it runs, nothing hangs.

setup() {
	load lib
	load hostile
	hostile_setup
	hostile_lab
	victim=$VICTIM
}

teardown() { hostile_teardown; }

@test "a packaged directory is a link that leads outside, absolute or climbing" {
	for target in "$victim" "../../../../../../../../../../..$victim"; do
		rm -rf "$R/usr/share/plain"
		ln -s "$target" "$R/usr/share/plain"
		settle
		attack apply plain-1-1 --yes
		[ "$status" != 10 ]
		attack undo --yes
		hostile_teardown
	done
}

@test "/usr itself is a link outside" {
	mv "$R/usr" "$TMP/usr"
	ln -s "$TMP/usr" "$R/usr"
	"$ORACLES/tree" snapshot "$TMP/usr" "$TMP/usr.before"
	attack apply plain-1-1 --yes
	same tree "$TMP/usr.before" "$TMP/usr" --inodes
}

@test "a loop of links" {
	rm -rf "$R/usr/share/plain"
	ln -s plain "$R/usr/share/plain"
	settle
	attack apply plain-1-1 --yes
	[ "$status" != 124 ] && [ "$status" != 10 ]
}

@test "a fifo, a socket and a device where files are expected" {
	rm "$R"/usr/share/plain/{changes,stays,sly}
	mkfifo "$R/usr/share/plain/changes"
	mknod "$R/usr/share/plain/stays" c 1 5
	/usr/bin/python3 -c 'import socket, os, sys; os.chdir(sys.argv[1]); socket.socket(socket.AF_UNIX).bind("sly")' "$R/usr/share/plain"
	settle
	attack apply plain-1-1 --yes
	assert_exit 0
	assert_same_tree
	attack undo --yes
	assert_exit 0
	assert_undone
}

@test "a fifo where the configuration of the machine is read" {
	for f in etc/os-release etc/fstab etc/passwd etc/group etc/machine-id etc/hostname; do
		rm "$R/$f"
		mkfifo "$R/$f"
	done
	attack survey
	[ "$status" != 124 ]
	attack plan plain-1-1
	[ "$status" != 124 ]
}

@test "the machine's files are links to the host's" {
	for f in etc/os-release etc/passwd etc/group etc/fstab etc/hostname; do
		rm "$R/$f"
		ln -s "$victim/changes" "$R/$f"
	done
	attack survey
	refute_says precious
}

@test "os-release full of control characters" {
	printf 'NAME="\033[31mred"\nPRETTY_NAME="two\tlines\007"\n' > "$R/etc/os-release"
	attack survey
	attack survey --json
	jq -e . <<< "$output" > "$TMP/out"
}

@test "a huge fstab and passwd" {
	yes '/dev/sdz99 /mnt/x ext4 noauto 0 0' | head -n 200000 >> "$R/etc/fstab"
	yes 'u:x:7:7::/:/bin/false' | head -n 200000 >> "$R/etc/passwd"
	attack plan plain-1-1
	[ "$status" = 0 ]
}

@test "the folder of the database is a link outside" {
	mv "$R/var/lib/rpm" "$victim/rpm"
	ln -s "$victim/rpm" "$R/var/lib/rpm"
	victim_settle
	attack apply plain-1-1 --yes
	assert_exit 1
}

@test "the database's file is a link, or has another name outside" {
	db=$R/var/lib/rpm/rpmdb.sqlite
	ln "$db" "$victim/hard"
	"$ORACLES/tree" snapshot "$victim" "$TMP/victim.before"
	attack apply plain-1-1 --yes
	assert_exit 0 1
	same tree "$TMP/victim.before" "$victim" --what content --what mtime --what size
	mv "$victim/hard" "$TMP/gone"
	"$ORACLES/tree" snapshot "$victim" "$TMP/victim.before"
}

@test "scriptlets, triggers and verify scripts of installed and coming packages do not run" {
	lab scripts
	ls -d "$R"/ran-* > "$TMP/ran"
	settle
	attack apply scripts-1-1 --yes
	assert_exit 0 7
	ls -d "$R"/ran-* | diff "$TMP/ran" -
	[ -z "$(ls -d /ran-* 2> "$TMP/err")" ]
}

@test "an area prepared with links: the next apply does not follow them" {
	mkdir -m 700 "$R/.putback"
	for name in 1 txn-1 new old stage comes; do ln -s "$victim" "$R/.putback/$name"; done
	attack apply plain-1-1 --yes
	[ "$status" != 10 ]
}
