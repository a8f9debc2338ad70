#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The set that would result goes through librpm's own check: breaks that the change adds are refused.

setup() { load lib; lab plain needs other; }

@test "a break that the change adds is refused, by name" {
	pb apply plain-1-1 --no-closure --yes
	assert_exit 5
	assert_stderr needs-2-1 'plain >= 2'
	assert_root_untouched
}

@test "plan shows it and exits 5 as well" {
	pb plan plain-1-1 --no-closure
	assert_exit 5
	assert_says 'plain >= 2'
	pb plan plain-1-1 --no-closure --json
	assert_exit 5
	jq -e . <<< "$output" > "$TMP/out"
}

@test "--nodeps overrides it" {
	pb apply plain-1-1 --nodeps --yes
	assert_exit 0 7
	run -0 rpmr "$R" -q plain-1-1 needs-2-1
	pb undo --yes
	assert_undone
}

@test "both together are fine" {
	pb apply plain-1-1 needs-1-1 --yes
	assert_exit 0
	same tree "$ORACLE" "$R" --no-dir-mtime "${VOLATILE[@]}" --ignore '*/other/*'
}

@test "a break that was there before is mentioned, and no more" {
	rpmr "$R" -e --nodeps plain
	settle
	pb plan needs-1-1
	assert_exit 0
	assert_says 'plain >= 1'
	pb apply needs-1-1 --yes
	assert_exit 0 7
	[ "$(content usr/share/needs/file)" = 'version 1' ]
}

@test "what the change would break goes along, and the plan says for whom" {
	pb plan plain-1-1 --json
	assert_exit 0
	assert_jq '[.changes[] | select(.needed_by == null) | .to.name] == ["plain"]' \
		'[.changes[] | select(.needed_by != null) | [.to.name, .needed_by]] == [["needs", "plain-1-1.noarch"]]'
	pb plan plain-1-1
	assert_says 'Besides' 'needs-2-1.noarch requires plain >= 2'
	pb apply plain-1-1 --yes
	assert_exit 0
	same tree "$ORACLE" "$R" --no-dir-mtime "${VOLATILE[@]}" --ignore '*/other/*'
	pb undo --yes
	assert_undone
}

@test "what comes brings what it needs" {
	pb apply needs-1-1 --yes # needs plain >= 1, which is there
	assert_exit 0
	pb undo --yes
	rpmr "$R" -e --nodeps plain needs
	settle
	pb plan needs --json
	assert_exit 0
	assert_jq '[.changes[] | .to.name] | sort == ["needs", "plain"]'
	assert_root_untouched
}

@test "a removal for the sake of others is shown as one, and said to be none that was asked for" {
	rm "$V1"/needs-*
	pb plan plain-1-1
	assert_exit 0
	assert_says 'remove' 'needs-2-1.noarch goes, though nobody asked for it' --no-closure
	pb plan plain-1-1 --no-closure
	assert_exit 5
	mkdir -p "$R/etc/dnf/protected.d"
	echo needs > "$R/etc/dnf/protected.d/lab.conf"
	settle
	pb plan plain-1-1
	assert_exit 5
	assert_says 'no further changes' 'plain >= 2'
	assert_root_untouched
}

@test "a saved plan holds the closure, and that there is to be none" {
	pb plan plain-1-1 -o "$TMP/plan"
	pb apply "$TMP/plan" --yes
	assert_exit 0
	run -0 rpmr "$R" -q plain-1-1 needs-1-1
	pb undo --yes
	pb plan other-1-1 --no-closure -o "$TMP/plan2"
	[ "$(sqlite3 "$TMP/plan2" "select count(*) from meta where cast(value as text) = '--no-closure'")" = 1 ]
}
