# SPDX-License-Identifier: GPL-2.0-or-later
# disk: what is on the root's disk now: facts, mounts, users, machine. Uses core, base.
# One line per file, sorted: libputback_a_SOURCES += src/disk/NAME.c include/disk/NAME.h
libputback_a_SOURCES +=
