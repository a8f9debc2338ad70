/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/source.h"

#include <rpm/header.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rpm/hdr.h"

/* A new kind: its file, its ops in source.h, its line here. A later one is asked first only where
 * its specs would fit two. */
static const struct source_ops *const kinds[] = {&cache_ops, &folder_ops, &rpmfile_ops};

static void source_free(struct source *s)
{
	if (s->ops->release)
		s->ops->release(s);
	for (uint32_t i = 0; i < s->found.n; i++) {
		pkg_free(s->found.v[i].pkg);
		free((char *)s->found.v[i].location);
	}
	array_release(&s->found);
	strlist_release(&s->looked_at);
	strlist_release(&s->remarks);
	free(s->spec);
	free(s);
}

struct source *sources_add_kind(struct sources *l, const struct source_ops *ops,
				const char *spec, struct root *r)
{
	struct source *s = xcalloc(1, sizeof(*s));

	s->ops = ops;
	s->spec = xstrdup(spec);
	s->root = r;
	s->index = l->n;
	array_release(&l->sorted);
	array_add(l, s);
	return s;
}

int sources_add(struct sources *l, const char *spec, struct root *r, struct error *err)
{
	struct stat st;

	for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
		if (kinds[i]->is_mine(spec)) {
			sources_add_kind(l, kinds[i], spec, r);
			return 0;
		}
	}
	if (stat(spec, &st) == 0)
		return err_set(err, ERR_USAGE,
			       "source '%s' is neither a folder nor a package file",
			       spec);
	err_errno(err, "source '%s'", spec);
	if (err)
		err->kind = ERR_USAGE;
	return -1;
}

static int by_identity(const void *pa, const void *pb)
{
	const struct candidate *a = *(const struct candidate *const *)pa;
	const struct candidate *b = *(const struct candidate *const *)pb;
	int d = nevra_cmp(&a->pkg->id, &b->pkg->id);

	if (d == 0 && a->source != b->source)
		return a->source < b->source ? -1 : 1;
	/* of one source: elements of one array, in the order in which they were found */
	return d ? d : a < b ? -1 : a > b;
}

int sources_index(struct sources *l, const struct observer *o, struct error *err)
{
	for (uint32_t i = 0; i < l->n; i++) {
		struct source *s = l->v[i];

		if (s->indexed)
			continue;
		if (s->ops->index(s, o, err))
			return err_prefix(err, "source '%s'", s->spec);
		s->indexed = true;
	}
	array_release(&l->sorted);
	for (uint32_t i = 0; i < l->n; i++)
		for (uint32_t k = 0; k < l->v[i]->found.n; k++)
			array_add(&l->sorted, &l->v[i]->found.v[k]);
	if (l->sorted.n)
		qsort(l->sorted.v, l->sorted.n, sizeof(*l->sorted.v), by_identity);
	return 0;
}

void sources_release(struct sources *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		source_free(l->v[i]);
	array_release(&l->sorted);
	array_release(l);
}

/* Index of the first candidate that does not stand before id. */
static uint32_t lower_bound(const struct sources *l, const struct nevra *id)
{
	uint32_t lo = 0, hi = l->sorted.n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (nevra_cmp(&l->sorted.v[mid]->pkg->id, id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint32_t copy_range(const struct sources *l, uint32_t first, uint32_t end,
			   const struct candidate ***ret)
{
	*ret = NULL;
	if (end > first)
		*ret = xmemdup(l->sorted.v + first, (end - first) * sizeof(**ret));
	return end - first;
}

uint32_t sources_find(const struct sources *l, const struct nevra *id,
		      const struct candidate ***ret)
{
	uint32_t first = lower_bound(l, id), end = first;

	while (end < l->sorted.n && nevra_is_same(&l->sorted.v[end]->pkg->id, id))
		end++;
	return copy_range(l, first, end, ret);
}

uint32_t sources_find_name(const struct sources *l, const char *name, const char *arch,
			   const struct candidate ***ret)
{
	/* stands before all of that name, or of that name and arch: epochs are not negative */
	struct nevra least = {name, "", "", arch ? arch : "", EPOCH_NONE};
	uint32_t first = lower_bound(l, &least), end = first;

	while (end < l->sorted.n) {
		const struct nevra *id = &l->sorted.v[end]->pkg->id;

		if (strcmp(id->name, name) || (arch && strcmp(id->arch, arch)))
			break;
		end++;
	}
	return copy_range(l, first, end, ret);
}

int sources_open_package(const struct sources *l, uint32_t source, const char *location,
			 struct error *err)
{
	if (source >= l->n)
		BUG("source %u of %u", source, l->n);
	return l->v[source]->ops->open_package(l->v[source], location, err);
}

bool sources_lend(const struct sources *l, uint32_t source)
{
	if (source >= l->n)
		BUG("source %u of %u", source, l->n);
	return l->v[source]->ops->open_file != NULL;
}

int sources_open_file(const struct sources *l, uint32_t source, const struct pkg *p,
		      uint32_t file, struct error *err)
{
	if (!sources_lend(l, source))
		BUG("source %u lends no files", source);
	return l->v[source]->ops->open_file(l->v[source], p, file, err);
}

/* What files that nobody watches over may turn into between two looks. */
static int open_and_read(struct source *s, const char *location, struct pkg **ret,
			 struct error *err)
{
	cleanup_close int fd = s->ops->open_package(s, location, err);
	Header h = NULL;
	int rc;

	if (fd < 0 || hdr_read_file(fd, location, &h, err))
		return -1;
	rc = hdr_read(h, HDR_FILES, location, ret, err);
	headerFree(h);
	return rc;
}

int sources_load(const struct sources *l, const struct candidate *c, struct pkg **ret,
		 struct error *err)
{
	struct source *s = l->v[c->source];
	struct pkg *p = NULL;

	if ((s->ops->load ? s->ops->load : open_and_read)(s, c->location, &p, err))
		return -1;
	if (!nevra_is_same(&p->id, &c->pkg->id) ||
	    (c->pkg->hdrdigest.algo &&
	     !digest_is_same(&p->hdrdigest, &c->pkg->hdrdigest))) {
		pkg_free(p);
		return err_set(err, ERR_FAILED, "'%s' has changed while it was looked at",
			       c->location);
	}
	*ret = p;
	return 0;
}

void source_add(struct source *s, struct pkg *take, const char *location)
{
	array_add(&s->found, (struct candidate){take, s->index, xstrdup(location)});
}

void source_remark(struct source *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strlist_take(&s->remarks, xvasprintf(fmt, ap));
	va_end(ap);
}

void source_add_file(struct source *s, int fd, const char *location)
{
	cleanup_error struct error why = ERROR_INIT;
	struct pkg *p = NULL;
	struct stat st;
	Header h = NULL;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		source_remark(s, "%s: not a regular file", location);
		return;
	}
	if (hdr_read_file(fd, location, &h, &why)) {
		source_remark(s, "%s", why.msg);
		return;
	}
	if (headerIsSource(h))
		source_remark(s, "%s: a source package", location);
	else if (hdr_read(h, HDR_IDENTITY, location, &p, &why))
		source_remark(s, "%s", why.msg);
	else
		source_add(s, p, location);
	headerFree(h);
}

bool source_has_rpm_suffix(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && !strcmp(name + n - 4, ".rpm");
}
