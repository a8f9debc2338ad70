#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What a machine boots from: a file system that a boot loader reads without its log.

setup() { load lib; }

# A script on stdin: /boot of the root is a file system of its own in $IMG.
on_boot() { # mkfs command...
	need "$1" losetup
	lab plain boot
	cat > "$TMP/script"
	truncate -s 320M "$TMP/img"
	"$@" "$TMP/img" > "$TMP/mkfs" 2>&1 || skip "$1 fails here"
	mkdir -p "$TMP/mnt"
	mount -o loop "$TMP/img" "$TMP/mnt" 2> "$TMP/err" || skip "cannot mount: $(< "$TMP/err")"
	umount "$TMP/mnt"
	in_mounts "$TMP/script" "$PUTBACK" "$R" "$V1" "$KEY" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; return 1; }
		script=$1 PUTBACK=$2 R=$3 V1=$4 KEY=$5 TMP=$6
		mount -o loop "$TMP/img" "$TMP/mnt"
		cp -a "$R/boot/." "$TMP/mnt/"
		umount "$TMP/mnt"
		mount -o loop "$TMP/img" "$R/boot"
		pb() { "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < /dev/null; }
		# what stands in its place on the disk, whatever the log says
		in_place() {
			cp --sparse=always "$TMP/img" "$TMP/copy"
			mount -o ro,loop,norecovery,nouuid "$TMP/copy" "$TMP/mnt"
			cat "$TMP/mnt/image"
			umount "$TMP/mnt"
		}
		. "$script"
		umount "$R/boot"
	SCRIPT
}

@test "xfs: what a boot loader sees without the log is what was put back" {
	on_boot mkfs.xfs -q <<-'SCRIPT'
		pb apply boot-1-1 plain-1-1 --yes
		[ "$(in_place)" = 'version 1' ]
		pb undo --yes
		[ "$(in_place)" = 'version 2' ]
		pb redo --yes
		[ "$(in_place)" = 'version 1' ]
		touch "$R/boot/.putback/1" # it is not frozen
	SCRIPT
}

@test "killed while /boot is frozen: it does not stay so" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	on_boot mkfs.xfs -q <<-'SCRIPT'
		for place in freeze-noted frozen thawed; do
			PUTBACK_FAILPOINT=$place pb apply boot-1-1 plain-1-1 --yes || [ $? = 137 ]
			# both processes are dead: the next command thaws before it writes
			timeout 60 "$PUTBACK" --root "$R" recover --yes
			[ "$(in_place)" = 'version 1' ]
			timeout 5 touch "$R/boot/.putback/1"
			[ -z "$(getfattr -m trusted.putback.frozen "$R/boot/.putback" 2> /dev/null)" ]
			pb undo --yes
			pb forget 1 --yes || pb forget --yes
			rm -rf "$R/.putback" "$R/boot/.putback"
		done
		# a child that fails to thaw leaves that to who waits for it
		PUTBACK_FAILPOINT=frozen=EIO pb apply boot-1-1 plain-1-1 --yes
		timeout 5 touch "$R/boot/.putback/1"
		PUTBACK_FAILPOINT=freeze-noted=EPERM pb undo --yes > "$TMP/said" 2>&1 || [ $? = 7 ]
		grep -q 'could not be frozen' "$TMP/said"
		PUTBACK_FAILPOINT=thawed=EIO pb redo --yes && false || [ $? = 1 ]
		timeout 5 touch "$R/boot/.putback/1"
	SCRIPT
}
