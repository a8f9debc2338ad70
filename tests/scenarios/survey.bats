#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Whose machine is it, and what state is it in.

setup() { load lib; lab dnf plain; }

@test "whose machine, which database, how many packages" {
	pb survey
	assert_exit 0
	assert_says 'Lab Linux 7' 0123456789abcdef0123456789abcdef lab-host sqlite var/lib/rpm
	grep -q "$(rpmr "$ORACLE" -qa | wc -l) packages" <<< "$output"
	assert_root_untouched
}

@test "history and caches" {
	mkdir -p "$R/var/cache/dnf/lab-0123/packages"
	cp "$V1"/*.rpm "$R/var/cache/dnf/lab-0123/packages/"
	settle
	pb survey
	assert_exit 0
	assert_says dnf var/cache/dnf
	pb survey --json
	assert_jq '[.caches[] | select(.packages == 1)] | length == 1' '.history.entries >= 3'
	assert_root_untouched
}

@test "a file system that fstab names and nobody mounted" {
	echo 'UUID=11-22 /boot ext4 defaults 0 2' >> "$R/etc/fstab"
	pb survey
	assert_exit 0
	assert_says /boot 'not mounted'
}

@test "file systems that are mounted, read-only ones too" {
	mkdir -p "$R/srv" "$R/opt"
	in_mounts "$PUTBACK" "$R" > "$TMP/out" <<-'SCRIPT'
		mount -t tmpfs -o size=3m one "$2/srv"
		mount -t tmpfs -o ro two "$2/opt"
		"$1" --root "$2" survey
	SCRIPT
	grep '/srv' "$TMP/out" | grep -q tmpfs
	grep '/opt' "$TMP/out" | grep -q 'read-only'
}

@test "a damaged database is named, and the rest is told" {
	head -c 5000 "$R/var/lib/rpm/rpmdb.sqlite" > "$TMP/cut"
	cat "$TMP/cut" > "$R/var/lib/rpm/rpmdb.sqlite"
	settle
	pb survey
	assert_says 'Lab Linux 7' rpmdb.sqlite damaged
	assert_root_untouched
}

@test "which walls stand; without any of them everything works" {
	pb survey --json
	assert_jq '.walls | .no_new_privileges and .view and .landlock >= 0 and (.system_calls | type == "boolean")'
	export PUTBACK_WITHOUT='landlock seccomp open_tree'
	pb survey --json
	assert_jq '.walls == {view: false, landlock: 0, system_calls: false, no_new_privileges: true}'
	pb survey
	assert_says 'Walls around putback' 'NONE: the mounts themselves' 'NONE: this kernel'
	pb apply plain-1-1 --yes
	assert_exit 0
	pb undo --yes
	assert_exit 0
	assert_undone
}
