#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The journal is gone or cannot be read: what the areas hold is listed by their manifests, and put back.

setup() {
	load lib
	lab plain config types
	WHAT=(plain-1-1 config-1-1 types-1-1)
	J=$R/.putback/journal.sqlite
}

done_then() { # MANGLE: apply, and then something happens to the journal
	pb apply "${WHAT[@]}" --yes
	assert_exit 0 7
	"$1"
}
lose_it() { rm "$J" "$J-journal"; }
spoil_it() { dd if=/dev/urandom of="$J" bs=4096 count=3 conv=notrunc status=none; }
cut_it() { truncate -s 5000 "$J"; }

# Each original that the list names is one that stood at that path before, by its inode.
assert_lists_originals() {
	pb recover --salvage --json
	assert_exit 0
	assert_jq '.salvage | length == 1' '.salvage[0].stands == "done"' \
		'[.salvage[0].entries[] | select(.kind == "original")] | length >= 5' \
		'.salvage[0].entries | all(.kind == "original" and .path != null)'
}

back() { # ARG...: it is put back, inode for inode
	pb recover --salvage --yes "$@"
	assert_exit 0 7
	assert_undone
}

@test "without a journal: listed, nothing changed; put back, the same inodes and the rpmdb" {
	done_then lose_it
	assert_lists_originals
	settle2=$TMP/standing
	"$ORACLES/tree" snapshot "$R" "$settle2"
	pb recover --salvage
	assert_exit 0
	assert_says /usr/share/plain/changes original 'it stands in the root' 'recover --salvage --yes 1'
	pb recover --yes
	assert_exit 0
	assert_stderr 'recover --salvage'
	same tree "$settle2" "$R" --inodes
	back
	pb recover --salvage --json
	assert_jq '.salvage[0].stands == "undone"' '.salvage[0].entries | all(.kind == "new")' '.next == []'
	pb recover --salvage --yes
	assert_exit 5
	assert_stderr 'nothing to put back'
	pb apply "${WHAT[@]}" --yes # life goes on, beside what is kept
	assert_exit 0 7
	pb log --json
	assert_jq '.transactions[0].id == 2'
	pb undo --yes
	assert_exit 0
}

@test "a journal that is garbage: said so, listed, put back, and moved aside" {
	done_then spoil_it
	pb undo --yes
	assert_exit 1
	assert_stderr 'recover --salvage'
	assert_lists_originals
	assert_jq '.journal_error != null'
	back
	assert_exit 7
	assert_says journal.sqlite.unreadable
	[ -e "$J.unreadable" ]
	pb plan plain-1-1
	assert_exit 0
	pb log
	assert_exit 0
}

@test "a journal that is garbage after all was taken back: nothing is to be put back, and it does not stay in the way" {
	done_then true
	pb undo --yes
	spoil_it
	note
	pb recover --salvage --yes 4711
	assert_exit 2
	pb recover --salvage --yes
	assert_exit 7
	assert_says 'nothing to put back' journal.sqlite.unreadable
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
	pb apply "${WHAT[@]}" --yes
	assert_exit 0 7
	pb undo --yes
	assert_exit 0
}

@test "a journal that was cut short" {
	done_then cut_it
	assert_lists_originals
	back
}

@test "single paths and what lies beneath them; the rest stays as it is" {
	done_then lose_it
	cp -a "$R" "$TMP/standing"
	pb recover --salvage /usr/share/plain/changes
	assert_exit 0
	assert_says /usr/share/plain/changes
	refute_says /etc
	pb recover --salvage --yes 1 /usr/share/plain/changes
	assert_exit 0
	assert_says '1 path put back'
	cmp "$R/usr/share/plain/changes" <(cd "$TMP" && cat root/usr/share/plain/changes)
	same tree "$TMP/standing" "$R" --no-dir-mtime "${OURS[@]}" --ignore /usr/share/plain/changes
	pb recover --salvage --yes /usr/share/plain/
	assert_exit 0
	pb recover --salvage --yes /no/such/path
	assert_exit 2
	assert_stderr /no/such/path
	pb recover --salvage --yes ../etc
	assert_exit 2
	back
}

