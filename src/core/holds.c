/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/buf.h"
#include "core/fstype.h"
#include "core/planning.h"

static const struct mount *mount_of(const struct planning *g, const struct slot *s)
{
	return &g->mounts->v[mounts_of_path(g->mounts, s->path)];
}

/* The mount gives the same owner and mode to all that is on it: once for all files. */
static void note_attributes(struct planning *g, const struct mount *m)
{
	cleanup_free char *key = xasprintf("attributes %s", m->path), *shown = NULL;

	if (!planning_first(g, key))
		return;
	shown = quoted(m->path);
	problems_add(
		&g->plan->problems, PROBLEM_CANNOT_HOLD, SEV_NOTE, m->path,
		"'/%s' is %s: files there have the owner and mode that it is mounted "
		"with, whatever their packages say",
		shown, m->fstype);
}

bool holds_attributes(const struct planning *g, const struct slot *s)
{
	return mount_keeps_attributes(mount_of(g, s));
}

void holds_adjust(struct planning *g, const struct slot *s, struct attr *shall)
{
	const struct attr *is = &s->fact.attr;

	if (holds_attributes(g, s))
		return;
	shall->mtime_ns = fstype_mtime(shall->mtime_ns);
	if (s->fact.type == FT_NONE) {
		note_attributes(g, mount_of(g, s));
		return;
	}
	if ((shall->mode ^ is->mode) & 07777 || shall->uid != is->uid ||
	    shall->gid != is->gid)
		note_attributes(g, mount_of(g, s));
	shall->mode = (shall->mode & ~07777u) | (is->mode & 07777);
	shall->uid = is->uid;
	shall->gid = is->gid;
}

void holds_check(struct planning *g, const struct slot *s, const struct pkg *p,
		 const struct pkgfile *f)
{
	const struct mount *m = mount_of(g, s);
	enum ftype t = ftype_of_mode(f->mode);
	cleanup_free char *shown = NULL, *where = NULL;

	if (m->passing)
		return;
	if (!mount_keeps_attributes(m) && t != FT_REG && t != FT_DIR) {
		shown = quoted(s->path);
		where = quoted(m->path);
		problems_add(&g->plan->problems, PROBLEM_CANNOT_HOLD, SEV_REFUSE, s->path,
			     "'/%s' of %s is a %s, and '/%s' is %s, which has none; "
			     "mount another file system there, or leave the package out",
			     shown, p->nevra, ftype_name(t), where, m->fstype);
	} else if (f->caps_len && m->no_xattrs) {
		shown = quoted(s->path);
		where = quoted(m->path);
		problems_add(
			&g->plan->problems, PROBLEM_CANNOT_HOLD, SEV_REFUSE, s->path,
			"'/%s' of %s has capabilities, and '/%s' (%s) cannot hold them: "
			"it has no extended attributes; mount it with them, or leave the package "
			"out",
			shown, p->nevra, where, m->fstype);
	}
}

static void note_left(struct planning *g, const struct mount *m, uint32_t n)
{
	cleanup_free char *shown = quoted(m->path);

	problems_add(&g->plan->problems, PROBLEM_OTHER, SEV_NOTE, m->path,
		     "what is mounted on '/%s' (%s) is not the machine's, or it makes it anew "
		     "when it starts: %u %s of packages there %s left as %s",
		     shown, m->fstype, n, n == 1 ? "path" : "paths",
		     n == 1 ? "is" : "are", n == 1 ? "it is" : "they are");
}

void holds_leave(struct planning *g)
{
	const struct mounts *m = g->mounts;
	uint32_t *left = xcalloc(m->n, sizeof(*left)), n = 0;

	for (uint32_t i = 0; i < g->layout->slots.n; i++) {
		uint32_t at = mounts_of_path(m, g->layout->slots.v[i].path);
		struct step *step = &g->steps[i];

		if (!m->v[at].passing)
			continue;
		left[at] += step->act != ACT_NONE;
		step->act = ACT_NONE;
		step->want = NO_INDEX;
		step->gone = false;
	}
	for (uint32_t i = 0; i < g->extras.n; i++)
		if (!m->v[mounts_of_path(m, g->extras.v[i].path)].passing)
			g->extras.v[n++] = g->extras.v[i];
	g->extras.n = n;
	for (uint32_t i = 0; i < m->n; i++)
		if (left[i])
			note_left(g, &m->v[i], left[i]);
	free(left);
}
