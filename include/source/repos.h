/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_REPOS_H
#define PUTBACK_SOURCE_REPOS_H
/*
 * `repos`: the repositories that the root itself is configured for, each one a source of its own.
 * .repo files of etc/yum.repos.d, etc/distro.repos.d, etc/zypp/repos.d, usr/share/dnf5/repos.d, reposdir of
 * dnf.conf, and sections of dnf.conf and yum.conf. Keys they name are not trusted for that; files they name
 * (certificates) are taken from the root.
 * Sources: dnf.conf(5), dnf5.conf(5), yum.conf(5), zypper's repo files.
 */
#include "source/repovars.h"
#include "source/sources.h"

/* Adds a source for each enabled repository behind those that are there. s: the source `repos`. */
_must_check_ int repos_expand(struct sources *l, struct source *s, struct error *err);

#endif
