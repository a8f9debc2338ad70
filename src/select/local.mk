# SPDX-License-Identifier: GPL-2.0-or-later
# select: from what the user asks for to the wanted package set. Uses source, history, rpm, core, base.
libputback_a_SOURCES += src/select/adjust.c include/select/adjust.h
libputback_a_SOURCES += src/select/archive.c include/select/archive.h
libputback_a_SOURCES += src/select/choose.c include/select/choose.h
libputback_a_SOURCES += src/select/closure.c include/select/closure.h
libputback_a_SOURCES += src/select/closure_why.c include/select/closure_why.h
libputback_a_SOURCES += src/select/cutoff.c include/select/cutoff.h
libputback_a_SOURCES += src/select/cutoff_asked.c
libputback_a_SOURCES += src/select/cutoff_steps.c
libputback_a_SOURCES += src/select/cutoff_tell.c
libputback_a_SOURCES += src/select/fold.c include/select/fold.h
libputback_a_SOURCES += src/select/guard.c include/select/guard.h
libputback_a_SOURCES += src/select/had.c include/select/had.h
libputback_a_SOURCES += src/select/label.c include/select/label.h
libputback_a_SOURCES += src/select/manifest.c include/select/manifest.h
libputback_a_SOURCES += src/select/named.c include/select/named.h
libputback_a_SOURCES += src/select/nearest.c include/select/nearest.h
libputback_a_SOURCES += src/select/owned.c include/select/owned.h
libputback_a_SOURCES += src/select/passed.c include/select/passed.h
libputback_a_SOURCES += src/select/pattern.c include/select/pattern.h
libputback_a_SOURCES += src/select/recorded.c include/select/recorded.h
libputback_a_SOURCES += src/select/select.c include/select/select.h
libputback_a_SOURCES += src/select/span.c include/select/span.h
libputback_a_SOURCES += src/select/step.c include/select/step.h
libputback_a_SOURCES += src/select/undo.c include/select/undo.h
libputback_a_SOURCES += src/select/want.c include/select/want.h
libputback_a_SOURCES += src/select/wanted.c include/select/wanted.h
