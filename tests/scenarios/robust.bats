#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A world that does not stand still: others at work on the same root, clocks that are wrong, areas and
# journals that were copied or removed by hand. Each is refused or handled, with a sentence.

setup() {
	load lib
	lab plain config
	J=$R/.putback/journal.sqlite
}

in_background() { # NAME ARG...: exit code into $TMP/NAME.rc
	local name=$1
	shift
	( "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" > "$TMP/$name.out" 2>&1 < /dev/null && echo 0 > "$TMP/$name.rc" || echo $? > "$TMP/$name.rc" ) 3>&- &
	STARTED+=($!)
}

# Not a plain `wait`, which would wait for the clock of bats itself.
wait_for_all() {
	[ ${#STARTED[@]} -gt 0 ] && wait "${STARTED[@]}"
	STARTED=()
}

# The journal says COMMITTING, as after a crash behind the last rename.
pretend() { # STATE
	sqlite3 "$J" "update transactions set state=(select code from states where name='$1')"
}

# --- others at work -----------------------------------------------------------------------------------

@test "two recovers at once: one does it, the other is told or finds nothing to do" {
	pb apply plain-1-1 config-1-1 --yes
	pretend committing
	in_background one recover --yes
	in_background two recover --yes
	wait_for_all
	[[ "$(sort "$TMP"/one.rc "$TMP"/two.rc | tr -d '\n')" =~ ^0[08]$ ]]
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "undo and forget at once: one of them, wholly" {
	pb apply plain-1-1 config-1-1 --yes
	in_background one undo --yes
	in_background two forget 1 --yes
	wait_for_all
	grep -qx 0 "$TMP/one.rc" || grep -qx 0 "$TMP/two.rc"
	pb log --json
	assert_jq '.transactions[0].state == "undone" or .transactions[0].state == "forgotten"'
	if grep -q "Taken back" "$TMP/one.out"; then assert_undone; fi
}

@test "the same root by another name is the same root" {
	in_mounts "$PUTBACK" "$R" "$TMP" > "$TMP/out" <<-'SCRIPT'
		mkdir "$3/other"
		mount --bind "$2" "$3/other"
		exec 7< "$2"
		flock -x 7
		"$1" --root "$3/other" recover --yes 2>&1 && rc=0 || rc=$?
		echo "exit $rc"
	SCRIPT
	grep -q 'another putback' "$TMP/out"
	grep -qx 'exit 8' "$TMP/out"
}

@test "who only looks is not in the way of who changes, and sees the one or the other" {
	in_background one apply plain-1-1 config-1-1 --yes
	for _ in 1 2 3 4; do
		pb log --json
		assert_exit 0
		pb survey
		assert_exit 0 7
	done
	wait_for_all
	grep -qx 0 "$TMP/one.rc"
	assert_put_back
}

@test "the user edits a file while it is staged: refused by its name, the edit stays" {
	rm -rf "$R"
	lab plain heavy
	(
		until [ -e "$R/.putback/1" ]; do :; done
		echo edited > "$R/usr/share/plain/changes"
	) 3>&- &
	STARTED+=($!)
	pb apply plain-1-1 heavy-1-1 --yes
	wait_for_all
	assert_exit 1
	assert_stderr '/usr/share/plain/changes' 'the root is as it was'
	[ "$(content usr/share/plain/changes)" = edited ]
	[ ! -e "$R/.putback" ]
	pb apply plain-1-1 heavy-1-1 --yes
	assert_exit 0
}

# --- somebody mends by hand what a crash left in the middle ----------------------------------------------

MENDED=(usr/share/plain/changes usr/share/plain/sly usr/share/plain/goes usr/share/plain/comes etc/config/plain.conf)

halfway() { # N: killed behind the N-th exchange, then each of the paths is replaced, done or not
	local path
	PUTBACK_FAILPOINT=commit-exchanged:$1=kill pb apply plain-1-1 config-1-1 --yes
	[ "$status" = 137 ] || tell 'not killed'
	MINE=" "
	for path in "${MENDED[@]}"; do
		[ -e "$R/$path" ] || continue
		echo "mine $path" > "$R/$path.new"
		mv "$R/$path.new" "$R/$path"
		MINE+="$path "
	done
}

# All is old; of what was replaced the original is back and the newcomer in the area, or the newcomer stays.
assert_old_but_mended() {
	local path ignore=()
	for path in "${MENDED[@]}"; do
		[[ $MINE == *" $path "* ]] || continue
		ignore+=(--ignore "/$path")
		if [ ! -e "$TMP/pristine/$path" ]; then # in nobody's way: it may stay
			grep -rqx "mine $path" "$R/.putback/1" "$R/$path" || tell "what was put at $path is gone"
		elif cmp -s "$TMP/pristine/$path" "$R/$path"; then
			BACK=1
			grep -rqx "mine $path" "$R/.putback/1" || tell "what was put at $path is gone"
		else
			STAYED=1
			[ "$(cat "$R/$path")" = "mine $path" ] || tell "$path is neither the original nor what was put there"
		fi
	done
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}" "${ignore[@]}"
}

again() {
	chattr -R -f -ia "$R" || :
	rm -rf "$R"
	cp -a "$TMP/pristine" "$R"
	note
}

@test "a path that was replaced by hand in the middle: nothing moves, and each way that is named works" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	cp -a "$R" "$TMP/pristine"
	BACK=0 STAYED=0
	for n in 2 4 6 8; do
		again
		halfway $n
		"$ORACLES/tree" snapshot "$R" "$TMP/standing"
		for way in '' --back; do
			pb recover --yes $way
			assert_exit 10
			assert_stderr 'nothing was moved' 'recover --back --force' usr/share/plain
		done
		same tree "$TMP/standing" "$R" --inodes
		pb recover --back --force --yes
		assert_exit 7
		assert_old_but_mended
		pb forget 1 --yes
		assert_exit 0
		pb apply plain-1-1 --yes
		assert_exit 0 7

		again
		halfway $n
		mv "$J" "$TMP/away"
		pb recover --salvage --yes
		assert_exit 7
		assert_old_but_mended
	done
	[ $BACK$STAYED = 11 ] || tell "too few kinds: $BACK $STAYED"
}

@test "only what was new already was replaced: to go on is a way, too; and undo keeps it aside" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	cp -a "$R" "$TMP/pristine"
	pb apply plain-1-1 config-1-1 --yes
	pretend committing
	echo mine > "$R/usr/share/plain/changes.new"
	mv "$R/usr/share/plain/changes.new" "$R/usr/share/plain/changes"
	pb recover --yes
	assert_exit 10
	pb recover --force --yes
	assert_exit 7
	assert_says /usr/share/plain/changes
	[ "$(content usr/share/plain/changes)" = mine ]
	pb undo --yes
	assert_exit 5
	assert_stderr --force
	pb undo --force --yes
	assert_exit 7
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
	grep -rqx mine "$R/.putback/1"
	# the same on the way back
	pb forget 1 --yes
	pb apply plain-1-1 config-1-1 --yes
	pb undo --yes
	sqlite3 "$J" "update transactions set state=(select code from states where name='undoing') where id=2"
	echo mine > "$R/usr/share/plain/changes.new"
	mv "$R/usr/share/plain/changes.new" "$R/usr/share/plain/changes"
	pb recover --yes
	assert_exit 10
	assert_stderr 'recover --force'
	pb recover --force --yes
	assert_exit 7
	[ "$(content usr/share/plain/changes)" = mine ]
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}" --ignore /usr/share/plain/changes
	pb recover --salvage --force --yes
	assert_exit 5
}

