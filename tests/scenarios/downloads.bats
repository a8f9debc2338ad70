#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What a run downloads: told before, counted among the space, gone on with after a cut, and gone in the end.

setup() { load lib; load net; lab dnf plain other config; createrepo_c -q "$V1"; }
teardown() { stop_servers; }

bytes_of() { # FILE...: how many they have together
	cat "$@" | wc -c
}

needs() { jq '[.space[] | select(.path == "/") | .bytes_needed] | add' <<< "$output"; }

@test "how much, from which source, to where" {
	misbehave "$TMP"
	mkdir -p "$TMP/a" "$TMP/b"
	cp "$V1"/plain*.rpm "$TMP/a"
	cp "$V1"/other*.rpm "$V1"/config*.rpm "$TMP/b"
	createrepo_c -q "$TMP/a"
	createrepo_c -q "$TMP/b"
	from "$BAD/good/a" "$BAD/good/b" -- plan --undo last --json
	assert_exit 0
	assert_jq ".download.bytes == $(bytes_of "$V1"/*.rpm)" '.download.packages == 3' ".download.to == \"$R/.putback/downloads\"" \
		"[.download.sources[] | [.source, .bytes, .packages]] == [[\"$BAD/good/b\", $(bytes_of "$TMP"/b/*.rpm), 2], [\"$BAD/good/a\", $(bytes_of "$TMP"/a/*.rpm), 1]]"
	from "$BAD/good/a" "$BAD/good/b" -- plan --undo last --cache "$TMP/cache"
	assert_says "(3 packages) to $TMP/cache/downloads" "(2 packages) from $BAD/good/b"
	from "$BAD/good/a" "$V1" -- plan --undo last --json
	assert_jq '.download.packages == 1'
	from "file://$V1" -- plan --undo last --json
	assert_jq 'has("download") | not'
	refute_says Download
	assert_root_untouched
}

@test "with --cache only what is not there yet" {
	misbehave
	from "$BAD/good" -- apply --undo last --yes --cache "$TMP/cache"
	pb undo --yes
	from "$BAD/good" -- plan --undo last --cache "$TMP/cache" --json
	assert_jq 'has("download") | not'
	rm "$TMP"/cache/downloads/*-plain-*.rpm
	from "$BAD/good" -- plan --undo last --cache "$TMP/cache" --json
	assert_jq '.download.packages == 1'
}

@test "it counts among the space: in the root, or where --cache is" {
	misbehave
	from "$V1" -- plan --undo last --json
	without=$(needs)
	from "$BAD/good" -- plan --undo last --json
	[ "$(needs)" -ge $((without + $(bytes_of "$V1"/*.rpm))) ]
	from "$BAD/good" -- plan --undo last --json --cache "$R/srv/cache"
	[ "$(needs)" -gt $((without + 3 * 4096)) ]
	rm -r "$R/srv/cache"
	in_mounts "$PUTBACK" "$R" "$BAD/good" "$KEY" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT'
		mkdir "$5/disk"
		mount -t tmpfs -o size=100m tmpfs "$5/disk"
		there() { "$1" --root "$2" --from "$3" --key "$4" plan --undo last --json --cache "$5" < /dev/null; }
		there "$1" "$2" "$3" "$4" "$5/disk" > "$5/elsewhere.json"
	SCRIPT
	cat "$TMP/out"
	output=$(cat "$TMP/elsewhere.json")
	[ "$(needs)" = "$without" ]
}

@test "the new history counts among the space" {
	from "$V1" -- plan --undo last --json
	without=$(needs)
	sqlite3 "$R/var/lib/dnf/history.sqlite" 'create table big(b)' 'insert into big values(zeroblob(30000000))' 'drop table big'
	from "$V1" -- plan --undo last --json
	[ "$(needs)" -gt $((without + 30000000)) ]
}

@test "cut short: kept for the next run, which goes on from there, and in the end there is none" {
	misbehave
	from "$BAD/drops" -- apply --undo last --yes
	assert_exit 4
	assert_says "kept in '$R/.putback/downloads'"
	assert_root_as_it_was
	left=$(bytes_of "$R"/.putback/downloads/*)
	[ "$left" -gt 1000 ]
	settle
	from "$BAD/drops" -- plan --undo last --json
	assert_jq ".download.bytes == $(($(bytes_of "$V1"/*.rpm) - left))"
	assert_root_untouched
	: > "$REQUESTS"
	from "$BAD/drops" -- apply --undo last --yes
	assert_exit 0
	assert_put_back
	[ ! -e "$R/.putback/downloads" ]
	# no more than the rest of each
	sed -n 's/.*\.rpm bytes=\([1-9][0-9]*\)-\([0-9]*\) 206/\1/p' "$REQUESTS" > "$TMP/begins"
	[ "$(wc -l < "$TMP/begins")" = 3 ]
	[ "$(awk '{ n += $1 } END { print n }' "$TMP/begins")" = "$left" ]
}

@test "what is whole after a cut is not downloaded again" {
	misbehave
	from "$BAD/good" -- apply --undo last --yes
	pb undo --yes
	mkdir -p "$R/.putback/downloads"
	for file in "$V1"/*.rpm; do
		cp "$file" "$R/.putback/downloads/$(sha256sum < "$file" | cut -c1-16)-${file##*/}"
	done
	printf X | dd of="$(echo "$R"/.putback/downloads/*plain*)" bs=1 seek=3000 conv=notrunc status=none
	settle
	: > "$REQUESTS"
	from "$BAD/good" -- plan --undo last --json
	assert_jq '.download.packages == 1'
	assert_root_untouched
	from "$BAD/good" -- apply --undo last --yes
	assert_exit 0
	assert_put_back
	! grep 'other.*rpm\|config.*rpm' "$REQUESTS"
	[ ! -e "$R/.putback/downloads" ]
}

