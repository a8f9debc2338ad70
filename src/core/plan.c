/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/plan.h"

#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/path.h"
#include "core/filesig.h"
#include "core/fstype.h"
#include "core/planning.h"

static const char *const kinds[] = {
#define X(id, name) [id] = name,
	OP_KINDS(X)
#undef X
};

static const char *const reasons[] = {
#define X(id, text) [id] = text,
	OP_REASONS(X)
#undef X
};

const char *op_kind_name(enum op_kind k)
{
	return k < ELEMENTSOF(kinds) ? kinds[k] : "?";
}

const char *op_reason_text(enum op_reason r)
{
	return r < ELEMENTSOF(reasons) ? reasons[r] : "?";
}

/* What stands for an inode number that does not last. */
static const struct identity something = {.ino = 1};

static void record_old(struct planning *g, struct op *op, const struct fact *f)
{
	unsigned lacks = fstype_lacks(g->mounts->v[op->mount].fstype);

	op->old_id = lacks & FS_NO_INODES ? something : f->id;
	op->old = f->attr;
	op->old_size = f->size;
	op->old_ctime_ns = lacks & FS_NO_ATTRIBUTES ? 0 : f->ctime_ns;
	op->old_flags = f->flags;
}

static void record_new(struct planning *g, struct op *op, const struct slot *s, uint32_t claim,
		       const struct attr *attr)
{
	const struct claim *c;
	const struct pkgfile *f;

	op->new = *attr;
	if (claim == NO_INDEX)
		return; /* an implied directory */
	c = &g->layout->claims.v[claim];
	f = planning_file(g, c);
	op->change = c->owner;
	op->file = c->file;
	op->rdev = f->rdev & 0xffff;
	if (ftype_of_mode(f->mode) == FT_LNK)
		op->link = f->link;
	if (ftype_of_mode(f->mode) != FT_REG)
		return;
	op->size = f->size;
	if (op_makes(op))
		op->filesig = filesig_wanted(g, s, planning_pkg(g, c), f);
	if (f->digest && f->digest_len <= DIGEST_MAX) {
		op->digest.algo = planning_pkg(g, c)->digest_algo;
		op->digest.len = f->digest_len;
		memcpy(op->digest.bytes, f->digest, f->digest_len);
	}
}

static struct op *new_op(struct planning *g, enum op_kind kind, enum op_reason why,
			 const char *path)
{
	struct op *op = array_push(&g->plan->ops);

	op->kind = kind;
	op->reason = why;
	op->path = path;
	op->mount = mounts_of_path(g->mounts, path);
	op->change = op->file = op->link_leader = NO_INDEX;
	return op;
}

/* Until the ops are sorted, link_leader holds the leader's slot. */
static void emit(struct planning *g, uint32_t i)
{
	const struct slot *s = &g->layout->slots.v[i];
	struct step *step = &g->steps[i];
	uint32_t content = step->implied ? NO_INDEX : step->content;
	struct op *op;

	switch (step->act) {
	case ACT_NONE: return;
	case ACT_REMOVE:
		op = new_op(g, OP_REMOVE, step->reason, s->path);
		record_old(g, op, &s->fact);
		break;
	case ACT_ATTR:
		op = new_op(g, OP_ATTR, step->reason, s->path);
		record_old(g, op, &s->fact);
		record_new(g, op, s, content, &step->new);
		break;
	case ACT_SWAP:
		op = new_op(g, OP_SWAP, step->reason, s->path);
		record_old(g, op, &s->fact);
		record_new(g, op, s, content, &step->new);
		op->link_leader = step->link_leader;
		break;
	case ACT_MOVE:
	case ACT_MOVE_CREATE:
		op = new_op(g, OP_MOVE, step->reason, s->path);
		record_old(g, op, &s->fact);
		op->path2 = step->aside;
		if (step->act == ACT_MOVE)
			break;
		__attribute__((fallthrough));
	case ACT_CREATE:
		op = new_op(g, OP_CREATE, step->reason, s->path);
		record_new(g, op, s, content, &step->new);
		op->link_leader = step->link_leader;
		break;
	}
}

static void emit_extras(struct planning *g)
{
	const struct extra *x;

	array_foreach(x, &g->extras) {
		const struct claim *c = &g->layout->claims.v[x->content];
		struct op *op = new_op(g, OP_CREATE, WHY_CONFIG_NEW, x->path);
		struct attr attr;

		act_attr(g, planning_pkg(g, c), planning_file(g, c), &attr);
		record_new(g, op, &g->layout->slots.v[x->slot], x->content, &attr);
	}
}

static bool takes_away(const struct op *op)
{
	return op->kind == OP_REMOVE || op->kind == OP_MOVE;
}

static int op_cmp(const void *pa, const void *pb)
{
	const struct op *a = pa, *b = pb;

	if (takes_away(a) != takes_away(b))
		return takes_away(a) ? -1 : 1;
	return takes_away(a) ? -path_cmp(a->path, b->path) : path_cmp(a->path, b->path);
}

