#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# An rpmdb that can be read here and not written: files are put back all the same, and the root's own rpm
# rebuilds the database. Here the root's own rpm is a copy of the host's, which makes of a Berkeley DB one
# that the oracle can be compared with.

WHAT=(plain-1-1 config-1-1 shared-1-1 shared-stays-1-1)
DB=var/lib/rpm

setup() {
	local made
	load lib
	load ownrpm
	need db_load
	unshare -m true 2> "$TMP/err" || skip 'no mount namespaces here'
	made=$BATS_FILE_TMPDIR/made
	[ -e "$made" ] || { make_lab && cp -a "$TMP" "$made"; } || return
	rm -rf "$R"
	cp -a "$made/." "$TMP/"
	settle
}

make_lab() {
	RPM_OPTIONS=(--nodeps)
	new_root "$R" || return
	own_rpm "$R" sqlite
	lab_install plain config shared
	echo edited >> "$R/etc/config/kept.conf"
	lab_update
	rpm_goes_back
	cp -a "$R/$DB" "$TMP/sqlite"
	"$ORACLES/bdb" "$R/$DB"
	: > "$R/$DB/__db.001"
}

instead() { # the root's rpmdb is this script, and rpmdb.real the true one
	touch -r "$R/usr/bin" "$TMP/stamp"
	[ -e "$R/usr/bin/rpmdb.real" ] || mv "$R/usr/bin/rpmdb" "$R/usr/bin/rpmdb.real"
	{ echo '#!/usr/bin/sh' && cat; } > "$R/usr/bin/rpmdb"
	chmod 755 "$R/usr/bin/rpmdb"
	touch -r "$TMP/stamp" "$R/usr/bin"
}

real() {
	touch -r "$R/usr/bin" "$TMP/stamp"
	mv "$R/usr/bin/rpmdb.real" "$R/usr/bin/rpmdb"
	touch -r "$TMP/stamp" "$R/usr/bin"
}

pb_id() { # of the newest transaction
	pb log --json
	jq '[.transactions[].id] | max' <<< "$output"
}

back() { pb apply "${WHAT[@]}" --yes "$@"; }

assert_rebuilt() { # all of it is as on a root that never saw the update
	assert_put_back --ignore '/usr/bin/rpmdb*'
	same rpmdb "$TMP/by-rpm" "$R"
	[ ! -e "$R/$DB/Packages" ]
	[ ! -e "$R/$DB/Name" ]
	[ ! -e "$R/$DB/__db.001" ]
}

assert_old_db() { same tree "$TMP/before" "$R" --inodes "${OURS[@]}" --only "/$DB"; }

assert_open() { # [ID]: the files are those of before, the database is not, and everybody says so
	assert_same_tree
	cmp "$R/$DB/Packages" "$TMP/Packages"
	pb survey
	assert_exit 7
	assert_says 'STEP OPEN' "the database step of transaction ${1-1} is open" 'recover --rpmdb-by-root'
	pb survey --json
	assert_jq "[.transactions[] | select(.id == ${1-1})][0].database_step == {\"state\": \"open\"}" '.rpmdb.writable == false and .rpmdb.by_root'
	pb log
	assert_exit 0
	assert_says 'rpmdb STEP OPEN' "the database step of transaction ${1-1} is open"
	pb log "${1-1}" --json
	assert_jq '.transactions[0] | .state == "done" and .database_step.state == "open"'
}

@test "the files, and then the rpmdb by the root's own rpm: what rpm's own way back leaves" {
	back --rpmdb-by-root
	assert_exit 0
	assert_says "The root's own rpm has rebuilt the rpmdb, which is transaction 2"
	assert_rebuilt
	pb survey
	assert_exit 0
	pb log --json
	assert_jq '.transactions | length == 2' \
		'.transactions[0] | .id == 1 and .database_step == {"state": "done", "transaction": 2}' \
		'.transactions[1] | .id == 2 and .database_step_of == 1 and .packages == 0'
	pb log 2
	assert_says 'belongs to' 'transaction 1'
}