@test "what the user put there since is kept" {
	done_then lose_it
	echo mine > "$R/usr/share/plain/changes.new"
	mv "$R/usr/share/plain/changes.new" "$R/usr/share/plain/changes"
	pb recover --salvage --yes
	assert_exit 7
	assert_says 'is kept as'
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
	grep -rqx mine "$R/.putback/1/"
}

@test "a transaction that stands in the middle: told, nothing else begins, and all of it comes back" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	for n in 2 4 7; do # the first is the probe while staging
		PUTBACK_FAILPOINT="commit-exchanged:$n=kill" pb apply "${WHAT[@]}" --yes
		assert_exit 137
		lose_it
		pb recover --salvage --json
		assert_jq '.salvage[0].stands == "halfway"' '[.salvage[0].entries[].kind] | any(. == "new")'
		pb apply "${WHAT[@]}" --yes
		assert_exit 6
		assert_stderr 'recover --salvage'
		pb recover --yes
		assert_exit 6
		assert_stderr 'in the middle of it' 'recover --salvage'
		pb plan plain-1-1
		assert_says 'recover --salvage'
		back
		pb forget 1 --yes
	done
}

@test "a salvage that cannot note its beginning has not begun" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	done_then lose_it
	PUTBACK_FAILPOINT=salvage-marked=ENOSPC pb recover --salvage --yes
	assert_exit 1
	assert_says 'nothing was moved'
	pb recover --salvage --json
	assert_jq '.salvage[0].stands == "done"'
	back
}

@test "killed while it salvages, and again" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	for n in 1 2 4 7; do
		pb apply "${WHAT[@]}" --yes
		lose_it
		PUTBACK_FAILPOINT="*:$n=kill" pb recover --salvage --yes
		assert_exit 137
		back
		pb forget 1 --yes
	done
}

@test "two transactions: the newer one comes first" {
	pb apply plain-1-1 --yes
	"$ORACLES/tree" snapshot "$R" "$TMP/between"
	pb apply config-1-1 --yes
	lose_it
	pb recover --salvage --yes 1
	assert_exit 5
	assert_stderr 'put that one back first'
	pb recover --salvage --yes
	assert_exit 0 7
	same tree "$TMP/between" "$R" --inodes "${OURS[@]}"
	back
	pb recover --salvage --yes 4711
	assert_exit 2
}

@test "a journal that is sound: nothing to salvage" {
	pb recover --salvage
	assert_exit 0
	assert_says 'Nothing to salvage'
	pb apply "${WHAT[@]}" --yes
	pb recover --salvage --json
	assert_jq '.salvage == []' '.journal_error == null'
	note
	pb recover --salvage --yes
	assert_exit 5
	same tree "$TMP/before" "$R" --inodes
	pb recover /usr
	assert_exit 2
	pb recover --salvage --back
	assert_exit 2
}

@test "a manifest with damage: what it still tells comes back, the rest is named as what it is" {
	done_then lose_it
	m=$R/.putback/1/manifest
	line=$(grep -n ' op .*/usr/share/plain/changes$' "$m" | cut -d: -f1)
	sed -i "${line}s/swap/swab/" "$m"
	pb recover --salvage --json
	assert_jq '[.salvage[0].entries[] | select(.kind == "unknown")] | length == 1' \
		'.salvage[0].remarks | any(test("damaged"))'
	pb recover --salvage --yes
	assert_exit 7
	assert_says damaged
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}" --ignore /usr/share/plain/changes
	pb recover --salvage
	assert_says unknown 'not known'
}

@test "no manifest, or half of one: said so, and nothing is guessed" {
	done_then lose_it
	cp -a "$R/.putback/1/manifest" "$TMP/manifest"
	: > "$R/.putback/1/manifest"
	pb recover --salvage --json
	assert_jq '.salvage[0].stands == "unclear"' '.salvage[0].entries | all(.kind == "unknown")'
	rm "$R/.putback/1/manifest"
	note
	pb recover --salvage
	assert_exit 0
	assert_says 'no manifest'
	pb recover --salvage --yes
	assert_exit 5
	same tree "$TMP/before" "$R" --inodes
}

