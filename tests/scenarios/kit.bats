#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# fetch: packages for a machine without network, out of repositories and of archives that have no list.

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

@test "koji: several at once, one of which is not there and one whose header is long" {
	supply 1 bulk
	archive
	misbehave "$TMP/web"
	from "koji:$BAD/good" -- plan plain-1-1 other-1-1 bulk-1-1.noarch config-7-1
	assert_exit 4
	assert_says 'config-7-1' 404 '1 of 4 wanted packages is in no source'
	from "koji:$BAD/good" -- apply plain-1-1 other-1-1 bulk-1-1.noarch --yes
	assert_exit 0 7
	run -0 rpmr "$R" -q plain-1-1 other-1-1 bulk-1-1
	[ "$(cat "$R/usr/share/bulk/40/50")" = "40 50 0" ]
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

@test "koji: what is named in full is looked for, in a list as well" {
	archive
	misbehave "$TMP/web"
	from "koji:$BAD/good" -- plan plain-1-1 --json
	assert_exit 0
	assert_jq '[.changes[].to.nevra] == ["plain-1-1.noarch"]'
	from "koji:$BAD/good" -- plan other-1-1.noarch --with plain-1-1 --json
	assert_jq '[.changes[].to.nevra] == ["other-1-1.noarch", "plain-1-1.noarch"]'
	printf '%s\n' plain-1-1.noarch config-1-1.noarch > "$TMP/list"
	from "koji:$BAD/good" -- plan --manifest "$TMP/list" --json
	assert_jq '[.changes[].to.nevra] == ["config-1-1.noarch", "plain-1-1.noarch"]'
	# without a version there is nothing to ask for where the server lists nothing
	from "koji:$BAD/good" -- plan plain --why plain
	assert_exit 4
	assert_says 'a version of plain' 'the list of a folder'
	from "koji:$BAD/good" -- plan plain-7-1 --why plain
	assert_exit 4
	assert_says 'plain-7-1' 404
	assert_root_untouched
}

@test "koji: a server that does not answer is not asked for one package after another" {
	misbehave
	local names=()
	for i in $(seq 20); do names+=("none$i-1-1.noarch"); done
	pb_bare --from "koji:$BAD/dies" "${quick[@]}" fetch "${names[@]}" --to "$KIT"
	assert_exit 4
	# each of those that were asked for is told with its reason, the others once
	[ "$(wc -l < "$REQUESTS")" -lt 10 ]
	[ "$(grep -c 'no answer: nothing came for 1 seconds' <<< "$stderr")" = 6 ]
	[ "$(grep -c 'does not answer' <<< "$stderr")" = 1 ]
	assert_stderr "$BAD does not answer; 14 packages not asked for" '20 of 20 wanted packages'
	refute_says "$BAD/dies does not answer"
}

@test "koji: a server that is silent and still sends what it was asked for is asked on" {
	archive
	misbehave "$TMP/web"
	local names=()
	for i in $(seq 7); do names+=("none$i-1-1.noarch"); done
	pb_bare --from "koji:$BAD/partly" "${quick[@]}" fetch plain-1-1.noarch "${names[@]}" --to "$KIT"
	assert_exit 4
	refute_says 'does not answer'
	[ "$(grep -c none "$REQUESTS")" = 7 ]
}

@test "koji: signed copies go before the others" {
	archive
	key=$(rpm -qp --nosignature --qf '%{RSAHEADER:pgpsig}' "$V1"/plain*.rpm 2> "$TMP/err" | sed 's/.*\(........\)$/\1/')
	mkdir -p "$TMP/web/packages/plain/1/1/data/signed/$key/noarch"
	mv "$TMP/web/packages/plain/1/1/noarch"/*.rpm "$TMP/web/packages/plain/1/1/data/signed/$key/noarch/"
	cp "$V1"/plain*.rpm "$TMP/plain.rpm"
	rpmsign --delsign "$TMP/plain.rpm" > "$TMP/out" 2>&1
	cp "$TMP/plain.rpm" "$TMP/web/packages/plain/1/1/noarch/plain-1-1.noarch.rpm"
	misbehave "$TMP/web"
	from "koji:$BAD/good" -- plan plain-1-1 --json
	assert_exit 0
	assert_jq ".changes[0].location == \"$BAD/good/packages/plain/1/1/data/signed/$key/noarch/plain-1-1.noarch.rpm\"" '.changes[0].signer != null'
	from "koji:$BAD/good" -- apply plain-1-1 --yes
	assert_exit 0
	rm -r "$TMP/web/packages/plain/1/1/data"
	pb undo --yes
	from "koji:$BAD/good" -- plan plain-1-1
	assert_exit 9
}

@test "koji: signed copies of each trusted key, for an earlier release had another" {
	local id place=$TMP/web/packages/plain/1/1 file=noarch/plain-1-1.noarch.rpm
	keyid() { rpm -qp --nosignature --qf '%{RSAHEADER:pgpsig}' "$1" 2> "$TMP/err" | sed 's/.*\(........\)$/\1/'; }
	# what is installed is signed by somebody else
	cp "$V2"/plain*.rpm "$TMP/plain-2.rpm"
	sign "$TMP/plain-2.rpm" -D '_gpg_name stranger@localhost'
	rpmr "$R" -U --force --nosignature "$TMP/plain-2.rpm"
	settle
	archive
	id=$(keyid "$V1/${file#*/}")
	mkdir -p "$place/data/signed/$id/noarch"
	mv "$place/$file" "$place/data/signed/$id/$file"
	cp "$V1/${file#*/}" "$place/$file"
	rpmsign --delsign "$place/$file" > "$TMP/out" 2>&1
	misbehave "$TMP/web"
	from "koji:$BAD/good" -- plan plain-1-1 --json
	assert_exit 0
	assert_jq ".changes[0].location == \"$BAD/good/packages/plain/1/1/data/signed/$id/$file\""
	# before one that only that somebody signed
	mkdir -p "$place/data/signed/$(keyid "$TMP/plain-2.rpm")/noarch"
	cp "$place/$file" "$place/data/signed/$(keyid "$TMP/plain-2.rpm")/$file"
	from "koji:$BAD/good" -- plan plain-1-1
	assert_exit 0
	assert_root_untouched
}