@test "a plan says who will write the database; the plan saved without the option is the same" {
	pb plan "${WHAT[@]}" -o "$TMP/saved"
	assert_exit 0
	assert_says "left for the root's own rpm" '--rpmdb-by-root'
	assert_root_untouched
	pb apply "$TMP/saved" --yes --rpmdb-by-root
	assert_exit 0
	assert_rebuilt
}

@test "without the option the step stays open, and everybody says so; recover has it done" {
	cp "$R/$DB/Packages" "$TMP/Packages"
	back
	assert_exit 7
	assert_says 'the database step of transaction 1 is open' 'recover --rpmdb-by-root'
	assert_old_db
	assert_open
	pb recover --yes
	assert_exit 7
	assert_says 'Nothing was cut short' 'the database step of transaction 1 is open'
	assert_old_db
	pb recover --rpmdb-by-root
	assert_exit 2
	assert_stderr '--yes'
	pb recover --rpmdb-by-root --yes
	assert_exit 0
	assert_rebuilt
	pb recover --rpmdb-by-root --yes
	assert_exit 0
	assert_says 'Nothing to recover'
}

@test "undo takes the rpmdb along, inode for inode, by either number; redo brings it again" {
	back --rpmdb-by-root
	"$ORACLES/tree" snapshot "$R" "$TMP/after"
	for id in '' 2; do
		pb undo --yes $id
		assert_exit 0
		assert_undone
		pb redo --yes $id
		assert_exit 0
		same tree "$TMP/after" "$R" --inodes "${OURS[@]}"
		pb survey
		assert_exit 0
	done
	pb log --json
	assert_jq '[.transactions[].state] == ["done", "done"]'
}

@test "undo while the step is open has nothing to undo there; redo opens it again, or has it done" {
	cp "$R/$DB/Packages" "$TMP/Packages"
	back
	pb undo --yes
	assert_exit 0
	assert_undone
	pb survey
	assert_exit 0
	pb redo --yes
	assert_exit 7
	assert_says 'the database step of transaction 1 is open'
	assert_open
	pb undo --yes
	pb redo --yes --rpmdb-by-root
	assert_exit 0
	assert_rebuilt
}

@test "while it is open nothing else is applied, and a plan says so" {
	back
	settle
	pb plan shared-1-1
	assert_says 'the database step of transaction 1 is open' 'apply refuses'
	pb apply plain-1-1 --yes
	assert_exit 6
	assert_stderr 'the database step of transaction 1 is open'
	assert_old_db
}

@test "a root whose rpm does not run: open, with the reason; done once it does" {
	mv "$R/usr/bin/rpmdb" "$TMP/rpmdb"
	settle
	cp "$R/$DB/Packages" "$TMP/Packages"
	back --rpmdb-by-root
	assert_exit 7
	assert_says 'the database step of transaction 1 is open' 'cannot run /usr/bin/rpmdb: No such file'
	touch -r "$R/usr/bin" "$TMP/stamp"
	mv "$TMP/rpmdb" "$R/usr/bin/rpmdb"
	touch -r "$TMP/stamp" "$R/usr/bin"
	pb recover --rpmdb-by-root --yes
	assert_exit 0
	assert_rebuilt
}

@test "one that fails is told with its last words" {
	instead <<-'SH'
		echo first
		echo 'rpmdb: it is full of bees' >&2
		exit 3
	SH
	settle
	back --rpmdb-by-root
	assert_exit 7
	assert_says 'it ended with status 3: rpmdb: it is full of bees' 'is open'
	assert_old_db
	real
	pb recover --rpmdb-by-root --yes
	assert_exit 0
	assert_rebuilt
}

