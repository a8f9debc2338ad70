/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_PATH_H
#define PUTBACK_BASE_PATH_H
/* Paths as text. What a canonical path is, base/root.h says. */
#include <stdbool.h>

/* "" or components with single slashes between them, none of them "." or ".." */
bool path_is_canonical(const char *path);
/* "usr" + "bin" -> "usr/bin"; "" + "usr" -> "usr"; "usr" + "" -> "usr"; the caller frees */
char *path_join(const char *dir, const char *name);
/* "usr/bin" -> "usr"; "usr" -> ""; the caller frees */
char *path_parent(const char *path);
/* Whether path is dir or lies beneath it (canonical paths; "" contains all) */
bool path_is_beneath(const char *path, const char *dir);
/* Sort order of paths in which a directory stands right before what lies in it: '/' sorts first. */
int path_cmp(const char *a, const char *b);

#endif
