/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_RPMPLUGINS_H
#define PUTBACK_DISK_RPMPLUGINS_H
/*
 * Plugins of the root's own rpm: what lies in %__plugindir is loaded (lib/rpmts.c: rpmtsSetupTransactionPlugins()),
 * and is there only where somebody installed its package. Macros that switch one off are not read.
 */
#include <stdbool.h>

#include "base/root.h"

bool rpmplugins_has(struct root *r, const char *name);

#endif
