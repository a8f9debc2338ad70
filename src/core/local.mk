# SPDX-License-Identifier: GPL-2.0-or-later
# core: packages and plans as plain data. No syscalls, no librpm. Uses base.
# One line per file, sorted: libputback_a_SOURCES += src/core/NAME.c include/core/NAME.h
# One line per file, sorted: libputback_a_SOURCES += src/core/NAME.c include/core/NAME.h
libputback_a_SOURCES += src/core/act.c
libputback_a_SOURCES += src/core/canon.c include/core/canon.h
libputback_a_SOURCES += src/core/change.c include/core/change.h
libputback_a_SOURCES += src/core/claims.c
libputback_a_SOURCES += src/core/derived.c include/core/derived.h
libputback_a_SOURCES += src/core/dirs.c
libputback_a_SOURCES += src/core/event.c include/core/event.h
libputback_a_SOURCES += src/core/fact.c include/core/fact.h
libputback_a_SOURCES += src/core/fate.c include/core/fate.h
libputback_a_SOURCES += src/core/fstype.c include/core/fstype.h
libputback_a_SOURCES += src/core/holds.c
libputback_a_SOURCES += src/core/kernels.c include/core/kernels.h
libputback_a_SOURCES += src/core/layout.c include/core/layout.h
libputback_a_SOURCES += src/core/links.c
libputback_a_SOURCES += src/core/mounts.c include/core/mounts.h
libputback_a_SOURCES += src/core/only.c
libputback_a_SOURCES += src/core/pkg.c include/core/pkg.h
libputback_a_SOURCES += src/core/plan.c include/core/plan.h include/core/planning.h
libputback_a_SOURCES += src/core/problems.c include/core/problems.h
libputback_a_SOURCES += src/core/relabel.c
libputback_a_SOURCES += src/core/scripts.c
libputback_a_SOURCES += src/core/space.c include/core/space.h
libputback_a_SOURCES += src/core/states.c
libputback_a_SOURCES += src/core/users.c include/core/users.h
