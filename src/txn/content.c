/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/payload.h"
#include "txn/content.h"

struct reader {
	struct payload *payload;
	int fd;
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

	r->fd = content_open_package((void *)ctx, change, err);
	if (r->fd < 0 ||
	    payload_open(r->fd, pkg->nevra, &pkg->hdrdigest, &r->payload, err) < 0) {
		close_package(r);
		return -1;
	}
	*ret = r;
	return 0;
}

static int next_member(void *reader, uint32_t *ret_file, bool *ret_has_data,
		       struct error *err)
{
	struct reader *r = reader;

	return payload_next(r->payload, ret_file, ret_has_data, err);
}

static ssize_t read_member(void *reader, void *buf, size_t n, struct error *err)
{
	struct reader *r = reader;

	return payload_read(r->payload, buf, n, err);
}

void content_of_packages(const struct content_packages *p, struct content *ret)
{
	*ret = (struct content){p, open_package, next_member, read_member, close_package};
}
