/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/space.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"

/* a row of the journal with its indexes, by a wide margin */
#define JOURNAL_ROW  512
#define JOURNAL_BASE (1024 * 1024)
#define MARGIN_FIXED (8u * 1024 * 1024)
/* `.putback`, its file, the transaction's directory and manifest */
#define AREA_INODES 4
/* a line of the manifest beside its path, and the entry of a slot in its directory */
#define AREA_ROW 288
/* temporary files of putback and SQLite, and what a machine makes while it stands there */
#define MARGIN_INODES 16

/* Sizes are what a package says: sums stay at the top of the scale. */
static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t round_up(uint64_t n, uint64_t block)
{
	return block && n < UINT64_MAX - block ? (n + block - 1) / block * block : n;
}

static void add_op(struct plan *plan, const struct op *op)
{
	const struct mount *m = &plan->mounts->v[op->mount];
	struct space_need *need = &plan->space.v[op->mount];

	need->bytes = add(need->bytes, AREA_ROW + strlen(op->path));
	if (op->kind != OP_SWAP && op->kind != OP_CREATE)
		return;
	if (op->link_leader != NO_INDEX)
		return;
	need->inodes++;
	if (ftype_of_mode(op->new.mode) == FT_REG)
		need->bytes = add(need->bytes, round_up(op->size, m->block_size));
	else
		need->bytes = add(need->bytes, m->block_size);
}

static const char *mount_name(const struct mount *m, struct buf *buf)
{
	buf_clear(buf);
	buf_printf(buf, "/%s", m->path);
	return buf->s;
}

/* One pool of blocks behind several mounts; of a device without a name nobody can tell. */
static bool share_room(const struct mount *a, const struct mount *b)
{
	return a == b || (a->device && b->device && *a->device == '/' &&
			  !strcmp(a->device, b->device) && !strcmp(a->fstype, b->fstype));
}

/* What all that share its room need; that is told of the first of them which needs something. */
static bool sum_up(const struct plan *plan, uint32_t i, struct space_need *ret)
{
	bool first = true;

	*ret = (struct space_need){0};
	for (uint32_t k = 0; k < plan->mounts->n; k++) {
		const struct space_need *need = &plan->space.v[k];

		if (!share_room(&plan->mounts->v[i], &plan->mounts->v[k]))
			continue;
		first &= k >= i || !need->bytes;
		ret->bytes = add(ret->bytes, need->bytes);
		ret->inodes = add(ret->inodes, need->inodes);
	}
	return first;
}

static void check_read_only(struct plan *plan, uint32_t i)
{
	const struct mount *m = &plan->mounts->v[i];
	cleanup_buf struct buf name = {0};

	mount_name(m, &name);
	if (m->readonly)
		problems_add(
			&plan->problems, PROBLEM_READ_ONLY, SEV_REFUSE, name.s,
			"'%s' is mounted read-only; remount it with: mount -o remount,rw '%s'",
			name.s, m->host ? m->host : name.s);
}

static void check_room(struct plan *plan, uint32_t i, bool staged)
{
	const struct mount *m = &plan->mounts->v[i];
	uint64_t have = m->blocks_free * m->block_size, want, inodes;
	cleanup_buf struct buf name = {0};
	struct space_need need;

	if (m->readonly || !sum_up(plan, i, &need))
		return;
	mount_name(m, &name);
	want = add(add(need.bytes, need.bytes / 20), MARGIN_FIXED);
	inodes = add(need.inodes, staged ? need.inodes / 20 + MARGIN_INODES : 0);
	/* what only goes can be taken out of a file system that is full but for root's reserve */
	if (staged && want > have)
		problems_add(
			&plan->problems, PROBLEM_SPACE, SEV_REFUSE, name.s,
			"'%s' needs %s more: %s at the peak (with a margin), %s free",
			name.s, human_size(want - have), human_size(want),
			human_size(have));
	if (m->inodes_free != UINT64_MAX && inodes > m->inodes_free)
		problems_add(&plan->problems, PROBLEM_INODES, SEV_REFUSE, name.s,
			     "'%s' needs %" PRIu64 " more inodes: %" PRIu64
			     " at the peak (with a margin), %" PRIu64 " free",
			     name.s, inodes - m->inodes_free, inodes, m->inodes_free);
}

/* touched, staged: of each mount; what is staged on one counts for all that share its room */
static void check_all(struct plan *plan, const bool *touched, const bool *staged)
{
	const struct mount *v = plan->mounts->v;

	for (uint32_t i = 0; i < plan->mounts->n; i++) {
		bool any = false;

		if (!touched[i])
			continue;
		for (uint32_t k = 0; k < plan->mounts->n; k++)
			any |= staged[k] && share_room(&v[i], &v[k]);
		check_read_only(plan, i);
		check_room(plan, i, any);
	}
}

void space_check(struct plan *plan, const struct space_extra *v, uint32_t n)
{
	cleanup_free bool *touched = NULL, *staged = NULL;
	const struct op *op;

	array_release(&plan->space);
	array_reserve(&plan->space, plan->mounts->n);
	for (uint32_t i = 0; i < plan->mounts->n; i++)
		(void)array_push(&plan->space);
	if (plan->ops.n == 0 && plan->changes->list.n == 0)
		return;

	touched = xcalloc(plan->mounts->n, sizeof(*touched));
	staged = xcalloc(plan->mounts->n, sizeof(*staged));
	touched[0] = staged[0] = true;
	array_foreach(op, &plan->ops) {
		touched[op->mount] = true;
		staged[op->mount] |= op->kind == OP_SWAP || op->kind == OP_CREATE;
		add_op(plan, op);
	}
	for (uint32_t i = 0; i < n; i++) {
		struct space_need *need = &plan->space.v[v[i].mount];

		touched[v[i].mount] = staged[v[i].mount] = true;
		need->bytes = add(need->bytes, v[i].bytes);
		need->inodes = add(need->inodes, v[i].inodes);
	}
	/* journal and its rollback journal */
	plan->space.v[0].bytes =
		add(plan->space.v[0].bytes,
		    JOURNAL_BASE + (uint64_t)plan->ops.n * JOURNAL_ROW * 2);
	plan->space.v[0].inodes += 8;
	for (uint32_t i = 0; i < plan->mounts->n; i++) {
		if (!touched[i])
			continue;
		plan->space.v[i].inodes += AREA_INODES;
		plan->space.v[i].bytes = add(plan->space.v[i].bytes,
					     AREA_INODES * plan->mounts->v[i].block_size);
	}
	check_all(plan, touched, staged);
}