@test "koji: with --cache nothing is downloaded twice, and in the end nothing at all" {
	archive
	misbehave "$TMP/web"
	from "koji:$BAD/good" -- apply --undo last --yes --cache "$TMP/cache"
	assert_exit 0
	pb undo --yes
	: > "$REQUESTS"
	printf X | dd of="$(echo "$TMP"/cache/downloads/*-plain-1-1*)" bs=1 seek=5000 conv=notrunc status=none
	from "koji:$BAD/good" -- apply --undo last --yes --cache "$TMP/cache"
	assert_exit 0
	assert_put_back
	! grep 'config\|other' "$REQUESTS"
	grep -q plain "$REQUESTS"
	stop_servers
	pb undo --yes
	from "koji:$BAD/good" -- apply --undo last --yes --cache "$TMP/cache" --offline
	assert_exit 0
	assert_put_back
}

big() { # VERSION OUT: longer than what is asked for to begin with, and as long each time that it is built
	cat > "$TMP/big.spec" <<-SPEC
		Name: big
		Version: $1
		Release: 1
		Summary: Longer than its headers
		License: none
		BuildArch: noarch
		%description
		Longer than its headers.
		%install
		mkdir -p %{buildroot}/opt
		head -c 200000 /dev/urandom > %{buildroot}/opt/big
		%files
		/opt/big
	SPEC
	rpmbuild -bb --quiet -D "_topdir $TMP/top" -D "_rpmdir $2" -D '_binary_payload w.ufdio' "$TMP/big.spec" > "$TMP/log" 2>&1 || tell "$(cat "$TMP/log")"
	sign "$2"/*.rpm
}

big_archive() { # installs big-2-1; big-1-1 is in an archive at $KOJI that breaks off once, in the file $BIG
	BIG=$TMP/web/packages/big/1/1/noarch/big-1-1.noarch.rpm
	big 1 "${BIG%/*}"
	big 2 "$TMP/big2"
	rpmr "$R" -i --nosignature "$TMP"/big2/*.rpm
	settle
	misbehave "$TMP/web"
	KOJI=koji:$BAD/drops
}

@test "koji: --cache keeps headers, and what was cut short" {
	big_archive
	from "$KOJI" -- plan big-1-1 --cache "$TMP/cache"
	assert_exit 0
	part=$(echo "$TMP"/cache/downloads/*big*.part)
	headers=$(stat -c %s "$part")
	: > "$REQUESTS"
	from "$KOJI" -- plan big-1-1 --cache "$TMP/cache" --json
	assert_exit 0
	assert_jq ".download.bytes == $(($(stat -c %s "$BIG") - headers))"
	from "$KOJI" -- plan big-1-1 --cache "$TMP/cache" --offline
	assert_exit 0
	[ ! -s "$REQUESTS" ]
	from "$KOJI" -- plan big-1-1 --offline
	assert_exit 4
	assert_says '--offline forbids that'
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 4
	grep "big-1-1.noarch.rpm bytes=$headers- 206" "$REQUESTS"
	left=$(stat -c %s "$part")
	[ "$left" -gt 50000 ]
	: > "$REQUESTS"
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 0
	[ "$(cat "$REQUESTS")" = "drops ${BIG#"$TMP/web/"} bytes=$left- 206" ]
	[ ! -e "$part" ]
	cmp "${part%.part}" "$BIG"
}

@test "koji: what was cut short is gone on with in the root's own folder" {
	big_archive
	from "$KOJI" -- apply big-1-1 --yes
	assert_exit 4
	part=$(echo "$R"/.putback/downloads/*big*.part)
	left=$(stat -c %s "$part")
	[ "$left" -gt 50000 ]
	: > "$REQUESTS"
	from "$KOJI" -- plan big-1-1 --json
	assert_jq ".download.bytes == $(($(stat -c %s "$BIG") - left))"
	from "$KOJI" -- apply big-1-1 --yes
	assert_exit 0
	[ "$(cat "$REQUESTS")" = "drops ${BIG#"$TMP/web/"} bytes=$left- 206" ]
}

@test "koji: pieces that do not fit together are downloaded anew, once" {
	big_archive
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 4
	part=$(echo "$TMP"/cache/downloads/*big*.part)
	printf X | dd of="$part" bs=1 seek=40000 conv=notrunc status=none
	: > "$REQUESTS"
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 0
	[ "$(sed 's/.*rpm //; s/bytes=[1-9][0-9]*-/REST/' "$REQUESTS")" = $'REST 206\n- 200' ]
	cmp "${part%.part}" "$BIG"
	pb undo --yes
	# headers that are damaged are not used
	rm "${part%.part}"
	from "$KOJI" -- plan big-1-1 --cache "$TMP/cache"
	printf X | dd of="$part" bs=1 seek=$(($(stat -c %s "$part") - 50)) conv=notrunc status=none
	: > "$REQUESTS"
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 0
	grep -q 'bytes=0-' "$REQUESTS"
	cmp "${part%.part}" "$BIG"
}

@test "koji: the server has another file now, and the next one that which was planned" {
	big_archive
	mkdir "$TMP/web/second"
	cp -a "$TMP/web/packages" "$TMP/web/second/"
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 4
	big 1 "${BIG%/*}"
	from "$KOJI" "koji:$BAD/good/second" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 0
	assert_stderr 'is no longer the package' 'looking for what else there is'
	run -0 rpmr "$R" -q big-1-1
}

@test "koji: the server has another file now" {
	big_archive
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 4
	size=$(stat -c %s "$BIG")
	big 1 "${BIG%/*}"
	[ "$(stat -c %s "$BIG")" = "$size" ]
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 4
	assert_says 'is no longer the package whose headers were downloaded before'
	assert_root_as_it_was
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 0
	pb undo --yes
	rm "$TMP"/cache/downloads/*
	# of another length, which is told before anything of it comes
	from "$KOJI" -- plan big-1-1 --cache "$TMP/cache"
	sed -i 's/200000/150000/' "$TMP/big.spec"
	rpmbuild -bb --quiet -D "_topdir $TMP/top" -D "_rpmdir ${BIG%/*}" -D '_binary_payload w.ufdio' "$TMP/big.spec" > "$TMP/log" 2>&1
	sign "$BIG"
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 4
	assert_says "and should have $size"
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 0
	pb undo --yes
	rm "$TMP"/cache/downloads/*
	# it is gone: the next plan asks, and does not go by what it was
	from "$KOJI" -- plan big-1-1 --cache "$TMP/cache"
	mv "$TMP/web/packages/big" "$TMP/web/packages/gone"
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 4
	assert_says 404
	from "$KOJI" -- plan big-1-1 --cache "$TMP/cache" --offline
	assert_exit 4
	mv "$TMP/web/packages/gone" "$TMP/web/packages/big"
	from "$KOJI" -- apply big-1-1 --cache "$TMP/cache" --yes
	assert_exit 0
}

duo() { # VERSION OUT: two packages of one source, each of which needs the other in its own version
	cat > "$TMP/duo.spec" <<-SPEC
		Name: duo
		Version: $1
		Release: 1
		Epoch: 3
		Summary: One of two
		License: none
		BuildArch: noarch
		Requires: duo-libs = 3:$1-1
		%description
		One of two.
		%package libs
		Summary: The other one
		Requires: duo = 3:$1-1
		%description libs
		The other one.
		%install
		mkdir -p %{buildroot}/opt
		echo $1 > %{buildroot}/opt/duo
		echo $1 > %{buildroot}/opt/libs
		%files
		/opt/duo
		%files libs
		/opt/libs
	SPEC
	rpmbuild -bb --quiet -D "_topdir $TMP/top" -D "_rpmdir $2" "$TMP/duo.spec" > "$TMP/log" 2>&1 || tell "$(cat "$TMP/log")"
	sign "$2"/*.rpm
}

@test "koji: what was built together goes back together" {
	duo 1 "$TMP/duo1"
	duo 2 "$TMP/duo2"
	rpmr "$R" -i --nosignature "$TMP"/duo2/*.rpm
	settle
	mkdir -p "$TMP/web/packages/duo/1/1/noarch"
	cp "$TMP"/duo1/*.rpm "$TMP/web/packages/duo/1/1/noarch"
	misbehave "$TMP/web"
	from "koji:$BAD/good" -- plan duo-1-1 --json
	assert_exit 0
	assert_jq '[.changes[] | [.to.nevra, .needed_by]] | sort == [["duo-3:1-1.noarch", null], ["duo-libs-3:1-1.noarch", "duo-3:1-1.noarch"]]'
	rm "$TMP"/web/packages/duo/1/1/noarch/duo-libs*
	from "koji:$BAD/good" -- plan duo-1-1
	assert_exit 5
	assert_says 'only what is asked for by its exact name is known'
	from "koji:$BAD/good" -- plan duo-1-1 --no-closure
	assert_exit 5
	! grep -q 'duo-libs.*200' "$REQUESTS"
	assert_root_untouched
}
