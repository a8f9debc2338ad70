/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/history.h"

#include <inttypes.h>
#include <string.h>

static const struct history_ops *const formats[] = {&dnf4_ops, &rpmtid_ops};

/* Histories that are kept somewhere and that no format above reads. */
static const struct {
	const char *tool, *path;
} unread[] = {
	{"dnf 5", "usr/lib/sysimage/libdnf5/transaction_history.sqlite"},
	{"yum 3", "var/lib/yum/history"},
	{"zypper", "var/log/zypp/history"},
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

static void drop_entries(struct history *h, uint32_t keep)
{
	while (h->entries.n > keep) {
		struct history_entry *last = &h->entries.v[h->entries.n - 1];

		array_release(&last->items);
		h->entries.n--;
	}
}

/* A rescuer should not take rpm's record for all there is. */
static void tell_unread(struct root *r, struct history *h)
{
	for (size_t i = 0; i < ELEMENTSOF(unread); i++) {
		cleanup_free char *path = NULL;
		struct statx st;

		if (root_resolve(r, unread[i].path, true, &path, NULL) == 0 &&
		    root_statx(r, path, STATX_TYPE, &st) == 0)
			strlist_take(
				&h->remarks,
				xasprintf("the history of %s, '%s' in the root, is of a "
					  "kind that is not read here",
					  unread[i].tool, path));
	}
}

/* Entries of the first format are numbered without it. */
static void name_entries(struct history *h)
{
	const char *primary = NULL;

	for (size_t i = 0; i < ELEMENTSOF(formats) && !primary; i++)
		for (uint32_t k = 0; k < h->entries.n && !primary; k++)
			if (!strcmp(h->entries.v[k].origin, formats[i]->origin))
				primary = formats[i]->origin;
	for (uint32_t k = 0; k < h->entries.n; k++) {
		struct history_entry *e = &h->entries.v[k];

		e->name =
			primary && !strcmp(e->origin, primary)
				? arena_printf(&h->mem, "%" PRId64, e->id)
				: arena_printf(&h->mem, "%s:%" PRId64, e->origin, e->id);
	}
}

void history_read(struct root *r, const struct pkgset *installed, struct history *ret)
{
	struct history h = {0};

	for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
		cleanup_error struct error why = ERROR_INIT;
		int rc = formats[i]->read(r, installed, &h, &why);

		if (rc > 0)
			break;
		drop_entries(&h, 0);
		if (rc < 0) {
			strlist_add(&h.remarks, why.msg);
			h.damaged = true;
		}
	}
	if (!h.entries.n || !h.entries.v[0].complete)
		tell_unread(r, &h);
	name_entries(&h);
	*ret = h;
}

bool history_name_is_valid(const char *name)
{
	const char *colon = strchr(name, ':'), *digits = colon ? colon + 1 : name;
	size_t n = strspn(digits, "0123456789");

	return n > 0 && n < 19 && !digits[n] && *digits != '0' &&
	       (!colon ||
		(colon > name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
					 (size_t)(colon - name)));
}

const struct history_entry *history_find(const struct history *h, const char *name)
{
	for (uint32_t i = 0; i < h->entries.n; i++) {
		const struct history_entry *e = &h->entries.v[i];
		size_t n = strlen(e->origin);

		if (!strcmp(e->name, name) ||
		    (!strncmp(name, e->origin, n) && name[n] == ':' &&
		     !strcmp(name + n + 1, e->name)))
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
	drop_entries(h, 0);
	array_release(&h->entries);
	strlist_release(&h->remarks);
	arena_release(&h->mem);
}
