# SPDX-License-Identifier: GPL-2.0-or-later
# cmd: main and one file per command; the only place that prints. May use every other folder.
# One line per file, sorted: putback_SOURCES += src/cmd/NAME.c include/cmd/NAME.h
bin_PROGRAMS += putback
putback_LDADD = $(putback_libs)
putback_SOURCES = include/cmd/cmd.h
putback_SOURCES += src/cmd/apply.c
putback_SOURCES += src/cmd/done.c include/cmd/done.h
putback_SOURCES += src/cmd/forget.c
putback_SOURCES += src/cmd/help.c include/cmd/help.h
putback_SOURCES += src/cmd/history.c
putback_SOURCES += src/cmd/log.c
putback_SOURCES += src/cmd/main.c
putback_SOURCES += src/cmd/options.c include/cmd/options.h
putback_SOURCES += src/cmd/pick.c include/cmd/pick.h
putback_SOURCES += src/cmd/plan.c
putback_SOURCES += src/cmd/prepare.c include/cmd/prepare.h
putback_SOURCES += src/cmd/recover.c
putback_SOURCES += src/cmd/redo.c
putback_SOURCES += src/cmd/rows.c include/cmd/rows.h
putback_SOURCES += src/cmd/saved.c include/cmd/saved.h
putback_SOURCES += src/cmd/session.c include/cmd/session.h
putback_SOURCES += src/cmd/survey.c
putback_SOURCES += src/cmd/undo.c
putback_SOURCES += src/cmd/vouch.c
