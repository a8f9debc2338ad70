/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/buf.h"
#include "core/fstype.h"
#include "core/planning.h"

/*
 * rpm takes setuid and setgid bits and capabilities from what it replaces or removes, since a user may have given it
 * a second name (lib/fsm.c: removeSBITS()). So they go here, too, and undo gives them back with the file; but not
 * where a packaged name of the same file stays as it is, nor where the file would not be known again afterwards.
 */

static bool goes(const struct step *step)
{
	return step->act == ACT_SWAP || step->act == ACT_REMOVE;
}

/* Packaged names of the file: how many, and whether one of them stays. */
static uint32_t names(const struct planning *g, const struct fact *f, bool *ret_stays)
{
	uint32_t n = 0;

	*ret_stays = false;
	for (uint32_t i = 0; i < g->layout->slots.n; i++) {
		const struct fact *other = &g->layout->slots.v[i].fact;

		if (other->type != FT_REG || other->dev != f->dev ||
		    !identity_is_same(&other->id, &f->id))
			continue;
		n++;
		*ret_stays |= !goes(&g->steps[i]);
	}
	return n;
}

/* Elsewhere an object is known by its mode as well (txn/look.c: weak_identity()). */
static bool keeps_inodes(const struct mount *m)
{
	return !(fstype_lacks(m->fstype) & FS_NO_INODES);
}

static void tell(struct planning *g, const struct op *op, const struct fact *f)
{
	cleanup_free char *shown = quoted(op->path);
	const char *what = f->attr.mode & 04000	  ? "setuid"
			   : f->attr.mode & 02000 ? "setgid"
						  : "given capabilities";

	if (op->strips)
		problems_add(
			&g->plan->problems, PROBLEM_SECOND_NAME, SEV_NOTE, op->path,
			"'/%s' is %s and has another name that is no package's: that is taken from it there, "
			"as by rpm, and comes back with undo; `find -xdev -inum %llu` in the root finds it",
			shown, what, (unsigned long long)f->id.ino);
	else
		problems_add(
			&g->plan->problems, PROBLEM_SECOND_NAME, SEV_WARNING, op->path,
			"'/%s' is %s and has another name that is no package's: under that one it stays as it is; "
			"`find -xdev -inum %llu` in the root finds it",
			shown, what, (unsigned long long)f->id.ino);
}

void strip_settle(struct planning *g)
{
	struct op *op;

	array_foreach(op, &g->plan->ops) {
		const struct slot *s = layout_find(g->layout, op->path);
		const struct fact *f = s ? &s->fact : NULL;
		bool stays;
		uint32_t known;

		if (!f || f->type != FT_REG || !goes(&g->steps[s - g->layout->slots.v]) ||
		    op->kind == OP_CREATE || !attr_is_privileged(&f->attr))
			continue;
		known = names(g, f, &stays);
		op->strips = !stays && keeps_inodes(&g->mounts->v[op->mount]);
		if (f->nlink > known)
			tell(g, op, f);
	}
}
