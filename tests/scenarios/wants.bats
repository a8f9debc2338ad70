#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What is wanted and not there: saved without a network, fetched on another machine, brought back. Nothing of it gets lost on the way.

setup() { load lib; load net; lab plain other; KIT=$TMP/kit; mkdir "$TMP/empty"; }
teardown() { stop_servers; }

save() { # ARG...: of `plan`, where no source has anything
	from "$TMP/empty" -- plan "$@" -o "$TMP/wanted"
	assert_exit 4
	assert_root_untouched
}

elsewhere() { pb_bare fetch "${quick[@]}" "$@"; } # on a machine that has no root

saved() { sqlite3 "$TMP/wanted" "select cast(value as text) from meta where key = 'want'"; }

brought() { ls "$KIT/packages"; }

from_kit() { pb_bare --root "$R" --from "kit:$KIT" --key "$KEY" "$@"; }

@test "an older version, whichever it is" {
	save plain other
	assert_says "putback fetch '$TMP/wanted' --to"
	elsewhere "$TMP/wanted" --from "$V1" --from "$V2" --key "$KEY" --to "$KIT"
	assert_exit 0
	[ "$(brought)" = $'other-1-1.noarch.rpm\nplain-1-1.noarch.rpm' ]
	from_kit apply plain other --yes
	assert_exit 0
	assert_put_back
}

@test "the undo of what is on no record but rpm's" {
	rm -r "$R"
	lab_install plain other
	sleep 1.1 # rpm groups by seconds
	lab_update
	save --undo last
	elsewhere "$TMP/wanted" --from "$V1" --key "$KEY" --to "$KIT"
	assert_exit 0
	from_kit apply --undo last --yes
	assert_exit 7 # it was guessed
	assert_put_back
}

@test "an older version and an exact one, without an architecture" {
	save plain other-1-1
	[ "$(saved | wc -l)" = 2 ]
	elsewhere "$TMP/wanted" --from "$V1" --key "$KEY" --to "$KIT"
	assert_exit 0
	[ "$(brought)" = $'other-1-1.noarch.rpm\nplain-1-1.noarch.rpm' ]
	from_kit plan plain other-1-1
	assert_exit 0
}

@test "a version as a whole, and what is not installed" {
	supply 1 config newcomer
	save plain-1 config newcomer-1-1
	elsewhere "$TMP/wanted" --from "$V1" --key "$KEY" --to "$KIT"
	assert_exit 0
	[ "$(brought)" = $'config-1-1.noarch.rpm\nnewcomer-1-1.noarch.rpm\nplain-1-1.noarch.rpm' ]
	from_kit plan plain-1 config newcomer-1-1
	assert_exit 0
}

@test "what cannot be saved is named, and so is that nothing was" {
	save plain 'nosuch*' 'a b'
	assert_stderr "'nosuch*' is not among what is saved: a pattern" "'a b' is not among what is saved" "what is wanted is in"
	[[ "$(saved)" = 'plain-<2-1.noarch '* ]]
	rm "$TMP/wanted"
	save 'nosuch*'
	assert_stderr "nothing was saved to '$TMP/wanted'"
	[ ! -e "$TMP/wanted" ]
}

@test "of versions that stand beside one another, none that is there" {
	supply 1 kernel
	supply 3 kernel
	rpmr "$R" -i "$TMP"/v3/kernel*
	supply 2 kernel
	rpmr "$R" -i --oldpackage "$V2"/kernel*
	cp "$TMP"/v3/kernel* "$V2"/kernel* "$V1"
	settle
	save kernel-core
	elsewhere "$TMP/wanted" --from "$V1" --key "$KEY" --to "$KIT"
	assert_exit 0
	[ "$(brought)" = kernel-core-1-1.noarch.rpm ]
	from_kit plan kernel-core
	assert_exit 0
	assert_says '1 to install' kernel-core
}

@test "what was saved by putback 1 and what is damaged" {
	save plain-1-1 other-1-1
	sqlite3 "$TMP/wanted" "update meta set value = cast('other-1-1 - -' as blob) where value like 'other%'"
	elsewhere "$TMP/wanted" --from "$V1" --key "$KEY" --to "$KIT"
	assert_exit 0
	[ "$(brought)" = $'other-1-1.noarch.rpm\nplain-1-1.noarch.rpm' ]
	for bad in other 'other-<1 - -' '' 'other-<2-1.noarch - - has=1' '-*-*.* - -'; do
		sqlite3 "$TMP/wanted" "update meta set value = cast('$bad' as blob) where value like 'other%' or value not like 'plain%' and key = 'want'"
		elsewhere "$TMP/wanted" --from "$V1" --key "$KEY" --to "$TMP/none"
		assert_exit 2
		assert_says 'is damaged' 'plan -o'
	done
}

@test "no source has an older one" {
	save plain other
	elsewhere "$TMP/wanted" --from "$V2" --from "$V1/plain-1-1.noarch.rpm" --key "$KEY" --to "$KIT"
	assert_exit 4
	assert_stderr '1 of 2 wanted packages is not to be had' 'missing: a version of other.noarch older than 2-1' "$V2"
	grep -qx 'missing a version of other.noarch older than 2-1' "$KIT/manifest"
	[ "$(brought)" = plain-1-1.noarch.rpm ]
	from_kit plan plain
	assert_exit 0
}

