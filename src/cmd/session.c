/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every command needs while it runs: signals, progress, where results go. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/rebuilding.h"
#include "cmd/session.h"
#include "txn/salvage.h"

static volatile sig_atomic_t stopped;

/* What a signal interrupts. */
enum { LOOKING, ASKING, CHANGING };
static volatile sig_atomic_t doing = LOOKING;
static volatile sig_atomic_t phase = -1; /* -1: none has begun */
static const char *erase = "";		 /* what takes a line of progress away */

/* stdio is not for a signal handler. */
static void put(const char *s)
{
	ssize_t n = write(STDERR_FILENO, s, strlen(s));

	(void)n;
}

/* What the user waits for now. */
static void say_what_for(void)
{
	const char *what = phase < 0 ? "its preparations" : phase_text((enum phase)phase);

	put(erase);
	put("putback: ");
	if (doing == LOOKING) {
		put("stops once it is done with ");
		put(what);
		put("; one more signal ends it at once, the root is as it was\n");
	} else if (phase < PHASE_COMMIT) {
		put("stops, and takes away what it prepared; an exchange that has begun is "
		    "finished first\n");
	} else {
		put("stops after ");
		put(what);
		put(", which is finished first\n");
	}
}

static void on_signal(int sig)
{
	int was = errno;

	/* there is nothing to repair: the default comes as soon as this returns */
	if (stopped && doing != CHANGING) {
		signal(sig, SIG_DFL);
		raise(sig);
	} else if (doing != ASKING) {
		say_what_for();
	}
	stopped = 1;
	errno = was;
}

void session_catch_signals(bool changes)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction sa = {.sa_handler = on_signal};

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < ELEMENTSOF(signals); i++) {
		struct sigaction old;

		/* nohup(1) stays in force */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &sa, NULL);
	}
	if (changes)
		signal(SIGPIPE, SIG_IGN);
}

void session_changes_root(void)
{
	doing = CHANGING;
}

bool session_stopped(void)
{
	return stopped;
}

int session_err_stopped(struct error *err)
{
	return err_set(err, ERR_FAILED, "stopped; the root is as it was");
}

static void progress(void *ctx, enum phase p, uint64_t done, uint64_t total, bool bytes,
		     uint64_t files)
{
	/* what comes behind an exchange belongs to it */
	if (doing != CHANGING || phase < PHASE_COMMIT)
		phase = (sig_atomic_t)p;
	progress_update(ctx, p, done, total, bytes, files);
}

static bool stop(void *ctx)
{
	(void)ctx;
	return stopped;
}

void session_init(struct session *s, struct options *o)
{
	*s = (struct session){.o = o, .report = o->json ? &report_json : &report_text};
	s->progress = progress_new(o->quiet);
	s->observer = (struct observer){.ctx = s->progress,
					.progress = progress,
					.stop = stop,
					.from = progress_from};
	erase = progress_erase(s->progress);
	log_set_level(o->verbose ? LOG_INFO : LOG_WARNING);
}

void session_release(struct session *s)
{
	progress_free(s->progress);
	strlist_release(&s->details.missing);
	strlist_release(&s->details.looked_at);
	array_release(&s->details.faults);
	array_release(&s->details.why);
	arena_release(&s->details.mem);
	problems_release(&s->details.problems);
	memset(s, 0, sizeof(*s));
}

FILE *session_output(struct session *s)
{
	progress_pause(s->progress);
	s->printed = true;
	return stdout;
}

int session_open(struct session *s, enum root_mode mode, struct root **ret,
		 struct error *err)
{
	if (!s->o->root)
		return err_set(err, ERR_USAGE,
			       "no root is mounted at /mnt/sysimage or /mnt/sysroot: "
			       "say where it is with --root DIR");
	if (mode == ROOT_WRITE && geteuid() != 0)
		return err_set(err, ERR_FAILED,
			       "only root can change '%s'; `survey`, `history` and "
			       "`plan` may work without",
			       s->o->root);
	return root_open(s->o->root, mode, ret, err);
}

