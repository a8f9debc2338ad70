/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a package may lie in an archive that has no list. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "source/fetch.h"
#include "source/koji.h"

char *koji_source_name(const char *sourcerpm)
{
	size_t n = strlen(sourcerpm);

	/* NAME-VERSION-RELEASE.src.rpm */
	for (int dashes = 0; n > 0 && dashes < 2; n--)
		dashes += sourcerpm[n - 1] == '-';
	return xstrndup(sourcerpm, n);
}

static void fill(const char *template, const struct koji_wanted *w, const char *source,
		 struct buf *ret)
{
	const struct nevra *id = &w->id;
	cleanup_free char *nevra =
		xasprintf("%s-%s-%s.%s", id->name, id->version, id->release, id->arch);
	const struct {
		const char *name, *value;
	} words[] = {{"{name}", id->name},	 {"{version}", id->version},
		     {"{release}", id->release}, {"{arch}", id->arch},
		     {"{nevra}", nevra},	 {"{source}", source}};

	while (*template) {
		bool found = false;

		if (!strncmp(template, "{initial}", 9)) {
			buf_char(ret, id->name[0]);
			template += 9;
			continue;
		}
		for (size_t i = 0; i < ELEMENTSOF(words) && !found; i++) {
			size_t n = strlen(words[i].name);

			found = !strncmp(template, words[i].name, n);
			if (found) {
				buf_str(ret, words[i].value);
				template += n;
			}
		}
		if (!found)
			buf_char(ret, *template ++);
	}
}

/* How much of it names the server. */
static size_t host_of(const char *url)
{
	size_t scheme = (size_t)(strstr(url, "://") + 3 - url);

	return scheme + strcspn(url + scheme, "/");
}

/* What stands behind that. */
static char *path_of(const char *template, const struct koji_wanted *w,
		     const char *source)
{
	size_t n = host_of(template);
	struct buf path = {0};

	fill(template[n] ? template + n + 1 : "", w, source, &path);
	return buf_steal(&path);
}

static void add(const char *template, const struct koji_wanted *w, const char *source,
		struct strlist *ret)
{
	cleanup_free char *base = xstrndup(template, host_of(template)),
			  *path = path_of(template, w, source),
			  *whole = fetch_join(base, path);

	if (!strlist_has(ret, whole))
		strlist_add(ret, whole);
}

/* koji knows keys by their last eight digits. */
static void add_signed(const char *place, const char *keyid, const struct koji_wanted *w,
		       const char *source, struct strlist *ret)
{
	size_t n = strlen(keyid);
	cleanup_free char *copy = NULL;

	if (n < 8)
		return;
	copy = xasprintf("%sdata/signed/%s/{arch}/{nevra}.rpm", place, keyid + n - 8);
	add(copy, w, source, ret);
}

/* Where a build lies in the layout of a build system; the caller frees. NULL: the spec has a template. */
static char *place_of(const char *spec)
{
	const char *url = spec + strlen("koji:");
	size_t n = strlen(url);

	if (strchr(url, '{'))
		return NULL;
	while (n && url[n - 1] == '/')
		n--;
	return xasprintf("%.*s/packages/{source}/{version}/{release}/", (int)n, url);
}

/* From which package it may have been built. */
static const char *source_of(const struct koji_wanted *w)
{
	return w->source && *w->source ? w->source : w->id.name;
}

void koji_urls(const char *spec, const struct koji_wanted *w, const struct strlist *keys,
	       struct strlist *ret)
{
	const char *sources[] = {source_of(w), w->id.name};
	cleanup_free char *place = place_of(spec), *plain = NULL;

	if (!place) {
		add(spec + strlen("koji:"), w, sources[0], ret);
		return;
	}
	plain = xasprintf("%s{arch}/{nevra}.rpm", place);
	for (size_t i = 0; i < ELEMENTSOF(sources); i++) {
		for (uint32_t k = 0; k < keys->n; k++)
			add_signed(place, keys->v[k], w, sources[i], ret);
		add(plain, w, sources[i], ret);
	}
}

char *koji_host(const char *spec)
{
	const char *url = spec + strlen("koji:");

	return xstrndup(url, host_of(url));
}

void koji_paths(const char *spec, const struct koji_wanted *w, struct strlist *ret)
{
	cleanup_free char *place = place_of(spec), *plain = NULL;

	plain = place ? xasprintf("%s{arch}/{nevra}.rpm", place)
		      : xstrdup(spec + strlen("koji:"));
	strlist_take(ret, path_of(plain, w, source_of(w)));
	if (place && strcmp(source_of(w), w->id.name) != 0)
		strlist_take(ret, path_of(plain, w, w->id.name));
}
