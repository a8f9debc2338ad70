# SPDX-License-Identifier: GPL-2.0-or-later
# base: error, buf, array, log, root (paths beneath the root), file (durable writes, digests). Uses nothing of ours.
# One line per file, sorted: libputback_a_SOURCES += src/base/NAME.c include/base/NAME.h
libputback_a_SOURCES +=
