/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "planlab.h"

static const char letters[] = "?fdlcbps"; /* as enum ftype */

static void path(struct buf *b, const char *p)
{
	if (p[0])
		buf_quoted(b, p);
	else
		buf_char(b, '.');
}

static const char *content_name(struct lab *l, const struct op *op)
{
	cleanup_buf struct buf hex = {0};
	uint32_t i;

	buf_hex(&hex, op->digest.bytes, op->digest.len);
	return op->digest.len && strmap_get(&l->content_of, hex.s, &i) ? l->contents.v[i]
								       : NULL;
}

/* What is staged or set, as far as it is not what one would expect. */
static void object(struct lab *l, const struct op *op, struct buf *b)
{
	enum ftype t = ftype_of_mode(op->new.mode);
	const char *content = content_name(l, op);

	if ((op->new.mode & 07777) != (t == FT_DIR ? 0755U : t == FT_LNK ? 0777U : 0644U))
		buf_printf(b, " %04o", op->new.mode & 07777);
	if (op->new.uid || op->new.gid)
		buf_printf(b, " %u:%u", op->new.uid, op->new.gid);
	if (t != FT_DIR && op->new.mtime_ns != INT64_C(1000000000))
		buf_printf(b, " mtime=%" PRId64, op->new.mtime_ns / INT64_C(1000000000));
	if (op->new.caps_len) {
		buf_str(b, " caps=");
		buf_hex(b, op->new.caps, op->new.caps_len);
	}
	if (op->kind == OP_ATTR)
		return;
	if (t == FT_LNK)
		buf_printf(b, " -> %s", op->link);
	if (t == FT_CHR || t == FT_BLK)
		buf_printf(b, " %u:%u", op->rdev >> 8, op->rdev & 0xff);
	if (t == FT_REG && content) {
		buf_str(b, " ");
		buf_quoted(b, content);
	}
	if (op->filesig)
		buf_printf(b, " ima=%.*s", (int)op->filesig->len, op->filesig->bytes);
}

static void show_op(struct lab *l, const struct plan *p, const struct op *op,
		    struct buf *b)
{
	bool has_new =
		op->kind == OP_SWAP || op->kind == OP_CREATE || op->kind == OP_ATTR;

	buf_printf(b, "%s ", op_kind_name(op->kind));
	if (has_new)
		buf_printf(b, "%c ", letters[ftype_of_mode(op->new.mode)]);
	path(b, op->path);
	if (op->path2) {
		buf_str(b, " to ");
		path(b, op->path2);
	}
	if (has_new)
		object(l, op, b);
	if (op->strips && lab_find(l, op->path)->fact.nlink > 1)
		buf_str(b, " stripped");
	if (op->link_leader != NO_INDEX) {
		buf_str(b, " = ");
		path(b, p->ops.v[op->link_leader].path);
	}
	buf_printf(b, " (%s)\n", op_reason_text(op->reason));
}

static void show_decisions(const struct plan *p, struct buf *b)
{
	static const char *const fates[] = {
		[FATE_CREATE] = "create",	[FATE_TOUCH] = "touch",
		[FATE_SKIP] = "skip",		[FATE_ALTNAME] = "altname",
		[FATE_SAVE] = "save",		[FATE_BACKUP] = "backup",
		[FATE_MISSINGOK] = "missingok", [FATE_REMOVE_SAVE] = "remove-save",
	};
	const struct decision *d;

	array_foreach(d, &p->decisions) {
		buf_str(b, "config ");
		path(b, d->path);
		buf_printf(b, " %s", fates[d->fate]);
		if (d->aside) {
			buf_str(b, " ");
			path(b, d->aside);
		}
		if (d->note)
			buf_printf(b, " (%s)", d->note);
		buf_char(b, '\n');
	}
}

static void show_problems(const struct lab *l, const struct plan *p, struct buf *b)
{
	static const char *const severities[] = {
		[SEV_NOTE] = "note", [SEV_WARNING] = "warn", [SEV_REFUSE] = "refuse"};
	const struct problem *x;

	array_foreach(x, &p->problems.list) {
		buf_printf(b, "%s %s ", severities[x->severity],
			   problem_kind_name(x->kind));
		path(b, x->subject);
		buf_char(b, '\n');
		if (l->show_texts)
			buf_printf(b, "| %s\n", x->text);
	}
}

static const struct pkg *fixed_pkg(const struct lab *l, const struct state_fix *x)
{
	if (x->side == SIDE_ARRIVING)
		return l->changes.list.v[x->owner].to;
	for (uint32_t i = 0; i < l->staying.n; i++)
		if (l->staying.v[i]->instance == x->owner)
			return l->staying.v[i];
	BUG("a state for instance %u, which does not stay", x->owner);
}

static void show_states(const struct lab *l, const struct plan *p, struct buf *b)
{
	static const char *const states[] = {"normal", "replaced", "notinstalled",
					     "netshared", "wrongcolor"};
	const struct state_fix *x;

	array_foreach(x, &p->states) {
		const struct pkg *pkg = fixed_pkg(l, x);

		buf_printf(b, "state %s ", pkg->nevra);
		buf_quoted(b, pkg->files.v[x->file].dir);
		buf_quoted(b, pkg->files.v[x->file].base);
		buf_printf(b, " %s\n", states[x->state]);
	}
}

static void show_scripts(const struct plan *p, struct buf *b)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} all[] = {
#define X(id, bit, name) {name, id},
		SCRIPTLETS(X)
#undef X
	};
	const struct script_note *n;

	array_foreach(n, &p->scripts) {
		buf_printf(b, "scripts %s", n->package);
		for (size_t i = 0; i < ELEMENTSOF(all); i++)
			if (n->scriptlets & all[i].bit)
				buf_printf(b, " %s", all[i].name);
		buf_char(b, '\n');
	}
}

static void show_counts(const struct lab *l, const struct plan *p, struct buf *b)
{
	for (uint32_t i = 0; l->show_counts && i < p->counts.n; i++) {
		const struct change *x = &l->changes.list.v[i];

		buf_printf(b, "touched %s %u of %u\n", (x->to ? x->to : x->from)->nevra,
			   p->counts.v[i].touched, p->counts.v[i].owned);
	}
	for (uint32_t i = 0; l->show_space && i < p->space.n; i++)
		buf_printf(b, "space /%s %" PRIu64 " bytes %" PRIu64 " inodes\n",
			   l->mounts.v[i].path, p->space.v[i].bytes,
			   p->space.v[i].inodes);
	if (p->ghosts || p->not_installed)
		buf_printf(b, "alone %u ghosts %u not-installed\n", p->ghosts,
			   p->not_installed);
}

void lab_show(struct lab *l, const struct plan *p, struct buf *ret)
{
	const struct op *op;

	buf_str(ret, "");
	array_foreach(op, &p->ops)
		show_op(l, p, op, ret);
	show_decisions(p, ret);
	show_problems(l, p, ret);
	show_states(l, p, ret);
	show_scripts(p, ret);
	show_counts(l, p, ret);
}
