/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/closure_why.h"

#include <string.h>

#include <solv/bitmap.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/solvable.h>

static Map *map_new(const Pool *pool)
{
	Map *m = xcalloc(1, sizeof(*m));

	map_init(m, pool->nsolvables);
	return m;
}

static void map_drop(Map *m)
{
	map_free(m);
	free(m);
}

void closure_why_init(struct closure_why *w, struct catalog *c, const Queue *gone,
		      const Queue *come, const Queue *more_gone, const Queue *more_come)
{
	const Solvable *s;
	Id id;

	*w = (struct closure_why){.catalog = c,
				  .gone = gone,
				  .come = come,
				  .more_gone = more_gone,
				  .more_come = more_come,
				  .stands = map_new(c->pool)};
	FOR_REPO_SOLVABLES(c->installed, id, s)
	MAPSET(w->stands, id);
	for (int i = 0; i < gone->count; i++)
		MAPCLR(w->stands, gone->elements[i]);
	for (int i = 0; i < come->count; i++)
		MAPSET(w->stands, come->elements[i]);
}

void closure_why_release(struct closure_why *w)
{
	map_drop(w->stands);
	memset(w, 0, sizeof(*w));
}

/* One of a set that provides a dependency; 0: none. */
static Id provider(Pool *pool, Id dep, const Map *set)
{
	Id p, pp;

	FOR_PROVIDES(p, pp, dep)
	{
		if (MAPTST(set, p))
			return p;
	}
	return 0;
}

static bool provides(Pool *pool, Id id, Id dep)
{
	Id p, pp;

	FOR_PROVIDES(p, pp, dep)
	{
		if (p == id)
			return true;
	}
	return false;
}

static void dependencies(const Pool *pool, Id id, Id kind, Queue *ret)
{
	queue_empty(ret);
	solvable_lookup_deparray(pool_id2solvable(pool, id), kind, ret, 0);
}

static const char *label(const struct closure_why *w, Id id, struct arena *mem)
{
	struct pkg *p = catalog_pkg(w->catalog, id);
	const char *s = arena_strdup(mem, p->nevra);

	pkg_free(p);
	return s;
}

static void say(const struct closure_why *w, struct step *step, struct arena *mem, Id by,
		Id who, const char *does, Id dep)
{
	const char *needed_by = label(w, by, mem), *name = label(w, who, mem);

	step->needed_by = needed_by;
	step->reason =
		by == who ? arena_printf(mem, "needed by %s, which %s %s", needed_by,
					 does, pool_dep2str(w->catalog->pool, dep))
			  : arena_printf(mem, "needed by %s: %s %s %s", needed_by, name,
					 does, pool_dep2str(w->catalog->pool, dep));
}

/* Of a set of solvables, one that a requirement is lost with, or found with. */
static Id who_provides(Pool *pool, const Queue *ids, Id dep)
{
	for (int i = 0; i < ids->count; i++)
		if (ids->elements[i] && provides(pool, ids->elements[i], dep))
			return ids->elements[i];
	return 0;
}

/* What came for the one that goes; itself where nothing did. */
static Id successor(const Pool *pool, Id gone, const Queue *come)
{
	for (int i = 0; i < come->count; i++)
		if (come->elements[i] &&
		    pool->solvables[come->elements[i]].name == pool->solvables[gone].name)
			return come->elements[i];
	return gone;
}

/* from needs what goes. */
static bool tell_lost(const struct closure_why *w, Id from, const Queue *gone,
		      const Queue *come, struct arena *mem, struct step *step)
{
	Pool *pool = w->catalog->pool;
	bool told = false;
	Queue deps;

	queue_init(&deps);
	dependencies(pool, from, SOLVABLE_REQUIRES, &deps);
	for (int i = 0; i < deps.count && !told; i++) {
		Id dep = deps.elements[i], by;

		if (dep == SOLVABLE_PREREQMARKER)
			continue;
		by = who_provides(pool, gone, dep);
		if (!by || who_provides(pool, come, dep))
			continue;
		if (gone == w->gone && provider(pool, dep, w->stands))
			continue;
		say(w, step, mem, successor(pool, by, come), from, "requires", dep);
		told = true;
	}
	queue_free(&deps);
	return told;
}

/* One that comes needs to. */
static bool tell_wanted(const struct closure_why *w, Id to, const Queue *come,
			struct arena *mem, struct step *step)
{
	Pool *pool = w->catalog->pool;
	bool told = false;
	Queue deps;

	queue_init(&deps);
	for (int k = 0; k < come->count && !told; k++) {
		Id by = come->elements[k];

		if (!by || by == to)
			continue;
		dependencies(pool, by, SOLVABLE_REQUIRES, &deps);
		for (int i = 0; i < deps.count && !told; i++) {
			Id dep = deps.elements[i];

			if (dep == SOLVABLE_PREREQMARKER ||
			    provider(pool, dep, w->stands) || !provides(pool, to, dep))
				continue;
			say(w, step, mem, by, by, "requires", dep);
			told = true;
		}
	}
	queue_free(&deps);
	return told;
}

/* Whether a's conflicts, or what it obsoletes, speak of b. */
static Id match(Pool *pool, Id a, Id b, Id kind)
{
	Id found = 0;
	Queue deps;

	queue_init(&deps);
	dependencies(pool, a, kind, &deps);
	for (int i = 0; i < deps.count && !found; i++)
		if (provides(pool, b, deps.elements[i]))
			found = deps.elements[i];
	queue_free(&deps);
	return found;
}

static bool tell_conflict(const struct closure_why *w, Id from, const Queue *come,
			  struct arena *mem, struct step *step)
{
	Pool *pool = w->catalog->pool;

	for (int i = 0; i < come->count; i++) {
		Id by = come->elements[i], dep;

		if (!by)
			continue;
		if ((dep = match(pool, by, from, SOLVABLE_CONFLICTS)))
			say(w, step, mem, by, by, "conflicts with", dep);
		else if ((dep = match(pool, by, from, SOLVABLE_OBSOLETES)))
			say(w, step, mem, by, by, "obsoletes", dep);
		else if ((dep = match(pool, from, by, SOLVABLE_CONFLICTS)))
			say(w, step, mem, by, from, "conflicts with", dep);
		else if ((dep = match(pool, from, by, SOLVABLE_OBSOLETES)))
			say(w, step, mem, by, from, "obsoletes", dep);
		else
			continue;
		return true;
	}
	return false;
}

static bool tell_by(const struct closure_why *w, Id from, Id to, const Queue *gone,
		    const Queue *come, struct arena *mem, struct step *step)
{
	return (from && tell_lost(w, from, gone, come, mem, step)) ||
	       (to && tell_wanted(w, to, come, mem, step)) ||
	       (from && tell_conflict(w, from, come, mem, step));
}

void closure_why_tell(const struct closure_why *w, Id from, Id to, struct arena *mem,
		      struct step *step)
{
	if (tell_by(w, from, to, w->gone, w->come, mem, step) ||
	    tell_by(w, from, to, w->more_gone, w->more_come, mem, step))
		return;
	step->needed_by = "";
	step->reason = "needed to keep the dependencies of the others whole";
}
