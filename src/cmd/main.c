/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <locale.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/scratch.h"
#include "cmd/cmd.h"
#include "cmd/enclose.h"
#include "cmd/help.h"
#include "cmd/word.h"
#include "rpm/hdr.h"
#include "rpm/reader.h"

static const struct command *const commands[] = {
	&cmd_survey, &cmd_history, &cmd_plan, &cmd_fetch,	&cmd_apply, &cmd_undo,
	&cmd_redo,   &cmd_recover, &cmd_forget, &cmd_log,
};

static const struct command *find(const char *name, struct error *err)
{
	const char *names[ELEMENTSOF(commands) + 1], *near;

	for (size_t i = 0; i < ELEMENTSOF(commands); i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
		names[i] = commands[i]->name;
	}
	names[ELEMENTSOF(commands)] = "help";
	near = word_nearest(name, names, ELEMENTSOF(names));
	if (near)
		err_set(err, ERR_USAGE, "unknown command '%s'; did you mean '%s'?", name,
			near);
	else
		err_set(err, ERR_USAGE, "unknown command '%s'; see `putback help`", name);
	return NULL;
}

static int help(const char *topic, struct error *err)
{
	const struct command *c;

	if (!topic || !strcmp(topic, "help")) {
		help_overview(stdout, commands, ELEMENTSOF(commands));
		return 0;
	}
	c = find(topic, err);
	if (!c)
		return -1;
	help_command(stdout, c);
	return 0;
}

static int check_args(const struct command *c, struct options *o, struct error *err)
{
	if (options_check(o, c->takes, err) < 0)
		return -1;
	if (c->takes_selection)
		return options_selection(o, err);
	if (o->args.n > c->max_args)
		return err_set(err, ERR_USAGE,
			       "`%s` does not take '%s'; usage: putback %s%s%s", c->name,
			       o->args.v[c->max_args], c->name, *c->usage ? " " : "",
			       c->usage);
	if (o->args.n < c->min_args)
		return err_set(err, ERR_USAGE,
			       "`%s` needs an argument; usage: putback %s %s", c->name,
			       c->name, c->usage);
	return 0;
}

/* What was written may still fail to arrive, on a full disk for one. */
static int check_output(const struct command *c, int *ret_exit, struct error *err)
{
	bool flushed = fflush(stdout) == 0;
	/* of what failed before, and was tried again with nothing left to write, nobody knows why */
	const char *why = flushed ? "not all of it arrived" : strerror(errno);

	if (flushed && !ferror(stdout))
		return 0;
	if (c && c->changes) {
		log_warning("cannot write to the standard output: %s", why);
		if (!*ret_exit)
			*ret_exit = error_exit_code(ERR_WARNINGS);
		return 0;
	}
	return err_set(err, ERR_FAILED, "cannot write to the standard output: %s", why);
}

#ifdef ENABLE_FAILPOINTS
static void print_place(void *ctx, const char *name)
{
	fprintf(ctx, "%s\n", name);
}
#endif

/* The command itself, within its walls. */
static int run_enclosed(struct session *s, const struct command *c, int *ret_exit,
			struct error *err)
{
	struct enclosure e;
	int rc;

	scratch_sweep();
	if (enclose_begin(&e, s, c, err) < 0)
		return -1;
	rc = hdr_init(err);
	if (rc == 0)
		rc = c->run(s, ret_exit, err);
	reader_end();
	enclose_end(&e);
	return rc;
}

static int run(struct session *s, const struct command **ret_command, int *ret_exit,
	       struct error *err)
{
	struct options *o = s->o;
	const struct command *c;

#ifdef ENABLE_FAILPOINTS
	if (failpoint_asked_for_list()) {
		failpoint_list(print_place, stdout);
		return 0;
	}
#endif
	if (o->version) {
		printf("putback %s\n", PACKAGE_VERSION);
		return 0;
	}
	if (!o->command && !o->help)
		return err_set(err, ERR_USAGE, "which command? see `putback help`");
	if (!o->command || !strcmp(o->command, "help")) {
		if (o->args.n > 1)
			return err_set(err, ERR_USAGE,
				       "`help` takes one command, not '%s'",
				       o->args.v[1]);
		return help(o->args.n ? o->args.v[0] : NULL, err);
	}
	if (o->help)
		return help(o->command, err);
	c = find(o->command, err);
	if (!c || check_args(c, o, err) < 0)
		return -1;
	*ret_command = c;
	session_catch_signals(c->changes);
	return run_enclosed(s, c, ret_exit, err);
}

/* The one place where an error is told. */
static int tell(struct session *s, struct error *err)
{
	struct details *d = &s->details;
	struct error_report r = {
		.command = s->o->command ? s->o->command : "",
		.root = s->o->root ? s->o->root : "",
	};

	progress_pause(s->progress);
	if (session_stopped() && err->kind == ERR_FAILED)
		session_err_stopped(err);
	if (err->kind == ERR_UNAVAILABLE) {
		r.missing = (const char *const *)d->missing.v;
		r.n_missing = d->missing.n;
		r.looked_at = (const char *const *)d->looked_at.v;
		r.n_looked_at = d->looked_at.n;
		r.why = d->why.v;
		r.n_why = d->why.n;
	} else if (err->kind == ERR_REFUSED) {
		r.problems = &d->problems;
	}
	if (err->kind == ERR_UNTRUSTED || err->kind == ERR_UNAVAILABLE) {
		r.faults = d->faults.v;
		r.n_faults = d->faults.n;
	}
	r.kind = error_kind_name(err->kind);
	r.exit_code = error_exit_code(err->kind);
	r.message = err->msg;
	log_error("%s", err->msg);
	report_text.error(stderr, &r);
	if (s->o->json && !s->printed) {
		report_json.error(stdout, &r);
		fflush(stdout);
	}
	return r.exit_code;
}

/* Each file that waits to be staged has a descriptor; what a shell allows is not enough for all. */
static void allow_descriptors(void)
{
	enum { ENOUGH = 65536 };
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur >= ENOUGH)
		return;
	files.rlim_cur = MIN(files.rlim_max, (rlim_t)ENOUGH);
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

int main(int argc, char **argv)
{
	cleanup_error struct error err = ERROR_INIT;
	const struct command *c = NULL;
	struct options o = {0};
	struct session s;
	int code = 0, rc;

	setlocale(LC_CTYPE, "");
	umask(077);
	allow_descriptors();
	rc = options_parse(&o, argc, argv, &err);
	session_init(&s, &o);
	if (rc == 0)
		rc = run(&s, &c, &code, &err);
	if (rc == 0)
		rc = check_output(c, &code, &err);
	if (rc < 0)
		code = tell(&s, &err);
	session_release(&s);
	options_release(&o);
	return code;
}