# --- clocks -------------------------------------------------------------------------------------------

at() { # TIME ARG...: pb, by a clock that says TIME; the disk's own time goes on as it does
	run --separate-stderr env NO_FAKE_STAT=1 FAKETIME_DONT_FAKE_MONOTONIC=1 ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
		timeout 60 faketime -f "$1" "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "${@:2}" < /dev/null
}

@test "a clock far in the past, before the epoch, far in the future, and going back and forth" {
	need faketime
	at '2030-01-01 00:00:00' --version
	[ "$status" = 0 ] || skip 'faketime does not work here'
	for when in '@2090-05-06 07:08:09' '@2001-01-01 00:00:00' '@1970-01-01 00:00:01' '@1902-03-04 05:06:07'; do
		at "$when" plan plain-1-1
		if [ "$status" = 9 ]; then # no key is older than its signature
			assert_stderr 'clock'
			at "$when" apply plain-1-1 --yes
			assert_exit 9
			assert_root_untouched
			pb apply plain-1-1 config-1-1 --yes
		else
			assert_exit 0
			at "$when" apply plain-1-1 config-1-1 --yes
		fi
		assert_exit 0
		at "$when" log --json
		assert_exit 0
		at '@1902-03-04 05:06:07' undo --yes
		assert_exit 0
		assert_undone
		at '@2090-05-06 07:08:09' redo --yes
		assert_exit 0
		pretend undoing
		at "$when" recover --yes
		assert_exit 0
		assert_undone
		at "$when" forget "$(sqlite3 "$J" 'select max(id) from transactions')" --yes
		assert_exit 0
		rm -rf "$R/.putback"
		settle
	done
}

