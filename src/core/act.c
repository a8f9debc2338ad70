/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "core/planning.h"

/* Warned about once per name. */
static void warn_owner(struct planning *g, const struct pkg *p, const char *kind,
		       const char *name)
{
	cleanup_free char *key = xasprintf("%s %s", kind, name), *shown = quoted(name);

	if (strlist_has(&g->warned, key))
		return;
	strlist_add(&g->warned, key);
	problems_add(
		&g->plan->problems, PROBLEM_UNKNOWN_OWNER, SEV_WARNING, name,
		"%s '%s' of %s is not in the root's own %s file; its files will belong to "
		"root, without setuid and setgid",
		kind, shown, p->nevra, strcmp(kind, "user") == 0 ? "passwd" : "group");
}

/* Owners by name from the root's own tables; an unknown user takes the setuid bit with it, an
 * unknown group the setgid bit (lib/rpmfi.c: rpmfilesStat()). */
void act_attr(struct planning *g, const struct pkg *p, const struct pkgfile *f,
	      struct attr *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->mode = f->mode & (S_IFMT | 07777);
	ret->mtime_ns = f->mtime * INT64_C(1000000000);
	if (strcmp(f->user, "root") != 0 && !users_uid(g->users, f->user, &ret->uid)) {
		warn_owner(g, p, "user", f->user);
		ret->mode &= ~(uint32_t)S_ISUID;
	}
	if (strcmp(f->group, "root") != 0 && !users_gid(g->users, f->group, &ret->gid)) {
		warn_owner(g, p, "group", f->group);
		ret->mode &= ~(uint32_t)S_ISGID;
	}
	if (f->caps_len && f->caps_len <= CAPS_MAX) {
		ret->caps_len = f->caps_len;
		memcpy(ret->caps, f->caps, f->caps_len);
	}
}

/* Whether the attributes differ in a way that counts; says which first. */
static bool attr_differs(enum ftype t, const struct attr *is, const struct attr *shall,
			 enum op_reason *why)
{
	if (t != FT_LNK && (is->mode & 07777) != (shall->mode & 07777))
		*why = WHY_MODE;
	else if (is->uid != shall->uid || is->gid != shall->gid)
		*why = WHY_OWNER;
	else if (t == FT_REG && (is->caps_len != shall->caps_len ||
				 memcmp(is->caps, shall->caps, is->caps_len) != 0))
		*why = WHY_CAPS;
	else if (t != FT_DIR && is->mtime_ns / INT64_C(1000000000) !=
					shall->mtime_ns / INT64_C(1000000000))
		*why = WHY_MTIME;
	else
		return false;
	return true;
}

static bool was_packaged_so(const struct planning *g, const struct step *step,
			    const struct fact *disk)
{
	const struct claim *old;
	const struct pkgfile *f;

	if (step->old == NO_INDEX)
		return false;
	old = &g->layout->claims.v[step->old];
	f = planning_file(g, old);
	if (ftype_of_mode(f->mode) != disk->type || f->size != disk->size)
		return false;
	return disk->digest[0].algo == DIGEST_NONE ||
	       fate_digest_matches(f, planning_pkg(g, old)->digest_algo, disk);
}

/* The content of what is there is as packaged; if not, why. */
static bool content_matches(const struct planning *g, const struct step *step,
			    const struct pkgfile *f, uint8_t algo,
			    const struct fact *disk, enum op_reason *why)
{
	switch (disk->type) {
	case FT_REG:
		if (disk->size == f->size &&
		    (f->digest ? fate_digest_matches(f, algo, disk) : f->size == 0))
			return true;
		*why = was_packaged_so(g, step, disk) ? WHY_CONTENT : WHY_EDITED;
		return false;
	case FT_LNK:
		*why = WHY_TARGET;
		return disk->link && strcmp(disk->link, f->link) == 0;
	case FT_CHR:
	case FT_BLK:
		*why = WHY_DEVICE;
		return (disk->rdev & 0xffff) == (f->rdev & 0xffff);
	default: return true;
	}
}

