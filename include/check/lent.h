/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CHECK_LENT_H
#define PUTBACK_CHECK_LENT_H
/*
 * Whether the files that a plan takes from sources that lend them (a donor root) are the packages'
 * own. Looked at before anything is staged, so that all that are of no use are known at once; staging
 * checks each again as it is written.
 */
#include "core/event.h"
#include "core/plan.h"
#include "source/sources.h"

/* A file that is not what the signed header says, and is no configuration file: somebody changed it. */
struct lent_fault {
	uint32_t change;
	char *text; /* one sentence, with what to do */
};
struct lent_faults {
	struct lent_fault *v;
	uint32_t n, cap;
};
void lent_faults_release(struct lent_faults *f);

/*
 * Reads each of them. What is missing there (a donor may have been installed without documentation), and
 * configuration files that the donor's administrator edited, become problems of severity SEV_REFUSE;
 * what was changed otherwise becomes a fault. -1: the observer asked to stop.
 */
_must_check_ int lent_check(const struct plan *plan, const struct sources *sources,
			    const struct observer *o, struct problems *ret_problems,
			    struct lent_faults *ret_faults, struct error *err);

#endif
