#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --only-path: files of packages, and nothing else.

setup() { load lib; lab plain other; }

# A file of plain that both versions have, and that differs.
FILE=usr/share/plain/changes

pb2() { # ARG...: with the packages of the installed version
	run --separate-stderr timeout 60 "$PUTBACK" --root "$R" --from "$V2" --key "$KEY" "$@" < /dev/null
}

query() { # ARG...: rpm on a copy, for a query leaves its marks beside the rpmdb
	rm -rf "$TMP/copy"
	cp -a "$R" "$TMP/copy"
	rpmr "$TMP/copy" "$@"
}

@test "a swapped file gets the content of the installed version back" {
	echo swapped > "$R/$FILE"
	echo edited > "$R/usr/share/other/file"
	settle
	sha256sum "$R"/var/lib/rpm/rpmdb.sqlite > "$TMP/db"
	pb2 plan --only-path "/$FILE"
	assert_exit 0
	assert_says "only the files /$FILE" reinstall plain
	refute_says other.noarch
	pb2 apply --yes --only-path "/$FILE"
	assert_exit 0
	[ "$(content $FILE)" = 'this is version 2' ]
	[ "$(content usr/share/other/file)" = edited ]
	sha256sum -c "$TMP/db"
	query -V plain
	pb undo --yes
	assert_exit 0
	[ "$(content $FILE)" = swapped ]
	assert_undone
}

@test "nothing to do where the file is as it should be" {
	pb2 plan --exit-code --only-path "$FILE"
	assert_exit 0
	assert_says 'othing to do'
	assert_root_untouched
}

@test "of an older version that is named, the one file; the package database stays" {
	pb apply --yes --only-path "$FILE" plain-1-1
	assert_exit 0
	[ "$(content $FILE)" = 'this is version 1' ]
	run -0 query -q plain-2-1
	[ "$(query -V plain | grep -c .)" = 1 ]
	pb undo --yes
	assert_undone
}

@test "a directory with all in it; what is missing comes, what is beside it stays" {
	rm "$R/$FILE"
	echo mine > "$R/usr/share/plain/mine"
	chmod 700 "$R/usr/share/plain"
	settle
	pb2 apply --yes --only-path /usr/share/plain
	assert_exit 0
	[ "$(content $FILE)" = 'this is version 2' ]
	[ "$(content usr/share/plain/mine)" = mine ]
	[ "$(query -V plain)" = '' ]
	pb undo --yes
	assert_undone
}

@test "what nobody owns, what is in no source, what does not go together" {
	pb2 plan --only-path /no/such/file
	assert_exit 2
	assert_stderr "'/no/such/file'"
	pb2 plan --only-path "/$FILE" --only-path /no/such/file
	assert_exit 2
	assert_stderr "no installed package owns '/no/such/file'"
	pb plan --only-path "$FILE" # $V1 has no plain-2-1
	assert_exit 4
	assert_stderr plain-2-1.noarch
	pb2 plan --only-path "$FILE" --path "$FILE"
	assert_exit 2
	assert_stderr --only-path
	assert_root_untouched
}

@test "a saved plan, and JSON" {
	echo swapped > "$R/$FILE"
	settle
	pb2 plan --only-path "$FILE" -o "$TMP/plan"
	pb2 plan --json --only-path "$FILE"
	assert_jq '.counts.swap == 1' '[.changes[].kind] == ["reinstall"]'
	pb_bare --root "$R" apply "$TMP/plan" --yes
	assert_exit 0
	[ "$(content $FILE)" = 'this is version 2' ]
}