static bool old_is(const struct planning *g, const struct slot *s, enum ftype t)
{
	const struct claim *cl = g->layout->claims.v + s->first;

	for (uint32_t i = 0; i < s->n; i++)
		if (cl[i].side == SIDE_LEAVING &&
		    ftype_of_mode(planning_file(g, &cl[i])->mode) == t)
			return true;
	return false;
}

/* Brings a packaged file to a path, whatever is there. Directories in the way are judged by
 * dirs_settle(). */
static void put(struct planning *g, const struct slot *s, struct step *step)
{
	const struct claim *want = &g->layout->claims.v[step->want];
	const struct pkg *p = planning_pkg(g, want);
	const struct pkgfile *f = &p->files.v[want->file];
	const struct fact *disk = &s->fact;
	enum ftype t = ftype_of_mode(f->mode);

	act_attr(g, p, f, &step->new);
	step->stays = true;
	step->content = step->want;
	if (disk->type == FT_NONE) {
		step->act = ACT_CREATE;
		step->reason = WHY_MISSING;
	} else if (t == FT_DIR && disk->type == FT_LNK && s->link_kept &&
		   !old_is(g, s, FT_LNK)) {
		step->act = ACT_NONE;
	} else if (disk->type != t) {
		step->act = ACT_SWAP;
		step->reason = WHY_TYPE;
	} else if (!content_matches(g, step, f, p->digest_algo, disk, &step->reason)) {
		step->act = ACT_SWAP;
	} else if (attr_differs(t, &disk->attr, &step->new, &step->reason)) {
		step->act = ACT_ATTR;
		if (t == FT_DIR)
			step->new.mtime_ns = disk->attr.mtime_ns;
	}
}

static const char *aside_name(struct planning *g, const struct slot *s, enum aside a)
{
	const char *suffix = aside_suffix(a);

	return s->aside[a] ? arena_printf(&g->plan->mem, "%s%s.%u", s->path, suffix,
					  s->aside[a])
			   : arena_printf(&g->plan->mem, "%s%s", s->path, suffix);
}

static void decided(struct planning *g, const struct slot *s, enum fate fate,
		    const char *aside, uint32_t change)
{
	struct decision *d = array_push(&g->plan->decisions);

	d->path = s->path;
	d->fate = fate;
	d->aside = aside;
	d->change = change;
	if (s->aside[ASIDE_RPMSAVE] && fate == FATE_CREATE)
		d->note = arena_printf(&g->plan->mem, "%s.rpmsave holds an earlier edit",
				       s->path);
}

/*
 * The package's file goes beside the edited one. A .rpmnew that is nothing but the packaged file
 * of the version that goes was put there by rpm on the way up, and is exchanged; one that is
 * already the wanted file is left; any other keeps its name.
 */
static const char *put_beside(struct planning *g, const struct slot *s, struct step *step)
{
	const struct claim *want = &g->layout->claims.v[step->want];
	cleanup_free char *plain = xasprintf("%s%s", s->path, aside_suffix(ASIDE_RPMNEW));
	const struct slot *beside = layout_find(g->layout, plain);
	const struct pkgfile *f = planning_file(g, want);
	const char *name;

	if (beside && beside->n == 0 && beside->fact.type == FT_REG) {
		struct step *other = &g->steps[beside - g->layout->slots.v];
		const struct claim *old =
			step->old == NO_INDEX ? NULL : &g->layout->claims.v[step->old];

		if (fate_digest_matches(f, planning_pkg(g, want)->digest_algo,
					&beside->fact))
			return beside->path;
		if (old && fate_digest_matches(planning_file(g, old),
					       planning_pkg(g, old)->digest_algo,
					       &beside->fact)) {
			other->act = ACT_SWAP;
			other->reason = WHY_CONFIG_NEW;
			other->content = step->want;
			act_attr(g, planning_pkg(g, want), f, &other->new);
			return beside->path;
		}
	}
	name = aside_name(g, s, ASIDE_RPMNEW);
	array_add(&g->extras,
		  (struct extra){name, step->want, (uint32_t)(s - g->layout->slots.v)});
	return name;
}

