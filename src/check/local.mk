# SPDX-License-Identifier: GPL-2.0-or-later
# check: files against what packages say of them. Uses source, rpm, core, base.
libputback_a_SOURCES += src/check/lent.c include/check/lent.h
