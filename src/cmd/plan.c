/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/prepare.h"
#include "cmd/saved.h"
#include "cmd/why.h"

/* What cannot be planned for want of packages, or of good ones, is saved as a list of what to fetch. */
static int make(struct session *s, struct root *r, struct prepared *p, struct error *err)
{
	cleanup_error struct error why = ERROR_INIT;
	int rc = prepare(s, r, p, err);

	if (rc < 0 && err && err->kind == ERR_UNAVAILABLE)
		why_missing(s, p);
	if (rc < 0 && s->o->output && err &&
	    (err->kind == ERR_UNAVAILABLE || err->kind == ERR_UNTRUSTED) &&
	    saved_write_wants(s, p, &why) < 0)
		log_error("%s", why.msg);
	return rc;
}

static int plan_run(struct session *s, int *ret_exit, struct error *err)
{
	cleanup_root struct root *r = NULL;
	cleanup_prepared struct prepared p = {0};
	cleanup_why struct why why = {0};
	struct plan_view view;

	if (s->o->output && s->o->selection.manifest &&
	    !strcmp(s->o->selection.manifest, "-"))
		return err_set(err, ERR_USAGE,
			       "a saved plan reads its list again, which standard input "
			       "cannot give twice: put it into a file");
	if (session_open(s, ROOT_READ, &r, err) < 0 ||
	    (s->o->output && saved_check_output(s->o->output, err) < 0) ||
	    make(s, r, &p, err) < 0 || why_fill(s, &p, &why, err) < 0)
		return -1;
	if (s->o->output && saved_write(s, &p, err) < 0)
		return -1;
	plan_view_fill(&view, s, &p);
	view.report.files = s->o->files || s->o->json;
	view.report.saved_as = s->o->output;
	view.report.why = why.rows.v;
	view.report.n_why = why.rows.n;
	s->report->plan(session_output(s), &view.report);
	plan_view_release(&view);
	if (prepared_is_refused(&p)) {
		fflush(stdout);
		log_error("apply would refuse this plan; the reasons are at its end");
		*ret_exit = error_exit_code(ERR_REFUSED);
	} else if (s->o->exit_code && !prepared_is_empty(&p)) {
		*ret_exit = 3;
	}
	return 0;
}

const struct command cmd_plan = {
	.name = "plan",
	.usage = "SELECTION",
	.summary = "the dry run: what apply would do; changes nothing",
	.help = "Shows which packages would change and from where they come, how many paths are touched,\n"
		"how much space it takes, what happens to edited configuration files, which scriptlets\n"
		"do not run, and what stands in the way. Works on a read-only root.\n"
		"\n"
		"SELECTION is one of\n"
		"  --undo last|N|N..M | --back-to N|DATE | --interrupted [--forward] [--update-from SOURCE] |\n"
		"  --like ROOT | --manifest FILE | --path PATH | PACKAGE...\n"
		"and --path, --with, --without and --exclude change what it comes to.\n"
		"\n"
		"DATE is 2026-11-01, \"2026-11-01 14:00\", yesterday, \"3 days ago\"; in the time zone of this\n"
		"system, unless UTC, Z or +01:00 stands behind.\n"
		"\n"
		"PACKAGE is NAME[-VERSION[-RELEASE]][.ARCH], as rpm names it, or a pattern such as 'lib*'.\n"
		"Without a version: the newest one older than what is installed.\n",
	.takes = GIVEN_POLICY | GIVEN(FILES) | GIVEN(WHY) | GIVEN(EXIT_CODE) |
		 GIVEN(OUTPUT),
	.max_args = UINT32_MAX,
	.takes_selection = true,
	.run = plan_run,
};
