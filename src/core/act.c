/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "core/fstype.h"
#include "core/planning.h"

/* Warned about once per name. */
static void warn_owner(struct planning *g, const struct pkg *p, const char *kind,
		       const char *name)
{
	cleanup_free char *key = xasprintf("%s %s", kind, name), *shown = NULL;

	if (!planning_first(g, key))
		return;
	shown = quoted(name);
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
static bool attr_differs(const struct planning *g, const struct slot *s, enum ftype t,
			 const struct attr *shall, enum op_reason *why)
{
	const struct attr *is = &s->fact.attr;
	bool holds = holds_attributes(g, s);

	if (t != FT_LNK && (is->mode & 07777) != (shall->mode & 07777))
		*why = WHY_MODE;
	else if (is->uid != shall->uid || is->gid != shall->gid)
		*why = WHY_OWNER;
	else if (t == FT_REG && (is->caps_len != shall->caps_len ||
				 memcmp(is->caps, shall->caps, is->caps_len) != 0))
		*why = WHY_CAPS;
	else if (t != FT_DIR &&
		 (holds ? is->mtime_ns / INT64_C(1000000000) !=
				  shall->mtime_ns / INT64_C(1000000000)
			: fstype_mtimes_differ(is->mtime_ns, shall->mtime_ns)))
		*why = WHY_MTIME;
	else
		return false;
	return true;
}

/* What is there is what some package has had there so far, as far as it was read. */
static bool was_packaged_so(const struct planning *g, const struct slot *s)
{
	const struct claim *cl = g->layout->claims.v + s->first;
	const struct fact *disk = &s->fact;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct pkgfile *f = planning_file(g, &cl[i]);

		if (cl[i].side == SIDE_ARRIVING || ftype_of_mode(f->mode) != FT_REG ||
		    f->size != disk->size)
			continue;
		if (disk->digest[0].algo == DIGEST_NONE ||
		    fate_digest_matches(f, planning_pkg(g, &cl[i])->digest_algo, disk))
			return true;
	}
	return false;
}

