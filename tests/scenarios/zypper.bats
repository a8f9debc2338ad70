#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the real zypper does, and leaves half-done when it is killed. It is on few machines that build this; where
# there is none, there is nothing to compare with.

setup() {
	load lib
	command -v zypper > "$TMP/null" || skip 'there is no zypper here'
	need createrepo_c
	IGNORE=("${VOLATILE[@]}" --ignore '/var/cache/zypp*' --ignore '/var/log/zyp*' --ignore '/var/lib/zypp*'
		--ignore '/etc/zypp*' --ignore '/run/zypp*')
	INJECT=${PUTBACK_BUILDDIR:?}/tests/fault/inject CALLS=$TMP/calls DONE=$TMP/done
}

zypp() { # ROOT REPO ARG...: the real zypper, with that one repository
	local root=$1 repo=$2
	shift 2
	mkdir -p "$root/etc/zypp/repos.d"
	printf '%s\n' '[lab]' name=lab enabled=1 autorefresh=1 "baseurl=dir:$repo" gpgcheck=0 > "$root/etc/zypp/repos.d/lab.repo"
	"${prefix[@]}" zypper --non-interactive --no-gpg-checks --root "$root" "$@" > "$TMP/zypper.log" 2>&1 || { cat "$TMP/zypper.log"; return 1; }
}

# $R with version 1 by zypper, $ORACLE before the update, $DONE after it, $CALLS of it.
world() { # NAME...
	prefix=()
	lab_install # an empty root
	supply 1 base "$@"
	supply 2 "$@" newcomer
	createrepo_c -q "$V1"
	createrepo_c -q "$V2"
	zypp "$R" "$V1" install base "$@"
	rm -rf "$R/var/cache/zypp"
	cp -a "$R" "$ORACLE"
	cp -a "$R" "$DONE"
	sleep 1.1
	prefix=("$INJECT" -a count -o "$CALLS")
	zypp "$DONE" "$V2" update
}

cut_at() { # CALL N
	rm -rf "$R"
	cp -a "$ORACLE" "$R"
	prefix=("$INJECT" -a kill -c "$1" -n "$2")
	! zypp "$R" "$V2" update > "$TMP/null"
	settle
}

is_as() { # ROOT
	same tree "$1" "$R" --no-dir-mtime "${IGNORE[@]}" && same rpmdb "$1" "$R"
}

@test "zypper: its history is what it did, and an undo of the update is the root of before" {
	world plain other
	rm -rf "$R"
	cp -a "$DONE" "$R"
	settle
	pb history --json
	assert_jq '.entries[-1].origin == "zypper"' '.entries[-1].command | endswith("update")' '.entries[-1].came == 2' '.entries[-1].went == 2'
	pb plan --undo last --json
	assert_jq '[.changes[] | .kind + " " + .from.nevra + " " + .to.nevra] | sort == ["downgrade other-2-1.noarch other-1-1.noarch", "downgrade plain-2-1.noarch plain-1-1.noarch"]'
	pb apply --undo last --yes
	assert_exit 0
	is_as "$ORACLE"
	zypp "$R" "$V2" update
	is_as "$DONE"
}

@test "zypper is killed: back to before all of it, and zypper goes on from there" {
	world plain other
	for at in 'renameat 1' 'renameat 3' 'unlinkat 1'; do # in the first package, in the second, while that removes
		# shellcheck disable=SC2086
		cut_at $at
		pb survey --json
		assert_exit 7
		assert_jq '.interrupted.entry | startswith("zypper:")'
		pb --from "$V2" apply --interrupted --yes
		assert_exit 0 7
		is_as "$ORACLE"
		pb undo --yes
		assert_undone
		pb --from "$V2" apply --interrupted --forward --yes --with other-2-1 --with plain-2-1
		assert_exit 0 7
		is_as "$DONE"
	done
	prefix=()
	zypp "$R" "$V2" update
	grep -q 'Nothing to do' "$TMP/zypper.log"
}
