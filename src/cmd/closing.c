/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether dependencies hold afterwards, and the further changes without which they would not. */
#include "config.h"

#include "cmd/prepare.h"
#include "select/archive.h"
#include "select/closure.h"

static int open_package(void *ctx, uint32_t change, struct error *err)
{
	const struct prepared *p = ctx;
	const struct change *c = &p->outcome.changes.list.v[change];

	return sources_open_package(&p->sources, (uint32_t)c->source, c->location, err);
}

static int check(struct prepared *p, struct error *err)
{
	problems_release(&p->deps);
	return db_check_deps(p->db, &p->outcome.changes, open_package, p, &p->deps, err);
}

static bool has_broken(const struct problems *deps)
{
	for (uint32_t i = 0; i < deps->list.n; i++)
		if (deps->list.v[i].kind == PROBLEM_DEPENDENCY)
			return true;
	return false;
}

/* What goes for the sake of others is not only a row of a table. */
static void tell_removals(struct prepared *p)
{
	const struct change *c;

	array_foreach(c, &p->outcome.changes.list) {
		if (c->needed_by && !c->to)
			problems_add(
				&p->outcome.problems, PROBLEM_DEPENDENCY_OLD, SEV_WARNING,
				c->from->nevra,
				"%s goes, though nobody asked for it: %s; --no-closure "
				"leaves it",
				c->from->nevra, c->reason);
	}
}

/* *ret_more: there are further changes; else there are none that would help. 1: some are of no use. */
static int close_over(const struct session *s, struct prepared *p, bool *ret_more,
		      struct error *err)
{
	const struct select_world world = {.installed = &p->installed,
					   .history = &p->history,
					   .sources = &p->sources,
					   .protected = &p->protected,
					   .exclude = &s->o->selection.exclude};
	cleanup_free char *why = NULL;
	struct steps steps = {0};
	int rc;

	rc = closure_steps(&world, &p->sources, p->db, &p->outcome.changes, &steps, &why,
			   err);
	*ret_more = rc > 0 && steps.list.n > 0;
	if (rc > 0)
		rc = select_add(&world, &steps, &p->outcome, err);
	else if (rc == 0)
		problems_add(
			&p->outcome.problems, PROBLEM_DEPENDENCY_OLD, SEV_NOTE, "",
			"no further changes of packages keep the dependencies whole: %s%s",
			why ? why : "there are none",
			sources_look(&p->sources)
				? "; of an archive that has no list only what is asked for "
				  "by its exact name is known: name what is needed with "
				  "--with NAME-VERSION-RELEASE.ARCH"
				: "");
	steps_release(&steps);
	return rc;
}

int closing(struct session *s, struct prepared *p, struct error *err)
{
	bool more;
	int rc;

	if (!p->outcome.changes.list.n || p->only.n)
		return 0; /* files alone give and need nothing */
	if (check(p, err) < 0)
		return -1;
	if (!has_broken(&p->deps) || s->o->no_closure || s->o->nodeps)
		return 0;
	if (archive_look_for_siblings(&p->outcome.changes, &p->sources, &p->installed,
				      err) < 0)
		return -1;
	rc = close_over(s, p, &more, err);
	if (rc || !more)
		return rc;
	tell_removals(p);
	return check(p, err) < 0 ? -1 : vouch(s, p, err);
}
