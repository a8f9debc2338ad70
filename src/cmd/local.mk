# SPDX-License-Identifier: GPL-2.0-or-later
# cmd: main and one file per command; the only place that prints. May use every other folder.
# One line per file, sorted: putback_SOURCES += src/cmd/NAME.c
if HAVE_MAIN
bin_PROGRAMS += putback
putback_LDADD = $(putback_libs)
putback_SOURCES = src/cmd/main.c
endif
