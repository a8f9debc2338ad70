#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A root of several file systems, and those that are missing.

setup() { load lib; }

@test "a path beneath a mount point that fstab names and nobody mounted: refused" {
	lab plain boot
	echo 'UUID=11-22 /boot ext4 defaults 0 2' >> "$R/etc/fstab"
	settle
	pb plan boot-1-1
	assert_exit 5
	pb apply boot-1-1 --yes
	assert_exit 5
	assert_stderr /boot 'not mounted'
	assert_root_untouched
	pb apply plain-1-1 --yes # does not go there
	assert_exit 0
}

@test "noauto, swap and network entries of fstab that the plan does not touch are no obstacle" {
	lab plain
	printf '%s\n' '/dev/sdb1 none swap sw 0 0' 'server:/home /home nfs defaults 0 0' 'LABEL=x /mnt/x ext4 noauto 0 0' \
		'proc /proc proc defaults 0 0' '# comment' 'too few' '/dev/sdc1 /srv/with\040blank ext4 defaults 0 0' >> "$R/etc/fstab"
	settle
	pb apply plain-1-1 --yes
	assert_exit 0
	assert_put_back --ignore /etc/fstab
}

@test "a second file system in the root: there and back, with an area of its own" {
	lab plain boot
	in_mounts "$PUTBACK" "$R" "$ORACLE" "$V1" "$KEY" "$ORACLES" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 ORACLE=$3 V1=$4 KEY=$5 ORACLES=$6 TMP=$7
		mkdir "$TMP/keep"
		cp -a "$R/boot/." "$TMP/keep/"
		mount -t tmpfs -o size=20m,mode=755 boot "$R/boot"
		cp -a "$TMP/keep/." "$R/boot/"
		"$ORACLES/tree" snapshot "$R" "$TMP/here"
		"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply boot-1-1 plain-1-1 --yes
		[ "$(cat "$R/boot/image")" = 'version 1' ]
		[ -d "$R/boot/.putback" ]
		"$ORACLES/tree" compare "$ORACLE" "$R" --no-dir-mtime --ignore '*/.putback*' --ignore '/var/lib/rpm/*'
		"$PUTBACK" --root "$R" undo --yes
		"$ORACLES/tree" compare "$TMP/here" "$R" --inodes --ignore '*/.putback*'
		"$PUTBACK" --root "$R" redo --yes
		[ "$(cat "$R/boot/image")" = 'version 1' ]
		"$PUTBACK" --root "$R" forget 1 --yes
		[ ! -e "$R/boot/.putback" ] || [ "$(du -sk "$R/boot/.putback" | cut -f1)" -lt 100 ]
		umount "$R/boot"
	SCRIPT
}

@test "what a rescuer mounts for a chroot is left alone, and undo asks for none of it" {
	lab passing
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$ORACLES" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 V1=$3 KEY=$4 ORACLES=$5 TMP=$6
		mkdir -p "$TMP/host" && echo host > "$TMP/host/file"
		"$ORACLES/tree" snapshot "$R" "$TMP/here"
		"$ORACLES/tree" snapshot "$TMP/host" "$TMP/host.was"
		mount --bind "$TMP/host" "$R/run"
		mount -t tmpfs dev "$R/dev"
		mount -t tmpfs tmp "$R/tmp"
		"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply passing-1-1 --yes > "$TMP/said"
		grep "mounted on '/run'.*not the machine's" <(tr -s '\n ' ' ' < "$TMP/said")
		[ "$(cat "$R/usr/share/passing/file")" = 'version 1' ]
		"$ORACLES/tree" compare "$TMP/host.was" "$TMP/host" --inodes
		[ -z "$(ls -A "$R/dev")" ]
		umount "$R/run" "$R/dev" "$R/tmp"
		[ "$(cat "$R/run/passing/file")" = 'version 2' ]
		"$PUTBACK" --root "$R" undo --yes
		"$ORACLES/tree" compare "$TMP/here" "$R" --inodes --ignore '/.putback*'
	SCRIPT
}

