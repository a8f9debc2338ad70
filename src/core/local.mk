# SPDX-License-Identifier: GPL-2.0-or-later
# core: packages and plans as plain data. No syscalls, no librpm. Uses base.
# One line per file, sorted: libputback_a_SOURCES += src/core/NAME.c include/core/NAME.h
libputback_a_SOURCES +=