/* link_leader: from slots to ops */
static void relink(struct planning *g)
{
	uint32_t *op_of = xmalloc((g->layout->slots.n + 1) * sizeof(*op_of));
	struct op *op;
	uint32_t i;

	memset(op_of, 0xff, (g->layout->slots.n + 1) * sizeof(*op_of));
	array_foreach(op, &g->plan->ops) {
		const struct slot *s;

		if (op->kind != OP_SWAP && op->kind != OP_CREATE)
			continue;
		s = layout_find(g->layout, op->path);
		if (s)
			op_of[s - g->layout->slots.v] = (uint32_t)(op - g->plan->ops.v);
	}
	for (i = 0; i < g->plan->ops.n; i++) {
		op = &g->plan->ops.v[i];
		if (op->link_leader != NO_INDEX)
			op->link_leader = op_of[op->link_leader];
	}
	free(op_of);
}

bool planning_first(struct planning *g, const char *key)
{
	if (strmap_get(&g->said, key, NULL))
		return false;
	strmap_set(&g->said, arena_strdup(&g->plan->mem, key), 1);
	return true;
}

static void check_flags(struct planning *g, const char *path, uint32_t flags)
{
	cleanup_free char *key = xasprintf("flags %s", path), *shown = NULL;

	if (!(flags & (FACT_IMMUTABLE | FACT_APPEND)) || !planning_first(g, key))
		return;
	shown = quoted(path);
	problems_add(
		&g->plan->problems, PROBLEM_IMMUTABLE, SEV_WARNING, path,
		"'/%s' is marked %s (chattr +%s); that is lifted to change it, and undo "
		"brings it back",
		shown, flags & FACT_IMMUTABLE ? "immutable" : "append-only",
		flags & FACT_IMMUTABLE ? "i" : "a");
}

/* What makes an op impossible whoever runs it. */
static void check_op(struct planning *g, const struct op *op)
{
	const struct mount *m = &g->mounts->v[op->mount];
	cleanup_free char *dir = path_parent(op->path), *path = NULL;
	const struct slot *parent = layout_find(g->layout, dir);

	check_flags(g, op->path, op->old_flags);
	if (op->kind == OP_ATTR)
		return;
	if (parent && op->path[0])
		check_flags(g, parent->path, parent->fact.flags);
	if (strcmp(m->path, op->path) != 0)
		return;
	path = quoted(op->path);
	problems_add(&g->plan->problems, PROBLEM_OTHER, SEV_REFUSE, op->path,
		     "'/%s' is where a file system is mounted and cannot be exchanged",
		     path);
}

/* What has to change, but lies on a file system that is not there, or could not be looked at. */
static void check_slots(struct planning *g)
{
	for (uint32_t i = 0; i < g->layout->slots.n; i++) {
		const struct slot *s = &g->layout->slots.v[i];
		const struct step *step = &g->steps[i];
		const struct mount *gone;
		cleanup_free char *key = NULL, *path = NULL;

		if (step->want == NO_INDEX && !step->gone && step->act == ACT_NONE)
			continue;
		gone = mounts_missing_above(g->mounts, s->path);
		if (gone) {
			key = xasprintf("mount %s", gone->path);
			if (!planning_first(g, key))
				continue;
			path = quoted(gone->path);
			problems_add(
				&g->plan->problems, PROBLEM_NOT_MOUNTED, SEV_REFUSE,
				gone->path,
				"'/%s' is a file system of its own by the root's fstab and is "
				"not mounted, but files in it have to change; mount it first",
				path);
		} else if (s->fact.sys) {
			path = quoted(s->path);
			problems_add(&g->plan->problems, PROBLEM_UNREADABLE, SEV_REFUSE,
				     s->path, "cannot read '/%s': %s%s", path,
				     strerror(s->fact.sys),
				     filesig_missing_key(&s->fact));
		}
	}
}

/* Paths of either version are the package's own; a path counts once for each package. */
static void count_slot(struct planning *g, uint32_t i)
{
	const struct slot *s = &g->layout->slots.v[i];
	const struct step *step = &g->steps[i];
	const struct claim *cl = g->layout->claims.v;
	uint32_t claim = step->want != NO_INDEX ? step->want : step->old;

	for (uint32_t k = s->first; k < s->first + s->n; k++) {
		bool seen = cl[k].side == SIDE_STAYING;

		for (uint32_t e = s->first; e < k && !seen; e++)
			seen = cl[e].side != SIDE_STAYING && cl[e].owner == cl[k].owner;
		if (!seen)
			g->plan->counts.v[cl[k].owner].owned++;
	}
	if (step->act != ACT_NONE && claim != NO_INDEX)
		g->plan->counts.v[cl[claim].owner].touched++;
}

static void count(struct planning *g)
{
	for (uint32_t c = 0; c < g->changes->list.n; c++)
		(void)array_push(&g->plan->counts);
	for (uint32_t i = 0; i < g->layout->slots.n; i++)
		count_slot(g, i);
}

