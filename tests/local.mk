# SPDX-License-Identifier: GPL-2.0-or-later
# Every test speaks TAP, so that `make check` counts single cases. tests/listed fails when a test
# file is missing below. Unit programs, scenarios and scripts each run beside one another with make -j.
LDADD = $(putback_libs) $(CMOCKA_LIBS)

# --- unit programs: tests/unit/test_MODULE.c, built by `make check` only -----------------------------
unit_tests =
unit_tests += tests/unit/test_array
unit_tests += tests/unit/test_buf
unit_tests += tests/unit/test_cache
unit_tests += tests/unit/test_catalog
unit_tests += tests/unit/test_child
unit_tests += tests/unit/test_closure
unit_tests += tests/unit/test_commit
unit_tests += tests/unit/test_confine
unit_tests += tests/unit/test_core_mounts
unit_tests += tests/unit/test_db
unit_tests += tests/unit/test_db_bdb
unit_tests += tests/unit/test_db_check
unit_tests += tests/unit/test_db_rewrite
unit_tests += tests/unit/test_dbguard
unit_tests += tests/unit/test_dbswap
unit_tests += tests/unit/test_derived
unit_tests += tests/unit/test_detached
unit_tests += tests/unit/test_digest
unit_tests += tests/unit/test_error
unit_tests += tests/unit/test_facts
unit_tests += tests/unit/test_fate
unit_tests += tests/unit/test_fetch
unit_tests += tests/unit/test_file
unit_tests += tests/unit/test_fstype
unit_tests += tests/unit/test_hdr
unit_tests += tests/unit/test_head
unit_tests += tests/unit/test_histories
unit_tests += tests/unit/test_history
unit_tests += tests/unit/test_journal
unit_tests += tests/unit/test_json
unit_tests += tests/unit/test_judge
unit_tests += tests/unit/test_kit
unit_tests += tests/unit/test_koji
unit_tests += tests/unit/test_layout
unit_tests += tests/unit/test_learned
unit_tests += tests/unit/test_listing
unit_tests += tests/unit/test_machine
unit_tests += tests/unit/test_memory
unit_tests += tests/unit/test_mounts
unit_tests += tests/unit/test_options
unit_tests += tests/unit/test_payload
unit_tests += tests/unit/test_pgp
unit_tests += tests/unit/test_pkg
unit_tests += tests/unit/test_plan
unit_tests += tests/unit/test_plan_digest
unit_tests += tests/unit/test_plan_random
unit_tests += tests/unit/test_plan_size
unit_tests += tests/unit/test_primary
unit_tests += tests/unit/test_problems
unit_tests += tests/unit/test_record
unit_tests += tests/unit/test_recover
unit_tests += tests/unit/test_relabel
unit_tests += tests/unit/test_repomd
unit_tests += tests/unit/test_repovars
unit_tests += tests/unit/test_root
unit_tests += tests/unit/test_runner
unit_tests += tests/unit/test_select
unit_tests += tests/unit/test_source
unit_tests += tests/unit/test_space
unit_tests += tests/unit/test_stage
unit_tests += tests/unit/test_store
unit_tests += tests/unit/test_text
unit_tests += tests/unit/test_trust
unit_tests += tests/unit/test_undo
unit_tests += tests/unit/test_users
unit_tests += tests/unit/test_want
unit_tests += tests/unit/test_when
unit_tests += tests/unit/test_xml

# a root and plans made by hand, and calls that fail at will
txnlab = tests/unit/txnlab.c tests/unit/txnlab.h tests/unit/calls.c tests/unit/calls.h
tests_unit_test_commit_SOURCES = tests/unit/test_commit.c $(txnlab)
tests_unit_test_dbswap_SOURCES = tests/unit/test_dbswap.c $(txnlab)
tests_unit_test_journal_SOURCES = tests/unit/test_journal.c $(txnlab)
tests_unit_test_recover_SOURCES = tests/unit/test_recover.c $(txnlab)
tests_unit_test_stage_SOURCES = tests/unit/test_stage.c $(txnlab)
tests_unit_test_undo_SOURCES = tests/unit/test_undo.c $(txnlab)
# what is no part of the library is compiled in
tests_unit_test_when_SOURCES = tests/unit/test_when.c src/cmd/when.c
# (the command line is tried by test_options and by tests/fuzz)
command_line = src/cmd/args.c src/cmd/option.c src/cmd/options.c src/cmd/selected.c src/cmd/when.c \
	src/cmd/word.c
