/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/cache_places.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/ini.h"
#include "source/varpath.h"

enum { CONFIG_MAX = 1 << 20 };

/* Where managers put packages unless told otherwise. */
static const struct {
	const char *manager, *path;
	bool anywhere;
} defaults[] = {
	{"dnf", "var/cache/dnf", false},
	{"dnf", "var/lib/dnf/plugins/local", true},
	{"libdnf5", "var/cache/libdnf5", false},
	{"yum", "var/cache/yum", false},
	{"yum", "var/lib/yum/plugins/local", true},
	{"zypp", "var/cache/zypp/packages", true},
	{"PackageKit", "var/cache/PackageKit", false},
	{"PackageKit", "var/lib/PackageKit", true},
	{"system-upgrade", "var/lib/dnf/system-upgrade", true},
	{"system-upgrade", "var/lib/dnf/offline-upgrade", true},
	{"system-upgrade", "var/lib/dnf/offline-distrosync", true},
	{"system-upgrade", "var/lib/dnf/offline", true},
	{"system-upgrade", "usr/lib/sysimage/libdnf5/offline", true},
	{"system-upgrade", "var/lib/system-upgrade", true},
	{"convert2rhel", "var/lib/convert2rhel", true},
	{"convert2rhel", "usr/share/convert2rhel", true},
	{"leapp", "var/lib/leapp/persistent_package_cache", true},
};

/* Where they are told otherwise: [main] of a file, or of each *.conf in a folder. */
static const struct {
	const char *manager, *file, *key, *beneath;
	bool anywhere;
} settings[] = {
	{"dnf", "etc/dnf/dnf.conf", "cachedir", "", false},
	{"libdnf5", "usr/share/dnf5/libdnf.conf.d", "system_cachedir", "", false},
	{"libdnf5", "etc/dnf/dnf.conf", "system_cachedir", "", false},
	{"libdnf5", "etc/dnf/libdnf5.conf.d", "system_cachedir", "", false},
	{"yum", "etc/yum.conf", "cachedir", "", false},
	{"yum", "etc/yum/yum.conf", "cachedir", "", false},
	{"zypp", "usr/etc/zypp/zypp.conf", "cachedir", "/packages", true},
	{"zypp", "usr/etc/zypp/zypp.conf.d", "cachedir", "/packages", true},
	{"zypp", "etc/zypp/zypp.conf", "cachedir", "/packages", true},
	{"zypp", "etc/zypp/zypp.conf.d", "cachedir", "/packages", true},
	{"zypp", "usr/etc/zypp/zypp.conf", "packagesdir", "", true},
	{"zypp", "usr/etc/zypp/zypp.conf.d", "packagesdir", "", true},
	{"zypp", "etc/zypp/zypp.conf", "packagesdir", "", true},
	{"zypp", "etc/zypp/zypp.conf.d", "packagesdir", "", true},
};

/* What an update that waits for a reboot says of where its packages are: "key": "value" of JSON, or
 * key = "value" of TOML. Sources: dnf-plugins-core's system_upgrade.py, dnf5-offline(8). */
static const struct {
	const char *file, *key;
} waiting[] = {
	{"var/lib/dnf/system-upgrade/system-upgrade-state.json", "destdir"},
	{"var/lib/dnf/offline-upgrade/system-upgrade-state.json", "destdir"},
	{"var/lib/dnf/offline-distrosync/system-upgrade-state.json", "destdir"},
	{"usr/lib/sysimage/libdnf5/offline/offline-transaction-state.toml", "cachedir"},
};

static void add_place(struct root *r, struct cache_places *places, const char *manager,
		      const char *path, bool anywhere)
{
	cleanup_free char *canonical = NULL;

	/* a loop or a file on the way: nothing to be found there; the root itself: not a cache */
	if (root_resolve(r, path, true, &canonical, NULL) || !*canonical)
		return;
	for (uint32_t i = 0; i < places->n; i++)
		if (!strcmp(places->v[i].path, canonical)) {
			places->v[i].anywhere |= anywhere;
			return;
		}
	array_add(places, (struct cache_place){steal_ptr(canonical), manager, anywhere,
					       KEEPS_UNKNOWN});
}

typedef void (*value_fn)(void *ctx, char *value);