sums() { # rewrite each line's sum, as an attacker would
	/usr/bin/python3 - "$1" <<-'PY'
		import sys
		name = sys.argv[1]
		out = []
		for n, line in enumerate(open(name, 'rb').read().split(b'\n')[:-1]):
		    if n:
		        rest, s = line[9:], 2166136261
		        for c in rest:
		            s = (s ^ c) * 16777619 & 0xffffffff
		        line = b'%08x ' % s + rest
		    out.append(line + b'\n')
		open(name, 'wb').write(b''.join(out))
	PY
}

@test "a forged manifest cannot reach out of the root, nor into the areas" {
	done_then lose_it
	mkdir "$TMP/victim"
	echo precious > "$TMP/victim/file"
	"$ORACLES/tree" snapshot "$TMP/victim" "$TMP/victim.before"
	cp "$R/.putback/1/manifest" "$TMP/manifest"
	while read -r path; do
		sed "s|/usr/share/plain/changes\$|$path|" "$TMP/manifest" > "$R/.putback/1/manifest"
		sums "$R/.putback/1/manifest"
		! cmp -s "$TMP/manifest" "$R/.putback/1/manifest"
		pb recover --salvage
		assert_exit 0
		assert_says 'is damaged: 1 of its lines'
		pb recover --salvage --yes # the first time all else comes back
		assert_exit 5 7
		same tree "$TMP/victim.before" "$TMP/victim" --inodes
	done <<-PATHS
		/../../../../../../../../$TMP/victim/file
		/usr/../../..$TMP/victim/file
		/.putback/area
		/usr/./share
		usr/share
		/%00
		/%
		/usr//share
	PATHS
}

@test "odd manifests: no crash, no hang, nothing moved" {
	done_then lose_it
	m=$R/.putback/1/manifest
	cp "$m" "$TMP/manifest"
	note
	odd() { # TEXT
		pb recover --salvage
		assert_exit 0
		assert_says "$1"
		pb recover --salvage --yes
		assert_exit 5 7
	}
	ln -sf /etc/passwd "$m" && odd 'not a plain file'
	rm "$m" && mkfifo "$m" && odd 'not a plain file'
	rm "$m" && mkdir "$m" && odd 'not a plain file'
	rmdir "$m" && head -c 100000 /dev/urandom > "$m" && odd 'damaged where it says what it is'
	head -c 100000 /dev/zero > "$m" && odd 'damaged where it says what it is'
	printf 'putback manifest 2\n' > "$m" && odd 'newer putback'
	sed 's/ area 0 [0-9a-f]*/ area 0 00000000000000000000000000000000/' "$TMP/manifest" > "$m" && sums "$m" && odd 'that of another area'
	cp "$TMP/manifest" "$m" && ln "$m" "$TMP/second" && odd 'not a plain file' && rm "$TMP/second"
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
	cp "$TMP/manifest" "$m"
	pb recover --salvage --yes
	assert_exit 0 7
}

@test "a file system of its own: both areas; and one that is not mounted is named" {
	rm -rf "$R"
	lab plain boot
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$TMP" "$ORACLES" > "$TMP/out" <<-'SCRIPT'
		mkdir "$5/fs"
		mount -t tmpfs boot "$5/fs"
		cp -a "$2/boot/." "$5/fs/"
		mount --bind "$5/fs" "$2/boot"
		"$6/tree" snapshot "$2" "$5/start"
		pb() { "$1" --root "$2" "${@:3}" < /dev/null; }
		"$1" --root "$2" --from "$3" --key "$4" apply plain-1-1 boot-1-1 --yes
		rm "$2"/.putback/journal.sqlite*
		umount "$2/boot"
		echo "--- not mounted"
		"$1" --root "$2" recover --salvage
		mount --bind "$5/fs" "$2/boot"
		echo "--- mounted"
		"$1" --root "$2" recover --salvage
		"$1" --root "$2" recover --salvage --yes
		"$6/tree" compare "$5/start" "$2" --inodes --ignore '*/.putback' --ignore '*/.putback/*' --ignore /.putback --ignore '/.putback/*'
		"$1" --root "$2" --from "$3" --key "$4" apply plain-1-1 boot-1-1 --yes
		rm -r "$2/.putback"
		echo "--- the root's own area is gone"
		"$1" --root "$2" recover --salvage
		"$1" --root "$2" recover --salvage --yes 2 /boot || [ $? = 7 ]
	SCRIPT
	sed -n '/^--- not mounted/,/^--- mounted/p' "$TMP/out" | grep -q "at '/boot' is not there"
	sed -n '/^--- mounted/,$p' "$TMP/out" | grep -q '/boot/.putback/1/'
	sed -n "/^--- the root's own/,\$p" "$TMP/out" | grep -q "root's file system is not there"
	sed -n "/^--- the root's own/,\$p" "$TMP/out" | grep -q 'put back'
}

