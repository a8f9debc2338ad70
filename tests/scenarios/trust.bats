#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Packages are believed when a key of the rescuer's vouches for them. Each fault has its own words.

setup() { load lib; lab plain; RPM=$V1/plain-1-1.noarch.rpm; }

refused() { # TEXT...: plan or apply say so with 9, and nothing happens
	pb apply plain-1-1 --yes
	assert_exit 9
	assert_stderr plain-1-1 "$@"
	assert_root_untouched
}

flip() { # OFFSET: turn a byte of the package over
	local byte
	byte=$(od -An -tu1 -j "$1" -N 1 "$RPM")
	printf "\\$(printf %o $((byte ^ 255)))" | dd of="$RPM" bs=1 seek="$1" conv=notrunc status=none
}

header_at() { # where the main header begins
	/usr/bin/python3 -c '
import struct, sys
d = open(sys.argv[1], "rb").read()
n, size = struct.unpack(">II", d[104:112])
print((96 + 16 + n * 16 + size + 7) // 8 * 8)' "$RPM"
}

@test "unsigned" { rpmsign --delsign "$RPM" > "$TMP/out" 2>&1; refused 'not signed'; }

@test "unsigned, with --allow-unsigned: done, and written down" {
	rpmsign --delsign "$RPM" > "$TMP/out" 2>&1
	pb plan plain-1-1 --allow-unsigned
	assert_exit 0
	assert_says unsigned
	pb apply plain-1-1 --allow-unsigned --yes
	assert_exit 0 7
	assert_same_tree
	pb log 1
	assert_says unsigned
	pb log --json
	assert_jq '[.. | .unsigned_allowed? // empty] | any(. == true)'
}

@test "a key that is not ours" {
	rpmsign --delsign "$RPM" > "$TMP/out" 2>&1
	gnupg rpmsign -D '_gpg_name stranger@localhost' --addsign "$RPM" > "$TMP/out" 2>&1
	refused 'a key that is not'
	pb_bare --root "$R" --from "$V1" --key "$STRANGER" apply plain-1-1 --yes
	assert_exit 0
}

@test "no key given: the root has it, but that counts only with --trust-root-keys" {
	pb_bare --root "$R" --from "$V1" apply plain-1-1 --yes
	assert_exit 9
	assert_stderr 'a key that is not' 'the root has it' --trust-root-keys
	assert_root_untouched
	pb_bare --root "$R" --from "$V1" --trust-root-keys apply plain-1-1 --yes
	assert_exit 0
	assert_put_back
}

@test "--allow-unsigned does not let a foreign signature through as if it were none" {
	rpmsign --delsign "$RPM" > "$TMP/out" 2>&1
	gnupg rpmsign -D '_gpg_name stranger@localhost' --addsign "$RPM" > "$TMP/out" 2>&1
	pb apply plain-1-1 --allow-unsigned --yes
	assert_exit 9
	assert_root_untouched
}

@test "--allow-unsigned does not let damage through" {
	rpmsign --delsign "$RPM" > "$TMP/out" 2>&1
	flip $(($(stat -c %s "$RPM") - 40))
	pb apply plain-1-1 --allow-unsigned --yes
	assert_exit 9
	assert_root_untouched
}

@test "a folder of keys" {
	mkdir "$TMP/keys"
	cp "$KEY" "$STRANGER" "$TMP/keys/"
	pb_bare --root "$R" --from "$V1" --key "$TMP/keys" apply plain-1-1 --yes
	assert_exit 0
	assert_put_back
}

@test "a bit turned over in the payload" { flip $(($(stat -c %s "$RPM") - 40)); refused damaged; }
@test "a bit turned over in the header's text" { flip "$(grep -abo 'One changes so that' "$RPM" | cut -d: -f1)"; refused damaged; }
@test "a bit turned over in the header's index" { flip $(($(header_at) + 400)); pb apply plain-1-1 --yes; assert_exit 9 4; assert_stderr "$RPM"; assert_root_untouched; }
@test "a bit turned over in the signature" { flip $((96 + 400)); pb apply plain-1-1 --yes; assert_exit 9 4; assert_root_untouched; }

@test "a byte turned over anywhere: refused, or of no consequence, and never a crash" {
	cp "$RPM" "$TMP/good.rpm"
	rpm --dbpath "$TMP/keys" --import "$KEY"
	size=$(stat -c %s "$RPM")
	for at in $(seq 110 $((size / 24)) "$size"); do
		cp "$TMP/good.rpm" "$RPM"
		flip "$at" 2> "$TMP/err"
		pb plan plain-1-1 --exit-code
		[ "$status" = 4 ] || [ "$status" = 9 ] || [ "$status" = 3 ] || tell "byte $at"
		if [ "$status" = 3 ]; then # padding and the like
			rpm --dbpath "$TMP/keys" -K "$RPM" > "$TMP/out" 2>&1 || tell "byte $at, and rpm says $(< "$TMP/out")"
		fi
	done
	assert_root_untouched
}

@test "truncated" {
	header=$(header_at)
	truncate -s -20 "$RPM"
	refused truncated
	truncate -s $((header + 1000)) "$RPM"
	pb apply plain-1-1 --yes
	assert_exit 4
	assert_stderr "$RPM" truncated
	truncate -s 150 "$RPM"
	pb apply plain-1-1 --yes
	assert_exit 4
	assert_stderr "$RPM"
	assert_root_untouched
}

@test "empty, and a text file with the name of a package" {
	: > "$RPM"
	pb apply plain-1-1 --yes
	assert_exit 4
	printf 'http://127.0.0.1:1/plain-1-1.noarch.rpm\n' > "$RPM"
	pb apply plain-1-1 --yes
	assert_exit 4
	assert_stderr "$RPM"
	assert_root_untouched
}

@test "a text file given as the source itself" {
	echo text > "$TMP/text.rpm"
	pb_bare --root "$R" --from "$TMP/text.rpm" --key "$KEY" plan plain-1-1
	assert_exit 2 4
	assert_stderr "$TMP/text.rpm"
}

@test "a good package beside a damaged one of the same name is found" {
	mkdir "$TMP/bad"
	cp "$RPM" "$TMP/bad/"
	truncate -s 900 "$TMP/bad"/*.rpm
	pb_bare --root "$R" --from "$TMP/bad" --from "$V1" --key "$KEY" apply plain-1-1 --yes
	assert_exit 0
	assert_put_back
}

@test "for another kind of machine" {
	supply 1 elsewhere
	pb apply elsewhere-1-1 --yes
	assert_exit 5
	assert_stderr elsewhere-1-1 aarch64
	assert_root_untouched
}

@test "a source package is no package to install" {
	SOURCE_DATE_EPOCH=1700086400 rpmbuild -bs --quiet -D 'ver 1' -D "_topdir $TMP/top" -D "_srcrpmdir $TMP/src" \
		"$FIXTURES/specs/plain.spec" > "$TMP/log" 2>&1
	sign "$TMP"/src/*.rpm
	pb_bare --root "$R" --from "$TMP/src" --key "$KEY" apply plain-1-1 --yes
	assert_exit 4
	assert_root_untouched
}

@test "an expired key is told apart" {
	local RING=$TMP/ring who=expired@localhost gpg=(gpg --batch --quiet --pinentry-mode loopback --passphrase '')
	gnupg "${gpg[@]}" --faked-system-time 20200101T000000 --quick-generate-key "$who" rsa2048 sign never 2> "$TMP/err"
	rpmsign --delsign "$RPM" > "$TMP/out" 2>&1
	gnupg rpmsign -D "_gpg_name $who" --addsign "$RPM" > "$TMP/out" 2>&1
	fingerprint=$(gnupg gpg --batch --with-colons --list-keys "$who" | awk -F: '$1 == "fpr" { print $10; exit }')
	gnupg "${gpg[@]}" --faked-system-time 20200103T000000 --quick-set-expire "$fingerprint" 2020-02-01 2> "$TMP/err"
	gnupg gpg --batch --armor --export "$who" > "$TMP/expired.asc"
	pb_bare --root "$R" --from "$V1" --key "$TMP/expired.asc" plan plain-1-1
	assert_exit 9
	assert_stderr expired
}