/* Calls fn for the key's value in [main] of a file. */
static void each_in_file(struct root *r, const char *file, const char *key, value_fn fn,
			 void *ctx)
{
	cleanup_free char *canonical = NULL, *value = NULL;
	cleanup_buf struct buf text = {0};

	if (root_resolve(r, file, true, &canonical, NULL) ||
	    root_read_file(r, canonical, CONFIG_MAX, &text) || !text.n)
		return;
	value = ini_value(text.s, text.n, "main", key);
	if (value)
		fn(ctx, value);
}

/* The same for a file or a folder of them, in order of their names. */
static void each_value(struct root *r, const char *file, const char *key, value_fn fn,
		       void *ctx)
{
	cleanup_free char *canonical = NULL;
	struct strlist names = {0};

	if (root_resolve(r, file, true, &canonical, NULL) ||
	    root_list(r, canonical, &names)) {
		each_in_file(r, file, key, fn, ctx);
		return;
	}
	strlist_sort_unique(&names);
	for (uint32_t i = 0; i < names.n; i++) {
		cleanup_free char *path = path_join(canonical, names.v[i]);
		size_t n = strlen(path);

		if (n > 5 && !strcmp(path + n - 5, ".conf"))
			each_in_file(r, path, key, fn, ctx);
	}
	strlist_release(&names);
}

struct adding {
	struct root *root;
	struct cache_places *places;
	size_t setting;
};

/* In the default place of its manager the folders of all releases are gone through anyway. */
static bool lies_within(const struct cache_places *places, const char *manager,
			const char *path)
{
	for (uint32_t i = 0; i < places->n; i++)
		if (!strcmp(places->v[i].manager, manager) &&
		    path_is_beneath(path + 1, places->v[i].path))
			return true;
	return false;
}

static void add_setting(void *ctx, char *value)
{
	struct adding *a = ctx;
	const char *manager = settings[a->setting].manager;
	struct strlist folders = {0};

	if (value[0] == '/')
		varpath_expand(a->root, value, &folders);
	for (uint32_t i = 0; i < folders.n; i++) {
		cleanup_free char *path =
			xasprintf("%s%s", folders.v[i], settings[a->setting].beneath);

		if (!strchr(value, '$') || !lies_within(a->places, manager, path))
			add_place(a->root, a->places, manager, path,
				  settings[a->setting].anywhere);
	}
	strlist_release(&folders);
}

/* The text in quotes that follows a key; the caller frees; NULL: none. */
static char *quoted_value(const char *text, const char *key)
{
	const char *at = text, *end;
	size_t n = strlen(key);

	while ((at = strstr(at, key))) {
		const char *after = at + n;

		if (at > text && (at[-1] == '"' || at[-1] == '\n' || at[-1] == ' ')) {
			after += *after == '"';
			after += strspn(after, " \t");
			if (*after == ':' || *after == '=') {
				after += 1 + strspn(after + 1, " \t");
				end = *after == '"' ? strchr(after + 1, '"') : NULL;
				return end ? xstrndup(after + 1,
						      (size_t)(end - after) - 1)
					   : NULL;
			}
		}
		at += n;
	}
	return NULL;
}

static void add_waiting(struct root *r, struct cache_places *places, size_t i)
{
	cleanup_free char *value = NULL;
	cleanup_buf struct buf text = {0};

	if (root_read_packaged(r, waiting[i].file, CONFIG_MAX, &text) || !text.n)
		return;
	value = quoted_value(text.s, waiting[i].key);
	if (value && value[0] == '/')
		add_place(r, places, "system-upgrade", value, true);
}

/* systemd.offline-updates(7): a link to where the update lies, gone once it has begun. */
static void add_system_update(struct root *r, struct cache_places *places)
{
	static const char *const links[] = {"system-update", "etc/system-update"};
	struct statx st;

	for (size_t i = 0; i < ELEMENTSOF(links); i++)
		if (root_statx(r, links[i], STATX_TYPE, &st) == 0 && S_ISLNK(st.stx_mode))
			add_place(r, places, "system-upgrade", links[i], true);
}

/* leapp upgrades from within a root of the new release, whose dnf has a cache of its own. */
static void add_leapp(struct root *r, struct cache_places *places)
{
	struct strlist names = {0};

	if (root_list(r, "var/lib/leapp", &names) == 0) {
		strlist_sort_unique(&names);
		for (uint32_t i = 0; i < names.n; i++) {
			cleanup_free char *path =
				xasprintf("var/lib/leapp/%s/var/cache/dnf", names.v[i]);

			if (!fnmatch("el*userspace", names.v[i], 0))
				add_place(r, places, "leapp", path, true);
		}
	}
	strlist_release(&names);
}