@test "an area that was copied: objects are told by what they look like" {
	cp -a "$R" "$TMP/pristine"
	done_then lose_it
	cp -a "$R" "$TMP/copied"
	mv "$R" "$TMP/first"
	mv "$TMP/copied" "$R"
	pb recover --salvage
	assert_exit 0
	assert_says 'was copied there' original
	pb recover --salvage --yes
	assert_exit 7
	assert_says '/usr/share/plain/sly' # of the same size and time in both versions
	same tree "$TMP/pristine" "$R" --no-dir-mtime "${OURS[@]}" --ignore '/var/lib/rpm/*' --ignore /usr/share/plain/sly
	[ "$(rpmr "$R" -qa | sort)" = "$(rpmr "$TMP/pristine" -qa | sort)" ]
}

@test "forget removes the manifest with what it describes" {
	pb apply "${WHAT[@]}" --yes
	[ -s "$R/.putback/1/manifest" ]
	[ "$(stat -c %a "$R/.putback/1/manifest")" = 600 ]
	pb undo --yes
	[ -s "$R/.putback/1/manifest" ]
	pb forget 1 --yes
	[ ! -e "$R/.putback/1" ]
}

@test "what a salvaged transaction keeps can be forgotten, too" {
	done_then lose_it
	back
	pb forget 1 --yes
	assert_exit 0
	assert_says Forgotten
	[ ! -e "$R/.putback" ]
	assert_undone
	pb forget 1 --yes
	assert_exit 2
}

