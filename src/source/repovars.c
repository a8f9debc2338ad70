/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/repovars.h"

#include <ctype.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/buf.h"
#include "rpm/db.h"
#include "source/env.h"

enum { VALUE_MAX = 64 * 1024, DEPTH_MAX = 8 };

void repovars_release(struct repovars *v)
{
	strlist_release(&v->names);
	strlist_release(&v->values);
}

const char *repovars_get(const struct repovars *v, const char *name)
{
	for (uint32_t i = 0; i < v->names.n; i++)
		if (!strcmp(v->names.v[i], name))
			return v->values.v[i];
	return NULL;
}

/* The first that sets a name has the last word. */
static void set(struct repovars *v, const char *name, const char *value)
{
	if (repovars_get(v, name))
		return;
	strlist_add(&v->names, name);
	strlist_add(&v->values, value);
}

/* --- what the installed packages say ------------------------------------------------------------------- */

struct release {
	char *exact, *version; /* of system-release(releasever), of system-release */
};

static void see_dep(struct release *r, const struct head_dep *d)
{
	const char *evr = d->evr;
	char **to = !strcmp(d->name, "system-release(releasever)") ? &r->exact
		    : !strcmp(d->name, "system-release")	   ? &r->version
								   : NULL;

	if (d->kind != DEP_PROVIDES || !to || *to || !evr || !(d->compare & DEP_EQUAL))
		return;
	/* "0:38-1" */
	if (strchr(evr, ':'))
		evr = strchr(evr, ':') + 1;
	*to = xstrndup(evr, strcspn(evr, "-"));
}

static int see_record(void *ctx, uint32_t instance _unused_, struct head *h,
		      const char *why _unused_, struct error *err _unused_)
{
	struct release *r = ctx;
	const struct head_dep *d;

	if (!h)
		return 0;
	array_foreach(d, &h->deps)
		see_dep(r, d);
	return r->exact ? 1 : 0;
}

/* "VERSION_ID=" of os-release; of RHEL and its kin what stands before the dot. */
static char *os_release(struct root *r)
{
	cleanup_buf struct buf text = {0};
	const char *at;
	char *value, *end;
	bool rhel;

	if (root_read_packaged(r, "/etc/os-release", VALUE_MAX, &text) &&
	    root_read_packaged(r, "/usr/lib/os-release", VALUE_MAX, &text))
		return NULL;
	if (!text.n)
		return NULL;
	at = !strncmp(text.s, "VERSION_ID=", 11) ? text.s
						 : strstr(text.s, "\nVERSION_ID=");
	if (!at)
		return NULL;
	at = strchr(at, '=') + 1;
	at += strspn(at, "\"'");
	rhel = strstr(text.s, "rhel") != NULL;
	value = xstrndup(at, strcspn(at, "\"'\n"));
	end = strchr(value, '.');
	if (rhel && end)
		*end = '\0';
	return value;
}

static char *releasever(struct root *r, const struct source_env *env)
{
	struct release found = {0};
	char *value;

	/* what is damaged in there was told by whoever read it before */
	if (env && env->db)
		(void)!db_heads(env->db, HEAD_DEPS, see_record, &found, NULL);
	value = found.exact	? steal_ptr(found.exact)
		: found.version ? steal_ptr(found.version)
				: os_release(r);
	free(found.exact);
	free(found.version);
	return value;
}

/* --- the rest ------------------------------------------------------------------------------------------- */

static const char *basearch_of(const char *arch)
{
	static const char *const kin[][2] = {
		{"i386", "i386"},	 {"i486", "i386"},	  {"i586", "i386"},
		{"i686", "i386"},	 {"athlon", "i386"},	  {"amd64", "x86_64"},
		{"ia32e", "x86_64"},	 {"x86_64_v2", "x86_64"}, {"x86_64_v3", "x86_64"},
		{"x86_64_v4", "x86_64"}, {"armv7l", "armhfp"},	  {"armv7hl", "armhfp"},
		{"armv7hnl", "armhfp"},	 {"armv6hl", "armhfp"},
	};

	for (size_t i = 0; i < ELEMENTSOF(kin); i++)
		if (!strcmp(kin[i][0], arch))
			return kin[i][1];
	return arch;
}

