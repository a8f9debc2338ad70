#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# plan --why: what else there is of a package, and why it is not taken.

setup() {
	load lib
	lab dnf plain other
}

rebuild() { # VERSION VENDOR OUT: another build of plain
	sed -e "s/^Vendor:.*/Vendor: $2/" -e '/^%files/i echo rebuilt > usr/share/plain/changes' \
		 "$FIXTURES/specs/plain.spec" > "$TMP/plain.spec"
	SOURCE_DATE_EPOCH=1700086400 rpmbuild -bb --quiet -D "v $1" -D "_topdir $TMP/top" -D "_rpmdir $3" \
		"$TMP/plain.spec" > "$TMP/log" 2>&1 || tell "$(cat "$TMP/log")"
}

@test "other versions, other builds, other places: each with its reason" {
	rebuild 0 x "$TMP/older"
	rebuild 3 x "$TMP/newer"
	rebuild 1 x "$TMP/rebuilt"
	sign "$TMP"/older/*.rpm "$TMP"/newer/*.rpm
	mkdir "$TMP/again"
	cp "$V1"/plain-1*.rpm "$TMP/again/"
	pb_bare --root "$R" --from "$V1" --from "$TMP/again" --from "$TMP/rebuilt" --from "$TMP/older" --from "$TMP/newer" \
		--from "$V2" --key "$KEY" --json plan --undo last --why plain
	assert_exit 0
	assert_jq '.why | length == 1' '.why[0].package == "plain-1-1.noarch"' \
		'.why[0].candidates[0] | .taken and .reason == null' \
		".why[0].candidates[0].location | startswith(\"$V1\")" \
		'.why[0].candidates | map(select(.taken)) | length == 1' \
		'.why[0].candidates | length == 6' \
		".why[0].candidates[] | select(.source == \"$TMP/again\") | .reason == \"the same package, in a later source\"" \
		".why[0].candidates[] | select(.source == \"$TMP/rebuilt\") | .keyid == null and (.reason | startswith(\"another build\"))" \
		".why[0].candidates[] | select(.source == \"$TMP/older\") | .reason == \"older than what is wanted, 1-1\"" \
		".why[0].candidates[] | select(.source == \"$TMP/newer\") | .reason == \"newer than what is installed\"" \
		".why[0].candidates[] | select(.source == \"$V2\") | .reason == \"the version that is installed\""
	/usr/bin/python3 "$HERE/../schema/check.py" "$HERE/../../doc/schema/putback-1.json" <<< "$output"
	assert_root_untouched
}

@test "as text, for several packages" {
	pb --from "$V2" plan --undo last --why plain --why other-1-1
	assert_exit 0
	assert_says 'Why plain-1-1.noarch' 'Why other-1-1.noarch' taken 'the version that is installed' "$V1" "$V2"
	grep -q "plain-1-1.noarch .*taken\|taken .*plain-1-1.noarch" <<< "$output" || tell 'not said which is taken'
}

@test "a package that the plan does not have" {
	pb plan --undo last --why nosuch
	assert_exit 2
	assert_stderr "--why 'nosuch'"
	pb apply --undo last --why plain --yes
	assert_exit 2
	assert_root_untouched
}