@test "a file system that is not mounted keeps its part: forgotten only by force, and said so" {
	rm -rf "$R"
	lab plain boot
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$TMP" "$ORACLES" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 V1=$3 KEY=$4 TMP=$5 ORACLES=$6
		pb() { "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < /dev/null; }
		mkdir "$TMP/fs"
		mount -t tmpfs boot "$TMP/fs"
		cp -a "$R/boot/." "$TMP/fs/"
		mount --bind "$TMP/fs" "$R/boot"
		pb apply plain-1-1 boot-1-1 --yes
		rm "$R"/.putback/journal.sqlite*
		umount "$R/boot"
		"$ORACLES/tree" snapshot "$R" "$TMP/standing"
		pb forget 1 --yes 2> "$TMP/err" && exit 1 || [ $? = 5 ]
		grep "at '/boot' is not there" "$TMP/err"
		"$ORACLES/tree" compare "$TMP/standing" "$R" --inodes
		pb forget 1 --yes --force > "$TMP/said" && exit 1 || [ $? = 7 ]
		grep 'should it come back, forget 1 again' "$TMP/said"
		[ ! -e "$R/.putback" ]
		mount --bind "$TMP/fs" "$R/boot"
		pb forget 1 --yes --force || [ $? = 7 ]
		[ ! -e "$R/boot/.putback" ]
	SCRIPT
}

# --- what is not the middle of it ---------------------------------------------------------------------------

stands_as() { # HOW: the only one, or the oldest
	pb recover --salvage --json
	assert_jq ".salvage[-1].stands == \"$1\""
}

@test "a file that its owner removed or replaced since: the root is not in the middle of anything" {
	done_then lose_it
	rm "$R/usr/share/plain/goes"
	echo mine > "$R/usr/share/plain/changes.new"
	mv "$R/usr/share/plain/changes.new" "$R/usr/share/plain/changes"
	stands_as 'done'
	pb apply --yes config-1-1
	assert_exit 0 7
}

@test "a .rpmsave that its owner gave its name back: the root is not in the middle of anything" {
	rm -rf "$R"
	lab_install config
	lab_update
	for file in plain added; do echo mine >> "$R/etc/config/$file.conf"; done
	pb apply config-1-1 --yes
	assert_exit 0
	for file in plain added; do mv "$R/etc/config/$file.conf.rpmsave" "$R/etc/config/$file.conf"; done
	lose_it
	stands_as done
	pb recover --yes
	assert_exit 0
}

@test "a later transaction has the paths: neither it nor its undo meets a root that is in the middle" {
	done_then lose_it
	supply 2 plain
	run --separate-stderr "$PUTBACK" --root "$R" --from "$V2" --key "$KEY" apply --yes plain-2-1 < /dev/null
	assert_exit 0
	stands_as 'done'
	pb undo --yes
	assert_exit 0
	stands_as 'done'
}

@test "taken back, and part of it done by a later one: the root is not in the middle of the first" {
	done_then true
	pb undo --yes
	pb apply --yes plain-1-1
	lose_it
	stands_as 'undone'
	pb apply --yes config-1-1
	assert_exit 0
}

# --- beneath what a journal knows -----------------------------------------------------------------------------

@test "taken back, but for a directory that something had come into: the root is not in the middle of it" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	rm -rf "$R"
	lab dirs plain
	for inside in old old/one; do
		for ((n = 8; ; n++)); do # with the directory there
			PUTBACK_FAILPOINT=commit-moved:$n=kill pb apply dirs-1-1 plain-1-1 --yes
			assert_exit 137
			[ ! -d "$R/usr/share/dirs/$inside" ] || break
			pb recover --back --yes
			assert_exit 0
			pb forget 1 --yes
			rm -rf "$R/.putback"
		done
		echo mine > "$R/usr/share/dirs/$inside/mine"
		pb recover --back --yes
		assert_exit 7
		assert_says "'/usr/share/dirs/$inside' was to go, and stays"
		lose_it
		stands_as undone
		pb recover --yes
		assert_exit 0
		pb apply plain-1-1 --yes
		assert_exit 0
		pb undo --yes
		rm -r "$R/usr/share/dirs/old" "$R/.putback"
	done
}

@test "beneath a transaction that the journal knows: that one comes first, where it has what would come back" {
	"$ORACLES/tree" snapshot "$R" "$TMP/start"
	pb apply --yes config-1-1
	lose_it
	pb apply --yes plain-1-1
	assert_exit 0
	note
	pb recover --salvage --json # both have the rpmdb
	assert_jq '.salvage[0].remarks | any(test("transaction 2.*undo that one first"))' '.next == []'
	pb recover --salvage --yes
	assert_exit 5
	assert_stderr 'transaction 2' 'undo that one first'
	pb recover --salvage --yes 1 /var/lib
	assert_exit 5
	same tree "$TMP/before" "$R" --inodes
	pb recover --salvage --yes 1 /etc/config
	assert_exit 0
	pb recover --salvage --json
	assert_jq '.salvage[0].stands == "halfway"' # as it was asked for
	pb apply --yes types-1-1
	assert_exit 6
	pb undo --yes
	assert_exit 0
	pb redo --yes
	assert_exit 6
	pb recover --salvage --yes
	assert_exit 0 7
	same tree "$TMP/start" "$R" --inodes "${OURS[@]}"
}

@test "beneath one that is in the middle: recover first" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	note
	pb apply --yes config-1-1
	lose_it
	PUTBACK_FAILPOINT=commit-exchanged:2=kill pb apply --yes plain-1-1
	assert_exit 137
	for paths in '' /etc/config; do
		# shellcheck disable=SC2086
		pb recover --salvage --yes $paths
		assert_exit 6
		assert_stderr 'transaction 2' 'run recover first'
	done
	pb recover --yes
	assert_exit 0
	[ -z "$(rpmr "$R" -V plain config)" ]
	pb undo --yes
	assert_exit 0
	pb recover --salvage --yes
	assert_exit 0 7
	assert_undone
}

