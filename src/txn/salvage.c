/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "txn/look.h"
#include "txn/manifest.h"
#include "txn/orphan.h"
#include "txn/salvage.h"
#include "txn/salvage_known.h"
#include "txn/salvage_mark.h"
#include "txn/stands.h"

static const char *const kinds[] = {
#define X(id, name) [id] = name,
	SALVAGE_KINDS(X)
#undef X
};

const char *salvage_kind_name(enum salvage_kind k)
{
	return kinds[k];
}

void salvage_release(struct salvage *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		array_release(&s->v[i].entries);
		strlist_release(&s->v[i].remarks);
	}
	free(s->v);
	arena_release(&s->mem);
	free(s->journal);
	memset(s, 0, sizeof(*s));
}

/* --- one entry ---------------------------------------------------------------------------------------------- */

/* "12", "12.old", "12.kept", "12.kept.1"; false for any other name */
static bool parse_name(const char *name, uint32_t *ret_number, const char **ret_suffix)
{
	size_t n = strspn(name, "0123456789");
	unsigned long long number;

	if (!n || n > 10 || (name[0] == '0' && n > 1))
		return false;
	number = strtoull(name, NULL, 10);
	if (number >= UINT32_MAX)
		return false;
	*ret_number = (uint32_t)number;
	*ret_suffix = name + n;
	return !name[n] || !strcmp(name + n, ".old") || !strncmp(name + n, ".kept", 5);
}

