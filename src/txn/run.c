/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "txn/journal.h"
#include "txn/run.h"

void run_init(struct run *t, struct root *r, const struct observer *o,
	      struct strlist *warnings)
{
	memset(t, 0, sizeof(*t));
	t->root = r;
	t->rpm_lock = -1;
	t->observer = o;
	t->warnings = warnings;
}

void run_release(struct run *t)
{
	tasks_release(&t->tasks);
	array_release(&t->stamps);
	array_release(&t->pins);
	areas_release(&t->areas);
	journal_close(t->journal);
	cleanup_closep(&t->rpm_lock);
	free(t->db_dir);
	memset(t, 0, sizeof(*t));
	t->rpm_lock = -1;
}

static int open_area(struct run *t, struct area *a, struct error *err)
{
	struct area now;
	int rc = area_open(t->root, a->top, &now, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		err_set(err, ERR_REFUSED,
			"'.putback' on %s is not there: mount what was mounted at '/%s' when "
			"transaction %lld was made; if it was removed by hand, what it held is lost: move "
			"'.putback/journal.sqlite' (with its -journal, where it has one) away, and `recover --salvage --force` puts back the rest",
			area_name(a), a->top, (long long)t->id);
	else if (strcmp(now.id, a->id))
		err_set(err, ERR_REFUSED,
			"'.putback' on %s is not that of transaction %lld: this is another file system, "
			"its area was made anew, or the journal came from another machine; with "
			"'.putback/journal.sqlite' (and its -journal) moved away `recover --salvage` tells what is really there",
			area_name(a), (long long)t->id);
	else if (!identity_is_same(&now.self, &a->self))
		err_set(err, ERR_REFUSED,
			"'.putback' on %s was copied there: its files are not those that the journal "
			"knows, and cannot be put back by it; with '.putback/journal.sqlite' (and its -journal) moved away "
			"`recover --salvage` tells them by what they look like",
			area_name(a));
	else if ((rc = area_open_slots(&now, t->id, err)) == 0)
		err_set(err, ERR_REFUSED,
			"'.putback/%lld' on %s is not there any more: what transaction %lld keeps is "
			"gone; %s",
			(long long)t->id, area_name(a), (long long)t->id,
			txn_state_is_unfinished(t->state)
				? "with '.putback/journal.sqlite' (and its -journal) moved away `recover --salvage --force` puts "
				  "back what other file systems hold, and a new apply makes whole what "
				  "is half"
				: "`forget` gives it up");
	else if (rc > 0) {
		area_release(a);
		*a = now;
		return 0;
	}
	area_release(&now);
	return -1;
}

int run_open_areas(struct run *t, struct error *err)
{
	for (uint32_t i = 0; i < t->areas.n; i++) {
		area_settle(t->root, t->areas.v[i].top);
		if (open_area(t, &t->areas.v[i], err) < 0)
			return -1;
	}
	return 0;
}

struct outside_stop run_stop(const struct run *t)
{
	return t->observer ? (struct outside_stop){t->observer->stop, t->observer->ctx}
			   : (struct outside_stop){0};
}

void run_warn(struct run *t, const char *fmt, ...)
{
	va_list ap;

	if (!t->warnings)
		return;
	va_start(ap, fmt);
	strlist_take(t->warnings, xvasprintf(fmt, ap));
	va_end(ap);
}
