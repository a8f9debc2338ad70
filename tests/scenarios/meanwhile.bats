#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What others did to the root between a kill and its recovery: it is named, nothing of it is lost, and nothing is taken for
# what it is not.

setup() { load lib; lab plain config; }

cut() { # COMMAND...: killed at the second exchange
	PUTBACK_FAILPOINT=commit-exchanged:2=kill pb "$@"
	assert_exit 137
}
need_failpoints() { [ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'; }
has_other() { rpmr "$R" -q other > "$TMP/out"; }

@test "a package came by the root's own rpm: it is not thrown away with the rpmdb that has it" {
	need_failpoints
	cut apply --yes plain-1-1 config-1-1
	rpmr "$R" -i "$(package other 1)"
	pb recover --yes
	assert_exit 10
	assert_says "the rpmdb in '/var/lib/rpm' has changed: packages came or went" '`recover --force` goes on'
	has_other
	# back, which leaves that rpmdb where it is
	pb recover --back --yes
	assert_exit 7
	assert_says "the rpmdb in '/var/lib/rpm' has changed since"
	has_other
	run -0 rpmr "$R" -q plain-2-1 config-2-1
	# and what is compared with it later is what it should have been
	pb redo --yes
	assert_exit 5
	assert_says 'packages came or went'
	has_other
}

@test "on all the same: what the rpmdb was is kept" {
	need_failpoints
	cut apply --yes plain-1-1 config-1-1
	rpmr "$R" -i "$(package other 1)"
	pb recover --force --yes
	assert_exit 7
	assert_says "is kept in '.putback' until forget"
	run -0 rpmr "$R" -q plain-1-1 config-1-1
	! has_other
	pb undo --yes
	assert_exit 0 7
	has_other
}

@test "behind the exchange of the rpmdb: neither way throws it away" {
	need_failpoints
	PUTBACK_FAILPOINT=directory-mtime:1=kill pb apply --yes plain-1-1
	assert_exit 137
	rpmr "$R" -i "$(package other 1)"
	pb recover --back --yes
	assert_exit 10
	assert_says 'packages came or went' '`recover --back --force` goes on'
	has_other
	pb recover --yes
	assert_exit 7
	assert_says "the rpmdb in '/var/lib/rpm' has changed since"
	has_other
	pb undo --yes
	assert_exit 5
	assert_says 'packages came or went'
	has_other
}

@test "a file edited in place: named, and kept where it is moved away all the same" {
	need_failpoints
	cut apply --yes plain-1-1
	echo "the user's" > "$R/usr/share/plain/sly"
	pb recover --yes
	assert_exit 10
	assert_says "'/usr/share/plain/sly' was changed" '`recover --force` goes on'
	[ "$(cat "$R/usr/share/plain/sly")" = "the user's" ]
	pb recover --force --yes
	assert_exit 7
	assert_says "'/usr/share/plain/sly' was changed; it is kept in '.putback' until forget"
	run -0 rpmr "$R" -V plain
	grep -rq "the user's" "$R/.putback/1"
	pb undo --yes
	[ "$(cat "$R/usr/share/plain/sly")" = "the user's" ]
}

@test "what a forced undo had kept aside is there again when the way is turned round" {
	need_failpoints
	for cut in none commit-returned; do
		pb apply --yes plain-1-1
		assert_exit 0
		echo mine > "$R/x"
		mv "$R/x" "$R/usr/share/plain/changes"
		PUTBACK_FAILPOINT=commit-aside:1=kill pb undo --yes --force
		assert_exit 137
		[ ! -e "$R/usr/share/plain/changes" ]
		if [ $cut != none ]; then
			PUTBACK_FAILPOINT=$cut=kill pb recover --yes --back --force
			assert_exit 137
		fi
		PUTBACK_FAILPOINT=commit-returned=EIO pb recover --yes --back --force || :
		pb recover --yes --back --force
		assert_exit 0 7
		[ "$(cat "$R/usr/share/plain/changes")" = mine ]
		pb undo --yes --force
		assert_exit 7
		grep -q 'version 2' "$R/usr/share/plain/changes"
		pb forget 1 --yes
		rm -rf "$R/.putback"
	done
}

@test "the same of a recovery that was cut short" {
	need_failpoints
	PUTBACK_FAILPOINT=commit-exchanged:3=kill pb apply --yes plain-1-1
	assert_exit 137
	echo mine > "$R/x"
	mv "$R/x" "$R/usr/share/plain/changes"
	PUTBACK_FAILPOINT=commit-aside:1=kill pb recover --yes --back --force
	assert_exit 137
	pb recover --yes --force
	assert_exit 7
	assert_says "what stood at '/usr/share/plain/changes' before is there again"
	[ "$(cat "$R/usr/share/plain/changes")" = mine ]
}

@test "a mount over a directory hides what is in it, and nothing of that is taken for gone" {
	need_failpoints
	rm -r "$R"/usr/share/plain/*
	pb apply --yes --only-path /usr/share/plain plain
	assert_exit 0
	in_mounts "$PUTBACK" "$R" "$TMP" <<-'SCRIPT'
		mount -t tmpfs x "$2/usr/share/plain"
		rc=0
		"$1" --root "$2" undo --yes --force < /dev/null 2> "$3/err" || rc=$?
		[ $rc = 5 ]
		grep -q "is hidden by a mount" "$3/err"
		umount "$2/usr/share/plain"
		[ -e "$2/usr/share/plain/changes" ]
	SCRIPT
	PUTBACK_FAILPOINT=commit-moved:1=kill pb undo --yes
	assert_exit 137
	in_mounts "$PUTBACK" "$R" "$TMP" <<-'SCRIPT'
		mount -t tmpfs x "$2/usr/share/plain"
		for back in '' --back; do
			rc=0
			"$1" --root "$2" recover --yes --force $back < /dev/null 2> "$3/err" || rc=$?
			[ $rc = 10 ]
			grep -q "is hidden by a mount" "$3/err"
		done
	SCRIPT
	pb recover --yes
	assert_exit 0 7
	[ ! -e "$R/usr/share/plain/changes" ]
}
