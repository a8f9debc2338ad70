# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the test scripts that are no bats files. They speak TAP: `ok WHAT`, `not_ok WHAT DETAILS`,
# `done_testing` at the end.
: "${PUTBACK_SRCDIR:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${PUTBACK_BUILDDIR:=.}"
tap_count=0

ok()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

not_ok()
{
	tap_count=$((tap_count + 1))
	echo "not ok $tap_count - $1"
	[ -z "${2-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
}

# ok when DETAILS are empty: verdict WHAT DETAILS
verdict()
{
	if [ -z "$2" ]; then ok "$1"; else not_ok "$1" "$2"; fi
}

# A tool is missing: a reason to skip, except where everything must be tried (scripts/check).
skip_all()
{
	if [ "${PUTBACK_CHECK_ALL-0}" = 1 ]; then
		echo "Bail out! $1"
		exit 1
	fi
	echo "1..0 # SKIP $1"
	exit 0
}

# limited COMMAND...: runs it, with all it starts, for $PUTBACK_TEST_LIMIT seconds at most
limited()
{
	timeout -k 10 "${PUTBACK_TEST_LIMIT-1800}" "$@" < /dev/null
}

done_testing()
{
	echo "1..$tap_count"
	exit 0
}
