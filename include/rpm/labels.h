/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_LABELS_H
#define PUTBACK_RPM_LABELS_H
/*
 * SELinux labels as rpm gives them (plugins/selinux.c: selinux_fsm_file_prepare()): whatever is made
 * gets what the policy of the machine has for its path and type. The policy is the root's own, not
 * that of the rescue system: etc/selinux/TYPE/contexts/files/file_contexts with .local, .homedirs,
 * .subs and .subs_dist (selabel_file(5)). These are text of a stranger, whose patterns a library
 * compiles: libselinux gets copies, in a process of its own and for a limited time.
 */
#include "base/array.h"
#include "base/root.h"

/*
 * Whether the root has SELinux and does not disable it, by its etc/selinux/config: SELINUX, not
 * "disabled", and SELINUXTYPE. ret_type: "targeted"; the caller frees. A type that is no plain name
 * is none.
 */
bool labels_wanted(struct root *r, char **ret_type);

struct labels_question {
	const char *path; /* canonical */
	uint32_t mode;	  /* with the type bits */
};

/*
 * ret[i]: what security.selinux of path i shall be, in the arena; NULL where the policy has nothing
 * for it. -1: there is no such policy here that could be used (or this build has no libselinux).
 */
_must_check_ int labels_look_up(struct root *r, const char *type,
				const struct labels_question *q, uint32_t n,
				struct arena *mem, const char **ret, struct error *err);

#endif
