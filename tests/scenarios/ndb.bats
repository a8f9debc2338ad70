#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# An rpmdb of the kind ndb, SUSE's. It is read everywhere; a librpm that knows it writes it, elsewhere the root's own rpm
# does (byroot.bats has all that this can come to). Where the host's rpm knows ndb, it has made the roots here.

WHAT=(plain-1-1 config-1-1 shared-1-1 shared-stays-1-1)
DB=var/lib/rpm

setup() { load lib; load ownrpm; }

rpm_knows() { rpm --showrc | grep -q "^available backends.* ${1-ndb}"; }

# by librpm, not by the host's rpm: these may be two
librpm_knows() {
	mkdir -p "$TMP/probe/var/lib/rpm"
	unpack "$TMP/probe"
	run "$PUTBACK" --root "$TMP/probe" survey --json
	assert_jq '.rpmdb.backend == "ndb"'
	jq -e .rpmdb.writable <<< "$output" > /dev/null
}

unpack() { # ROOT: the one that a real rpm made, see tests/fixtures/ndb/make
	need zstd
	mkdir -p "$1"
	zstd -dc "$FIXTURES/ndb/root.tar.zst" | tar -C "$1" -xf -
}

fixture() {
	unpack "$R"
	V1=$FIXTURES/source KEY=$FIXTURES/rpm/good.asc DB=usr/lib/sysimage/rpm
	settle
}

# --- a root as SUSE has it, with an rpm of its own -----------------------------------------------------

make_lab() {
	# shellcheck disable=SC2034 # of lib
	RPM_OPTIONS=(--nodeps)
	new_root "$R" || return
	own_rpm "$R" "$(rpm_knows && echo ndb || echo sqlite)"
	lab_install plain config shared
	echo edited >> "$R/etc/config/kept.conf"
	lab_update
	rpm_goes_back
	[ ! -e "$R/$DB/rpmdb.sqlite" ] || "$ORACLES/ndb" "$R/$DB"
}

prefer_ndb() { # for all that rpm does from here on
	[ -s "$HOME/.rpmmacros" ] || package base 1 > /dev/null
	mkdir -p "$TMP/home"
	{ cat "$HOME/.rpmmacros" && echo '%_db_backend ndb'; } > "$TMP/home/.rpmmacros"
	HOME=$TMP/home
}

ndb_lab() {
	local made=$BATS_FILE_TMPDIR/made
	! rpm_knows || prefer_ndb
	[ -e "$made" ] || { make_lab && cp -a "$TMP" "$made"; } || return
	rm -rf "$R"
	cp -a "$made/." "$TMP/"
	settle
}

need_own_rpm() { # it is what writes
	! librpm_knows || skip 'librpm writes ndb here'
	unshare -m true 2> "$TMP/err" || skip 'no mount namespaces here'
	ndb_lab
}

need_librpm() {
	{ rpm_knows && librpm_knows; } || skip 'librpm does not know ndb'
	ndb_lab
}

back() { pb apply "${WHAT[@]}" --yes "$@"; }

assert_by_rpm() {
	assert_put_back
	same rpmdb "$TMP/by-rpm" "$R"
}

assert_old_db() { same tree "$TMP/before" "$R" --inodes "${OURS[@]}" --only "/$DB"; }

take_back() { # whatever of it is done
	pb log --json
	! jq -e 'any(.transactions[]; .state == "done")' <<< "$output" > /dev/null || pb undo --yes
	assert_exit 0
	assert_undone
}

# --- what rpm wrote --------------------------------------------------------------------------------------

@test "a database that rpm wrote is read, and named by its kind" {
	fixture
	pb survey --json
	assert_jq '.rpmdb | .backend == "ndb" and .healthy and .packages == 2 and (.writable or .by_root)'
	pb plan probe-1-1 --allow-unsigned --nodeps --exit-code
	assert_exit 3
	assert_says "/$DB (ndb)" probe-1-1
	assert_root_untouched
	pb apply probe-1-1 --allow-unsigned --nodeps --yes
	assert_exit 7
	[ "$(content usr/share/probe/version)" = 1 ]
	pb undo --yes
	assert_exit 0
	assert_undone
}

# --- by the root's own rpm -------------------------------------------------------------------------------

