# SPDX-License-Identifier: GPL-2.0-or-later
# history: what was done to this root before, one file per format. Uses rpm, core, base.
libputback_a_SOURCES += src/history/book.c include/history/book.h
libputback_a_SOURCES += src/history/comps.c include/history/comps.h
libputback_a_SOURCES += src/history/dnf4.c
libputback_a_SOURCES += src/history/dnf4log.c
libputback_a_SOURCES += src/history/dnf5.c
libputback_a_SOURCES += src/history/dnf5log.c
libputback_a_SOURCES += src/history/histdb.c include/history/histdb.h
libputback_a_SOURCES += src/history/history.c include/history/history.h
libputback_a_SOURCES += src/history/logfile.c include/history/logfile.h
libputback_a_SOURCES += src/history/merge.c include/history/merge.h
libputback_a_SOURCES += src/history/quota.c include/history/quota.h
libputback_a_SOURCES += src/history/record.c include/history/record.h
libputback_a_SOURCES += src/history/record_comps.c include/history/record_comps.h
libputback_a_SOURCES += src/history/record_dnf4.c
libputback_a_SOURCES += src/history/record_dnf5.c
libputback_a_SOURCES += src/history/record_state.c
libputback_a_SOURCES += src/history/recordsql.c include/history/recordsql.h
libputback_a_SOURCES += src/history/replay.c include/history/replay.h
libputback_a_SOURCES += src/history/rpmtid.c
libputback_a_SOURCES += src/history/tomlstate.c include/history/tomlstate.h
libputback_a_SOURCES += src/history/yum.c
libputback_a_SOURCES += src/history/yumlog.c
libputback_a_SOURCES += src/history/zypper.c
