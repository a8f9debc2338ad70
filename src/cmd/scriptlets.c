/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/scriptlets.h"

#include <string.h>

#include "base/log.h"
#include "base/runner.h"

#define SECONDS	 1800 /* that one may take */
#define KEPT_MAX (16 * 1024)

static int open_package(void *ctx, uint32_t change, struct error *err)
{
	const struct prepared *p = ctx;
	const struct change *c = &p->outcome.changes.list.v[change];

	return sources_open_package(&p->sources, (uint32_t)c->source, c->location, err);
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

int scriptlets_find(const struct session *s, const struct prepared *p,
		    struct scriptlets *ret, struct error *err)
{
	if (!s->o->run_scriptlets || p->plan.keeps_db)
		return 0;
	if (scripts_find(p->db, &p->installed, &p->outcome.changes, open_package,
			 (void *)p, &ret->runs, err) < 0)
		return -1;
	ret->notes = xcalloc(ret->runs.list.n + 1, sizeof(*ret->notes));
	for (uint32_t i = 0; i < ret->runs.list.n; i++) {
		const struct script_run *run = &ret->runs.list.v[i];

		ret->notes[i] = (struct txn_script){.package = (char *)run->package,
						    .kind = (char *)run->kind,
						    .args = words_of(run),
						    .result = xstrdup(SCRIPT_WAITS),
						    .output = xstrdup("")};
	}
	return 0;
}

void scriptlets_release(struct scriptlets *l)
{
	for (uint32_t i = 0; l->notes && i < l->runs.list.n; i++) {
		free(l->notes[i].args);
		free(l->notes[i].result);
		free(l->notes[i].output);
	}
	free(l->notes);
	scripts_release(&l->runs);
}

/* --- running them ----------------------------------------------------------------------------------------- */

static bool stop(void *ctx)
{
	(void)ctx;
	return session_stopped();
}

/* Why it is passed over, NULL: it is not. */
static char *why_not(const struct script_run *run)
{
	if (run->why_not)
		return xasprintf("not run: %s", run->why_not);
	return session_stopped() ? xstrdup("not run: stopped as asked for") : NULL;
}

/* What went wrong, NULL: nothing; the caller frees. */
static char *run_one(const struct script_run *run, char **output)
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

	if (runner_run(&o, &result, &err) < 0)
		return xstrdup(err.msg);
	free(*output);
	*output = xstrndup(result.output.s, MIN(result.output.n, (size_t)KEPT_MAX));
	failure = runner_result_failure(&result);
	runner_result_release(&result);
	return failure;
}

/* Who has the journal keep the notes. */
struct keeping {
	struct root *root;
	int64_t id;
	const struct txn_script *notes;
	uint32_t kept;	  /* those before it are there for good */
	struct error why; /* what went wrong last */
};

static int keep(struct keeping *k, uint32_t end)
{
	err_release(&k->why);
	return txn_note_scripts(k->root, k->id, k->kept, k->notes + k->kept,
				end - k->kept, &k->why);
}

static void settle(struct txn_script *note, const char *result)
{
	free(note->result);
	note->result = xstrdup(result);
}

uint32_t scriptlets_run(struct root *r, int64_t id, struct scriptlets *l,
			struct strlist *warnings)
{
	struct keeping k = {.root = r, .id = id, .notes = l->notes};
	uint32_t well = 0;

	for (uint32_t i = 0; i < l->runs.list.n; i++) {
		const struct script_run *run = &l->runs.list.v[i];
		char *failure = why_not(run);

		log_info("running %s of %s", run->kind, run->package);
		if (!failure) {
			settle(&l->notes[i], SCRIPT_BEGUN);
			if (keep(&k, i + 1) == 0)
				k.kept = i;
			failure = run_one(run, &l->notes[i].output);
		}
		if (failure)
			strlist_take(warnings, xasprintf("%s of %s: %s", run->kind,
							 run->package, failure));
		well += !failure;
		settle(&l->notes[i], failure ? failure : "ok");
		free(failure);
	}
	if (l->runs.list.n && keep(&k, l->runs.list.n) < 0)
		strlist_take(
			warnings,
			xasprintf("the journal does not hold how scriptlets went: %s",
				  k.why.msg));
	err_release(&k.why);
	return well;
}

/* --- those that were cut off ------------------------------------------------------------------------------ */

char *scriptlets_left(const struct txn_info *t)
{
	if (!t->scripts_left)
		return NULL;
	return xasprintf(
		"%u of %u scriptlets of transaction %lld have not come to their end, for putback was "
		"cut off or is still at it%s%s%s: `putback log %lld` says which they are, and what "
		"can be done",
		t->scripts_left, t->scripts_all, (long long)t->id,
		t->script_cut ? " (" : "", t->script_cut ? t->script_cut : "",
		t->script_cut ? " had begun)" : "", (long long)t->id);
}

void scriptlets_tell(struct root *r, struct strlist *warnings)
{
	struct txn_list list = {0};

	/* `log` says why where the journal cannot be read */
	if (txn_log(r, 0, &list, NULL) < 0)
		return;
	for (uint32_t i = 0; i < list.n; i++)
		if (list.v[i].scripts_left)
			strlist_take(warnings, scriptlets_left(&list.v[i]));
	txn_list_release(&list);
}