# --- copies -------------------------------------------------------------------------------------------

@test "a journal from another machine: refused with what it is, and salvage finds what is really there" {
	cp -a "$R" "$TMP/other"
	pb apply plain-1-1 --yes
	cp "$J" "$TMP/foreign"
	rm -rf "$R"
	mv "$TMP/other" "$R"
	note
	pb apply config-1-1 --yes
	cp "$TMP/foreign" "$J"
	"$ORACLES/tree" snapshot "$R" "$TMP/standing"
	pb undo --yes
	assert_exit 5
	assert_stderr "is not that of transaction 1" 'another file system'
	pretend committing
	for way in '' --back; do
		pb recover --yes $way
		assert_exit 10
		assert_stderr "is not that of transaction 1"
	done
	same tree "$TMP/standing" "$R" --inodes "${OURS[@]}"
	mv "$J" "$TMP/away"
	pb recover --salvage --yes
	assert_exit 0 7
	assert_undone
}

@test "an image that was cloned in the middle: both copies come to an end, each by itself" {
	need losetup mkfs.ext4
	truncate -s 64M "$TMP/img"
	mkfs.ext4 -q -F "$TMP/img"
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$TMP" "$ORACLES" "${PUTBACK_FAILPOINTS-}" > "$TMP/out" 2>&1 <<-'SCRIPT'
		mkdir "$5/one" "$5/two"
		mount -o loop "$5/img" "$5/one" 2> "$5/err" || { echo SKIP; exit 0; }
		cp -a "$2/." "$5/one/"
		"$6/tree" snapshot "$5/one" "$5/start"
		if [ -n "$7" ]; then
			PUTBACK_FAILPOINT=commit-exchanged:3=kill "$1" --root "$5/one" --from "$3" --key "$4" apply plain-1-1 config-1-1 --yes && exit 1 || [ $? = 137 ]
		else
			"$1" --root "$5/one" --from "$3" --key "$4" apply plain-1-1 config-1-1 --yes
			sqlite3 "$5/one/.putback/journal.sqlite" "update transactions set state=(select code from states where name='committing')"
		fi
		umount "$5/one"
		cp "$5/img" "$5/clone"
		mount -o loop "$5/img" "$5/one"
		mount -o loop "$5/clone" "$5/two"
		"$1" --root "$5/two" recover --back --yes
		"$6/tree" compare "$5/start" "$5/two" --inodes --ignore /.putback --ignore '/.putback/*'
		"$1" --root "$5/one" recover --yes
		"$1" --root "$5/one" undo --yes
		"$6/tree" compare "$5/start" "$5/one" --inodes --ignore /.putback --ignore '/.putback/*'
		"$1" --root "$5/two" redo --yes
		"$1" --root "$5/two" undo --yes
		"$6/tree" compare "$5/start" "$5/two" --inodes --ignore /.putback --ignore '/.putback/*'
		echo both
	SCRIPT
	! grep -qx SKIP "$TMP/out" || skip 'no loop devices here'
	grep -qx both "$TMP/out" || tell "$(cat "$TMP/out")"
}

