#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Signatures of files that the kernel looks at (IMA): what rpm's own plugin leaves there is the judge.

setup() {
	load lib
	need_rpm 4.17 # before, the plugin takes none of what rpmsign gives today
	PLUGIN=$(rpm -E '%{_libdir}')/rpm-plugins/ima.so
	[ -e "$PLUGIN" ] || PLUGIN=$(ls /usr/lib/*/rpm-plugins/ima.so 2> "$TMP/err") || skip "rpm's plugin for IMA is missing"
	touch "$TMP/try"
	setfattr -n security.ima -v 0x0301 "$TMP/try" 2> "$TMP/err" || skip 'no security.ima here'
	mkdir "$TMP/plugins" # and no other
	ln -s "$PLUGIN" "$TMP/plugins/"
}

# A root whose rpm signs files, with packages that have signatures; as `lab`.
signing_lab() { # NAME
	make_home
	RPM_OPTIONS=(-D "__plugindir $TMP/plugins" -D '__transaction_ima %{__plugindir}/ima.so')
	new_root "$R"
	mkdir -p "$R/usr/lib64/rpm-plugins"
	touch "$R/usr/lib64/rpm-plugins/ima.so"
	for v in 1 2; do
		supply $v "$1"
		for file in "${FILES[@]}"; do "$FIXTURES/resign" "$file" "ima=version $v"; done
		[ $v = 1 ] || cp -a "$R" "$ORACLE"
		rpmr "$R" -U "${RPM_OPTIONS[@]}" "${FILES[@]}"
	done
	settle
}

signed() { getfattr -R -h -d -m security.ima "$1" 2> "$TMP/err" | grep -c '^security.ima=' || :; }

@test "files have the signatures that rpm gave them, and undo brings the others back" {
	signing_lab plain
	[ "$(signed "$ORACLE")" -gt 2 ] || tell 'rpm signs nothing here'
	pb apply plain-1-1 --yes
	assert_exit 0
	assert_put_back
	pb undo --yes
	assert_exit 0
	assert_undone
	pb redo --yes
	assert_exit 0
	assert_put_back
	pb plan plain-1-1
	assert_says 'othing to do'
}

@test "configuration that is not executed has none; hard links, files without content, setuid programs have theirs" {
	for name in config hardlinks modes; do
		signing_lab $name
		pb apply $name-1-1 --yes
		assert_exit 0 7
		assert_put_back
		pb undo --yes
		assert_undone
		rm -r "$R" "$ORACLE"
	done
}

@test "a root whose rpm does not sign files: no signature comes, and what had one is named" {
	signing_lab plain
	rm -r "$R/usr/lib64" "$ORACLE/usr/lib64"
	settle
	pb apply plain-1-1 --yes
	assert_exit 7
	assert_says 'IMA signature or hash' /usr/share/plain/changes ima_appraise=fix
	[ "$(signed "$R/usr/share/plain/changes")" = 0 ]
	find "$ORACLE" -type f -exec setfattr -h -x security.ima {} + 2> "$TMP/err" || :
	assert_same_db
	pb undo --yes
	assert_undone
	pb plan plain-1-1 --json
	assert_jq '[.problems[] | select(.kind == "file-signature" and .severity == "warning")] | length == 1'
}

@test "a signature that somebody took away or changed comes back, and with it a new file" {
	signing_lab plain
	pb apply plain-1-1 --yes
	setfattr -x security.ima "$R/usr/share/plain/changes"
	setfattr -n security.ima -v 0x0302 "$R/usr/share/plain/goes"
	settle
	pb plan plain-1-1 --files
	assert_says 'signature of the file differs'
	pb apply plain-1-1 --yes
	assert_exit 0
	assert_same_tree
	pb undo --yes
	assert_undone
}

@test "put back from a donor" {
	signing_lab plain
	cp -a "$ORACLE" "$TMP/donor"
	pb_bare --root "$R" --from "donor:$TMP/donor" --key "$KEY" apply plain-1-1 --yes
	assert_exit 0
	assert_put_back
	pb undo --yes
	assert_undone
}

@test "a signature that cannot be given ends it with the root as it was" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'built without failpoints'
	signing_lab plain
	PUTBACK_FAILPOINT=stage-filesig=EPERM pb apply plain-1-1 --yes
	assert_exit 1
	assert_stderr /usr/share/plain/ 'security.ima' 'the root is as it was'
	assert_root_as_it_was
}
