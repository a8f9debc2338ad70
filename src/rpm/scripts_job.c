/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "scripts_job.h"

#include <string.h>

#include <rpm/header.h>
#include <rpm/rpmlib.h>

#include "rpm/evr.h"
#include "rpm/hdr.h"

/* --- the database as it goes on ------------------------------------------------------------------------- */

static int cmp_instance(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return x->pkg->instance < y->pkg->instance ? -1
						   : x->pkg->instance > y->pkg->instance;
}

static uint32_t change_of(const struct scripts_job *j, const struct pkg *from)
{
	for (uint32_t i = 0; i < j->changes->list.n; i++)
		if (j->changes->list.v[i].from == from)
			return i;
	return NO_INDEX;
}

/* The newest is the one that a package manager would have run on. */
static struct nevra rpm_of(const struct pkgset *installed)
{
	struct nevra found = {"", "", "", "", EPOCH_NONE};

	for (uint32_t i = 0; i < installed->n; i++) {
		const struct nevra *id = &installed->v[i]->id;

		if (!strcmp(id->name, "rpm") &&
		    (!*found.version || evr_cmp(id, &found) > 0))
			found = *id;
	}
	if (!*found.version)
		found.version = RPMVERSION;
	return found;
}

bool scripts_job_since(const struct scripts_job *j, const char *version)
{
	const struct nevra first = {"rpm", version, "", "", j->rpm.epoch};

	return evr_cmp(&j->rpm, &first) >= 0;
}

void scripts_job_begin(struct scripts_job *j)
{
	j->rpm = rpm_of(j->installed);
	for (uint32_t i = 0; i < j->installed->n; i++)
		array_add(&j->members,
			  ((struct member){.pkg = j->installed->v[i],
					   .change = change_of(j, j->installed->v[i]),
					   .there = true}));
	if (j->members.n)
		qsort(j->members.v, j->members.n, sizeof(*j->members.v), cmp_instance);
	for (uint32_t i = 0; i < j->changes->list.n; i++)
		if (j->changes->list.v[i].to)
			array_add(&j->members,
				  ((struct member){.pkg = j->changes->list.v[i].to,
						   .change = i,
						   .comes = true}));
}

struct member *scripts_job_member(struct scripts_job *j, uint32_t change, bool comes)
{
	struct member *m;

	array_foreach(m, &j->members)
		if (m->change == change && m->comes == comes)
			return m;
	BUG("a step of no package");
}

int scripts_job_count(const struct scripts_job *j, const char *name)
{
	const struct member *m;
	int n = 0;

	array_foreach(m, &j->members)
		n += m->there && !strcmp(m->pkg->id.name, name);
	return n;
}

static int take_row(void *ctx, uint32_t instance, const void *blob, size_t n,
		    struct error *err)
{
	struct member *m = ctx;

	(void)instance;
	m->h = hdr_import(blob, n, m->pkg->nevra, err);
	return m->h ? 0 : -1;
}

/* NULL with err: it cannot be read. */
Header scripts_job_header(struct scripts_job *j, struct member *m, struct error *err)
{
	cleanup_close int fd = -1;

	if (m->h)
		return m->h;
	if (!m->comes) {
		if (db_one(j->db, m->pkg->instance, take_row, m, err) < 0)
			return NULL;
		if (!m->h)
			err_set(err, ERR_FAILED, "%s is not in the rpmdb any more",
				m->pkg->nevra);
		return m->h;
	}
	fd = j->open_pkg(j->ctx, m->change, err);
	if (fd < 0 || hdr_read_file(fd, m->pkg->nevra, &m->h, err) < 0)
		return NULL;
	return m->h;
}

/* --- what is sent to the parent -------------------------------------------------------------------------- */

static void put(struct scripts_job *j, const char *s)
{
	buf_add(j->out, s ? s : "", (s ? strlen(s) : 0) + 1);
}

static void put_list(struct scripts_job *j, const struct strlist *l)
{
	char n[16];

	snprintf(n, sizeof(n), "%u", l->n);
	put(j, n);
	for (uint32_t i = 0; i < l->n; i++)
		put(j, l->v[i]);
}

static const char *why_not(const struct hdr_script *s)
{
	if (!strcmp(s->argv.v[0], "<lua>"))
		return "it is Lua, which rpm runs itself";
	if (s->macros)
		return "rpm expands macros in it";
	return s->argv.v[0][0] == '/' ? NULL : "its interpreter is no path";
}

/* Takes the script. rpm gives arguments to a body only (lib/rpmscript.c: runExtScript()). */
void scripts_job_emit(struct scripts_job *j, struct member *m, const char *kind,
		      struct hdr_script *s, int arg1, int arg2, const char *input)
{
	const int args[] = {arg1, arg2};
	const char *no = why_not(s);
	struct strlist env = {0};

	if (s->body)
		strlist_add(&s->argv, "%F");
	for (size_t i = 0; s->body && i < ELEMENTSOF(args); i++)
		if (args[i] >= 0)
			strlist_take(&s->argv, xasprintf("%d", args[i]));
	hdr_script_env(m->h, &env);
	put(j, m->pkg->nevra);
	put(j, kind);
	put_list(j, &s->argv);
	put_list(j, &env);
	put(j, s->body ? "body" : "");
	put(j, s->body);
	put(j, input);
	put(j, no);
	strlist_release(&env);
	hdr_script_release(s);
}
