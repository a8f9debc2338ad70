/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/source.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rpm/reader.h"
#include "source/candidates.h"
#include "source/fetch.h"
#include "source/learned.h"

int source_add_head(struct source *s, const struct head *h, const char *location)
{
	int id = catalog_add_head(s->catalog, s->repo, h);

	catalog_set_location(s->catalog, id, location);
	return id;
}

void source_add(struct source *s, struct pkg *take, const char *location)
{
	int id = catalog_add_pkg(s->catalog, s->repo, take);

	catalog_set_location(s->catalog, id, location);
	array_add(&s->found, candidates_add(s->candidates, id, take, s->index, location));
}

void source_remark(struct source *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strlist_take(&s->remarks, xvasprintf(fmt, ap));
	va_end(ap);
}

void source_aside(struct source *s, const char *fmt, ...)
{
	va_list ap;

	array_add(&s->asides, s->remarks.n);
	va_start(ap, fmt);
	strlist_take(&s->remarks, xvasprintf(fmt, ap));
	va_end(ap);
}

void source_not_had(struct source *s, const char *location, const struct fetch *f)
{
	cleanup_error struct error why = ERROR_INIT;

	(void)fetch_why(f, 1, &why);
	bad_note(&s->bad, location, ERR_UNAVAILABLE, why.msg);
}

/* By the lead, which librpm writes still (docs/manual/format_lead.md). */
static bool is_source_package(int fd)
{
	static const unsigned char magic[] = {0xed, 0xab, 0xee, 0xdb};
	unsigned char lead[8];

	return pread(fd, lead, sizeof(lead), 0) == (ssize_t)sizeof(lead) &&
	       !memcmp(lead, magic, sizeof(magic)) && lead[6] == 0 && lead[7] == 1;
}

void source_add_file(struct source *s, int fd, const char *location)
{
	cleanup_error struct error why = ERROR_INIT;
	cleanup_free char *identity = NULL;
	cleanup_head struct head h = {0};
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		source_remark(s, "%s: not a regular file", location);
		return;
	}
	identity = learned_identity(&st);
	if (learned_has(s, location, identity))
		return;
	if (reader_file(fd, HEAD_DEPS, location, &h, &why) == 0)
		learned_note(s, source_add_head(s, &h, location), identity);
	else if (is_source_package(fd))
		source_aside(s, "%s", why.msg);
	else
		source_remark(s, "%s", why.msg);
}

bool source_has_rpm_suffix(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && !strcmp(name + n - 4, ".rpm");
}