@test "one that makes something else is not believed" {
	instead <<< 'exit 0'
	settle
	back --rpmdb-by-root # the records, without a rebuild: they are the wanted ones
	assert_exit 0
	pb undo --yes
	assert_exit 0
	pb forget 1 --yes
	for script in "cp /$DB/Packages /dev/rpmdb/db/" ': > /dev/rpmdb/db/rpmdb.sqlite' ': > /dev/rpmdb/db/Packages' \
		'exec 3<> /dev/rpmdb/db/Packages; echo "rubbish and more of it" >&3'; do
		instead <<< "$script"
		settle
		back --rpmdb-by-root
		assert_exit 7
		assert_says "what the root's own rpm made of the rpmdb is not what was to be"
		assert_old_db
		pb undo --yes
		pb forget 1 --yes
	done
}

@test "it can write to nothing of the root, nor see the host" {
	instead <<-SH
		for f in /etc/new /$DB/new /$DB/Packages /usr/bin/rpmdb /proc/sys/kernel/hostname; do
			{ echo gone wrong > "\$f"; } 2> /dev/null && echo "WROTE \$f" > /dev/rpmdb/wrote
		done
		[ ! -e "$TMP" ] || echo 'SAW the host' > /dev/rpmdb/wrote
		while read -r line; do
			case \$line in lo:*) ;; *:*) echo "SAW \$line" > /dev/rpmdb/wrote ;; esac
		done < /proc/net/dev
		[ ! -e /dev/rpmdb/wrote ] || { while read -r line; do echo "\$line"; done < /dev/rpmdb/wrote; exit 9; }
		exec /usr/bin/rpmdb.real "\$@"
	SH
	settle
	back --rpmdb-by-root
	assert_exit 0
	assert_rebuilt
}

@test "forget: not while it is open; both, then" {
	back
	pb forget 1 --yes
	assert_exit 5
	assert_stderr 'the database step of transaction 1 is open' '--force'
	pb recover --rpmdb-by-root --yes
	pb forget 2 --yes
	assert_exit 0
	assert_rebuilt
	pb log --json
	assert_jq '[.transactions[].state] == ["forgotten", "forgotten"]'
	[ -z "$(find "$R/.putback" -mindepth 1 -name '[0-9]*')" ]
}

@test "forget --force gives an open step up" {
	back
	pb forget 1 --yes --force
	assert_exit 0
	pb survey
	assert_exit 0
	pb recover --rpmdb-by-root --yes
	assert_exit 0
	assert_says 'Nothing to recover'
}

