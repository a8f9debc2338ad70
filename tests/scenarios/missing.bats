#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What is in no source is listed, all at once and with every place looked at, before anything changes.

setup() { load lib; lab dnf plain other config; mkdir "$TMP/empty"; }

@test "an empty source: every package is named, and the place" {
	pb_bare --root "$R" --from "$TMP/empty" --key "$KEY" plan --undo last
	assert_exit 4
	assert_stderr plain-1-1 other-1-1 config-1-1 "$TMP/empty"
	pb_bare --root "$R" --from "$TMP/empty" --key "$KEY" apply --undo last --yes
	assert_exit 4
	assert_root_untouched
}

@test "one of three is missing, from two places" {
	rm "$V1"/other*.rpm
	pb --from "$TMP/empty" apply --undo last --yes
	assert_exit 4
	assert_stderr other-1-1 "$V1" "$TMP/empty"
	refute_says plain-1-1
	assert_root_untouched
}

@test "no --from: the root's caches are named" {
	pb_bare --root "$R" --key "$KEY" plan --undo last
	assert_exit 4
	assert_stderr plain-1-1 cache
	assert_root_untouched
}

@test "--json lists them" {
	pb_bare --root "$R" --from "$TMP/empty" --key "$KEY" plan --undo last --json
	assert_exit 4
	assert_jq '.error.missing | length == 3' '.error.looked_at | length >= 1'
}

@test "a package that is neither installed nor in a source" {
	pb apply no-such-package --yes
	assert_exit 4
	assert_stderr no-such-package
	pb apply plain-9-9 --yes
	assert_exit 4
	assert_stderr plain-9-9
	assert_root_untouched
}

@test "a package name with shell characters is a name like any other" {
	cd "$TMP"
	for name in '$(touch pwned)' '`touch pwned`' 'a;touch pwned' 'a|b' "a'b" 'a b' $'a\nb' '../../etc/passwd' '%n%s'; do
		pb apply "$name" --yes
		[ "$status" = 4 ] || [ "$status" = 2 ] || tell "exit $status for $name"
		assert_stderr
	done
	[ ! -e pwned ]
	assert_root_untouched
}

@test "sources are searched in depth and in order" {
	mkdir -p "$TMP/deep/er/still"
	mv "$V1"/*.rpm "$TMP/deep/er/still/"
	pb_bare --root "$R" --from "$TMP/empty" --from "$TMP/deep" --key "$KEY" apply --undo last --yes
	assert_exit 0
	assert_put_back
}

@test "a single file as the source" {
	pb_bare --root "$R" --from "$V1/plain-1-1.noarch.rpm" --key "$KEY" apply plain-1-1 --yes
	assert_exit 0
	[ "$(content usr/share/plain/changes)" = 'this is version 1' ]
}

@test "two packages of one name and version that nothing tells apart: the first source wins" {
	sed '/^%files/i echo rebuilt > usr/share/plain/changes' "$FIXTURES/specs/plain.spec" > "$TMP/plain.spec"
	SOURCE_DATE_EPOCH=1700086400 rpmbuild -bb --quiet -D 'ver 1' -D "_topdir $TMP/top" -D "_rpmdir $TMP/rebuilt" \
		"$TMP/plain.spec" > "$TMP/log" 2>&1
	sign "$TMP/rebuilt"/*.rpm
	pb_bare --root "$R" --from "$TMP/rebuilt" --from "$V1" --key "$KEY" apply plain-1-1 --yes
	assert_exit 0
	[ "$(content usr/share/plain/changes)" = rebuilt ]
	pb undo --yes
	pb_bare --root "$R" --from "$V1" --from "$TMP/rebuilt" --key "$KEY" apply plain-1-1 --yes
	assert_exit 0
	[ "$(content usr/share/plain/changes)" = 'this is version 1' ]
}

@test "two packages of one name and version: the one with the installed package's vendor wins" {
	sed -e '/^%files/i echo rebuilt > usr/share/plain/changes' "$FIXTURES/specs/plain.spec" > "$TMP/plain.spec"
	mkdir "$TMP/elsewhere"
	sed -e 's/^Vendor: .*/Vendor: somebody else/' "$HOME/.rpmmacros" > "$TMP/elsewhere/.rpmmacros"
	HOME=$TMP/elsewhere SOURCE_DATE_EPOCH=1700086400 rpmbuild -bb --quiet -D 'ver 1' -D "_topdir $TMP/top" \
		-D "_rpmdir $TMP/rebuilt" "$TMP/plain.spec" > "$TMP/log" 2>&1
	[ "$(rpm -qp --qf '%{VENDOR}' "$TMP"/rebuilt/*.rpm 2> "$TMP/err")" = 'somebody else' ]
	sign "$TMP/rebuilt"/*.rpm
	pb_bare --root "$R" --from "$TMP/rebuilt" --from "$V1" --key "$KEY" apply plain-1-1 --yes
	assert_exit 0
	[ "$(content usr/share/plain/changes)" = 'this is version 1' ]
}