static void put_config(struct planning *g, const struct slot *s, struct step *step)
{
	const struct claim *want = &g->layout->claims.v[step->want];
	const struct claim *old =
		step->old == NO_INDEX ? NULL : &g->layout->claims.v[step->old];
	const char *aside;
	enum fate fate;

	fate = fate_decide(old ? planning_file(g, old) : NULL,
			   old ? planning_pkg(g, old)->digest_algo : 0,
			   planning_file(g, want), planning_pkg(g, want)->digest_algo,
			   &s->fact, g->policy->config);
	switch (fate) {
	case FATE_CREATE:
	case FATE_TOUCH:
		put(g, s, step);
		if (fate == FATE_CREATE && step->act == ACT_SWAP &&
		    s->aside[ASIDE_RPMSAVE])
			decided(g, s, fate, NULL, want->owner);
		return;
	case FATE_SKIP:
		step->stays = s->fact.type != FT_NONE;
		decided(g, s, fate, NULL, want->owner);
		return;
	case FATE_MISSINGOK: decided(g, s, fate, NULL, want->owner); return;
	case FATE_ALTNAME:
		step->stays = true;
		aside = put_beside(g, s, step);
		decided(g, s, fate, aside, want->owner);
		return;
	case FATE_SAVE:
	case FATE_BACKUP:
		aside = aside_name(g, s,
				   fate == FATE_SAVE ? ASIDE_RPMSAVE : ASIDE_RPMORIG);
		step->act = ACT_MOVE_CREATE;
		step->reason = WHY_CONFIG_SAVE;
		step->aside = aside;
		step->stays = true;
		step->content = step->want;
		act_attr(g, planning_pkg(g, want), planning_file(g, want), &step->new);
		decided(g, s, fate, aside, want->owner);
		return;
	case FATE_REMOVE_SAVE: break;
	}
	BUG("no such fate of an arriving file: %d", (int)fate);
}

/* What only the version that goes has. Directories are for dirs_settle(). */
static void drop(struct planning *g, const struct slot *s, struct step *step)
{
	const struct claim *old = &g->layout->claims.v[step->old];
	const struct pkgfile *f = planning_file(g, old);
	enum ftype was = ftype_of_mode(f->mode);

	if (s->fact.type == FT_NONE)
		return;
	if (was == FT_DIR)
		return; /* a link in its place is kept too: rmdir(2) is all that rpm would do */
	if (s->fact.type == FT_DIR) {
		cleanup_free char *path = quoted(s->path);

		problems_add(&g->plan->problems, PROBLEM_DIR_KEPT, SEV_NOTE, s->path,
			     "'/%s' is a directory where %s had a %s; it stays", path,
			     planning_pkg(g, old)->nevra, ftype_name(was));
		step->stays = true;
		return;
	}
	if (fate_is_edited(f, planning_pkg(g, old)->digest_algo, &s->fact)) {
		step->act = ACT_MOVE;
		step->reason = WHY_CONFIG_SAVE;
		step->aside = aside_name(g, s, ASIDE_RPMSAVE);
		decided(g, s, FATE_REMOVE_SAVE, step->aside, old->owner);
		return;
	}
	step->act = ACT_REMOVE;
	step->reason = WHY_GONE;
}

void act_decide(struct planning *g)
{
	for (uint32_t i = 0; i < g->layout->slots.n; i++) {
		const struct slot *s = &g->layout->slots.v[i];
		struct step *step = &g->steps[i];
		const struct claim *old =
			step->old == NO_INDEX ? NULL : &g->layout->claims.v[step->old];

		if (step->want != NO_INDEX) {
			uint32_t flags =
				planning_file(g, &g->layout->claims.v[step->want])->flags;

			if (old)
				flags |= planning_file(g, old)->flags;
			if (flags & FILE_CONFIG)
				put_config(g, s, step);
			else
				put(g, s, step);
		} else if (step->gone) {
			drop(g, s, step);
		} else if (step->act == ACT_NONE) {
			step->stays = s->fact.type != FT_NONE;
		} else {
			step->stays = true;
		}
	}
}
