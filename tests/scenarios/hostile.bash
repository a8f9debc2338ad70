# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the attacks share (hostile*.bats). `hostile_lab` is `lab plain`, copied; then
#
#	attack COMMAND...	one command of putback's, audited (tests/hostile/audit): nothing outside of the root
#				and of putback's own places is changed, what must not be read is not, nothing is
#				executed. It ends in time, by itself, and prints no control character.
#	names TEXT...		what it said names each of these
#
# $VICTIM stands for the host: nobody may change it, nor read what is in $VICTIM/secret. LIMIT: seconds
# that a command may take, generous for slow machines.
AUDIT=${PUTBACK_BUILDDIR:-.}/tests/hostile/audit
VICTIM=$TMP/victim
LIMIT=${LIMIT:-60}
# What a terminal obeys rather than shows, as bytes: controls, those of ISO 6429 with the eighth bit (U+0080 to U+009F),
# marks of direction and separators of lines (U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069).
OBEYED='[\x01-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]'

hostile_setup() {
	[ -x "$AUDIT" ] || skip 'the auditor is not built'
	"$AUDIT" -o "$TMP/audit" true || skip 'no ptrace or no seccomp here'
	mkdir -p "$VICTIM/folder"
	echo 'precious' > "$VICTIM/changes"
	echo 'precious' > "$VICTIM/folder/changes"
	echo 'the secret of the host' > "$VICTIM/secret"
	chmod 600 "$VICTIM/secret"
	victim_settle
}

# What is the victim's now shall be so at the end.
victim_settle() {
	"$ORACLES/tree" age "$VICTIM"
	"$ORACLES/tree" snapshot "$VICTIM" "$TMP/victim.before"
}

hostile_teardown() {
	[ ! -e "$TMP/victim.before" ] || same tree "$TMP/victim.before" "$VICTIM" --untouched
}

hostile_lab() {
	with_lock cache_hostile_lab
	rm -rf "$R" "$ORACLE" "$V1" "$V2"
	cp -a "$CACHE/hostile/root" "$R"
	cp -a "$CACHE/hostile/oracle" "$ORACLE"
	cp -a "$CACHE/hostile/v1" "$V1"
	cp -a "$CACHE/hostile/v2" "$V2"
}

cache_hostile_lab() {
	local to=$CACHE/hostile
	[ ! "$to/.done" -nt "$FIXTURES/specs/plain.spec" ] || [ ! "$to/.done" -nt "$HERE/lib.bash" ] || return 0
	rm -rf "$to"
	mkdir -p "$to"
	lab plain
	cp -a "$R" "$to/root"
	cp -a "$ORACLE" "$to/oracle"
	cp -a "$V1" "$to/v1"
	cp -a "$V2" "$to/v2"
	touch "$to/.done"
}

attack() { # ARG...: with the root, its packages and their key
	attack_bare --root "$R" --from "$V1" --key "$KEY" "$@"
}

attack_bare() { # ARG...
	mkdir -p "$TMP/xdg"
	rm -f "$TMP/audit"
	ASAN_OPTIONS=detect_leaks=0 run --separate-stderr timeout "$LIMIT" "$AUDIT" -o "$TMP/audit" -w "$R" -w "$TMP/xdg" -r "$VICTIM/secret" \
		"$PUTBACK" "$@" < /dev/null
	attack_judge "$@"
}

attack_judge() { # ARG...: for messages
	local found=0
	case $status in
	124 | 137) tell "it hangs: $*" || return ;;
	12[5-9] | 1[3-9]?) tell "it crashes: $*" || return ;;
	esac
	grep -q -E '^total [1-9]' "$TMP/audit" || tell "no audit: $*" || return
	! grep -v '^total' "$TMP/audit" > "$TMP/violations" || tell "$*:" "$(sort "$TMP/violations" | uniq -c)" || return
	LC_ALL=C grep -q -P "$OBEYED" <<< "$output$stderr" || found=$?
	[ "$found" = 1 ] || tell "control characters: $*" || return
	! grep -q 'the secret of the host' <<< "$output$stderr" || tell "it gives the secret away: $*"
}

# Plan and apply; where it was done, undo.
attack_all() { # [ARG...]
	attack survey "$@" && attack history "$@" && attack plan plain-1-1 "$@" && attack apply plain-1-1 --yes "$@" || return
	[ "$status" = 0 ] || [ "$status" = 7 ] || return 0
	attack undo --yes
}

names() { assert_says "$@"; }

# A loop in another process, until the test ends.
disturb() { # COMMANDS
	bash -c "while :; do $1; done" > "$TMP/disturb.out" 2>&1 3>&- &
	DISTURBER=$!
}
leave_alone() {
	[ -z "${DISTURBER-}" ] || kill "$DISTURBER" 2> /dev/null || :
	wait "${DISTURBER-}" 2> /dev/null || :
	DISTURBER=
}
