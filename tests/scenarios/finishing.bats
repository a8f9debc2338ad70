#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What scriptlets would have made anew is made from outside, with the packages and as undoable as they are; what
# cannot be is told with the command that does it.

setup() {
	load lib
	need gcc ldconfig depmod
	unshare -m true 2> "$TMP/err" || skip 'no mount namespaces here'
	grep -q overlay /proc/filesystems || skip 'no overlayfs here'
	[[ $BATS_TEST_NAME != *ready* ]] || return 0
	lab_install derived
	ln -s usr/lib "$R/lib"
	derive "$R"
	lab_update
	derive "$R"
	settle
}

# What the machine itself makes of its packages' files.
derive() { # ROOT
	: > "$1/etc/ld.so.cache"
	ldconfig -X -r "$1"
	depmod -b "$1" -a 9.9
}

LDCONFIG=$(command -v ldconfig)
cached() { "$LDCONFIG" -r "$1" -p | grep derived; }
tools_fail() { # TOOL EXIT: in front of the host's own
	mkdir -p "$TMP/bin"
	printf '#!/bin/sh\necho "this is the end"\nexit %s\n' "$2" > "$TMP/bin/$1"
	chmod 755 "$TMP/bin/$1"
	export PATH=$TMP/bin:$PATH
}

@test "the loader's cache and the dependencies of modules are those of the root that never saw the update" {
	[ "$(cached "$R")" != "$(cached "$ORACLE")" ]
	settle
	pb plan derived-1-1
	assert_exit 0
	assert_says 'ld.so.cache' 'by ldconfig' 'modules of 9.9' 'by depmod'
	assert_root_untouched
	pb apply derived-1-1 --yes
	assert_exit 0
	cmp "$R/etc/ld.so.cache" "$ORACLE/etc/ld.so.cache"
	[ "$(cached "$R")" = "$(cached "$ORACLE")" ]
	grep demo:version1 "$R/usr/lib/modules/9.9/modules.alias"
	assert_put_back --ignore '/usr/lib/modules/9.9/modules.*' --ignore /etc/ld.so.cache
	diff -r "$ORACLE/usr/lib/modules" "$R/usr/lib/modules"
	[ ! -e "$R"/.putback/1/view ]
}

@test "a rescue system whose clock is behind: what the machine wrote last is not taken for written meanwhile" {
	need faketime
	yesterday() {
		NO_FAKE_STAT=1 FAKETIME_DONT_FAKE_MONOTONIC=1 ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
			faketime -f -60m "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < /dev/null
	}
	run yesterday --version
	[ "$status" = 0 ] || skip 'faketime does not work here'
	run --separate-stderr yesterday apply derived-1-1 --yes
	assert_exit 0
	cmp "$R/etc/ld.so.cache" "$ORACLE/etc/ld.so.cache"
}

@test "with /usr on a file system of its own, of which the loader's cache on another one tells" {
	in_mounts "$PUTBACK" "$R" "$ORACLE" "$V1" "$KEY" "$ORACLES" "$TMP" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; false; }
		PUTBACK=$1 R=$2 ORACLE=$3 V1=$4 KEY=$5 ORACLES=$6 TMP=$7
		mv "$R/usr" "$TMP/keep"
		mkdir "$R/usr"
		mount -t tmpfs -o size=60m,mode=755 usr "$R/usr"
		cp -a "$TMP/keep/." "$R/usr/"
		"$ORACLES/tree" snapshot "$R" "$TMP/here"
		"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply derived-1-1 --yes
		[ -d "$R/usr/.putback" ]
		cmp "$R/etc/ld.so.cache" "$ORACLE/etc/ld.so.cache"
		diff -r "$ORACLE/usr/lib/modules" "$R/usr/lib/modules"
		"$ORACLES/tree" compare "$ORACLE" "$R" --no-dir-mtime --ignore '*/.putback*' --ignore '/var/lib/rpm/*' \
			--ignore '/usr/lib/modules/9.9/modules.*' --ignore /etc/ld.so.cache --ignore /var/cache/ldconfig/aux-cache
		"$PUTBACK" --root "$R" undo --yes
		"$ORACLES/tree" compare "$TMP/here" "$R" --inodes --ignore '*/.putback*'
		umount "$R/usr"
	SCRIPT
}