@test "what a cut left goes with the next apply, wherever its packages come from" {
	misbehave
	from "$BAD/drops" -- apply --undo last --yes
	assert_exit 4
	[ -e "$R/.putback/downloads" ]
	pb apply --undo last --yes
	assert_exit 0
	assert_put_back
	[ ! -e "$R/.putback/downloads" ]
}

@test "or with forget" {
	pb apply plain-1-1 --yes
	mkdir -m 700 "$R/.putback/downloads"
	echo part > "$R/.putback/downloads/x.part"
	pb undo --yes
	pb forget 1 --yes
	assert_exit 0
	[ ! -e "$R/.putback/downloads" ]
	pb recover --yes
	[ "$(ls -A "$R/.putback" | grep -v -x -e area -e 'journal.sqlite.*')" = '' ]
}

@test "killed while downloading" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	misbehave
	# repomd.xml, the list, three headers; then the packages
	PUTBACK_FAILPOINT=download-write:7 from "$BAD/good" -- apply --undo last --yes
	assert_exit 137
	[ -e "$R/.putback/downloads" ]
	assert_root_as_it_was
	pb_bare --root "$R" recover --yes
	assert_exit 0
	from "$BAD/good" -- apply --undo last --yes
	assert_exit 0
	assert_put_back
	[ ! -e "$R/.putback/downloads" ]
}

@test "the disk is full: where, what to do, and nothing of it stays" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	misbehave
	PUTBACK_FAILPOINT=download-write:7=ENOSPC from "$BAD/good" -- apply --undo last --yes
	assert_exit 1
	assert_stderr "'$R/.putback/downloads' is full" 'No space left' --cache
	assert_root_as_it_was
	[ ! -e "$R/.putback" ]
	PUTBACK_FAILPOINT=download-write=EDQUOT from "$BAD/good" -- plan --undo last
	assert_exit 1
	assert_stderr 'is full' 'quota' --cache
	PUTBACK_FAILPOINT=download-write:7=ENOSPC from "$BAD/good" -- apply --undo last --yes --cache "$TMP/cache"
	assert_exit 1
	assert_stderr "'$TMP/cache/downloads' is full"
	from "$BAD/good" -- apply --undo last --yes --cache "$TMP/cache"
	assert_exit 0
	assert_put_back
}