static void read_folder(struct root *r, const char *folder, struct repovars *v)
{
	cleanup_free char *canonical = NULL;
	struct strlist names = {0};

	if (root_resolve(r, folder, true, &canonical, NULL) == 0 &&
	    root_list(r, canonical, &names) == 0) {
		strlist_sort_unique(&names);
		for (uint32_t i = 0; i < names.n; i++) {
			cleanup_free char *path = path_join(canonical, names.v[i]);
			cleanup_buf struct buf text = {0};

			if (root_read_packaged(r, path, VALUE_MAX, &text) || !text.n)
				continue;
			text.s[strcspn(text.s, "\r\n")] = '\0';
			set(v, names.v[i], text.s);
		}
	}
	strlist_release(&names);
}

/* releasever_major and releasever_minor, as dnf has them */
static void split_release(struct repovars *v)
{
	const char *value = repovars_get(v, "releasever");
	size_t n = value ? strcspn(value, ".") : 0;
	cleanup_free char *major = NULL;

	if (!value)
		return;
	major = xstrndup(value, n);
	set(v, "releasever_major", major);
	set(v, "releasever_minor", value[n] ? value + n + 1 : "");
}

static void read_folders(struct root *r, const char *varsdir, struct repovars *v)
{
	static const char otherwise[] = "usr/share/dnf5/vars.d etc/yum/vars etc/dnf/vars";
	struct strlist folders = {0};

	strlist_words(&folders, varsdir ? varsdir : otherwise);
	for (uint32_t i = folders.n; i-- > 0;)
		read_folder(r, folders.v[i], v);
	strlist_release(&folders);
}

int repovars_read(struct root *r, const struct source_env *env, const char *varsdir,
		  struct repovars *ret, struct error *err)
{
	struct repovars v = {0};
	struct utsname host;
	const char *arch = env ? env->basearch : NULL;
	cleanup_free char *release = NULL;

	if (!arch) {
		if (uname(&host) < 0)
			return err_errno(err,
					 "cannot tell the architecture of this host");
		arch = host.machine;
	}
	if (env && env->releasever)
		set(&v, "releasever", env->releasever);
	read_folders(r, varsdir, &v);
	set(&v, "basearch", basearch_of(arch));
	set(&v, "arch", arch);
	if (!repovars_get(&v, "releasever")) {
		release = releasever(r, env);
		if (release)
			set(&v, "releasever", release);
	}
	split_release(&v);
	*ret = v;
	return 0;
}

/* --- replacing --------------------------------------------------------------------------------------------- */

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void expand(const struct repovars *v, const char *text, size_t n, unsigned depth,
		   struct buf *ret, char **ret_unknown)
{
	for (size_t i = 0; i < n;) {
		size_t begin = i + 1, end, close = 0;
		bool braces = i + 1 < n && text[i + 1] == '{';
		cleanup_free char *name = NULL;
		const char *value;

		if (text[i] != '$' || depth > DEPTH_MAX) {
			buf_char(ret, text[i++]);
			continue;
		}
		begin += braces;
		for (end = begin; end < n && is_name(text[end]);)
			end++;
		if (braces) {
			unsigned open = 1;

			for (close = end; close < n && open; close++)
				open += (text[close] == '{') - (text[close] == '}');
			if (open)
				close = 0;
		}
		if (end == begin || (braces && !close)) {
			buf_char(ret, text[i++]);
			continue;
		}
		name = xstrndup(text + begin, end - begin);
		value = repovars_get(v, name);
		if (braces && text[end] == ':' &&
		    (text[end + 1] == '-' || text[end + 1] == '+')) {
			bool otherwise = text[end + 1] == '-', set_here = value && *value;

			if (otherwise ? set_here : false)
				buf_str(ret, value);
			else if (otherwise || set_here)
				expand(v, text + end + 2, close - 1 - (end + 2),
				       depth + 1, ret, ret_unknown);
		} else if (value) {
			buf_str(ret, value);
		} else {
			if (ret_unknown && !*ret_unknown)
				*ret_unknown = xstrdup(name);
			buf_add(ret, text + i, (braces ? close : end) - i);
		}
		i = braces ? close : end;
	}
}

char *repovars_expand(const struct repovars *v, const char *text, char **ret_unknown)
{
	struct buf b = {0};

	if (ret_unknown)
		*ret_unknown = NULL;
	buf_str(&b, "");
	expand(v, text, strlen(text), 0, &b, ret_unknown);
	return buf_steal(&b);
}
