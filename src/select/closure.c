/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/closure.h"

#include <string.h>

#include <solv/pool.h>
#include <solv/poolarch.h>
#include <solv/problems.h>
#include <solv/queue.h>
#include <solv/repo.h>
#include <solv/solver.h>

#include "select/closure_why.h"
#include "select/guard.h"
#include "select/pattern.h"
#include "source/catalog.h"

struct closing {
	const struct select_world *world;
	struct sources *sources;
	struct catalog *catalog;
	Pool *pool;
	const struct changes *changes;
	Queue jobs;
	Queue gone, come; /* of the selection: what goes, what comes */
};

/* What a run of the solver comes to beyond the selection. */
struct found {
	Queue gone, come;
};

static void found_init(struct found *f)
{
	queue_init(&f->gone);
	queue_init(&f->come);
}

static void found_release(struct found *f)
{
	queue_free(&f->gone);
	queue_free(&f->come);
}

static int solvable_of(const struct closing *c, const struct change *change)
{
	cleanup_free const struct candidate **all = NULL;
	uint32_t n = sources_find(c->sources, &change->to->id, &all);

	for (uint32_t i = 0; i < n; i++)
		if ((int)all[i]->source == change->source &&
		    !strcmp(all[i]->location, change->location))
			return all[i]->solvable;
	return 0;
}

static void add_change(struct closing *c, const struct change *change)
{
	bool in_db = change->from && change->kind != CHANGE_CLEAR;
	Id from = in_db ? catalog_installed_id(c->catalog, change->from) : 0;
	Id to = change->to ? solvable_of(c, change) : 0;

	if (from && to && nevra_is_same(&change->from->id, &change->to->id))
		return; /* the same again: it needs and gives what it did */
	if (to) {
		queue_push2(&c->jobs, SOLVER_INSTALL | SOLVER_SOLVABLE, to);
		queue_push(&c->come, to);
	}
	if (from) {
		queue_push2(&c->jobs, SOLVER_ERASE | SOLVER_SOLVABLE, from);
		queue_push(&c->gone, from);
	}
}

static bool stands_beside(const struct closing *c, const char *name)
{
	return step_stands_beside(c->world->installed, name);
}

static void add_beside(struct closing *c, const struct pkg *p, Id *last)
{
	const char *name = p->id.name;
	bool beside = p->beside || stands_beside(c, name);
	Id id = beside ? pool_str2id(c->pool, name, 1) : 0;

	if (id && id != *last)
		queue_push2(&c->jobs, SOLVER_MULTIVERSION | SOLVER_SOLVABLE_NAME, id);
	if (id)
		*last = id;
}

/* Kernels and their like stand beside one another. */
static void add_kernels(struct closing *c)
{
	const struct pkgset *arriving = &c->changes->arriving;
	Id last = 0;

	for (uint32_t i = 0; i < c->world->installed->n; i++)
		add_beside(c, c->world->installed->v[i], &last);
	for (uint32_t i = 0; i < arriving->n; i++)
		add_beside(c, arriving->v[i], &last);
	queue_push2(&c->jobs, SOLVER_MULTIVERSION | SOLVER_SOLVABLE_PROVIDES,
		    pool_str2id(c->pool, "installonlypkg(kernel)", 1));
}

static void add_protected(struct closing *c)
{
	const struct strlist *protected = c->world->protected;

	for (uint32_t i = 0; protected && i < protected->n; i++) {
		struct pkg *const *now;

		if (step_installed(c->world->installed, protected->v[i], NULL, &now))
			queue_push2(&c->jobs, SOLVER_INSTALL | SOLVER_SOLVABLE_NAME,
				    pool_str2id(c->pool, protected->v[i], 1));
	}
}

static bool has(const Queue *q, Id id)
{
	for (int i = 0; i < q->count; i++)
		if (q->elements[i] == id)
			return true;
	return false;
}

static void push_name(struct closing *c, const struct pkg *p, Queue *names)
{
	queue_pushunique(names, pool_str2id(c->pool, p->id.name, 1));
}

/* One of those that a machine boots is left, or comes: of what is called as they are, any. */
static void add_last_kernel(struct closing *c)
{
	const struct pkgset *installed = c->world->installed,
			    *arriving = &c->changes->arriving;
	bool by_files = guard_tells_kernels(installed);
	Pool *pool = c->pool;
	Queue names, kernels;
	Id id;

	queue_init(&names);
	queue_init(&kernels);
	for (uint32_t i = 0; i < installed->n; i++)
		if (guard_is_kernel(installed->v[i], by_files))
			push_name(c, installed->v[i], &names);
	for (uint32_t i = 0; names.count && i < arriving->n; i++)
		if (guard_is_kernel(arriving->v[i], by_files))
			push_name(c, arriving->v[i], &names);
	FOR_POOL_SOLVABLES(id)
	{
		if (has(&names, pool->solvables[id].name) && !has(&c->gone, id))
			queue_push(&kernels, id);
	}
	if (kernels.count)
		queue_push2(&c->jobs, SOLVER_INSTALL | SOLVER_SOLVABLE_ONE_OF,
			    pool_queuetowhatprovides(pool, &kernels));
	queue_free(&names);
	queue_free(&kernels);
}

