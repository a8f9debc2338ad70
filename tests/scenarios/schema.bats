#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every document of --json is as doc/schema says; and the checker that says so can say no.

setup() {
	load lib
	need python3
	SCHEMA=$HERE/../../doc/schema/putback-1.json
	CHECK=$HERE/../schema/check.py
}

in_schema() {
	"$CHECK" "$SCHEMA" <<< "$output" || tell 'not as the schema says'
}

@test "each command, and what a failure prints" {
	lab dnf plain config
	for arguments in survey history 'history last' log 'plan --undo last' 'plan plain-2-1' \
		'recover --yes' 'apply --undo last --yes' survey log 'log 1' 'undo --yes' 'redo --yes' \
		'apply plain-1-1 --yes' 'forget 1 --yes' log 'undo --yes' 'history 4711' 'plan no-such-package' \
		'plan --undo 1 --from /nowhere' 'undo 99 --yes' 'plan --frobnicate'; do
		# shellcheck disable=SC2086
		pb $arguments --json
		in_schema || tell "putback $arguments"
	done
}

@test "what is salvaged" {
	lab plain names
	pb apply plain-1-1 names-1-1 --yes
	rm "$R"/.putback/journal.sqlite*
	pb recover --salvage --json
	assert_exit 0
	in_schema
	assert_jq '.salvage[0].entries | length > 3'
	rm "$R/.putback/1/manifest"
	pb recover --salvage --json
	in_schema
}

@test "names that are not UTF-8" {
	lab names
	pb plan names-1-1 --json
	in_schema
	assert_jq '[.ops[] | has("path_hex")] | any'
}

@test "refused, missing and untrusted have their lists" {
	lab dnf plain other
	echo 'UUID=11-22 /usr/share ext4 defaults 0 2' >> "$R/etc/fstab"
	pb plan --undo last --json
	assert_exit 5
	in_schema
	assert_jq .refused '[.problems[].kind] | any(. == "not-mounted")'
	pb apply --undo last --yes --json
	assert_exit 5
	in_schema
	assert_jq '[.error.problems[].severity] | any(. == "refuse")'
	rm "$V1"/other*
	pb plan --undo last --json
	assert_exit 4
	in_schema
	assert_jq '.error.missing == ["other-1-1.noarch"]' '.error.looked_at | length >= 1'
	pb plan plain-1-1 --key "$STRANGER" --json
	in_schema
	run --separate-stderr "$PUTBACK" --root "$R" --from "$V1" --key "$STRANGER" plan plain-1-1 --json
	assert_exit 9
	in_schema
	assert_jq '.error.packages[0].package == "plain-1-1.noarch"' '.error.packages[0].verdict == "no-key"'
}

@test "the checker finds what is wrong" {
	lab dnf plain
	pb plan --undo last --json
	in_schema
	while read -r change; do
		jq "$change" <<< "$output" > "$TMP/bad"
		! "$CHECK" "$SCHEMA" "$TMP/bad" > /dev/null || tell "accepted after $change"
	done <<-'CHANGES'
		del(.root)
		del(.changes)
		del(.ops[0].reason)
		.extra = 1
		.changes[0].extra = 1
		.changes[0].kind = "sidegrade"
		.ops[0].path = "no/slash"
		.ops[0].path_hex = "XYZ"
		.putback.schema = 2
		.counts.swap = -1
		.counts.swap = "1"
		.nothing_to_do = null
		.changes = {}
	CHANGES
}
