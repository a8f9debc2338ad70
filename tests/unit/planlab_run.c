/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/path.h"
#include "core/fstype.h"
#include "planlab.h"

/* Does to the lab's disk what whoever runs a plan does to a root, and looks at each step as a file
 * system would: what is there, what is empty, what has a directory to lie in. */
struct runner {
	struct lab *l;
	const struct plan *plan;
	struct buf *complaint;
	uint64_t *ino_of; /* per op: inode that it made */
};

static void complain(struct runner *r, const struct op *op, const char *what)
{
	buf_printf(r->complaint, "%s ", op_kind_name(op->kind));
	buf_quoted(r->complaint, op->path);
	buf_printf(r->complaint, ": %s\n", what);
}

static void check_order(struct runner *r, uint32_t i)
{
	const struct op *op = &r->plan->ops.v[i], *before = op - 1;
	bool takes = op->kind == OP_REMOVE || op->kind == OP_MOVE;
	bool took;
	int d;

	if (i == 0)
		return;
	took = before->kind == OP_REMOVE || before->kind == OP_MOVE;
	d = path_cmp(before->path, op->path);
	if (takes && !took)
		complain(r, op, "takes away after something was put");
	else if (takes == took && (takes ? d <= 0 : d >= 0))
		complain(r, op, "out of order");
}

static void rename_node(struct runner *r, const struct op *op, struct lab_node *n)
{
	struct fact fact = n->fact;
	const char *content = n->content;
	bool shares = n->shares;
	cleanup_free char *a = path_parent(op->path), *b = path_parent(op->path2);

	if (strcmp(a, b) != 0)
		complain(r, op, "moves to another directory");
	if (lab_find(r->l, op->path2)) {
		complain(r, op, "the new name is taken");
		return;
	}
	if (n->children)
		complain(r, op, "the directory is not empty");
	lab_unlink(r->l, n);
	n = lab_add(r->l, op->path2, fact.type);
	n->fact = fact;
	n->content = content;
	n->shares = shares;
}

/* The package's file behind an op is the one that the op describes. */
static void check_content(struct runner *r, const struct op *op)
{
	const struct pkgfile *f;

	if (op->change == NO_INDEX) {
		if (ftype_of_mode(op->new.mode) != FT_DIR)
			complain(r, op, "only directories come from nowhere");
		return;
	}
	if (ftype_of_mode(op->new.mode) != FT_REG && (op->size || op->digest.algo))
		complain(r, op, "has content, but is no file");
	f = &r->l->changes.list.v[op->change].to->files.v[op->file];
	if (ftype_of_mode(f->mode) != ftype_of_mode(op->new.mode) ||
	    f->digest_len != op->digest.len ||
	    (f->digest &&
	     op->digest.algo != r->l->changes.list.v[op->change].to->digest_algo) ||
	    (f->digest && memcmp(f->digest, op->digest.bytes, f->digest_len) != 0) ||
	    (op->kind != OP_CREATE && !strcasestr(op->path, f->base)))
		complain(r, op, "is said to come from another file");
}

static void put(struct runner *r, uint32_t i)
{
	const struct op *op = &r->plan->ops.v[i];
	struct lab_node *n = lab_add(r->l, op->path, ftype_of_mode(op->new.mode));
	cleanup_buf struct buf hex = {0};
	uint32_t at;

	check_content(r, op);
	n->fact.attr = op->new;
	n->fact.id.btime_ns = r->l->now * INT64_C(1000000000);
	n->fact.rdev = op->rdev;
	n->fact.link = op->link;
	n->fact.ima = op->filesig ? filesig_mark(op->filesig->bytes, op->filesig->len) : 0;
	if (n->fact.type == FT_REG) {
		buf_hex(&hex, op->digest.bytes, op->digest.len);
		if (strmap_get(&r->l->content_of, hex.n ? hex.s : "", &at))
			n->content = arena_strdup(&r->l->mem, r->l->contents.v[at]);
		else if (op->size)
			complain(r, op, "content that no package has");
	}
	r->ino_of[i] = n->fact.id.ino;
	if (op->link_leader == NO_INDEX)
		return;
	if (op->link_leader >= i || !r->ino_of[op->link_leader])
		complain(r, op, "its link leader is not made yet");
	else if (r->plan->ops.v[op->link_leader].mount != op->mount)
		complain(r, op, "its link leader is on another mount");
	else
		n->fact.id.ino = r->ino_of[i] = r->ino_of[op->link_leader];
	n->shares = true;
	for (at = 0; at < r->l->disk.n; at++)
		if (r->l->disk.v[at].fact.id.ino == n->fact.id.ino)
			r->l->disk.v[at].shares = true;
}

