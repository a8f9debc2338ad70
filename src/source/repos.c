/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/repos.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/scratch.h"
#include "source/env.h"
#include "source/repoconf.h"
#include "source/repository.h"

enum { FILE_MAX = 1 << 20, NAMED_MAX = 24 };

/* What a source `repos`, or repos:PATTERN, becomes. */
struct expansion {
	struct sources *sources;
	struct source *source;
	struct root *root;
	const char *pattern; /* NULL: those that are enabled */
	struct repoconf conf;
};

static const char *pattern_of(const char *spec)
{
	return spec[5] == ':' ? spec + 6 : NULL;
}

static bool is_enabled(const struct expansion *x, const struct repoconf_repo *repo)
{
	return repoconf_is_on(&x->conf, repo, "enabled", true);
}

static bool is_wanted(const struct expansion *x, const struct repoconf_repo *repo)
{
	return x->pattern ? !fnmatch(x->pattern, repo->id, 0) : is_enabled(x, repo);
}

/* --- where it is ------------------------------------------------------------------------------------------- */

/* A URL without what nobody defines; else a remark. */
static bool url_is_known(struct expansion *x, const struct repoconf_repo *repo,
			 const char *url)
{
	cleanup_free char *shown = fetch_shown_url(url), *unknown = NULL,
			  *same = repovars_expand(&x->conf.vars, url, &unknown);

	(void)same; /* of no use but for what it left out */
	if (!unknown)
		return true;
	source_remark(x->source, "repos:%s: %s: nobody defines $%s%s", repo->id, shown,
		      unknown,
		      !strcmp(unknown, "releasever") ? "; give it by --releasever" : "");
	return false;
}

static void remark_url(struct expansion *x, const struct repoconf_repo *repo,
		       const char *url, const char *what)
{
	cleanup_free char *shown = fetch_shown_url(url);

	source_remark(x->source, "repos:%s: %s %s", repo->id, shown, what);
}

/* A path of the root that a URL or a text means; NULL: it means something else. libdnf's ConfigRepo.cpp:
 * a baseurl may be a path. */
static char *path_in_root(const char *url)
{
	return *url == '/'			  ? xstrdup(url)
	       : !strncasecmp(url, "file:///", 8) ? repository_folder_of_url(url)
						  : NULL;
}

static bool is_there(const struct expansion *x, const char *path)
{
	cleanup_close int fd = root_open_packaged(x->root, path, O_RDONLY);

	return fd >= 0;
}

/* A URL that can be reached from here, *ret_path where it is in the root; else a remark. */
static bool url_is_fit(struct expansion *x, const struct repoconf_repo *repo,
		       const char *url, char **ret_path)
{
	cleanup_free char *path = path_in_root(url);

	*ret_path = NULL;
	if (!url_is_known(x, repo, url))
		return false;
	if (path && is_there(x, path))
		*ret_path = steal_ptr(path);
	else if (path)
		remark_url(
			x, repo, url,
			"is a place of that machine that is not in the root; name it with "
			"--from as it is mounted here");
	else if (fetch_is_remote(url))
		return true;
	else
		remark_url(x, repo, url, "is neither http nor https nor file:///");
	return *ret_path != NULL;
}

/* The URLs of baseurl into to; folders of the root into local. */
static void add_bases(struct expansion *x, const struct repoconf_repo *repo,
		      struct repository *to, struct strlist *local)
{
	cleanup_free char *urls = repoconf_value(&x->conf, repo, "baseurl", false);
	struct strlist all = {0};

	if (urls)
		strlist_words(&all, urls);
	for (uint32_t i = 0; i < all.n; i++) {
		char *path;

		if (!url_is_fit(x, repo, all.v[i], &path))
			continue;
		if (path)
			strlist_take(local, path);
		else
			strlist_add(&to->bases, all.v[i]);
	}
	strlist_release(&all);
}

/* A list that lies in the root is read at once. */
static void add_list(struct expansion *x, const struct repoconf_repo *repo,
		     const char *path, struct repository *to)
{
	cleanup_error struct error why = ERROR_INIT;
	cleanup_buf struct buf text = {0};
	struct metalink m = {0};

	if (root_read_packaged(x->root, path, METALINK_MAX, &text) < 0 || !text.n) {
		remark_url(x, repo, path, "cannot be read in the root");
		return;
	}
	if (metalink_read(text.s, text.n, &m, &why))
		remark_url(x, repo, path, why.msg);
	for (uint32_t i = 0; i < m.bases.n; i++)
		strlist_add(&to->bases, m.bases.v[i]);
	for (uint32_t i = 0; i < m.digests.n; i++)
		array_add(&to->digests, m.digests.v[i]);
	metalink_release(&m);
}

