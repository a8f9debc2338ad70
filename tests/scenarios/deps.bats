#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The set that would result goes through librpm's own check: breaks that the change adds are refused.

setup() { load lib; lab plain needs other; }

@test "a break that the change adds is refused, by name" {
	pb apply plain-1-1 --yes
	assert_exit 5
	assert_stderr needs-2-1 'plain >= 2'
	assert_root_untouched
}

@test "plan shows it and exits 5 as well" {
	pb plan plain-1-1
	assert_exit 5
	assert_says 'plain >= 2'
	pb plan plain-1-1 --json
	assert_exit 5
	jq -e . <<< "$output" > "$TMP/out"
}

@test "--nodeps overrides it" {
	pb apply plain-1-1 --nodeps --yes
	assert_exit 0 7
	run -0 rpmr "$R" -q plain-1-1 needs-2-1
	pb undo --yes
	assert_undone
}

@test "both together are fine" {
	pb apply plain-1-1 needs-1-1 --yes
	assert_exit 0
	same tree "$ORACLE" "$R" --no-dir-mtime "${VOLATILE[@]}" --ignore '*/other/*'
}

@test "a break that was there before is mentioned, and no more" {
	rpmr "$R" -e --nodeps plain
	settle
	pb plan needs-1-1
	assert_exit 0
	assert_says 'plain >= 1'
	pb apply needs-1-1 --yes
	assert_exit 0 7
	[ "$(content usr/share/needs/file)" = 'version 1' ]
}
