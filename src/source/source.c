/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/source.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rpm/reader.h"
#include "source/candidates.h"
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
	if (reader_file(fd, HEAD_DEPS, location, &h, &why))
		source_remark(s, "%s", why.msg);
	else
		learned_note(s, source_add_head(s, &h, location), identity);
}

bool source_has_rpm_suffix(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && !strcmp(name + n - 4, ".rpm");
}
