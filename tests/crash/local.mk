# SPDX-License-Identifier: GPL-2.0-or-later
# Power cuts; see README.md. What the scripts need built is there where fuse3 is.
crash_tests = \
	tests/crash/cuts \
	tests/crash/mutants \
	tests/crash/selftest
TESTS += $(crash_tests)

EXTRA_DIST += $(crash_tests) \
	tests/crash/README.md \
	tests/crash/acts.py \
	tests/crash/blocklog.py \
	tests/crash/judge.py \
	tests/crash/kernel.py \
	tests/crash/long \
	tests/crash/machine.py \
	tests/crash/points.py \
	tests/crash/power.py \
	tests/crash/sweep \
	tests/crash/tap.py \
	tests/crash/toy \
	tests/crash/world

tests_crash_recorder_SOURCES = tests/crash/recorder.c
tests_crash_recorder_CFLAGS = $(PB_CFLAGS) $(FUSE_CFLAGS)
tests_crash_recorder_LDADD = $(FUSE_LIBS)
tests_crash_plainfs_SOURCES = tests/crash/plainfs.c
tests_crash_plainfs_CFLAGS = $(PB_CFLAGS) $(FUSE_CFLAGS)
tests_crash_plainfs_LDADD = $(FUSE_LIBS)
tests_crash_disturb_SOURCES = tests/crash/disturb.c
tests_crash_disturb_LDADD =

crash_sweeps += tests/crash/long
if FUSE
check_PROGRAMS += tests/crash/recorder tests/crash/disturb tests/crash/plainfs
crash_tools += tests/crash/recorder tests/crash/disturb
endif
