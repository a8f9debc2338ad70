#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A donor: another machine's root that has the versions that are wanted.

setup() {
	load lib
	D=$TMP/donor
}

# The donor is the twin that never saw the update; its own users have other numbers.
lend() { # NAME...
	lab "$@"
	cp -a "$ORACLE" "$D"
	"$ORACLES/tree" age "$D"
	note_donor
}

note_donor() { "$ORACLES/tree" snapshot "$D" "$TMP/donor.before"; }
assert_donor_untouched() { same tree "$TMP/donor.before" "$D" --untouched; }
pbd() { pb_bare --root "$R" --from "donor:$D" --key "$KEY" "$@"; }

@test "put back from a donor: as if from the packages, and undone" {
	lend plain hardlinks types config modes
	pbd plan --json plain-1-1 hardlinks-1-1 types-1-1 config-1-1 modes-1-1
	assert_exit 0
	assert_root_untouched
	assert_donor_untouched
	pbd apply --yes plain-1-1 hardlinks-1-1 types-1-1 config-1-1 modes-1-1
	assert_exit 0 7
	assert_put_back
	assert_donor_untouched
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "the rpmdb says the same as if rpm had installed the package" {
	lend plain
	pbd apply --yes plain-1-1
	assert_exit 0
	q='%{NAME} %{SHA1HEADER} %{SHA256HEADER} %{SIGMD5} %{SIGSIZE} %{LONGSIGSIZE} %{ARCHIVESIZE} %{RSAHEADER:pgpsig} %{PAYLOADDIGEST}'
	[ "$(rpmr "$R" -q --qf "$q" plain)" = "$(rpmr "$ORACLE" -q --qf "$q" plain)" ]
	rpmr "$R" -V plain
}

@test "owners go by name, not by number" {
	lend modes
	# another machine has other numbers for the same names
	uid=$(sed -n 's/^lab:[^:]*:\([0-9]*\):.*/\1/p' "$D/etc/passwd") && [ -n "$uid" ]
	sed -i "s/^lab:\([^:]*\):$uid:/lab:\1:4321:/" "$D/etc/passwd"
	chown -R -h --from="$uid" 4321 "$D/usr/lib/modes"
	[ "$(find "$D/usr/lib/modes" -uid 4321 | wc -l)" -gt 1 ]
	pbd apply --yes modes-1-1
	assert_exit 0 7
	assert_put_back
}

@test "a configuration file that the donor's administrator edited: named, and no use" {
	lend config plain
	file=/etc/config/plain.conf
	echo 'edited on the donor' >> "$D$file"
	pbd plan --config replace config-1-1
	assert_says "'$file' on donor:$D was edited there" 'another place (--from)'
	pbd apply --config replace --yes config-1-1
	assert_exit 5
	assert_says "'$file' on donor:$D was edited there"
	assert_root_untouched
	# with the package at hand it does not matter
	pb_bare --root "$R" --from "$V1" --from "donor:$D" --key "$KEY" apply --config replace --yes config-1-1
	assert_exit 0 7
}

@test "a file that somebody swapped: no use, and everything is left alone" {
	lend plain
	echo 'something else' > "$D/usr/share/plain/changes"
	touch -r "$ORACLE/usr/share/plain/changes" "$D/usr/share/plain/changes"
	pbd apply --yes plain-1-1
	assert_exit 9
	assert_stderr "'/usr/share/plain/changes' on donor:$D is not what the signed header of plain-1-1.noarch says"
	assert_stderr "leave the package out with --exclude"
	assert_root_untouched
}

@test "a file that the donor has not" {
	lend plain
	rm "$D/usr/share/plain/changes"
	pbd apply --yes plain-1-1
	assert_exit 5
	assert_says "cannot open '/usr/share/plain/changes' on the donor" 'another place (--from)'
	assert_root_untouched
	# a fifo is none either, and nobody waits at it
	mkfifo "$D/usr/share/plain/changes"
	PB_TIMEOUT=20 pbd apply --yes plain-1-1
	assert_exit 5
	# nor what lies outside of it
	rm "$D/usr/share/plain/changes"
	ln -s "$ORACLE/usr/share/plain/changes" "$D/usr/share/plain/changes"
	pbd apply --yes plain-1-1
	assert_exit 5
	assert_root_untouched
}

@test "a donor whose header is not signed by anybody trusted" {
	lend plain
	pb_bare --root "$R" --from "donor:$D" --key "$STRANGER" apply --yes plain-1-1
	assert_exit 9
	assert_stderr 'plain-1-1.noarch is signed with a key'
	assert_root_untouched
}

@test "a donor whose header was changed" {
	lend plain
	rpmr "$D" -q plain
	# the same length: the name of a file's owner
	/usr/bin/python3 - "$D/var/lib/rpm/rpmdb.sqlite" <<-'PY'
		import sqlite3, sys
		db = sqlite3.connect(sys.argv[1])
		n = 0
		for hnum, blob in db.execute('select hnum, blob from Packages').fetchall():
		    if b'this is version' in blob or b'/usr/share/plain/' in blob:
		        db.execute('update Packages set blob = ? where hnum = ?', (blob.replace(b'/usr/share/plain/', b'/usr/share/plaiN/'), hnum))
		        n += 1
		db.commit()
		assert n
	PY
	pbd apply --yes plain-1-1
	assert_exit 1 9
	assert_root_untouched
}

@test "no such donor; one without packages; the root itself; one of another architecture" {
	lend plain
	pb_bare --root "$R" --from "donor:$TMP/nowhere" --key "$KEY" plan plain-1-1
	assert_exit 1
	assert_stderr "source 'donor:$TMP/nowhere'"
	mkdir "$TMP/bare"
	pb_bare --root "$R" --from "donor:$TMP/bare" --key "$KEY" plan plain-1-1
	assert_exit 1
	assert_stderr "donor:$TMP/bare" 'rpmdb'
	pb_bare --root "$R" --from "donor:$R" --key "$KEY" plan plain-1-1
	assert_exit 2
	assert_stderr 'cannot be its own donor'
	pb_bare --root "$R" --from donor: --key "$KEY" plan plain-1-1
	assert_exit 2
	pbd plan elsewhere-1-1
	assert_exit 4
	assert_stderr "$D/var/lib/rpm (the donor's rpmdb"
}

@test "content is shared with the donor where the file system can" {
	need mkfs.btrfs losetup filefrag
	truncate -s 320M "$TMP/img"
	mkfs.btrfs -q "$TMP/img" > "$TMP/mkfs" 2>&1 || skip 'mkfs.btrfs fails here'
	lend heavy
	in_mounts "$PUTBACK" "$R" "$D" "$KEY" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; return 1; }
		PUTBACK=$1 R=$2 D=$3 KEY=$4 TMP=$5
		mkdir "$TMP/mnt"
		mount -o loop "$TMP/img" "$TMP/mnt" 2> "$TMP/err" || { echo 'cannot be mounted'; exit 0; }
		cp -a "$R" "$TMP/mnt/root"
		cp -a "$D" "$TMP/mnt/donor"
		cd "$TMP/mnt/donor"
		file=$(find usr -type f -size +64k | while read -r f; do cmp -s "$f" "../root/$f" || { echo "$f"; break; }; done)
		[ -n "$file" ]
		"$PUTBACK" --root "$TMP/mnt/root" --from "donor:$TMP/mnt/donor" --key "$KEY" apply --yes heavy-1-1 < /dev/null
		cmp "$file" "../root/$file"
		sync -f .
		filefrag -v "../root/$file" | grep -q shared
		cd /
		umount "$TMP/mnt"
	SCRIPT
	! grep -q 'cannot be mounted' "$TMP/out" || skip 'no loop mounts here'
}