@test "undo when that file system is no longer mounted: refused, nothing moved" {
	lab plain boot
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$ORACLES" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 V1=$3 KEY=$4 ORACLES=$5 TMP=$6
		mkdir "$TMP/keep"
		cp -a "$R/boot/." "$TMP/keep/"
		mount -t tmpfs -o size=20m,mode=755 boot "$R/boot"
		cp -a "$TMP/keep/." "$R/boot/"
		"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply boot-1-1 plain-1-1 --yes
		umount "$R/boot"
		"$ORACLES/tree" snapshot "$R" "$TMP/here"
		! "$PUTBACK" --root "$R" undo --yes 2> "$TMP/said"
		grep -q /boot "$TMP/said"
		"$ORACLES/tree" compare "$TMP/here" "$R" --inodes --ignore '/.putback*'
	SCRIPT
}

@test "a bind mount of the same file system" {
	lab plain
	in_mounts "$PUTBACK" "$R" "$ORACLE" "$V1" "$KEY" "$ORACLES" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 ORACLE=$3 V1=$4 KEY=$5 ORACLES=$6 TMP=$7
		mkdir "$R/srv"
		cp -a "$R/usr/share/plain" "$R/srv/plain"
		mount --bind "$R/srv/plain" "$R/usr/share/plain"
		"$ORACLES/tree" snapshot "$R" "$TMP/here"
		"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply plain-1-1 --yes
		"$ORACLES/tree" compare "$ORACLE" "$R" --no-dir-mtime --only /usr/share/plain --ignore '*/.putback*'
		"$PUTBACK" --root "$R" undo --yes
		"$ORACLES/tree" compare "$TMP/here" "$R" --inodes --ignore '*/.putback*'
	SCRIPT
}

