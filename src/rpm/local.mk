# SPDX-License-Identifier: GPL-2.0-or-later
# rpm: headers, the rpmdb, payloads, trust. Uses core, base.
# One line per file, sorted: libputback_a_SOURCES += src/rpm/NAME.c include/rpm/NAME.h
libputback_a_SOURCES += src/rpm/child.c include/rpm/child.h
libputback_a_SOURCES += src/rpm/db.c include/rpm/db.h
libputback_a_SOURCES += src/rpm/db_check.c
libputback_a_SOURCES += src/rpm/db_cookie.c
libputback_a_SOURCES += src/rpm/db_copy.c include/rpm/db_copy.h
libputback_a_SOURCES += src/rpm/db_find.c include/rpm/db_find.h
libputback_a_SOURCES += src/rpm/db_make.c include/rpm/db_make.h
libputback_a_SOURCES += src/rpm/db_rewrite.c
libputback_a_SOURCES += src/rpm/db_rows.c include/rpm/db_rows.h
libputback_a_SOURCES += src/rpm/db_sqlite.c include/rpm/db_sqlite.h
libputback_a_SOURCES += src/rpm/detached.c include/rpm/detached.h
libputback_a_SOURCES += src/rpm/frame.c include/rpm/frame.h
libputback_a_SOURCES += src/rpm/hdr.c include/rpm/hdr.h
libputback_a_SOURCES += src/rpm/hdr_deps.c include/rpm/hdr_deps.h
libputback_a_SOURCES += src/rpm/hdr_files.c src/rpm/hdr_files.h
libputback_a_SOURCES += src/rpm/hdr_install.c
libputback_a_SOURCES += src/rpm/hdr_package.c
libputback_a_SOURCES += src/rpm/judge.c include/rpm/judge.h
libputback_a_SOURCES += src/rpm/keyring.c include/rpm/keyring.h
libputback_a_SOURCES += src/rpm/labels.c include/rpm/labels.h
libputback_a_SOURCES += src/rpm/librpm.c include/rpm/librpm.h
libputback_a_SOURCES += src/rpm/payload.c include/rpm/payload.h
libputback_a_SOURCES += src/rpm/pgp.c include/rpm/pgp.h
libputback_a_SOURCES += src/rpm/trust.c include/rpm/trust.h
libputback_a_SOURCES += src/rpm/trust_many.c
