#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The tools that the other scenarios judge by see each kind of difference.

setup() {
	load lib
	mkdir -p "$TMP/a/d"
	cd "$TMP/a"
	echo one > file
	ln file hard
	ln -s file link
	mknod null c 1 3
	chmod 4755 file
	cp -a "$TMP/a" "$TMP/b"
	"$ORACLES/tree" age "$TMP/a"
	"$ORACLES/tree" snapshot "$TMP/a" "$TMP/a.txt"
	cd "$TMP/b"
}

differs() { # TEXT: comparing a with b says TEXT
	run -1 "$ORACLES/tree" compare "$TMP/a" "$TMP/b"
	[[ $output == *"$1"* ]]
}

changed() { # TEXT: comparing the snapshot of a with a says TEXT
	run -1 "$ORACLES/tree" compare "$TMP/a.txt" "$TMP/a" --untouched
	[[ $output == *"$1"* ]]
}

@test "a copy compares equal" {
	run -0 "$ORACLES/tree" compare "$TMP/a" "$TMP/b"
	[ -z "$output" ]
}

@test "looking leaves no trace" {
	run -0 "$ORACLES/tree" compare "$TMP/a.txt" "$TMP/a" --untouched
	run -0 "$ORACLES/tree" compare "$TMP/a.txt" "$TMP/a" --untouched
}

@test "content of the same size and time" {
	echo two > file; touch -r "$TMP/a/file" file; chmod 4755 file
	differs 'content: /file'
}

@test "type" { rm link; mkdir link; differs 'type: /link: link -> dir'; }
@test "mode" { chmod 755 file; differs 'mode: /file: 4755 -> 0755'; }
@test "owner" { chown 5:6 -h link; differs 'uid: /link: 0 -> 5'; differs 'gid: /link: 0 -> 6'; }
@test "target" { ln -sf hard link; differs 'content: /link: file -> hard'; }
@test "device number" { rm null; mknod null c 1 5; differs 'content: /null: 1:3 -> 1:5'; }
@test "links" { cp -a file new; mv new hard; differs 'links: /file'; }
@test "missing" { rm null; differs 'missing char: /null'; }
@test "extra" { mkdir $'d/new\nline'; differs 'extra dir: /d/new\x0aline'; }
@test "times" { touch file d; differs 'mtime: /file'; differs 'dir-mtime: /d'; }

@test "capabilities" {
	need setcap
	setcap cap_net_raw=ep file || skip 'no capabilities on this file system'
	differs 'xattrs: /file'
}

@test "another inode with the same face" { cp -a "$TMP/a/null" "$TMP/n"; mv "$TMP/n" "$TMP/a/null"; changed 'ino: /null'; }
@test "a chmod there and back" { chmod 700 "$TMP/a/d"; chmod 755 "$TMP/a/d"; changed 'ctime: /d'; }
@test "a file that was read" { cat "$TMP/a/file" > "$TMP/out"; changed 'atime: /file'; }
@test "a directory that was read" { ls "$TMP/a/d" > "$TMP/out"; changed 'atime: /d'; }
@test "a link that was read" { readlink "$TMP/a/link" > "$TMP/out"; changed 'atime: /link'; }

@test "the package database: a package, a file state, what verifies" {
	lab plain states
	run -0 "$ORACLES/rpmdb" compare "$R" "$R"
	run -1 "$ORACLES/rpmdb" compare "$ORACLE" "$R"
	[[ $output == *"-plain (none) 1 1"*"+plain (none) 2 1"* ]]
	rpmr "$ORACLE" -U --excludedocs "$V2"/*.rpm
	run -1 "$ORACLES/rpmdb" compare "$ORACLE" "$R"
	[[ $output == *"-states.noarch 2 /usr/share/doc/states/README"* ]]
	cp -a "$R" "$TMP/again"; echo edited >> "$TMP/again/usr/share/plain/changes"
	run -1 "$ORACLES/rpmdb" compare "$R" "$TMP/again"
	[[ $output == *"+S.5....T.    /usr/share/plain/changes"* ]]
}

@test "the two versions of every lab differ, and rpm installs them" {
	local name
	# shellcheck disable=SC2046
	lab $(cd "$FIXTURES/specs" && ls -- *.spec | sed -e 's/.spec$//' -e '/^base$\|^fifo$\|^scriptlets$\|^served$\|^merged$\|^kernel$\|^split\|^elsewhere$\|^claims$\|^crowd$\|^ownrpm$\|^quote$\|^obsolete/d')
	"$ORACLES/tree" compare "$ORACLE" "$R" | sed 's/^[^/]*//; s/: .*//' > "$TMP/differ" || :
	for name in "${LAB[@]}"; do
		rpm -qpl "$V1/$name"-1-* "$V2/$name"-2-* 2> "$TMP/err" | grep -q -x -F -f "$TMP/differ" || tell "$name: no difference"
	done
}
