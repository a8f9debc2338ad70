/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/repoconf.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "base/ini.h"

enum { FILE_MAX = 1 << 20, REPOS_MAX = 10000 };

static void repo_release(struct repoconf_repo *r)
{
	for (uint32_t k = 0; k < r->settings.n; k++) {
		free(r->settings.v[k].key);
		free(r->settings.v[k].value);
	}
	array_release(&r->settings);
	free(r->id);
}

void repoconf_release(struct repoconf *c)
{
	for (uint32_t i = 0; i < c->repos.n; i++)
		repo_release(&c->repos.v[i]);
	array_release(&c->repos);
	repo_release(&c->main);
	strlist_release(&c->folders);
	repovars_release(&c->vars);
}

/* --- what it says ---------------------------------------------------------------------------------------- */

static const char *get(const struct repoconf_repo *r, const char *key)
{
	for (uint32_t i = r->settings.n; i-- > 0;)
		if (!strcmp(r->settings.v[i].key, key))
			return r->settings.v[i].value;
	return NULL;
}

bool repoconf_has(const struct repoconf_repo *repo, const char *key)
{
	return get(repo, key) != NULL;
}

char *repoconf_value(const struct repoconf *c, const struct repoconf_repo *repo,
		     const char *key, bool or_main)
{
	const char *value = get(repo, key);

	if (!value && or_main && !repo->of_zypp)
		value = get(&c->main, key);
	return value && *value ? repovars_expand(&c->vars, value, NULL) : NULL;
}

/* 1, 0; -1: none (libdnf5's conf/option_bool.hpp) */
static int boolean_of(const char *text)
{
	static const char *const words[][2] = {
		{"0", "1"}, {"no", "yes"}, {"false", "true"}, {"off", "on"}};

	for (size_t i = 0; i < ELEMENTSOF(words); i++)
		for (int k = 0; k < 2; k++)
			if (!strcasecmp(text, words[i][k]))
				return k;
	return -1;
}

static int switch_of(const struct repoconf *c, const struct repoconf_repo *r,
		     const char *key)
{
	int on = -1;

	for (uint32_t i = r->settings.n; i-- > 0 && on < 0;) {
		cleanup_free char *value = NULL;

		if (strcmp(r->settings.v[i].key, key) != 0)
			continue;
		value = repovars_expand(&c->vars, r->settings.v[i].value, NULL);
		on = boolean_of(value);
	}
	return on;
}

bool repoconf_is_on(const struct repoconf *c, const struct repoconf_repo *repo,
		    const char *key, bool otherwise)
{
	int on = switch_of(c, repo, key);

	if (on < 0 && !repo->of_zypp)
		on = switch_of(c, &c->main, key);
	return on < 0 ? otherwise : on;
}

/* libdnf5's conf/config_main.cpp, apply_gpgcheck_policy, and repo/config_repo.cpp, load_from_parser. */
bool repoconf_is_signed(const struct repoconf *c, const struct repoconf_repo *repo)
{
	const char *policy = get(&c->main, "gpgcheck_policy");
	bool tied = policy && (!strcmp(policy, "full") || !strcmp(policy, "all"));
	const struct repoconf_repo *const both[] = {repo, &c->main};
	int on = -1;

	for (int i = 0; i < (repo->of_zypp ? 1 : 2) && on < 0; i++) {
		on = switch_of(c, both[i], "repo_gpgcheck");
		if (on < 0 && tied && !repo->of_zypp)
			on = switch_of(c, both[i], "gpgcheck");
	}
	return on > 0;
}

/* --- reading --------------------------------------------------------------------------------------------- */

static void set(struct repoconf_repo *r, const char *key, const char *value)
{
	array_add(&r->settings,
		  ((struct repoconf_setting){xstrdup(key), xstrdup(value)}));
}

struct reading {
	struct repoconf *conf;
	struct root *root;
	bool of_zypp;
};

static void take_main(void *ctx, const char *section, const char *key, const char *value)
{
	struct reading *r = ctx;

	if (!strcmp(section, "main"))
		set(&r->conf->main, key, value);
}

static struct repoconf_repo *find(struct repoconf *c, const char *id)
{
	for (uint32_t i = 0; i < c->repos.n; i++)
		if (!strcmp(c->repos.v[i].id, id))
			return &c->repos.v[i];
	return NULL;
}

/* One that another file has already is passed over: libdnf5's repo_sack.cpp, create_repos_from_file. */
static void take_repo(void *ctx, const char *section, const char *key, const char *value)
{
	struct reading *r = ctx;
	struct repoconf *c = r->conf;
	cleanup_free char *id = repovars_expand(&c->vars, section, NULL);
	struct repoconf_repo *repo = find(c, id);

	if (!*id || !strcmp(section, "main") || (!repo && c->repos.n >= REPOS_MAX))
		return;
	if (!repo) {
		repo = array_push(&c->repos);
		repo->id = steal_ptr(id);
		repo->of_zypp = r->of_zypp;
		repo->file = c->files;
	}
	if (repo->file == c->files)
		set(repo, key, value);
}

