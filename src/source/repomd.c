/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/repomd.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "source/fetch.h"
#include "source/xml.h"

void repomd_digest(const char *kind, const char *hex, struct digest *ret)
{
	static const struct {
		const char *name;
		uint8_t algo;
	} kinds[] = {{"sha256", DIGEST_SHA256}, {"sha512", DIGEST_SHA512},
		     {"sha384", DIGEST_SHA384}, {"sha224", DIGEST_SHA224},
		     {"sha", DIGEST_SHA1},	{"sha1", DIGEST_SHA1},
		     {"md5", DIGEST_MD5}};

	*ret = (struct digest){0};
	for (size_t i = 0; kind && i < ELEMENTSOF(kinds); i++) {
		size_t n = digest_length(kinds[i].algo);

		if (strcasecmp(kind, kinds[i].name) != 0 || strlen(hex) != 2 * n)
			continue;
		if (!buf_unhex(hex, ret->bytes, n))
			return;
		ret->algo = kinds[i].algo;
		ret->len = (uint8_t)n;
		return;
	}
}

bool repomd_location_is_fit(const char *location)
{
	if (!*location || *location == '/')
		return false;
	for (const char *p = location; *p; p++) {
		bool begins = p == location || p[-1] == '/';

		if ((unsigned char)*p < ' ' || *p == 0x7f || *p == '\\')
			return false;
		if (begins && p[0] == '.' && p[1] == '.' && (!p[2] || p[2] == '/'))
			return false;
	}
	/* what a server would read otherwise than we do */
	return !strstr(location, "://") && !strcasestr(location, "%2e") &&
	       !strpbrk(location, "?#");
}

/* Digits alone: strtoull() would take a minus sign. */
static bool read_number(const char *text, uint64_t *ret)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return !*end && !errno;
}

/* --- repomd.xml ------------------------------------------------------------------------------------------ */

struct repomd_reader {
	struct repomd *r;
	bool root, primary, seen;
	char *checksum; /* its kind */
	char *wrong;
};

static void wrong(struct repomd_reader *r, char *take_text)
{
	if (r->wrong)
		free(take_text);
	else
		r->wrong = take_text;
}

static void repomd_begin(void *ctx, const char *name, const char **attributes)
{
	struct repomd_reader *r = ctx;
	const char *type = xml_attribute(attributes, "type");

	if (!strcmp(name, "repomd")) {
		r->root = true;
	} else if (!strcmp(name, "data")) {
		r->primary = type && !strcmp(type, "primary") && !r->seen;
		r->seen |= r->primary;
	} else if (r->primary && !strcmp(name, "checksum")) {
		free(r->checksum);
		r->checksum = xstrdup(type ? type : "");
	} else if (r->primary && !strcmp(name, "location")) {
		const char *href = xml_attribute(attributes, "href");

		if (xml_attribute(attributes, "xml:base"))
			wrong(r,
			      xstrdup("keeps its primary metadata elsewhere (xml:base)"));
		else if (!href || !repomd_location_is_fit(href))
			wrong(r,
			      xstrdup("names no file beneath the repository as its primary "
				      "metadata"));
		else if (!r->r->location)
			r->r->location = xstrdup(href);
	}
}

static void repomd_end(void *ctx, const char *name, const char *text)
{
	struct repomd_reader *r = ctx;
	uint64_t open_size;

	if (!strcmp(name, "data")) {
		r->primary = false;
	} else if (r->primary && !strcmp(name, "checksum")) {
		repomd_digest(r->checksum, text, &r->r->digest);
		if (r->r->digest.algo == DIGEST_NONE)
			wrong(r,
			      xstrdup("gives a checksum of a kind that nobody knows, or a damaged one"));
	} else if (r->primary && !strcmp(name, "size")) {
		if (!read_number(text, &r->r->size) || r->r->size > REPOMD_PRIMARY_MAX)
			wrong(r,
			      xstrdup("gives a size of its primary metadata that makes no sense"));
	} else if (r->primary && !strcmp(name, "open-size")) {
		/* some that write it do not know it, and say 0 or -1 */
		if (read_number(text, &open_size) && open_size > 0)
			r->r->open_size = MIN(open_size, REPOMD_OPEN_MAX);
	}
}

int repomd_read(const char *text, size_t n, struct repomd *ret, struct error *err)
{
	static const struct xml_handler handler = {repomd_begin, repomd_end};
	struct repomd md = {.size = UINT64_MAX, .open_size = REPOMD_OPEN_MAX};
	struct repomd_reader r = {.r = &md};
	int rc = xml_read(text, n, &handler, &r, err);

	if (rc == 0 && !r.root)
		rc = err_set(err, ERR_FAILED, "is no repomd.xml");
	else if (rc == 0 && r.wrong)
		rc = err_set(err, ERR_FAILED, "%s", r.wrong);
	else if (rc == 0 && (!md.location || md.digest.algo == DIGEST_NONE))
		rc = err_set(err, ERR_FAILED,
			     "names no primary metadata with a location and a checksum");
	free(r.checksum);
	free(r.wrong);
	if (rc == 0)
		*ret = md;
	else
		repomd_release(&md);
	return rc;
}

