#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What can be selected beside the history: patterns, lists, another root, paths. The rules are tried in
# tests/fixtures/select; here is that they reach the plan, and the messages.

setup() { load lib; lab plain other; }

list_packages() { rpmr "$1" -qa; } # ROOT
pb_stdin() { # ARG...: with the list on stdin
	run --separate-stderr timeout 60 "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < "$TMP/list"
}

changes() { # the changes of the plan as JSON: "KIND FROM TO", blanks for what there is none of
	jq -r '.changes[] | "\(.kind) \(.from.nevra // "") \(.to.nevra // "")"' <<< "$output" | sort
}

@test "a pattern" {
	pb apply --yes '*'
	assert_exit 0
	assert_put_back
}

@test "a pattern that is nobody's" {
	pb plan 'nobody*'
	assert_exit 4
	assert_stderr "'nobody*'"
}

@test "be like another root" {
	pb plan --json --like "$ORACLE"
	assert_exit 0
	[ "$(changes)" = "downgrade other-2-1.noarch other-1-1.noarch
downgrade plain-2-1.noarch plain-1-1.noarch" ]
	[ "$(jq -r .title <<< "$output")" = "as in '$ORACLE'" ]
	[ "$(jq -r '.changes[0].reason' <<< "$output")" = "as in '$ORACLE'" ]
	pb apply --yes --like "$ORACLE"
	assert_exit 0
	assert_put_back
}

@test "be like what is no root" {
	mkdir "$TMP/empty"
	pb plan --like "$TMP/empty"
	assert_exit 1
	assert_stderr --like "$TMP/empty"
	pb plan --like "$TMP/none"
	[ "$status" -ne 0 ]
	assert_stderr "$TMP/none"
	assert_root_untouched
}

@test "a list of packages, in a file and on stdin" {
	list_packages "$ORACLE" > "$TMP/list"
	pb plan --json --manifest "$TMP/list"
	assert_exit 0
	[ "$(changes | grep -c downgrade)" = 2 ]
	pb_stdin plan --json --manifest -
	assert_exit 0
	[ "$(changes | grep -c downgrade)" = 2 ]
	[ "$(jq -r .title <<< "$output")" = 'as in the list on standard input' ]
	pb apply --yes --manifest "$TMP/list"
	assert_exit 0
	assert_put_back
}

@test "what the list does not have stays, or goes with --exact" {
	list_packages "$ORACLE" | grep -v other > "$TMP/list"
	pb plan --json --manifest "$TMP/list"
	assert_exit 0
	[ "$(changes)" = 'downgrade plain-2-1.noarch plain-1-1.noarch' ]
	assert_says '--exact'
	pb plan --json --manifest "$TMP/list" --exact
	assert_exit 0
	[ "$(changes)" = 'downgrade plain-2-1.noarch plain-1-1.noarch
remove other-2-1.noarch ' ]
	assert_root_untouched
}

@test "packages of a list that exist nowhere are all told" {
	printf '%s\n' plain-1-1.noarch nowhere-7-1.x86_64 other-0.5-1.noarch > "$TMP/list"
	pb plan --manifest "$TMP/list"
	assert_exit 4
	assert_stderr nowhere-7-1.x86_64 other-0.5-1.noarch '2 of 3' "$V1"
	pb plan --json --manifest "$TMP/list"
	[ "$(jq -r '.error.missing | join(" ")' <<< "$output")" = 'nowhere-7-1.x86_64 other-0.5-1.noarch' ]
	assert_root_untouched
}

@test "a damaged list: its lines are named with their numbers" {
	printf '%s\n' plain-1-1.noarch '' '%%%' 'a b' $'x\e[31m-1-1' > "$TMP/list"
	pb plan --manifest "$TMP/list"
	assert_exit 2
	assert_stderr "$TMP/list" "line 3 '%%%'" "line 4 'a b'" 'line 5'
	head -c 100000 /dev/urandom > "$TMP/list"
	pb plan --manifest "$TMP/list"
	assert_exit 2
	assert_stderr "$TMP/list" more
	: > "$TMP/list"
	pb plan --manifest "$TMP/list"
	assert_exit 2
	assert_stderr 'names no package'
	pb plan --manifest "$TMP"
	assert_exit 2
	assert_stderr "'$TMP' is a folder"
	pb plan --manifest "$TMP/none"
	assert_exit 2
	assert_stderr "'$TMP/none'"
}

@test "only the owner of a path, however it is written" {
	path=$(rpm -qpl --nosignature "$V1"/plain-1-1.noarch.rpm | while read -r p; do
		[ -f "$R$p" ] && echo "$p" && break
	done)
	for given in "$path" "${path#/}" "$R$path" "/$path"; do
		pb plan --json --path "$given"
		assert_exit 0
		[ "$(changes)" = 'downgrade plain-2-1.noarch plain-1-1.noarch' ]
	done
	# through a link of the root
	dir=$(dirname "$path")
	ln -s "${dir#/}" "$R/way"
	pb plan --json --path "/way/$(basename "$path")"
	assert_exit 0
	[ "$(changes)" = 'downgrade plain-2-1.noarch plain-1-1.noarch' ]
	pb plan --path /no/such/path
	assert_exit 2
	assert_stderr "'/no/such/path'"
	pb plan --path /no/such/path --path "$path"
	assert_exit 2
	assert_stderr "no installed package owns '/no/such/path'"
	# beside another selection the plan says so, and whether anything is left of that
	pb plan --undo last --exclude base --path "$path"
	assert_exit 0
	assert_says 'undo of entry' ", only owners of $path"
	pb plan --undo last --exclude base --only-path "$path"
	assert_exit 0
	assert_says 'undo of entry' ": only the files $path"
	pb plan --undo last --exclude base --path /no/such/path
	assert_exit 0
	assert_says 'none of the packages that would change owns what --path names'
}

@test "with one more, without another" {
	pb plan --json plain --with other
	assert_exit 0
	[ "$(changes | grep -c downgrade)" = 2 ]
	pb plan --json '*' --exclude 'oth*'
	assert_exit 0
	[ "$(changes)" = 'downgrade plain-2-1.noarch plain-1-1.noarch' ]
	pb plan '*' --exclude nobody
	assert_exit 0
	assert_says '--exclude nobody'
}

@test "a saved plan holds all of it" {
	list_packages "$ORACLE" > "$TMP/list"
	(cd "$TMP" && pb plan -o plan --manifest list --exclude other)
	pb apply --yes "$TMP/plan"
	assert_exit 0
	list_packages "$R" | grep plain-1-1
	list_packages "$R" | grep other-2-1
	pb_stdin plan -o "$TMP/plan2" --manifest -
	assert_exit 2
	assert_stderr 'standard input'
}

@test "what does not go together" {
	pb plan --like "$ORACLE" --manifest "$TMP/list"
	assert_exit 2
	assert_stderr --like --manifest
	pb plan --like "$ORACLE" plain
	assert_exit 2
	assert_stderr --with
	pb plan --exact plain
	assert_exit 2
	assert_stderr --exact
	pb plan --exclude plain
	assert_exit 2
	assert_stderr 'nothing is selected'
}