# --- packages that came since -----------------------------------------------------------------------------

kept_db() { sed -n "s/.*kept as '\([^']*\)' until forget.*/\1/p" <<< "$(tr -s '\n ' ' ' <<< "$output$stderr")"; }

@test "packages that came since: refused, single paths come back, and forced the rpmdb that knows them is kept" {
	done_then true
	rpmr "$R" -i "$(package other 1)"
	lose_it
	note
	pb recover --salvage --yes
	assert_exit 5
	assert_stderr 'packages came or went' '--force'
	same tree "$TMP/before" "$R" --inodes
	rpmr "$R" -q other
	pb recover --salvage --yes /usr/share/plain
	assert_exit 0
	rpmr "$R" -q other plain-1
	pb recover --salvage --yes
	assert_exit 5
	pb recover --salvage --yes --force
	assert_exit 7
	[ "$(rpmr "$R" -q plain)" = plain-2-1.noarch ]
	! rpmr "$R" -q other
	rpm --dbpath "$R$(kept_db)" -q other plain-1
}

@test "the same where the rpmdb lies file by file, on a file system of its own; and where nothing came, it comes back" {
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$TMP" "$(package other 1)" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 V1=$3 KEY=$4 TMP=$5
		cp -a "$R/var/lib/rpm" "$TMP/keep"
		mount -t tmpfs -o size=50m,mode=755 rpmdb "$R/var/lib/rpm"
		cp -a "$TMP/keep/." "$R/var/lib/rpm/"
		pb() { "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < /dev/null; }
		db() { rpm --root "$R" --dbpath /var/lib/rpm "$@"; }
		for came in no yes; do
			pb apply plain-1-1 --yes
			rm "$R"/.putback/journal.sqlite*
			[ $came = no ] || db -i "$6"
			[ "$(db -q plain)" = plain-1-1.noarch ]
			pb recover --salvage --yes 2> "$TMP/err" && rc=0 || rc=$?
			[ $came = no ] || { [ $rc = 5 ]; grep 'packages came or went' "$TMP/err"; db -q other; rc=0; pb recover --salvage --yes --force || rc=$?; }
			[ $rc = 0 ] || [ $rc = 7 ]
			[ "$(db -q plain)" = plain-2-1.noarch ]
			n=$(basename "$(ls -d "$R"/.putback/[0-9]*)")
			pb forget "$n" --yes
		done
	SCRIPT
}

# --- giving up ------------------------------------------------------------------------------------------------

@test "what can never come back can be given up: the root is not in the middle of it for ever" {
	done_then lose_it
	: > "$R/.putback/1/salvage" # one was begun, and cannot come to its end
	pb apply --yes plain-1-1
	assert_exit 6
	assert_stderr 'recover --salvage' 'forget --force 1'
	pb forget --yes 1
	assert_exit 6
	assert_stderr 'forget --force 1'
	note
	pb forget --yes --force 1
	assert_exit 0
	[ ! -e "$R/.putback" ]
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
	pb apply --yes config-1-1
	assert_exit 0
}

@test "an original that is gone: nothing moves; single paths, or all that is left by force; then it is over" {
	done_then lose_it
	slot=$(sed -n 's/.* op \([0-9]*\) swap .*\/usr\/share\/plain\/changes$/\1/p' "$R/.putback/1/manifest")
	rm "$R/.putback/1/$slot"
	note
	pb recover --salvage --yes
	assert_exit 5
	assert_stderr /usr/share/plain/changes 'is gone' --force
	same tree "$TMP/before" "$R" --inodes
	pb recover --salvage --yes /etc/config
	assert_exit 0
	pb recover --salvage --yes --force
	assert_exit 7
	assert_says "not put back: '/usr/share/plain/changes'"
	[ "$(rpmr "$R" -q plain)" = plain-2-1.noarch ]
	pb recover --salvage --json
	assert_jq '.salvage[0].stands == "undone"'
	pb apply --yes "${WHAT[@]}"
	assert_exit 0 7
	pb forget --yes 1
	assert_exit 0
}

@test "a forget that was cut short, and then the journal lost: what is half removed is not put back" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	cp -a "$R" "$TMP/pristine"
	for at in manifest-removed sweep-remove:1 sweep-remove:4 sweep-remove:9; do
		rm -rf "$R"
		cp -a "$TMP/pristine" "$R"
		pb apply "${WHAT[@]}" --yes
		PUTBACK_FAILPOINT=$at=kill pb forget 1 --yes
		assert_exit 137
		lose_it
		[ ! -e "$R/.putback/1/manifest" ]
		[ -n "$(ls "$R/.putback/1")" ]
		note
		pb recover --salvage --yes
		assert_exit 5
		same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
		pb forget 1 --yes
		assert_exit 0
		[ ! -e "$R/.putback" ]
	done
}

