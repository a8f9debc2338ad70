#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Packages of modules, keys among packages, entries that changed no package: none of them aborts a rollback.

setup() {
	load lib
	command -v modifyrepo_c > "$TMP/which" || skip 'no modifyrepo_c'
	lab_install dnf plain
}

modular() { # VERSION FOLDER: a package of the module lab, and what the repository says of that
	printf '%s\n' 'Name: modular' "Version: $1" 'Release: 1' 'Summary: Of a module' 'License: none' 'BuildArch: noarch' \
		"ModularityLabel: lab:one:$1:cafe" %description Modular. %install 'mkdir -p %{buildroot}/opt' \
		"echo $1 > %{buildroot}/opt/modular" %files /opt/modular > "$TMP/spec"
	rpmbuild -bb --quiet -D "_topdir $TMP/top" -D "_rpmdir $2" "$TMP/spec" > "$TMP/log" 2>&1 || tell "$(cat "$TMP/log")"
	sign "$2/modular-$1-1.noarch.rpm"
	rm -rf "$2/repodata"
	createrepo_c -q "$2"
	cat > "$TMP/modules.yaml" <<-YAML
		---
		document: modulemd
		version: 2
		data:
		  name: lab
		  stream: one
		  version: $1
		  context: cafe
		  arch: noarch
		  summary: A module
		  description: A module
		  license:
		    module: [none]
		  artifacts:
		    rpms: ["modular-0:$1-1.noarch"]
		...
	YAML
	modifyrepo_c --mdtype=modules "$TMP/modules.yaml" "$2/repodata" > "$TMP/out"
}

updated() { # $R with the module's package at 1, its twin, and an update to 2
	modular 1 "$V1"
	supply 2 plain
	modular 2 "$V2"
	dnfr "$R" "$V1" module enable lab:one
	dnfr "$R" "$V1" install modular
	[ "$(rpm --root "$R" --dbpath /var/lib/rpm -q --qf '%{MODULARITYLABEL}' modular 2> "$TMP/err")" = lab:one:1:cafe ]
	rm -rf "$ORACLE"
	cp -a "$R" "$ORACLE"
	sleep 1.1
	dnfr "$R" "$V2" upgrade
	settle
}

@test "a package of a module goes back, its stream stays, and dnf goes on" {
	updated
	[ "$(content opt/modular)" = 2 ]
	pb_bare --root "$R" --from "file://$V1" --key "$KEY" apply --undo last --yes
	assert_exit 0
	assert_put_back
	[ "$(content opt/modular)" = 1 ]
	dnfr "$R" "$V1" check
	dnfr "$R" "$V1" module list --enabled
	grep -q '^lab .*one' "$TMP/dnf.log"
	dnfr "$R" "$V2" upgrade
	[ "$(content opt/modular)" = 2 ]
	dnfr "$R" "$V1" history undo last
	[ "$(content opt/modular)" = 1 ]
}

@test "entries that changed no package: there is nothing to undo about them, and the others are undone" {
	updated
	dnfr "$R" "$V2" mark remove plain
	last=$(sqlite3 "$R/var/lib/dnf/history.sqlite" 'select max(id) from trans')
	settle
	pb plan --undo "$last"
	assert_exit 0
	assert_says 'Nothing to do' "entry $last" 'no package came or went'
	pb apply --undo "$last" --yes
	assert_exit 0
	assert_root_as_it_was
	[ ! -e "$R/.putback" ]
	# `last` is the newest that there is something to be said of
	pb_bare --root "$R" --from "file://$V1" --key "$KEY" plan --undo last --json
	assert_jq ".title | startswith(\"undo of entry $((last - 1)):\")"
	pb_bare --root "$R" --from "file://$V1" --key "$KEY" apply --undo "$((last - 1))..$last" --yes
	assert_exit 0
	[ "$(content opt/modular)" = 1 ]
	dnfr "$R" "$V1" check
	# what the user said of it since stands
	dnfr "$R" "$V1" repoquery --userinstalled
	! grep plain "$TMP/dnf.log"
}

@test "a key that was imported since is no package to be missed" {
	updated
	rpmr "$R" --import "$STRANGER"
	rpmr "$ORACLE" -qa --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\n' > "$TMP/list"
	settle
	pb_bare --root "$R" --from "file://$V1" --key "$KEY" plan --manifest "$TMP/list" --exact --json
	assert_exit 0
	assert_jq '[.changes[].from.name] | sort == ["modular", "plain"]'
	pb_bare --root "$R" --from "file://$V1" --key "$KEY" plan --like "$ORACLE" --exact --json
	assert_exit 0
	assert_jq '[.changes[].from.name] | sort == ["modular", "plain"]'
	assert_root_untouched
}

streamed() { # VERSION STREAM FOLDER
	printf '%s\n' 'Name: streamed' "Version: $1" 'Release: 1' 'Summary: Of a stream' 'License: none' 'BuildArch: noarch' \
		${2:+"ModularityLabel: lab:$2:$1:cafe"} %description Streamed. %install 'mkdir -p %{buildroot}/opt' \
		"echo $1 > %{buildroot}/opt/streamed" %files /opt/streamed > "$TMP/spec"
	rpmbuild -bb --quiet -D "_topdir $TMP/top" -D "_rpmdir $3" "$TMP/spec" > "$TMP/log" 2>&1 || tell "$(cat "$TMP/log")"
	sign "$3/streamed-$1-1.noarch.rpm" # of one folder all are of one arch
}

@test "an older version is one of the same stream, and of another one with a warning only" {
	streamed 18.2 18 "$TMP/now"
	streamed 18.1 18 "$TMP/same"
	streamed 16.9 16 "$TMP/other"
	streamed 18.1.5 '' "$TMP/none"
	rpmr "$R" -i "$TMP"/now/streamed*.rpm
	settle
	pb --from "$TMP/other" --from "$TMP/none" --from "$TMP/same" plan streamed --json
	assert_exit 0
	assert_jq '.changes[0].to.version == "18.1"' 'all(.problems[]; .severity == "note")'
	pb --from "$TMP/other" plan streamed --json
	assert_exit 0
	assert_jq '.changes[0].to.version == "16.9"' \
		'[.problems[] | select(.severity == "warning") | .text] | length == 1 and (.[0] | contains("lab:16") and contains("lab:18"))'
	# whoever names it means it
	pb --from "$TMP/other" plan streamed-16.9-1 --json
	assert_jq 'all(.problems[]; .severity == "note")'
	# of a repository's package it is known once its header is there
	createrepo_c -q "$TMP/none"
	pb --from "file://$TMP/none" plan streamed --json
	assert_jq '[.problems[] | select(.severity == "warning") | .text] | length == 1 and (.[0] | contains("lab:18"))'
	assert_root_untouched
}
