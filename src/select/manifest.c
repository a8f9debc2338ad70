/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/manifest.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

struct word {
	const char *s;
	size_t n;
};

static struct word take_word(struct word *rest)
{
	struct word w;

	while (rest->n && strchr(" \t\r", *rest->s)) {
		rest->s++;
		rest->n--;
	}
	w.s = rest->s;
	w.n = 0;
	while (w.n < rest->n && !strchr(" \t\r", w.s[w.n]))
		w.n++;
	rest->s += w.n;
	rest->n -= w.n;
	return w;
}

/* Without this, the release of a package without an arch would be taken for one. */
static bool is_arch(const char *s)
{
	static const char *const archs[] = {
		"noarch", "i[3-6]86",	"athlon", "geode",  "pentium[34]", "x86_64",
		"amd64",  "x86_64_v?",	"ia32e",  "ia64",   "aarch64",	   "arm*",
		"ppc*",	  "s390*",	"alpha*", "sparc*", "mips*",	   "riscv*",
		"sh*",	  "loongarch*", "src",	  "nosrc"};

	for (size_t i = 0; i < ELEMENTSOF(archs); i++)
		if (fnmatch(archs[i], s, 0) == 0)
			return true;
	return false;
}

/* Cuts ".arch" off s: the arch, or NULL where there is none. */
static const char *cut_arch(char *s)
{
	char *dot = strrchr(s, '.');

	if (!dot || dot == s || !is_arch(dot + 1))
		return NULL;
	*dot = '\0';
	return dot + 1;
}

static int64_t cut_epoch(const char **s)
{
	size_t digits = strspn(*s, "0123456789");
	int64_t epoch;

	if (!strncmp(*s, "(none):", 7)) {
		*s += 7;
		return EPOCH_NONE;
	}
	if (!digits || digits > 10 || (*s)[digits] != ':')
		return EPOCH_NONE;
	epoch = strtoll(*s, NULL, 10);
	*s += digits + 1;
	return epoch;
}

/* Cuts s at its last dash: what is behind it, or NULL where one side would be empty. */
static char *cut_dash(char *s)
{
	char *dash = strrchr(s, '-');

	if (!dash || dash == s || !dash[1])
		return NULL;
	*dash = '\0';
	return dash + 1;
}

static bool is_printable(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || *s == '/')
			return false;
	return true;
}

/* "name-[epoch:]version-release" in s, which is cut up */
static int split(char *s, struct label *ret)
{
	const char *name = s;
	char *version;
	int64_t epoch = cut_epoch(&name);

	ret->release = cut_dash(s);
	version = ret->release ? cut_dash(s) : NULL;
	if (!version || !*name)
		return -1;
	ret->name = name;
	ret->version = version;
	ret->epoch = cut_epoch(&ret->version);
	if (ret->epoch == EPOCH_NONE)
		ret->epoch = epoch;
	return *ret->version && is_printable(name) && is_printable(ret->version) &&
			       is_printable(ret->release)
		       ? 0
		       : -1;
}

/* "bash.x86_64" and "[epoch:]version-release": what dnf lists */
static int split_listed(struct arena *mem, struct word name, struct word evr,
			struct label *ret)
{
	char *n = arena_strndup(mem, name.s, name.n);
	char *v = arena_strndup(mem, evr.s, evr.n);

	if (evr.n == 0 || *v < '0' || *v > '9')
		return -1;
	ret->arch = cut_arch(n);
	ret->name = n;
	ret->version = v;
	ret->epoch = cut_epoch(&ret->version);
	ret->release = cut_dash(v);
	return ret->arch && ret->release && *ret->version && is_printable(n) &&
			       is_printable(v) && is_printable(ret->release)
		       ? 0
		       : -1;
}

static bool is_digest(const struct word *w)
{
	return w->n == 64 && strspn(w->s, "0123456789abcdefABCDEF") >= 64;
}

/* Whether it is a version's beginning and end rather than part of a name: java-1.8.0-openjdk */
static bool has_version(const struct label *l)
{
	return strpbrk(l->release, "0123456789") && strpbrk(l->version, "0123456789");
}

static int parse_line(struct arena *mem, struct word line, struct label *ret)
{
	struct word first = take_word(&line), second;
	char *s, *slash;

	if (is_digest(&first))
		first = take_word(&line);
	second = take_word(&line);
	s = arena_strndup(mem, first.s, first.n);
	slash = strrchr(s, '/');
	if (slash)
		s = slash + 1;
	else if (*s == '*')
		s++; /* sha256sum --binary */
	if (strlen(s) > 4 && !strcmp(s + strlen(s) - 4, ".rpm"))
		s[strlen(s) - 4] = '\0';
	ret->arch = cut_arch(s);
	if (split(s, ret) == 0 && (!second.n || has_version(ret)))
		return 0;
	return split_listed(mem, first, second, ret);
}

static bool says_nothing(struct word line)
{
	struct word first = take_word(&line);

	return !first.n || *first.s == '#' ||
	       (first.n == 9 && !strncmp(first.s, "Installed", 9) &&
		take_word(&line).n == 8);
}

static int err_damaged(const struct strlist *bad, uint32_t n, const char *name,
		       struct error *err)
{
	cleanup_buf struct buf b = {0};

	for (uint32_t i = 0; i < bad->n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", bad->v[i]);
	if (n > bad->n)
		buf_printf(&b, " and %u more", n - bad->n);
	return err_set(err, ERR_USAGE,
		       "%s is no list of packages as `rpm -qa` prints it: %s", name, b.s);
}

int manifest_parse(const char *text, size_t n, const char *name, struct wanted *ret,
		   struct error *err)
{
	enum { NAMED_MAX = 20, SHOWN_MAX = 60 };
	struct wanted w = {0};
	struct strlist bad = {0};
	uint32_t n_bad = 0, number = 0;
	int rc = 0;

	w.name = arena_strdup(&w.mem, name);
	for (size_t at = 0; at < n; number++) {
		const char *end = memchr(text + at, '\n', n - at);
		struct word line = {text + at, end ? (size_t)(end - text) - at : n - at};
		struct label l = {0};

		at += line.n + 1;
		if (says_nothing(line))
			continue;
		if (!memchr(line.s, '\0', line.n) && parse_line(&w.mem, line, &l) == 0) {
			array_add(&w.list, l);
			continue;
		}
		if (n_bad++ < NAMED_MAX) {
			cleanup_free char *shown =
				xstrndup(line.s, line.n < SHOWN_MAX ? line.n : SHOWN_MAX);
			cleanup_free char *safe = quoted(shown);

			strlist_take(&bad, xasprintf("line %u '%s'", number + 1, safe));
		}
	}
	if (n_bad)
		rc = err_damaged(&bad, n_bad, name, err);
	else if (!w.list.n)
		rc = err_set(err, ERR_USAGE, "%s names no package", name);
	strlist_release(&bad);
	if (rc < 0)
		wanted_release(&w);
	else
		*ret = w;
	return rc;
}
