#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the admin had left out stays out: each file's install state is kept, and the new database has it.

setup() { load lib; }

there_and_back() { # with the packages in $V1
	settle
	pb apply "$@" --yes
	assert_exit 0
	assert_put_back
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "documents that were not installed" {
	RPM_OPTIONS=(--excludedocs)
	lab states
	there_and_back states-1-1
	[ ! -e "$R/usr/share/doc/states/README" ]
}

@test "configuration that was not installed" {
	RPM_OPTIONS=(--excludeconfigs)
	lab states
	there_and_back states-1-1
	[ ! -e "$ORACLE/etc/states.conf" ] && [ ! -e "$ORACLE/etc/states-1.conf" ]
	[ -e "$ORACLE/usr/lib/.build-id/states/1" ]
}

@test "artifacts that were not installed, of which each version has its own" {
	RPM_OPTIONS=(--excludeartifacts)
	lab states
	there_and_back states-1-1
	[ ! -e "$ORACLE/usr/lib/.build-id/states" ]
	[ -e "$ORACLE/etc/states-1.conf" ]
}

@test "languages that were not installed" {
	RPM_OPTIONS=(-D '_install_langs de')
	lab states
	there_and_back states-1-1
}

@test "a path that another machine serves" {
	RPM_OPTIONS=(-D '_netsharedpath /srv/shared')
	lab states
	there_and_back states-1-1
	[ ! -e "$R/srv/shared/states/tool" ]
}

@test "a path that another package took over with --replacefiles" {
	lab_install replaced
	supply 2 claims
	rpmr "$R" -i --replacefiles "$V2"/claims*.rpm
	cp -a "$R" "$ORACLE"
	supply 2 replaced
	rpmr "$R" -U --replacefiles "$V2"/replaced*.rpm
	settle
	pb plan replaced-1-1 --json
	rpm_goes_back || :
	pb apply replaced-1-1 --yes
	assert_exit 0 5
	if [ "$status" = 5 ]; then
		assert_stderr /usr/share/replaced/contested
		assert_root_untouched
		pb apply replaced-1-1 --yes --replacefiles
		assert_exit 0 7
	fi
	[ "$(content usr/share/replaced/mine)" = 'version 1' ]
	run -0 rpmr "$R" -q replaced-1-1 claims-2-1
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "a file that two packages own, one of which stays" {
	lab_install shared
	lab_update shared
	rpmr "$R" -U --oldpackage "$V1"/shared-stays*.rpm
	settle
	pb apply shared-1-1 --yes
	assert_exit 0
	assert_put_back
	[ -e "$R/usr/share/shared/given-up" ]
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "a shared file stays when one of its owners goes" {
	lab_install shared
	rpmr "$R" -e shared
	cp -a "$R" "$ORACLE"
	supply 2 shared
	rpmr "$R" -U "$V1"/shared-1-1*.rpm
	settle
	pb apply shared-stays-1-1 --yes
	assert_exit 0
	assert_root_as_it_was
}

@test "a file that moved from one package to another" {
	lab moves
	there_and_back moves-1-1 moves-to-1-1
}

@test "going back with one of the two only is a conflict of owners, told by name" {
	lab moves
	pb apply moves-1-1 --yes
	assert_exit 5
	assert_stderr /usr/share/moves/file
	assert_root_untouched
}

@test "the same path in a 32-bit and a 64-bit package" {
	RPM_OPTIONS=(--ignorearch -D '_transaction_color 3' -D '_prefer_color 2')
	lab multilib
	[ "$(rpmr "$R" -q --qf '[%{=ARCH} %{FILESTATES} %{FILENAMES}\n]' multilib | grep -c ' 4 /usr/bin/multilib')" = 1 ]
	there_and_back multilib-1-1.i686 multilib-1-1.x86_64
}

@test "only the 32-bit package of the two goes back" {
	RPM_OPTIONS=(--ignorearch -D '_transaction_color 3' -D '_prefer_color 2')
	lab multilib
	pb apply multilib-1-1.i686 --yes --nodeps --replacefiles
	assert_exit 0 7
	grep -q 'version 2, class 002' "$R/usr/bin/multilib"
	grep -q 'version 1, class 001' "$R/usr/lib/multilib.so"
	grep -q 'version 2, class 002' "$R/usr/lib64/multilib.so"
	pb undo --yes
	assert_undone
}

@test "the 32-bit package comes back where no other is left of its kind" {
	RPM_OPTIONS=(--ignorearch -D '_transaction_color 3' -D '_prefer_color 2')
	lab multilib
	rpmr "$R" -e --nodeps multilib-2-1.i686
	settle
	pb apply multilib-1-1.i686 multilib-1-1.x86_64 --yes
	assert_exit 0
	assert_same_tree
	[ "$(rpmr "$R" -q multilib | sort | tr '\n' ' ')" = 'multilib-1-1.i686 multilib-1-1.x86_64 ' ]
	pb undo --yes
	assert_undone
}
