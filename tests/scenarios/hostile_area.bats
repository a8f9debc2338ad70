#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# .putback, planted or looked into; what was setuid and lies in it.

setup() { load lib; load hostile; hostile_setup; hostile_lab; }

teardown() { hostile_teardown; }

all_commands() {
	for command in log 'undo --yes' 'redo --yes' 'recover --yes' 'recover --salvage --yes' 'forget 1 --yes'; do
		# shellcheck disable=SC2086
		attack $command
	done
}

@test "planted with links, fifos, devices and second names in it" {
	for kind in 'ln -s $VICTIM/changes' 'ln -s $VICTIM' 'mkfifo' 'mknod_' 'ln $VICTIM/changes' 'mkdir'; do
		rm -rf "$R/.putback"
		mkdir -m 700 "$R/.putback"
		for name in area area.new journal.sqlite journal.sqlite-journal 1 2 downloads; do
			case $kind in
			mknod_) mknod "$R/.putback/$name" c 1 5 ;;
			*) eval "$kind" '"$R/.putback/$name"' ;;
			esac
		done
		"$ORACLES/tree" snapshot "$VICTIM" "$TMP/victim.before"
		attack survey
		attack apply plain-1-1 --yes
		[ "$status" != 10 ]
		attack recover --yes
		attack recover --salvage --yes
		same tree "$TMP/victim.before" "$VICTIM" --inodes
	done
	rm -rf "$R/.putback"
	"$ORACLES/tree" snapshot "$VICTIM" "$TMP/victim.before"
}