@test "one file system at two places of the root: refused, with both of them, until one is away" {
	lab plain boot
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$ORACLES" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 V1=$3 KEY=$4 ORACLES=$5 TMP=$6 rc=0
		apply() { "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply "$@" --yes < /dev/null; }
		mkdir "$TMP/fs"
		mount -t tmpfs -o size=20m,mode=755 both "$TMP/fs"
		cp -a "$R/boot/." "$R/usr/lib/boot/." "$TMP/fs/"
		mount --bind "$TMP/fs" "$R/boot"
		mount --bind "$TMP/fs" "$R/usr/lib/boot"
		"$ORACLES/tree" snapshot "$R" "$TMP/here"
		apply boot-1-1 2> "$TMP/err" || rc=$?
		cat "$TMP/err"
		[ $rc = 5 ]
		grep "the same file system is mounted at '/boot' and at '/usr/lib/boot' of the root: umount" "$TMP/err"
		grep 'the root is as it was' "$TMP/err"
		"$ORACLES/tree" compare "$TMP/here" "$R" --inodes
		apply plain-1-1 # which does not go there
		umount "$R/usr/lib/boot"
		apply boot-1-1
		[ "$(cat "$R/boot/image")" = 'version 1' ]
	SCRIPT
}

@test "the database on a file system of its own" {
	lab plain
	in_mounts "$PUTBACK" "$R" "$ORACLE" "$V1" "$KEY" "$ORACLES" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 ORACLE=$3 V1=$4 KEY=$5 ORACLES=$6 TMP=$7
		cp -a "$R/var/lib/rpm" "$TMP/keep"
		mount -t tmpfs -o size=50m,mode=755 rpmdb "$R/var/lib/rpm"
		cp -a "$TMP/keep/." "$R/var/lib/rpm/"
		"$ORACLES/tree" snapshot "$R" "$TMP/here"
		"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply plain-1-1 --yes
		"$ORACLES/rpmdb" compare "$ORACLE" "$R"
		"$ORACLES/tree" compare "$ORACLE" "$R" --no-dir-mtime --ignore '*/.putback*' --ignore '/var/lib/rpm*'
		"$PUTBACK" --root "$R" undo --yes
		"$ORACLES/tree" compare "$TMP/here" "$R" --inodes --ignore '*/.putback*'
	SCRIPT
}

# Each on memory of its own, but /opt: a device on a file of a file system that is itself on a device; and /srv: the
# root's own file system, mounted a second time.
spread_out() {
	need mkfs.ext4 losetup
	lab plain mounts
	cat > "$TMP/script"
	in_mounts "$TMP/script" "$PUTBACK" "$R" "$ORACLE" "$V1" "$KEY" "$ORACLES" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		script=$1 PUTBACK=$2 R=$3 ORACLE=$4 V1=$5 KEY=$6 ORACLES=$7 TMP=$8
		AREAS=(boot boot/efi usr usr/share usr/share/mounts/deep var home opt)
		mkdir "$TMP/keep" "$TMP/below"
		cp -a "$R/." "$TMP/keep"
		small() { truncate -s "$2" "$1"; mkfs.ext4 -q -F "$1" && mount -o loop "$1" "$3"; }
		small "$TMP/outer.img" 48M "$TMP/below"
		for d in "${AREAS[@]}"; do
			if [ "$d" = opt ]; then small "$TMP/below/img" 24M "$R/opt"; rmdir "$R/opt/lost+found"
			else mount -t tmpfs -o mode=755 "m-${d//\//-}" "$R/$d"; fi
			cp -a "$TMP/keep/$d/." "$R/$d/"
		done
		mount --bind "$R/srv/mounts" "$R/srv/mounts"
		pb() { "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < /dev/null; }
		new() { "$ORACLES/tree" compare "$ORACLE" "$R" --no-dir-mtime --ignore '*/.putback*' --ignore '/var/lib/rpm/*'
			"$ORACLES/rpmdb" compare "$ORACLE" "$R"; }
		old() { "$ORACLES/tree" compare "$TMP/here" "$R" --inodes --ignore '*/.putback*'; }
		"$ORACLES/tree" snapshot "$R" "$TMP/here"
		. "$script"
		umount "$R/srv/mounts" "$R/opt" "$TMP/below"
	SCRIPT
}

@test "a machine of nine file systems, nested, stacked and bound: as rpm leaves it, and undone inode for inode" {
	spread_out <<-'SCRIPT'
		pb plan mounts-1-1 plain-1-1 > "$TMP/plan"
		for d in "${AREAS[@]}"; do grep -q "^  /$d " "$TMP/plan"; done
		old
		pb apply mounts-1-1 plain-1-1 --yes
		new
		for d in "${AREAS[@]}" srv/mounts; do [ -d "$R/$d/.putback/1" ]; done
		pb undo --yes
		old
		pb redo --yes
		new
		pb forget 1 --yes
		for d in "${AREAS[@]}" srv/mounts; do [ ! -e "$R/$d/.putback" ]; done
	SCRIPT
}

@test "the same, killed in the middle" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	spread_out <<-'SCRIPT'
		PUTBACK_FAILPOINT=slots-made:5 pb apply mounts-1-1 plain-1-1 --yes && false || [ $? = 137 ]
		pb recover --yes
		old
		for d in "" "${AREAS[@]}" srv/mounts; do [ ! -e "$R/$d/.putback" ]; done
		for at in commit-exchanged:14 commit-moved:9 synced:14 commit-exchanged:19; do # ten of them are probes
			PUTBACK_FAILPOINT=$at pb apply mounts-1-1 plain-1-1 --yes && false || [ $? = 137 ]
			pb recover --yes
			new
			pb undo --yes
			old
		done
		PUTBACK_FAILPOINT=commit-exchanged:6 pb redo --yes && false || [ $? = 137 ]
		pb recover --back --yes
		old
	SCRIPT
}

@test "the root's own .putback removed by hand: a new transaction does not take the number of what lies on /boot" {
	lab plain boot
	in_mounts "$PUTBACK" "$R" "$V1" "$V2" "$KEY" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 V1=$3 V2=$4 KEY=$5 TMP=$6
		pb() { "$PUTBACK" --root "$R" --from "$V1" --from "$V2" --key "$KEY" "$@" < /dev/null; }
		mkdir "$TMP/fs"
		mount -t tmpfs -o size=20m,mode=755 boot "$TMP/fs"
		cp -a "$R/boot/." "$TMP/fs/"
		mount --bind "$TMP/fs" "$R/boot"
		pb apply plain-1-1 boot-1-1 --yes
		rm -r "$R/.putback"
		pb apply plain-2-1 --yes
		pb log --json | jq -e '.transactions[0].id == 2'
		pb forget 2 --yes
		[ -d "$R/boot/.putback/1" ]
		rm -r "$R/.putback"
		umount "$R/boot"
		pb apply plain-1-1 --yes # nobody can know of the other one
		pb log --json | jq -e '.transactions[0].id == 1'
		mount --bind "$TMP/fs" "$R/boot"
		pb forget 1 --yes
		[ -d "$R/boot/.putback/1" ]
		[ ! -e "$R/.putback/1" ]
		pb forget 1 --yes --force || [ $? = 7 ]
		[ ! -e "$R/boot/.putback/1" ]
	SCRIPT
}

@test "a forget that was cut short goes on without /boot: what comes back is swept, and never salvaged" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	lab plain boot
	in_mounts "$PUTBACK" "$R" "$V1" "$V2" "$KEY" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 V1=$3 V2=$4 KEY=$5 TMP=$6
		pb() { "$PUTBACK" --root "$R" --from "$V1" --from "$V2" --key "$KEY" "$@" < /dev/null; }
		mkdir "$TMP/fs"
		mount -t tmpfs -o size=20m,mode=755 boot "$TMP/fs"
		cp -a "$R/boot/." "$TMP/fs/"
		mount --bind "$TMP/fs" "$R/boot"
		for how in kill force; do
			pb apply plain-1-1 boot-1-1 --yes
			n=$(pb log --json | jq '[.transactions[].id] | max')
			if [ $how = kill ]; then
				PUTBACK_FAILPOINT=slots-removed=kill pb forget "$n" --yes && false || [ $? = 137 ]
				umount "$R/boot"
			else
				umount "$R/boot"
				pb forget "$n" --yes --force || [ $? = 7 ]
			fi
			pb recover --yes
			pb apply plain-2-1 --yes # not hindered by what is elsewhere
			mount --bind "$TMP/fs" "$R/boot"
			[ -d "$R/boot/.putback/$n" ]
			pb recover --salvage --json | jq -e '.salvage == []'
			pb recover --salvage --yes || [ $? = 5 ]
			rpm --root "$R" --dbpath /var/lib/rpm -V boot
			pb recover --yes
			[ ! -e "$R/boot/.putback/$n" ]
			rpm --root "$R" --dbpath /var/lib/rpm -V boot
			[ "$(sqlite3 "$R/.putback/journal.sqlite" "select count(*) from areas where txn=$n")" = 0 ]
			pb apply boot-2-1 --yes
		done
	SCRIPT
}

