# SPDX-License-Identifier: GPL-2.0-or-later
# history: what was done to this root before, one file per format. Uses rpm, core, base.
libputback_a_SOURCES += src/history/dnf4.c
libputback_a_SOURCES += src/history/history.c include/history/history.h
libputback_a_SOURCES += src/history/rpmtid.c