@test "undo brings the derived files back with the rest, inode for inode; redo as well" {
	pb apply derived-1-1 --yes
	assert_exit 0
	pb undo --yes
	assert_exit 0
	assert_undone
	pb redo --yes
	assert_exit 0
	cmp "$R/etc/ld.so.cache" "$ORACLE/etc/ld.so.cache"
}

# The root with caches of everything that has a tool here.
caches() { # ROOT
	mkdir -p "$1/etc/udev" "$1/etc/pki/ca-trust/extracted"
	systemd-hwdb --root="$1" update
	update-mime-database "$1/usr/share/mime"
	glib-compile-schemas "$1/usr/share/glib-2.0/schemas"
}

@test "hardware database, MIME types, settings schemas; certificates are left, and the command is told" {
	need strings systemd-hwdb update-mime-database glib-compile-schemas
	caches "$R"
	caches "$ORACLE"
	settle
	pb apply derived-1-1 --yes
	assert_exit 7
	assert_says 'trusted certificates' 'update-ca-trust'
	refute_says 'could not be made'
	# it holds the paths of its sources as well, and what they are wherever it is made
	strings "$R/etc/udev/hwdb.bin" | grep v1234
	[ "$(strings "$R/etc/udev/hwdb.bin" | grep -v '^/')" = "$(strings "$ORACLE/etc/udev/hwdb.bin" | grep -v '^/')" ]
	diff -r "$ORACLE/usr/share/mime" "$R/usr/share/mime"
	diff -r "$ORACLE/usr/share/glib-2.0" "$R/usr/share/glib-2.0"
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "a program gets the same as data" {
	mkdir -p "$R/etc/pki/ca-trust/extracted"
	settle
	pb plan derived-1-1 --json
	assert_exit 0
	assert_jq '.finishing | map(select(.what == "ld.so.cache"))[0] | .tool == "ldconfig" and .command == "ldconfig" and .paths == 2' \
		'.finishing | map(select(.tool == null))[0].command == "update-ca-trust"' \
		'.problems | map(select(.kind == "finishing")) | length == 1'
}

@test "what the machine does by itself is listed with its command, and is no warning" {
	local root
	pb plan derived-1-1
	refute_says tmpfiles mandb
	for root in "$R" "$ORACLE"; do
		mkdir -p "$root/usr/bin" "$root/var/cache/man"
		touch -d 2020-01-01 "$root/usr/bin/systemd-tmpfiles" "$root/var/cache/man/index.db"
	done
	settle
	pb plan derived-1-1
	assert_exit 0
	assert_says 'what tmpfiles.d asks for  by the machine itself, at each boot' 'run `systemd-tmpfiles --create` there' \
		'index of manual pages     by the machine itself, once a day' 'run `mandb --quiet` there'
	pb plan derived-1-1 --json
	assert_jq '.problems | map(select(.kind == "finishing")) | length == 2 and all(.severity == "note")' \
		'.finishing | map(select(.tool == null).command) == ["systemd-tmpfiles --create", "mandb --quiet"]'
	pb apply derived-1-1 --yes
	assert_exit 0
	assert_put_back --ignore '/usr/lib/modules/9.9/modules.*' --ignore /etc/ld.so.cache
}

@test "a service that comes new is enabled as presets say, and has its user" {
	need systemctl systemd-sysusers
	supply 1 served
	mkdir -p "$R/etc/systemd/system"
	settle
	pb apply served-1-1 --yes
	assert_exit 0
	[ "$(readlink "$R/etc/systemd/system/multi-user.target.wants/served.service")" = /lib/systemd/system/served.service ] ||
		[ "$(readlink "$R/etc/systemd/system/multi-user.target.wants/served.service")" = /usr/lib/systemd/system/served.service ]
	grep '^served:' "$R/etc/passwd"
	[ "$(stat -c %a%U "$R/etc/passwd")" = "$(stat -c %a%U "$ORACLE/etc/passwd")" ]
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "what somebody writes while a tool runs is not overwritten" {
	local pid
	mkdir -p "$TMP/bin"
	printf '#!/bin/sh\nuntil [ -e "%s/go" ]; do sleep 0.1; done\nexec %s "$@"\n' "$TMP" "$LDCONFIG" > "$TMP/bin/ldconfig"
	chmod 755 "$TMP/bin/ldconfig"
	PATH=$TMP/bin:$PATH "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply derived-1-1 --yes \
		> "$TMP/said" 2>&1 < /dev/null 3>&- &
	pid=$!
	until pgrep -f "^/bin/sh $TMP/bin/ldconfig" > /dev/null; do
		kill -0 "$pid" || tell "$(cat "$TMP/said")"
		sleep 0.1
	done
	echo mine > "$R/etc/ld.so.cache"
	touch "$TMP/go"
	wait "$pid" && false || [ $? = 7 ]
	grep "somebody wrote to '/etc/ld.so.cache'" "$TMP/said"
	[ "$(< "$R/etc/ld.so.cache")" = mine ]
	grep demo:version1 "$R/usr/lib/modules/9.9/modules.alias"
}

@test "a unit that no scriptlet presets is not enabled, though systemd would where no preset speaks of it" {
	need systemctl
	supply 1 served
	mkdir -p "$R/etc/systemd/system"
	settle
	pb apply served-quiet-1-1 --yes
	assert_exit 0
	refute_says 'presets' systemctl
	[ -e "$R/usr/lib/systemd/system/quiet.service" ]
	[ -z "$(ls -A "$R/etc/systemd/system")" ]
}

@test "a tool that fails changes nothing but the report" {
	tools_fail ldconfig 3
	pb apply derived-1-1 --yes
	assert_exit 7
	assert_says 'ld.so.cache' 'status 3' 'this is the end' 'run `ldconfig`'
	[ "$(cached "$R")" != "$(cached "$ORACLE")" ]
	grep demo:version1 "$R/usr/lib/modules/9.9/modules.alias"
	pb undo --yes
	assert_undone
}

@test "where the host cannot make a view, files are put back all the same" {
	PUTBACK_WITHOUT=unshare pb apply derived-1-1 --yes
	assert_exit 7
	assert_says 'could not be made anew' 'depmod -a 9.9'
	assert_same_tree --ignore '/usr/lib/modules/9.9/modules.*' --ignore /etc/ld.so.cache
	[ ! -e "$R"/.putback/1/view ]
}

@test "killed, or failing, while the view is laid out" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	PUTBACK_FAILPOINT=layer-put pb apply derived-1-1 --yes
	assert_exit 137
	pb recover --yes
	assert_exit 0
	assert_root_as_it_was
	PUTBACK_FAILPOINT=layer-put=EIO pb apply derived-1-1 --yes
	assert_exit 7
	assert_says 'could not be made anew' 'Input/output error'
	assert_same_tree --ignore '/usr/lib/modules/9.9/modules.*' --ignore /etc/ld.so.cache
}

@test "no tool writes to the host, wherever links of the root lead" {
	mkdir -p "$TMP/host/modules/9.9"
	: > "$TMP/host/cache"
	rm "$R/lib"
	ln -s "$TMP/host" "$R/lib"
	rm "$R/etc/ld.so.cache"
	ln -s "$TMP/host/cache" "$R/etc/ld.so.cache"
	cp -a "$TMP/host" "$TMP/host.before"
	touch "$TMP/host/modules/9.9/demo.ko"
	settle
	find "$TMP/host" -printf '%p %s %T@ %C@\n' > "$TMP/host.list"
	pb apply derived-1-1 --yes
	assert_exit 0 7
	find "$TMP/host" -printf '%p %s %T@ %C@\n' | diff "$TMP/host.list" -
	[ "$(cached "$R")" = "$(cached "$ORACLE")" ]
	pb undo --yes
	assert_undone
}

@test "a tool that lies in the root is none" {
	mkdir -p "$R/bin2"
	printf '#!/bin/sh\ntouch %s/ran\n' "$TMP" > "$R/bin2/ldconfig"
	chmod 755 "$R/bin2/ldconfig"
	PATH=$R/bin2:$PATH pb apply derived-1-1 --yes
	assert_exit 0
	[ ! -e "$TMP/ran" ]
}
