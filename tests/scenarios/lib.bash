# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the scenarios share. A scenario reads like this:
#
#	setup() { load lib; lab plain; }
#
#	@test "the file of before is back" {
#		pb apply --yes plain-1-1
#		assert_exit 0
#		assert_put_back
#	}
#
# `lab NAME...` builds tests/fixtures/specs/NAME.spec in versions 1 and 2, signs them, and leaves
#	$R		a root that had version 1 and was updated to version 2 by the real rpm
#	$ORACLE		its twin that never saw the update
#	$V1 $V2		folders with the packages		$KEY	whose key signed them
# To edit files between the two, call lab_install, edit, and call lab_update. With `dnf` as the first
# NAME the real dnf does it, and $R has a history.
#
# Packages and dnf's roots are kept in $PUTBACK_BUILDDIR/tests/cache from one run to the next.
bats_require_minimum_version 1.5.0

# shellcheck disable=SC2034 # the scenarios use what is set here
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
FIXTURES=$HERE/../fixtures
ORACLES=$HERE/../oracle
TMP=$BATS_TEST_TMPDIR
CACHE=${PUTBACK_BUILDDIR:-${BATS_RUN_TMPDIR:?}}/tests/cache
KEY=$CACHE/good.asc
STRANGER=$CACHE/stranger.asc
R=$TMP/root ORACLE=$TMP/oracle V1=$TMP/v1 V2=$TMP/v2
PUTBACK=${PUTBACK:-putback}
export LC_ALL=C.UTF-8 HOME=$CACHE/home XDG_CACHE_HOME=$TMP/xdg TZ=UTC
RPM_OPTIONS=()
unset PUTBACK_ROOT
umask 022
mkdir -p "$HOME"

need() { # TOOL...: skip the test where a tool is missing
	local tool
	for tool; do command -v "$tool" > /dev/null || skip "$tool is missing"; done
}

