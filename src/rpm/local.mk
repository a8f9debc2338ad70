# SPDX-License-Identifier: GPL-2.0-or-later
# rpm: headers, the rpmdb, payloads, trust. Uses core, base.
# One line per file, sorted: libputback_a_SOURCES += src/rpm/NAME.c include/rpm/NAME.h
libputback_a_SOURCES +=
