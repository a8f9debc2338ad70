#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# One at a time.

setup() { load lib; lab plain; }

@test "another putback holds the root: 8, for everything that would write" {
	pb apply plain-1-1 --yes
	assert_exit 0
	note
	hold flock "$R"
	for command in 'apply plain-1-1' undo redo recover 'forget 1'; do
		# shellcheck disable=SC2086
		pb $command --yes
		assert_exit 8
		assert_stderr 'another putback'
	done
	assert_root_untouched
	pb plan plain-1-1
	assert_exit 0
	pb log
	assert_exit 0
	release
	pb undo --yes
	assert_exit 0
}

@test "two at once: one does it, the other is told" {
	pb_both() { "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply plain-1-1 --yes > "$TMP/out.$1" 2>&1 < /dev/null && echo 0 > "$TMP/rc.$1" || echo $? > "$TMP/rc.$1"; }
	pb_both 1 3>&- &
	one=$!
	pb_both 2 3>&- &
	wait $one $!
	[[ "$(sort "$TMP"/rc.? | tr -d '\n')" =~ ^0[08]$ ]]
	assert_put_back
}

@test "rpm waits while we hold its lock, and is refused nothing afterwards" {
	hold fcntl "$R/var/lib/rpm/.rpm.lock"
	pb apply plain-1-1 --yes
	assert_exit 8
	assert_stderr rpm
	release
	assert_root_untouched
	pb apply plain-1-1 --yes
	assert_exit 0
	run -0 rpmr "$R" -U "$V2"/plain*.rpm
}

@test "undo, too, respects a running rpm" {
	pb apply plain-1-1 --yes
	assert_exit 0
	hold fcntl "$R/var/lib/rpm/.rpm.lock"
	pb undo --yes
	assert_exit 8
	release
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "redo, too" {
	pb apply plain-1-1 --yes
	pb undo --yes
	assert_exit 0
	note
	hold fcntl "$R/var/lib/rpm/.rpm.lock"
	pb redo --yes
	assert_exit 8
	assert_stderr 'the rpmdb is in use'
	assert_undone
	release
	pb redo --yes
	assert_exit 0
	assert_put_back
}

@test "recover, too, forward and back" {
	pb apply plain-1-1 --yes
	assert_exit 0
	sqlite3 "$R/.putback/journal.sqlite" "update transactions set state=(select code from states where name='committing')"
	note
	hold fcntl "$R/var/lib/rpm/.rpm.lock"
	for back in '' --back; do
		# shellcheck disable=SC2086
		pb recover $back --yes
		assert_exit 8
		assert_stderr 'the rpmdb is in use'
		same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
	done
	release
	pb recover --yes
	assert_exit 0
	assert_put_back
}

@test "salvage, too" {
	cp -a "$R" "$TMP/updated"
	pb apply plain-1-1 --yes
	assert_exit 0
	rm "$R"/.putback/journal.sqlite*
	note
	hold fcntl "$R/var/lib/rpm/.rpm.lock"
	pb recover --salvage --yes
	assert_exit 8
	assert_stderr 'the rpmdb is in use'
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
	pb recover --salvage # which only looks
	assert_exit 0
	release
	pb recover --salvage --yes
	assert_exit 0
	same tree "$TMP/updated" "$R" --no-dir-mtime "${VOLATILE[@]}"
	same rpmdb "$TMP/updated" "$R"
}

@test "files alone wait for a running rpm, too, and so does their undo" {
	hold fcntl "$R/var/lib/rpm/.rpm.lock"
	pb apply --only-path /usr/share/plain/changes plain-1-1 --yes
	assert_exit 8
	assert_stderr 'the rpmdb is in use'
	assert_root_untouched
	release
	pb apply --only-path /usr/share/plain/changes plain-1-1 --yes
	assert_exit 0
	note
	hold fcntl "$R/var/lib/rpm/.rpm.lock"
	pb undo --yes
	assert_exit 8
	assert_root_as_it_was
	release
	pb undo --yes
	assert_exit 0
}
