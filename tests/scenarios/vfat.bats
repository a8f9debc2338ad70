#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# /boot/efi: a file system without owners, modes, links, extended attributes and lasting inode numbers, where names that
# differ in case only are one, and which may not exchange names. Where the kernel has no vfat, one of our own stands in.

setup() {
	load lib
	PLAINFS=$PUTBACK_BUILDDIR/tests/crash/plainfs
	if command -v mkfs.vfat > "$TMP/which" && { grep -qw vfat /proc/filesystems || modprobe -q vfat; }; then PLAINFS=none; fi
}

# A script on stdin, with the root and its oracle each on a vfat at /boot/efi that rpm itself has filled.
on_vfat() {
	[ "$PLAINFS" = none ] || { [ -x "$PLAINFS" ] && [ -e /dev/fuse ]; } || skip 'neither vfat nor fuse3 here'
	supply 1 plain efi
	supply 2 plain efi
	new_root "$R"
	cat > "$TMP/script"
	in_mounts "$TMP/script" "$PUTBACK" "$PLAINFS" "$R" "$ORACLE" "$V1" "$V2" "$KEY" "$ORACLES" "$TMP" \
		> "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out" "$TMP/rpm.err"; return 1; }
		script=$1 PUTBACK=$2 PLAINFS=$3 R=$4 ORACLE=$5 V1=$6 V2=$7 KEY=$8 ORACLES=$9 TMP=${10}
		vfat() { # ROOT DISK [MODE [UID]]
			mkdir -p "$1/boot/efi"
			if [ "$PLAINFS" = none ]; then
				[ -e "$TMP/$2" ] || { truncate -s 40M "$TMP/$2" && mkfs.vfat "$TMP/$2"; }
				mount -t vfat -o "loop,umask=$(printf %o $((0777 & ~${3:-0700}))),uid=${4:-0}" "$TMP/$2" "$1/boot/efi"
			else
				mkdir -p "$TMP/$2"
				"$PLAINFS" "$TMP/$2" "$1/boot/efi" "${@:3}"
			fi
		}
		rpmr() { rpm --root "$1" --dbpath /var/lib/rpm "${@:2}" 2>> "$TMP/rpm.err"; }
		again() { umount "$R/boot/efi"; vfat "$R" efi "$@"; } # a reboot: other inode numbers, maybe another mode and owner
		pb() { "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < /dev/null; }
		apply() { pb apply efi-1-1 plain-1-1 --yes || [ $? = 7 ]; }
		# every name in lower case: which of its spellings a name has is nobody's business there
		listing() { (cd "$1/boot/efi"; find . -path ./.putback -prune -o -type f -printf '%s %TY-%Tm-%Td %TT ' -print -exec cat {} \; |
			tr A-Z a-z; find . -type d ! -path '*.putback*' | tr A-Z a-z) | sort; }
		tree() { "$ORACLES/tree" compare "$1" "$R" "${@:2}" --ignore '*/.putback*' --ignore '/var/lib/rpm/*' --ignore '/boot/efi*'; }
		new() { diff <(listing "$ORACLE") <(listing "$R"); tree "$ORACLE" --no-dir-mtime; "$ORACLES/rpmdb" compare "$ORACLE" "$R"; }
		old() { diff "$TMP/old.efi" <(listing "$R"); tree "$TMP/old" --inodes; }
		trap 'umount "$R/boot/efi" "$ORACLE/boot/efi"' EXIT
		vfat "$R" efi
		rpmr "$R" -i "$V1"/*.rpm
		sync -f "$R/boot/efi"
		cp -a "$TMP/efi" "$TMP/oracle.efi"
		mkdir "$ORACLE"
		cp -a --one-file-system "$R/." "$ORACLE"
		vfat "$ORACLE" oracle.efi
		rpmr "$R" -U "$V2"/*.rpm
		listing "$R" > "$TMP/old.efi"
		"$ORACLES/tree" snapshot "$R" "$TMP/old"
		. "$script"
	SCRIPT
}

@test "there and back, as rpm left it, over a reboot and a mount with another mode" {
	on_vfat <<-'SCRIPT'
		pb plan efi-1-1 plain-1-1 --files > "$TMP/plan"
		[ "$(grep -c 'owner and mode' "$TMP/plan")" = 1 ]
		! grep -e 'mode differs' -e 'owner differs' "$TMP/plan"
		old
		apply
		new
		again 0755
		pb undo --yes
		old
		again
		pb redo --yes
		new
		pb plan efi-1-1 plain-1-1 | grep -i 'nothing to do'
		again 0755
		pb undo --yes
		old
		pb forget 1 --yes
		[ ! -e "$R/boot/efi/.putback" ]
	SCRIPT
}

@test "mounted as another user's: there and back" {
	on_vfat <<-'SCRIPT'
		again 0700 1000
		apply
		again # rpm -V would tell the owner
		new
		again 0755 1001
		pb undo --yes
		old
		again
		pb redo --yes
		new
	SCRIPT
}

@test "killed at any time, and recovered after a reboot, forward and back" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	on_vfat <<-'SCRIPT'
		killed() { PUTBACK_FAILPOINT=$1 pb "${@:2}" && return 1 || [ $? = 137 ]; }
		step=$([ "${FAULT_ALL-}" = 1 ] && echo 1 || echo 5)
		apply
		pb undo --yes
		: > "$TMP/trace"
		PUTBACK_FAILPOINT_TRACE=9 pb redo --yes 9>> "$TMP/trace"
		moves=$(grep -c commit-moved "$TMP/trace")
		[ "$moves" -gt 5 ] # where names can be exchanged they are fewer
		for i in $(seq 1 "$step" "$moves"); do
			pb undo --yes
			killed "commit-moved:$i" redo --yes
			again "$((i % 2 ? 0755 : 0700))"
			if [ $((i % 3)) = 0 ]; then pb recover --back --yes; old; pb redo --yes; else pb recover --yes; fi
			again
			new
		done
		for i in $(seq 2 "$step" "$moves"); do
			killed "commit-moved:$i" undo --yes
			again
			pb recover --yes
			old
			pb redo --yes
		done
		PUTBACK_FAILPOINT=commit-settled=EIO pb undo --yes && exit 1 || [ $? = 1 ]
		new
	SCRIPT
}

@test "what somebody changed since stops an undo, and is kept aside by force" {
	on_vfat <<-'SCRIPT'
		apply
		echo mine > "$R/boot/efi/EFI/lab/shimx64.efi"
		touch -d @1650000000 "$R/boot/efi/EFI/lab/same.efi" # nobody's work but a clock's
		! pb undo --yes 2> "$TMP/said"
		grep -q lab/shimx64.efi "$TMP/said"
		! grep -q same.efi "$TMP/said"
		pb undo --force --yes || [ $? = 7 ]
		[ "$(cat "$R/boot/efi/EFI/lab/shimx64.efi")" = 'shim of version 2' ]
		[ "$(cat "$R"/boot/efi/.putback/1/*.kept)" = mine ]
	SCRIPT
}

@test "a saved plan is good after a reboot" {
	on_vfat <<-'SCRIPT'
		pb plan efi-1-1 plain-1-1 -o "$TMP/saved" > "$TMP/said"
		again
		pb apply "$TMP/saved" --yes || [ $? = 7 ]
		new
	SCRIPT
}

@test "an administrator's .rpmnew and edits there" {
	on_vfat <<-'SCRIPT'
		echo edited > "$R/boot/efi/EFI/lab/grub.cfg"
		listing "$R" > "$TMP/old.efi"
		"$ORACLES/tree" snapshot "$R" "$TMP/old"
		apply
		[ "$(cat "$R/boot/efi/EFI/lab/grub.cfg")" = edited ]
		pb undo --yes
		old
	SCRIPT
}

@test "salvaged without a journal, after a reboot" {
	on_vfat <<-'SCRIPT'
		apply
		rm "$R"/.putback/journal.sqlite*
		again 0755
		pb recover --salvage > "$TMP/said"
		! grep damaged "$TMP/said"
		pb recover --salvage --yes || [ $? = 7 ]
		again
		old
	SCRIPT
}

@test "salvaged where it is mounted as another user's" {
	on_vfat <<-'SCRIPT'
		apply
		rm "$R"/.putback/journal.sqlite*
		again 0700 1000
		pb recover --salvage --yes || [ $? = 7 ]
		again
		old
	SCRIPT
}
