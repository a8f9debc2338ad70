#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Records of an rpmdb that no rpm would write (tests/hostile/forge), and packages that were made to do harm.
# A sample of them; all with HOSTILE_ALL=1.

setup() {
	load lib
	load hostile
	hostile_setup
	hostile_lab
	FORGE=$HERE/../hostile/forge
	DB=$R/var/lib/rpm/rpmdb.sqlite
	cp "$DB" "$TMP/db"
	rm -f /ran-*
}

teardown() {
	hostile_teardown
	[ -z "$(ls -d /ran-* "$R"/ran-* 2> "$TMP/err")" ]
}

forge() { # CASE
	rm -f "$DB"-*
	cp "$TMP/db" "$DB"
	"$FORGE" "$1" "$DB"
}

sample() { # CASE...: these, or all of them
	if [ -n "${HOSTILE_ALL-}" ]; then "$FORGE" list; else printf '%s\n' "$@"; fi
}

# Which are harmless, and put up with: text that is only shown, a size that is only added up.
accepted='sound|vendor-has-escapes|file-has-escapes|twice-the-same|scripts|macros|sizes-are-texts'

@test "damaged, climbing, out of range: named by its number, and nothing is done" {
	for case in $(sample climbs base-climbs base-is-a-path relative dir-negative fewer-modes modes-are-texts \
		name-is-a-path name-has-escapes long-path long-name count-is-huge offset-beyond entries-are-many text-without-end); do
		[[ ! $case =~ ^($accepted)$ ]] || continue
		forge "$case"
		attack survey
		assert_exit 7
		names 'package 5' damaged || tell "$case"
	done
	settle
	attack plan plain-1-1
	assert_exit 1
	attack apply plain-1-1 --yes
	assert_exit 1
	names 'package 5' damaged
	assert_root_untouched
}

@test "odd, but harmless: goes on as ever, there and back" {
	for case in $(sample file-has-escapes scripts macros); do
		[[ $case =~ ^($accepted)$ ]] || continue
		forge "$case"
		# none of its files was ever there, which is what an erasure that was cut off looks like: one of
		# which the last trace is the directory that it wrote to
		touch "$R/usr/share"
		settle
		attack survey
		if [ "$case" = twice-the-same ]; then # of a file that two have nobody can tell whose it was
			assert_exit 0
		else
			assert_exit 7
			names 'files of evil-1-1.noarch are gone' || tell "$case"
		fi
		attack plan plain-1-1 --files
		assert_exit 0
		attack apply plain-1-1 --yes
		assert_exit 0 || tell "$case"
		attack undo --yes
		assert_exit 0
		assert_undone
	done
}

@test "files of a forged package are the host's: it goes or stays, they stay as they are" {
	forge file-has-escapes
	mkdir -p "$R/usr/share/evil"
	ln -s "$VICTIM/changes" "$R/usr/share/evil/"$'\033[2J'
	ln "$VICTIM/changes" "$R/usr/share/evil/"$'b\n'
	ln -s "$VICTIM/folder" "$R/usr/share/evil/"$'\x7f\r'
	# only the name of it is ours: what its content is shared with has one name less
	"$ORACLES/tree" snapshot "$VICTIM" "$TMP/victim.before"
	rpmr "$ORACLE" -qa --qf '%{NEVRA}\n' > "$TMP/list"
	attack plan --manifest "$TMP/list" --exact --files
	attack apply --manifest "$TMP/list" --exact --yes
	same tree "$TMP/victim.before" "$VICTIM" --what content --what size --what mtime
	attack undo --yes
	rm -r "$R/usr/share/evil"
	victim_settle
}

@test "packages: cut short, blown up, with bytes turned over; the host's files under the name of one" {
	mkdir "$TMP/bad"
	good=$(ls "$V1"/plain-*.rpm)
	size=$(stat -c %s "$good")
	for n in 0 50 96 104 112 300 1000 $((size - 1)); do head -c "$n" "$good" > "$TMP/bad/cut-$n.rpm"; done
	for at in 0 4 100 104 108 112 120 $((size * 3 / 4)) $((size * 4 / 5)) $((size - 30)); do
		cp "$good" "$TMP/bad/turned-$at.rpm"
		printf '\177\377\377\377' | dd of="$TMP/bad/turned-$at.rpm" bs=1 seek="$at" conv=notrunc status=none
	done
	cp "$good" "$TMP/bad/long.rpm"
	truncate -s 15T "$TMP/bad/long.rpm"
	mkfifo "$TMP/bad/fifo.rpm"
	mknod "$TMP/bad/device.rpm" c 1 5
	printf '#!/bin/sh\ntouch /ran-manifest\n' > "$TMP/bad/script.rpm"
	printf '%s\n' "$VICTIM/secret" http://127.0.0.1:1/x.rpm > "$TMP/bad/manifest.rpm"
	settle
	attack_bare --root "$R" --from "$TMP/bad" --key "$KEY" plan plain-1-1 --verbose
	assert_exit 4 9
	attack_bare --root "$R" --from "$TMP/bad" --key "$KEY" --allow-unsigned apply plain-1-1 --yes
	assert_exit 4 9
	assert_root_untouched
}
