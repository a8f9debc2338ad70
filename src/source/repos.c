/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/repos.h"

#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/ini.h"
#include "base/scratch.h"
#include "source/env.h"
#include "source/repository.h"

enum { FILE_MAX = 1 << 20, REPOS_MAX = 1000 };

struct setting {
	char *key, *value;
};
struct section {
	char *id;
	ARRAY(struct setting) settings;
};
struct reading {
	struct root *root;
	struct source *source;
	struct repovars vars;
	ARRAY(struct section) sections; /* "main" is one */
	struct strlist folders;
};

static void release(struct reading *r)
{
	for (uint32_t i = 0; i < r->sections.n; i++) {
		struct section *s = &r->sections.v[i];

		for (uint32_t k = 0; k < s->settings.n; k++) {
			free(s->settings.v[k].key);
			free(s->settings.v[k].value);
		}
		array_release(&s->settings);
		free(s->id);
	}
	array_release(&r->sections);
	strlist_release(&r->folders);
	repovars_release(&r->vars);
}

/* --- reading --------------------------------------------------------------------------------------------- */

static struct section *section_of(struct reading *r, const char *id)
{
	struct section *s;

	for (uint32_t i = 0; i < r->sections.n; i++)
		if (!strcmp(r->sections.v[i].id, id))
			return &r->sections.v[i];
	if (r->sections.n >= REPOS_MAX)
		return NULL;
	s = array_push(&r->sections);
	s->id = xstrdup(id);
	return s;
}

static void take(void *ctx, const char *id, const char *key, const char *value)
{
	struct section *s = *id ? section_of(ctx, id) : NULL;

	if (s)
		array_add(&s->settings, (struct setting){xstrdup(key), xstrdup(value)});
}

/* The last of a key counts. */
static const char *get(const struct section *s, const char *key)
{
	for (uint32_t i = s ? s->settings.n : 0; i-- > 0;)
		if (!strcmp(s->settings.v[i].key, key))
			return s->settings.v[i].value;
	return NULL;
}

static void read_file(struct reading *r, const char *path)
{
	cleanup_buf struct buf text = {0};

	if (root_read_packaged(r->root, path, FILE_MAX, &text) == 0 && text.n)
		ini_parse(text.s, text.n, take, r);
}

static void read_folder(struct reading *r, const char *folder)
{
	cleanup_free char *canonical = NULL;
	struct strlist names = {0};

	if (root_resolve(r->root, folder, true, &canonical, NULL) ||
	    root_list(r->root, canonical, &names)) {
		strlist_release(&names);
		return;
	}
	strlist_take(&r->source->looked_at, xasprintf("%s/%s", r->root->path, canonical));
	strlist_sort_unique(&names);
	for (uint32_t i = 0; i < names.n; i++) {
		cleanup_free char *path = path_join(canonical, names.v[i]);
		size_t n = strlen(path);

		if (n > 5 && !strcmp(path + n - 5, ".repo"))
			read_file(r, path);
	}
	strlist_release(&names);
}

static void read_all(struct reading *r)
{
	static const char *const files[] = {"etc/yum.conf", "etc/dnf/dnf.conf"};
	static const char *const folders[] = {"usr/share/dnf5/repos.d", "etc/yum.repos.d",
					      "etc/distro.repos.d", "etc/zypp/repos.d"};
	cleanup_free char *more = NULL;
	const char *dirs;

	for (size_t i = 0; i < ELEMENTSOF(files); i++)
		read_file(r, files[i]);
	dirs = get(section_of(r, "main"), "reposdir");
	more = xstrdup(dirs ? dirs : "");
	for (size_t i = 0; i < ELEMENTSOF(folders); i++)
		read_folder(r, folders[i]);
	for (char *at = more; *at;) {
		size_t n = strcspn(at, " ,\n\t");
		cleanup_free char *one = xstrndup(at, n);

		if (n)
			read_folder(r, one);
		at += n + (at[n] != '\0');
	}
}

/* --- a repository ------------------------------------------------------------------------------------------ */

static bool is_yes(const char *value, bool otherwise)
{
	if (!value)
		return otherwise;
	return !strcmp(value, "1") || !strcasecmp(value, "yes") ||
	       !strcasecmp(value, "true") || !strcasecmp(value, "on");
}

static char *expanded(const struct reading *r, const struct section *s, const char *key,
		      bool or_main)
{
	const char *value = get(s, key);

	if (!value && or_main)
		for (uint32_t i = 0; i < r->sections.n && !value; i++)
			if (!strcmp(r->sections.v[i].id, "main"))
				value = get(&r->sections.v[i], key);
	return value && *value ? repovars_expand(&r->vars, value, NULL) : NULL;
}

/* A URL without what nobody defines, of a kind that can be reached from here; else a remark. */
static bool url_is_fit(struct reading *r, const struct section *s, const char *url)
{
	cleanup_free char *shown = fetch_shown_url(url), *unknown = NULL,
			  *same = repovars_expand(&r->vars, url, &unknown);

	(void)same; /* of no use but for what it left out */
	if (unknown)
		source_remark(r->source, "repos:%s: %s: nobody defines $%s%s", s->id,
			      shown, unknown,
			      !strcmp(unknown, "releasever") ? "; give it by --releasever"
							     : "");
	else if (fetch_is_remote(url))
		return true;
	else if (fetch_is_url(url))
		source_remark(
			r->source,
			"repos:%s: %s is a place of that machine; name it with --from as it is "
			"mounted here",
			s->id, shown);
	else
		source_remark(r->source, "repos:%s: %s is neither http nor https", s->id,
			      shown);
	return false;
}