tests_unit_test_options_SOURCES = tests/unit/test_options.c $(command_line)
planlab = tests/unit/planlab.h tests/unit/planlab.c tests/unit/planlab_parse.c tests/unit/planlab_run.c \
	tests/unit/planlab_show.c
tests_unit_test_plan_SOURCES = tests/unit/test_plan.c $(planlab)
tests_unit_test_plan_size_SOURCES = tests/unit/test_plan_size.c $(planlab)
tests_unit_test_plan_random_SOURCES = tests/unit/test_plan_random.c $(planlab)
tests_unit_test_plan_digest_SOURCES = tests/unit/test_plan_digest.c $(planlab)
tests_unit_test_relabel_SOURCES = tests/unit/test_relabel.c $(planlab)
tests_unit_test_layout_SOURCES = tests/unit/test_layout.c $(planlab)

if UNIT_TESTS
check_PROGRAMS += $(unit_tests)
endif

# --- faults: every marked place, every system call; see tests/fault/lab.py -----------------------------------
fault_tests = tests/fault/calls.bats tests/fault/points.bats tests/fault/kinds.bats
crash_tools += tests/fault/inject
crash_sweeps += tests/fault/sweep
check_PROGRAMS += tests/fault/inject
tests_fault_inject_SOURCES = tests/fault/inject.c
tests_fault_inject_LDADD =

# --- the auditor of the attacks, hostile*.bats -------------------------------------------------------------------
check_PROGRAMS += tests/hostile/audit
qemu_tools += tests/hostile/audit
tests_hostile_audit_SOURCES = tests/hostile/audit.c
tests_hostile_audit_LDADD =

# --- scenarios: the whole program on generated roots. scripts/check tries each once: these under sanitizers and with failpoints,
# the longest first (`make check once=` leaves them out) ----------------------------------------------------------------
once_tests = $(fault_tests)
once_tests += tests/scenarios/conflicts.bats
once_tests += tests/scenarios/crash.bats
once_tests += tests/scenarios/hostile_files.bats
once_tests += tests/scenarios/hostile_headers.bats
once_tests += tests/scenarios/interrupted.bats
once_tests += tests/scenarios/repository.bats
once_tests += tests/scenarios/acl.bats
once_tests += tests/scenarios/afterwards.bats
once_tests += tests/scenarios/apply.bats
once_tests += tests/scenarios/back.bats
once_tests += tests/scenarios/badinput.bats
once_tests += tests/scenarios/beside.bats
once_tests += tests/scenarios/boot.bats
once_tests += tests/scenarios/config.bats
once_tests += tests/scenarios/deps.bats
once_tests += tests/scenarios/directories.bats
once_tests += tests/scenarios/dnf5.bats
once_tests += tests/scenarios/donor.bats
once_tests += tests/scenarios/downloads.bats
once_tests += tests/scenarios/elsewhere.bats
once_tests += tests/scenarios/files.bats
once_tests += tests/scenarios/filesigs.bats
once_tests += tests/scenarios/finishing.bats
once_tests += tests/scenarios/formats.bats
once_tests += tests/scenarios/full.bats
once_tests += tests/scenarios/groups.bats
once_tests += tests/scenarios/history.bats
once_tests += tests/scenarios/hostile.bats
once_tests += tests/scenarios/hostile_area.bats
once_tests += tests/scenarios/hostile_races.bats
once_tests += tests/scenarios/interrupt.bats
once_tests += tests/scenarios/iso.bats
once_tests += tests/scenarios/journal.bats
once_tests += tests/scenarios/json.bats
once_tests += tests/scenarios/kinds.bats
once_tests += tests/scenarios/kit.bats
once_tests += tests/scenarios/labels.bats
once_tests += tests/scenarios/listed.bats
once_tests += tests/scenarios/locks.bats
once_tests += tests/scenarios/logins.bats
once_tests += tests/scenarios/meanwhile.bats
once_tests += tests/scenarios/missing.bats
once_tests += tests/scenarios/modules.bats
once_tests += tests/scenarios/mounts.bats
once_tests += tests/scenarios/names.bats
once_tests += tests/scenarios/ndb.bats
once_tests += tests/scenarios/only_path.bats
once_tests += tests/scenarios/pins.bats
once_tests += tests/scenarios/plan.bats
once_tests += tests/scenarios/repos.bats
once_tests += tests/scenarios/robust.bats
once_tests += tests/scenarios/rpm6.bats
once_tests += tests/scenarios/rpmdb.bats
once_tests += tests/scenarios/salvage.bats
once_tests += tests/scenarios/scriptlets.bats
once_tests += tests/scenarios/select.bats
once_tests += tests/scenarios/space.bats
once_tests += tests/scenarios/states.bats
once_tests += tests/scenarios/survey.bats
once_tests += tests/scenarios/transactions.bats
once_tests += tests/scenarios/trust.bats
once_tests += tests/scenarios/undo.bats
once_tests += tests/scenarios/usage.bats
once_tests += tests/scenarios/usrmerge.bats
once_tests += tests/scenarios/verity.bats
once_tests += tests/scenarios/vfat.bats
once_tests += tests/scenarios/wants.bats
once_tests += tests/scenarios/why.bats
once_tests += tests/scenarios/zypper.bats
once = $(once_tests)

