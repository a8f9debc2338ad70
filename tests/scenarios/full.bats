#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Small file systems: the plan says how much more is needed where, and what runs out anyway is rolled back.

setup() {
	load lib
	need losetup mkfs.ext4
}

# Runs the script on stdin with $R at $M, whose /boot is a file system of its own, made of an image by MKFS.
on_image() { # SIZE MKFS...
	local size=$1
	shift
	truncate -s "$size" "$TMP/img"
	"$@" "$TMP/img" > "$TMP/mkfs" 2>&1 || { cat "$TMP/mkfs"; return 1; }
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$TMP" "$ORACLES" > "$TMP/out" < <(
		cat <<-'HEAD'
			PUTBACK=$1 M=$2 V1=$3 KEY=$4 TMP=$5 ORACLES=$6
			mkdir "$TMP/image"
			mount -o loop "$TMP/img" "$TMP/image" 2> "$TMP/err" || { echo "SKIP $(cat "$TMP/err")"; exit 0; }
			prepare() { :; }
			pb() { timeout 60 "$PUTBACK" --root "$M" --from "$V1" --key "$KEY" "$@" < /dev/null > "$TMP/there" 2>&1 && status=0 || status=$?; }
			says() { grep -q -e "$1" "$TMP/there" || { cat "$TMP/there"; echo "nothing of $1"; exit 1; }; }
			exits() { case " $* " in *" $status "*) ;; *) cat "$TMP/there"; echo "exit $status, not $*"; exit 1 ;; esac; }
			snapshot() { "$ORACLES/tree" snapshot "$M" "$TMP/small.before"; }
			same() { "$ORACLES/tree" compare "$TMP/small.before" "$M" --inodes || exit 1; }
			nothing_left() { [ ! -e "$M/.putback" ] && [ ! -e "$M/boot/.putback" ] || { find "$M/.putback" "$M/boot/.putback"; exit 1; }; }
			here() { cp -a "$M/boot/." "$TMP/image/" && mount --bind "$TMP/image" "$M/boot"; }
		HEAD
		cat
	) || { cat "$TMP/out"; return 1; }
	! grep '^SKIP' "$TMP/out" || skip 'no loop devices here'
}

@test "/boot has too few blocks: how much more, on /boot; with that much it goes" {
	lab boot
	on_image 24M mkfs.ext4 -q -F -m 0 <<-'SCRIPT'
		here
		free=$(stat -f -c '%a*%S' "$M/boot")
		fallocate -l $((free - 4 * 1024 * 1024)) "$M/boot/filler"
		snapshot
		pb plan boot-1-1
		exits 5
		says "'/boot' needs .* more"
		pb apply boot-1-1 --yes
		exits 5
		says "'/boot' needs .* more"
		same
		nothing_left
		rm "$M/boot/filler"
		pb apply boot-1-1 --yes
		exits 0
		pb undo --yes
		exits 0
	SCRIPT
}

@test "/boot has too few inodes: how many more, on /boot" {
	lab boot
	on_image 24M mkfs.ext4 -q -F -m 0 -N 32 <<-'SCRIPT'
		here
		while [ "$(stat -f -c %d "$M/boot")" -gt 6 ]; do mktemp "$M/boot/filler.XXXXXX" > "$TMP/name"; done
		snapshot
		pb apply boot-1-1 --yes
		exits 5
		says "'/boot' needs .* more inodes"
		same
		nothing_left
	SCRIPT
}

@test "it fills up while staging, by bytes: rolled back, with how much more and where" {
	lab heavy
	on_image 200M mkfs.ext4 -q -F -m 0 <<-'SCRIPT'
		mkdir "$TMP/whole"
		cp -a "$M/." "$TMP/image/"
		M=$TMP/image
		snapshot
		( # what fills it up waits for the area
			until [ -e "$M/.putback/1" ] || [ -e "$TMP/over" ]; do :; done
			for size in 64 32 16 8 4 2 1; do fallocate -l ${size}m "$M/filler.$size"; done
		) 2> "$TMP/err" &
		pb apply heavy-1-1 --yes
		touch "$TMP/over"
		wait
		rm -f "$M"/filler.*
		[ "$status" != 0 ] || exit 0 # it was quicker
		exits 1
		says 'the root is as it was'
		says 'No space left'
		"$ORACLES/tree" compare "$TMP/small.before" "$M" --inodes --no-dir-mtime || exit 1
		nothing_left
		pb apply heavy-1-1 --yes
		exits 0
	SCRIPT
}

@test "a quota that is used up while staging is as good as a full disk" {
	lab heavy
	need mkfs.btrfs btrfs
	on_image 300M mkfs.btrfs -q -f <<-'SCRIPT'
		btrfs -q quota enable "$TMP/image" 2> "$TMP/err" || { echo "SKIP $(cat "$TMP/err")"; exit 0; }
		btrfs -q subvolume create "$TMP/image/r"
		cp -a "$M/." "$TMP/image/r/"
		sync -f "$TMP/image"
		M=$TMP/image/r
		used=$(du -sb "$M" | cut -f1)
		btrfs -q qgroup limit $((used + 24 * 1024 * 1024)) "$M"
		snapshot
		pb apply heavy-1-1 --yes
		exits 1 5
		says 'quota'
		btrfs -q qgroup limit none "$M"
		same
		nothing_left
		pb apply heavy-1-1 --yes
		exits 0
	SCRIPT
}