static bool is_excluded(const struct closing *c, const struct nevra *id)
{
	const struct strlist *patterns = c->world->exclude;

	for (uint32_t i = 0; patterns && i < patterns->n; i++)
		if (pattern_matches(patterns->v[i], id))
			return true;
	return false;
}

/* What is left out neither goes nor comes for the sake of others. */
static void add_excluded(struct closing *c)
{
	const struct pkgset *installed = c->world->installed;

	if (!c->world->exclude || !c->world->exclude->n)
		return;
	for (uint32_t i = 0; i < installed->n; i++) {
		Id id = is_excluded(c, &installed->v[i]->id)
				? catalog_installed_id(c->catalog, installed->v[i])
				: 0;

		if (id && !has(&c->gone, id))
			queue_push2(&c->jobs, SOLVER_INSTALL | SOLVER_SOLVABLE, id);
	}
	for (uint32_t i = 0; i < c->catalog->sorted.n; i++) {
		Id id = c->catalog->sorted.v[i];
		const struct candidate *to = sources_candidate(c->sources, id);

		if (to && !has(&c->come, id) && is_excluded(c, &to->pkg->id))
			queue_push2(&c->jobs, SOLVER_ERASE | SOLVER_SOLVABLE, id);
	}
}

/* What is of no use does not come. How many there are. */
static uint32_t add_bad(struct closing *c)
{
	uint32_t n = 0;

	if (!sources_count_bad(c->sources))
		return 0;
	for (uint32_t i = 0; i < c->catalog->sorted.n; i++) {
		Id id = c->catalog->sorted.v[i];
		const struct candidate *to = sources_candidate(c->sources, id);

		if (!to || !sources_bad(c->sources, to) || has(&c->come, id))
			continue;
		queue_push2(&c->jobs, SOLVER_ERASE | SOLVER_SOLVABLE, id);
		n++;
	}
	return n;
}

static char *why_not(Solver *solv)
{
	Id rule = solver_findproblemrule(solv, 1), source, target, dep;
	SolverRuleinfo type = solver_ruleinfo(solv, rule, &source, &target, &dep);

	return xstrdup(solver_problemruleinfo2str(solv, type, source, target, dep));
}

/* 1: *ret; 0: there is no solution, *ret_why (NULL: nobody asks) says why. */
static int solve(struct closing *c, Queue *jobs, bool may_go, struct found *ret,
		 char **ret_why)
{
	Solver *solv = solver_create(c->pool);
	Queue decisions;
	Map stands;
	Id id;
	int rc;

	solver_set_flag(solv, SOLVER_FLAG_ALLOW_DOWNGRADE, 1);
	solver_set_flag(solv, SOLVER_FLAG_ALLOW_VENDORCHANGE, 1);
	solver_set_flag(solv, SOLVER_FLAG_ALLOW_UNINSTALL, may_go);
	solver_set_flag(solv, SOLVER_FLAG_IGNORE_RECOMMENDED, 1);
	solver_set_flag(solv, SOLVER_FLAG_NO_INFARCHCHECK, 1);
	solver_set_flag(solv, SOLVER_FLAG_YUM_OBSOLETES, 1);
	rc = solver_solve(solv, jobs) == 0;
	if (!rc) {
		if (ret_why)
			*ret_why = why_not(solv);
		solver_free(solv);
		return 0;
	}
	queue_init(&decisions);
	map_init(&stands, c->pool->nsolvables);
	solver_get_decisionqueue(solv, &decisions);
	queue_empty(&ret->gone);
	queue_empty(&ret->come);
	for (int i = 0; i < decisions.count; i++) {
		id = decisions.elements[i];
		if (id <= SYSTEMSOLVABLE)
			continue;
		MAPSET(&stands, id);
		if (c->pool->solvables[id].repo != c->catalog->installed &&
		    !has(&c->come, id))
			queue_push(&ret->come, id);
	}
	for (id = c->catalog->installed->start; id < c->catalog->installed->end; id++)
		if (c->pool->solvables[id].repo == c->catalog->installed &&
		    !MAPTST(&stands, id) && !has(&c->gone, id))
			queue_push(&ret->gone, id);
	map_free(&stands);
	queue_free(&decisions);
	solver_free(solv);
	return 1;
}

/*
 * With nothing that goes. Where only what is of no use would do, that it is: rather than that packages go for
 * its sake, the user is told of it.
 */
static int solve_staying(struct closing *c, struct found *ret)
{
	int all = c->jobs.count;
	Queue sound;

	if (!add_bad(c))
		return solve(c, &c->jobs, false, ret, NULL);
	if (solve(c, &c->jobs, false, ret, NULL))
		return 1;
	queue_init_clone(&sound, &c->jobs);
	queue_truncate(&c->jobs, all);
	if (solve(c, &c->jobs, false, ret, NULL)) {
		queue_free(&sound);
		return 1;
	}
	queue_free(&c->jobs);
	c->jobs = sound;
	return 0;
}

