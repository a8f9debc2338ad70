/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/order.h"

#include <string.h>

static void put(struct buf *b, const char *s)
{
	buf_add(b, s ? s : "", (s ? strlen(s) : 0) + 1);
}

static void put_number(struct buf *b, uint64_t n)
{
	buf_add(b, &n, sizeof(n));
}

static void put_list(struct buf *b, const struct strlist *l)
{
	put_number(b, l->n);
	for (uint32_t i = 0; i < l->n; i++)
		put(b, l->v[i]);
}

void order_write(struct buf *b, const struct runner_order *o)
{
	put_number(b, o->what);
	put_number(b, o->seconds);
	put(b, o->folder);
	put_list(b, &o->argv);
	put_list(b, &o->env);
	put_number(b, o->n_mounts);
	for (uint32_t i = 0; i < o->n_mounts; i++) {
		put(b, o->mounts[i].path);
		put(b, o->mounts[i].layer);
		put(b, o->mounts[i].upper);
		put(b, o->mounts[i].work);
	}
	put(b, o->input);
	put_number(b, o->script != NULL);
	put_number(b, o->script ? o->script_len : 0);
	buf_add(b, o->script ? o->script : "", o->script ? o->script_len : 0);
}

/* Whoever writes this may be in a stranger's hands. */
struct bytes {
	const char *at, *end;
	bool bad;
};

static const char *get(struct bytes *b)
{
	const char *s = b->at, *nul = memchr(s, '\0', (size_t)(b->end - s));

	if (!nul) {
		b->bad = true;
		b->at = b->end;
		return "";
	}
	b->at = nul + 1;
	return s;
}

static uint64_t get_number(struct bytes *b)
{
	uint64_t n;

	if ((size_t)(b->end - b->at) < sizeof(n)) {
		b->bad = true;
		b->at = b->end;
		return 0;
	}
	memcpy(&n, b->at, sizeof(n));
	b->at += sizeof(n);
	return n;
}

static void get_list(struct bytes *b, struct strlist *ret)
{
	for (uint64_t n = get_number(b); n && !b->bad; n--)
		strlist_add(ret, get(b));
}

int order_read(const char *p, size_t n, struct order *ret)
{
	struct bytes b = {p, p + n, false};
	struct runner_order *o = &ret->order;
	const char *layer, *work;

	o->what = (enum runner_what)get_number(&b);
	o->seconds = (unsigned)get_number(&b);
	o->folder = get(&b);
	get_list(&b, &o->argv);
	get_list(&b, &o->env);
	for (uint64_t i = get_number(&b); i && !b.bad; i--) {
		struct runner_mount *m = array_push(&ret->mounts);

		m->path = xstrdup(get(&b));
		layer = get(&b);
		m->layer = *layer ? xstrdup(layer) : NULL;
		m->upper = xstrdup(get(&b));
		work = get(&b);
		m->work = *work ? xstrdup(work) : NULL;
	}
	o->mounts = ret->mounts.v;
	o->n_mounts = ret->mounts.n;
	o->input = get(&b);
	o->script = get_number(&b) ? p : NULL;
	o->script_len = get_number(&b);
	if (o->script && (b.bad || o->script_len > (size_t)(b.end - b.at)))
		return -1;
	if (o->script)
		o->script = b.at;
	return b.bad || !o->argv.n ? -1 : 0;
}

void order_release(struct order *r)
{
	for (uint32_t i = 0; i < r->mounts.n; i++) {
		free(r->mounts.v[i].path);
		free(r->mounts.v[i].layer);
		free(r->mounts.v[i].upper);
		free(r->mounts.v[i].work);
	}
	array_release(&r->mounts);
	strlist_release(&r->order.argv);
	strlist_release(&r->order.env);
}
