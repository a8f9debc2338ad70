#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --run-scriptlets: in the root, after the files, in the order and with the arguments of rpm's own downgrade.

setup() {
	load lib
	unshare -m true 2> "$TMP/err" || skip 'no mount namespaces here'
	RPM_OPTIONS=(--nodeps)
	new_root "$R"
	shell "$R"
	lab_install scriptlets
	lab_update
	: > "$R/log"
	settle
}

# The host's shell with what it needs, as the root's own.
shell() { # ROOT
	local lib
	mkdir -p "$1/bin" "$1/proc" "$1/dev"
	for lib in $(ldd /bin/sh | grep -o '/[^ ]*'); do
		mkdir -p "$1${lib%/*}"
		cp -L "$lib" "$1$lib"
	done
	cp -L /bin/sh "$1/bin/sh"
}

@test "order and arguments are those of rpm -U --oldpackage" {
	cp -a "$R" "$TMP/by-rpm"
	rpmr "$TMP/by-rpm" -U --oldpackage --nodeps "$V1"/*.rpm > "$TMP/out"
	[ "$(wc -l < "$TMP/by-rpm/log")" -ge 12 ]
	pb apply scriptlets-1-1 scriptlets-watcher-1-1 --yes --run-scriptlets
	assert_exit 0
	diff "$TMP/by-rpm/log" "$R/log"
	pb log 1
	assert_says '%post of scriptlets-1-1' '/bin/sh 2' 'said by post 1' ': ok'
	pb log 1 --json
	assert_jq '.transactions[0].scriptlets | length >= 12' '.transactions[0].scriptlets[0] | .kind == "%pretrans" and .result == "ok"'
}

@test "one package alone: the triggers of the other that stays" {
	cp -a "$R" "$TMP/by-rpm"
	rpmr "$TMP/by-rpm" -U --oldpackage --nodeps "$V1"/scriptlets-1-1.*.rpm > "$TMP/out"
	pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 0
	diff "$TMP/by-rpm/log" "$R/log"
}

@test "a removal" {
	cp -a "$R" "$TMP/by-rpm"
	rpmr "$TMP/by-rpm" -e scriptlets > "$TMP/out"
	echo scriptlets-watcher-2-1 | sed 's/$/.x86_64/' > "$TMP/list"
	rpmr "$R" -qa --qf '%{NEVRA}\n' | grep -v -e '^scriptlets-2' -e gpg-pubkey > "$TMP/list"
	pb apply --manifest "$TMP/list" --exact --yes --run-scriptlets
	assert_exit 0
	diff "$TMP/by-rpm/log" "$R/log"
}

@test "without the option nothing of the root runs" {
	pb apply scriptlets-1-1 --yes
	assert_exit 0
	[ ! -s "$R/log" ]
	assert_says 'were not run'
}

@test "one that fails is named, and the next one runs" {
	rm "$R/log"
	mkdir "$R/log"
	pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 7
	assert_says '%pre of scriptlets-1-1' '%posttrans of scriptlets-1-1' 'ended with status'
	run -0 rpmr "$R" -q scriptlets-1-1
	pb log 1
	assert_says 'ended with status'
}

@test "a shell that is not there is told, and the rest is done" {
	rm "$R/bin/sh"
	pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 7
	assert_says 'cannot run /bin/sh'
	run -0 rpmr "$R" -q scriptlets-1-1
}

@test "undo does not mind what scriptlets wrote elsewhere" {
	pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 0
	pb undo --yes
	assert_exit 0
	run -0 rpmr "$R" -q scriptlets-2-1
}
