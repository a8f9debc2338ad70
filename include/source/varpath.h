/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_VARPATH_H
#define PUTBACK_SOURCE_VARPATH_H
/*
 * Folders of a root that a setting with variables in it has named: "/srv/$basearch/$releasever". What the
 * variables are now may not be what they were before the update, so each stands for any text.
 */
#include "base/array.h"
#include "base/root.h"

/* Adds packaged paths of the folders that are there, sorted; a value without a variable as it is. */
void varpath_expand(struct root *r, const char *value, struct strlist *ret);

#endif