static void finish(struct planning *g)
{
	struct plan *plan = g->plan;
	const struct op *op;

	if (plan->ops.n)
		qsort(plan->ops.v, plan->ops.n, sizeof(*plan->ops.v), op_cmp);
	relink(g);
	strip_settle(g);
	array_foreach(op, &plan->ops)
		check_op(g, op);
	filesig_tell(g);
	check_slots(g);
	count(g);
	if (!plan->keeps_db)
		scripts_collect(g);
}

/* Whether a record of the rpmdb goes or comes. */
static bool changes_records(const struct changes *changes)
{
	const struct change *c;

	array_foreach(c, &changes->list)
		if (c->kind != CHANGE_CLEAR)
			return true;
	return false;
}

void plan_build(const struct changes *changes, const struct pkgset *staying,
		const struct layout *layout, const struct mounts *mounts,
		const struct users *users, const struct plan_policy *policy,
		struct plan *ret)
{
	struct planning g = {.changes = changes,
			     .staying = staying,
			     .layout = layout,
			     .mounts = mounts,
			     .users = users,
			     .policy = policy,
			     .plan = ret};

	memset(ret, 0, sizeof(*ret));
	ret->changes = changes;
	ret->mounts = mounts;
	g.steps = xcalloc(layout->slots.n + 1, sizeof(*g.steps));
	for (uint32_t i = 0; i < layout->slots.n; i++)
		g.steps[i].want = g.steps[i].old = g.steps[i].content =
			g.steps[i].link_leader = NO_INDEX;

	states_infer(&g);
	claims_settle(&g);
	act_decide(&g);
	links_regroup(&g);
	dirs_settle(&g);
	if (policy->only)
		only_keep(&g);
	else
		ret->keeps_db = !changes_records(changes);
	holds_leave(&g);
	for (uint32_t i = 0; i < layout->slots.n; i++)
		emit(&g, i);
	emit_extras(&g);
	finish(&g);

	for (uint32_t c = 0; c < changes->list.n; c++)
		free(g.states[c]);
	free(g.states);
	free(g.steps);
	array_release(&g.extras);
	strmap_release(&g.said);
}

static void hash_str(struct digester *d, const char *s)
{
	digester_update(d, s ? s : "", s ? strlen(s) + 1 : 1);
}

static void hash_attr(struct digester *d, const struct attr *a)
{
	const int64_t v[] = {a->mode, a->uid, a->gid, a->mtime_ns, a->caps_len};

	digester_update(d, v, sizeof(v));
	digester_update(d, a->caps, a->caps_len);
}

static void hash_digest(struct digester *d, const struct digest *x)
{
	const int64_t v[] = {x->algo, x->len};

	digester_update(d, v, sizeof(v));
	digester_update(d, x->bytes, x->len);
}

static void hash_pkg(struct digester *d, const struct pkg *p)
{
	const int64_t instance = p ? (int64_t)p->instance : -1;

	hash_str(d, p ? p->nevra : NULL);
	digester_update(d, &instance, sizeof(instance));
	if (p)
		hash_digest(d, &p->hdrdigest);
}

static void hash_op(struct digester *d, const struct plan *p, const struct op *op)
{
	const int64_t v[] = {(int64_t)op->kind,	  (int64_t)op->old_id.ino,
			     op->old_id.btime_ns, (int64_t)op->old_size,
			     op->old_ctime_ns,	  op->old_flags,
			     (int64_t)op->size,	  op->rdev,
			     op->change,	  op->file,
			     op->link_leader,	  op->strips};

	hash_str(d, op->path);
	hash_str(d, op->path2);
	hash_str(d, op->link);
	hash_str(d, op->label);
	if (op->filesig)
		digester_update(d, op->filesig->bytes, op->filesig->len);
	hash_str(d, p->mounts->v[op->mount].path);
	digester_update(d, v, sizeof(v));
	hash_digest(d, &op->digest);
	hash_attr(d, &op->old);
	hash_attr(d, &op->new);
}

void plan_digest(const struct plan *p, struct digest *ret)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	const uint32_t counts[] = {p->changes->list.n, p->ops.n, p->states.n};
	const struct change *c;
	const struct op *op;
	const struct state_fix *x;

	if (!d)
		BUG("this host has no SHA-256");
	digester_update(d, counts, sizeof(counts));
	array_foreach(c, &p->changes->list) {
		hash_str(d, change_kind_name(c->kind));
		hash_pkg(d, c->from);
		hash_pkg(d, c->to);
	}
	array_foreach(op, &p->ops)
		hash_op(d, p, op);
	array_foreach(x, &p->states) {
		const uint32_t v[] = {x->side, x->owner, x->file, x->state};

		digester_update(d, v, sizeof(v));
	}
	digester_finish(d, ret);
}

void plan_release(struct plan *p)
{
	array_release(&p->ops);
	array_release(&p->decisions);
	array_release(&p->scripts);
	array_release(&p->states);
	array_release(&p->counts);
	array_release(&p->space);
	problems_release(&p->problems);
	arena_release(&p->mem);
}
