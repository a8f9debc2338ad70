# SPDX-License-Identifier: GPL-2.0-or-later
# select: from what the user asks for to the wanted package set. Uses source, history, rpm, core, base.
# One line per file, sorted: libputback_a_SOURCES += src/select/NAME.c include/select/NAME.h
libputback_a_SOURCES +=
