/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_GUARD_H
#define PUTBACK_TXN_GUARD_H
/*
 * The guard: whether the root is what a transaction is about to start from. Looked at for all
 * tasks before the first of them moves anything: identity, and for regular files size, mtime and
 * ctime; of directories mode and owner; of the rpmdb the digest.
 */
#include "txn/run.h"

struct findings {
	struct strlist changed; /* "'/usr/bin/x' was replaced": may be forced */
	struct strlist lost;	/* what the task needs is not to be had: cannot be forced */
	bool gone;		/* of the lost some were in the area, and are not any more */
};
void findings_release(struct findings *f);

/*
 * first: the transaction was never done; then what the plan saw counts, directories that go
 * included. Else also what came into directories that go. ERR_REFUSED for a path or directory with
 * the immutable or append-only flag, which is named.
 */
_must_check_ int guard_check(struct run *t, enum way w, bool first, struct findings *ret,
			     struct error *err);
/* "'/usr/bin/x' was replaced; and 3 more"; the caller frees */
char *guard_summary(const struct strlist *l);

#endif
