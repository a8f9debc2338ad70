# SPDX-License-Identifier: GPL-2.0-or-later
# report: one file per output format behind one table. Uses core, base.
# One line per file, sorted: libputback_a_SOURCES += src/report/NAME.c include/report/NAME.h
libputback_a_SOURCES += include/report/report.h
libputback_a_SOURCES += src/report/json.c include/report/json.h
libputback_a_SOURCES += src/report/json_history.c
libputback_a_SOURCES += src/report/json_plan.c
libputback_a_SOURCES += src/report/json_salvage.c
libputback_a_SOURCES += src/report/json_survey.c
libputback_a_SOURCES += src/report/json_why.c
libputback_a_SOURCES += src/report/progress.c include/report/progress.h
libputback_a_SOURCES += src/report/table.c include/report/table.h
libputback_a_SOURCES += src/report/text.c include/report/text.h
libputback_a_SOURCES += src/report/text_files.c
libputback_a_SOURCES += src/report/text_history.c
libputback_a_SOURCES += src/report/text_plan.c
libputback_a_SOURCES += src/report/text_salvage.c
libputback_a_SOURCES += src/report/text_survey.c
libputback_a_SOURCES += src/report/text_why.c
