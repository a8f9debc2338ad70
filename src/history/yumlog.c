/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * What yum 3 logged: /var/log/yum.log (yum/rpmtrans.py: filelog()). Lines have no year, their times
 * are local, and neither say where a run begins nor what an update took the place of:
 *
 *	Jul 25 11:54:50 Updated: 32:bind-libs-9.9.4-29.el7_2.3.x86_64
 */
#include <string.h>
#include <time.h>

#include "base/strmap.h"
#include "history/book.h"
#include "history/logfile.h"

/* A package that takes longer to install is rare, and so is who runs yum again that soon. */
#define SILENCE (5 * 60)

struct line {
	struct tm tm;
	enum item_action action;
	char *nevra;
	int64_t mtime;
	bool is_first;
};
struct lines {
	struct line *v;
	uint32_t n, cap;
	bool is_first;
};

static const struct {
	const char *word;
	enum item_action action;
} words[] = {
	{"Installed: ", ITEM_INSTALL},	   {"Updated: ", ITEM_UPGRADE},
	{"Erased: ", ITEM_REMOVE},	   {"Obsoleted: ", ITEM_OBSOLETED},
	{"Dep-Installed: ", ITEM_INSTALL}, /* by yum-cron of old */
};

static bool take_time(const char *s, struct tm *ret, const char **ret_rest)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char month[4] = "";
	const char *at;
	int n = 0;

	memset(ret, 0, sizeof(*ret));
	if (sscanf(s, "%3s %2d %2d:%2d:%2d %n", month, &ret->tm_mday, &ret->tm_hour,
		   &ret->tm_min, &ret->tm_sec, &n) < 5 ||
	    !n || strlen(month) != 3)
		return false;
	at = strstr(months, month);
	if (!at || (at - months) % 3)
		return false;
	ret->tm_mon = (int)(at - months) / 3;
	*ret_rest = s + n;
	return true;
}

static void take_line(void *ctx, const struct logline *line)
{
	struct lines *l = ctx;
	struct line now = {.mtime = line->mtime};
	const char *rest, *package;

	l->is_first |= line->is_first;
	if (!take_time(line->text, &now.tm, &rest))
		return;
	for (size_t i = 0; i < ELEMENTSOF(words); i++) {
		if (!logfile_takes(rest, words[i].word, &package))
			continue;
		now.action = words[i].action;
		now.nevra = xstrdup(package);
		now.is_first = l->is_first;
		l->is_first = false;
		array_add(l, now);
		return;
	}
}

/* The year of the last line of a file is that of its mtime, or the one before; going back, a later
 * time of year is an earlier year. A file's time is UTC, a line's is not: hence the day. */
static void tell_years(struct lines *l)
{
	const int64_t day = 24 * 3600;
	int64_t limit = 0;
	int year = 0;

	for (uint32_t i = l->n; i-- > 0;) {
		struct line *p = &l->v[i];
		time_t mtime = (time_t)p->mtime;
		struct tm tm;

		if (i + 1 == l->n || l->v[i + 1].is_first) {
			limit = limit ? MIN(limit, p->mtime + day) : p->mtime + day;
			if (gmtime_r(&mtime, &tm))
				year = tm.tm_year + 1;
		}
		p->tm.tm_year = year;
		while ((int64_t)timegm(&p->tm) > limit && p->tm.tm_year > 70)
			p->tm.tm_year--;
		year = p->tm.tm_year;
		limit = MIN(limit, (int64_t)timegm(&p->tm) + day);
	}
}

/* Packages by their NEVRA: the number of the last entry that has it, from 1. */
struct seen {
	struct arena mem;
	struct strmap last;
};

/* NULL: the line names no package */
static const char *key_of(struct seen *s, const char *nevra)
{
	struct nevra id;

	return nevra_parse(&s->mem, nevra, &id) == 0 ? nevra_key(&s->mem, &id) : NULL;
}

static void take(struct book *b, struct seen *s, struct line *line)
{
	const char *key = key_of(s, line->nevra);
	int64_t time = (int64_t)timegm(&line->tm);
	struct history_item *item;
	uint32_t last;

	/* the same package twice is another run */
	if (key && book_entry(b) && strmap_get(&s->last, key, &last) &&
	    last == b->h->entries.n)
		book_begin(b, time, "", "");
	item = book_add(b, time, line->action, line->nevra);
	if (item)
		item->unsure = item->action == ITEM_UPGRADE;
	if (item && key)
		strmap_set(&s->last, key, b->h->entries.n);
}

static int yumlog_read(struct root *r, const struct pkgset *installed, struct history *h,
		       struct error *err)
{
	cleanup_book struct book b = {.h = h, .ops = &yumlog_ops, .silence = SILENCE};
	struct lines l = {0};
	struct seen seen = {0};
	int rc = logfile_read(r, "var/log", "yum.log", take_line, &l, h, err);

	tell_years(&l);
	for (uint32_t i = 0; i < l.n; i++) {
		take(&b, &seen, &l.v[i]);
		free(l.v[i].nevra);
	}
	array_release(&l);
	strmap_release(&seen.last);
	arena_release(&seen.mem);
	book_end(&b);
	book_shift(&b, installed);
	return rc < 0 ? err_prefix(err, "yum's log") : h->entries.n > 0;
}

const struct history_ops yumlog_ops = {
	.origin = "yum-log", .stands_in_for = "yum", .read = yumlog_read};
