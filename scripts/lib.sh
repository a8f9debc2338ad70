# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the scripts beside it: messages, quiet runs, the out-of-tree build.
export LC_ALL=C.UTF-8
top=$(cd "$(dirname "$0")/.." && pwd)
me=${0##*/}
if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
else
	bold='' plain=''
fi

die()
{
	printf '%s: %s\n' "$me" "$*" >&2
	exit 1
}

# quietly LOG COMMAND...: output goes to LOG, and from there to the terminal if the command fails
quietly()
{
	quiet_log=$1
	shift
	if "$@" > "$quiet_log" 2>&1 < /dev/null; then return 0; else quiet_rc=$?; fi
	tail -n 60 "$quiet_log" >&2
	printf '%s: failed (%s): %s\n%s: all of it is in %s\n' "$me" "$quiet_rc" "$*" "$me" "$quiet_log" >&2
	return "$quiet_rc"
}

jobs()
{
	nproc 2>/dev/null || echo 2
}

# configure_in FOLDER OPTION...: configures out of tree; does nothing where that is done already
configure_in()
{
	into=$1
	shift
	mkdir -p "$into"
	if [ ! -x "$top/configure" ] || [ "$top/configure.ac" -nt "$top/configure" ]; then
		quietly "$into/autogen.log" "$top/autogen.sh"
	fi
	if [ ! -f "$into/Makefile" ] || [ "$(cat "$into/options" 2>/dev/null)" != "$*" ] ||
		[ "$top/configure" -nt "$into/config.status" ]; then
		(cd "$into" && quietly configure.log "$top/configure" -q "$@") || return
		echo "$*" > "$into/options"
	fi
}

# build_in FOLDER OPTION...: configures and builds
build_in()
{
	configure_in "$@" && quietly "$1/make.log" make -C "$1" -j "$(jobs)"
}
