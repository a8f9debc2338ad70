/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_PMCONF_H
#define PUTBACK_DISK_PMCONF_H
/*
 * Lists in the configuration of the root's own package managers, which are data here and no configuration
 * of ours: etc/dnf/dnf.conf, etc/yum.conf, dnf5's usr/share/dnf5/libdnf.conf.d and etc/dnf/libdnf5.conf.d,
 * zypper's etc/zypp/zypp.conf. A file that cannot be read says nothing.
 * Sources: dnf.conf(5), dnf5.conf(5), yum.conf(5).
 */
#include "base/array.h"
#include "base/root.h"

/*
 * Adds the words of an option of [main] to ret. An option that begins with a comma does away with what stands
 * in ret before, as dnf has it for lists that it appends to. "glob:/PATH/PATTERN": the lines of files in one
 * folder of the root.
 */
void pmconf_list(struct root *r, const char *key, struct strlist *ret);
/* Adds the names in each *.conf of a folder, one a line. */
void pmconf_names(struct root *r, const char *folder, const char *pattern,
		  struct strlist *ret);

#endif