void repomd_release(struct repomd *r)
{
	free(r->location);
	*r = (struct repomd){0};
}

/* --- metalink, mirror list --------------------------------------------------------------------------- */

enum { MIRRORS_MAX = 500, DIGESTS_MAX = 32 };

struct mirror {
	char *base;
	long preference; /* higher is better */
	uint32_t at;
};
struct metalink_reader {
	struct metalink *m;
	bool root, file; /* file: within the <file> that is repomd.xml */
	char *hash;
	long preference;
	ARRAY(struct mirror) mirrors;
};

/* ".../repodata/repomd.xml" -> "..." */
static void add_mirror(struct metalink_reader *r, const char *url)
{
	static const char tail[] = "repodata/repomd.xml";
	size_t n = strlen(url), t = strlen(tail);
	cleanup_free char *base = NULL;

	if (n > t && !strcmp(url + n - t, tail))
		n -= t;
	base = xstrndup(url, n);
	if (!fetch_is_remote(base) || r->mirrors.n >= MIRRORS_MAX ||
	    strpbrk(url, " \t\r\n"))
		return;
	array_add(&r->mirrors,
		  (struct mirror){steal_ptr(base), r->preference, r->mirrors.n});
}

static const char *local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static void metalink_begin(void *ctx, const char *name, const char **attributes)
{
	struct metalink_reader *r = ctx;
	const char *type = xml_attribute(attributes, "type"), *v;

	name = local_name(name);
	if (!strcmp(name, "metalink")) {
		r->root = true;
	} else if (!strcmp(name, "file")) {
		v = xml_attribute(attributes, "name");
		r->file = v && !strcmp(v, "repomd.xml");
	} else if (r->file && !strcmp(name, "hash")) {
		free(r->hash);
		r->hash = xstrdup(type ? type : "");
		for (char *p = r->hash, *to = p; *p; p++) {
			if (*p != '-') /* "sha-256" of RFC 5854 */
				*to++ = *p;
			if (!p[1])
				*to = '\0';
		}
	} else if (r->file && !strcmp(name, "url")) {
		v = xml_attribute(attributes, "preference");
		r->preference = v ? strtol(v, NULL, 10) : 0;
		/* RFC 5854 counts the other way */
		v = xml_attribute(attributes, "priority");
		if (v)
			r->preference = -MAX(strtol(v, NULL, 10), -LONG_MAX);
	}
}

static void metalink_end(void *ctx, const char *name, const char *text)
{
	struct metalink_reader *r = ctx;
	struct digest d;

	name = local_name(name);
	if (!strcmp(name, "file")) {
		r->file = false;
	} else if (r->file && !strcmp(name, "url")) {
		add_mirror(r, text);
	} else if (r->file && !strcmp(name, "hash")) {
		repomd_digest(r->hash, text, &d);
		/* the weak ones are there for the sake of the old */
		if (d.algo >= DIGEST_SHA256 && r->m->digests.n < DIGESTS_MAX)
			array_add(&r->m->digests, d);
	}
}

static int by_preference(const void *pa, const void *pb)
{
	const struct mirror *a = pa, *b = pb;

	if (a->preference != b->preference)
		return a->preference > b->preference ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static void read_lines(struct metalink_reader *r, const char *text, size_t n)
{
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end ? (size_t)(end - text) - at : n - at, used = len;
		cleanup_free char *line = NULL;

		while (used && strchr(" \t\r", text[at + used - 1]))
			used--;
		line = xstrndup(text + at, used);
		add_mirror(r, line);
		at += len + 1;
	}
}

int metalink_read(const char *text, size_t n, struct metalink *ret, struct error *err)
{
	static const struct xml_handler handler = {metalink_begin, metalink_end};
	struct metalink m = {0};
	struct metalink_reader r = {.m = &m};
	size_t blank = 0;
	int rc = 0;

	while (blank < n && strchr(" \t\r\n", text[blank]) && text[blank])
		blank++;
	if (blank < n && text[blank] == '<') {
		rc = xml_read(text, n, &handler, &r, err);
		if (rc == 0 && !r.root)
			rc = err_set(err, ERR_FAILED, "is no metalink");
	} else {
		read_lines(&r, text, n);
	}
	if (rc == 0 && !r.mirrors.n)
		rc = err_set(err, ERR_FAILED,
			     "names no mirror that can be reached by http or https");
	if (r.mirrors.n)
		qsort(r.mirrors.v, r.mirrors.n, sizeof(*r.mirrors.v), by_preference);
	for (uint32_t i = 0; i < r.mirrors.n; i++) {
		if (strlist_has(&m.bases, r.mirrors.v[i].base))
			free(r.mirrors.v[i].base);
		else
			strlist_take(&m.bases, r.mirrors.v[i].base);
	}
	array_release(&r.mirrors);
	free(r.hash);
	if (rc == 0)
		*ret = m;
	else
		metalink_release(&m);
	return rc;
}

void metalink_release(struct metalink *m)
{
	strlist_release(&m->bases);
	array_release(&m->digests);
}
