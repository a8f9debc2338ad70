/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/scriptlets.h"

#include <string.h>

#include "base/log.h"
#include "base/runner.h"
#include "txn/txn.h"

#define SECONDS	 1800 /* that one may take */
#define KEPT_MAX (16 * 1024)

static int open_package(void *ctx, uint32_t change, struct error *err)
{
	const struct prepared *p = ctx;
	const struct change *c = &p->outcome.changes.list.v[change];

	return sources_open_package(&p->sources, (uint32_t)c->source, c->location, err);
}

int scriptlets_find(const struct session *s, const struct prepared *p,
		    struct script_runs *ret, struct error *err)
{
	if (!s->o->run_scriptlets || p->plan.keeps_db)
		return 0;
	return scripts_find(p->db, &p->installed, &p->outcome.changes, open_package,
			    (void *)p, ret, err);
}

/* As it was called, the script itself left out. */
static char *words_of(const struct script_run *run)
{
	struct buf b = {0};

	buf_str(&b, "");
	for (uint32_t i = 0; i < run->argv.n; i++)
		if (strcmp(run->argv.v[i], "%F") != 0)
			buf_printf(&b, "%s%s", b.n ? " " : "", run->argv.v[i]);
	return buf_steal(&b);
}

static bool stop(void *ctx)
{
	(void)ctx;
	return session_stopped();
}

/* What went wrong, NULL: nothing; the caller frees. */
static char *run_one(const struct script_run *run, char **ret_output)
{
	cleanup_error struct error err = ERROR_INIT;
	struct runner_order o = {.what = RUNNER_IN_ROOT,
				 .argv = run->argv,
				 .env = run->env,
				 .script = run->body,
				 .script_len = run->body ? strlen(run->body) : 0,
				 .input = run->input,
				 .seconds = SECONDS,
				 .stop = {stop, NULL}};
	struct runner_result result = {0};
	char *failure;

	*ret_output = xstrdup("");
	if (run->why_not)
		return xasprintf("not run: %s", run->why_not);
	if (session_stopped())
		return xstrdup("not run: stopped as asked for");
	if (runner_run(&o, &result, &err) < 0)
		return xstrdup(err.msg);
	free(*ret_output);
	*ret_output = xstrndup(result.output.s, MIN(result.output.n, (size_t)KEPT_MAX));
	failure = runner_result_failure(&result);
	runner_result_release(&result);
	return failure;
}

uint32_t scriptlets_run(struct root *r, int64_t id, const struct script_runs *runs,
			struct strlist *warnings)
{
	cleanup_error struct error err = ERROR_INIT;
	struct txn_script *notes = xcalloc(runs->list.n + 1, sizeof(*notes));
	uint32_t well = 0;

	for (uint32_t i = 0; i < runs->list.n; i++) {
		const struct script_run *run = &runs->list.v[i];
		char *failure;

		log_info("running %s of %s", run->kind, run->package);
		notes[i] = (struct txn_script){.package = (char *)run->package,
					       .kind = (char *)run->kind,
					       .args = words_of(run)};
		failure = run_one(run, &notes[i].output);
		if (failure)
			strlist_take(warnings, xasprintf("%s of %s: %s", run->kind,
							 run->package, failure));
		well += !failure;
		notes[i].result = failure ? failure : xstrdup("ok");
	}
	if (runs->list.n && txn_note_scripts(r, id, notes, runs->list.n, &err) < 0)
		strlist_take(
			warnings,
			xasprintf("the journal does not hold how scriptlets went: %s",
				  err.msg));
	for (uint32_t i = 0; i < runs->list.n; i++) {
		free(notes[i].args);
		free(notes[i].result);
		free(notes[i].output);
	}
	free(notes);
	return well;
}
