/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_LITTER_H
#define PUTBACK_CORE_LITTER_H
/*
 * Names that rpm gives a file while it is not in its place yet, and that nobody removes when rpm was
 * killed meanwhile: "bash;6a3f1c02", the number being the id of its transaction in hex, which is also
 * the INSTALLTID of what that installed (lib/fsm.c: rpmPackageFilesInstall(); lib/rpmts.c: rpmtsGetTid()).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a name, or a path that ends in one, is of that kind. *ret_len: of it without the suffix;
 * *ret_tid: the transaction. Either may be NULL. */
bool litter_is(const char *name, size_t *ret_len, int64_t *ret_tid);

#endif