@test "a transaction's folder becomes a link, its slots as well: what it would move is not there" {
	attack apply plain-1-1 --yes
	assert_exit 0
	mv "$R/.putback/1" "$TMP/slots"
	ln -s "$VICTIM" "$R/.putback/1"
	for command in 'undo --yes' 'undo --force --yes' 'recover --salvage --yes' 'forget 1 --yes'; do
		# shellcheck disable=SC2086
		attack $command
	done
	rm "$R/.putback/1" 2> "$TMP/err" || :
	mkdir -p -m 700 "$R/.putback"
	mv "$TMP/slots" "$R/.putback/1"
	for slot in "$R"/.putback/1/*; do
		rm -rf "$slot"
		ln -s "$VICTIM/changes" "$slot"
	done
	all_commands
}

# --- who may reach what lies in it ------------------------------------------------------------------------

need_other() {
	need setpriv
	setpriv --reuid 65534 --regid 65534 --clear-groups true || skip 'cannot be another user'
	# the way to the root is open to all: only what lies in it is to stop them
	for d in "$TMP" "${TMP%/*}" "${BATS_RUN_TMPDIR:?}"; do chmod o+x "$d"; done
	setpriv --reuid 65534 --regid 65534 --clear-groups ls "$R/usr" > "$TMP/out" || skip 'the folder of the tests is closed to others'
}

# by way of a shell: setpriv itself keeps its capabilities until it has executed something
other() { setpriv --reuid 65534 --regid 65534 --clear-groups sh -c 'exec "$@"' sh "$@"; }

with_setuid() { # what stands there now is setuid, and no package's any more after an apply
	cp /bin/true "$R/usr/share/plain/changes"
	chown root "$R/usr/share/plain/changes"
	chmod 4755 "$R/usr/share/plain/changes"
	settle
}

@test "an old setuid program in the area cannot be reached by others" {
	need_other
	with_setuid
	other "$R/usr/share/plain/changes"
	attack apply plain-1-1 --yes
	assert_exit 0
	kept=$(find "$R/.putback" -perm -4000)
	[ -n "$kept" ]
	for try in "ls $R/.putback" "cat $R/.putback/area" "stat $kept" "$kept" "cat $kept" "ln $kept $TMP/mine" "test -e $kept"; do
		# shellcheck disable=SC2086
		run ! other $try
	done
	[ "$(stat -c %a:%u:%g "$R/.putback" "$R/.putback/1" | sort -u)" = 700:0:0 ]
	attack undo --yes
	assert_undone
}

@test "nor through the descriptors of a putback that runs" {
	need_other
	with_setuid
	mkfifo "$TMP/question"
	"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply plain-1-1 --yes < "$TMP/question" > "$TMP/out" 2>&1 3>&- &
	pid=$!
	exec 7> "$TMP/question"
	tries=0
	while kill -0 "$pid" 2> "$TMP/err"; do
		run ! other ls "/proc/$pid/fd/"
		tries=$((tries + 1))
	done
	exec 7>&-
	wait "$pid"
	[ "$tries" -ge 0 ]
	"$PUTBACK" --root "$R" undo --yes
	assert_undone
}

# rpm strips what it replaces of setuid bits (lib/fsm.c: removeSBITS()).
with_second_names() {
	with_setuid
	mkdir -p -m 1777 "$R/tmp"
	chmod 1777 "$R/tmp"
	ln "$R/usr/share/plain/changes" "$R/tmp/mine"
	cp /bin/true "$R/usr/share/plain/comes" # of version 2 only
	chmod 755 "$R/usr/share/plain/comes"
	setcap cap_net_raw=ep "$R/usr/share/plain/comes"
	ln "$R/usr/share/plain/comes" "$R/tmp/yours"
	note
}

# what mine and yours may do; in any root
may() { echo "$(stat -c %a "$1/tmp/mine") $(getcap "$1/tmp/yours" | grep -c net_raw || :)"; }

@test "an old setuid program of which a user has a second name is that no more, as with rpm; undo gives it back" {
	need_other
	need setcap getcap
	with_second_names
	# which works for rpm 4.18 where there is a /proc only
	cp -a "$R" "$TMP/by-rpm"
	in_mounts "$TMP/by-rpm" "$V1"/plain*.rpm <<-'MOUNTS'
		mount -t proc proc "$1/proc"
		rpm --root "$1" --dbpath /var/lib/rpm -U --oldpackage "$2" 2> "$1/tmp/err"
	MOUNTS
	[ "$(may "$TMP/by-rpm")" = '755 0' ]
	attack plan plain-1-1
	assert_exit 0
	names "'/usr/share/plain/changes' is setuid and has another name" "-inum $(stat -c %i "$R/tmp/mine")" \
		"'/usr/share/plain/comes' is given capabilities"
	attack plan plain-1-1 --json
	assert_jq '[.problems[] | select(.kind == "second-name" and .severity == "note")] | length == 2'
	attack apply plain-1-1 --yes
	assert_exit 0
	[ "$(may "$R")" = '755 0' ]
	attack undo --yes
	assert_exit 0
	[ "$(may "$R")" = '4755 1' ]
	assert_undone
	attack redo --yes
	[ "$(may "$R")" = '755 0' ]
	attack forget 1 --yes
	[ "$(may "$R")" = '755 0' ]
}

@test "a setuid program that came and was given a second name since, when it is taken back" {
	need_other
	lab modes
	pb apply modes-1-1 --yes
	ln "$R/usr/lib/modes/setuid+" "$R/mine"
	ln "$R/usr/lib/modes/caps+" "$R/yours"
	sleep 0.1
	pb undo --yes --force
	assert_exit 0 7
	[ "$(stat -c %a "$R/mine")" = 755 ]
	[ -z "$(getcap "$R/yours")" ]
	pb redo --yes
	assert_exit 0
	[ "$(stat -c %a "$R/mine")" = 4755 ] && [ "$R/mine" -ef "$R/usr/lib/modes/setuid+" ]
	[ -n "$(getcap "$R/yours")" ]
}

@test "killed, or failing, when that is taken and when it is given" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints'
	need setcap getcap
	with_second_names
	PUTBACK_FAILPOINT=stripped=EIO pb apply plain-1-1 --yes
	assert_exit 1
	[ "$(may "$R")" = '4755 1' ]
	assert_root_as_it_was
	for back in '' --back; do
		PUTBACK_FAILPOINT=stripped pb apply plain-1-1 --yes
		# shellcheck disable=SC2086
		pb recover --yes $back
		assert_exit 0
		if [ -n "$back" ]; then
			assert_undone
			continue
		fi
		[ "$(may "$R")" = '755 0' ]
		PUTBACK_FAILPOINT=unstripped pb undo --yes
		pb recover --yes
		assert_undone
	done
}

@test "the journal is lost: salvage gives it back, in an area that was copied as well" {
	need setcap getcap
	with_second_names
	pb apply plain-1-1 --yes
	assert_exit 0
	cp -a "$R" "$TMP/copy"
	rm "$R/.putback/journal.sqlite"*
	pb recover --salvage --yes
	assert_exit 0 7
	[ "$(may "$R")" = '4755 1' ]
	R=$TMP/copy
	rm "$R/.putback/journal.sqlite"*
	pb recover --salvage --yes
	assert_exit 0 7
	[ "$(may "$R")" = '4755 1' ] && [ "$R/tmp/mine" -ef "$R/usr/share/plain/changes" ]
}
