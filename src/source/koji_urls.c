/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a package may lie in an archive that lists nothing. */
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

static void add(const char *template, const struct koji_wanted *w, const char *source,
		struct strlist *ret)
{
	struct buf path = {0};
	const char *host = strstr(template, "://") + 3;
	size_t n = (size_t)(host - template) + strcspn(host, "/");
	cleanup_free char *base = xstrndup(template, n), *whole = NULL;

	buf_str(&path, "");
	fill(template[n] ? template + n + 1 : "", w, source, &path);
	whole = fetch_join(base, path.s);
	if (!strlist_has(ret, whole))
		strlist_add(ret, whole);
	buf_release(&path);
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

void koji_urls(const char *spec, const struct koji_wanted *w, const struct strlist *keys,
	       struct strlist *ret)
{
	static const char layout[] = "packages/{source}/{version}/{release}/";
	const char *url = spec + strlen("koji:");
	const char *sources[] = {w->source && *w->source ? w->source : w->id.name,
				 w->id.name};
	size_t n = strlen(url);

	if (strchr(url, '{')) {
		add(url, w, sources[0], ret);
		return;
	}
	while (n && url[n - 1] == '/')
		n--;
	for (size_t i = 0; i < ELEMENTSOF(sources); i++) {
		cleanup_free char *place = xasprintf("%.*s/%s", (int)n, url, layout);
		cleanup_free char *plain = xasprintf("%s{arch}/{nevra}.rpm", place);

		for (uint32_t k = 0; k < keys->n; k++)
			add_signed(place, keys->v[k], w, sources[i], ret);
		add(plain, w, sources[i], ret);
	}
}