static void add_bases(struct reading *r, const struct section *s, struct repository *to)
{
	cleanup_free char *urls = expanded(r, s, "baseurl", false);

	for (char *at = urls; at && *at;) {
		size_t n = strcspn(at, " ,\n\t");
		cleanup_free char *one = xstrndup(at, n);

		if (n && url_is_fit(r, s, one))
			strlist_add(&to->bases, one);
		at += n + (at[n] != '\0');
	}
}

static void add_mirrors(struct reading *r, const struct section *s, struct repository *to)
{
	static const char *const keys[] = {"metalink", "mirrorlist"};

	for (size_t i = 0; i < ELEMENTSOF(keys) && !to->mirrors; i++) {
		cleanup_free char *url = expanded(r, s, keys[i], false);

		if (url && url_is_fit(r, s, url))
			to->mirrors = steal_ptr(url);
	}
}

static char *login(struct reading *r, const struct section *s, const char *name,
		   const char *password)
{
	cleanup_free char *n = expanded(r, s, name, true),
			  *p = expanded(r, s, password, true);

	return n ? xasprintf("%s:%s", n, p ? p : "") : NULL;
}

/* libcurl wants files of the host: a certificate of the root is copied to where nobody else can read. */
static int copy_secret(struct reading *r, const struct section *s, const char *key,
		       struct repository *to, char **ret, struct error *err)
{
	cleanup_free char *path = expanded(r, s, key, true);
	cleanup_buf struct buf text = {0};
	cleanup_close int fd = -1;

	if (!path)
		return 0;
	if (root_read_packaged(r->root, path, FILE_MAX, &text)) {
		source_remark(r->source, "repos:%s: cannot read %s '%s' in the root",
			      s->id, key, path);
		return 0;
	}
	if (!to->secrets && scratch_new("secret", FILE_MAX, &to->secrets, err))
		return -1;
	fd = scratch_create(to->secrets, key, err);
	if (fd < 0)
		return -1;
	if (file_write_all(fd, text.s ? text.s : "", text.n) < 0)
		return err_errno(err, "cannot write '%s/%s'", to->secrets->path, key);
	*ret = xasprintf("%s/%s", to->secrets->path, key);
	return 0;
}

static int set_auth(struct reading *r, const struct section *s, struct repository *to,
		    struct error *err)
{
	struct fetch_auth *a = &to->auth;

	a->proxy = expanded(r, s, "proxy", true);
	if (a->proxy && !strcmp(a->proxy, "_none_"))
		*a->proxy = '\0';
	a->proxy_login = login(r, s, "proxy_username", "proxy_password");
	a->login = login(r, s, "username", "password");
	a->insecure = !is_yes(get(s, "sslverify"), true);
	if (a->insecure)
		source_remark(
			r->source,
			"repos:%s: sslverify is off: its server need not prove who it is",
			s->id);
	return copy_secret(r, s, "sslcacert", to, &a->cacert, err) ||
			       copy_secret(r, s, "sslclientcert", to, &a->cert, err) ||
			       copy_secret(r, s, "sslclientkey", to, &a->key, err)
		       ? -1
		       : 0;
}

static int add_repository(struct reading *r, struct sources *l, const struct section *s,
			  struct error *err)
{
	cleanup_free char *spec = xasprintf("repos:%s", s->id);
	struct repository *to;

	if (!strcmp(s->id, "main") || !is_yes(get(s, "enabled"), true) ||
	    (!get(s, "baseurl") && !get(s, "metalink") && !get(s, "mirrorlist")))
		return 0;
	to = repository_new(spec);
	add_bases(r, s, to);
	add_mirrors(r, s, to);
	to->must_be_signed = is_yes(get(s, "repo_gpgcheck"), false);
	if ((!to->bases.n && !to->mirrors) || set_auth(r, s, to, err)) {
		bool useless = !to->bases.n && !to->mirrors;

		repository_free(to);
		return useless ? 0 : -1;
	}
	sources_add_kind(l, &repository_ops, spec, r->root)->data = to;
	return 0;
}

int repos_expand(struct sources *l, struct source *s, struct error *err)
{
	struct reading r = {.root = s->root, .source = s};
	uint32_t before = l->n;
	int rc;

	if (!s->root)
		return err_set(err, ERR_USAGE,
			       "`repos` are those of a root, and there is none");
	rc = repovars_read(s->root, s->env, &r.vars, err);
	if (rc == 0)
		read_all(&r);
	for (uint32_t i = 0; i < r.sections.n && rc == 0; i++)
		rc = add_repository(&r, l, &r.sections.v[i], err);
	if (rc == 0 && l->n == before)
		source_remark(
			s,
			"repos: the root has no repository that is enabled and can be reached");
	release(&r);
	return rc;
}

/* --- the kind: stands for those that it adds --------------------------------------------------------------- */

static int is_mine(const char *spec)
{
	return !strcmp(spec, "repos");
}

static int nothing_to_index(struct source *s _unused_, const struct observer *o _unused_,
			    struct error *err _unused_)
{
	return 0;
}

const struct source_ops repos_ops = {
	.kind = "repos",
	.is_mine = is_mine,
	.index = nothing_to_index,
};