static const struct task *task_of(const struct tasks *t, uint32_t number)
{
	uint32_t low = 0, high = t->list.n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (t->list.v[mid].number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->list.n && t->list.v[low].number == number ? &t->list.v[low]
								  : NULL;
}

/* area NO_INDEX: of an area without a manifest */
static void judge(struct run *t, const struct area *a, uint32_t area, const char *name,
		  const struct seen *s, struct arena *mem, struct salvage_entry *ret)
{
	const struct task *k = NULL;
	const char *suffix;
	uint32_t number;

	ret->kind = SALVAGE_UNKNOWN;
	ret->path = NULL;
	if (area != NO_INDEX && parse_name(name, &number, &suffix))
		k = task_of(&t->tasks, number);
	if (k && k->area == area) {
		ret->path = arena_strdup(mem, task_place(k, FORWARD));
		ret->now = stands_at(t, k);
		if (!strncmp(suffix, ".kept", 5))
			ret->kind = SALVAGE_ASIDE;
		else if (look_is(s, &k->old.id))
			ret->kind = SALVAGE_ORIGINAL;
		else if (look_is(s, &k->new.id))
			ret->kind = SALVAGE_NEW;
		else
			ret->kind = SALVAGE_UNCLEAR;
	}
	ret->slot = arena_printf(mem, "%s%s" AREA_DIR "/%" PRId64 "/%s", a->top,
				 *a->top ? "/" : "", t->id, name);
	ret->mode = s->st.stx_mode;
	ret->size = s->st.stx_size;
	ret->mtime = s->st.stx_mtime.tv_sec;
}

static void look_into(struct run *t, const struct area *a, uint32_t area, bool entries,
		      struct arena *mem, struct salvage_txn *ret)
{
	int copy = openat(a->slots, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_closedir DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;

	if (!d)
		cleanup_closep(&copy);
	while (d && (e = readdir(d))) {
		struct salvage_entry entry = {0};
		struct seen s;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    !strcmp(e->d_name, MANIFEST_FILE) ||
		    salvage_mark_has_name(e->d_name) ||
		    look_name(a, a->slots, e->d_name, &s) < 0 || !s.there)
			continue;
		judge(t, a, area, e->d_name, &s, mem, &entry);
		ret->counts[entry.kind]++;
		if (S_ISREG(entry.mode))
			ret->bytes += entry.size;
		if (entries)
			array_add(&ret->entries, entry);
	}
}

/* --- all of them -------------------------------------------------------------------------------------------- */

static int cmp_entries(const void *a, const void *b)
{
	const struct salvage_entry *x = a, *y = b;
	int rc;

	if (!x->path != !y->path)
		return x->path ? -1 : 1;
	rc = x->path ? path_cmp(x->path, y->path) : 0;
	return rc ? rc : strcmp(x->slot, y->slot);
}

/* What chattr(1) fixed before the transaction, and does not any more where it should. */
static void look_at_pins(struct run *t, enum salvage_stands stands,
			 struct strlist *remarks)
{
	enum way w = stands == STANDS_WHOLLY ? FORWARD : BACKWARD;

	if (stands == STANDS_HALF) /* putting it back sets them */
		return;
	for (uint32_t i = 0; i < t->pins.n; i++)
		if (pin_is_lost(t, &t->pins.v[i], w))
			strlist_take(remarks, pin_describe(&t->pins.v[i]));
}

static void look_at(const struct orphans *all, struct orphan *o, bool entries,
		    struct arena *mem, struct salvage_txn *ret)
{
	cleanup_error struct error why = ERROR_INIT;
	const struct strlist paths = {0};
	struct run *t = &o->run;

	ret->id = t->id;
	ret->begun = o->begun;
	ret->title = arena_strdup(mem, o->title ? o->title : "");
	ret->stands = stands_of(t);
	for (uint32_t i = 0; i < t->areas.n; i++)
		if (t->areas.v[i].fd >= 0)
			look_into(t, &t->areas.v[i], i, entries, mem, ret);
	for (uint32_t i = 0; i < o->bare.n; i++)
		look_into(t, &o->bare.v[i], NO_INDEX, entries, mem, ret);
	if (ret->entries.n)
		qsort(ret->entries.v, ret->entries.n, sizeof(*ret->entries.v),
		      cmp_entries);
	ret->remarks = o->remarks;
	memset(&o->remarks, 0, sizeof(o->remarks));
	look_at_pins(t, ret->stands, &ret->remarks);
	if (ret->stands != STANDS_WHOLLY && ret->stands != STANDS_HALF)
		return;
	ret->barred = salvage_known_check(all, o, &paths, &why) < 0;
	if (ret->barred)
		strlist_add(&ret->remarks, why.msg);
}

int txn_salvage_look(struct root *r, bool entries, struct salvage *ret, struct error *err)
{
	struct orphans all = {0};

	if (orphans_find(r, &all, err) < 0)
		return -1;
	memset(ret, 0, sizeof(*ret));
	ret->journal = steal_ptr(all.journal);
	for (uint32_t i = 0; i < all.n; i++) {
		struct salvage_txn *t = array_push(ret);

		look_at(&all, &all.v[i], entries, &ret->mem, t);
		for (uint32_t n = 0; n < all.remarks.n; n++)
			strlist_add(&t->remarks, all.remarks.v[n]);
	}
	orphans_release(&all);
	return 0;
}

/* Whether any area has a directory of any transaction: mostly there is none, and no journal to be read. */
static bool holds_anything(struct root *r)
{
	int64_t last;

	/* one that cannot be read is told by who looks closer */
	return areas_last_slots(r, &last, NULL) < 0 || last > 0;
}

int txn_orphan(struct root *r, char **ret_sentence, int64_t *ret_halfway)
{
	cleanup_error struct error why = ERROR_INIT;
	struct orphans all = {0};
	const struct orphan *found = NULL;

	*ret_halfway = 0;
	if (!holds_anything(r) || orphans_find(r, &all, &why) < 0)
		return 0;
	for (uint32_t i = 0; i < all.n && !*ret_halfway; i++) {
		struct orphan *o = &all.v[i];

		if (stands_of(&o->run) == STANDS_HALF)
			*ret_halfway = o->run.id;
		if (!found || *ret_halfway)
			found = o;
	}
	if (found)
		*ret_sentence = xasprintf(
			"'.putback' holds what transaction %" PRId64
			" kept, which no journal knows%s",
			found->run.id,
			*ret_halfway ? ", and the root stands in the middle of it" : "");
	orphans_release(&all);
	return found != NULL;
}