@test "librpm does not know it: the files, and then the rpmdb by the root's own rpm" {
	need_own_rpm
	pb plan "${WHAT[@]}"
	assert_exit 0
	assert_says 'of the kind ndb, which can be read here, but not be written' '--rpmdb-by-root'
	assert_root_untouched
	back --rpmdb-by-root
	assert_exit 0
	assert_says "The root's own rpm has rebuilt the rpmdb, which is transaction 2"
	assert_by_rpm
	"$ORACLES/tree" snapshot "$R" "$TMP/after"
	pb undo --yes
	assert_exit 0
	assert_undone
	pb redo --yes
	assert_exit 0
	same tree "$TMP/after" "$R" --inodes "${OURS[@]}"
}

@test "librpm does not know it: the step stays open until it is asked for" {
	need_own_rpm
	back
	assert_exit 7
	assert_says 'the database step of transaction 1 is open'
	assert_same_tree
	assert_old_db
	pb survey
	assert_exit 7
	assert_says 'STEP OPEN' 'recover --rpmdb-by-root'
	pb log --json
	assert_jq '.transactions[0] | .state == "done" and .database_step.state == "open"'
	pb undo --yes
	assert_exit 0
	assert_undone
	pb redo --yes
	assert_exit 7
	pb recover --rpmdb-by-root --yes
	assert_exit 0
	assert_by_rpm
}

@test "librpm does not know it: killed in the middle" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	need_own_rpm
	for ((n = 3; ; n += FAULT_ALL ? 1 : 83)); do
		PUTBACK_FAILPOINT="*:$n=kill" back --rpmdb-by-root
		[ "$status" = 137 ] || break
		pb recover --yes
		[ "$status" = 0 ] || { assert_exit 7 && assert_same_tree && assert_old_db; }
		take_back
	done
	assert_exit 0
	assert_by_rpm
}

# --- by librpm -------------------------------------------------------------------------------------------