static void take_override(void *ctx, const char *section, const char *key,
			  const char *value)
{
	struct reading *r = ctx;
	cleanup_free char *pattern = repovars_expand(&r->conf->vars, section, NULL);

	for (uint32_t i = 0; i < r->conf->repos.n; i++) {
		struct repoconf_repo *repo = &r->conf->repos.v[i];

		/* the flag: libdnf5's common/sack/match_string.cpp */
		if (!repo->of_zypp && !fnmatch(pattern, repo->id, FNM_EXTMATCH))
			set(repo, key, value);
	}
}

static void read_file(struct reading *r, const char *path, ini_fn fn)
{
	cleanup_buf struct buf text = {0};

	r->conf->files++;
	if (root_read_packaged(r->root, path, FILE_MAX, &text) == 0 && text.n)
		ini_parse(text.s, text.n, fn, r);
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n > k && !strcmp(name + n - k, suffix);
}

/* Names in a folder, by path or not; false: there is none. */
static bool list(struct reading *r, const char *folder, char **ret_canonical,
		 struct strlist *ret)
{
	if (root_resolve(r->root, folder, true, ret_canonical, NULL) ||
	    root_list(r->root, *ret_canonical, ret))
		return false;
	strlist_sort_unique(ret);
	return true;
}

/* Files of two folders in order of their names; one of the first hides its namesake in the second. */
static void read_both(struct reading *r, const char *const folders[2], const char *suffix,
		      ini_fn fn)
{
	struct strlist names[2] = {0}, all = {0};

	for (int i = 0; i < 2; i++) {
		cleanup_free char *canonical = NULL;

		(void)list(r, folders[i], &canonical, &names[i]);
		for (uint32_t k = 0; k < names[i].n; k++)
			if (has_suffix(names[i].v[k], suffix))
				strlist_add(&all, names[i].v[k]);
	}
	strlist_sort_unique(&all);
	for (uint32_t k = 0; k < all.n; k++) {
		const char *folder = folders[strlist_has(&names[0], all.v[k]) ? 0 : 1];
		cleanup_free char *path = xasprintf("%s/%s", folder, all.v[k]);

		read_file(r, path, fn);
	}
	strlist_release(&all);
	strlist_release(&names[0]);
	strlist_release(&names[1]);
}

static void read_folder(struct reading *r, const char *folder)
{
	cleanup_free char *canonical = NULL;
	struct strlist names = {0};

	if (list(r, folder, &canonical, &names) &&
	    !strlist_has(&r->conf->folders, canonical)) {
		for (uint32_t i = 0; i < names.n; i++) {
			cleanup_free char *path = path_join(canonical, names.v[i]);

			if (has_suffix(path, ".repo"))
				read_file(r, path, take_repo);
		}
		strlist_take(&r->conf->folders, steal_ptr(canonical));
	}
	strlist_release(&names);
}

/* reposdir, where it is set, stands in the place of the folders that are read otherwise. */
static void read_folders(struct reading *r, const struct repoconf_repo *main,
			 const char *const *otherwise, size_t n)
{
	cleanup_free char *set_here = repoconf_value(r->conf, main, "reposdir", false);
	struct strlist folders = {0};

	if (set_here)
		strlist_words(&folders, set_here);
	for (size_t i = 0; i < n && !set_here; i++)
		strlist_add(&folders, otherwise[i]);
	for (uint32_t i = 0; i < folders.n; i++)
		read_folder(r, folders.v[i]);
	strlist_release(&folders);
}

static const char *const conf_files[] = {"etc/yum.conf", "etc/dnf/dnf.conf"};

static void read_main(struct reading *r)
{
	static const char *const drop_ins[] = {"etc/dnf/libdnf5.conf.d",
					       "usr/share/dnf5/libdnf.conf.d"};

	read_file(r, conf_files[0], take_main);
	read_both(r, drop_ins, ".conf", take_main);
	read_file(r, conf_files[1], take_main);
}

static void read_dnf(struct reading *r)
{
	static const char *const folders[] = {"etc/yum.repos.d", "etc/yum/repos.d",
					      "etc/distro.repos.d",
					      "usr/share/dnf5/repos.d"};
	static const char *const overrides[] = {"etc/dnf/repos.override.d",
						"usr/share/dnf5/repos.override.d"};

	for (size_t i = 0; i < ELEMENTSOF(conf_files); i++)
		read_file(r, conf_files[i], take_repo);
	read_folders(r, &r->conf->main, folders, ELEMENTSOF(folders));
	read_both(r, overrides, ".repo", take_override);
}

static void read_zypp(struct reading *of)
{
	static const char *const files[] = {"usr/etc/zypp/zypp.conf",
					    "etc/zypp/zypp.conf"};
	static const char *const folders[] = {"etc/zypp/repos.d"};
	struct repoconf own = {0};
	struct reading main = {&own, of->root, true};

	for (size_t i = 0; i < ELEMENTSOF(files); i++)
		read_file(&main, files[i], take_main);
	of->of_zypp = true;
	read_folders(of, &own.main, folders, ELEMENTSOF(folders));
	repoconf_release(&own);
}

int repoconf_read(struct root *r, const struct source_env *env, struct repoconf *ret,
		  struct error *err)
{
	struct repoconf c = {0};
	struct reading reading = {&c, r, false};

	read_main(&reading);
	if (repovars_read(r, env, get(&c.main, "varsdir"), &c.vars, err) < 0) {
		repoconf_release(&c);
		return -1;
	}
	read_dnf(&reading);
	read_zypp(&reading);
	*ret = c;
	return 0;
}
