/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "check/lent.h"

#include <sys/stat.h>

#include "base/digest.h"

struct looking {
	const struct plan *plan;
	const struct sources *sources;
	struct problems *problems;
	struct lent_faults *faults;
};

void lent_faults_release(struct lent_faults *f)
{
	for (uint32_t i = 0; i < f->n; i++)
		free(f->v[i].text);
	array_release(f);
}

static const struct change *change_of(const struct looking *l, const struct op *op)
{
	const struct changes *c = l->plan->changes;

	if ((op->kind != OP_SWAP && op->kind != OP_CREATE) || !S_ISREG(op->new.mode) ||
	    op->change >= c->list.n || op->link_leader != NO_INDEX || op->size == 0)
		return NULL;
	return sources_lend(l->sources, (uint32_t)c->list.v[op->change].source)
		       ? &c->list.v[op->change]
		       : NULL;
}

static bool is_as_packaged(const struct op *op, int fd, bool *ret_can_tell)
{
	struct digest sum;
	struct stat st;

	*ret_can_tell = op->digest.algo != DIGEST_NONE;
	return fstat(fd, &st) == 0 && (uint64_t)st.st_size == op->size && *ret_can_tell &&
	       digest_fd(fd, op->digest.algo, &sum) == 0 &&
	       digest_is_same(&sum, &op->digest);
}

static void look_at(struct looking *l, const struct op *op, const struct change *c)
{
	const struct pkgfile *f = &c->to->files.v[op->file];
	const char *donor = l->sources->v[c->source]->spec;
	cleanup_error struct error why = ERROR_INIT;
	cleanup_buf struct buf path = {0};
	cleanup_free char *shown = quoted(pkgfile_path(f, &path));
	cleanup_close int fd = sources_open_file(l->sources, (uint32_t)c->source, c->to,
						 f->link_first, &why);
	bool can_tell = true;

	if (fd < 0)
		problems_add(l->problems, PROBLEM_DONOR_FILE, SEV_REFUSE, op->path,
			     "%s; %s has to come from another place (--from)", why.msg,
			     c->to->nevra);
	else if (is_as_packaged(op, fd, &can_tell))
		return;
	else if (f->flags & FILE_CONFIG)
		problems_add(
			l->problems, PROBLEM_DONOR_FILE, SEV_REFUSE, op->path,
			"'%s' on %s was edited there and is not %s's own; that package "
			"has to come from another place (--from)",
			shown, donor, c->to->nevra);
	else
		array_add(
			l->faults,
			(struct lent_fault){
				op->change,
				xasprintf(
					can_tell
						? "'%s' on %s is not what the signed header "
						  "of %s says: somebody changed it"
						: "'%s' on %s cannot be checked: %s says "
						  "nothing of its content",
					shown, donor, c->to->nevra)});
}

int lent_check(const struct plan *plan, const struct sources *sources,
	       const struct observer *o, struct problems *ret_problems,
	       struct lent_faults *ret_faults, struct error *err)
{
	struct looking l = {plan, sources, ret_problems, ret_faults};

	for (uint32_t i = 0; i < plan->ops.n; i++) {
		const struct op *op = &plan->ops.v[i];
		const struct change *c = change_of(&l, op);

		if (!c)
			continue;
		if (observer_stop(o))
			return err_set(err, ERR_FAILED, "stopped, as asked for");
		observer_progress(o, PHASE_FACTS, i, plan->ops.n, false, 0);
		look_at(&l, op, c);
	}
	return 0;
}
