/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * What dnf 5 logged: /var/log/dnf5.log (libdnf5/rpm/transaction.cpp: ts_callback()). Lines carry the
 * number of the process. An installation that "stop"ped was done; what it took the place of is what
 * was uninstalled of the same name.
 */
#include <string.h>

#include "history/book.h"
#include "history/logfile.h"
#include "history/replay.h"

struct log {
	struct book book;
	long pid; /* of the run that is open */
	bool finished;
};

/* Of one that was cut off: what was to be cleaned up, the log did not come to say. */
static void tell_unsure(struct history_entry *e)
{
	for (uint32_t i = 0; i < e->items.n; i++)
		e->items.v[i].unsure |= e->items.v[i].action == ITEM_INSTALL;
}

static void settle(struct log *l)
{
	struct history_entry *e = book_entry(&l->book);

	if (e)
		replay_pair(e);
	if (e && e->items.n && !l->finished) {
		tell_unsure(e);
		e->state = ENTRY_UNFINISHED;
		e->end = 0;
	}
	l->finished = false;
}

/* "name-1:2-3.arch" in quotes */
static void take_package(struct log *l, int64_t time, enum item_action action,
			 const char *text)
{
	cleanup_free char *nevra = xstrndup(text, strcspn(text, "\""));

	book_add(&l->book, time, action, nevra);
}

static void begin(struct log *l, int64_t time, const char *text)
{
	size_t n = strcspn(text, "\"");

	settle(l);
	book_begin(&l->book, time, arena_strndup(&l->book.h->mem, text, n), "");
}

static void take_line(void *ctx, const struct logline *line)
{
	struct log *l = ctx;
	const char *rest, *what;
	int64_t time = logfile_time(line->text, &rest, NULL);
	char *end;
	long pid;

	if (time < 0 || *rest != '[')
		return;
	pid = strtol(rest + 1, &end, 10);
	if (*end != ']' || end[1] != ' ')
		return;
	rest = end + 2;
	rest += strcspn(rest, " "); /* the level */
	rest += *rest == ' ';
	if (logfile_takes(rest, "--- DNF5 launched with arguments: \"", &what)) {
		begin(l, time, what);
		l->pid = pid;
		return;
	}
	if (pid != l->pid && !strncmp(rest, "RPM callback ", 13)) {
		begin(l, time, "");
		l->pid = pid;
	}
	if (logfile_takes(rest, "RPM callback install stop \"", &what))
		take_package(l, time, ITEM_INSTALL, what);
	else if (logfile_takes(rest, "RPM callback uninstall stop \"", &what))
		take_package(l, time, ITEM_REMOVE, what);
	else if (pid == l->pid && !strncmp(rest, "DNF5 finished", 13))
		l->finished = true;
}

static int dnf5log_read(struct root *r, const struct pkgset *installed _unused_,
			struct history *h, struct error *err)
{
	struct log l = {.book = {.h = h, .ops = &dnf5log_ops}};
	int rc = logfile_read(r, "var/log", "dnf5.log", take_line, &l, h, err);

	settle(&l);
	book_end(&l.book);
	book_release(&l.book);
	return rc < 0 ? err_prefix(err, "dnf 5's log") : h->entries.n > 0;
}

const struct history_ops dnf5log_ops = {
	.origin = "dnf5-log", .stands_in_for = "dnf5", .read = dnf5log_read};
