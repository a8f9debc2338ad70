/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/hold.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cmd/word.h"
#include "select/cutoff.h"

static void add(struct hold *h, enum change_kind kind, const char *nevra,
		const struct nevra *id)
{
	char epoch[24] = "";

	if (kind == CHANGE_UPGRADE || kind == CHANGE_REINSTALL || kind == CHANGE_CLEAR)
		return;
	buf_printf(&h->excludepkgs, "%s%s", h->excludepkgs.n ? "," : "", nevra);
	strlist_take(&h->versionlock,
		     xasprintf("!%s-%lld:%s-%s.*", id->name, (long long)MAX(id->epoch, 0),
			       id->version, id->release));
	if (id->epoch > 0)
		snprintf(epoch, sizeof(epoch), "%lld:", (long long)id->epoch);
	strlist_take(&h->zypper, xasprintf("%s = %s%s-%s", id->name, epoch, id->version,
					   id->release));
}

/* Packages of several architectures share a line. */
static void finish(struct hold *h)
{
	strlist_sort_unique(&h->versionlock);
	strlist_sort_unique(&h->zypper);
	for (uint32_t i = 0; i < h->zypper.n; i++) {
		cleanup_free char *word = word_quote(h->zypper.v[i]);

		strlist_take(&h->commands, xasprintf("zypper addlock %s", word));
	}
}

void hold_add_changes(struct hold *h, const struct changes *changes)
{
	const struct change *c;

	array_foreach(c, &changes->list)
		if (c->from && !cutoff_is_end(c->reason))
			add(h, c->kind, c->from->nevra, &c->from->id);
	finish(h);
}

void hold_add_transaction(struct hold *h, const struct txn_info *t)
{
	struct arena mem = {0};
	struct nevra id;

	for (uint32_t i = 0; t->state == TXN_DONE && i < t->changes; i++) {
		const struct txn_change *c = &t->change_list[i];

		if (c->from && !cutoff_is_end(c->reason) &&
		    nevra_parse(&mem, c->from, &id) == 0)
			add(h, c->kind, c->from, &id);
	}
	arena_release(&mem);
	finish(h);
}

static bool has(struct root *r, const char *path)
{
	int fd = root_open_packaged(r, path, O_PATH);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

void hold_look(struct hold *h, struct root *r)
{
	h->words = 0;
	if (has(r, "/etc/dnf"))
		h->words |= HOLD_DNF;
	else if (has(r, "/etc/yum.conf"))
		h->words |= HOLD_YUM;
	if (has(r, "/etc/zypp"))
		h->words |= HOLD_ZYPPER;
	/* dnf 5 keeps its version locks elsewhere, as a document */
	if (has(r, "/usr/lib/sysimage/libdnf5"))
		h->words |= HOLD_DNF5;
	if (!h->words)
		h->words = HOLD_DNF;
}

struct hold_report hold_shown(struct hold *h)
{
	return (struct hold_report){
		.excludepkgs = h->excludepkgs.n ? h->excludepkgs.s : NULL,
		.versionlock = (const char *const *)h->versionlock.v,
		.n_versionlock = h->versionlock.n,
		.zypper = (const char *const *)h->zypper.v,
		.commands = (const char *const *)h->commands.v,
		.n_zypper = h->zypper.n,
		.words = h->words,
	};
}

void hold_release(struct hold *h)
{
	buf_release(&h->excludepkgs);
	strlist_release(&h->versionlock);
	strlist_release(&h->zypper);
	strlist_release(&h->commands);
}
