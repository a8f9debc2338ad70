/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/log.h"
#include "cmd/boot.h"
#include "cmd/cmd.h"
#include "cmd/done.h"
#include "cmd/download.h"
#include "cmd/note.h"
#include "cmd/prepare.h"
#include "cmd/rebuilding.h"
#include "cmd/saved.h"
#include "cmd/scriptlets.h"

static int err_refused(struct session *s, const struct prepared *p, struct error *err)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->plan.problems.list.n; i++) {
		const struct problem *v = &p->plan.problems.list.v[i];

		n += v->severity == SEV_REFUSE;
		problems_add(&s->details.problems, v->kind, v->severity, v->subject, "%s",
			     v->text);
	}
	return err_set(err, ERR_REFUSED, "%s: %u %s in the way; the root is as it was",
		       p->title, n, n == 1 ? "problem stands" : "problems stand");
}

static int ask(struct session *s, const struct prepared *p, struct error *err)
{
	cleanup_free char *question = xasprintf(
		"Put %u %s back on %s (%s)?", p->plan.ops.n,
		p->plan.ops.n == 1 ? "path" : "paths",
		p->machine.hostname && *p->machine.hostname ? p->machine.hostname
							    : "this machine",
		s->o->root);

	return session_confirm(s, question, err);
}

/* With --json stdout is the document's: what is asked about goes where the question goes. */
static void show(struct session *s, const struct plan_report *report)
{
	if (s->o->quiet)
		return;
	if (!s->o->json) {
		report_text.plan(session_output(s), report);
		fputc('\n', stdout);
		fflush(stdout);
	} else if (!s->o->yes) {
		report_text.plan(stderr, report);
	}
}

/* What changes beside the packages' files: records of package managers, what the machine boots. */
static int make_others(void *ctx, const char *rpmdb, struct newfiles *ret,
		       struct error *err)
{
	struct note *n = ctx;

	return note_make(n, rpmdb, ret, err) < 0 ? -1 : boot_make(n->prepared, ret, err);
}

static struct strlist other_paths(const struct prepared *p)
{
	struct strlist all = {0};

	for (uint32_t i = 0; i < p->records.n; i++)
		strlist_add(&all, p->records.v[i]);
	for (uint32_t i = 0; i < p->boot.n; i++)
		strlist_add(&all, p->boot.v[i].path);
	return all;
}

static int run(struct session *s, struct root *r, struct prepared *p,
	       const struct plan_report *plan, int *ret_exit, struct error *err)
{
	cleanup_done struct done d = {0}, step = {0};
	cleanup_scriptlets struct scriptlets scripts = {0};
	struct note note = {.prepared = p, .root = r, .session = s};
	struct others_maker others = {other_paths(p), &note, make_others};
	struct txn_request req = {
		.plan = &p->plan,
		.others = &others,
		.derived = &p->finishing,
		.db = p->db,
		.sources = &p->sources,
		.title = p->title,
		.command = s->o->command_line,
		.unsigned_allowed = s->o->allow_unsigned,
		.observer = &s->observer,
	};
	int rc;

	if (scriptlets_find(s, p, &scripts, err) < 0)
		return -1;
	req.scripts = scripts.notes;
	req.n_scripts = scripts.runs.list.n;
	note_begin(&note);
	rc = txn_apply(r, &req, &d.result, err);
	strlist_release(&others.paths);
	if (rc < 0) {
		note_release(&note);
		return -1;
	}
	for (uint32_t i = 0; i < note.warnings.n; i++)
		strlist_add(&d.result.warnings, note.warnings.v[i]);
	note_release(&note);
	done_warn(&d, &p->plan.problems);
	done_next(&d, s, "undo", d.result.id, "to take it back");
	done_next(&d, s, "forget", d.result.id,
		  "when all is well, to give back the space");
	hold_look(&d.hold, r);
	hold_add_changes(&d.hold, p->plan.changes);
	done_count(&d, p->plan.changes);
	/* scriptlets may ask the rpmdb */
	if (d.result.step_open)
		rebuilding_do(s, r, d.result.id, &step);
	if (s->o->run_scriptlets)
		done_say(&d, "; %u of %u scriptlets were run to their end",
			 scriptlets_run(r, d.result.id, &scripts, &d.result.warnings),
			 scripts.runs.list.n);
	else if (p->plan.scripts.n)
		done_say(&d, "; scriptlets of %u %s were not run", p->plan.scripts.n,
			 p->plan.scripts.n == 1 ? "package" : "packages");
	done_say(&d, ".");
	done_say(&d, " This is transaction %lld.", (long long)d.result.id);
	done_append(&d, &step);
	done_report(&d, s, TXN_DONE, plan, ret_exit);
	return 0;
}

