/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/koji_listed.h"

#include <ctype.h>
#include <regex.h>
#include <string.h>

#include "base/buf.h"
#include "rpm/evr.h"
#include "source/koji_pages.h"
#include "source/koji_whole.h"

/* Where there are folders of versions, so many are looked into, and so many of them at once. */
enum { FOLDERS = 16, FOLDERS_AT_ONCE = 4 };
/* What stands for a version and a release that are to be found. */
#define ANY_VERSION "\1"
#define ANY_RELEASE "\2"

/* A package that the archive seems to have. */
struct build {
	const char *version, *release, *arch;
	bool is_like; /* for the same release of the distribution */
};

/* One that is wanted, on the way to its builds. */
struct hunt {
	const struct koji_wanted *w;
	struct arena mem;
	struct strlist parts, noarch; /* of the path, in its arch and in none */
	uint32_t at;		      /* which of them tells a version */
	uint32_t end;		      /* and which the release */
	struct koji_page *top;
	struct strlist folders; /* of versions, the newest first */
	uint32_t looked;	/* into so many */
	ARRAY(struct koji_page *) open;
	ARRAY(struct build) builds;
};

static void hunt_release(struct hunt *h)
{
	strlist_release(&h->parts);
	strlist_release(&h->noarch);
	strlist_release(&h->folders);
	array_release(&h->open);
	array_release(&h->builds);
	arena_release(&h->mem);
}

/* --- which builds are meant ---------------------------------------------------------------------------------------- */

/* "0.1.rc1.el9_2.3": "el9", the release of the distribution that it was built for, which stands behind whatever else has
 * letters and digits. Its length, 0: it does not say. */
static size_t dist_of(const char *release, const char **ret)
{
	size_t found = 0;

	for (const char *p = strchr(release, '.'); p; p = strchr(p, '.')) {
		size_t letters, digits;

		p++;
		letters = strspn(p, "abcdefghijklmnopqrstuvwxyz");
		digits = strspn(p + letters, "0123456789");
		if (letters && digits) {
			*ret = p;
			found = letters + digits;
		}
	}
	return found;
}

/* Whether it was built for that release of the distribution (1), an earlier one (0), or what cannot be meant (-1). */
static int dist_fits(const char *release, const char *like)
{
	const char *is = "", *want = "";
	size_t n = dist_of(release, &is), k = like ? dist_of(like, &want) : 0;
	size_t letters = strspn(want, "abcdefghijklmnopqrstuvwxyz");

	if (!k || (n == k && !strncmp(is, want, n)))
		return 1;
	if (!n)
		return 0;
	if (strspn(is, "abcdefghijklmnopqrstuvwxyz") != letters ||
	    strncmp(is, want, letters) != 0)
		return -1;
	return n < k || (n == k && strncmp(is, want, n) < 0) ? 0 : -1;
}

static bool is_meant(const struct koji_wanted *w, const char *version,
		     const char *release)
{
	const struct nevra id = {w->id.name, version, release, w->id.arch, w->id.epoch};

	if (w->how == KOJI_VERSION)
		return !strcmp(version, w->id.version);
	for (uint32_t i = 0; i < w->n_there; i++)
		if (!evr_cmp(&id, &w->there[i]))
			return false;
	return evr_cmp(&id, &w->id) < 0;
}

/* Whether there may be builds of it that are meant. */
static bool is_version_meant(const struct koji_wanted *w, const char *version)
{
	const struct nevra id = {"", version, "", "", EPOCH_NONE},
			   want = {"", w->id.version, "", "", EPOCH_NONE};

	return w->how == KOJI_VERSION ? !strcmp(version, w->id.version)
				      : evr_cmp(&id, &want) <= 0;
}

static int by_version(const void *pa, const void *pb)
{
	const struct nevra a = {"", *(char *const *)pa, "", "", EPOCH_NONE},
			   b = {"", *(char *const *)pb, "", "", EPOCH_NONE};

	return evr_cmp(&b, &a);
}

static int by_rank(const void *pa, const void *pb)
{
	const struct build *a = pa, *b = pb;
	const struct nevra na = {"", a->version, a->release, "", EPOCH_NONE},
			   nb = {"", b->version, b->release, "", EPOCH_NONE};
	int d = b->is_like - a->is_like;

	if (d == 0)
		d = evr_cmp(&nb, &na);
	return d ? d : !strcmp(a->arch, "noarch") - !strcmp(b->arch, "noarch");
}

static void add_build(struct hunt *h, const char *version, const char *release,
		      const char *arch)
{
	int fits = dist_fits(release, h->w->like);

	if (fits >= 0 && is_meant(h->w, version, release))
		array_add(&h->builds,
			  ((struct build){arena_strdup(&h->mem, version),
					  arena_strdup(&h->mem, release), arch, fits}));
}

