#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# An update that was cut off half-way. The real rpm, and the real dnf, are killed at one of the calls by which they
# change files, and the way back must lead to the root that never saw the update, the way on to the one where it
# was not cut off.

setup() {
	load lib
	INJECT=${PUTBACK_BUILDDIR:?}/tests/fault/inject
	[ -x "$INJECT" ] || skip 'the injector is not built'
	DONE=$TMP/done CALLS=$TMP/calls
}

# NAME...: a root that is about to be updated, $ORACLE, and $DONE, where the update ran to its end. $CALLS
# lists what that did. The packages of $V2, BROUGHT besides, are UPDATE. Made once for all tests.
world() {
	local name="$* ${BROUGHT[*]}"
	local kept=$BATS_FILE_TMPDIR/${name// /-}
	if [ ! -e "$kept" ]; then
		make_world "$@" || return
		mkdir "$kept"
		mv "$ORACLE" "$DONE" "$CALLS" "$V1" "$V2" "$kept/"
		declare -p TOOL LAB > "$kept/variables"
	fi
	. "$kept/variables"
	ORACLE=$kept/oracle DONE=$kept/done CALLS=$kept/calls V1=$kept/v1 V2=$kept/v2
	UPDATE=("$V2"/*.rpm)
}

make_world() {
	lab_install "$@" || return
	supply 2 "${LAB[@]}" "${BROUGHT[@]}" || return
	UPDATE=("$V2"/*.rpm)
	mv "$R" "$ORACLE"
	cp -a "$ORACLE" "$DONE"
	[ "$TOOL" = rpm ] || createrepo_c -q "$V2"
	sleep 1.1 # transactions are known by the second in which they began
	count
}

before_the_update() { # $R as it is now
	cp -a "$R" "$ORACLE"
	cp -a "$R" "$DONE"
	sleep 1.1
}

update() { # ROOT INJECT'S OPTIONS...
	local root=$1
	shift
	if [ "$TOOL" = dnf ]; then
		mkdir -p "$TMP/bin"
		printf '%s\n' '#!/bin/bash' "exec $INJECT $* $(command -v dnf-3 || command -v dnf) \"\$@\"" > "$TMP/bin/dnf-3"
		chmod +x "$TMP/bin/dnf-3"
		PATH=$TMP/bin:$PATH dnfr "$root" "$V2" upgrade
	else
		"$INJECT" "$@" rpm --root "$root" --dbpath /var/lib/rpm -U "${RPM_OPTIONS[@]}" "${UPDATE[@]}"
	fi > "$TMP/update.log" 2>&1
}

count() { update "$DONE" -a count -o "$CALLS"; }

# cut_at rename 3: the update of $R is killed before it puts the third file into its place; cut_at unlink 1: before it
# removes the first one; -1 is the last of them.
cut_at() {
	local name=$1 n=$2
	grep -q "^[0-9]* ${1}at$" "$CALLS" && name=${1}at # rpm's later versions
	[ "$n" != -1 ] || n=$(grep -c "^[0-9]* $name$" "$CALLS")
	rm -rf "$R"
	cp -a "$ORACLE" "$R"
	update "$R" -a kill -c "$name" -n "$n" || : # it was killed
	settle
}

pb2() { # ARG...: with the packages of both versions at hand
	pb --from "$V2" "$@"
}

assert_back() { # [ARG...]
	pb2 apply --interrupted --yes "$@" || return
	assert_exit 0 7 && assert_put_back && assert_sound || return
	pb undo --yes
	assert_exit 0 && assert_undone
}

assert_forward() { # [ARG...]
	pb2 apply --interrupted --forward --yes "$@" || return
	assert_exit 0 7 || return
	same tree "$DONE" "$R" --no-dir-mtime "${VOLATILE[@]}" && same rpmdb "$DONE" "$R" && assert_sound
}

assert_sound() { # no package is there twice, and nothing is left to do
	rm -rf "$TMP/query"
	cp -a "$R/var/lib/rpm" "$TMP/query"
	[ -z "$(rpm --dbpath "$TMP/query" -qa --qf '%{NAME}.%{ARCH}\n' | sort | uniq -d)" ] || tell 'a package is there twice' || return
	pb survey --json
	assert_jq '.interrupted == null or .interrupted.halfway == false'
}

@test "rpm, while it unpacks" {
	world plain other config
	for n in 2 4 -1; do
		cut_at rename $n
		assert_back
	done
}

@test "rpm, with everything written and nothing in its place: half-written files alone" {
	world plain other config
	cut_at rename 1
	pb survey
	assert_exit 7
	assert_says 'cut off' ';'
	assert_back
}

# rpm before 4.18 puts each file into its place before it makes the next one (lib/fsm.c); $R with these of $DONE
unpacked() { # PATH...
	local path
	rm -rf "$R"
	cp -a "$ORACLE" "$R"
	for path; do cp -a "$DONE/$path" "$R/$path"; done
}

@test "rpm before 4.18, killed between two files: nothing tells but what lies there" {
	world plain other config
	unpacked usr/share/plain/changes
	settle
	assert_back
	unpacked usr/share/plain/changes usr/share/plain/comes
	settle
	pb2 plan --interrupted
	assert_exit 0
	assert_says 'left no record' 'files are those of the other version' 'leaves no trace of a package that was not there'
	assert_back
	unpacked usr/share/plain/changes
	pb2 apply --interrupted --forward --yes
	assert_exit 0 7
	assert_says 'rpm keeps no list'
	cmp "$R/usr/share/plain/changes" "$DONE/usr/share/plain/changes"
	[ "$(rpmr "$R" -q plain other)" = "$(printf '%s\n' plain-2-1.noarch other-1-1.noarch)" ]
	unpacked usr/share/plain/changes
	assert_forward --update-from "$V2"
}

@test "rpm before 4.18, killed when nothing had given way yet: what it was given tells what came" {
	world plain other config
	unpacked usr/share/plain/comes
	settle
	pb2 plan --interrupted
	assert_exit 0
	assert_says 'Nothing to do'
	assert_back --update-from "$V2"
}

rpm_is() { # VERSION: the root's own, as far as its rpmdb knows
	printf '%s\n' 'Name: rpm' "Version: $1" 'Release: 1' 'Summary: rpm' 'License: none' 'BuildArch: noarch' '%description' rpm '%files' > "$TMP/rpm.spec"
	rpmbuild -bb --quiet -D "_topdir $TMP/top" -D "_rpmdir $TMP/rpms" "$TMP/rpm.spec" > "$TMP/log" 2>&1
	rpmr "$R" -U --oldpackage "$TMP/rpms/rpm-$1-1.noarch.rpm"
	cp -a "$DONE/usr/share/plain/changes" "$R/usr/share/plain/changes"
}

@test "files of another version are an update's doing only where the root's rpm would leave no more than that" {
	world plain other config
	unpacked
	rpm_is 4.18.0
	pb2 plan --interrupted
	assert_exit 0
	assert_says 'Nothing to do'
	rpm_is 4.16.1.3
	pb2 plan --interrupted
	assert_exit 0
	assert_says 'plain-1-1.noarch was being replaced'
}

@test "rpm before 4.18, killed while it makes a file that was not there before" {
	world plain other config
	unpacked usr/share/plain/changes
	head -c 3 "$DONE/usr/share/plain/comes" > "$R/usr/share/plain/comes;$(printf %08x "$(date +%s)")"
	settle
	pb survey
	assert_exit 7
	assert_says 'cut off' 'comes;'
	assert_back
	# of no update, or of one that others followed, is a file that is called so
	rm -rf "$R"
	cp -a "$ORACLE" "$R"
	touch "$R/usr/share/plain/mine;00000000" "$R/usr/share/plain/mine;7fffffff" "$R/usr/share/plain/mine;5f000000"
	pb survey
	assert_exit 0
	pb2 plan --interrupted
	assert_exit 0
	assert_says 'Nothing to do'
}

@test "rpm before 4.18, killed when it had moved a file out of the way" {
	world plain other config
	unpacked usr/share/plain/changes
	mv "$R/usr/share/plain/sly" "$R/usr/share/plain/sly-RPMDELETE"
	settle
	pb survey
	assert_exit 7
	assert_says sly-RPMDELETE
	assert_back
	# before anything was in its place
	unpacked
	mv "$R/usr/share/plain/sly" "$R/usr/share/plain/sly-RPMDELETE"
	settle
	assert_back
}

@test "rpm before 4.18, killed when it had made a configuration file, with nothing in it" {
	world plain other config
	unpacked etc/config/became.conf etc/config/added.conf
	for file in same plain noreplace; do
		rm "$R/etc/config/$file.conf"
		(umask 077 && : > "$R/etc/config/$file.conf")
		chmod 200 "$R/etc/config/$file.conf"
	done
	settle
	assert_back
}

@test "what somebody changed by hand is no update" {
	world plain other config
	rm -rf "$R"
	cp -a "$ORACLE" "$R"
	echo mine > "$R/usr/share/plain/changes"
	chmod 600 "$R/usr/share/plain/stays"
	pb2 plan --interrupted
	assert_exit 0
	assert_says 'Nothing to do'
}

# what an update would have made of it alike
@test "a mode that somebody set by hand, and a file that lay there before, are no update either" {
	new_root "$R"
	mkdir -p "$R/usr/share/plain"
	echo 'only in version 2' > "$R/usr/share/plain/comes"
	touch -d @1700172800 "$R/usr/share/plain/comes"
	sleep 1.1
	lab_install plain modes
	supply 2 plain modes
	sleep 1.1
	chmod 600 "$R/usr/share/plain/stays" "$R/usr/lib/modes/mode"
	touch -d @1700172800 "$R/usr/lib/modes/mode"
	note # by change times it is judged
	pb2 apply --interrupted --yes
	assert_exit 0
	assert_says 'Nothing to do'
	assert_root_untouched
}

@test "a package that somebody edited is not named beside one that was being replaced" {
	world plain other config
	unpacked usr/share/plain/changes
	echo mine > "$R/usr/share/other/changes"
	touch -d @1600000000 "$R/usr/share/other/changes"
	mkdir "$TMP/plain2"
	cp "$V2"/plain-2*.rpm "$TMP/plain2/"
	pb --from "$TMP/plain2" plan --interrupted
	assert_exit 0
	assert_says 'plain-1-1.noarch was being replaced'
	refute_says other-1-1
}

@test "rpm, while it removes: what goes is told from what came newly" {
	BROUGHT=(newcomer obsoleter)
	world plain obsoleted
	for n in 1 -1; do
		cut_at unlink $n
		assert_back
	done
}

@test "rpm, on to the end" {
	BROUGHT=(newcomer obsoleter)
	world plain obsoleted
	cut_at unlink 1
	assert_forward
	cut_at unlink -1
	assert_forward
}

@test "what rpm had not begun with is said not to be known, and can be added" {
	world plain other config
	cut_at rename 2
	pb2 plan --interrupted --forward
	assert_exit 0
	assert_says 'rpm keeps no list' --with
	assert_forward --with plain-2-1 --with other-2-1 --with config-2-1
}

@test "what rpm was given is a folder: all of it comes, and what that obsoletes goes" {
	BROUGHT=(newcomer obsoleter)
	world plain obsoleted
	for n in 2 4 -1; do
		cut_at rename $n
		assert_forward --update-from "$V2"
		refute_says 'rpm keeps no list'
	done
	cut_at rename 2
	pb2 plan --interrupted --forward --update-from "$V2" -o "$TMP/plan"
	pb apply "$TMP/plan" --yes
	assert_exit 0 7
	same rpmdb "$DONE" "$R"
	mkdir "$TMP/empty"
	pb2 plan --interrupted --forward --update-from "$TMP/empty"
	assert_exit 0 # that is over, by now
	assert_says 'there is no package there'
	cut_at rename 2
	pb2 plan --interrupted --forward --update-from "$TMP/empty"
	assert_exit 4
	assert_stderr 'no package there'
	pb2 plan --undo last --update-from "$V2"
	assert_exit 2
}

# The log of the rpmdb is written back, as rpm does every thousand pages: what it took out is on no record of its.
forget_removed() {
	sqlite3 "$R/var/lib/rpm/rpmdb.sqlite" 'PRAGMA wal_checkpoint(TRUNCATE)' > "$TMP/null"
	settle
}

@test "rpm, while it removes: what is on no record, the sources tell, and the user" {
	BROUGHT=(newcomer)
	world plain other
	cut_at unlink -1
	forget_removed
	pb2 plan --interrupted
	assert_exit 4
	assert_says newcomer --without --exclude
	pb2 plan --interrupted --without nothing
	assert_exit 2
	pb2 apply --interrupted --without newcomer --yes
	assert_exit 0 7
	assert_says 'no record says what was there before'
	assert_same_tree
	assert_same_db
	assert_sound
}

@test "rpm, while it removes: dnf's history knows what was there" {
	lab_install dnf plain obsoleted
	supply 2 plain newcomer obsoleter
	UPDATE=("${FILES[@]}") TOOL=rpm
	before_the_update
	count
	cut_at unlink -1
	forget_removed
	pb2 apply --interrupted --yes
	assert_exit 0 7
	assert_says 'newcomer-2-1.noarch came, and no source and no record'
	assert_says 'obsoleted.noarch  -     1-1'
	assert_same_tree
	assert_same_db
	assert_sound
}

@test "what gave way to a package that came newly, by the record, comes back with it" {
	RPM_OPTIONS=(--replacefiles)
	lab_install replaced plain
	supply 2 claims plain
	UPDATE=("${FILES[@]}")
	before_the_update
	count
	cut_at unlink 1
	assert_back
}

@test "rpm --oldpackage: what was there before is the newer one" {
	lab_install plain
	supply 2 plain
	rpmr "$R" -U "${FILES[@]}"
	before_the_update
	UPDATE=("$V1"/*.rpm) RPM_OPTIONS=(--oldpackage)
	count
	cut_at unlink 1
	assert_back
	cut_at rename 3
	assert_back
}

@test "dnf: its own list says what was to be" {
	world dnf plain other
	cut_at rename 4
	pb survey --json
	assert_exit 7
	assert_jq .interrupted.listed .interrupted.halfway '.interrupted.entry == .history.last.entry' '.interrupted.to_come == 2'
	assert_back
	assert_forward
	dnfr "$R" "$V2" check
	dnfr "$R" "$V2" upgrade
	grep -q 'Nothing to do' "$TMP/dnf.log" || ! [ -s "$TMP/dnf.log" ]
}

@test "what a scriptlet moved out of the way before its turn came, though the time of the folder does not tell" {
	world dnf roof room
	cut_at symlink 1
	[ "$(stat -c %Y "$R/usr/share/roof")" -lt 1800000000 ] && [ ! -e "$R/usr/share/roof/room" ] && [ -d "$R/usr/share/roof/room.rpmmoved" ]
	[ "$(cat "$R/usr/share/roof/tiles")" = 2 ]
	pb2 apply --interrupted --yes
	assert_exit 0 7
	diff -r "$ORACLE/usr/share/roof/room" "$R/usr/share/roof/room"
	assert_same_db
	assert_sound
	pb undo --yes
	assert_undone
	assert_forward
}

@test "what the update put beside an edited file goes, though the record of what it replaced is gone" {
	lab_install dnf config bulk # whose turn to be removed is later
	supply 2 config bulk
	createrepo_c -q "$V2"
	echo mine > "$R/etc/config/noreplace.conf"
	UPDATE=("${FILES[@]}")
	before_the_update
	count
	cut_at unlink -1
	[ -e "$R/etc/config/noreplace.conf.rpmnew" ]
	pb2 plan --interrupted
	assert_says config.noarch
	assert_back
}

@test "on to the end: what the power cut had emptied is put there again" {
	world dnf plain other
	cut_at unlink 1
	: > "$R/usr/share/plain/stays"
	assert_forward
	pb undo --yes
	pb2 plan --interrupted --forward -o "$TMP/plan"
	pb apply "$TMP/plan" --yes
	assert_exit 0 7
	assert_says '1 package put back, 2 removed'
	refute_says excludepkgs # what was to come is wanted
	pb log 2
	assert_says 'on to the end of'
	refute_says excludepkgs
}

@test "documents are as the schema says" {
	world dnf plain other
	cut_at rename 4
	for arguments in survey 'plan --interrupted --files' 'plan --interrupted --forward' 'apply --interrupted --yes'; do
		# shellcheck disable=SC2086
		pb2 $arguments --json
		/usr/bin/python3 "$HERE/../schema/check.py" "$HERE/../../doc/schema/putback-1.json" <<< "$output" || tell "putback $arguments"
	done
	pb log --json 1
	assert_jq '[.transactions[0].changes[] | .kind] | sort == ["clear", "reinstall"]'
}

@test "dnf, back: its history knows, and its next update is the same one again" {
	world dnf plain other
	cut_at unlink 1
	pb2 apply --interrupted --yes
	assert_exit 0 7
	assert_same_tree
	assert_same_db
	assert_sound
	sqlite3 "$R/var/lib/dnf/history.sqlite" 'SELECT cmdline FROM trans ORDER BY id DESC LIMIT 1' | grep -q -- 'putback apply --interrupted'
	dnfr "$R" "$V2" check
	dnfr "$R" "$V2" upgrade
	same rpmdb "$DONE" "$R"
}

@test "a user's edits of configuration stay, and what rpm put beside them goes" {
	lab_install config
	echo mine > "$R/etc/config/noreplace.conf"
	supply 2 config
	UPDATE=("${FILES[@]}")
	before_the_update
	count
	cut_at unlink 1
	[ -e "$R/etc/config/noreplace.conf.rpmnew" ]
	assert_back
}

@test "no source has the version that was coming: what cannot be known is named" {
	world plain other config
	cut_at rename 4
	pb apply --interrupted --yes
	assert_exit 7
	assert_says 'plain-1-1.noarch was being replaced by a version that no source has'
	same rpmdb "$ORACLE" "$R"
	same tree "$ORACLE" "$R" --no-dir-mtime "${VOLATILE[@]}" --ignore /usr/share/plain/comes
}

@test "scriptlets are put in order beside what is cleared away" {
	world plain other config
	cut_at rename 4
	pb2 plan --interrupted --json
	assert_jq '[.changes[] | .kind] | contains(["clear"])'
	pb2 apply --interrupted --yes --run-scriptlets
	assert_exit 0
	assert_says '1 package put back; 0 of 0 scriptlets were run'
	refute_says excludepkgs # plain-2-1 was not installed
	assert_put_back
	assert_sound
}

@test "a plan that was saved" {
	world plain other config
	cut_at unlink 1
	pb2 plan --interrupted -o "$TMP/plan"
	assert_exit 0
	assert_root_untouched
	pb apply "$TMP/plan" --yes
	assert_exit 0
	# before 4.18 rpm's first unlink is at its first package
	! grep -q unlinkat "$CALLS" ||
		assert_says '3 packages put back, 3 removed' excludepkgs=config-2-1.noarch,other-2-1.noarch,plain-2-1.noarch
	assert_put_back
}

@test "half-written files of years ago are swept away, and nothing else is touched" {
	world plain other config
	rm -rf "$R"
	cp -a "$ORACLE" "$R"
	echo half > "$R/usr/share/plain/changes;5626389c"
	echo mine > "$R/usr/share/plain/mine;5626389c5"
	settle
	pb plan --interrupted
	refute_says 'no package came or went'
	pb apply --interrupted --yes
	assert_exit 0
	assert_put_back --ignore '*/mine;*'
	[ -e "$R/usr/share/plain/mine;5626389c5" ]
}

# A root where an update was cut off by which plain is there twice; other and config have no part in it.
bystanders() {
	lab_install plain other config
	supply 2 plain
	sleep 1.1
}

twice() { # once what the user had done is done
	sleep 1.1
	rpmr "$R" -i --force --nodeps "$V2"/plain-2-*.rpm
	settle
}

@test "files that were lost before it are no trace of it: their packages are left alone" {
	bystanders
	rm -rf "$R/usr/share/other"             # with its directory
	rm "$R/etc/config/stopped.conf"         # the last file of several,
	twice
	touch "$R/etc/config"                   # and the update wrote beside it
	pb2 plan --interrupted --forward --json
	assert_exit 0
	assert_jq '[.changes[] | .kind + " " + .from.nevra] == ["remove plain-1-1.noarch"]'
	rm -rf "$V1"/{other,config}-*.rpm
	pb2 plan --interrupted --json
	assert_exit 0
	assert_jq '[.changes[] | .from.nevra] | sort == ["plain-1-1.noarch", "plain-2-1.noarch"]'
}

@test "the last files of a package are gone, and nothing says that it was to go" {
	bystanders
	twice
	rm "$R"/etc/config/{same,stopped}.conf
	pb2 plan --interrupted --forward
	assert_exit 0
	assert_says 'config-1-1.noarch are gone, and no record' 'stays as it is'
	pb2 plan --interrupted --json
	assert_jq '[.changes[] | .from.nevra] | contains(["config-1-1.noarch"])'
	rm "$V1"/config-*.rpm
	pb2 plan --interrupted --json
	assert_exit 0
	assert_jq '[.changes[] | .from.nevra] | sort == ["plain-1-1.noarch", "plain-2-1.noarch"]'
	pb2 apply --interrupted --forward --yes --from "$CACHE/v1/config" --with config-1-1
	assert_exit 0 7
	[ -e "$R/etc/config/stopped.conf" ]
	assert_sound
}

# $ORACLE has other and plain, $DONE lacks plain; $CALLS is how rpm removed it.
removal() {
	lab_install other plain
	before_the_update
	"$INJECT" -a count -o "$CALLS" rpm --root "$DONE" --dbpath /var/lib/rpm -e plain
}

remove_until() { # N: rpm is killed before it removes the N-th file of plain, the fifth of which is its directory
	local call=unlinkat n=$1
	if ! grep -q unlinkat "$CALLS"; then # before 4.18
		call=unlink
		[ "$n" != 5 ] || call=rmdir n=1
	fi
	rm -rf "$R"
	cp -a "$ORACLE" "$R"
	"$INJECT" -a kill -c "$call" -n "$n" rpm --root "$R" --dbpath /var/lib/rpm -e plain || : # it was killed
	settle
}

@test "rpm -e: a package most of whose files are gone, from the last one, was being removed" {
	removal
	[ "$(grep -c -e '^[0-9]* unlink' -e '^[0-9]* rmdir$' "$CALLS")" = 5 ] || tell "$(cat "$CALLS")"
	for n in 3 5; do # before its third file, before its directory
		remove_until $n
		pb survey
		assert_exit 7
		assert_says "$((n - 1)) of 4 files of plain-1-1.noarch are gone"
		assert_root_untouched
		pb apply --interrupted --yes
		assert_exit 7
		assert_says 'back from a removal, which was cut off'
		assert_put_back
		pb survey
		refute_says 'are gone'
		pb undo --yes
		assert_undone
		pb apply --interrupted --forward --yes
		assert_exit 7
		assert_says 'no record says that plain-1-1.noarch was being removed'
		same tree "$DONE" "$R" --no-dir-mtime "${VOLATILE[@]}"
		same rpmdb "$DONE" "$R"
	done
	remove_until 2 # of which nothing tells
	pb survey
	refute_says 'are gone'
}

@test "a package that lost files is no removal that was cut off" {
	lab_install other plain config
	settle_as_healthy() { settle; pb survey; refute_says 'are gone'; pb plan --interrupted; assert_says 'no update was cut off'; }
	cp -a "$R" "$ORACLE"
	sleep 1.1
	rm "$R/usr/share/plain/stays"                 # the last one
	settle_as_healthy
	rm "$R/usr/share/plain/"{changes,goes}        # and others, but not the one before it
	settle_as_healthy
	rm -rf "$R"
	cp -a "$ORACLE" "$R"
	rm -r "$R"/etc/config "$R"/usr/share/plain     # more than one package
	settle_as_healthy
	rm -rf "$R"
	cp -a "$ORACLE" "$R"
	rm -r "$R"/usr/share/plain
	touch -d '2 hours ago' "$R"/usr/share         # before the last package came
	settle_as_healthy
}

@test "nothing was cut off" {
	lab plain
	pb plan --interrupted
	assert_exit 0
	assert_says 'no update was cut off'
	pb survey --json
	assert_jq '.interrupted == null'
	pb plan --forward
	assert_exit 2
	assert_stderr --interrupted
	pb plan --interrupted --undo last
	assert_exit 2
}
