/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_REPOS_H
#define PUTBACK_SOURCE_REPOS_H
/*
 * `repos`: the repositories that the root itself is configured for (source/repoconf.h), each one a source of
 * its own: those that are enabled, or with `repos:PATTERN` those whose name matches, enabled or not. Keys
 * they name are not trusted for that; files they name (certificates, lists of mirrors, file:///) are those of the
 * root.
 */
#include "source/sources.h"

/* Adds a source for each of them behind those that are there. s: the source `repos`. ERR_USAGE: no
 * name matches. */
_must_check_ int repos_expand(struct sources *l, struct source *s, struct error *err);

#endif
