/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * What dnf 4 and its forerunners logged: /var/log/dnf.rpm.log (dnf/yum/rpmtrans.py: filelog(), the
 * words are FILE_ACTIONS of dnf/transaction.py). A run begins where logging does. What goes for an
 * upgrade is logged when it is cleaned up, so that a run with the one and without the other was cut off.
 */
#include <string.h>

#include "base/strmap.h"
#include "history/book.h"
#include "history/logfile.h"

static const struct {
	const char *word;
	enum item_action action;
} words[] = {
	{"Installed: ", ITEM_INSTALL},	     {"Upgrade: ", ITEM_UPGRADE},
	{"Upgraded: ", ITEM_UPGRADED},	     {"Downgrade: ", ITEM_DOWNGRADE},
	{"Downgraded: ", ITEM_DOWNGRADED},   {"Obsolete: ", ITEM_OBSOLETE},
	{"Obsoleted: ", ITEM_OBSOLETED},     {"Erase: ", ITEM_REMOVE},
	{"Erased: ", ITEM_REMOVE},	     {"Reinstall: ", ITEM_REINSTALL},
	{"Reinstalled: ", ITEM_REINSTALLED},
};

static void take_line(void *ctx, const struct logline *line)
{
	struct book *b = ctx;
	const char *rest, *package;
	int64_t time = logfile_time(line->text, &rest, NULL);

	if (time < 0)
		return;
	rest += strcspn(rest, " "); /* the level */
	rest += *rest == ' ';
	if (!strncmp(rest, "--- logging initialized", 23)) {
		book_begin(b, time, "", "");
		return;
	}
	for (size_t i = 0; i < ELEMENTSOF(words); i++)
		if (logfile_takes(rest, words[i].word, &package)) {
			book_add(b, time, words[i].action, package);
			return;
		}
}

/*
 * Whether something was put in place of another version that was never cleaned up. gone: by name, the
 * last entry that one of it went with.
 */
static bool is_cut_off(struct history_entry *e, uint32_t number, struct strmap *gone)
{
	bool found = false;
	uint32_t last;

	for (uint32_t i = 0; i < e->items.n; i++)
		if (item_action_sign(e->items.v[i].action) < 0)
			strmap_set(gone, e->items.v[i].id.name, number);
	for (uint32_t i = 0; i < e->items.n; i++) {
		struct history_item *item = &e->items.v[i];

		if (item->action == ITEM_UPGRADE || item->action == ITEM_DOWNGRADE ||
		    item->action == ITEM_REINSTALL)
			item->unsure =
				!strmap_get(gone, item->id.name, &last) || last != number;
		found |= item->unsure;
	}
	return found;
}

static int dnf4log_read(struct root *r, const struct pkgset *installed _unused_,
			struct history *h, struct error *err)
{
	cleanup_book struct book b = {.h = h, .ops = &dnf4log_ops};
	struct strmap gone = {0};
	int rc = logfile_read(r, "var/log", "dnf.rpm.log", take_line, &b, h, err);

	book_end(&b);
	if (rc < 0)
		return err_prefix(err, "dnf's log");
	for (uint32_t i = 0; i < h->entries.n; i++)
		if (is_cut_off(&h->entries.v[i], i, &gone)) {
			h->entries.v[i].state = ENTRY_UNFINISHED;
			h->entries.v[i].end = 0;
		}
	strmap_release(&gone);
	return h->entries.n > 0;
}

const struct history_ops dnf4log_ops = {
	.origin = "dnf4-log", .stands_in_for = "dnf4", .read = dnf4log_read};
