#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# There and back, and killed in between, on the file systems that machines have.

setup() {
	load lib
	WHAT=(plain-1-1 hardlinks-1-1 modes-1-1 types-1-1 config-1-1)
	lab "${WHAT[@]%-1-1}"
}

# Runs on $R moved to a file system of its own. IDENTITY: what undo is compared by.
there_and_back_on() { # MOUNT-COMMANDS [IDENTITY]: $M is to be mounted, $IMG may be used
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$TMP" "$ORACLES" "$ORACLE" "$1" "${2---inodes}" \
		"${WHAT[@]}" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; return 1; }
		PUTBACK=$1 R=$2 V1=$3 KEY=$4 TMP=$5 ORACLES=$6 ORACLE=$7 mounting=$8 identity=$9
		shift 9
		M=$TMP/mnt IMG=$TMP/img
		mkdir -p "$M"
		eval "$mounting" || { echo 'cannot be mounted here'; exit 77; }
		setfattr -x trusted.xfs:autofsck "$M" 2> "$TMP/err" || : # of later mkfs.xfs
		[ -e "$M/usr" ] || cp -a "$R/." "$M/"
		sync -f "$M"
		pb() { "$PUTBACK" --root "$M" --from "$V1" --key "$KEY" "$@" < /dev/null; }
		old() { "$ORACLES/tree" compare "$TMP/old" "$M" $identity --ignore /.putback --ignore '/.putback/*'; }
		new() { "$ORACLES/tree" compare "$ORACLE" "$M" --no-dir-mtime --ignore '*/.putback*' --ignore '/var/lib/rpm/*' \
			--ignore /lost+found --ignore '*.rpmmoved*'; }
		apply() { pb apply "$@" --yes || [ $? = 7 ]; }
		"$ORACLES/tree" snapshot "$M" "$TMP/old"
		pb plan plain-1-1 > "$TMP/plan"
		"$ORACLES/tree" compare "$TMP/old" "$M" --untouched
		start=${EPOCHREALTIME/./}
		apply "$@"
		took=$((${EPOCHREALTIME/./} - start))
		new
		"$ORACLES/rpmdb" compare "$ORACLE" "$M"
		pb undo --yes
		old
		pb redo --yes
		new
		pb undo --yes
		for i in 1 2 3 4 5 6; do
			printf -v s '%d.%06d' $((took * i / 7 / 1000000)) $((took * i / 7 % 1000000))
			timeout -s KILL $s "$PUTBACK" --root "$M" --from "$V1" --key "$KEY" \
				apply "$@" --yes < /dev/null > "$TMP/killed" 2>&1 || :
			pb recover --yes
			if [ "$(cat "$M/usr/share/plain/changes")" = 'this is version 1' ]; then new; pb undo --yes; fi
			old
		done
		umount "$M"
	SCRIPT
}

on_image() { # mkfs command...
	need "$1" losetup
	truncate -s 320M "$TMP/img"
	"$@" "$TMP/img" > "$TMP/mkfs" 2>&1 || skip "$1 fails here"
	mkdir -p "$TMP/mnt"
	mount -o loop "$TMP/img" "$TMP/mnt" 2> "$TMP/err" || skip "cannot mount: $(< "$TMP/err")"
	umount "$TMP/mnt"
	# shellcheck disable=SC2016
	there_and_back_on 'mount -o loop "$IMG" "$M"'
}

@test "ext4" { on_image mkfs.ext4 -q -F; }
@test "ext4 with small inodes, which know no birth time" { on_image mkfs.ext4 -q -F -I 128; }
@test "xfs" { on_image mkfs.xfs -q; }
@test "btrfs" { on_image mkfs.btrfs -q; }

# shellcheck disable=SC2016
@test "tmpfs" { there_and_back_on 'mount -t tmpfs -o mode=755 small "$M"'; }

