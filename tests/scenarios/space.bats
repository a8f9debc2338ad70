#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# No room, or no leave to write: the root stays as it was.

setup() { load lib; }

# Runs the script on stdin with $R copied to a file system of its own, mounted at $M: `pb_there ARG...`.
on_tmpfs() { # OPTIONS
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$1" "$TMP" "$ORACLES" > "$TMP/out" < <(
		cat <<-'HEAD'
			PUTBACK=$1 R=$2 V1=$3 KEY=$4 TMP=$6 ORACLES=$7 M=$6/mounted
			mkdir -p "$M"
			mount -t tmpfs -o "$5" small "$M"
			cp -a "$R/." "$M/"
			pb_there() { timeout 60 "$PUTBACK" --root "$M" --from "$V1" --key "$KEY" "$@" < /dev/null > "$TMP/there" 2>&1 && status=0 || status=$?; }
			says() { grep -q -e "$1" "$TMP/there" || { cat "$TMP/there"; echo "nothing of $1"; exit 1; }; }
			exits() { [ "$status" = "$1" ] || { cat "$TMP/there"; echo "exit $status, not $1"; exit 1; }; }
			snapshot() { "$ORACLES/tree" snapshot "$M" "$TMP/small.before"; }
			same() { "$ORACLES/tree" compare "$TMP/small.before" "$M" --inodes --ignore /.putback --ignore '/.putback/*' || exit 1; }
		HEAD
		cat
	) || { cat "$TMP/out"; return 1; }
}

@test "not enough space: refused, with how much more is needed and where" {
	lab heavy
	on_tmpfs size=70m <<-'SCRIPT'
		snapshot
		pb_there plan heavy-1-1
		exits 5
		pb_there apply heavy-1-1 --yes
		exits 5
		says 'more'
		says 'M'
		same
		[ ! -e "$M/.putback" ]
	SCRIPT
}

@test "what is made anew from packaged files counts, too" {
	need systemd-hwdb
	lab derived
	mkdir -p "$R/etc/udev"
	head -c 40M /dev/zero > "$R/etc/udev/hwdb.bin"
	on_tmpfs size=75m <<-'SCRIPT'
		pb_there plan derived-1-1
		exits 5
		says 'needs'
		says 'more'
		truncate -s 1M "$M/etc/udev/hwdb.bin"
		pb_there plan derived-1-1
		exits 0
	SCRIPT
}

@test "just enough space is enough" {
	lab heavy
	on_tmpfs size=130m <<-'SCRIPT'
		pb_there apply heavy-1-1 --yes
		exits 0
	SCRIPT
}

@test "no inodes left: refused or failed, and the root as it was" {
	lab bulk
	on_tmpfs size=200m,nr_inodes=2800 <<-'SCRIPT'
		snapshot
		pb_there apply bulk-1-1 --yes
		[ "$status" = 5 ] || [ "$status" = 1 ] || exits 5
		same
	SCRIPT
}

@test "the disk fills up in the middle of staging" {
	lab heavy bulk
	on_tmpfs size=150m <<-'SCRIPT'
		snapshot
		for try in 1 2 3 4 5; do
			rm -f "$TMP/over"
			(
				until [ -e "$M/.putback" ] || [ -e "$TMP/over" ]; do :; done
				for size in 64 32 16 8 4 2 1; do fallocate -l ${size}m "$M/filler.$size" || :; done
			) 2> "$TMP/err" &
			pb_there apply heavy-1-1 bulk-1-1 --yes
			touch "$TMP/over"
			wait $!
			rm -f "$M"/filler.*
			[ "$status" = 0 ] || break
			"$PUTBACK" --root "$M" undo --yes > "$TMP/there"
			"$PUTBACK" --root "$M" forget 1 --yes > "$TMP/there"
			rm -r "$M/.putback"
			snapshot
		done
		exits 1
		says 'No space left'
		"$ORACLES/tree" compare "$TMP/small.before" "$M" --inodes --no-dir-mtime --ignore /.putback --ignore '/.putback/*'
		[ ! -e "$M/.putback" ] || [ "$(du -sm "$M/.putback" | cut -f1)" -lt 2 ]
		pb_there apply heavy-1-1 bulk-1-1 --yes
		exits 0
	SCRIPT
}

@test "a read-only root" {
	lab plain
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" > "$TMP/out" <<-'SCRIPT'
		mount --bind "$2" "$2"
		mount -o remount,bind,ro "$2"
		"$1" --root "$2" --from "$3" --key "$4" apply plain-1-1 --yes 2>&1 && rc=0 || rc=$?
		echo "exit $rc"
	SCRIPT
	grep -q 'read-only' "$TMP/out"
	grep -q 'exit 5' "$TMP/out"
	assert_root_untouched
}

@test "one read-only file system among others, which the plan touches" {
	lab plain boot
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" > "$TMP/out" <<-'SCRIPT'
		mount --bind "$2/boot" "$2/boot"
		mount -o remount,bind,ro "$2/boot"
		"$1" --root "$2" --from "$3" --key "$4" apply boot-1-1 --yes 2>&1 && rc=0 || rc=$?
		echo "exit $rc"
		"$1" --root "$2" --from "$3" --key "$4" plan plain-1-1 > "$2/../plain" 2>&1 && rc=0 || rc=$?
		echo "plain exit $rc"
	SCRIPT
	grep -q "remount it with: mount -o remount,rw '$R/boot'" "$TMP/out"
	grep -q '^exit 5' "$TMP/out"
	grep -q 'plain exit 0' "$TMP/out"
	assert_root_untouched
}
