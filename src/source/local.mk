# SPDX-License-Identifier: GPL-2.0-or-later
# source: where package content comes from, one file per kind. Uses rpm, disk, core, base.
libputback_a_SOURCES += include/source/env.h
libputback_a_SOURCES += src/source/cache.c include/source/cache.h
libputback_a_SOURCES += src/source/cache_places.c include/source/cache_places.h
libputback_a_SOURCES += src/source/candidates.c include/source/candidates.h
libputback_a_SOURCES += src/source/catalog.c include/source/catalog.h
libputback_a_SOURCES += src/source/catalog_fill.c include/source/catalog_fill.h
libputback_a_SOURCES += src/source/catalog_installed.c
libputback_a_SOURCES += src/source/depot.c include/source/depot.h
libputback_a_SOURCES += src/source/donor.c
libputback_a_SOURCES += src/source/fetch.c include/source/fetch.h
libputback_a_SOURCES += src/source/folder.c
libputback_a_SOURCES += src/source/image.c include/source/image.h
libputback_a_SOURCES += src/source/ini.c include/source/ini.h
libputback_a_SOURCES += src/source/iso.c
libputback_a_SOURCES += src/source/learned.c include/source/learned.h
libputback_a_SOURCES += src/source/repomd.c include/source/repomd.h
libputback_a_SOURCES += src/source/repository.c include/source/repository.h
libputback_a_SOURCES += src/source/repository_packages.c
libputback_a_SOURCES += src/source/repository_read.c
libputback_a_SOURCES += src/source/rpmfile.c
libputback_a_SOURCES += src/source/source.c include/source/source.h
libputback_a_SOURCES += src/source/sources.c include/source/sources.h
libputback_a_SOURCES += src/source/store.c include/source/store.h
libputback_a_SOURCES += src/source/transfer.c include/source/transfer.h
libputback_a_SOURCES += src/source/xml.c include/source/xml.h
