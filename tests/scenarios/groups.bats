#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Groups and environments of dnf 4, whose state is what the last entry of its history says of them. The judge is
# dnf's own undo.

setup() {
	load lib
	need dnf createrepo_c sqlite3
}

comps() { # REPO NAME...: group tools, with these members, and environment env, with that group
	printf '%s\n' '<comps><group><id>tools</id><name>Tools</name><description/><default>true</default>' \
		'<uservisible>true</uservisible><packagelist>' > "$TMP/comps.xml"
	printf '<packagereq type="mandatory">%s</packagereq>\n' "${@:2}" >> "$TMP/comps.xml"
	printf '%s\n' '</packagelist></group><environment><id>env</id><name>Env</name><description/><display_order>1</display_order>' \
		'<grouplist><groupid>tools</groupid></grouplist></environment></comps>' >> "$TMP/comps.xml"
	createrepo_c -q -g "$TMP/comps.xml" "$1"
}

state() { # ROOT: what its history says last of each, with its members; whether it is there (8: removed)
	sqlite3 "$1/var/lib/dnf/history.sqlite" "
		SELECT g.groupid, ti.action <> 8, g.name, g.pkg_types, ti.reason, ti.state,
			(SELECT group_concat(name || installed || pkg_type) FROM (SELECT * FROM comps_group_package WHERE group_id = g.item_id ORDER BY name))
		FROM comps_group g JOIN trans_item ti USING(item_id)
		WHERE ti.id = (SELECT max(t.id) FROM trans_item t JOIN comps_group USING(item_id) WHERE groupid = g.groupid);
		SELECT e.environmentid, ti.action <> 8, e.name, e.pkg_types, ti.reason, ti.state,
			(SELECT group_concat(groupid || installed || group_type) FROM comps_environment_group WHERE environment_id = e.item_id)
		FROM comps_environment e JOIN trans_item ti USING(item_id)
		WHERE ti.id = (SELECT max(t.id) FROM trans_item t JOIN comps_environment USING(item_id) WHERE environmentid = e.environmentid)"
}

# An entry of $R is undone by dnf on a copy, and by us: both say the same of groups and packages.
assert_undo_as_dnf() { # ENTRY
	rm -rf "$TMP/by-dnf"
	cp -a "$R" "$TMP/by-dnf"
	if ! dnfr "$TMP/by-dnf" "$V1" history undo "$1"; then
		grep -q 'No package @' "$TMP/dnf.log" && skip 'this dnf cannot undo groups'
		return 1
	fi
	settle
	pb apply --undo "$1" --yes
	assert_exit 0 7
	state "$TMP/by-dnf" > "$TMP/state.dnf"
	state "$R" > "$TMP/state.us"
	[ -s "$TMP/state.us" ]
	diff "$TMP/state.dnf" "$TMP/state.us" || tell 'dnf left other groups'
	[ "$(rpmr "$R" -qa | sort)" = "$(rpmr "$TMP/by-dnf" -qa | sort)" ] || tell 'dnf left other packages'
	for command in 'group list --installed' 'group list --hidden'; do
		# shellcheck disable=SC2086
		dnfr "$TMP/by-dnf" "$V1" $command && cp "$TMP/dnf.log" "$TMP/said.dnf"
		# shellcheck disable=SC2086
		dnfr "$R" "$V1" $command
		diff "$TMP/said.dnf" "$TMP/dnf.log" || tell "dnf says otherwise: $command"
	done
	dnfr "$R" "$V1" check
}

@test "the undo of a group's installation and removal, as dnf's own" {
	lab_install dnf other
	supply 1 plain config
	comps "$V1" plain config
	dnfr "$R" "$V1" group install tools
	state "$R" | grep -q '^tools|1|'
	assert_undo_as_dnf last
	state "$R" | grep -q '^tools|0|'
	pb undo --yes
	assert_exit 0
	state "$R" | grep -q '^tools|1|'
	dnfr "$R" "$V1" group remove tools
	assert_undo_as_dnf last
	state "$R" | grep -q '^tools|1|'
}

@test "the undo of an environment's installation, and of several entries at once" {
	lab_install dnf other
	supply 1 plain config
	comps "$V1" plain config
	dnfr "$R" "$V1" group install env
	assert_undo_as_dnf last
	state "$R" | grep -q '^env|0|'
	pb undo --yes
	dnfr "$R" "$V1" group remove env
	dnfr "$R" "$V1" install plain
	settle
	pb apply --undo 4..last --yes
	assert_exit 0 7
	state "$R" | grep -q '^env|1|'
	state "$R" | grep -q '^tools|1|'
}

@test "an entry that later ones followed, about the same group" {
	lab_install dnf other
	supply 1 plain config
	comps "$V1" plain config
	dnfr "$R" "$V1" group install tools # 3
	dnfr "$R" "$V1" group remove tools  # 4
	dnfr "$R" "$V1" group install tools # 5
	assert_undo_as_dnf 3
	state "$R" | grep -q '^tools|0|'
	pb undo --yes --force # dnf has looked at its history
	assert_exit 0 7
	state "$R" | grep -q '^tools|1|'
	pb apply --undo 4..5 --yes # of which nothing is left
	assert_exit 0
	state "$R" | grep -q '^tools|1|'
}

@test "an entry that moved no package is said to stay, its groups too" {
	lab_install dnf plain config
	comps "$V1" plain config
	dnfr "$R" "$V1" group install tools
	settle
	pb plan --undo 3
	assert_exit 0
	assert_says 'no package came or went with it' 'marks of packages and groups'
}