@test "what is gone from its server is missing, and the rest is a kit" {
	createrepo_c -q "$V1"
	rm "$V1"/other*
	misbehave
	elsewhere plain-1-1 other-1-1 base-1-1 --from "$BAD/good" --key "$KEY" --to "$KIT"
	assert_exit 4
	assert_stderr 'missing: other-1-1' 404 '2 of 3'
	grep -q '^missing other-1-1 (.*404' "$KIT/manifest"
	[ ! -e "$KIT/downloads" ] || [ -z "$(ls "$KIT/downloads" | grep -v part$)" ]
	from_kit plan plain-1-1
	assert_exit 0
	# another place has it
	supply 1 other
	elsewhere plain-1-1 other-1-1 --from "$BAD/wrong" --from "$V1" --key "$KEY" --to "$TMP/kit2"
	assert_exit 0
	cmp "$TMP/kit2/packages/other-1-1.noarch.rpm" "$V1/other-1-1.noarch.rpm"
}

@test "what is in the kit is not downloaded again" {
	createrepo_c -q "$V1"
	misbehave
	elsewhere plain-1-1 --from "$BAD/good" --key "$KEY" --to "$KIT"
	assert_exit 0
	: > "$REQUESTS"
	elsewhere plain-1-1 other-1-1 --from "$BAD/good" --key "$KEY" --to "$KIT"
	assert_exit 0
	assert_says '2 packages'
	! grep 'plain.*rpm' "$REQUESTS" || tell 'downloaded again'
	[ "$(grep -c ^package "$KIT/manifest")" = 2 ]
	# by a root as well; what is damaged does not count
	truncate -s 2000 "$KIT/packages/other-1-1.noarch.rpm"
	from "$BAD/good" -- fetch plain other --to "$KIT"
	assert_exit 0
	grep -q 'other.*rpm' "$REQUESTS"
	cmp "$KIT/packages/other-1-1.noarch.rpm" "$V1/other-1-1.noarch.rpm"
}

@test "who signed them is looked at on this side already" {
	mkdir "$TMP/strange" "$TMP/cut"
	cp "$V1"/plain* "$TMP/strange"
	gnupg rpmsign -D '_gpg_name stranger@localhost' --addsign "$TMP"/strange/*.rpm > "$TMP/out" 2>&1
	cp "$V1"/other* "$TMP/cut"
	truncate -s -10 "$TMP"/cut/*.rpm
	elsewhere plain-1-1 --from "$TMP/strange" --key "$KEY" --to "$KIT" --json
	assert_exit 9
	assert_jq '.error.packages[0].package == "plain-1-1.noarch"' '.error.packages[0].verdict == "no-key"'
	elsewhere plain-1-1 other-1-1 --from "$TMP/strange" --from "$TMP/cut" --key "$KEY" --to "$KIT"
	assert_exit 4
	assert_stderr 'missing: other-1-1' plain-1-1
	# there are better ones
	elsewhere plain-1-1 other-1-1 --from "$TMP/strange" --from "$TMP/cut" --from "$V1" --key "$KEY" --to "$KIT"
	assert_exit 0
	cmp "$KIT/packages/plain-1-1.noarch.rpm" "$V1/plain-1-1.noarch.rpm"
	elsewhere plain-1-1 --from "$TMP/strange" --to "$TMP/kit2"
	assert_exit 0
	assert_says 'Who signed them was not looked at'
}

@test "what is here and not to be trusted is wanted of others" {
	cp "$V1"/plain* "$TMP/empty"
	gnupg rpmsign -D '_gpg_name stranger@localhost' --addsign "$TMP"/empty/*.rpm > "$TMP/out" 2>&1
	from "$TMP/empty" -- plan plain-1-1 -o "$TMP/wanted"
	assert_exit 9
	assert_says "putback fetch '$TMP/wanted' --to"
	elsewhere "$TMP/wanted" --from "$V1" --key "$KEY" --to "$KIT"
	assert_exit 0
	from_kit plan plain-1-1
	assert_exit 0
}

@test "a donor has nothing for a kit" {
	from "donor:$ORACLE" "$V1/other-1-1.noarch.rpm" -- fetch plain-1-1 other-1-1 --to "$KIT"
	assert_exit 4
	assert_stderr 'missing: plain-1-1.noarch' 'a donor has files'
	[ "$(brought)" = other-1-1.noarch.rpm ]
}

@test "of a root's selection, what is missing keeps nothing else out" {
	rm "$V1"/other*
	pb fetch plain-1-1 other-1-1 --to "$KIT"
	assert_exit 4
	assert_stderr 'missing: other-1-1.noarch'
	[ "$(brought)" = plain-1-1.noarch.rpm ]
	grep -qx 'missing other-1-1.noarch' "$KIT/manifest"
	pb fetch plain-1-1 nosuch --to "$KIT"
	assert_exit 4
	assert_stderr 'missing: nosuch'
	assert_root_untouched
}

@test "of a root's selection, what a plan does not trust is in the kit though another is gone from its server" {
	gnupg rpmsign -D '_gpg_name stranger@localhost' --addsign "$V1"/plain*.rpm > "$TMP/out" 2>&1
	createrepo_c -q "$V1"
	misbehave
	from "$BAD/good" -- plan plain-1-1 other-1-1 --cache "$TMP/cache"
	assert_exit 9
	rm "$V1"/other* # of which there are the headers
	from "$BAD/good" -- fetch plain-1-1 other-1-1 --cache "$TMP/cache" --to "$KIT"
	assert_exit 4
	assert_stderr 'missing: other-1-1.noarch' plain-1-1
	[ "$(brought)" = plain-1-1.noarch.rpm ]
}
