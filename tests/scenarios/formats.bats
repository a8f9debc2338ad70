#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Packages of other times: old signatures and digests, those of rpm 6, and the archive without names.

setup() { load lib; }

# Builds NAME in VERSION once more, into $TMP/vVERSION, with a macro of its own.
build_with() { # NAME VERSION MACRO
	mkdir -p "$TMP/v$2"
	SOURCE_DATE_EPOCH=$((1700000000 + 86400 * $2)) rpmbuild -bb --quiet -D "ver $2" -D "_topdir $TMP/top" \
		-D "_rpmdir $TMP/v$2" -D "$3" "$FIXTURES/specs/$1.spec" > "$TMP/log" 2>&1 || { cat "$TMP/log"; return 1; }
}

resign() { "$FIXTURES/resign" "$@"; }

@test "a signature over header and payload at once, and no other digest but MD5 (rpm 4.4 and older)" {
	lab plain
	RPM=$V1/plain-1-1.noarch.rpm
	rpmsign --delsign "$RPM" > "$TMP/out" 2>&1
	resign "$RPM" hide=5062,5092,5093,5097
	sign "$RPM" --rpmv3
	resign "$RPM" drop=268,269,273
	payload=PAYLOADDIGEST
	rpm --querytags | grep -qx $payload || payload=PAYLOADSHA256 # as rpm 6 calls it
	[ "$(rpm -qp --nosignature --qf "%{RSAHEADER} %{SHA1HEADER} %{SHA256HEADER} %{$payload}" "$RPM")" = \
		'(none) (none) (none) (none)' ]
	pb apply --yes plain-1-1
	assert_exit 0
	assert_same_tree
	pb undo --yes
	assert_exit 0
	assert_undone
	# it vouches for both
	header=$(LC_ALL=C grep -abo -P '\x8e\xad\xe8\x01' "$RPM" | LC_ALL=C cut -d: -f1 | sed -n 2p)
	for at in $(($(stat -c %s "$RPM") - 40)) $((header + 3000)); do
		cp "$RPM" "$TMP/good.rpm"
		printf '\377' | dd of="$RPM" bs=1 seek="$at" conv=notrunc status=none
		pb apply --yes plain-1-1
		assert_exit 4 9
		assert_undone
		cp "$TMP/good.rpm" "$RPM"
	done
}

@test "MD5 digests of files in the one version, SHA-256 in the other" {
	build_with plain 1 '_binary_filedigest_algorithm 1'
	build_with config 1 '_binary_filedigest_algorithm 1'
	build_with plain 2 '_binary_filedigest_algorithm 8'
	build_with config 2 '_binary_filedigest_algorithm 8'
	new_root "$R"
	rpmr "$R" -i "$V1"/*.rpm
	cp -a "$R" "$ORACLE"
	rpmr "$R" -U "$V2"/*.rpm
	for file in "$R"/etc/config/*; do
		case $file in *edited*) echo mine >> "$file" ;; esac
	done
	settle
	rpm_goes_back "$V1"/*.rpm
	pb apply --yes --allow-unsigned plain-1-1 config-1-1
	assert_exit 0 7
	assert_same_as_rpm --ignore '*.rpmnew' --ignore '*.rpmsave'
	# a file with the same content is not written anew for another way of saying so
	pb plan --json --files --allow-unsigned plain-1-1
	pb undo --yes
	assert_exit 0
	assert_undone
	pb plan --json --files --allow-unsigned plain-1-1
	assert_jq '[.ops[].path] | all(. != "/usr/share/plain/stays")'
}

@test "a signature where rpm 6 has its own, which any librpm can check" {
	lab plain
	RPM=$V1/plain-1-1.noarch.rpm
	resign "$RPM" openpgp drop=269,1000,1004
	pb plan plain-1-1
	assert_exit 0
	pb_bare --root "$R" --from "$V1" --key "$STRANGER" plan plain-1-1
	assert_exit 9
	assert_stderr 'a key that is not'
}

@test "signatures as of rpm 6 of a kind that librpm does not know, and no others: what can be done is told" {
	lab plain
	RPM=$V1/plain-1-1.noarch.rpm
	resign "$RPM" openpgp=9 drop=269,1000,1004
	! rpm --querytags | grep -q -i -x OPENPGP || skip 'this librpm knows where they are'
	pb apply --yes plain-1-1
	assert_exit 9
	assert_stderr 'signatures as of rpm 6' --allow-unsigned
	assert_root_untouched
	pb apply --yes --allow-unsigned plain-1-1
	assert_exit 0 7
	assert_same_tree
	pb undo --yes
	assert_undone
}

@test "an archive without names, as rpm 6 makes all, and older ones for a file over 4 GiB" {
	lab plain hardlinks types
	for name in plain hardlinks types; do
		rm "$V1/$name"-1-1*.rpm
		build_with $name 1 '_binary_payload w.ufdio'
		resign "$V1/noarch/$name-1-1.noarch.rpm" stripped 2> "$TMP/err" || resign "$V1/$name-1-1.noarch.rpm" stripped
	done
	find "$V1" -name '*.rpm' | while read -r file; do grep -q 07070X "$file"; sign "$file"; done
	pb apply --yes plain-1-1 hardlinks-1-1 types-1-1
	assert_exit 0 7
	assert_same_tree
	pb undo --yes
	assert_exit 0
	assert_undone
}