static void add_mirrors(struct expansion *x, const struct repoconf_repo *repo,
			struct repository *to)
{
	static const char *const keys[] = {"metalink", "mirrorlist"};

	for (size_t i = 0; i < ELEMENTSOF(keys) && !to->mirrors; i++) {
		cleanup_free char *url = repoconf_value(&x->conf, repo, keys[i], false),
				  *path = NULL;

		if (!url || !url_is_fit(x, repo, url, &path))
			continue;
		if (path)
			add_list(x, repo, path, to);
		else
			to->mirrors = steal_ptr(url);
	}
}

/* --- how it is asked --------------------------------------------------------------------------------------- */

static char *login(const struct expansion *x, const struct repoconf_repo *repo,
		   const char *name, const char *password)
{
	cleanup_free char *n = repoconf_value(&x->conf, repo, name, true),
			  *p = repoconf_value(&x->conf, repo, password, true);

	return n ? xasprintf("%s:%s", n, p ? p : "") : NULL;
}

/* libcurl wants files of the host: a certificate of the root is copied to where nobody else can read. */
static int copy_secret(struct expansion *x, const struct repoconf_repo *repo,
		       const char *key, struct repository *to, char **ret,
		       struct error *err)
{
	cleanup_free char *path = repoconf_value(&x->conf, repo, key, true);
	cleanup_buf struct buf text = {0};
	cleanup_close int fd = -1;

	if (!path)
		return 0;
	if (root_read_packaged(x->root, path, FILE_MAX, &text)) {
		source_remark(x->source, "repos:%s: cannot read %s '%s' in the root",
			      repo->id, key, path);
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

static int set_auth(struct expansion *x, const struct repoconf_repo *repo,
		    struct repository *to, struct error *err)
{
	struct fetch_auth *a = &to->auth;

	a->proxy = repoconf_value(&x->conf, repo, "proxy", true);
	if (a->proxy && !strcasecmp(a->proxy, "_none_"))
		*a->proxy = '\0';
	a->proxy_login = login(x, repo, "proxy_username", "proxy_password");
	a->login = login(x, repo, "username", "password");
	a->insecure = !repoconf_is_on(&x->conf, repo, "sslverify", true);
	if (a->insecure)
		source_aside(
			x->source,
			"repos:%s: sslverify is off: its server need not prove who it is",
			repo->id);
	return copy_secret(x, repo, "sslcacert", to, &a->cacert, err) ||
			       copy_secret(x, repo, "sslclientcert", to, &a->cert, err) ||
			       copy_secret(x, repo, "sslclientkey", to, &a->key, err)
		       ? -1
		       : 0;
}

/* --- the sources that come of it --------------------------------------------------------------------------- */

static bool is_added(const struct sources *l, const char *spec)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->v[i]->ops == &repository_ops && !strcmp(l->v[i]->spec, spec))
			return true;
	return false;
}

/* One that lies in the root. */
static void add_local(struct expansion *x, const char *spec, const char *path,
		      bool must_be_signed)
{
	struct repository *to = repository_new(spec);

	to->folder = xstrdup(path);
	to->root = x->root;
	to->must_be_signed = must_be_signed;
	sources_add_kind(x->sources, &repository_ops, spec, x->root)->data = to;
}

static int add_remote(struct expansion *x, const struct repoconf_repo *repo,
		      const char *spec, struct repository *take, struct error *err)
{
	if ((!take->bases.n && !take->mirrors) || set_auth(x, repo, take, err)) {
		bool useless = !take->bases.n && !take->mirrors;

		repository_free(take);
		return useless ? 0 : -1;
	}
	sources_add_kind(x->sources, &repository_ops, spec, x->root)->data = take;
	return 0;
}

static int add_repository(struct expansion *x, const struct repoconf_repo *repo,
			  struct error *err)
{
	cleanup_free char *spec = xasprintf("repos:%s", repo->id);
	bool must_be_signed = repoconf_is_signed(&x->conf, repo);
	struct strlist local = {0};
	struct repository *to;
	int rc;

