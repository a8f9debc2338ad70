/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_CACHE_H
#define PUTBACK_SOURCE_CACHE_H
/*
 * The package caches that the root's own package managers keep: the places that each uses by
 * default, and those that its configuration in the root names. Links are followed beneath the root
 * on the way to a cache, not within it.
 *
 *	dnf		var/cache/dnf/REPO/packages; cachedir of etc/dnf/dnf.conf; what dnf-plugin-local keeps
 *	libdnf5		var/cache/libdnf5/REPO/packages; system_cachedir of the same and of etc/dnf/libdnf5.conf.d
 *	yum		var/cache/yum/.../packages; cachedir of etc/yum.conf; what yum-plugin-local keeps
 *	zypp		var/cache/zypp/packages/...; cachedir, packagesdir of etc/zypp/zypp.conf and zypp.conf.d
 *	PackageKit	var/cache/PackageKit/.../packages, var/lib/PackageKit
 *	system-upgrade	of an update that waits for a reboot, or that did not get through it: dnf's and dnf5's
 *			folders, what their state files name, where /system-update points
 *	convert2rhel	its backup of what it replaced
 *	leapp		its package cache, and that of the root it upgrades from
 *
 * A folder that a setting builds of variables ("/srv/$basearch") is searched from what stands before
 * them: what they are now may not be what they were before the update.
 *
 * Sources: dnf.conf(5), dnf5.conf(5), yum.conf(5), zypp.conf's own comments, PackageKit's
 * backends/dnf/dnf-backend.c, dnf-plugins-core's local.py and system_upgrade.py, dnf5-offline(8),
 * systemd.offline-updates(7), convert2rhel's backup, leapp-repository's userspacegen.py.
 */
#include "base/error.h"
#include "base/root.h"

struct cache_dir {
	char *path;	     /* canonical path of the cache's top in the root */
	const char *manager; /* as above */
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