# Where rpm is the judge, and others of it do otherwise.
need_rpm() { # FROM [BELOW]
	local here
	here=$(rpm --version | sed 's/.* //')
	is_sorted "$1" "$here" && { [ $# = 1 ] || ! is_sorted "$2" "$here"; } || skip "rpm $here does that otherwise"
}

is_sorted() { printf '%s\n' "$@" | sort -CV; }

[ "$(id -u)" = 0 ] || skip 'not root'
need rpm rpmbuild rpmsign gpg sqlite3 jq

# --- packages ---------------------------------------------------------------------------------------

with_lock() { # FUNCTION ARG...: one at a time, over all tests of this build
	(
		[ -n "${LOCKED-}" ] || flock 9
		LOCKED=1
		"$@"
	) 9> "$CACHE/lock"
}

# A copy of the key ring, whose agent is of nobody else and ends with it: tests run beside one another, and gpg's
# socket does not like long paths. What is changed in it is kept where the caller names a RING of its own.
gnupg() { # COMMAND ARG...
	local ring=${RING-$CACHE/gnupg} own rc=0
	own=$(mktemp -d /tmp/pb.XXXXXX)
	[ ! -d "$ring" ] || cp -r "$ring/." "$own"
	GNUPGHOME=$own "$@" || rc=$?
	GNUPGHOME=$own gpgconf --kill all 2> /dev/null || :
	find "$own" -type s -delete
	[ -z "${RING-}" ] || { mkdir -p "$RING" && cp -r "$own/." "$RING"; } || rc=1
	rm -rf "$own"
	return $rc
}

# --target makes rpmbuild forget what --load told it, so the macros stand where rpm looks by itself.
make_home() {
	[ "$HOME/.rpmmacros" -nt "$FIXTURES/macros" ] && return
	cat "$FIXTURES/macros" - > "$HOME/.rpmmacros" <<-MACROS
		%_topdir $CACHE/top
		%_dbpath /var/lib/rpm
		%__gpg $(command -v gpg)
		%_gpg_name good@localhost
		%_gpg_sign_cmd_extra_args --pinentry-mode loopback --batch --no-tty
	MACROS
}

make_keys() {
	local who RING=$CACHE/gnupg
	[ -s "$CACHE/stranger.asc" ] && return
	for who in good stranger; do
		gnupg gpg --batch --quiet --pinentry-mode loopback --passphrase '' \
			--quick-generate-key "$who@localhost" rsa2048 sign never 2> /dev/null
		gnupg gpg --batch --armor --export "$who@localhost" > "$CACHE/$who.asc"
	done
}

sign() { # FILE... [rpmsign's options]
	local said
	said=$(gnupg rpmsign --addsign "$@" 2>&1) || { printf '%s\n' "$said" >&2; return 1; }
}

# shellcheck disable=SC2086 # the targets are words
build_package() { # NAME VERSION
	local spec=$FIXTURES/specs/$1.spec out=$CACHE/v$2/$1 target from to
	[ "$out/.done" -nt "$spec" ] && [ "$out/.done" -nt "$FIXTURES/macros" ] && return
	make_home
	make_keys
	rm -rf "$out"
	mkdir -p "$out"
	for target in $(sed -n 's/^# targets: //p' "$spec" | grep . || uname -m); do
		SOURCE_DATE_EPOCH=$((1700000000 + 86400 * $2)) rpmbuild -bb --quiet --nodeps \
			--target "$target" -D "ver $2" -D "_rpmdir $out" "$spec" \
			> "$out/log" 2>&1 || { cat "$out/log" >&2; return 1; }
	done
	sed -n 's/^# rewrite: //p' "$spec" | while read -r from to; do # of the same length
		"$FIXTURES/rewrite" "$from" "$to" "$out"/*.rpm || return
	done
	sign "$out"/*.rpm || return
	touch "$out/.done"
}

package() { # NAME VERSION: print the files
	with_lock build_package "$1" "$2" && ls "$CACHE/v$2/$1"/*.rpm
}

supply() { # VERSION NAME...: put the packages into $V1 or $V2, and their paths there into FILES
	local v=$1 name files file
	shift
	FILES=()
	mkdir -p "$TMP/v$v"
	for name; do
		files=$(package "$name" "$v") || return
		# shellcheck disable=SC2086
		cp -p $files "$TMP/v$v/"
		for file in $files; do FILES+=("$TMP/v$v/${file##*/}"); done
	done
}

# --- roots ------------------------------------------------------------------------------------------

# The options that make rpm act on a root as it does on a machine of its own; its chatter is dropped.
rpmr() { # ROOT ARG...
	local root=$1 rc=0
	shift
	rpm --root "$root" --dbpath "${DBPATH:-/var/lib/rpm}" "$@" 2> "$TMP/rpm.err" || rc=$?
	grep -v -e 'RPM should not' -e 'However assuming' "$TMP/rpm.err" >&2 || :
	return $rc
}

new_root() { # ROOT: with the package `base` and our key
	local root=$1
	mkdir -p "$root"
	rpmr "$root" --initdb
	[ -s "$KEY" ] || package base 1 > /dev/null
	rpmr "$root" --import "$KEY"
	rpmr "$root" -i "$(package base 1)"
}

lab_install() { # [dnf] NAME...: a root with version 1, installed with RPM_OPTIONS
	LAB=("$@") TOOL=rpm
	if [ "$1" = dnf ]; then TOOL=dnf; LAB=("${@:2}"); fi
	mkdir -p "$V2"
	supply 1 "${LAB[@]}" || return
	if [ "$TOOL" = dnf ]; then
		need dnf createrepo_c
		dnf_root
	else
		[ -d "$R" ] || new_root "$R"
		[ ${#FILES[@]} = 0 ] || rpmr "$R" -i "${RPM_OPTIONS[@]}" "${FILES[@]}"
	fi
}

lab_update() { # [NAME...]: keep the root as $ORACLE, and update it to version 2
	[ $# -gt 0 ] || set -- "${LAB[@]}"
	supply 2 "$@" || return
	rm -rf "$ORACLE"
	cp -a "$R" "$ORACLE"
	if [ "$TOOL" = dnf ]; then
		createrepo_c -q "$V2"
		sleep 1.1 # entries of a history do not share their second
		dnfr "$R" "$V2" upgrade
	else
		rpmr "$R" -U "${RPM_OPTIONS[@]}" "${FILES[@]}"
	fi
	settle
}

lab() { # [dnf] NAME...: both
	local cached
	if [ "$1" != dnf ]; then
		lab_install "$@" && lab_update
		return
	fi
	shift
	supply 1 "$@" && supply 2 "$@" || return
	cached=$CACHE/dnf/$(cat "$V1"/*.rpm "$V2"/*.rpm "$HERE/lib.bash" | sha256sum | cut -c1-16)
	with_lock cache_dnf_lab "$cached" "$@"
	rm -rf "$R" "$ORACLE"
	cp -a "$cached/root" "$R"
	cp -a "$cached/oracle" "$ORACLE"
	settle
}

cache_dnf_lab() { # FOLDER NAME...
	local to=$1
	[ -e "$to/.done" ] && return
	shift
	rm -rf "$to"
	mkdir -p "$to"
	lab_install dnf "$@" && lab_update && mv "$R" "$to/root" && mv "$ORACLE" "$to/oracle" && touch "$to/.done"
}

dnf_root() { # every root by dnf starts as a copy of one
	local start=$CACHE/dnf/start
	with_lock cache_dnf_start "$start"
	rm -rf "$R"
	cp -a "$start" "$R"
	createrepo_c -q "$V1"
	[ ${#FILES[@]} = 0 ] ||
		rpm -qp --nosignature --qf '%{NAME}-%{VERSION}\n' "${FILES[@]}" | sort -u | xargs_dnf "$R" "$V1" install
}

cache_dnf_start() { # ROOT
	[ -e "$1.done" ] && [ "$1.done" -nt "$FIXTURES/specs/base.spec" ] && return
	build_package base 1
	rm -rf "$1"
	mkdir -p "$1"
	rpmr "$1" --initdb
	rpmr "$1" --import "$KEY"
	mkdir -p "$TMP/base"
	cp "$CACHE"/v1/base/*.rpm "$TMP/base/"
	createrepo_c -q "$TMP/base"
	dnfr "$1" "$TMP/base" install base
	sleep 1.1 # what follows must not share its second: rpm groups by seconds
	touch "$1.done"
}

xargs_dnf() { # ROOT REPO ARG...: dnfr with the lines of stdin as further arguments
	local names
	mapfile -t names
	dnfr "$@" "${names[@]}"
}

dnfr() { # ROOT REPO ARG...: the real dnf, with that one repository
	local root=$1 repo=$2 dnf
	shift 2
	dnf=$(command -v dnf-3 || command -v dnf4 || command -v dnf)
	printf '%s\n' '[main]' gpgcheck=0 assumeyes=1 plugins=0 metadata_expire=0 install_weak_deps=0 \
		"reposdir=$TMP/none" [lab] name=lab "baseurl=file://$repo" > "$TMP/dnf.conf"
	"$dnf" -q -y --refresh -c "$TMP/dnf.conf" --installroot "$root" --releasever 1 "$@" > "$TMP/dnf.log" 2>&1 ||
		{ cat "$TMP/dnf.log"; return 1; }
}

# The state that the next command is judged against. Access times are set back, so that a read shows.
settle() {
	"$ORACLES/tree" age "$R"
	note
}

# The same without touching anything, for what is judged by change times: an undo.
note() { "$ORACLES/tree" snapshot "$R" "$TMP/before"; }

# What rpm itself makes of going back, on a copy of $R: the judge where rpm has a rule of its own.
rpm_goes_back() { # [FILE...]
	[ $# -gt 0 ] || set -- "$V1"/*.rpm
	cp -a "$R" "$TMP/by-rpm"
	rpmr "$TMP/by-rpm" -U --oldpackage --noscripts --nodeps "$@"
}

# A script on stdin runs in a mount namespace of its own, with its arguments and `pb` at hand.
in_mounts() { # ARG...
	unshare -m true 2> "$TMP/err" || skip 'no mount namespaces here'
	unshare -m --propagation private bash -euo pipefail -s -- "$@"
}

# --- the program ------------------------------------------------------------------------------------

pb() { # ARG...: putback on $R, with the good packages and their key; sets $status $output $stderr
	run --separate-stderr timeout "${PB_TIMEOUT:-60}" "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" "$@" < /dev/null
}

pb_bare() { # ARG...: nothing but the arguments
	run --separate-stderr timeout "${PB_TIMEOUT:-60}" "$PUTBACK" "$@" < /dev/null
}

# --- what is asserted -------------------------------------------------------------------------------

tell() {
	printf '%s\n' "$@" "--- exit ${status-} stdout:" "${output-}" '--- stderr:' "${stderr-}"
	return 1
}

assert_exit() { # N...: one of these
	[[ " $* " == *" $status "* ]] || tell "exit code $status, wanted $*"
}

assert_says() { # TEXT...: each is somewhere in what was printed
	local text
	for text; do
		case "$output
$stderr" in *"$text"*) ;; *) tell "says nothing of '$text'" || return ;; esac
	done
}

refute_says() { # TEXT
	case "$output
$stderr" in *"$1"*) tell "says '$1'" ;; esac
}

assert_stderr() { # TEXT...: each is in a diagnostic, and every diagnostic is marked as ours
	local text
	for text; do
		case $stderr in *"$text"*) ;; *) tell "stderr has no '$text'" || return ;; esac
	done
	! grep -v -q '^putback: ' <<< "$stderr" || tell 'a line of stderr does not begin with "putback: "'
}

assert_jq() { # FILTER...: each holds for the JSON in $output
	local filter
	for filter; do
		jq -e "$filter" <<< "$output" > /dev/null || tell "not so: $filter" || return
	done
}

# Compare two roots or snapshots and show what differs: same tree|rpmdb A B [OPTION]...
same() {
	"$ORACLES/$1" compare "${@:2}" > "$TMP/differences" || tell "$2 -> $3:" "$(head -n 25 "$TMP/differences")"
}

# Volatile things are compared otherwise (the rpmdb by what it says) or are nobody's business.
OURS=(--ignore '/.putback' --ignore '/.putback/*')
VOLATILE=("${OURS[@]}" --ignore '/var/lib/rpm/*' --ignore '/var/lib/dnf*' --ignore '/var/cache/*'
	--ignore '/var/log/*' --ignore '*.rpmmoved*')

assert_same_tree() { # [tree's options]: $R equals the root that never saw the update
	same tree "$ORACLE" "$R" --no-dir-mtime "${VOLATILE[@]}" "$@"
}

assert_same_db() {
	same rpmdb "$ORACLE" "$R"
}

# What was a directory before and is one now has the modification time that it had.
assert_dir_times_kept() {
	same tree "$TMP/before" "$R" --what dir-mtime "${OURS[@]}"
}

assert_same_as_rpm() { # [tree's options]: $R equals what rpm_goes_back made
	same tree "$TMP/by-rpm" "$R" --no-dir-mtime "${VOLATILE[@]}" "$@"
	same rpmdb "$TMP/by-rpm" "$R"
}

assert_put_back() { # [tree's options]
	assert_same_tree "$@" && assert_same_db && assert_dir_times_kept
}

assert_undone() { # inode for inode what it was before, rpmdb and directories' times included
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
}

assert_root_untouched() { # not one byte, inode or timestamp, and nothing of ours left
	same tree "$TMP/before" "$R" --untouched
}

# An apply that failed while staging: nothing changed but the root directory's change time.
assert_root_as_it_was() {
	same tree "$TMP/before" "$R" --inodes "${OURS[@]}"
	[ ! -e "$R/.putback" ] || [ -z "$(find "$R/.putback" -type f -size +256k)" ] || tell 'staged files are left'
}

content() { cat "$R/$1"; }

# --- databases and processes ------------------------------------------------------------------------

# As after a crash: the change that SQL makes stands in the -wal, and the file itself knows nothing of it.
change_in_wal() { # DATABASE SQL
	sqlite3 "$1" 'pragma journal_mode=wal' 'pragma wal_autocheckpoint=0' "$2" \
		"select writefile('$TMP/db', readfile('$1')), writefile('$TMP/wal', readfile('$1-wal'))" > "$TMP/sqlite.out"
	cat "$TMP/db" > "$1"
	cat "$TMP/wal" > "$1-wal"
	rm -f "$1-shm"
}

# Hold a lock until the test ends: fcntl as rpm does, or flock on a directory as putback does.
hold() { # fcntl|flock PATH
	rm -f "$TMP/held"
	/usr/bin/python3 -c '
import fcntl, os, sys, time
kind, path, told = sys.argv[1:]
fd = os.open(path, os.O_RDONLY if os.path.isdir(path) else os.O_RDWR)
(fcntl.lockf if kind == "fcntl" else fcntl.flock)(fd, fcntl.LOCK_EX)
open(told, "w").close()
time.sleep(60)' "$1" "$2" "$TMP/held" 3>&- 4>&- &
	HOLDER=$!
	until [ -e "$TMP/held" ]; do sleep 0.01; done
}

release() {
	kill "$HOLDER"
	wait "$HOLDER" 2> "$TMP/err" || :
}