	/* by an earlier --from */
	if (is_added(x->sources, spec))
		return 0;
	to = repository_new(spec);
	to->must_be_signed = must_be_signed;
	add_bases(x, repo, to, &local);
	add_mirrors(x, repo, to);
	for (uint32_t i = 0; i < local.n; i++)
		add_local(x, spec, local.v[i], must_be_signed);
	rc = add_remote(x, repo, spec, to, err);
	strlist_release(&local);
	return rc;
}

/* --- those that are not asked ------------------------------------------------------------------------------ */

static bool is_asked_for(const struct expansion *x, const struct repoconf_repo *repo)
{
	for (uint32_t i = 0; i < x->sources->n; i++) {
		const struct source *s = x->sources->v[i];
		const char *pattern = s->ops == &repos_ops ? pattern_of(s->spec) : NULL;

		if (pattern && !fnmatch(pattern, repo->id, 0))
			return true;
	}
	return false;
}

/* What such repositories have is nothing that was ever installed, or seldom. */
static bool is_beside_the_point(const char *id)
{
	return strstr(id, "source") || strstr(id, "debug");
}

/* "a, b (disabled) and 3 more" */
static void add_name(struct buf *b, uint32_t n, const char *id, const char *said)
{
	if (n < NAMED_MAX)
		buf_printf(b, "%s%s%s", n ? ", " : "", id, said);
}

static void end_names(struct buf *b, uint32_t n)
{
	if (n > NAMED_MAX)
		buf_printf(b, " and %u more", n - NAMED_MAX);
}

static void hint_at_disabled(const struct expansion *x)
{
	cleanup_buf struct buf b = {0};
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->conf.repos.n; i++) {
		const struct repoconf_repo *repo = &x->conf.repos.v[i];

		if (!is_enabled(x, repo) && !is_asked_for(x, repo) &&
		    !is_beside_the_point(repo->id))
			add_name(&b, n++, repo->id, "");
	}
	end_names(&b, n);
	if (n)
		strlist_take(
			&x->source->hints,
			xasprintf(
				"(not asked) repositories of the root that are disabled: %s; "
				"--from repos:ID asks one of them",
				b.s));
}

static int err_unknown(const struct expansion *x, struct error *err)
{
	cleanup_buf struct buf b = {0};
	uint32_t n = x->conf.repos.n;

	for (uint32_t i = 0; i < n; i++)
		add_name(&b, i, x->conf.repos.v[i].id,
			 is_enabled(x, &x->conf.repos.v[i]) ? "" : " (disabled)");
	end_names(&b, n);
	return err_set(err, ERR_USAGE, "the root has no such repository; it has %s",
		       n ? b.s : "none at all");
}

/* --- all of it --------------------------------------------------------------------------------------------- */

static int expand(struct expansion *x, struct error *err)
{
	uint32_t before = x->sources->n, wanted = 0;

	for (uint32_t i = 0; i < x->conf.folders.n; i++)
		strlist_take(&x->source->looked_at,
			     xasprintf("%s/%s", x->root->path, x->conf.folders.v[i]));
	for (uint32_t i = 0; i < x->conf.repos.n; i++) {
		if (!is_wanted(x, &x->conf.repos.v[i]))
			continue;
		wanted++;
		if (add_repository(x, &x->conf.repos.v[i], err))
			return -1;
	}
	if (x->pattern)
		return wanted ? 0 : err_unknown(x, err);
	hint_at_disabled(x);
	if (x->sources->n == before)
		source_remark(
			x->source,
			"repos: the root has no repository that is enabled and can be reached");
	return 0;
}

int repos_expand(struct sources *l, struct source *s, struct error *err)
{
	struct expansion x = {.sources = l,
			      .source = s,
			      .root = s->root,
			      .pattern = pattern_of(s->spec)};
	int rc;

	if (!s->root)
		return err_set(err, ERR_USAGE,
			       "`repos` are those of a root, and there is none");
	rc = repoconf_read(s->root, s->env, &x.conf, err);
	if (rc == 0)
		rc = expand(&x, err);
	repoconf_release(&x.conf);
	return rc;
}

/* --- the kind: stands for those that it adds --------------------------------------------------------------- */

static int is_mine(const char *spec)
{
	return !strncmp(spec, "repos", 5) && (!spec[5] || (spec[5] == ':' && spec[6]));
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
