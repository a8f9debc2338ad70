#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The same as points.bats, on roots of other kinds and with other things in them, each with a small transaction. MUST: the
# places that only such a root passes.

setup() {
	load ../scenarios/lib
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	export PYTHONDONTWRITEBYTECODE=1 R ORACLE V1 V2 KEY ORACLES PUTBACK WORK=$TMP/work MOUNTS='' PINS=''
}

points() { # GROUP...
	in_mounts "$BATS_TEST_DIRNAME/points" "$@" <<< '"$@"'
}

@test "the root an overlay, where objects are known by what they are" {
	lab plain hardlinks modes
	# where an old and a new one differ in nothing but who shares the inode, a nanosecond tells them apart
	links=usr/lib/links
	touch -r "$ORACLE/$links/joined.a" "$R/$links/joined.a"
	touch -r "$ORACLE/$links/same.b" "$R/$links/same.b"
	rm "$R/$links/same.a"
	echo edited > "$R/$links/same.a"
	for f in joined.b same.b; do touch -d "$(stat -c @%Y "$ORACLE/$links/$f").000000001" "$ORACLE/$links/$f"; done
	export WHAT='plain-1-1 hardlinks-1-1 modes-1-1' OVER=upper MUST='stage-told-apart'
	points kinds
}

@test "the root an overlay, of which all is in the lower layer" {
	lab plain hardlinks modes config
	export WHAT='plain-1-1 hardlinks-1-1 modes-1-1 config-1-1' OVER=lower
	points kinds
}

@test "a kind of vfat, after a reboot each time" {
	PLAINFS=${PUTBACK_BUILDDIR:?}/tests/crash/plainfs
	[ -x "$PLAINFS" ] && [ -e /dev/fuse ] || skip 'no fuse3 here'
	lab efi
	export PLAINFS WHAT=efi-1-1 ORACLE='' MOUNTS=boot/efi MUST='commit-settled'
	points kinds
}

@test "/boot on xfs, which is frozen and thawed" {
	need mkfs.xfs losetup fsfreeze
	truncate -s 320M "$TMP/img"
	mkfs.xfs -q "$TMP/img" > "$TMP/mkfs" 2>&1 || skip 'mkfs.xfs fails here'
	unshare -m mount -o loop "$TMP/img" /mnt 2> "$TMP/err" || skip "cannot mount: $(< "$TMP/err")"
	lab plain boot
	export WHAT='plain-1-1 boot-1-1' MOUNTS=boot MKFS='mkfs.xfs -q' MUST='freeze-noted freeze-killed frozen still-frozen thawed'
	points kinds
}

@test "the rpmdb on a file system of its own" {
	lab plain
	export WHAT=plain-1-1 MOUNTS=var/lib/rpm
	points kinds
}

@test "with dnf's history, part of which stands in its log" {
	lab dnf plain
	change_in_wal "$R/var/lib/dnf/history.sqlite" "update trans set state=1 where id=(select max(id) from trans)"
	export WHAT='--undo last' MUST='others-staged'
	points kinds
}

@test "upon another transaction, which can be taken back wherever this one has not come to its end" {
	lab plain hardlinks
	export BENEATH='plain-1-1 hardlinks-1-1' WHAT='plain-2-1 hardlinks-2-1' ORACLE=$R
	points kinds
}

# What the scenarios of each judge when nothing disturbs it; here there is no oracle for all of them together.
@test "lists, labels, privileges of what has another name, devices, directories, moved configuration" {
	need setfattr setcap
	lab plain dirs config devices moves
	setfattr -n security.selinux -v a:b:c:s0 "$R" 2> "$TMP/err" || skip 'no labels on this file system'
	find "$R/usr" "$R/etc" -type d -exec setfattr -n security.selinux -v d:b:c:s0 {} +
	list=0x0200000001000600ffffffff020006000100000004000400ffffffff10000600ffffffff20000400ffffffff
	setfattr -n system.posix_acl_default -v $list "$R/usr/share/plain" "$R/usr/lib/devices" 2> "$TMP/err" || skip 'no lists'
	cp /bin/true "$R/usr/share/plain/changes"
	cp /bin/true "$R/usr/share/plain/comes"
	mkdir "$R/mine"
	ln "$R/usr/share/plain/changes" "$R/usr/share/plain/comes" "$R/mine"
	setcap cap_net_raw=ep "$R/usr/share/plain/changes"
	chmod 4755 "$R"/usr/share/plain/{changes,comes}
	echo edited >> "$R/etc/config/added.conf"
	settle
	export WHAT='plain-1-1 dirs-1-1 config-1-1 devices-1-1 moves-1-1 moves-to-1-1' ORACLE='' \
		MUST='stage-acl stage-acl-by-name stage-label stage-label-by-name stripped unstripped privileges-mode'
	points kinds
}
