/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_CATALOG_FILL_H
#define PUTBACK_SOURCE_CATALOG_FILL_H
/* How a header becomes a Solvable: for the catalog's own files. */
#include <stdbool.h>

struct s_Pool;
struct s_Repo;
struct nevra;

/* The Id of "[epoch:]version-release" in libsolv's spelling: without an epoch of 0. 0: there is none. */
int catalog_evr_id(struct s_Pool *pool, const struct nevra *n, bool create);
/* Frees what a Repo has of ours. */
void catalog_fill_release(struct s_Repo *repo);

#endif
