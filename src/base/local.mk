# SPDX-License-Identifier: GPL-2.0-or-later
# base: error, buf, array, log, root (paths beneath the root), file (durable writes), scratch, walls and who gets which (confine), digest. Uses nothing of ours.
libputback_a_SOURCES += src/base/array.c include/base/array.h
libputback_a_SOURCES += src/base/buf.c include/base/buf.h
libputback_a_SOURCES += include/base/compat.h
libputback_a_SOURCES += src/base/confine.c include/base/confine.h
libputback_a_SOURCES += src/base/dbcopy.c include/base/dbcopy.h
libputback_a_SOURCES += src/base/digest.c include/base/digest.h
libputback_a_SOURCES += src/base/error.c include/base/error.h
libputback_a_SOURCES += src/base/failpoint.c include/base/failpoint.h
libputback_a_SOURCES += src/base/file.c include/base/file.h
libputback_a_SOURCES += src/base/jail.c include/base/jail.h
libputback_a_SOURCES += src/base/ini.c include/base/ini.h
libputback_a_SOURCES += src/base/log.c include/base/log.h
libputback_a_SOURCES += src/base/macros.c include/base/macros.h
libputback_a_SOURCES += include/base/mutant.h
libputback_a_SOURCES += src/base/memory.c include/base/memory.h
libputback_a_SOURCES += src/base/newfile.c include/base/newfile.h
libputback_a_SOURCES += src/base/order.c include/base/order.h
libputback_a_SOURCES += src/base/outside.c include/base/outside.h
libputback_a_SOURCES += src/base/path.c include/base/path.h
libputback_a_SOURCES += src/base/resolve.c include/base/resolve.h
libputback_a_SOURCES += src/base/root.c include/base/root.h
libputback_a_SOURCES += src/base/runner.c include/base/runner.h
libputback_a_SOURCES += src/base/scratch.c include/base/scratch.h
libputback_a_SOURCES += src/base/strmap.c include/base/strmap.h
libputback_a_SOURCES += include/base/syscalls.h
libputback_a_SOURCES += src/base/walls.c include/base/walls.h