@test "no room for the list of packages" {
	misbehave
	sed -i '/type="primary"/,/<[/]data>/s,<size>.*</size>,<size>50000000</size>,' "$V1/repodata/repomd.xml"
	in_mounts "$PUTBACK" "$R" "$BAD/good" "$KEY" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT'
		mkdir "$5/small"
		mount -t tmpfs -o size=4m tmpfs "$5/small"
		"$1" --root "$2" --from "$3" --key "$4" plan --undo last --cache "$5/small" < /dev/null || echo "exit $?"
	SCRIPT
	grep -q "have to be downloaded, and '$TMP/small/downloads' has room for .* name another folder with --cache" "$TMP/out" || tell "$(cat "$TMP/out")"
	grep -q '^exit 5' "$TMP/out"
}

@test "a disk that is full in earnest" {
	lab heavy
	createrepo_c -q "$V1"
	misbehave
	in_mounts "$PUTBACK" "$R" "$BAD/good" "$KEY" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT'
		M=$5/mounted
		mkdir "$M" "$5/small"
		mount -t tmpfs -o size=4m tmpfs "$5/small"
		"$1" --root "$2" --from "$3" --key "$4" plan heavy-1-1 --json --cache "$5/small" > "$5/full.json" < /dev/null && rc=0 || rc=$?
		echo "small: exit $rc"
		mount -t tmpfs -o size=400m tmpfs "$M"
		cp -a "$2/." "$M/"
		( # it fills up once the download has begun
			until [ -e "$M/.putback/downloads" ] || [ -e "$5/over" ]; do :; done
			dd if=/dev/zero of="$M/filler" bs=1M
		) 2> "$5/err" &
		"$1" --root "$M" --from "$3" --key "$4" apply heavy-1-1 --yes < /dev/null && rc=0 || rc=$?
		touch "$5/over"
		wait
		rm "$M/filler"
		echo "exit $rc"
		[ "$rc" = 0 ] || [ ! -e "$M/.putback" ] || echo "left behind: $(find "$M/.putback")"
	SCRIPT
	cat "$TMP/out"
	grep -q '^small: exit 5' "$TMP/out"
	output=$(cat "$TMP/full.json")
	assert_jq "[.problems[] | select(.kind == \"space\" and .severity == \"refuse\") | .subject] == [\"$TMP/small/downloads\"]"
	! grep 'left behind' "$TMP/out"
	! grep -q '^exit 1' "$TMP/out" || grep -q 'No space left' "$TMP/out"
	grep -q '^exit [01]$' "$TMP/out"
}

@test "a name and a password in a URL are shown nowhere" {
	misbehave
	secret=${BAD/127/me:s3cr3t@127}
	from "$secret/good" -- plan --undo last -o "$TMP/saved"
	assert_exit 0
	refute_says s3cr3t
	[ "$(stat -c %a "$TMP/saved")" = 600 ]
	from "$secret/good" -- plan --undo last --json
	refute_says s3cr3t
	from "${secret/s3/t3}/good" -- apply "$TMP/saved" --yes
	assert_exit 2
	refute_says s3cr3t
	refute_says t3cr3t
	from "$secret/gone" -- plan --undo last -v
	assert_exit 4
	refute_says s3cr3t
	from "$secret/good" -- apply --undo last --yes --json
	assert_exit 0
	refute_says s3cr3t
	assert_put_back
	pb_bare --root "$R" log 1
	assert_says "${secret/me:s3cr3t@/}/good"
	refute_says s3cr3t
	! grep -r -q s3cr3t "$R"
}