static int nothing_to_do(struct session *s, const struct plan_report *plan, int *ret_exit)
{
	cleanup_done struct done d = {0};

	done_say(&d, "Nothing to do: the root is as wanted.");
	done_report(&d, s, TXN_DONE, plan, ret_exit);
	return 0;
}

/* *agreed: the digest of the plan that was shown last. 1: packages of it are of no use, and another is to be made. */
static int carry_out(struct session *s, struct root *r, struct prepared *p,
		     const struct plan_report *plan, struct digest *agreed, int *ret_exit,
		     struct error *err)
{
	int rc = 0;

	/* the same from elsewhere is what was agreed to */
	if (!digest_is_same(agreed, &p->digest)) {
		show(s, plan);
		rc = ask(s, p, err);
		*agreed = p->digest;
	}
	if (rc == 0)
		rc = download_packages(s, p, r, err);
	if (rc == 0)
		rc = run(s, r, p, plan, ret_exit, err);
	if (rc == 0)
		download_end(r);
	return rc;
}

/* That another package comes now may be for what could not be read. */
static int compare(const struct saved_plan *saved, const char *file,
		   const struct prepared *p, struct error *err)
{
	const struct problem *v;

	if (saved_compare(saved, file, p, err) == 0)
		return 0;
	array_foreach(v, &p->plan.problems.list) {
		if (v->kind == PROBLEM_SOURCE && v->severity == SEV_WARNING)
			log_warning("%s", v->text);
	}
	return -1;
}

static int plan_again(struct session *s, struct root *r, struct prepared *p,
		      const char *file, const struct saved_plan *saved, struct error *err)
{
	if (prepare_again(s, p, err) == 0 && (!file || compare(saved, file, p, err) == 0))
		return 0;
	download_failed(p, r, err);
	return -1;
}

/* Planned through look, as plan does it, which could not change anything; carried out on r. */
static int apply(struct session *s, struct root *look, struct root *r, const char *file,
		 int *ret_exit, struct error *err)
{
	cleanup_prepared struct prepared p = {0};
	cleanup_saved struct saved_plan saved = {0};
	struct digest agreed = {0};
	struct plan_view view;
	int rc;

	if (file && saved_read(s, file, &saved, err) < 0)
		return -1;
	if (prepare(s, look, &p, err) < 0)
		return file ? saved_err(&saved, file, &p, err) : -1;
	if (file && compare(&saved, file, &p, err) < 0)
		return -1;
	for (;;) {
		plan_view_fill(&view, s, &p);
		if (prepared_is_empty(&p))
			rc = nothing_to_do(s, &view.report, ret_exit);
		else if (prepared_is_refused(&p))
			rc = err_refused(s, &p, err);
		else
			rc = carry_out(s, r, &p, &view.report, &agreed, ret_exit, err);
		plan_view_release(&view);
		if (rc <= 0)
			return rc;
		if (plan_again(s, r, &p, file, &saved, err) < 0)
			return -1;
	}
}

static int apply_run(struct session *s, int *ret_exit, struct error *err)
{
	cleanup_root struct root *r = NULL, *look = NULL;
	const char *file = NULL;

	if (s->o->args.n == 1 && saved_is_file(s->o->args.v[0]))
		file = s->o->args.v[0];
	else if (saved_is_alone(&s->o->args, err) < 0 || options_selection(s->o, err) < 0)
		return -1;
	if (session_must_ask(s, err) < 0 || session_open_to_change(s, &r, err) < 0 ||
	    session_open(s, ROOT_READ, &look, err) < 0)
		return -1;
	return apply(s, look, r, file, ret_exit, err);
}

const struct command cmd_apply = {
	.name = "apply",
	.usage = "SELECTION | FILE",
	.summary = "do what plan shows, in one step that can be taken back",
	.help = "Makes the same plan as `plan`, shows it, asks, and carries it out: everything is unpacked,\n"
		"verified and written beside the old files first, then swapped in. A power cut leaves the\n"
		"machine wholly old or wholly new, after `recover` if need be.\n"
		"\n"
		"SELECTION is what `putback help plan` says.\n"
		"\n"
		"FILE is a plan saved by `plan -o FILE`: exactly that is done, or nothing where the root has\n"
		"changed since.\n",
	.takes = GIVEN_POLICY | GIVEN(YES) | GIVEN(RUN_SCRIPTLETS) | GIVEN(RPMDB_BY_ROOT),
	.max_args = UINT32_MAX,
	.changes = true,
	.runs_tools = true,
	.run = apply_run,
};