@test "librpm knows it: the database is what rpm's own way back leaves, and goes with the rest" {
	need_librpm
	back --rpmdb-by-root # which has nothing to do here
	assert_exit 0
	refute_says 'database step'
	assert_by_rpm
	"$ORACLES/tree" snapshot "$R" "$TMP/after"
	# every index is there, and none is out of date
	cp -a "$R/$DB" "$TMP/db"
	for query in -q\ plain -qf\ /usr/share/plain/goes '-q --whatprovides plain'; do
		# shellcheck disable=SC2086
		run --separate-stderr rpm --dbpath "$TMP/db" $query
		[ "$output" = plain-1-1.noarch ]
		[ -z "$stderr" ]
	done
	pb undo --yes
	assert_exit 0
	assert_undone
	pb redo --yes
	assert_exit 0
	same tree "$TMP/after" "$R" --inodes "${OURS[@]}"
	rpmr "$R" -U --nodeps "$V2"/*.rpm
	run -0 rpmr "$R" -q plain
	[ "$output" = plain-2-1.noarch ]
}

@test "librpm knows it: where the directory cannot be exchanged its files are" {
	need_librpm
	in_mounts "$R" "$PUTBACK" "$V1" "$KEY" "${WHAT[*]}" <<-'SCRIPT'
		mount --bind "$1/var/lib/rpm" "$1/var/lib/rpm"
		# shellcheck disable=SC2086
		"$2" --root "$1" --from "$3" --key "$4" apply $5 --yes
	SCRIPT
	assert_by_rpm
	in_mounts "$R" "$PUTBACK" <<-'SCRIPT'
		mount --bind "$1/var/lib/rpm" "$1/var/lib/rpm"
		"$2" --root "$1" undo --yes
		"$2" --root "$1" forget 1 --yes
	SCRIPT
	assert_undone
}

@test "librpm knows it: killed in the middle" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	need_librpm
	for ((n = 3; ; n += FAULT_ALL ? 1 : 83)); do
		PUTBACK_FAILPOINT="*:$n=kill" back
		[ "$status" = 137 ] || break
		pb recover --yes
		assert_exit 0
		take_back
	done
	assert_exit 0
	assert_by_rpm
}

@test "a Berkeley DB whose root has moved on to ndb gets that" {
	{ rpm_knows && rpm_knows sqlite; } || skip 'no rpm that knows ndb'
	need db_load
	unshare -m true 2> "$TMP/err" || skip 'no mount namespaces here'
	new_root "$R"
	own_rpm "$R" "$(rpm_knows && echo ndb || echo sqlite)"
	lab_install plain
	lab_update
	rpm_goes_back
	"$ORACLES/bdb" "$R/$DB"
	for root in "$ORACLE" "$TMP/by-rpm"; do rpmr "$root" -D '_db_backend ndb' --rebuilddb; done
	settle
	pb apply plain-1-1 --yes --rpmdb-by-root
	assert_exit 0
	[ -e "$R/$DB/Packages.db" ]
	[ ! -e "$R/$DB/Packages" ]
	assert_put_back
	same rpmdb "$TMP/by-rpm" "$R"
	pb undo --yes
	assert_exit 0
	assert_undone
}

# --- what rpm never wrote --------------------------------------------------------------------------------

number() { od -An -tu4 -j "$1" -N 4 "$R/$DB/Packages.db" | tr -d ' '; }
put() { printf '%b' "$2" | dd of="$R/$DB/Packages.db" bs=1 seek="$1" conv=notrunc status=none; }

unreadable() { # TEXT
	pb survey
	assert_exit 7
	assert_says UNREADABLE Packages.db "$1"
}

refused() { # TEXT: by the survey, and by who would change something
	settle
	unreadable "$1"
	pb apply probe-1-1 --allow-unsigned --nodeps --yes
	assert_exit 1
	assert_stderr Packages.db "$1"
	assert_root_untouched
}

@test "no database: empty, garbage, cut off" {
	fixture
	file=$R/$DB/Packages.db
	cp "$file" "$TMP/whole"
	: > "$file"
	refused 'not an ndb database'
	head -c 20 "$TMP/whole" > "$file"
	unreadable 'not an ndb database'
	head -c 100000 /dev/urandom > "$file"
	unreadable 'not an ndb database'
	head -c 4000 "$TMP/whole" > "$file"
	unreadable 'truncated in its table of packages'
	cp "$TMP/whole" "$file"
	end=$((16 * ($(number 56) + $(number 60)))) # of package 2, the last
	truncate -s $((end - 16)) "$file"
	refused "truncated, a package ends at byte $end of $((end - 16))"
	truncate -s 5G "$file"
	unreadable 'larger than 4 GiB'
}

@test "no database: something else in its place" {
	fixture
	file=$R/$DB/Packages.db
	mv "$file" "$TMP/whole"
	for make in "ln -s $TMP/whole" 'ln -s nowhere' mkfifo mkdir; do
		$make "$file"
		pb survey
		assert_exit 7
		assert_says "'$DB/Packages.db' in the root is no regular file"
		pb apply probe-1-1 --yes
		assert_exit 1
		assert_stderr "'$DB/Packages.db' in the root is no regular file"
		rm -r "$file"
	done
}

@test "a version that is not known" {
	fixture
	put 4 '\01'
	refused 'an ndb database of version 1, and only 0 is known'
}

# rpm's slots: magic, number, first block, blocks; at byte 32 one that is free, then those of packages 2 and 3
@test "a table of packages that does not hold" {
	fixture
	cp "$R/$DB/Packages.db" "$TMP/whole"
	for what in '12 \0377\0377\0377\0377' '12 \0\0\0\0' '32 slot' '52 \0\0\0\0' '56 \01\0\0\0' '56 \0377\0377\0377\0377' \
		'60 \0377\0377\0377\0377' '60 \0\0\0\0' '60 \01\0\0\0'; do
		# shellcheck disable=SC2086
		put $what
		unreadable damaged
		cp "$TMP/whole" "$R/$DB/Packages.db"
	done
	put 68 '\02' # the number of the other
	refused 'package 2 is there twice'
	dd if="$TMP/whole" of="$R/$DB/Packages.db" bs=16 skip=3 seek=4 count=1 conv=notrunc status=none
	refused 'packages 2 and 2 are in the same place'
}

# rpm ends its walk there without a word: what follows would be taken for not installed
@test "a package that is not as rpm wrote it" {
	fixture
	cp "$R/$DB/Packages.db" "$TMP/whole"
	at=$((16 * $(number 72))) end=$((16 * ($(number 72) + $(number 76)))) # of package 3, the first to come
	for byte in $at $((at + 4)) $((at + 12)) $((at + 500)) $((end - 12)) $((end - 8)) $((end - 1)); do
		put "$byte" '\0377'
		unreadable "damaged: package 3, at byte $at, is not as rpm wrote it"
		cp "$TMP/whole" "$R/$DB/Packages.db"
	done
	put "$((16 * $(number 56)))" X
	refused "damaged: package 2, at byte $((16 * $(number 56))), is not as rpm wrote it"
}

@test "an index that is stale, damaged or missing does not count" {
	fixture
	for index in stale rubbish ''; do
		rm -f "$R/$DB/Index.db"
		[ -z "$index" ] || echo "$index" > "$R/$DB/Index.db"
		settle
		pb survey --json
		assert_jq '.rpmdb | .healthy and .packages == 2'
		assert_root_untouched
	done
}