@test "killed before it changed anything, of two file systems: nothing is left, beside another transaction too, and without /boot" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	lab plain boot
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 V1=$3 KEY=$4 TMP=$5
		pb() { "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < /dev/null; }
		cut() { PUTBACK_FAILPOINT=ready=$1 pb apply boot-1-1 --yes; }
		mkdir "$TMP/fs"
		mount -t tmpfs -o size=20m,mode=755 boot "$TMP/fs"
		cp -a "$R/boot/." "$TMP/fs/"
		mount --bind "$TMP/fs" "$R/boot"
		for others in 0 1; do
			cut kill && false || [ $? = 137 ]
			pb recover --yes
			[ ! -e "$R/boot/.putback" ]
			cut EIO 2> "$TMP/err" && exit 1 || [ $? = 1 ]
			grep 'the root is as it was' "$TMP/err"
			[ "$(wc -l < "$TMP/err")" = 1 ]
			[ ! -e "$R/boot/.putback" ]
			cut kill && false || [ $? = 137 ]
			umount "$R/boot"
			pb recover --yes > "$TMP/said" || [ $? = 7 ]
			[ "$(grep -c 'goes when it is again' "$TMP/said")" = 1 ]
			pb apply plain-1-1 --yes
			pb undo --yes
			mount --bind "$TMP/fs" "$R/boot"
			[ -d "$R/boot/.putback" ]
			pb recover --salvage --json | jq -e '.salvage == []'
			pb recover --yes
			[ ! -e "$R/boot/.putback" ]
		done
	SCRIPT
}
