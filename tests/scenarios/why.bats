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
	SOURCE_DATE_EPOCH=1700086400 rpmbuild -bb --quiet -D "ver $1" -D "_topdir $TMP/top" -D "_rpmdir $3" \
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

@test "what is missing: each place looked at, and what comes nearest to it there" {
	mkdir "$TMP/empty" "$TMP/older"
	rebuild 0 'putback tests' "$TMP/older"
	rm "$V1"/plain*
	pb_bare --root "$R" --from "$V1" --from "$TMP/older" --from "$TMP/empty" --from "$V2" --from "file://$TMP/nowhere" \
		--key "$KEY" --json plan --undo last --why plain
	assert_exit 4
	assert_jq '.error.why | length == 1' '.error.why[0].package == "plain-1-1.noarch"' \
		".error.why[0].places | map(select(.place == \"$TMP/empty\" or .place == \"$V1\")) | length == 2 and all(.nevra == null and .reason == \"nothing called plain\")" \
		".error.why[0].places[] | select(.place == \"$TMP/older\") | .nevra == \"plain-0-1.noarch\" and (.reason | startswith(\"older\")) and (.location | endswith(\".rpm\"))" \
		".error.why[0].places[] | select(.place == \"$V2\") | .nevra == \"plain-2-1.noarch\" and (.reason | startswith(\"newer\"))" \
		'.error.why[0].places[] | select(.place | startswith("file://")) | .reason == "could not be read"' \
		'.error.why[0].places | length == 5'
	/usr/bin/python3 "$HERE/../schema/check.py" "$HERE/../../doc/schema/putback-1.json" <<< "$output"
	pb_bare --root "$R" --from "$V2" --key "$KEY" plan --undo last --why plain --why other
	assert_exit 4
	assert_stderr 'nearest to plain-1-1.noarch' 'nearest to other-1-1.noarch' "$V2: plain-2-1.noarch, newer"
	pb_bare --root "$R" --from "$V2" --key "$KEY" plan --undo last
	refute_says nearest
	assert_root_untouched
}

@test "what is missing in the caches: in which of them there is something" {
	mkdir -p "$R/var/cache/dnf/lab-1/packages" "$R/var/cache/yum/base/packages"
	rebuild 0 'putback tests' "$TMP/older"
	cp "$TMP/older"/*/*.rpm "$R/var/cache/yum/base/packages/" || cp "$TMP/older"/*.rpm "$R/var/cache/yum/base/packages/"
	settle
	pb_bare --root "$R" --key "$KEY" --json plan --undo last --why plain
	assert_exit 4
	assert_jq ".error.why[0].places | map(select(.nevra != null)) | length == 1 and .[0].place == \"$R/var/cache/yum\" and .[0].nevra == \"plain-0-1.noarch\"" \
		".error.why[0].places[] | select(.place | startswith(\"$R/var/cache/dnf\")) | .reason == \"nothing called plain\"" \
		'[.error.why[0].places[].place] == .error.looked_at'
	pb_bare --root "$R" --from "$V2" --key "$KEY" --json plan plain --why plain
	assert_exit 4
	assert_jq '.error.why[0].places[0].reason == "not older than what is installed"'
	assert_root_untouched
}
