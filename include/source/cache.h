/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_CACHE_H
#define PUTBACK_SOURCE_CACHE_H
/*
 * The package caches that the root's own package managers keep: the places that each uses by
 * default, and those that its configuration in the root names. Links are followed beneath the root
 * on the way to a cache, not within it.
 *
 *	dnf         var/cache/dnf/REPO/packages             cachedir of etc/dnf/dnf.conf
 *	dnf5        var/cache/libdnf5/REPO/packages         system_cachedir of the same, and of
 *	                                                    etc/dnf/libdnf5.conf.d
 *	yum         var/cache/yum/.../packages              cachedir of etc/yum.conf
 *	zypper      var/cache/zypp/packages/...             cachedir, packagesdir of etc/zypp/zypp.conf
 *	PackageKit  var/cache/PackageKit/.../packages
 *
 * Sources: dnf.conf(5), dnf5.conf(5), yum.conf(5), zypp.conf's own comments, PackageKit's
 * backends/dnf/dnf-backend.c.
 */
#include "base/error.h"
#include "base/root.h"

struct cache_dir {
	char *path;	     /* canonical path of the cache's top in the root */
	const char *manager; /* "dnf", "libdnf5", "yum", "zypp", "PackageKit" */
	uint32_t packages;   /* .rpm files in it */
	uint64_t bytes;	     /* their size */
};
struct cache_dirs {
	struct cache_dir *v;
	uint32_t n, cap;
};
/* The caches that exist, empty ones too, in the order of the table above. */
_must_check_ int cache_find(struct root *r, struct cache_dirs *ret, struct error *err);
void cache_dirs_release(struct cache_dirs *c);

#endif
