#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The main road: after a bad dnf upgrade, back to the root that never had it, and back again.

setup() { load lib; lab dnf plain other config; }

@test "apply --undo last, undo, redo, forget" {
	pb apply --undo last --yes
	assert_exit 0
	assert_put_back
	"$ORACLES/tree" snapshot "$R" "$TMP/after"

	pb undo --yes
	assert_exit 0
	assert_undone

	pb redo --yes
	assert_exit 0
	assert_put_back
	same tree "$TMP/after" "$R" --inodes "${OURS[@]}"

	pb forget 1 --yes
	assert_exit 0
	assert_put_back
	[ "$(du -s --apparent-size "$R/.putback" --exclude '*.sqlite*' | cut -f1)" -lt 64 ]
	pb undo --yes # nothing left to undo
	assert_exit 0
	assert_put_back
}

@test "apply by the entry's number" {
	n=$(pb history --json; jq '.entries | max_by(.id) | .id' <<< "$output")
	pb apply --undo "$n" --yes
	assert_exit 0
	assert_put_back
}

@test "doing it again has nothing to do" {
	pb apply plain-1-1 other-1-1 config-1-1 --yes
	assert_exit 0
	settle
	pb plan plain-1-1 other-1-1 config-1-1 --exit-code
	assert_exit 0
	pb apply plain-1-1 other-1-1 config-1-1 --yes
	assert_exit 0
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
}

@test "one package of the update, named in each of rpm's ways" {
	for name in plain plain-1 plain-1-1 plain-1-1.noarch plain.noarch plain-0:1-1 0:plain-1-1; do
		pb plan "$name" --json
		assert_exit 0
		assert_jq '[.changes[] | [.from.version, .to.version, .to.name]] == [["2", "1", "plain"]]' || tell "as $name"
	done
	pb apply plain --yes
	assert_exit 0
	same tree "$ORACLE" "$R" --no-dir-mtime --only /usr/share/plain
	[ "$(content usr/share/other/changes)" = 'other, version 2' ]
	[ "$(rpmr "$R" -qa | sort | tr '\n' ' ')" = "$(rpmr "$R" -qa | sed 's/^plain-.*/plain-1-1.noarch/' | sort | tr '\n' ' ')" ]
	rpmr "$R" -q other-2-1 config-2-1 plain-1-1
}

@test "files that do not differ are not touched" {
	before=$(stat -c '%i %z' "$R/usr/share/plain/stays")
	pb apply --undo last --yes
	assert_exit 0
	[ "$(stat -c '%i %z' "$R/usr/share/plain/stays")" = "$before" ]
}

@test "a file of the same size and time is put back nevertheless" {
	pb apply --undo last --yes
	assert_exit 0
	[ "$(content usr/share/plain/sly)" = 'sly 1' ]
}

@test "damage that no package did is put right along the way" {
	echo damaged > "$R/usr/share/plain/stays"
	settle
	pb apply --undo last --yes
	assert_exit 0
	assert_put_back
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "what the user did since stays" {
	mkdir -p "$R/home/user"
	echo mine > "$R/home/user/file"
	echo mine > "$R/usr/share/plain/not-packaged"
	settle
	pb apply --undo last --yes
	assert_exit 0
	[ "$(content home/user/file)" = mine ]
	[ "$(content usr/share/plain/not-packaged)" = mine ]
	assert_put_back --ignore '/home*' --ignore '*/not-packaged'
}

@test "rpm works on afterwards: verify, erase, install again" {
	pb apply --undo last --yes
	assert_exit 0
	run -0 rpmr "$R" -V plain other config
	rpmr "$R" -e other
	[ ! -e "$R/usr/share/other" ]
	rpmr "$R" -U "$V2"/*.rpm
	[ "$(content usr/share/plain/changes)" = 'this is version 2' ]
}

@test "two applies stack; undo takes the newest first" {
	pb apply plain-1-1 --yes
	assert_exit 0
	"$ORACLES/tree" snapshot "$R" "$TMP/first"
	pb apply other-1-1 --yes
	assert_exit 0
	pb undo --yes
	assert_exit 0
	same tree "$TMP/first" "$R" --inodes "${OURS[@]}"
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "only .putback is added to the root, root's and 0700" {
	pb apply --undo last --yes
	assert_exit 0
	[ "$(stat -c '%F %a %u' "$R/.putback")" = 'directory 700 0' ]
	run find "$R" -maxdepth 1 -newer "$TMP/before" -name '.*'
	[ "$output" = "$R/.putback" ]
}