int session_check_orphans(struct session *s, struct root *r, int64_t below,
			  struct error *err)
{
	cleanup_free char *sentence = NULL;
	int64_t halfway;

	if (!txn_orphan(r, &sentence, &halfway))
		return 0;
	if (halfway && halfway >= below)
		return err_set(
			err, ERR_UNFINISHED,
			"%s: `putback --root %s recover --salvage` lists it, and with --yes puts "
			"it back; where that cannot be, `forget --force %lld` gives it up",
			sentence, s->o->root, (long long)halfway);
	log_warning("%s: `putback --root %s recover --salvage` lists it", sentence,
		    s->o->root);
	return 0;
}

int session_open_settled(struct session *s, struct root **ret, struct error *err)
{
	cleanup_root struct root *r = NULL;
	struct txn_info t = {0};
	int rc;

	if (session_open(s, ROOT_WRITE, &r, err) < 0 || txn_lock(r, err) < 0)
		return -1;
	rc = txn_unfinished(r, &t, err);
	if (rc < 0)
		return -1;
	if (rc > 0) {
		err_set(err, ERR_UNFINISHED,
			"transaction %lld (%s) is unfinished (%s): `putback --root %s recover` finishes "
			"it, `recover --back` takes it back",
			(long long)t.id, t.title ? t.title : "", txn_state_name(t.state),
			s->o->root);
		txn_info_release(&t);
		return -1;
	}
	*ret = steal_ptr(r);
	return 0;
}

int session_open_to_change(struct session *s, struct root **ret, struct error *err)
{
	cleanup_root struct root *r = NULL;

	if (session_open_settled(s, &r, err) < 0 ||
	    session_check_orphans(s, r, 0, err) < 0)
		return -1;
	*ret = steal_ptr(r);
	return 0;
}

static void mention_open_step(struct root *r)
{
	cleanup_free char *open = NULL;
	struct txn_info t = {0};

	if (txn_open_step(r, &t, NULL) > 0) {
		open = rebuilding_open(&t);
		log_warning("%s", open);
	}
	txn_info_release(&t);
}

void session_mention_unfinished(struct session *s, struct root *r)
{
	cleanup_error struct error orphan = ERROR_INIT;
	struct txn_info t = {0};

	if (session_check_orphans(s, r, 0, &orphan) < 0)
		log_warning("%s", orphan.msg);
	if (txn_unfinished(r, &t, NULL) <= 0) {
		mention_open_step(r);
		return;
	}
	log_warning(
		"transaction %lld is unfinished (%s): `putback --root %s recover` finishes it, "
		"`recover --back` takes it back",
		(long long)t.id, txn_state_name(t.state), s->o->root);
	txn_info_release(&t);
}

int session_must_ask(struct session *s, struct error *err)
{
	if (s->o->yes || isatty(STDIN_FILENO))
		return 0;
	return err_set(err, ERR_USAGE,
		       "`%s` changes the root: it asks on a terminal, and needs --yes "
		       "elsewhere",
		       s->o->command);
}

static bool is_confirmed(struct session *s, const char *question)
{
	char answer[16] = "";
	size_t n = 0;
	char c;

	if (s->o->yes)
		return true;
	progress_pause(s->progress);
	fflush(stdout);
	{
		cleanup_buf struct buf safe = {0};

		buf_printable(&safe, question);
		fprintf(stderr, "%s [y/N] ", safe.s);
	}
	/* byte by byte, so that a signal is noticed and nothing is read ahead */
	while (!session_stopped() && read(STDIN_FILENO, &c, 1) == 1 && c != '\n') {
		if (n + 1 < sizeof(answer))
			answer[n++] = c;
	}
	answer[n] = '\0';
	return !strcasecmp(answer, "y") || !strcasecmp(answer, "yes");
}

int session_confirm(struct session *s, const char *question, struct error *err)
{
	bool yes;

	doing = ASKING;
	yes = is_confirmed(s, question);
	doing = LOOKING;
	if (session_stopped())
		return session_err_stopped(err);
	if (!yes)
		return err_set(err, ERR_FAILED, "not confirmed; the root is as it was");
	session_changes_root();
	return 0;
}
