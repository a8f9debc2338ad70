#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# After a rollback the root's own dnf 5 goes on, as if it had taken the root back itself: its history, and its state
# of what is installed, why, and from where. By the real dnf 5; what its files look like is in the unit tests.

setup() {
	load lib
	need dnf5 createrepo_c
	supply 1 plain other config
	supply 2 plain config
	printf '%s\n' '<comps>' > "$TMP/comps.xml"
	group tools plain config >> "$TMP/comps.xml"
	group more.tools other >> "$TMP/comps.xml"
	printf '%s\n' '<environment><id>env</id><name>Env</name><description/><display_order>1</display_order>' \
		'<grouplist><groupid>tools</groupid></grouplist></environment></comps>' >> "$TMP/comps.xml"
	for repo in "$V1" "$V2"; do createrepo_c -q -g "$TMP/comps.xml" "$repo"; done
	new_root "$R"
	sleep 1.1 # entries of a history do not share their second
	five "$R" "$V1" install plain config
	five "$R" "$V1" install other
	five "$R" "$V1" mark dependency other
	sleep 1.1
	five "$R" "$V2" upgrade
	STATE=usr/lib/sysimage/libdnf5
	DB=$R/$STATE/transaction_history.sqlite
	settle
}

group() { # ID PACKAGE...
	printf '%s\n' "<group><id>$1</id><name>Group $1</name><description/><default>true</default><uservisible>true</uservisible><packagelist>"
	printf '<packagereq type="default">%s</packagereq>\n' "${@:2}"
	echo '</packagelist></group>'
}

five() { # ROOT REPO ARG...: the real dnf 5, with that one repository
	local root=$1 repo=$2
	shift 2
	mkdir -p "$TMP/none"
	dnf5 -q -y --installroot "$root" --releasever 1 --repofrompath "lab,file://$repo" --setopt lab.gpgcheck=0 --setopt "reposdir=$TMP/none" \
		--setopt "cachedir=$TMP/dnf5" --setopt plugins=0 --setopt install_weak_deps=0 --setopt metadata_expire=0 \
		--setopt "logdir=/var/log" --setopt pkg_gpgcheck=0 "$@" > "$TMP/dnf.log" 2>&1 || { cat "$TMP/dnf.log"; return 1; }
}

says() { five "$@" && cat "$TMP/dnf.log"; }
installed() { rpmr "$1" -qa --qf '%{NAME}-%{EVR}.%{ARCH}\n' | sort; }
told() { says "$1" "$V1" repoquery --installed --qf '%{name} %{evr} %{reason} %{from_repo}\n' | sort; }
# the last entry's packages, sorted, without what differs between any two transactions
info() { says "$1" "$V1" history info last | sed -n '/Status/p; /Packages altered/,$p' | sed 's/  */ /g; s/ *$//' | sort; }

alike() { # COMMAND [ARG...]: it says the same of both roots
	"$1" "$DNFS" "${@:2}" > "$TMP/by-dnf"
	"$1" "$R" "${@:2}" > "$TMP/ours"
	diff "$TMP/by-dnf" "$TMP/ours"
}

# The same root taken back by dnf.
by_dnf() {
	DNFS=$TMP/dnfs
	cp -a "$R" "$DNFS"
	five "$DNFS" "$V1" history undo last
}

entries() { says "$1" "$V1" history list | grep -c '^ *[0-9]'; }

@test "dnf 5 finds the rollback in its history, and all that it would have written itself" {
	by_dnf
	before=$(entries "$R")
	settle
	pb apply --undo last --yes
	assert_exit 0
	[ "$(installed "$R")" = "$(installed "$DNFS")" ]
	says "$R" "$V1" check
	[ "$(entries "$R")" = $((before + 1)) ]
	says "$R" "$V1" history list
	grep -q 'putback apply --undo' "$TMP/dnf.log"
	alike info
	alike told
	alike says "$V1" list --installed
	for file in packages nevras; do
		diff "$DNFS/$STATE/$file.toml" "$R/$STATE/$file.toml"
	done
}