static int size_of(const struct found *f)
{
	return f->gone.count > f->come.count ? f->gone.count : f->come.count;
}

/* One change after the other is forbidden: where it can be done without, so it is. */
static void reduce(struct closing *c, bool may_go, struct found *f)
{
	enum { TRIES_MAX = 64 };
	Queue jobs;
	int tries = 0;

	queue_init_clone(&jobs, &c->jobs);
	for (int i = 0; i < f->gone.count + f->come.count && tries < TRIES_MAX; tries++) {
		bool gone = i < f->gone.count;
		Id id = gone ? f->gone.elements[i] : f->come.elements[i - f->gone.count];
		struct found less;

		found_init(&less);
		queue_push2(&jobs,
			    (gone ? SOLVER_INSTALL : SOLVER_ERASE) | SOLVER_SOLVABLE, id);
		if (solve(c, &jobs, may_go, &less, NULL) && size_of(&less) < size_of(f)) {
			found_release(f);
			*f = less;
			i = 0;
			continue;
		}
		queue_truncate(&jobs, jobs.count - 2);
		found_release(&less);
		i++;
	}
	queue_free(&jobs);
}

static struct pkg *installed_of(const struct closing *c, Id id)
{
	uint32_t instance = catalog_instance(c->catalog, id);

	for (uint32_t i = 0; i < c->world->installed->n; i++)
		if (c->world->installed->v[i]->instance == instance)
			return c->world->installed->v[i];
	return NULL;
}

static bool is_successor(const struct closing *c, Id from, Id to)
{
	const Pool *pool = c->pool;
	const Solvable *a = &pool->solvables[from], *b = &pool->solvables[to];

	return a->name == b->name &&
	       (a->arch == b->arch || a->arch == ARCH_NOARCH || b->arch == ARCH_NOARCH) &&
	       !stands_beside(c, pool_id2str(pool, a->name));
}

/* Pairs what goes with what comes for it. */
static void add_steps(const struct closing *c, struct found *f, struct steps *steps)
{
	uint32_t first = steps->list.n;
	struct closure_why why;
	Queue left;

	queue_init_clone(&left, &f->come);
	closure_why_init(&why, c->catalog, &c->gone, &c->come, &f->gone, &f->come);
	for (int i = 0; i < f->gone.count; i++) {
		struct pkg *from = installed_of(c, f->gone.elements[i]);
		const struct candidate *to = NULL;
		Id to_id = 0;

		for (int k = 0; k < f->come.count && !to; k++) {
			if (!left.elements[k] ||
			    !is_successor(c, f->gone.elements[i], left.elements[k]))
				continue;
			to_id = left.elements[k];
			to = sources_candidate(c->sources, to_id);
			left.elements[k] = 0;
		}
		if (from)
			closure_why_tell(
				&why, f->gone.elements[i], to_id, &steps->mem,
				steps_add(steps, from, to ? &to->pkg->id : NULL, NULL));
	}
	for (int k = 0; k < f->come.count; k++) {
		Id id = left.elements[k];
		const struct candidate *to =
			id ? sources_candidate(c->sources, id) : NULL;

		if (to)
			closure_why_tell(&why, 0, id, &steps->mem,
					 steps_add(steps, NULL, &to->pkg->id, NULL));
	}
	steps_set_open(steps, first);
	closure_why_release(&why);
	queue_free(&left);
}

int closure_steps(const struct select_world *world, struct sources *sources,
		  const struct db *db, const struct changes *changes, struct steps *steps,
		  char **ret_why, struct error *err)
{
	struct closing c = {.world = world, .sources = sources, .changes = changes};
	struct found found;
	bool may_go = false;
	int rc;

	c.catalog = sources->catalog;
	if (catalog_add_installed(c.catalog, db, world->installed, err) < 0)
		return -1;
	c.pool = c.catalog->pool;
	/* a package of another architecture of the machine is a sibling, not a successor */
	pool_set_flag(c.pool, POOL_FLAG_IMPLICITOBSOLETEUSESCOLORS, 1);
	pool_set_flag(c.pool, POOL_FLAG_OBSOLETEUSESCOLORS, 1);
	catalog_prepare(c.catalog);
	queue_init(&c.jobs);
	queue_init(&c.gone);
	queue_init(&c.come);
	found_init(&found);
	for (uint32_t i = 0; i < changes->list.n; i++)
		add_change(&c, &changes->list.v[i]);
	add_kernels(&c);
	add_protected(&c);
	add_last_kernel(&c);
	add_excluded(&c);
	rc = solve_staying(&c, &found);
	if (!rc) {
		may_go = true;
		rc = solve(&c, &c.jobs, true, &found, ret_why);
	}
	if (rc) {
		reduce(&c, may_go, &found);
		add_steps(&c, &found, steps);
	}
	found_release(&found);
	queue_free(&c.jobs);
	queue_free(&c.gone);
	queue_free(&c.come);
	return rc;
}