# shellcheck disable=SC2016
@test "overlayfs: what is only in the lower layer has no inode of its own to come back to" {
	unshare -m bash -c 'mkdir "$1"/{l,u,m} && mount -t tmpfs x "$1/u" && mkdir "$1"/u/{u,w} &&
		mount -t overlay -o "lowerdir=$1/l,upperdir=$1/u/u,workdir=$1/u/w" y "$1/m"' x "$TMP" 2> "$TMP/err" || skip 'no overlayfs here'
	WHAT=(plain-1-1 hardlinks-1-1 modes-1-1 config-1-1)
	rm -rf "$R"
	lab "${WHAT[@]%-1-1}"
	# what moves is copied from the lower layer name by name: undo cannot bring its hard links back
	NO_LINKS='--what missing --what extra --what type --what mode --what uid --what gid --what size
		--what mtime --what dir-mtime --what xattrs --what content'
	there_and_back_on 'mkdir "$TMP/upper" && mount -t tmpfs up "$TMP/upper" && mkdir "$TMP"/upper/{u,w} &&
		mount -t overlay -o "lowerdir=$R,upperdir=$TMP/upper/u,workdir=$TMP/upper/w" over "$M"' "$NO_LINKS"
}

@test "btrfs, the root a subvolume, and others nested in it that no fstab names: an area for each" {
	need mkfs.btrfs btrfs losetup
	truncate -s 320M "$TMP/img"
	mkfs.btrfs -q "$TMP/img" > "$TMP/mkfs" 2>&1 || skip 'mkfs.btrfs fails here'
	mkdir -p "$TMP/mnt"
	mount -o loop "$TMP/img" "$TMP/mnt" 2> "$TMP/err" || skip "cannot mount: $(< "$TMP/err")"
	umount "$TMP/mnt"
	# shellcheck disable=SC2016
	there_and_back_on 'mount -o loop "$IMG" "$M" && btrfs -q subvolume create "$M/root" && umount "$M" &&
		mount -o loop,subvol=root "$IMG" "$M" && btrfs -q subvolume create "$M/var" && mkdir "$M/usr" &&
		btrfs -q subvolume create "$M/usr/share" && cp -a "$R/." "$M/"' '--inodes --ignore */.putback*'
}

@test "without extended attributes: capabilities are refused, as rpm fails there; all else goes there and back" {
	in_mounts "$PUTBACK" "$R" "$ORACLE" "$V1" "$KEY" "$ORACLES" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; [ ! -e "$TMP/skip" ] || skip 'no ramfs here'; false; }
		PUTBACK=$1 R=$2 ORACLE=$3 V1=$4 KEY=$5 ORACLES=$6 TMP=$7
		bare() { # DIR: on memory that keeps no attributes
			cp -a "$R/$1" "$TMP/keep"
			mount -t ramfs -o mode=755 bare "$R/$1" || { touch "$TMP/skip"; exit 1; }
			cp -a "$TMP/keep/." "$R/$1/" 2> "$TMP/err" || :
			rm -r "$TMP/keep"
		}
		bare usr/lib/modes
		! getfattr -n security.capability "$R/usr/lib/modes/mode" 2> "$TMP/err" || exit 1
		bare usr/share/plain
		pb() { "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < /dev/null; }
		pb apply modes-1-1 --yes 2> "$TMP/said" && rc=0 || rc=$?
		[ $rc = 5 ]
		grep -q "'/usr/lib/modes/caps' of modes-1-1.* has capabilities, and '/usr/lib/modes' (ramfs) cannot hold them" "$TMP/said"
		"$ORACLES/tree" snapshot "$R" "$TMP/here"
		pb apply plain-1-1 --yes
		"$ORACLES/tree" compare "$ORACLE" "$R" --no-dir-mtime --only /usr/share/plain --ignore '*/.putback*'
		pb undo --yes
		"$ORACLES/tree" compare "$TMP/here" "$R" --inodes --ignore '*/.putback*'
		if [ -n "${PUTBACK_FAILPOINTS-}" ]; then
			PUTBACK_FAILPOINT=commit-exchanged:2 pb redo --yes && false || [ $? = 137 ]
			pb recover --yes
			"$ORACLES/tree" compare "$ORACLE" "$R" --no-dir-mtime --only /usr/share/plain --ignore '*/.putback*'
		fi
		! rpm --root "$R" --dbpath /var/lib/rpm -U --oldpackage "$V1"/modes*.rpm 2> "$TMP/err"
	SCRIPT
}
