/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * zypper, YaST and whatever else libzypp is in: /var/log/zypp/history, lines of fields with bars in
 * between (libzypp's zypp/HistoryLog.h):
 *
 *	2024-09-13 17:42:20|command|root@host|'zypper' 'up'|
 *	2024-09-13 17:42:31|install|bash|5.2-1.1|x86_64|root@host|repo-oss|4138...|
 *	2024-09-13 17:42:33|remove |vim|9.1-1.1|x86_64|root@host|
 *	# 2024-09-13 17:42:35 foo-1-1.x86_64.rpm install failed
 *
 * An update is an "install" like any other, whose predecessor goes without a word. Times are local.
 */
#include <string.h>

#include "history/book.h"
#include "history/logfile.h"

/* Zypper's older versions wrote no commands: what a quarter of an hour lies between are two. */
#define SILENCE (15 * 60)

enum { FIELDS = 9 };

/* Cuts the text at its bars; one with a backslash in front is none. */
static size_t cut(char *text, const char *ret[FIELDS])
{
	char *from = text, *to = text;
	size_t n = 0;

	for (size_t i = 0; i < FIELDS; i++)
		ret[i] = "";
	ret[n++] = text;
	for (;; from++) {
		if (*from == '\\' && (from[1] == '|' || from[1] == '\\'))
			from++;
		else if (*from == '|' && n < FIELDS) {
			*to++ = '\0';
			ret[n++] = to;
			continue;
		}
		*to = *from;
		if (!*from)
			return n;
		to++;
	}
}

/* "'zypper' 'up'" -> "zypper up" */
static char *unquoted(struct arena *mem, const char *s)
{
	char *copy = arena_strdup(mem, s), *to = copy;

	for (const char *p = copy; *p; p++)
		if (*p != '\'')
			*to++ = *p;
	*to = '\0';
	return copy;
}

static bool ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && !strcmp(s + n - k, end);
}

static void take_comment(struct book *b, const char *text)
{
	struct history_entry *e = book_entry(b);

	if (e && (ends_in(text, " install failed") || ends_in(text, " remove failed")))
		e->state = ENTRY_FAILED;
}

static void take_package(struct book *b, int64_t time, const char *const *f,
			 enum item_action action)
{
	cleanup_free char *text =
		xasprintf("%s-%s.%s", f[2], f[3], *f[4] ? f[4] : "noarch");
	struct history_item *item = book_add(b, time, action, text);

	if (!item || action != ITEM_INSTALL)
		return;
	item->unsure = true;
	item->repo = arena_strdup(&b->h->mem, f[6]);
}

static void take_line(void *ctx, const struct logline *line)
{
	struct book *b = ctx;
	const char *f[FIELDS], *rest;
	int64_t time;

	if (*line->text == '#') {
		take_comment(b, line->text);
		return;
	}
	if (cut(line->text, f) < 3)
		return;
	time = logfile_time(f[0], &rest, NULL);
	if (time < 0)
		return;
	if (!strcmp(f[1], "command")) {
		const char *at = strchr(f[2], '@');

		book_begin(b, time, unquoted(&b->h->mem, f[3]),
			   arena_strndup(&b->h->mem, f[2],
					 at ? (size_t)(at - f[2]) : strlen(f[2])));
	} else if (!strcmp(f[1], "install")) {
		take_package(b, time, f, ITEM_INSTALL);
	} else if (!strncmp(f[1], "remove", 6) &&
		   strspn(f[1] + 6, " ") == strlen(f[1] + 6)) {
		take_package(b, time, f, ITEM_REMOVE);
	}
}

/* Whether it is a command by which packages come or go: then it was cut off at the first of them. */
static bool is_commit(const struct history_entry *e)
{
	static const char *const commands[] = {"in",	   "install",	   "up",    "update",
					       "dup",	   "dist-upgrade", "patch", "rm",
					       "remove",   "inr",	   "si",    "ve",
					       "verify",   "source-install",
					       "install-new-recommends"};
	const char *word = e->command;

	while (*word) {
		size_t n = strcspn(word, " ");

		for (size_t i = 0; i < ELEMENTSOF(commands); i++)
			if (strlen(commands[i]) == n && !strncmp(commands[i], word, n))
				return true;
		word += n + strspn(word + n, " ");
	}
	return false;
}

static int zypper_read(struct root *r, const struct pkgset *installed, struct history *h,
		       struct error *err)
{
	cleanup_book struct book b = {.h = h, .ops = &zypper_ops, .keeps_last = is_commit};
	int rc;

	b.silence = SILENCE;
	rc = logfile_read(r, "var/log/zypp", "history", take_line, &b, h, err);
	book_end(&b);
	if (rc < 0)
		return err_prefix(err, "zypper's history");
	book_shift(&b, installed);
	return h->entries.n > 0;
}

const struct history_ops zypper_ops = {.origin = "zypper", .read = zypper_read};