/* Sets them for every name of the inode; one whose name no op has is someone else's. */
static void set_attr(struct runner *r, const struct op *op, const struct lab_node *n)
{
	uint64_t ino = n->fact.id.ino;

	if (n->fact.nlink > 1)
		complain(r, op, "changes an inode that has foreign names");
	if (n->fact.type != ftype_of_mode(op->new.mode))
		complain(r, op, "is of another type");
	if (n->fact.type == FT_DIR && op->new.mtime_ns != n->fact.attr.mtime_ns)
		complain(r, op, "sets a directory's time");
	for (uint32_t i = 0; i < r->l->disk.n; i++) {
		struct lab_node *x = &r->l->disk.v[i];
		bool planned = x == n;

		if (!x->is_there || x->fact.id.ino != ino)
			continue;
		for (uint32_t k = 0; !planned && k < r->plan->ops.n; k++)
			planned = r->plan->ops.v[k].kind == OP_ATTR &&
				  strcmp(r->plan->ops.v[k].path, x->path) == 0;
		if (!planned)
			complain(r, op, "changes an inode that another path has");
		x->fact.attr = op->new;
	}
}

/* Where inode numbers do not last a plan has none. */
static bool is_known(const struct runner *r, const struct op *op, const struct fact *f)
{
	const struct mount *m = &r->l->mounts.v[op->mount];

	return fstype_lacks(m->fstype) & FS_NO_INODES
		       ? op->old_id.ino != 0
		       : identity_is_same(&f->id, &op->old_id);
}

static void run_op(struct runner *r, uint32_t i)
{
	const struct op *op = &r->plan->ops.v[i];
	struct lab_node *n = lab_find(r->l, op->path);
	cleanup_free char *dir = path_parent(op->path);
	const struct lab_node *parent = lab_find(r->l, dir);

	check_order(r, i);
	if (!parent || parent->fact.type != FT_DIR) {
		complain(r, op, "there is no directory for it");
		return;
	}
	if ((op->kind == OP_CREATE) != !n) {
		complain(r, op, n ? "something is there" : "nothing is there");
		return;
	}
	if (n && !is_known(r, op, &n->fact))
		complain(r, op, "another inode is there");
	if (n && n->children && (op->kind == OP_REMOVE || op->kind == OP_SWAP))
		complain(r, op, "the directory is not empty");
	switch (op->kind) {
	case OP_REMOVE: lab_unlink(r->l, n); break;
	case OP_MOVE: rename_node(r, op, n); break;
	case OP_ATTR: set_attr(r, op, n); break;
	case OP_SWAP:
		lab_unlink(r->l, n);
		put(r, i);
		break;
	case OP_CREATE: put(r, i); break;
	}
}

void lab_run(struct lab *l, const struct plan *p, struct buf *complaint)
{
	struct runner r = {l, p, complaint, xcalloc(p->ops.n + 1, sizeof(uint64_t))};

	buf_str(complaint, "");
	for (uint32_t i = 0; i < p->ops.n; i++)
		run_op(&r, i);
	free(r.ino_of);
}
