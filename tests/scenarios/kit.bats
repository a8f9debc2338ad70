#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# fetch: packages for a machine without network, out of repositories and of archives that list nothing.

setup() { load lib; load net; lab dnf plain other config; createrepo_c -q "$V1"; KIT=$TMP/kit; mkdir "$TMP/empty"; }
teardown() { stop_servers; }

wants() { # save what is wanted where no source has it
	from "$TMP/empty" -- plan --undo last -o "$TMP/wanted"
	assert_exit 4
	assert_says "fetch '$TMP/wanted' --to"
	assert_root_untouched
}

elsewhere() { pb_bare fetch "${quick[@]}" "$@"; } # on a machine that has no root

archive() { # $V1's packages as a build system keeps them
	local file name
	for file in "$V1"/*.rpm; do
		name=$(basename "$file" -1-1.noarch.rpm)
		mkdir -p "$TMP/web/packages/$name/1/1/noarch"
		cp "$file" "$TMP/web/packages/$name/1/1/noarch/"
	done
}

@test "what is missing here is fetched there and brought back" {
	wants
	elsewhere "$TMP/wanted" --from "file://$V1" --key "$KEY" --to "$KIT"
	assert_exit 0
	assert_says '3 packages' "kit:$KIT"
	[ "$(head -1 "$KIT/manifest")" = 'putback kit 1' ]
	[ "$(grep -c '^package [0-9a-f]\{64\} [0-9]* [a-z]*-1-1.noarch [a-z]*-1-1.noarch.rpm$' "$KIT/manifest")" = 3 ]
	[ ! -e "$KIT/downloads" ]
	pb_bare --root "$R" --from "kit:$KIT" --key "$KIT/keys" apply --undo last --yes
	assert_exit 0
	assert_put_back
}

@test "a list of what is wanted is no plan" {
	wants
	pb apply "$TMP/wanted" --yes
	assert_exit 2
	assert_says 'holds no plan' 'kit:DIR'
	assert_root_untouched
}

@test "a plan that is whole says what it wants, too" {
	pb plan --undo last -o "$TMP/plan"
	assert_exit 0
	misbehave
	elsewhere "$TMP/plan" --from "$BAD/good" --to "$KIT"
	assert_exit 0
	ls "$KIT"/packages/plain-1-1.noarch.rpm
	cmp "$KIT"/packages/plain-1-1.noarch.rpm "$V1"/plain-1-1.noarch.rpm
}

@test "packages by name, and a selection of a root" {
	elsewhere plain-1-1 other.noarch --from "$V1" --to "$KIT"
	assert_exit 0
	[ "$(ls "$KIT/packages")" = $'other-1-1.noarch.rpm\nplain-1-1.noarch.rpm' ]
	pb fetch --undo last --to "$TMP/kit2" --json
	assert_exit 0
	assert_jq '.command == "fetch"'
	[ "$(ls "$TMP/kit2/packages" | wc -l)" = 3 ]
	assert_root_untouched
}

@test "what is nowhere is listed, the rest is fetched" {
	rm "$V1"/other*.rpm
	wants
	elsewhere "$TMP/wanted" --from "$V1" --to "$KIT"
	assert_exit 4
	assert_stderr other-1-1 "$V1"
	refute_says 'missing: plain'
	grep -q '^missing other-1-1.noarch$' "$KIT/manifest"
	[ "$(ls "$KIT/packages" | wc -l)" = 2 ]
}

@test "a kit that was damaged on its way" {
	elsewhere plain-1-1 other-1-1 config-1-1 --from "$V1" --to "$KIT"
	printf X | dd of="$KIT/packages/plain-1-1.noarch.rpm" bs=1 seek=2000 conv=notrunc status=none
	cp "$V1/plain-1-1.noarch.rpm" "$KIT/packages/unlisted.rpm"
	from "kit:$KIT" -- plan --undo last
	assert_exit 4
	assert_says plain-1-1 "not what the kit's manifest says"
	sed -i 2s/package/parcel/ "$KIT/manifest"
	from "kit:$KIT" -- plan --undo last
	assert_exit 1
	assert_says 'damaged in line 2'
	from "kit:$TMP/empty" -- plan --undo last
	assert_exit 1
	assert_says manifest
	assert_root_untouched
}

@test "no folder, no source, no selection" {
	elsewhere plain --from "$V1"
	assert_exit 2
	assert_says '--to'
	elsewhere plain --to "$KIT"
	assert_exit 2
	assert_says '--from'
	elsewhere --from "$V1" --to "$KIT"
	assert_exit 2
	elsewhere plain --from cache --to "$KIT"
	assert_exit 2
	assert_says 'of a root'
	[ ! -e "$KIT" ]
}

@test "koji: each package by its exact name" {
	archive
	misbehave "$TMP/web"
	from "koji:$BAD/good" -- plan --undo last
	assert_exit 0
	! grep '\.rpm - ' "$REQUESTS"
	assert_root_untouched
	from "koji:$BAD/good" -- apply --undo last --yes
	assert_exit 0
	assert_put_back
}

@test "koji: by a template, and what it does not have" {
	archive
	mkdir -p "$TMP/web/p"
	cp "$V1"/*.rpm "$TMP/web/p"
	misbehave "$TMP/web"
	from "koji:$BAD/good/{initial}/{nevra}.rpm" -- plan --undo last
	assert_exit 4
	assert_says config-1-1 other-1-1 404 "$BAD/good/c/config-1-1.noarch.rpm"
	refute_says 'missing: plain-1-1'
	from "koji:$BAD/file" -- plan --undo last
	assert_exit 4
	assert_says 'neither http nor https'
	rm "$TMP/web/packages/plain/1/1/noarch/plain-1-1.noarch.rpm"
	cp "$V1/other-1-1.noarch.rpm" "$TMP/web/packages/plain/1/1/noarch/plain-1-1.noarch.rpm"
	from "koji:$BAD/good" -- plan --undo last
	assert_exit 4
	assert_says 'another package lies in its place'
	assert_root_untouched
}

@test "koji: for a kit, by what the saved plan says" {
	archive
	wants
	misbehave "$TMP/web"
	elsewhere "$TMP/wanted" --from "koji:$BAD/good" --key "$KEY" --to "$KIT"
	assert_exit 0
	pb_bare --root "$R" --from "kit:$KIT" --key "$KIT/keys" apply --undo last --yes
	assert_exit 0
	assert_put_back
}
