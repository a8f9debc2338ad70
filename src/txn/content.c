/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rpm/payload.h"
#include "txn/content.h"

/* Of a package file, or of a source that lends the files one by one. */
struct reader {
	struct payload *payload;
	int fd; /* of the package, or of the lent file at hand; -1 */
	const struct sources *sources;
	const struct change *change;
	uint32_t next, file; /* lent files: the next one, and the one at hand */
};

int content_open_package(void *ctx, uint32_t change, struct error *err)
{
	const struct content_packages *p = ctx;
	const struct change *c = &p->changes->list.v[change];

	return sources_open_package(p->sources, (uint32_t)c->source, c->location, err);
}

static void close_package(void *reader)
{
	struct reader *r = reader;

	payload_free(r->payload);
	cleanup_closep(&r->fd);
	free(r);
}

static int open_package(const void *ctx, uint32_t change, void **ret, struct error *err)
{
	const struct content_packages *p = ctx;
	const struct pkg *pkg = p->changes->list.v[change].to;
	struct reader *r = xcalloc(1, sizeof(*r));

	r->sources = p->sources;
	r->change = &p->changes->list.v[change];
	r->fd = -1;
	*ret = r;
	if (sources_lend(p->sources, (uint32_t)r->change->source))
		return 0;
	r->fd = content_open_package((void *)ctx, change, err);
	if (r->fd < 0 ||
	    payload_open(r->fd, pkg->nevra, &pkg->hdrdigest, &r->payload, err) < 0) {
		close_package(r);
		return -1;
	}
	return 0;
}

/* The next regular file that is one of its own: of a hard-link set the first. */
static int next_lent(struct reader *r, uint32_t *ret_file, bool *ret_has_data)
{
	const struct pkg *p = r->change->to;

	cleanup_closep(&r->fd);
	r->fd = -1;
	for (; r->next < p->files.n; r->next++) {
		const struct pkgfile *f = &p->files.v[r->next];

		if (S_ISREG(f->mode) && !(f->flags & FILE_GHOST) &&
		    f->link_first == r->next)
			break;
	}
	if (r->next == p->files.n)
		return 0;
	*ret_file = r->file = r->next++;
	*ret_has_data = true;
	return 1;
}

static int lent_file(void *reader, struct error *err)
{
	struct reader *r = reader;

	if (r->payload)
		return -1;
	if (r->fd < 0)
		r->fd = sources_open_file(r->sources, (uint32_t)r->change->source,
					  r->change->to, r->file, err);
	return r->fd;
}

static int next_member(void *reader, uint32_t *ret_file, bool *ret_has_data,
		       struct error *err)
{
	struct reader *r = reader;

	if (!r->payload)
		return next_lent(r, ret_file, ret_has_data);
	return payload_next(r->payload, ret_file, ret_has_data, err);
}

static ssize_t read_member(void *reader, void *buf, size_t n, struct error *err)
{
	struct reader *r = reader;
	ssize_t got;

	if (r->payload)
		return payload_read(r->payload, buf, n, err);
	if (lent_file(r, err) < 0)
		return -1;
	do
		got = read(r->fd, buf, n);
	while (got < 0 && errno == EINTR);
	return got < 0 ? err_errno(err, "cannot read a file of %s", r->change->to->nevra)
		       : got;
}

void content_of_packages(const struct content_packages *p, struct content *ret)
{
	*ret = (struct content){p,	     open_package, next_member,
				read_member, lent_file,	   close_package};
}
