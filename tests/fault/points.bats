#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A build with failpoints dies, or gets an error, at each of its marked places: on a root of two file systems, with a
# small transaction of every kind of step. A sample; with FAULT_ALL=1, as `make crash-long` sets it, all of them.

setup() {
	load ../scenarios/lib
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	lab plain hardlinks modes types boot
	export PYTHONDONTWRITEBYTECODE=1 R ORACLE V1 KEY ORACLES PUTBACK WORK=$TMP/work
	export WHAT='plain-1-1 hardlinks-1-1 modes-1-1 types-1-1 boot-1-1'
}

points() { # GROUP...
	in_mounts "$BATS_TEST_DIRNAME/points" "$@" <<< '"$@"'
}

@test "a start that is reported as failed, though it was written, leaves nothing" {
	PUTBACK_FAILPOINT=staging=EIO pb apply plain-1-1 --yes
	assert_exit 1
	assert_stderr 'the root is as it was'
	[ ! -e "$R/.putback" ]
	assert_root_as_it_was
}

@test "an undo that is reported as not begun, though it is in the journal, is taken out of it again" {
	pb apply plain-1-1 --yes
	assert_exit 0
	PUTBACK_FAILPOINT=state-set=EIO pb undo --yes
	assert_exit 1
	pb log --json
	assert_jq '.transactions[0].state == "done"'
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "killed when a file shares blocks with a donor's" {
	need mkfs.btrfs
	truncate -s 320M "$TMP/img"
	mkfs.btrfs -q "$TMP/img" > "$TMP/mkfs" 2>&1 || skip 'mkfs.btrfs fails here'
	rc=0
	in_mounts "$PUTBACK" "$R" "$ORACLE" "$KEY" "$TMP" <<-'SCRIPT' || rc=$?
		PUTBACK=$1 KEY=$4 TMP=$5 rc=0
		mkdir "$TMP/mnt"
		mount -o loop "$TMP/img" "$TMP/mnt" 2> "$TMP/err" || exit 77
		cp -a "$2" "$TMP/mnt/root"
		cp -a "$3" "$TMP/mnt/donor"
		cd "$TMP/mnt"
		PUTBACK_FAILPOINT=stage-shared "$PUTBACK" --root root --from donor:donor --key "$KEY" apply plain-1-1 --yes || rc=$?
		[ $rc = 137 ]
		"$PUTBACK" --root root recover --yes
		[ ! -e root/.putback ]
		grep -q 'version 2' root/usr/share/plain/changes
		cd /
		umount "$TMP/mnt"
	SCRIPT
	[ "$rc" != 77 ] || skip 'no loop devices here'
	[ "$rc" = 0 ]
}

@test "every place is passed by a scenario" { points listed; }
@test "apply, undo, redo, recover, forget: killed or failing" { points acts; }
@test "recover, killed in its turn" { points again; }
@test "salvage, killed in its turn" { points salvage; }
@test "apply, undo, redo: killed on the way on which an error sends them" { points turned; }
@test "what somebody changed is in the way, and is kept aside; some paths salvaged, and the rest" { points rare; }
@test "the same without an exchange of names" { WITHOUT=exchange points acts ${FAULT_ALL:+again}; }
@test "the same without openat2" { WITHOUT=openat2 points acts ${FAULT_ALL:+again}; }
