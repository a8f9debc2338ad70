/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "txn/inside.h"
#include "txn/look.h"
#include "txn/run.h"
#include "txn/salvage_mark.h"
#include "txn/stands.h"
#include "txn/swap.h"

static const char *const names[] = {
#define X(id, name) [id] = name,
	SALVAGE_STANDS(X)
#undef X
};

const char *salvage_stands_name(enum salvage_stands s)
{
	return names[s];
}

enum place { PLACE_OLD, PLACE_NEW, PLACE_NOTHING, PLACE_OTHER, PLACE_ERROR };

static enum place judge(const struct task *k, const struct seen *s)
{
	if (!s->there)
		return s->foreign ? PLACE_OTHER : PLACE_NOTHING; /* hidden by a mount */
	if (look_is(s, &k->old.id))
		return PLACE_OLD;
	return look_is(s, &k->new.id) ? PLACE_NEW : PLACE_OTHER;
}

static enum place look(struct run *t, const struct task *k, const char *path)
{
	struct seen s;

	if (t->areas.v[k->area].fd < 0 ||
	    look_path(t->root, &t->areas.v[k->area], path, &s) < 0)
		return PLACE_ERROR;
	return judge(k, &s);
}

const char *stands_at(struct run *t, const struct task *k)
{
	switch (look(t, k, k->path)) {
	case PLACE_OLD: return "original";
	case PLACE_NEW: return "new";
	case PLACE_NOTHING: return "nothing";
	case PLACE_OTHER: return "other";
	default: return NULL;
	}
}

static enum place look_slot(struct run *t, uint32_t i, const char *suffix)
{
	const struct task *k = &t->tasks.list.v[i];
	const struct area *a = &t->areas.v[k->area];
	char buf[SLOT_NAME_MAX];
	struct spot at = swap_slot(t, i, suffix, buf);
	struct seen s;

	if (at.dir < 0 || look_name(a, at.dir, at.name, &s) < 0)
		return PLACE_ERROR;
	return judge(k, &s);
}

/* A directory that was to go, and stayed for what had come into it or into one beneath it, says nothing of the rest. */
static bool is_left(struct run *t, const struct task *k)
{
	cleanup_free char *below = xasprintf("%s/", k->path);
	struct strlist strangers = {0};
	bool left = inside_strangers(t, k, k->path, &strangers) == 0 && strangers.n;
	uint32_t i;

	(void)tasks_at(&t->tasks, below, &i);
	for (; i < t->tasks.list.n && !left; i++) {
		const struct task *o = &t->tasks.list.v[t->tasks.by_path[i]];

		if (strncmp(o->path, below, strlen(below)) != 0)
			break;
		left = (object_is_dir(&o->old) || object_is_dir(&o->new)) &&
		       inside_strangers(t, o, o->path, &strangers) == 0 && strangers.n;
	}
	strlist_release(&strangers);
	return left;
}

/* Both: between the renames of an exchange. */
enum { IS_DONE = 1, IS_NOT = 2 };

/*
 * How a task stands; 0: that cannot be told. The slot tells, whatever came to the path since: the owner may have
 * removed or replaced what is there, and a later transaction may have taken it over. Where the slot is empty, the path
 * tells if one of the two is there.
 */
static unsigned how(struct run *t, uint32_t i)
{
	const struct task *k = &t->tasks.list.v[i];
	enum place path = look(t, k, k->path), slot, aside;

	switch (k->kind) {
	case OP_SWAP:
		slot = look_slot(t, i, "");
		aside = look_slot(t, i, ".old");
		if (aside == PLACE_OLD || aside == PLACE_NEW)
			return IS_DONE | IS_NOT;
		if (slot == PLACE_OLD)
			return IS_DONE;
		return slot == PLACE_NEW || path == PLACE_OLD ? IS_NOT : 0;
	case OP_CREATE:
		if (path == PLACE_NEW)
			return object_is_dir(&k->new) && is_left(t, k) ? 0 : IS_DONE;
		return look_slot(t, i, "") == PLACE_NEW ? IS_NOT : 0;
	case OP_REMOVE:
		if (path == PLACE_OLD)
			return object_is_dir(&k->old) && is_left(t, k) ? 0 : IS_NOT;
		return look_slot(t, i, "") == PLACE_OLD ? IS_DONE : 0;
	case OP_MOVE:
		if (path == PLACE_OLD)
			return IS_NOT;
		return look(t, k, k->path2) == PLACE_OLD ? IS_DONE : 0;
	default: return 0;
	}
}

bool stands_is_done(struct run *t, uint32_t i)
{
	return how(t, i) & IS_DONE;
}

bool stands_is_lost(struct run *t, uint32_t i)
{
	static const char *const suffixes[] = {"", ".old", ".kept"};
	const struct task *k = &t->tasks.list.v[i];
	enum place path = look(t, k, k->path);

	/* an exchange leaves something in its slot, whether it is done or not */
	if (task_is_log(k) || path == PLACE_OLD ||
	    !(k->kind == OP_SWAP || (k->kind == OP_REMOVE && path == PLACE_NOTHING)))
		return false;
	for (size_t n = 0; n < ELEMENTSOF(suffixes); n++)
		if (look_slot(t, i, suffixes[n]) != PLACE_NOTHING)
			return false;
	return true;
}

enum salvage_stands stands_of(struct run *t)
{
	unsigned all = 0, moved = 0;

	if (salvage_mark_is_set(t))
		return STANDS_HALF;
	for (uint32_t i = 0; i < t->tasks.list.n; i++)
		*(t->tasks.list.v[i].kind == OP_MOVE ? &moved : &all) |= how(t, i);
	/* no slot tells of a file whose name its owner may have given back to it, as that of a .rpmsave */
	if (all != IS_DONE)
		all |= moved;
	if (all == (IS_DONE | IS_NOT))
		return STANDS_HALF;
	return all == IS_DONE ? STANDS_WHOLLY : all ? STANDS_NOT : STANDS_UNCLEAR;
}
