# SPDX-License-Identifier: GPL-2.0-or-later
# disk: what is on the root's disk now: facts, mounts, users, machine. No writes. Uses core, base.
libputback_a_SOURCES += src/disk/bootloader.c include/disk/bootloader.h
libputback_a_SOURCES += src/disk/beside.c include/disk/beside.h
libputback_a_SOURCES += src/disk/facts.c include/disk/facts.h
libputback_a_SOURCES += src/disk/fields.c include/disk/fields.h
libputback_a_SOURCES += src/disk/fsname.c include/disk/fsname.h
libputback_a_SOURCES += src/disk/litter.c include/disk/litter.h
libputback_a_SOURCES += src/disk/machine.c include/disk/machine.h
libputback_a_SOURCES += src/disk/mountinfo.c include/disk/mountinfo.h
libputback_a_SOURCES += src/disk/mounts.c include/disk/mounts.h
libputback_a_SOURCES += src/disk/pmconf.c include/disk/pmconf.h
libputback_a_SOURCES += src/disk/probe.c include/disk/probe.h
libputback_a_SOURCES += src/disk/protected.c include/disk/protected.h
libputback_a_SOURCES += src/disk/remnant.c include/disk/remnant.h
libputback_a_SOURCES += src/disk/rpmplugins.c include/disk/rpmplugins.h
libputback_a_SOURCES += src/disk/spelling.c include/disk/spelling.h
libputback_a_SOURCES += src/disk/traces.c include/disk/traces.h
