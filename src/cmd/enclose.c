/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/enclose.h"

#include <unistd.h>

#include "base/file.h"
#include "base/runner.h"
#include "cmd/download.h"
#include "cmd/saved.h"
#include "source/depot.h"
#include "source/source.h"

/* Commands that plan take a selection; they alone have sources and a cache. */
static bool has_sources(const struct command *c)
{
	return (c->takes & GIVEN_SELECTION) != 0;
}

static int add_cache(struct confinement *c, const struct options *o, struct error *err)
{
	cleanup_free char *root = o->root ? realpath(o->root, NULL) : NULL;
	char *path;

	if (depot_place(o->cache, root, &path, err) < 0)
		return -1;
	if (path)
		strlist_take(o->cache ? &c->caches : &c->folders, path);
	return 0;
}

/* A kit's folder is made where only its last part is missing, as kit_open() would. */
static int add_kit(struct confinement *c, const char *to, struct error *err)
{
	bool there = access(to, F_OK) == 0;
	int fd = file_open_folder(to, err);

	if (fd < 0)
		return -1;
	close(fd);
	strlist_add(&c->folders, to);
	if (!there)
		strlist_add(&c->made, to);
	return 0;
}

static void prepare_roots(const struct options *o)
{
	if (o->root)
		root_prepare(o->root);
	if (o->selection.like)
		root_prepare(o->selection.like);
	for (uint32_t i = 0; i < o->from.n; i++) {
		const char *donor = donor_root(o->from.v[i]);

		if (donor)
			root_prepare(donor);
	}
}

/* What a saved plan says is read later. */
static bool is_saved_plan(const struct session *s, const struct command *c)
{
	return c->takes_selection == false && s->o->args.n == 1 &&
	       saved_is_file(s->o->args.v[0]);
}

static int fill(struct confinement *c, const struct session *s,
		const struct command *command, struct error *err)
{
	const struct options *o = s->o;

	if (command->changes)
		c->root = o->root;
	if (!has_sources(command))
		return 0;
	c->sockets = !o->offline && (download_may(o) || is_saved_plan(s, command));
	if (add_cache(c, o, err) < 0 || (o->to && add_kit(c, o->to, err) < 0))
		return -1;
	if (o->output)
		strlist_add(&c->outputs, o->output);
	return 0;
}

int enclose_begin(struct enclosure *e, const struct session *s,
		  const struct command *command, struct error *err)
{
	*e = (struct enclosure){0};
	if (fill(&e->c, s, command, err) < 0) {
		enclose_end(e);
		return -1;
	}
	prepare_roots(s->o);
	if ((command->runs_tools || s->o->rpmdb_by_root) && s->o->root) {
		runner_prepare(s->o->root,
			       (struct runner_allowed){s->o->run_scriptlets,
						       s->o->rpmdb_by_root});
		e->c.services = &runner_service;
		e->c.n_services = 1;
	}
	return confine_begin(&e->c, err);
}

void enclose_end(struct enclosure *e)
{
	confine_end();
	strlist_release(&e->c.caches);
	strlist_release(&e->c.folders);
	strlist_release(&e->c.outputs);
	strlist_release(&e->c.made);
}