/* The content of what is there is as packaged; if not, why. */
static bool content_matches(const struct planning *g, const struct slot *s,
			    const struct pkgfile *f, uint8_t algo, enum op_reason *why)
{
	const struct fact *disk = &s->fact;

	switch (disk->type) {
	case FT_REG:
		if (disk->size == f->size &&
		    (f->digest ? fate_digest_matches(f, algo, disk) : f->size == 0))
			return true;
		*why = was_packaged_so(g, s) ? WHY_CONTENT : WHY_EDITED;
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

/*
 * Packages have no access control lists, and rpm -V tells each (lib/verify.c: rpmVerifyFile()); the
 * file that rpm puts there has none. Configuration that is as packaged is left as it is, by rpm too.
 */
static bool has_foreign_acl(const struct fact *disk, const struct pkgfile *f)
{
	return (disk->flags & FACT_ACL) && !(f->flags & FILE_CONFIG);
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
	holds_adjust(g, s, &step->new);
	step->content = step->want;
	if (disk->type == FT_NONE) {
		step->act = ACT_CREATE;
		step->reason = WHY_MISSING;
	} else if (t == FT_DIR && disk->type == FT_LNK && s->link_kept) {
		/* rpm would give the directory at its end the package's attributes; it is the
		 * administrator's, and stays as it is */
		step->act = ACT_NONE;
	} else if (disk->type != t) {
		step->act = ACT_SWAP;
		step->reason = WHY_TYPE;
	} else if (!content_matches(g, s, f, p->digest_algo, &step->reason)) {
		step->act = ACT_SWAP;
	} else if (has_foreign_acl(disk, f)) {
		step->act = ACT_SWAP;
		step->reason = WHY_ACL;
	} else if (t == FT_REG && filesig_differs(g, s, p, f)) {
		step->act = ACT_SWAP;
		step->reason = WHY_FILESIG;
	} else if (attr_differs(g, s, t, &step->new, &step->reason)) {
		step->act = ACT_ATTR;
		if (t == FT_DIR)
			step->new.mtime_ns = disk->attr.mtime_ns;
	}
	if (step->act != ACT_NONE)
		holds_check(g, s, p, f);
}

static bool is_claimed(const struct slot *s)
{
	return s && s->n;
}

/* A name beside the slot's that is not on the disk, and that no package is about to take. */
static const char *aside_name(struct planning *g, const struct slot *s, enum aside a)
{
	const char *suffix = aside_suffix(a), *name;
	unsigned k = s->aside[a];

	do {
		name = k ? arena_printf(&g->plan->mem, "%s%s.%u", s->path, suffix, k)
			 : arena_printf(&g->plan->mem, "%s%s", s->path, suffix);
		k++;
	} while (is_claimed(layout_find(g->layout, name)));
	return name;
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
static const char *put_beside(struct planning *g, const struct slot *s, struct step *step,
			      const struct claim *old)
{
	const struct claim *want = &g->layout->claims.v[step->want];
	cleanup_free char *plain = xasprintf("%s%s", s->path, aside_suffix(ASIDE_RPMNEW));
	const struct slot *beside = layout_find(g->layout, plain);
	const struct pkgfile *f = planning_file(g, want);
	const char *name;

	if (beside && beside->n == 0 && beside->fact.type == FT_REG) {
		struct step *other = &g->steps[beside - g->layout->slots.v];

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

/*
 * The edited file stays, and is the package's own before and after; a .rpmnew that is nothing but the
 * packaged file of another version that goes was put there by an update that was cut off.
 */
static bool take_beside(struct planning *g, const struct slot *s,
			const struct claim *want)
{
	cleanup_free char *name = xasprintf("%s%s", s->path, aside_suffix(ASIDE_RPMNEW));
	const struct slot *beside = layout_find(g->layout, name);
	const struct claim *cl = g->layout->claims.v;
	bool taken = false;

	if (!beside || beside->n || beside->fact.type != FT_REG ||
	    fate_digest_matches(planning_file(g, want),
				planning_pkg(g, want)->digest_algo, &beside->fact))
		return false;
	for (uint32_t i = s->first; i < s->first + s->n; i++) {
		struct step *other = &g->steps[beside - g->layout->slots.v];

		if (cl[i].side != SIDE_LEAVING ||
		    !fate_digest_matches(planning_file(g, &cl[i]),
					 planning_pkg(g, &cl[i])->digest_algo,
					 &beside->fact))
			continue;
		other->act = ACT_REMOVE;
		other->reason = WHY_GONE;
		taken = true;
	}
	return taken;
}

/* The file that the arriving one takes over from: of a package that goes, else of one that stays
 * and shares it (lib/transaction.c: handleInstInstalledFile() looks at both). */
static const struct claim *before(const struct planning *g, const struct slot *s,
				  const struct step *step)
{
	const struct claim *cl = g->layout->claims.v;

	if (step->old != NO_INDEX)
		return &cl[step->old];
	for (uint32_t i = s->first; i < s->first + s->n; i++)
		if (cl[i].side == SIDE_STAYING &&
		    planning_file(g, &cl[i])->state != STATE_NOTINSTALLED)
			return &cl[i];
	return NULL;
}

static void put_aside(struct planning *g, const struct slot *s, struct step *step,
		      enum fate fate)
{
	const struct claim *want = &g->layout->claims.v[step->want];

	step->act = ACT_MOVE_CREATE;
	step->reason = WHY_CONFIG_SAVE;
	step->aside = aside_name(g, s, fate == FATE_SAVE ? ASIDE_RPMSAVE : ASIDE_RPMORIG);
	step->content = step->want;
	act_attr(g, planning_pkg(g, want), planning_file(g, want), &step->new);
	decided(g, s, fate, step->aside, want->owner);
}

static void put_config(struct planning *g, const struct slot *s, struct step *step,
		       const struct claim *old)
{
	const struct claim *want = &g->layout->claims.v[step->want];
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
		(void)take_beside(g, s, want);
		decided(g, s, fate, NULL, want->owner);
		return;
	case FATE_MISSINGOK: decided(g, s, fate, NULL, want->owner); return;
	case FATE_ALTNAME:
		/* the edit was made of the version that comes back, and nothing lay beside it */
		if (g->policy->cut_off && take_beside(g, s, want)) {
			decided(g, s, FATE_OWN, NULL, want->owner);
			return;
		}
		decided(g, s, fate, put_beside(g, s, step, old), want->owner);
		return;
	case FATE_SAVE:
	case FATE_BACKUP: put_aside(g, s, step, fate); return;
	case FATE_OWN:
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
	enum op_reason ignored;

	if (s->fact.type == FT_NONE || (was == FT_DIR && s->fact.type == FT_DIR))
		return;
	/* of a version that was being unpacked: what it did not come to write is not its own */
	if (g->changes->list.v[old->owner].kind == CHANGE_CLEAR &&
	    (was != s->fact.type ||
	     !content_matches(g, s, f, planning_pkg(g, old)->digest_algo, &ignored)))
		return;
	/* rpm removes whatever it finds; what another hand put there is not the package's */
	if (was == FT_DIR || s->fact.type == FT_DIR) {
		cleanup_free char *path = quoted(s->path);

		problems_add(&g->plan->problems, PROBLEM_DIR_KEPT, SEV_NOTE, s->path,
			     "'/%s' is a %s where %s had a %s; it stays", path,
			     ftype_name(s->fact.type), planning_pkg(g, old)->nevra,
			     ftype_name(was));
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

/* What rpm had half-written, under a name of its own. */
static void sweep(const struct slot *s, struct step *step)
{
	if (s->fact.type == FT_NONE || s->fact.type == FT_DIR)
		return;
	step->act = ACT_REMOVE;
	step->reason = WHY_LITTER;
}

static void bring(struct planning *g, const struct slot *s, struct step *step)
{
	const struct claim *old = before(g, s, step);
	uint32_t flags = planning_file(g, &g->layout->claims.v[step->want])->flags;

	if (old)
		flags |= planning_file(g, old)->flags;
	/* rpm moves a directory in place of a configuration file away with all that is in it; here
	 * it is a directory in the way as any other */
	if ((flags & FILE_CONFIG) && s->fact.type != FT_DIR && !s->link_kept)
		put_config(g, s, step, old);
	else
		put(g, s, step);
}

void act_decide(struct planning *g)
{
	for (uint32_t i = 0; i < g->layout->slots.n; i++) {
		const struct slot *s = &g->layout->slots.v[i];
		struct step *step = &g->steps[i];

		if (step->want != NO_INDEX)
			bring(g, s, step);
		else if (step->gone)
			drop(g, s, step);
		else if (s->litter)
			sweep(s, step);
	}
}
