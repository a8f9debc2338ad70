#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Configuration files by rpm's own rule. The judge is rpm itself, going back over the same root.

setup() { load lib; lab_install config; }

edit() { echo '# edited' >> "$R/etc/config/$1"; }

goes_as_with_rpm() {
	rpm_goes_back
	settle
	pb apply config-1-1 --yes
	assert_exit 0
	assert_same_as_rpm "$@"
	assert_dir_times_kept
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "nothing edited" { lab_update; goes_as_with_rpm; }

@test "edited before the update" {
	for f in plain noreplace same became stopped removed missingok; do edit $f.conf; done
	lab_update
	# rpm would overwrite the .rpmnew and .rpmsave of the update; that is another test
	find "$R/etc/config" -name '*.rpm*' -delete
	goes_as_with_rpm
}

@test "edited after the update" {
	lab_update
	for f in plain noreplace same became stopped added missingok; do edit $f.conf; done
	goes_as_with_rpm
}

@test "edited so that it is what the good version has" {
	lab_update
	for f in plain noreplace became stopped; do cp -a "$ORACLE/etc/config/$f.conf" "$R/etc/config/"; done
	goes_as_with_rpm
}

@test "missing on the disk" {
	lab_update
	rm "$R"/etc/config/*
	goes_as_with_rpm
}

@test "missing before the update already" {
	rm "$R"/etc/config/{plain,noreplace,same,missingok}.conf
	lab_update
	goes_as_with_rpm
}

@test "something else than a file" {
	lab_update
	for f in plain noreplace same; do
		rm "$R/etc/config/$f.conf"
		ln -s /etc/elsewhere "$R/etc/config/$f.conf"
	done
	goes_as_with_rpm
}

@test "another mode and time, but the content of the package" {
	lab_update
	chmod 600 "$R"/etc/config/*
	touch -d 2001-01-01 "$R"/etc/config/*
	goes_as_with_rpm
}

@test "a file that only the bad version had and that was edited is kept as .rpmsave" {
	lab_update
	edit added.conf
	settle
	pb apply config-1-1 --yes
	assert_exit 0
	[ ! -e "$R/etc/config/added.conf" ]
	[ "$(content etc/config/added.conf.rpmsave)" = $'only in version 2\n# edited' ]
}

@test "an existing .rpmsave or .rpmnew is never overwritten" {
	lab_update
	for f in plain noreplace added stopped; do
		edit $f.conf
		echo precious > "$R/etc/config/$f.conf.rpmsave"
		echo precious > "$R/etc/config/$f.conf.rpmnew"
	done
	settle
	pb apply config-1-1 --yes
	assert_exit 0
	for f in plain noreplace added stopped; do
		[ "$(content etc/config/$f.conf.rpmsave)" = precious ]
		[ "$(content etc/config/$f.conf.rpmnew)" = precious ]
	done
	[ "$(content etc/config/plain.conf)" = 'plain 1' ]
	[ "$(content etc/config/noreplace.conf)" = $'noreplace 2\n# edited' ]
	# both sides of each are still to be had
	grep -qx '# edited' "$R"/etc/config/plain.conf?*
	grep -qx '# edited' "$R"/etc/config/added.conf?*
	grep -qx 'noreplace 1' "$R"/etc/config/noreplace.conf?*
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "the plan says what becomes of each" {
	lab_update
	edit plain.conf
	edit noreplace.conf
	edit same.conf
	pb plan config-1-1
	assert_exit 0
	grep 'plain.conf' <<< "$output" | grep -q 'replaced; yours is kept beside it'
	grep 'noreplace.conf' <<< "$output" | grep -q 'kept; the package.s is put beside it'
	grep 'same.conf' <<< "$output" | grep -q 'kept'
}

@test "--config keep: what was edited stays, and the package's is put beside it" {
	lab_update
	edit plain.conf
	edit stopped.conf
	settle
	pb apply config-1-1 --config keep --yes
	assert_exit 0
	[ "$(content etc/config/plain.conf)" = $'plain 2\n# edited' ]
	[ "$(content etc/config/noreplace.conf)" = 'noreplace 1' ]
}

@test "--config replace: the package's content everywhere, what was edited is kept beside it" {
	lab_update
	edit noreplace.conf
	edit same.conf
	settle
	pb apply config-1-1 --config replace --yes
	assert_exit 0
	[ "$(content etc/config/noreplace.conf)" = 'noreplace 1' ]
	[ "$(content etc/config/same.conf)" = 'same in both' ]
	grep -qx '# edited' "$R"/etc/config/noreplace.conf?*
	pb undo --yes
	assert_undone
}

@test "a file that nobody owned stands where a configuration file comes back" {
	lab_update
	echo 'not packaged' > "$R/etc/config/removed.conf"
	goes_as_with_rpm
}