# --- and these without, for it is rpm, dnf and other tools that work hard (`make check same=` leaves them out) --------------
same_tests = \
	tests/demo \
	tests/differential/pairs \
	tests/examples \
	tests/layers \
	tests/listed \
	tests/manlint \
	tests/oracle-history/chains \
	tests/rules \
	tests/scenarios/byroot.bats \
	tests/scenarios/filesystems.bats \
	tests/scenarios/memory.bats \
	tests/scenarios/oracle.bats \
	tests/scenarios/schema.bats
same = $(same_tests)

TESTS += $(once) $(same)
if UNIT_TESTS
TESTS += $(unit_tests)
endif
TEST_EXTENSIONS = .bats
LOG_COMPILER = $(SHELL) $(srcdir)/tests/run
BATS_LOG_COMPILER = $(SHELL) $(srcdir)/tests/run-bats
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
BATS_LOG_DRIVER = $(LOG_DRIVER)

# What a test finds in its environment: where sources and build are, and the program under test.
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	PUTBACK_SRCDIR='$(abs_top_srcdir)'; export PUTBACK_SRCDIR; \
	PUTBACK_BUILDDIR='$(abs_top_builddir)'; export PUTBACK_BUILDDIR; \
	PUTBACK='$(abs_top_builddir)/putback$(EXEEXT)'; export PUTBACK; \
	NM='$(NM)'; export NM; MANDOC='$(MANDOC)'; export MANDOC;
if FAILPOINTS
AM_TESTS_ENVIRONMENT += PUTBACK_FAILPOINTS=1; export PUTBACK_FAILPOINTS;
endif

EXTRA_DIST += \
	$(once_tests) $(same_tests) \
	tests/analyze \
	tests/analyze.known \
	tests/valgrind \
	tests/valgrind.supp \
	tests/bench \
	tests/differential/long \
	tests/differential/model.py \
	tests/differential/pairs.py \
	tests/fault/acts.py \
	tests/fault/calls \
	tests/fault/lab.py \
	tests/fault/points \
	tests/fault/rare.py \
	tests/fault/sweep \
	tests/fault/sweep.py \
	tests/fixtures \
	tests/lib.sh \
	tests/oracle \
	tests/qemu/run \
	tests/rpm-rules.md \
	tests/run \
	tests/run-bats \
	tests/hostile/forge \
	tests/hostile/long \
	tests/scenarios/hostile.bash \
	tests/scenarios/lib.bash \
	tests/scenarios/net.bash \
	tests/scenarios/ownrpm.bash \
	tests/servers \
	tests/schema/check.py \
	tests/unit/changelab.h \
	tests/unit/rpmlab.h \
	tests/unit/samples.h \
	tests/unit/scene.h \
	tests/world
