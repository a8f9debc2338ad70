# SPDX-License-Identifier: GPL-2.0-or-later
# history: what was done to this root before, one file per format. Uses rpm, core, base.
# One line per file, sorted: libputback_a_SOURCES += src/history/NAME.c include/history/NAME.h
libputback_a_SOURCES +=
