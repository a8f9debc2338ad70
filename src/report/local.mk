# SPDX-License-Identifier: GPL-2.0-or-later
# report: one file per output format behind one table. Uses core, base.
# One line per file, sorted: libputback_a_SOURCES += src/report/NAME.c include/report/NAME.h
libputback_a_SOURCES +=