static bool is_no(const char *value)
{
	static const char *const no[] = {"0", "no", "false", "off"};

	for (size_t i = 0; i < ELEMENTSOF(no); i++)
		if (!strcasecmp(value, no[i]))
			return true;
	return false;
}

/* dnf.conf(5), dnf5.conf(5), yum.conf(5): keepcache. */
static void set_keeps(void *ctx, char *value)
{
	enum cache_keeps *keeps = ctx;

	*keeps = is_no(value) ? KEEPS_NOT : KEEPS;
}

static void see_repo(void *ctx, const char *section _unused_, const char *key,
		     const char *value)
{
	enum cache_keeps *keeps = ctx;

	if (!strcmp(key, "keeppackages") && !is_no(value))
		*keeps = KEEPS;
}

/* zypper keeps what it downloads of repositories that say so: keeppackages of zypper(8), addrepo. */
static enum cache_keeps zypper_keeps(struct root *r)
{
	static const char folder[] = "etc/zypp/repos.d";
	enum cache_keeps keeps = KEEPS_NOT;
	struct strlist names = {0};

	if (root_list(r, folder, &names) < 0)
		keeps = KEEPS_UNKNOWN;
	for (uint32_t i = 0; i < names.n; i++) {
		cleanup_free char *path = path_join(folder, names.v[i]);
		cleanup_buf struct buf text = {0};
		size_t n = strlen(path);

		if (n > 5 && !strcmp(path + n - 5, ".repo") &&
		    root_read_packaged(r, path, CONFIG_MAX, &text) == 0 && text.n)
			ini_parse(text.s, text.n, see_repo, &keeps);
	}
	strlist_release(&names);
	return keeps;
}

static void find_keeps(struct root *r, struct cache_places *places)
{
	static const struct {
		const char *manager;
		enum cache_keeps by_default;
		const char *files[3];
	} all[] = {
		{"dnf", KEEPS_NOT, {"etc/dnf/dnf.conf"}},
		{"libdnf5",
		 KEEPS_NOT,
		 {"usr/share/dnf5/libdnf.conf.d", "etc/dnf/dnf.conf",
		  "etc/dnf/libdnf5.conf.d"}},
		{"yum", KEEPS_UNKNOWN, {"etc/yum.conf", "etc/yum/yum.conf"}},
	};

	for (uint32_t i = 0; i < places->n; i++)
		if (!strcmp(places->v[i].manager, "zypp"))
			places->v[i].keeps = zypper_keeps(r);
	for (size_t k = 0; k < ELEMENTSOF(all); k++) {
		enum cache_keeps keeps = all[k].by_default;

		for (size_t f = 0; f < ELEMENTSOF(all[k].files) && all[k].files[f]; f++)
			each_value(r, all[k].files[f], "keepcache", set_keeps, &keeps);
		for (uint32_t i = 0; i < places->n; i++)
			if (!places->v[i].anywhere &&
			    !strcmp(places->v[i].manager, all[k].manager))
				places->v[i].keeps = keeps;
	}
}

static int place_cmp(const void *pa, const void *pb)
{
	const struct cache_place *a = pa, *b = pb;
	size_t ia = 0, ib = 0;

	while (strcmp(defaults[ia].manager, a->manager))
		ia++;
	while (strcmp(defaults[ib].manager, b->manager))
		ib++;
	return ia != ib ? (ia < ib ? -1 : 1) : strcmp(a->path, b->path);
}

void cache_places_find(struct root *r, struct cache_places *ret)
{
	for (size_t i = 0; i < ELEMENTSOF(defaults); i++)
		add_place(r, ret, defaults[i].manager, defaults[i].path,
			  defaults[i].anywhere);
	for (size_t i = 0; i < ELEMENTSOF(settings); i++) {
		struct adding a = {r, ret, i};

		each_value(r, settings[i].file, settings[i].key, add_setting, &a);
	}
	for (size_t i = 0; i < ELEMENTSOF(waiting); i++)
		add_waiting(r, ret, i);
	add_system_update(r, ret);
	add_leapp(r, ret);
	find_keeps(r, ret);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), place_cmp);
}

void cache_places_release(struct cache_places *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		free(p->v[i].path);
	array_release(p);
}