@test "who has brought the rpmdb in line by hand is believed" {
	back
	rm "$R/$DB"/*
	cp -a "$TMP/by-rpm/$DB"/. "$R/$DB/"
	pb recover --rpmdb-by-root --yes
	assert_exit 0
	assert_says 'The rpmdb says already what it should'
	pb log 1
	assert_says 'brought in line by hand'
	pb survey
	assert_exit 0
}

@test "packages that came or went since are a reason to refuse" {
	back
	rm "$R/$DB"/*
	cp -a "$TMP/sqlite/." "$R/$DB/"
	rpmr "$R" -e --justdb --nodeps plain
	"$ORACLES/bdb" "$R/$DB"
	note
	pb recover --rpmdb-by-root --yes
	assert_exit 7
	assert_says "the rpmdb in '/$DB' has changed since transaction 1" 'is open'
	assert_old_db
}

@test "what was kept for it is damaged" {
	back
	printf x | dd of="$R/.putback/1/rpmdb/Packages" bs=1 seek=9000 conv=notrunc status=none
	pb recover --rpmdb-by-root --yes
	assert_exit 7
	assert_says "'.putback/1/rpmdb/Packages' on the root's file system is damaged"
	rm "$R/.putback/1/rpmdb/Packages"
	ln -s /etc/passwd "$R/.putback/1/rpmdb/Packages"
	pb recover --rpmdb-by-root --yes
	assert_exit 7
	assert_says "'.putback/1/rpmdb/Packages' on the root's file system cannot be opened"
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "a journal that was tampered with is not believed" {
	back
	for sql in "'open 9 $(printf %064d 0)' where key='rpmdb-step 1'" "'open 0 xyz' where key='rpmdb-step 1'" \
		"'shut 0 $(printf %064d 0)' where key='rpmdb-step 1'"; do
		cp "$R/.putback/journal.sqlite" "$TMP/journal"
		sqlite3 "$R/.putback/journal.sqlite" "update meta set value=cast(${sql/ where/ as blob) where}"
		pb recover --rpmdb-by-root --yes
		assert_exit 1 7
		assert_says 'a row of meta'
		cat "$TMP/journal" > "$R/.putback/journal.sqlite"
	done
	sqlite3 "$R/.putback/journal.sqlite" "insert into meta(key, value) values('rpmdb-step-of 1', cast('1' as blob))"
	pb log
	assert_exit 1
	assert_stderr 'a row of meta'
}

@test "where the directory cannot be exchanged its files are" {
	in_mounts "$R" "$PUTBACK" "$V1" "$KEY" "${WHAT[*]}" <<-'SCRIPT'
		mount --bind "$1/var/lib/rpm" "$1/var/lib/rpm"
		# shellcheck disable=SC2086
		"$2" --root "$1" --from "$3" --key "$4" apply $5 --yes --rpmdb-by-root
	SCRIPT
	assert_rebuilt
	in_mounts "$R" "$PUTBACK" <<-'SCRIPT'
		mount --bind "$1/var/lib/rpm" "$1/var/lib/rpm"
		"$2" --root "$1" undo --yes
		"$2" --root "$1" forget 1 --yes
	SCRIPT
	assert_undone
}

@test "killed in the middle: old rpmdb and step open, or new; undo works from there" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	cp "$R/$DB/Packages" "$TMP/Packages"
	back
	PUTBACK_FAILPOINT=rebuild-ran=EIO pb recover --rpmdb-by-root --yes
	assert_exit 7
	assert_old_db
	assert_open
	# at a sample of all places that the step passes, or at all of them
	id=1
	for ((n = 1; ; n += FAULT_ALL ? 1 : 31)); do
		PUTBACK_FAILPOINT="*:$n=kill" pb recover --rpmdb-by-root --yes
		[ "$status" = 137 ] || break
		pb recover --yes
		case $status in
		0) assert_rebuilt ;;
		*) assert_exit 7 && assert_open $id ;;
		esac
		pb undo --yes
		assert_exit 0
		assert_undone
		pb forget $id --yes
		back
		id=$(pb_id)
	done
	assert_exit 0
	[ "$n" -gt 40 ]
	assert_rebuilt
	# the records are staged with the files
	pb undo --yes
	pb forget 1 --yes
	PUTBACK_FAILPOINT=dbstep-directory back
	assert_exit 137
	pb recover --yes
	assert_exit 0
	assert_undone
	PUTBACK_FAILPOINT=dbstep-staged=ENOSPC back
	assert_exit 1
	assert_stderr "cannot keep what the rpmdb in '/$DB' is to be rebuilt from"
	assert_undone
}

@test "an undo or redo that is killed between the two is told, and goes on" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	cp "$R/$DB/Packages" "$TMP/Packages"
	back --rpmdb-by-root
	"$ORACLES/tree" snapshot "$R" "$TMP/after"
	PUTBACK_FAILPOINT=dbstep-undone=kill pb undo --yes
	assert_exit 137
	assert_old_db
	assert_open
	# what the root's rpm had made is still there
	pb recover --rpmdb-by-root --yes
	assert_exit 0
	same tree "$TMP/after" "$R" --inodes "${OURS[@]}"
	PUTBACK_FAILPOINT=dbstep-undone=EIO pb undo --yes
	assert_exit 1
	same tree "$TMP/after" "$R" --inodes "${OURS[@]}"
	PUTBACK_FAILPOINT=dbstep-undone=kill pb undo --yes
	pb undo --yes
	assert_exit 0
	assert_undone
	PUTBACK_FAILPOINT=dbstep-redone=kill pb redo --yes
	assert_exit 137
	assert_open
	pb recover --rpmdb-by-root --yes
	assert_exit 0
	same tree "$TMP/after" "$R" --inodes "${OURS[@]}"
	PUTBACK_FAILPOINT=forgot-first=kill pb forget 1 --yes
	assert_exit 137
	pb forget 1 --yes
	assert_exit 0
	pb log --json
	assert_jq '[.transactions[].state] == ["forgotten", "forgotten"]'
}

@test "cut short in the exchange of the rpmdb: recover advises what can be done, by the number that it goes by" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	cp "$R/$DB/Packages" "$TMP/Packages"
	back
	PUTBACK_FAILPOINT=state-set:2=kill pb recover --rpmdb-by-root --yes
	assert_exit 137
	pb recover --yes
	assert_exit 0
	assert_says 'Transaction 2 is done' 'It belongs to transaction 1, which stands' ' undo 1' ' forget 1'
	refute_says ' undo 2'
	assert_rebuilt
	PUTBACK_FAILPOINT=state-set:1=kill pb undo --yes
	assert_exit 137
	pb recover --yes
	assert_exit 7
	assert_says 'Transaction 2 is taken back' 'It belongs to transaction 1, which stands' ' undo 1' 'recover --rpmdb-by-root'
	refute_says ' redo 2'
	refute_says ' forget '
	assert_open
	pb undo 1 --yes
	assert_exit 0
	assert_undone
}

stands() { # both, or neither, or one with the step open: what $is says
	pb log --json
	is=$(jq -r '.transactions[] | select(.id == 1) | "\(.state) \(.database_step.state)"' <<< "$output")
	case $is in
	'done done') same tree "$TMP/after" "$R" --inodes "${OURS[@]}" ;;
	'done open') assert_old_db && same tree "$TMP/after" "$R" --inodes "${OURS[@]}" --ignore "/$DB*" ;;
	'undone '*) assert_undone ;;
	*) tell "$is" ;;
	esac
}

disturbed() { # N=KIND COMMAND: at the N-th place
	PUTBACK_FAILPOINT="*:$1" pb "$2" --yes
	# a redo has fewer places, perhaps
	[[ $1 != *=kill || $2 = redo ]] || assert_exit 137
	case $status in
	10 | 137) pb recover --yes && assert_exit 0 7 ;;
	*) assert_exit 0 1 7 ;;
	esac
	stands
}

# At a sample of all places that they pass, or at all of them.
@test "an undo or a redo of both, killed or failing anywhere: the next does it" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	back --rpmdb-by-root
	"$ORACLES/tree" snapshot "$R" "$TMP/after"
	PUTBACK_FAILPOINT_TRACE=9 pb undo --yes 9> "$TMP/trace"
	pb redo --yes
	places=$(wc -l < "$TMP/trace")
	[ "$places" -gt 100 ]
	for ((n = 1; n <= places; n += FAULT_ALL ? 1 : 47)); do
		for kind in kill EIO; do
			disturbed "$n=$kind" undo
			[[ $is = undone* ]] || pb undo --yes
			assert_undone
			disturbed "$n=$kind" redo
			[[ $is != undone* ]] || pb redo --yes
			[ "$is" != 'done open' ] || pb recover --rpmdb-by-root --yes
			same tree "$TMP/after" "$R" --inodes "${OURS[@]}"
		done
	done
}

@test "without a journal the originals are put back: the rpmdb first, which is the newer of the two" {
	back --rpmdb-by-root
	rm "$R/.putback"/journal.sqlite*
	pb recover --salvage
	assert_says "rebuilt by the root's own rpm"
	pb recover --salvage --yes
	assert_exit 0 7
	assert_old_db
	pb recover --salvage --yes
	assert_exit 0 7
	same tree "$TMP/before" "$R" --no-dir-mtime "${OURS[@]}"
}
