#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# File names with newlines, escapes, globs and bytes that are not UTF-8 (tests/fixtures/specs/names.spec).

setup() { load lib; lab names; }

@test "names that are not UTF-8: a replacement character, and the bytes in hex" {
	pb plan names-1-1 --json --files
	assert_exit 0
	iconv -f UTF-8 -t UTF-8 <<< "$output" > /dev/null
	assert_jq '[.ops[] | select(.path_hex) | .path_hex | ascii_downcase] | any(endswith("6c6174696e2de4f6"))' \
		'[.ops[].path] | any(endswith("/new\nline"))' '[.ops[].path] | any(endswith("/esc\u001b[7m"))'
}

@test "text is well-formed too: no control characters, no broken UTF-8" {
	pb plan names-1-1 --files
	assert_exit 0
	iconv -f UTF-8 -t UTF-8 <<< "$output" > /dev/null
	! grep -q $'[\001-\010\013-\037]' <<< "$output"
	pb apply names-1-1 --yes --verbose
	assert_exit 0
	! grep -q $'[\001-\010\013-\037]' <<< "$output$stderr"
}

@test "the names themselves come back" {
	pb apply names-1-1 --yes
	assert_exit 0
	assert_put_back
	[ ! -e pwned ]
	pb undo --yes
	assert_exit 0
	assert_undone
}
