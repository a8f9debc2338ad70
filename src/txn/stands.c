/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/look.h"
#include "txn/run.h"
#include "txn/salvage_mark.h"
#include "txn/stands.h"

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

static enum place look(struct run *t, const struct task *k, const char *path)
{
	struct seen s;

	if (t->areas.v[k->area].fd < 0 ||
	    look_path(t->root, &t->areas.v[k->area], path, &s) < 0)
		return PLACE_ERROR;
	if (!s.there)
		return PLACE_NOTHING;
	if (look_is(&s, &k->old.id))
		return PLACE_OLD;
	return look_is(&s, &k->new.id) ? PLACE_NEW : PLACE_OTHER;
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

/* 1: the task is done; -1: it is not, or was taken back; 0: that cannot be told, or says nothing */
static int is_done(struct run *t, const struct task *k)
{
	enum place s = look(t, k, k->path);

	switch (k->kind) {
	case OP_SWAP: return s == PLACE_NEW ? 1 : s == PLACE_OLD ? -1 : 0;
	case OP_CREATE:
		if (s == PLACE_NOTHING && (task_is_consumed(k) || task_is_idle_log(k)))
			return 0; /* the machine itself takes it away */
		return s == PLACE_NEW ? 1 : s == PLACE_NOTHING ? -1 : 0;
	case OP_REMOVE:
		if (s == PLACE_NOTHING && task_is_log(k))
			return 0;
		return s == PLACE_NOTHING ? 1 : s == PLACE_OLD ? -1 : 0;
	case OP_MOVE:
		if (s == PLACE_OLD)
			return -1;
		return look(t, k, k->path2) == PLACE_OLD ? 1 : 0;
	default: return 0;
	}
}

enum salvage_stands stands_of(struct run *t)
{
	uint32_t done = 0, not_done = 0;

	if (salvage_mark_is_set(t))
		return STANDS_HALF;
	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		int rc = is_done(t, &t->tasks.list.v[i]);

		done += rc > 0;
		not_done += rc < 0;
	}
	if (done && not_done)
		return STANDS_HALF;
	return done ? STANDS_WHOLLY : not_done ? STANDS_NOT : STANDS_UNCLEAR;
}
