#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What is typed wrongly is refused with 2 before anything is looked at.

setup() { load lib; }

@test "help and version go to stdout and exit 0" {
	pb_bare --help
	assert_exit 0
	[[ $output == *"plan"*"apply"*"undo"*"recover"* ]]
	[ -z "$stderr" ]
	pb_bare help
	assert_exit 0
	pb_bare --version
	assert_exit 0
	[[ $output == putback* ]]
}

@test "every command has help" {
	for c in survey history plan fetch apply undo redo recover forget log; do
		pb_bare help $c
		assert_exit 0
		[[ $output == *"$c"* ]] || tell "help $c does not name it"
	done
}

@test "no command" { pb_bare; assert_exit 2; assert_stderr putback:; }
@test "an unknown command" { pb_bare frobnicate; assert_exit 2; assert_stderr frobnicate; }
@test "an unknown option" { pb_bare --frobnicate survey; assert_exit 2; assert_stderr frobnicate; }
@test "help on an unknown command" { pb_bare help frobnicate; assert_exit 2; assert_stderr frobnicate; }
@test "an option without its argument" { pb_bare survey --root; assert_exit 2; }

@test "/ as the root" {
	pb_bare --root / survey
	assert_exit 2
	assert_stderr "'/'"
	pb_bare --root /usr/.. plan --undo last
	assert_exit 2
}

@test "no such root" { pb_bare --root "$TMP/none" survey; assert_exit 1; assert_stderr "$TMP/none"; }
@test "a root that is a file" { touch "$TMP/file"; pb_bare --root "$TMP/file" survey; assert_exit 1; assert_stderr "$TMP/file"; }

@test "PUTBACK_ROOT stands in for --root" {
	PUTBACK_ROOT=$TMP/none pb_bare survey
	assert_exit 1
	assert_stderr "$TMP/none"
}

@test "wrong arguments" {
	lab plain
	pb plan; assert_exit 2
	pb apply --yes; assert_exit 2
	pb plan --undo; assert_exit 2
	pb plan --undo yesterday; assert_exit 2; assert_stderr yesterday
	pb plan --undo -1; assert_exit 2
	pb plan --config mine plain; assert_exit 2; assert_stderr mine
	pb undo x; assert_exit 2
	pb forget; assert_exit 2
	pb log 1 2; assert_exit 2
	pb history 1x; assert_exit 2
	pb plan --undo last plain-1-1; assert_exit 2
	assert_root_untouched
}

@test "options that a command does not know" {
	lab plain
	pb survey --undo last; assert_exit 2
	pb undo --nodeps --yes; assert_exit 2
	assert_root_untouched
}

@test "a source that does not exist" {
	lab plain
	pb --from "$TMP/nowhere" plan plain-1-1
	assert_exit 2
	assert_stderr "$TMP/nowhere"
	assert_root_untouched
}

@test "a key that does not exist, or is none" {
	lab plain
	pb --key "$TMP/nowhere" plan plain-1-1
	assert_exit 2
	assert_stderr "$TMP/nowhere"
	echo nonsense > "$TMP/nonsense"
	pb --key "$TMP/nonsense" plan plain-1-1
	assert_exit 2
	assert_stderr "$TMP/nonsense"
	assert_root_untouched
}

@test "options may stand before and after the command" {
	lab plain
	pb_bare plan --root "$R" plain-1-1 --exit-code --from "$V1" --key "$KEY"
	assert_exit 3
	pb_bare --exit-code --root="$R" --from="$V1" --key="$KEY" plan plain-1-1
	assert_exit 3
}

@test "apply without --yes off a terminal" {
	lab plain
	pb apply plain-1-1
	assert_exit 2
	assert_stderr --yes
	assert_root_untouched
}

@test "on a terminal apply asks, and no means no" {
	lab plain
	need script
	run script -qec "'$PUTBACK' --root '$R' --from '$V1' --key '$KEY' apply plain-1-1" /dev/null <<< n
	assert_root_untouched
	[ "$status" != 0 ]
	[[ $output == *plain*\?* ]]
	run script -qec "'$PUTBACK' --root '$R' --from '$V1' --key '$KEY' apply plain-1-1" /dev/null <<< y
	assert_exit 0
	assert_put_back
}

@test "stdout that cannot be written is no success" {
	lab plain
	run bash -c '"$1" --root "$2" --from "$3" --key "$4" plan plain-1-1 > /dev/full' x "$PUTBACK" "$R" "$V1" "$KEY"
	assert_exit 1
	assert_says 'cannot write to the standard output'
	run bash -c '"$1" --root "$2" history > /dev/full' x "$PUTBACK" "$R"
	assert_exit 1
	[[ $output != *'No such file'* ]]
}

@test "one selection, given twice" {
	lab plain
	pb plan --undo last --undo 1
	assert_exit 2
	assert_stderr '--undo is given twice'
	pb plan --back-to 1 --back-to yesterday
	assert_exit 2
	assert_stderr '--back-to is given twice'
	pb plan --like "$ORACLE" --like "$ORACLE"
	assert_exit 2
	assert_stderr '--like is given twice'
	assert_root_untouched
}

@test "a plan is not saved to the standard output, and has no packages beside it" {
	lab plain
	cd "$TMP"
	pb plan plain-1-1 -o -
	assert_exit 2
	assert_stderr 'standard output'
	[ ! -e ./- ]
	pb plan plain-1-1 -o saved
	assert_exit 0
	pb apply --yes saved plain-1-1
	assert_exit 2
	assert_stderr "'saved' is a saved plan"
	assert_root_untouched
}

@test "sources of a kind that there is not" {
	lab plain
	for from in ftp://example.org/x http:// koji:/srv koji:; do
		pb_bare --root "$R" --from "$from" plan plain-1-1
		assert_exit 2
		assert_stderr "'$from'" http://
	done
}

@test "a folder in which nothing is mounted" {
	mkdir "$TMP/nothing"
	pb_bare --root "$TMP/nothing" plan plain-1-1
	assert_exit 1
	assert_stderr "'$TMP/nothing'" 'the folder is empty'
}

@test "of the places where rescue systems mount a root, the one where there is something" {
	lab plain
	in_mounts "$PUTBACK" "$R" > "$TMP/out" <<-'SCRIPT'
		mount -t tmpfs none /mnt
		mkdir /mnt/sysimage /mnt/sysroot
		unset PUTBACK_ROOT
		"$1" survey 2>&1 && rc=0 || rc=$?
		[ "$rc" = 2 ]
		mount --bind "$2" /mnt/sysroot
		"$1" survey 2>&1 && rc=0 || rc=$?
		"$1" log
	SCRIPT
	grep -q 'no root is mounted at /mnt/sysimage or /mnt/sysroot' "$TMP/out"
	grep -q 'root  */mnt/sysroot$' "$TMP/out"
}