@test "the same with a second file system, whose manifest was still there" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	rm -rf "$R"
	lab plain boot
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$TMP" "$ORACLES" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 V1=$3 KEY=$4 TMP=$5 ORACLES=$6
		pb() { "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < /dev/null; }
		cp -a "$R/boot" "$TMP/keep"
		mount -t tmpfs -o size=20m,mode=755 boot "$R/boot"
		cp -a "$TMP/keep/." "$R/boot/"
		pb apply plain-1-1 boot-1-1 --yes
		PUTBACK_FAILPOINT=manifest-removed=kill pb forget 1 --yes && false || [ $? = 137 ]
		rm "$R"/.putback/journal.sqlite*
		"$ORACLES/tree" snapshot "$R" "$TMP/standing"
		pb recover --salvage --yes 2> "$TMP/err" && exit 1 || [ $? = 5 ]
		grep 'no manifest' "$TMP/err"
		"$ORACLES/tree" compare "$TMP/standing" "$R" --inodes
		pb recover --salvage --yes 1 /boot/image || [ $? = 7 ]
		[ "$(cat "$R/boot/image")" = 'version 2' ]
	SCRIPT
}

# --- an area that does not say which it is --------------------------------------------------------------------

@test "the file area is empty or garbled: each command names the way, and salvage goes by the manifests" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	for text in '' garbage 'putback area 1'; do
		PUTBACK_FAILPOINT=commit-exchanged:4=kill pb apply "${WHAT[@]}" --yes
		assert_exit 137
		printf '%s' "$text" > "$R/.putback/area"
		for command in log 'recover --yes' 'undo --yes' 'apply --yes plain-1-1' 'forget --yes 1'; do
			# shellcheck disable=SC2086
			pb $command
			assert_exit 1
			assert_stderr 'area' 'recover --salvage'
		done
		pb recover --salvage --json
		assert_exit 0
		assert_jq '.salvage[0].stands == "halfway"' '.journal_error | test("damaged")'
		back
		assert_exit 7
		pb forget 1 --yes
		assert_exit 0
		rm -rf "$R/.putback" # the journal that nobody could find
		note
	done
	pb apply plain-1-1 --yes
	pb undo --yes
	: > "$R/.putback/area"
	PUTBACK_FAILPOINT=area-unnamed=EIO pb recover --salvage --yes
	assert_exit 7
	assert_says 'Input/output error'
	: > "$R/.putback/area"
	pb recover --salvage --yes
	assert_exit 7
	assert_says 'There was nothing to put back'
	pb apply plain-1-1 --yes
	assert_exit 0
}

@test "the file area removed by hand: a later transaction does not make it another area than the manifests know" {
	pb apply plain-1-1 config-1-1 --yes
	rm "$R/.putback/area"
	pb undo --yes
	assert_exit 5
	assert_stderr 'recover --salvage'
	pb apply types-1-1 --yes
	assert_exit 0 7
	pb undo --yes
	assert_exit 0
	pb undo --yes
	assert_exit 5
	assert_stderr 'recover --salvage'
	lose_it
	pb recover --salvage --yes 1
	assert_exit 7
	same tree "$TMP/before" "$R" "${OURS[@]}" --inodes
}
