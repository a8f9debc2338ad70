#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The dry run says all that apply would do, and does nothing.

setup() { load lib; lab dnf plain other config; }

@test "plan leaves no trace" {
	for options in '' --files --json --exit-code '-v' "-o $TMP/saved"; do
		# shellcheck disable=SC2086
		pb plan --undo last $options
		assert_root_untouched
	done
}

@test "the table: each package, from what to what, and from where" {
	pb plan --undo last
	assert_exit 0
	for name in plain other config; do
		grep -q "$name.*2-1.*1-1" <<< "$output" || tell "no line for $name"
	done
	assert_says "$V1" downgrade
}

@test "--files lists each path with its reason" {
	pb plan plain-1-1 --files
	assert_exit 0
	assert_says /usr/share/plain/changes /usr/share/plain/goes /usr/share/plain/comes /usr/share/plain/sly
	refute_says /usr/share/plain/stays
}

@test "--exit-code: 3 when there is something to do, 0 when not" {
	pb plan --undo last --exit-code
	assert_exit 3
	pb plan plain-2-1 --from "$V2" --exit-code
	assert_exit 0
}

@test "on a read-only mount" {
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" > "$TMP/out" <<-'SCRIPT'
		mount --bind "$2" "$2"
		mount -o remount,bind,ro "$2"
		"$1" --root "$2" --from "$3" --key "$4" plan --undo last 2>&1 && rc=0 || rc=$?
		[ "$rc" = 5 ] # that is what apply would say
		"$1" --root "$2" survey
		"$1" --root "$2" history
	SCRIPT
	grep -q 'plain.*2-1.*1-1' "$TMP/out"
	grep -q 'read-only' "$TMP/out"
	assert_root_untouched
}

@test "what changes the root is refused on a read-only mount" {
	pb apply --yes plain-1-1
	assert_exit 0
	in_mounts "$PUTBACK" "$R" <<-'SCRIPT'
		mount --bind "$2" "$2"
		mount -o remount,bind,ro "$2"
		for what in undo 'forget 1'; do
			"$1" --root "$2" --yes $what 2>&1 && rc=0 || rc=$?
			[ "$rc" = 5 ]
		done
	SCRIPT
	pb undo --yes
	assert_undone
}

@test "a saved plan is applied as it was" {
	pb plan --undo last -o "$TMP/saved"
	assert_exit 0
	assert_says "$TMP/saved"
	pb_bare --root "$R" apply "$TMP/saved" --yes
	assert_exit 0
	assert_put_back
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "a saved plan is refused when the root has changed since" {
	pb plan --undo last -o "$TMP/saved"
	echo changed >> "$R/usr/share/plain/changes"
	settle
	pb apply "$TMP/saved" --yes
	assert_exit 5
	assert_stderr changed
	assert_root_untouched
}

@test "a saved plan is refused when the packages installed have changed since" {
	pb plan plain-1-1 -o "$TMP/saved"
	rpmr "$R" -e other
	settle
	pb apply "$TMP/saved" --yes
	assert_exit 5
	assert_root_untouched
}

@test "a saved plan is refused when its packages have changed since" {
	pb plan plain-1-1 -o "$TMP/saved"
	rpmsign --delsign "$V1"/plain-1-1.noarch.rpm > /dev/null 2>&1
	gnupg rpmsign -D '_gpg_name stranger@localhost' --addsign "$V1"/plain-1-1.noarch.rpm > /dev/null 2>&1
	pb apply "$TMP/saved" --yes
	assert_exit 5 9
	assert_root_untouched
}

@test "a saved plan for another root is refused" {
	pb plan --undo last -o "$TMP/saved"
	pb_bare --root "$ORACLE" --from "$V1" --key "$KEY" apply "$TMP/saved" --yes
	assert_exit 5
}

@test "a file that is no plan" {
	echo nonsense > "$TMP/nonsense"
	pb apply "$TMP/nonsense" --yes
	assert_exit 2
	assert_stderr "'$TMP/nonsense' is no saved plan"
	[[ $stderr != *salvage* ]] # that is for a journal in a root
	assert_root_untouched
}

@test "scriptlets that will not run are listed, and do not run" {
	lab_install dnf scripts
	lab_update scripts
	pb plan --undo last
	assert_exit 0
	assert_says scripts %post %preun %postun %posttrans
	ls -d "$R"/ran-* > "$TMP/ran"
	pb apply --undo last --yes
	assert_exit 0 7
	ls -d "$R"/ran-* | diff "$TMP/ran" -
	assert_put_back --ignore '/ran-*'
}
