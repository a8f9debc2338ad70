# SPDX-License-Identifier: GPL-2.0-or-later
# source: where package content comes from, one file per kind. Uses rpm, disk, core, base.
# One line per file, sorted: libputback_a_SOURCES += src/source/NAME.c include/source/NAME.h
libputback_a_SOURCES +=