@test "a root that was copied file by file in the middle: refused, and salvage puts it right" {
	cp -a "$R" "$TMP/pristine"
	pb apply plain-1-1 config-1-1 --yes
	pretend committing
	cp -a "$R" "$TMP/copy"
	rm -rf "$R"
	mv "$TMP/copy" "$R"
	pb recover --yes
	assert_exit 10
	assert_stderr 'was copied' 'recover --salvage'
	mv "$J" "$TMP/away"
	pb recover --salvage --yes
	assert_exit 7
	same tree "$TMP/pristine" "$R" --no-dir-mtime "${VOLATILE[@]}" --ignore /usr/share/plain/sly
}

# --- removed by hand ----------------------------------------------------------------------------------

@test "all of .putback removed: nothing is claimed, and work begins anew" {
	pb apply plain-1-1 --yes
	rm -r "$R/.putback"
	pb undo --yes
	assert_exit 0
	assert_says 'Nothing to undo'
	pb log
	assert_exit 0
	pb recover --yes
	assert_exit 0
	pb apply config-1-1 --yes
	assert_exit 0
	[ ! -e "$R/.putback/2" ]
}

@test "a transaction's directory removed: undo says so; forget still tidies up" {
	pb apply plain-1-1 --yes
	rm -r "$R/.putback/1"
	note
	pb undo --yes
	assert_exit 5
	assert_stderr "'.putback/1'" 'is gone' forget
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
	pb forget 1 --yes
	assert_exit 0
	pb apply config-1-1 --yes
	assert_exit 0
}

@test "removed in the middle of it: a new apply makes whole what is half" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	cp -a "$R" "$TMP/pristine"
	PUTBACK_FAILPOINT=commit-exchanged:4=kill pb apply plain-1-1 config-1-1 --yes
	[ "$status" = 137 ]
	rm -r "$R/.putback/1"
	for way in '' --back --force; do
		pb recover --yes $way
		assert_exit 10
		assert_stderr 'is gone' journal.sqlite 'a new apply'
	done
	mv "$J" "$TMP/away"
	note
	pb apply plain-1-1 config-1-1 --yes
	assert_exit 0
	assert_put_back
	again
	PUTBACK_FAILPOINT=commit-exchanged:4=kill pb apply plain-1-1 config-1-1 --yes
	rm -r "$R/.putback"
	note
	pb apply plain-1-1 config-1-1 --yes
	assert_exit 0
	assert_put_back
}

@test "the area of one file system removed: undo, recover and forget say what can be done" {
	rm -rf "$R"
	lab plain boot
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT'
		mkdir "$5/fs"
		mount -t tmpfs boot "$5/fs"
		cp -a "$2/boot/." "$5/fs/"
		mount --bind "$5/fs" "$2/boot"
		"$1" --root "$2" --from "$3" --key "$4" apply plain-1-1 boot-1-1 --yes
		rm -r "$2/boot/.putback"
		try() { "$1" --root "$2" "${@:3}" < /dev/null && rc=0 || rc=$?; echo "$3: exit $rc"; }
		try "$1" "$2" undo --yes
		try "$1" "$2" forget 1 --yes
		sqlite3 "$2/.putback/journal.sqlite" "update transactions set state=(select code from states where name='committing')"
		try "$1" "$2" recover --yes
		sqlite3 "$2/.putback/journal.sqlite" "update transactions set state=(select code from states where name='done')"
		try "$1" "$2" forget 1 --yes --force
		[ ! -e "$2/.putback/1" ]
	SCRIPT
	grep -q "'.putback' on the file system at '/boot' is not there" "$TMP/out"
	grep -q 'removed by hand' "$TMP/out"
	grep -qx 'undo: exit 5' "$TMP/out"
	grep -qx 'recover: exit 10' "$TMP/out"
	[ "$(grep -x 'forget: exit .' "$TMP/out" | tr '\n' ' ')" = 'forget: exit 5 forget: exit 7 ' ] || tell "$(cat "$TMP/out")"
}
