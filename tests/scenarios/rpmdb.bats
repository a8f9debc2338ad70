#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The package database: found where it is, read without a trace, never taken for empty.

setup() { load lib; lab plain; DB=$R/var/lib/rpm/rpmdb.sqlite; }

refused_as() { # EXIT TEXT...: by plan and apply alike, and nothing happens
	local code=$1
	shift
	settle
	pb plan plain-1-1
	assert_exit "$code"
	assert_stderr "$@"
	pb apply plain-1-1 --yes
	assert_exit "$code"
	assert_root_untouched
}

@test "no database" { rm -r "$R/var/lib/rpm"; refused_as 1 'var/lib/rpm'; }
@test "a rebuild that was cut off between its two renames" {
	mv "$R/var/lib/rpm" "$R/var/lib/rpmold.4711"
	mkdir "$R/var/lib/rpmrebuilddb.4711"
	refused_as 1 "'/var/lib/rpmold.4711' was put away by a rebuild" 'no rpmdb'
}
@test "an empty folder" { rm "$R"/var/lib/rpm/*; refused_as 1 'rpm'; }
@test "an empty file" { rm "$DB"-*; : > "$DB"; refused_as 1 rpmdb.sqlite; }
@test "garbage" { rm "$DB"-*; head -c 300000 /dev/urandom > "$DB"; refused_as 1 rpmdb.sqlite; }

@test "truncated" {
	sqlite3 "$DB" 'pragma wal_checkpoint(truncate)' > "$TMP/out"
	rm -f "$DB"-*
	truncate -s $(($(stat -c %s "$DB") / 2)) "$DB"
	refused_as 1 rpmdb.sqlite
}

@test "damaged in the middle" {
	sqlite3 "$DB" 'pragma wal_checkpoint(truncate)' > "$TMP/out"
	rm -f "$DB"-*
	# the page where the table of packages begins
	page=$(sqlite3 "$DB" "select rootpage from sqlite_master where name='Packages'")
	dd if=/dev/urandom of="$DB" bs=4096 seek=$((page - 1)) count=1 conv=notrunc status=none
	refused_as 1 rpmdb.sqlite
}

@test "a header in it that is no header" {
	sqlite3 "$DB" "update Packages set blob=x'00112233' where hnum=(select max(hnum) from Packages)"
	refused_as 1
}

@test "of a kind that nobody here can read" {
	rm "$R"/var/lib/rpm/*
	head -c 8192 /dev/zero > "$R/var/lib/rpm/Packages.db"
	printf 'RpmP\1' | dd of="$R/var/lib/rpm/Packages.db" conv=notrunc status=none
	refused_as 1 Packages.db 'an ndb database of version 1'
}

@test "the newest headers stand in the -wal only" {
	change_in_wal "$DB" "update Packages set blob=blob"
	sqlite3 "file:$DB?immutable=1" 'select count(*) from Packages' > "$TMP/without"
	settle
	pb apply plain-1-1 --yes
	assert_exit 0
	assert_put_back
}

@test "a package that only the -wal has" {
	# the update once more, with a reader at work, so that sqlite cannot write the -wal through
	rm -rf "$R"
	cp -a "$ORACLE" "$R"
	/usr/bin/python3 -c '
import os, sqlite3, sys, time
c = sqlite3.connect(sys.argv[1])
c.execute("begin")
c.execute("select count(*) from Packages").fetchall()
open(sys.argv[2] + "/reading", "w").close()
while not os.path.exists(sys.argv[2] + "/enough"):
    time.sleep(0.01)' "$DB" "$TMP" 3>&- &
	reader=$!
	until [ -e "$TMP/reading" ]; do sleep 0.02; done
	rpmr "$R" -U "$V2"/*.rpm
	cp "$DB" "$TMP/main"
	cp "$DB-wal" "$TMP/wal"
	touch "$TMP/enough"
	wait $reader
	cat "$TMP/main" > "$DB"
	cat "$TMP/wal" > "$DB-wal"
	rm -f "$DB-shm"
	mkdir "$TMP/alone"
	cp "$TMP/main" "$TMP/alone/rpmdb.sqlite"
	run rpm --dbpath "$TMP/alone" -q plain
	[ "$output" = plain-1-1.noarch ] # without the -wal it is the old one
	settle
	pb plan plain-1-1 --exit-code
	assert_exit 3
	assert_root_untouched
	pb apply plain-1-1 --yes
	assert_exit 0
	assert_put_back
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "under usr/lib/sysimage/rpm, with the old place a link to it" {
	for root in "$R" "$ORACLE"; do
		mkdir -p "$root/usr/lib/sysimage"
		mv "$root/var/lib/rpm" "$root/usr/lib/sysimage/rpm"
		ln -s ../../usr/lib/sysimage/rpm "$root/var/lib/rpm"
		touch -h -d 2020-01-01 "$root/var/lib/rpm"
	done
	settle
	pb survey
	assert_says usr/lib/sysimage/rpm
	pb apply plain-1-1 --yes
	assert_exit 0
	RPMDB_PATH=/usr/lib/sysimage/rpm assert_put_back --ignore '/usr/lib/sysimage/rpm/*'
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "under usr/share/rpm" {
	for root in "$R" "$ORACLE"; do mv "$root/var/lib/rpm" "$root/usr/share/rpm"; done
	settle
	pb apply plain-1-1 --yes
	assert_exit 0
	RPMDB_PATH=/usr/share/rpm assert_put_back --ignore '/usr/share/rpm/*'
}

@test "behind an absolute link, which means the root's own place" {
	for root in "$R" "$ORACLE"; do
		mkdir -p "$root/srv"
		mv "$root/var/lib/rpm" "$root/srv/rpm"
		ln -s /srv/rpm "$root/var/lib/rpm"
		touch -h -d 2020-01-01 "$root/var/lib/rpm"
	done
	settle
	pb apply plain-1-1 --yes
	assert_exit 0
	[ -L "$R/var/lib/rpm" ]
	RPMDB_PATH=/srv/rpm assert_put_back --ignore '/srv/rpm/*'
}

@test "rpm is at work on it" {
	hold fcntl "$R/var/lib/rpm/.rpm.lock"
	refused_as 8 rpm
	release
	pb plan plain-1-1
	assert_exit 0
}

@test "what the database says after apply is whole: rpm's own check, each index" {
	pb apply plain-1-1 --yes
	assert_exit 0
	run -0 rpmr "$R" -q plain-1-1
	run -0 rpmr "$R" -qf /usr/share/plain/goes
	run -0 rpmr "$R" -q --whatprovides plain
	run -1 rpmr "$R" -qf /usr/share/plain/comes
	run -0 rpmdb --root "$R" --dbpath /var/lib/rpm --verifydb
	run -0 rpmr "$R" -q --qf '%{INSTALLTIME} %{INSTALLTID} %{INSTALLCOLOR}\n' plain
	[[ $output =~ ^[0-9]{9,}\ [0-9]{9,}\ [0-9]+$ ]]
}

# rpm passes by a header in its database whose signature or digest does not hold, as if it were not there
# (lib/rpmdb.c: rpmdbNextIterator()).
@test "headers whose signature or digest does not hold are packages as any, and stay as they are" {
	supply 1 other
	rpmr "$R" -i "${FILES[@]}"
	rpmr "$ORACLE" -i "${FILES[@]}"
	cat > "$TMP/spoil" <<-'PYTHON'
		import sqlite3, sys
		RSAHEADER = 268
		def number(blob, at): return int.from_bytes(blob[at:at + 4], "big")
		db = sqlite3.connect(sys.argv[1])
		for key, blob in db.execute("select hnum, blob from Packages").fetchall():
		    if not any(b"\0" + name.encode() + b"\0" in blob for name in sys.argv[2:]): continue
		    entries = range(8, 8 + 16 * number(blob, 0), 16)
		    for e in entries: # tag, type, offset in what follows them all, count
		        if number(blob, e) != RSAHEADER: continue
		        at = entries.stop + number(blob, e + 8) + number(blob, e + 12) - 20
		        blob = blob[:at] + bytes([blob[at] ^ 255]) + blob[at + 1:]
		    db.execute("update Packages set blob = ? where hnum = ?", (blob, key))
		db.commit()
	PYTHON
	for root in "$R" "$ORACLE"; do /usr/bin/python3 "$TMP/spoil" "$root/var/lib/rpm/rpmdb.sqlite" plain other; done
	run rpmr "$R" -q plain other
	[ "$status" -ne 0 ] || tell 'rpm takes them all the same'
	settle
	pb apply plain-1-1 --yes
	assert_exit 0
	assert_same_tree
	run -0 rpmr "$R" -q --nosignature --nodigest plain-1-1 other-1-1
	run -0 rpmr "$R" -q plain-1-1
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "the key that the root trusts stays in its database" {
	pb apply plain-1-1 --yes
	assert_exit 0
	run -0 rpmr "$R" -q gpg-pubkey
}

@test "the host's own rpmdb and home are left alone" {
	mkdir -p "$TMP/home"
	HOME=$TMP/home pb apply plain-1-1 --yes
	assert_exit 0
	[ -z "$(ls -A "$TMP/home")" ]
}
