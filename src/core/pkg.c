/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/pkg.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

struct pkg *pkg_new(void)
{
	struct pkg *p = xcalloc(1, sizeof(*p));

	p->id = (struct nevra){"", "", "", "", EPOCH_NONE};
	p->nevra = p->vendor = p->summary = p->sourcerpm = p->keyid = p->compressor = "";
	p->stream = "";
	return p;
}

void pkg_free(struct pkg *p)
{
	if (!p)
		return;
	strlist_release(&p->presets);
	strlist_release(&p->triggers);
	strlist_release(&p->filetriggers);
	strlist_release(&p->langs_installed);
	array_release(&p->files);
	arena_release(&p->mem);
	free(p);
}

const char *pkgfile_path(const struct pkgfile *f, struct buf *buf)
{
	buf_clear(buf);
	buf_str(buf, f->dir);
	buf_str(buf, f->base);
	return buf->s;
}

bool pkg_dir_is_good(const char *dir)
{
	size_t n = strlen(dir);

	if (n == 0 || dir[0] != '/' || dir[n - 1] != '/')
		return false;
	for (const char *p = dir; p[1]; p++)
		if (*p == '/' &&
		    (p[1] == '/' ||
		     (p[1] == '.' && (p[2] == '/' || (p[2] == '.' && p[3] == '/')))))
			return false;
	return true;
}

bool pkg_base_is_good(const char *dir, const char *base)
{
	if (!*base)
		return strcmp(dir, "/") == 0;
	return !strchr(base, '/') && strcmp(base, ".") != 0 && strcmp(base, "..") != 0;
}

/* It becomes part of messages, and of NEVRAs that are parsed back. */
bool pkg_label_is_good(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] <= ' ' || s[i] == '/' || s[i] == 0x7f)
			return false;
	return n > 0;
}

bool nevra_is_good(const struct nevra *n)
{
	return pkg_label_is_good(n->name, strlen(n->name)) &&
	       pkg_label_is_good(n->version, strlen(n->version)) &&
	       pkg_label_is_good(n->release, strlen(n->release)) &&
	       (!*n->arch || pkg_label_is_good(n->arch, strlen(n->arch)));
}

bool pkg_is_pseudo(const struct pkg *p)
{
	return strcmp(p->id.name, "gpg-pubkey") == 0;
}

static int64_t epoch_of(const struct nevra *n)
{
	return n->epoch == EPOCH_NONE ? 0 : n->epoch;
}

struct nevra nevra_dup(struct arena *mem, const struct nevra *id)
{
	return (struct nevra){arena_strdup(mem, id->name ? id->name : ""),
			      arena_strdup(mem, id->version ? id->version : ""),
			      arena_strdup(mem, id->release ? id->release : ""),
			      arena_strdup(mem, id->arch ? id->arch : ""), id->epoch};
}

const char *nevra_key(struct arena *mem, const struct nevra *n)
{
	return arena_printf(mem, "%s\n%lld\n%s\n%s\n%s", n->name, (long long)epoch_of(n),
			    n->version, n->release, n->arch);
}

bool nevra_is_same(const struct nevra *a, const struct nevra *b)
{
	return nevra_cmp(a, b) == 0;
}

int nevra_cmp(const struct nevra *a, const struct nevra *b)
{
	int d = strcmp(a->name, b->name);

	if (d == 0)
		d = strcmp(a->arch, b->arch);
	if (d == 0 && epoch_of(a) != epoch_of(b))
		d = epoch_of(a) < epoch_of(b) ? -1 : 1;
	if (d == 0)
		d = strcmp(a->version, b->version);
	if (d == 0)
		d = strcmp(a->release, b->release);
	return d;
}

char *nevra_string(const struct nevra *n)
{
	char epoch[32] = "";

	if (epoch_of(n) != 0)
		snprintf(epoch, sizeof(epoch), "%" PRId64 ":", n->epoch);
	return xasprintf("%s-%s%s-%s%s%s", n->name, epoch, n->version, n->release,
			 n->arch[0] ? "." : "", n->arch);
}

/* "12:rest" -> 12 and rest; anything else leaves *s alone */
static int64_t take_epoch(const char **s)
{
	size_t digits = strspn(*s, "0123456789");
	int64_t e;

	if (digits == 0 || digits > 10 || (*s)[digits] != ':')
		return EPOCH_NONE;
	e = strtoll(*s, NULL, 10);
	*s += digits + 1;
	return e;
}

int nevra_parse(struct arena *a, const char *text, struct nevra *ret)
{
	const char *release = NULL, *version = NULL, *dot;
	struct nevra n = {.epoch = take_epoch(&text)};

	for (const char *p = text + strlen(text); p-- > text;) {
		if (*p != '-')
			continue;
		if (!release) {
			release = p;
		} else {
			version = p;
			break;
		}
	}
	if (!version || version == text || version + 1 == release || !release[1])
		return -1;
	n.name = arena_strndup(a, text, (size_t)(version - text));
	version++;
	if (n.epoch == EPOCH_NONE)
		n.epoch = take_epoch(&version);
	if (version >= release)
		return -1;
	n.version = arena_strndup(a, version, (size_t)(release - version));
	release++;
	dot = strrchr(release, '.');
	if (dot && dot > release && dot[1]) {
		n.release = arena_strndup(a, release, (size_t)(dot - release));
		n.arch = arena_strdup(a, dot + 1);
	} else {
		n.release = arena_strdup(a, release);
		n.arch = "";
	}
	*ret = n;
	return 0;
}

void pkgset_take(struct pkgset *s, struct pkg *p)
{
	array_add(s, p);
}

static int member_cmp(const void *pa, const void *pb)
{
	const struct pkg *a = *(struct pkg *const *)pa, *b = *(struct pkg *const *)pb;
	int d = nevra_cmp(&a->id, &b->id);

	return d ? d : a->instance < b->instance ? -1 : a->instance > b->instance;
}

void pkgset_sort(struct pkgset *s)
{
	if (s->n > 1)
		qsort(s->v, s->n, sizeof(struct pkg *), member_cmp);
}

struct pkg *pkgset_find(const struct pkgset *s, const struct nevra *id)
{
	uint32_t lo = 0, hi = s->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int d = nevra_cmp(&s->v[mid]->id, id);

		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->n && nevra_is_same(&s->v[lo]->id, id) ? s->v[lo] : NULL;
}

bool pkgset_holds(const struct pkgset *s, const struct pkg *p)
{
	const struct pkg *was = s ? pkgset_find(s, &p->id) : NULL;

	return was && was->instance == p->instance;
}

void pkgset_release(struct pkgset *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		pkg_free(s->v[i]);
	array_release(s);
}