/* --- names in a folder ----------------------------------------------------------------------------------------------- */

/* A part of a path as a regular expression, the version known or to be found. */
static char *expression(const char *part, const char *version)
{
	static const char any[] = "([A-Za-z0-9._+~^]+)";
	struct buf b = {0};

	buf_char(&b, '^');
	for (; *part; part++) {
		const char *literal = *part == *ANY_VERSION && version ? version : NULL;

		if (!literal && (*part == *ANY_VERSION || *part == *ANY_RELEASE)) {
			buf_str(&b, any);
			continue;
		}
		for (const char *c = literal ? literal : (char[]){*part, 0}; *c; c++) {
			if (!isalnum((unsigned char)*c))
				buf_char(&b, '\\');
			buf_char(&b, *c);
		}
	}
	buf_char(&b, '$');
	return buf_steal(&b);
}

/* Calls each with what stands for the version and the release, NULL where that is not in the part. */
typedef void (*each_fn)(struct hunt *h, const char *version, const char *release,
			const char *arch);

static void match(struct hunt *h, const struct strlist *names, const char *part,
		  const char *version, const char *arch, each_fn each)
{
	cleanup_free char *text = expression(part, version);
	const char *v = version ? NULL : strchr(part, *ANY_VERSION),
		   *r = strchr(part, *ANY_RELEASE);
	regmatch_t m[3];
	regex_t re;

	if (regcomp(&re, text, REG_EXTENDED))
		return;
	for (uint32_t i = 0; i < names->n; i++) {
		const char *name = names->v[i];
		cleanup_free char *first = NULL, *second = NULL;

		if (regexec(&re, name, ELEMENTSOF(m), m, 0))
			continue;
		first = xstrndup(name + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so));
		if (v && r)
			second = xstrndup(name + m[2].rm_so,
					  (size_t)(m[2].rm_eo - m[2].rm_so));
		each(h, v ? first : version, v ? second : first, arch);
	}
	regfree(&re);
}

static void add_folder(struct hunt *h, const char *version, const char *release _unused_,
		       const char *arch _unused_)
{
	if (is_version_meant(h->w, version))
		strlist_add(&h->folders, version);
}

/* The builds that a folder names, of a version or of all. */
static void add_builds(struct hunt *h, const struct strlist *names, const char *version)
{
	const char *arch = h->w->id.arch;

	match(h, names, h->parts.v[h->end], version, arch, add_build);
	if (strcmp(arch, "noarch") != 0)
		match(h, names, h->noarch.v[h->end], version, "noarch", add_build);
}

/* --- the way ---------------------------------------------------------------------------------------------------------------- */

static void split(const char *path, struct strlist *ret)
{
	for (;;) {
		size_t n = strcspn(path, "/");

		strlist_take(ret, xstrndup(path, n));
		if (!path[n])
			return;
		path += n + 1;
	}
}

/* The first part that has it, from one on; n: none. */
static uint32_t part_with(const struct strlist *parts, uint32_t from, const char *what)
{
	while (from < parts->n && !strstr(parts->v[from], what))
		from++;
	return from;
}