@test "the careful update that follows, and its undo by dnf 5" {
	by_dnf
	pb apply --undo last --yes
	assert_exit 0
	for root in "$DNFS" "$R"; do
		five "$root" "$V2" upgrade --exclude=plain
		installed "$root" | grep -q -- -2-1
		five "$root" "$V1" history undo last
		says "$root" "$V1" check
	done
	[ "$(installed "$R")" = "$(installed "$DNFS")" ]
	alike info
	alike told
}

@test "dnf 5 takes the rollback itself back" {
	before=$(installed "$R")
	why=$(told "$R")
	pb apply --undo last --yes
	assert_exit 0
	five "$R" "$V2" history undo last
	[ "$(installed "$R")" = "$before" ]
	[ "$(told "$R")" = "$why" ]
}

@test "putback undo takes the entry back with all the rest, though dnf 5 has looked" {
	before=$(entries "$R")
	settle
	pb apply --undo last --yes
	assert_exit 0
	for turn in 1 2; do
		[ "$(entries "$R")" = $((before + 1)) ]
		pb undo --yes
		assert_exit 0
		[ "$turn" = 2 ] || pb redo --yes
		assert_exit 0
	done
	[ "$(entries "$R")" = "$before" ]
	says "$R" "$V1" check
}

@test "an entry that dnf 5 made since stands in the way of undo" {
	pb apply --undo last --yes
	assert_exit 0
	five "$R" "$V1" mark user other
	pb undo --yes
	assert_exit 5
	assert_stderr transaction_history.sqlite
}

@test "the rollback is not the last entry for putback, and is not told twice" {
	pb apply --undo last --yes
	pb history --json
	assert_jq '[.entries[1:][].origin] | all(. == "dnf5")' '.entries[-1].command | startswith("putback apply")'
	pb history last --json
	assert_jq '.entries[0].command | startswith("putback") | not'
}

@test "a package that went comes back as what it was there for; dnf 5 itself would have it as the user's" {
	why=$(told "$R")
	five "$R" "$V1" remove other
	settle
	pb apply --undo last --yes
	assert_exit 0
	[ "$(told "$R")" = "$why" ]
	says "$R" "$V1" check
	five "$R" "$V1" history undo last
	! told "$R" | grep '^other'
}

# What dnf 5 keeps of groups, and says of them. Of a removal that it undoes itself it loses which types of packages were wanted.
state() { # ROOT
	(cd "$1/$STATE" && cat groups.toml environments.toml packages.toml && find comps_groups -type f | sort) | sed 's/^package_types = .*/package_types/'
}
assert_undo_as_dnf() { # the last entry
	cp -a "$R" "$TMP/undone"
	DNFS=$TMP/undone
	five "$DNFS" "$V1" history undo last
	settle
	pb apply --undo last --yes
	assert_exit 0
	[ "$(installed "$R")" = "$(installed "$DNFS")" ]
	for what in 'group list --installed' 'environment list --installed' check; do
		# shellcheck disable=SC2086
		alike says "$V1" $what
	done
	alike state # after dnf has looked, which makes a missing definition anew
	pb undo --yes --force # for that
	assert_exit 0 7
	rm -rf "$TMP/undone"
}

@test "groups and environments that came, and that went" {
	five "$R" "$V1" remove plain config other
	five "$R" "$V1" group install tools more.tools
	assert_undo_as_dnf
	five "$R" "$V1" group remove tools
	assert_undo_as_dnf
	five "$R" "$V1" install @env
	assert_undo_as_dnf
	five "$R" "$V1" group remove env
	assert_undo_as_dnf
}

@test "a group that went has all that it had when it comes back" {
	five "$R" "$V1" remove plain config
	five "$R" "$V1" group install tools
	(cd "$R/$STATE" && cat groups.toml packages.toml nevras.toml) > "$TMP/was"
	five "$R" "$V1" group remove tools
	pb apply --undo last --yes
	assert_exit 0
	(cd "$R/$STATE" && cat groups.toml packages.toml nevras.toml) | diff "$TMP/was" -
	five "$R" "$V1" group info --installed tools
	grep -q plain "$TMP/dnf.log"
	five "$R" "$V1" history undo last
	! rpmr "$R" -q plain
}
