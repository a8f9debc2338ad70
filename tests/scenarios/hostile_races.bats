#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Another process swaps things while we look, stage, exchange, recover and take back. Whatever comes of it for the
# root, nothing outside changes; and once it is left in peace, it can be put back.

setup() { load lib; load hostile; hostile_setup; hostile_lab; }

teardown() {
	leave_alone
	hostile_teardown
}

# Exchanges two names in a loop, as fast as it goes (renameat2 with RENAME_EXCHANGE, glibc has no call in Python).
swap_for_ever() { # A B
	/usr/bin/python3 -c '
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
a, b = (os.fsencode(x) for x in sys.argv[1:3])
parent = os.getppid()
while os.getppid() == parent:
    for i in range(1000):
        libc.renameat2(-100, a, -100, b, 2)
' "$1" "$2" 3>&- &
	DISTURBER=$!
}

rounds=${HOSTILE_ROUNDS:-2}

hammer() {
	for _ in $(seq "$rounds"); do
		attack plan plain-1-1
		attack apply plain-1-1 --yes
		attack undo --yes --force
		attack recover --yes
		attack recover --back --yes
	done
}

in_peace() { # the folder that was swapped, and what it is when it is right
	leave_alone
	[ ! -L "$1" ] || mv --exchange "$1" "$2" 2> "$TMP/err" || { mv "$1" "$TMP/link"; mv "$2" "$1"; mv "$TMP/link" "$2"; }
	[ -d "$1" ] && [ ! -L "$1" ]
	attack recover --yes
	[ "$status" != 10 ] || attack recover --back --yes
	[ "$status" != 10 ]
}

@test "a folder that is a link to the outside every other moment" {
	ln -s "$VICTIM/folder" "$R/usr/share/trap"
	swap_for_ever "$R/usr/share/plain" "$R/usr/share/trap"
	hammer
	in_peace "$R/usr/share/plain" "$R/usr/share/trap"
}

@test "the same with a folder above, and a link that climbs" {
	mkdir -p "$VICTIM/share/plain"
	cp "$VICTIM/changes" "$VICTIM/share/plain/"
	victim_settle
	ln -s "../../../../../../../../../../../..$VICTIM/share" "$R/usr/trap"
	swap_for_ever "$R/usr/share" "$R/usr/trap"
	hammer
	in_peace "$R/usr/share" "$R/usr/trap"
}

@test "files that are links, and .putback itself" {
	ln -s "$VICTIM/changes" "$R/usr/share/plain/trap"
	swap_for_ever "$R/usr/share/plain/changes" "$R/usr/share/plain/trap"
	hammer
	leave_alone
	# names that we remove where they are ours
	for name in area area.new journal.new journal.sqlite journal.sqlite-journal 1/0; do
		mkdir -p "$VICTIM/folder/1"
		echo precious > "$VICTIM/folder/$name"
	done
	chmod 700 "$VICTIM/folder"
	victim_settle
	ln -s "$VICTIM/folder" "$R/trap"
	mkdir -p -m 700 "$R/.putback"
	swap_for_ever "$R/.putback" "$R/trap"
	hammer
	leave_alone
}

@test "the rpmdb's folder" {
	mkdir "$VICTIM/rpm"
	cp "$R"/var/lib/rpm/* "$VICTIM/rpm/"
	victim_settle
	ln -s "$VICTIM/rpm" "$R/var/lib/trap"
	swap_for_ever "$R/var/lib/rpm" "$R/var/lib/trap"
	hammer
	in_peace "$R/var/lib/rpm" "$R/var/lib/trap"
}
