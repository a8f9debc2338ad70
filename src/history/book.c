/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/book.h"

#include <string.h>

void book_release(struct book *b)
{
	array_release(&b->times);
}

struct history_entry *book_entry(struct book *b)
{
	return b->open ? &b->h->entries.v[b->h->entries.n - 1] : NULL;
}

/* One that no package came or went with is no entry. */
static void close_entry(struct book *b, bool last)
{
	struct history_entry *e = book_entry(b);

	if (e && !e->items.n && !(last && b->keeps_last && b->keeps_last(e)))
		b->h->entries.n--;
	else if (e && !e->items.n)
		e->state = ENTRY_UNFINISHED;
	b->open = false;
}

void book_begin(struct book *b, int64_t time, const char *command, const char *user)
{
	struct history_entry *e;
	int64_t id = time;

	close_entry(b, false);
	for (uint32_t i = b->h->entries.n; i-- > 0 && b->h->entries.v[i].id >= id;)
		id = b->h->entries.v[i].id + 1;
	e = history_add(b->h, b->ops, id);
	e->begin = e->end = time;
	e->state = ENTRY_DONE;
	e->command = command;
	e->user = user;
	e->complete = true;
	b->open = true;
}

struct history_item *book_add(struct book *b, int64_t time, enum item_action action,
			      const char *text)
{
	struct history_entry *e = book_entry(b);
	struct history_item *item;
	struct nevra id;

	if (nevra_parse(&b->h->mem, text, &id) < 0 || !*id.name || !*id.arch)
		return NULL;
	if (!e || (b->silence && time > e->end + b->silence)) {
		book_begin(b, time, "", "");
		e = book_entry(b);
	}
	item = history_add_item(e);
	item->action = action;
	item->id = id;
	e->end = MAX(e->end, time);
	array_add(&b->times, time);
	return item;
}

void book_end(struct book *b)
{
	close_entry(b, true);
}

/* --- local times ------------------------------------------------------------------------------- */

#define QUARTER	  (15 * 60)
#define ZONE_MAX  (15 * 3600)
#define ZONE_NONE INT64_MAX

/* What an entry's packages say, or ZONE_NONE. */
static int64_t zone_of(const struct history_entry *e, const int64_t *times,
		       const struct pkgset *installed)
{
	for (uint32_t i = 0; i < e->items.n; i++) {
		const struct history_item *item = &e->items.v[i];
		const struct pkg *p = item_action_sign(item->action) > 0
					      ? pkgset_find(installed, &item->id)
					      : NULL;
		int64_t off, zone;

		if (!p || !p->installtime)
			continue;
		off = p->installtime - times[i];
		zone = (off + (off < 0 ? -QUARTER / 2 : QUARTER / 2)) / QUARTER * QUARTER;
		if (zone <= ZONE_MAX && zone >= -ZONE_MAX && off - zone < QUARTER / 3 &&
		    zone - off < QUARTER / 3)
			return zone;
	}
	return ZONE_NONE;
}

void book_shift(struct book *b, const struct pkgset *installed)
{
	uint32_t n = b->h->entries.n, at = 0;
	cleanup_free int64_t *zones = xcalloc(n + 1, sizeof(*zones));
	int64_t next = ZONE_NONE;

	for (uint32_t i = 0; i < n; i++) {
		zones[i] = zone_of(&b->h->entries.v[i], b->times.v + at, installed);
		at += b->h->entries.v[i].items.n;
	}
	/* those that say nothing go with the next that does, the last ones with the one before */
	for (uint32_t i = n; i-- > 0;) {
		if (zones[i] == ZONE_NONE)
			zones[i] = next;
		next = zones[i];
	}
	for (uint32_t i = 0; i < n; i++) {
		struct history_entry *e = &b->h->entries.v[i];

		if (zones[i] == ZONE_NONE)
			zones[i] = i ? zones[i - 1] : 0;
		e->begin += zones[i];
		e->end += zones[i];
	}
}
