# SPDX-License-Identifier: GPL-2.0-or-later
# One line per fuzz target, sorted. `make check` builds tests/fuzz/replay, `make fuzz` a build of its own.
fuzz_targets =
fuzz_targets += tests/fuzz/fuzz_area.c
fuzz_targets += tests/fuzz/fuzz_bdb.c
fuzz_targets += tests/fuzz/fuzz_bootloader.c
fuzz_targets += tests/fuzz/fuzz_cache.c
fuzz_targets += tests/fuzz/fuzz_catalog.c
fuzz_targets += tests/fuzz/fuzz_detached.c
fuzz_targets += tests/fuzz/fuzz_dnf5state.c
fuzz_targets += tests/fuzz/fuzz_head.c
fuzz_targets += tests/fuzz/fuzz_header.c
fuzz_targets += tests/fuzz/fuzz_histlog.c
fuzz_targets += tests/fuzz/fuzz_history.c
fuzz_targets += tests/fuzz/fuzz_historydnf5.c
fuzz_targets += tests/fuzz/fuzz_historyyum.c
fuzz_targets += tests/fuzz/fuzz_ini.c
fuzz_targets += tests/fuzz/fuzz_iso.c
fuzz_targets += tests/fuzz/fuzz_journal.c
fuzz_targets += tests/fuzz/fuzz_keys.c
fuzz_targets += tests/fuzz/fuzz_kit.c
fuzz_targets += tests/fuzz/fuzz_koji.c
fuzz_targets += tests/fuzz/fuzz_label.c
fuzz_targets += tests/fuzz/fuzz_learned.c
fuzz_targets += tests/fuzz/fuzz_listing.c
fuzz_targets += tests/fuzz/fuzz_machine.c
fuzz_targets += tests/fuzz/fuzz_manifest.c
fuzz_targets += tests/fuzz/fuzz_metalink.c
fuzz_targets += tests/fuzz/fuzz_mountinfo.c
fuzz_targets += tests/fuzz/fuzz_mounts.c
fuzz_targets += tests/fuzz/fuzz_ndb.c
fuzz_targets += tests/fuzz/fuzz_package.c
fuzz_targets += tests/fuzz/fuzz_pgp.c
fuzz_targets += tests/fuzz/fuzz_pkglist.c
fuzz_targets += tests/fuzz/fuzz_plan.c
fuzz_targets += tests/fuzz/fuzz_primary.c
fuzz_targets += tests/fuzz/fuzz_recover.c
fuzz_targets += tests/fuzz/fuzz_repomd.c
fuzz_targets += tests/fuzz/fuzz_repos.c
fuzz_targets += tests/fuzz/fuzz_repovars.c
fuzz_targets += tests/fuzz/fuzz_resolve.c
fuzz_targets += tests/fuzz/fuzz_rpmdb.c
fuzz_targets += tests/fuzz/fuzz_text.c
fuzz_targets += tests/fuzz/fuzz_want.c

fuzz_frame = tests/fuzz/fuzz.c tests/fuzz/fuzz.h tests/fuzz/sqlite.c tests/fuzz/sqlmem.c \
	tests/fuzz/dnf5.h tests/fuzz/rollback.h $(command_line)
# what fuzz.c has in the place of the library's
fuzz_wraps = -Wl,--wrap=memory_available

check_PROGRAMS += tests/fuzz/replay
TESTS += tests/fuzz/replay
tests_fuzz_replay_SOURCES = tests/fuzz/replay.c $(fuzz_targets) $(fuzz_frame)
tests_fuzz_replay_LDADD = $(putback_libs)
tests_fuzz_replay_LDFLAGS = $(AM_LDFLAGS) $(fuzz_wraps)

# Not for this build: tests/fuzz/run configures one with clang.
EXTRA_PROGRAMS = tests/fuzz/fuzzer
tests_fuzz_fuzzer_SOURCES = tests/fuzz/libfuzzer.c $(fuzz_targets) $(fuzz_frame)
tests_fuzz_fuzzer_LDADD = $(putback_libs)
tests_fuzz_fuzzer_LDFLAGS = $(AM_LDFLAGS) $(fuzz_wraps) -fsanitize=fuzzer

EXTRA_DIST += tests/fuzz/corpus tests/fuzz/dict tests/fuzz/run tests/fuzz/seeds

# Each target for FUZZ_SECONDS, or those of FUZZ_TARGETS.
fuzz:
	FUZZ_SECONDS='$(FUZZ_SECONDS)' FUZZ_TARGETS='$(FUZZ_TARGETS)' \
		$(SHELL) $(srcdir)/tests/fuzz/run

CLEANFILES += tests/fuzz/fuzzer

.PHONY: fuzz
