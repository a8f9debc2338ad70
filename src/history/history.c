/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/history.h"

#include <inttypes.h>
#include <string.h>

#include "history/merge.h"
#include "history/replay.h"

/* The one that knows most first; what stands in for another comes behind all of these. */
static const struct history_ops *const formats[] = {
	&dnf5_ops,    &dnf4_ops,    &yum_ops,	 &zypper_ops,
	&dnf5log_ops, &dnf4log_ops, &yumlog_ops, &rpmtid_ops,
};

const char *item_action_name(enum item_action a)
{
	static const char *const names[] = {
#define X(id, name, sign) [id] = name,
		ITEM_ACTIONS(X)
#undef X
	};

	return names[a];
}

int item_action_sign(enum item_action a)
{
	static const int signs[] = {
#define X(id, name, sign) [id] = sign,
		ITEM_ACTIONS(X)
#undef X
	};

	return signs[a];
}

const char *entry_state_name(enum entry_state s)
{
	static const char *const names[] = {
		[ENTRY_DONE] = "done",
		[ENTRY_FAILED] = "failed",
		[ENTRY_UNFINISHED] = "unfinished",
	};

	return names[s];
}

struct history_entry *history_add(struct history *h, const struct history_ops *ops,
				  int64_t id)
{
	struct history_entry *e = array_push(&h->entries);

	e->id = id;
	e->name = e->command = e->user = e->comment = "";
	e->origin = ops->origin;
	return e;
}

struct history_item *history_add_item(struct history_entry *e)
{
	struct history_item *item = array_push(&e->items);

	item->repo = item->reason = item->digest = "";
	return item;
}

struct history_entry *history_seek(struct history *h, uint32_t *at, int64_t id)
{
	while (*at < h->entries.n && h->entries.v[*at].id < id)
		(*at)++;
	return *at < h->entries.n && h->entries.v[*at].id == id ? &h->entries.v[*at]
								: NULL;
}

static const struct history_ops *primary_of(const struct history *h)
{
	for (size_t i = 0; i < ELEMENTSOF(formats); i++)
		for (uint32_t k = 0; k < h->entries.n; k++)
			if (!strcmp(h->entries.v[k].origin, formats[i]->origin))
				return formats[i];
	return NULL;
}

static void name_entries(struct history *h)
{
	const struct history_ops *primary = primary_of(h);

	h->primary = primary ? primary->origin : NULL;
	for (uint32_t k = 0; k < h->entries.n; k++) {
		struct history_entry *e = &h->entries.v[k];
		bool bare =
			primary && primary->numbered && !strcmp(e->origin, h->primary);

		e->name = bare ? arena_printf(&h->mem, "%" PRId64, e->id)
			       : arena_printf(&h->mem, "%s:%" PRId64, e->origin, e->id);
	}
}

static uint64_t count_items(const struct history *h)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < h->entries.n; i++)
		n += h->entries.v[i].items.n;
	return n;
}

static int read_one(struct root *r, const struct pkgset *installed,
		    const struct history_ops *ops, const struct history *h,
		    struct history *part, struct error *err)
{
	if (ops->read(r, installed, part, err) < 0)
		return -1;
	/* the rpmdb bounds its own */
	if (ops != &rpmtid_ops && count_items(h) + count_items(part) > QUOTA_ROWS_MAX)
		return err_set(
			err, ERR_FAILED,
			"the history '%s' is left out: all of them together have over "
			"%u packages that came or went",
			ops->origin, QUOTA_ROWS_MAX);
	return 0;
}

void history_read(struct root *r, const struct pkgset *installed,
		  const struct observer *o, struct history *ret)
{
	struct history h = {0};

	observer_progress(o, PHASE_HISTORY, 0, 0, false, 0);
	for (size_t i = 0; i < ELEMENTSOF(formats) && !observer_stop(o); i++) {
		cleanup_error struct error why = ERROR_INIT;
		struct history part = {0};
		int rc;

		quota_init(&part.quota, o);
		rc = read_one(r, installed, formats[i], &h, &part, &why);
		if (rc < 0 && !observer_stop(o))
			strlist_add(&part.remarks, why.msg);
		for (uint32_t k = 0; k < part.remarks.n; k++)
			strlist_add(&h.remarks, part.remarks.v[k]);
		h.damaged |= part.remarks.n > 0;
		if (rc == 0)
			merge_take(&h, &part, formats[i]);
		history_release(&part);
	}
	replay_all(&h, installed);
	name_entries(&h);
	*ret = h;
}

bool history_name_is_valid(const char *name)
{
	const char *colon = strchr(name, ':'), *digits = colon ? colon + 1 : name;
	size_t n = strspn(digits, "0123456789");

	return n > 0 && n < 20 && !digits[n] && (*digits != '0' || n == 1) &&
	       (!colon ||
		(colon > name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
					 (size_t)(colon - name)));
}

const struct history_entry *history_find(const struct history *h, const char *name)
{
	const char *colon = strchr(name, ':');
	int64_t id = strtoll(colon ? colon + 1 : name, NULL, 10);
	size_t n = colon ? (size_t)(colon - name) : 0;

	if (!history_name_is_valid(name))
		return NULL;
	for (uint32_t i = 0; i < h->entries.n; i++) {
		const struct history_entry *e = &h->entries.v[i];
		const char *origin = e->origin;

		if (e->id == id && (colon ? !strncmp(name, origin, n) && !origin[n]
					  : h->primary && !strcmp(origin, h->primary)))
			return e;
	}
	return NULL;
}

bool history_entry_has_changes(const struct history_entry *e)
{
	for (uint32_t i = 0; i < e->items.n; i++)
		if (item_action_sign(e->items.v[i].action) != 0)
			return true;
	return false;
}

const struct history_entry *history_last(const struct history *h)
{
	for (uint32_t i = h->entries.n; i-- > 0;)
		if (!h->entries.v[i].putback &&
		    history_entry_has_changes(&h->entries.v[i]))
			return &h->entries.v[i];
	return NULL;
}

void history_release(struct history *h)
{
	for (uint32_t i = 0; i < h->entries.n; i++)
		array_release(&h->entries.v[i].items);
	array_release(&h->entries);
	strlist_release(&h->remarks);
	arena_release(&h->mem);
}

const struct history_item *history_find_item(const struct history_entry *e,
					     const struct nevra *id, int sign)
{
	for (uint32_t i = 0; i < e->items.n; i++)
		if (item_action_sign(e->items.v[i].action) == sign &&
		    nevra_is_same(&e->items.v[i].id, id))
			return &e->items.v[i];
	return NULL;
}