static uint32_t count(const char *text, char c)
{
	uint32_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

/* The folder that the first `to` parts of a path name. */
static void add_top(const char *host, const char *path, uint32_t to, struct strlist *ret)
{
	const char *end = path;
	cleanup_free char *upto = NULL;

	for (uint32_t i = 0; i < to; i++)
		end = strchr(end, '/') + 1;
	upto = xstrndup(path, (size_t)(end - path));
	strlist_take(ret, fetch_join(host, upto));
}

/* false: by such a place nothing can be found. */
static bool begin(struct source *s, const struct koji_wanted *w, struct koji_pages *pages,
		  struct hunt *ret)
{
	struct koji_wanted any = *w;
	struct strlist paths = {0}, noarch = {0}, urls = {0};
	cleanup_free char *host = koji_host(s->spec);
	const char *end;
	bool good;

	ret->w = w;
	any.id.version = ANY_VERSION;
	any.id.release = ANY_RELEASE;
	koji_paths(s->spec, &any, &paths);
	any.id.arch = "noarch";
	koji_paths(s->spec, &any, &noarch);
	split(paths.v[0], &ret->parts);
	split(noarch.v[0], &ret->noarch);
	ret->at = part_with(&ret->parts, 0, ANY_VERSION);
	ret->end = part_with(&ret->parts, ret->at, ANY_RELEASE);
	good = !strpbrk(paths.v[0], "?#") && ret->end < ret->parts.n &&
	       part_with(&ret->parts, 0, ANY_RELEASE) >= ret->at;
	end = good ? ret->parts.v[ret->end] : "";
	/* each once, the version first */
	good = good && count(ret->parts.v[ret->at], *ANY_VERSION) == 1 &&
	       count(end, *ANY_RELEASE) == 1 &&
	       (ret->at < ret->end ||
		strstr(end, ANY_VERSION) < strstr(end, ANY_RELEASE));
	for (uint32_t i = 0; i < paths.n && good; i++)
		add_top(host, paths.v[i], ret->at, &urls);
	if (good)
		ret->top = koji_pages_at(pages, &urls);
	strlist_release(&urls);
	strlist_release(&paths);
	strlist_release(&noarch);
	return good;
}

/* What the topmost folder tells. */
static void look_at_top(struct hunt *h)
{
	const char *part = h->top ? h->parts.v[h->at] : NULL;

	if (!h->top || !h->top->url)
		return;
	if (h->at == h->end) {
		add_builds(h, &h->top->names, NULL);
		return;
	}
	match(h, &h->top->names, part, NULL, NULL, add_folder);
	if (h->folders.n)
		qsort(h->folders.v, h->folders.n, sizeof(*h->folders.v), by_version);
}

/* A part of a path, with the version in it. */
static void add_folder_of(struct buf *path, const char *part, const char *version)
{
	for (; *part; part++) {
		if (*part == *ANY_VERSION)
			buf_str(path, version);
		else
			buf_char(path, *part);
	}
	buf_char(path, '/');
}

/* Whether more folders of versions may have what is wanted: the next of them are opened. */
static bool open_more(struct hunt *h, struct koji_pages *pages)
{
	h->open.n = 0;
	for (uint32_t i = 0; i < h->builds.n; i++)
		if (h->builds.v[i].is_like)
			return false;
	while (h->looked < MIN(h->folders.n, FOLDERS) && h->open.n < FOLDERS_AT_ONCE) {
		const char *version = h->folders.v[h->looked++];
		struct strlist urls = {0};
		struct buf path = {0};

		for (uint32_t i = h->at; i < h->end; i++)
			add_folder_of(&path, h->parts.v[i], version);
		strlist_take(&urls, fetch_join(h->top->url, path.s));
		array_add(&h->open, koji_pages_at(pages, &urls));
		buf_release(&path);
	}
	return h->open.n > 0;
}

static void look_at_open(struct hunt *h)
{
	for (uint32_t i = 0; i < h->open.n; i++)
		if (h->open.v[i]->url)
			add_builds(h, &h->open.v[i]->names,
				   h->folders.v[h->looked - h->open.n + i]);
}

static void choose(struct hunt *h, struct koji_choices *ret)
{
	if (h->builds.n)
		qsort(h->builds.v, h->builds.n, sizeof(*h->builds.v), by_rank);
	for (uint32_t i = 0; i < MIN(h->builds.n, KOJI_TRIES); i++) {
		const struct build *b = &h->builds.v[i];

		array_add(&ret->list,
			  ((struct koji_wanted){.id = {h->w->id.name, b->version,
						       b->release, b->arch, EPOCH_NONE},
						.source = h->w->source,
						.keyid = h->w->keyid}));
	}
	ret->looked = h->looked;
	ret->more = h->looked < MIN(h->folders.n, FOLDERS);
	arena_take(&ret->mem, &h->mem);
}

int koji_list(struct source *s, const struct koji_wanted *v, uint32_t n,
	      struct koji_choices *ret, struct error *err)
{
	cleanup_free struct hunt *h = xcalloc(n + 1, sizeof(*h));
	struct koji_archive *a = s->data;
	struct koji_pages pages = {0};
	bool more = false;
	int rc;

	for (uint32_t i = 0; i < n; i++) {
		more |= begin(s, &v[i], &pages, &h[i]);
		h[i].looked = ret[i].looked;
		ret[i].list.n = 0;
	}
	rc = more ? koji_pages_get(s, &pages, err) : 0;
	for (uint32_t i = 0; i < n && rc == 0; i++) {
		look_at_top(&h[i]);
		a->unasked += h[i].top && h[i].top->unasked;
	}
	while (more && rc == 0) {
		more = false;
		for (uint32_t i = 0; i < n; i++)
			more |= open_more(&h[i], &pages);
		rc = more ? koji_pages_get(s, &pages, err) : 0;
		for (uint32_t i = 0; i < n && rc == 0; i++)
			look_at_open(&h[i]);
	}
	for (uint32_t i = 0; i < n; i++) {
		if (rc == 0)
			choose(&h[i], &ret[i]);
		hunt_release(&h[i]);
	}
	koji_pages_release(&pages);
	return rc;
}

void koji_choices_release(struct koji_choices *c)
{
	array_release(&c->list);
	arena_release(&c->mem);
}
