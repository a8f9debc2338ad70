# SPDX-License-Identifier: GPL-2.0-or-later
# txn: the only folder that changes the root. Uses source, rpm, disk, core, base.
# One line per file, sorted: libputback_a_SOURCES += src/txn/NAME.c include/txn/NAME.h
libputback_a_SOURCES +=
