#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --json: one document on stdout, whatever happens, the same head on each.

setup() { load lib; lab dnf plain other config; }

head_is() { # COMMAND
	jq -e . <<< "$output" > /dev/null || tell 'no JSON'
	[ "$(jq -s length <<< "$output")" = 1 ] || tell 'more than one document'
	assert_jq ".command == \"$1\"" '.putback.schema == 1' '.putback.version | type == "string"' '.root | type == "string"'
}

@test "survey" {
	pb survey --json
	assert_exit 0
	head_is survey
	assert_jq '.rpmdb.backend == "sqlite"' '.rpmdb.packages >= 4' '.os.name == "Lab Linux 7 (Broken)"'
}

@test "history, and one entry" {
	pb history --json
	assert_exit 0
	head_is history
	assert_jq '.entries | length >= 3'
	last=$(jq '.entries | max_by(.id) | .id' <<< "$output")
	pb history "$last" --json
	assert_exit 0
	head_is history
}

@test "plan" {
	pb plan --undo last --json
	assert_exit 0
	head_is plan
	assert_jq '.changes | length == 3' '.changes[0] | has("from") and has("to") and .kind == "downgrade"' \
		'.ops | length > 10' '[.ops[] | has("path") and has("kind")] | all'
}

@test "apply, undo, redo, forget, log" {
	pb apply --undo last --yes --json
	assert_exit 0
	head_is apply
	for command in undo redo; do
		pb $command --yes --json
		assert_exit 0
		head_is $command
	done
	pb log --json
	assert_exit 0
	head_is log
	pb log 1 --json
	head_is log
	pb forget 1 --yes --json
	assert_exit 0
	head_is forget
	pb recover --yes --json
	assert_exit 0
	head_is recover
}

@test "a failure is a document too" {
	pb plan no-such-package --json
	assert_exit 4
	head_is plan
	assert_jq '.error.exit_code == 4' '.error.message | type == "string"'
	pb history 4711 --json
	assert_exit 2
	assert_jq '.error.exit_code == 2'
}
