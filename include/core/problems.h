/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_PROBLEMS_H
#define PUTBACK_CORE_PROBLEMS_H
/* What stands in the way of a plan, or is worth saying about it. */
#include "base/array.h"

enum severity { SEV_NOTE, SEV_WARNING, SEV_REFUSE };

#define PROBLEM_KINDS(X)                                  \
	X(PROBLEM_NOT_MOUNTED, "not-mounted")             \
	X(PROBLEM_READ_ONLY, "read-only")                 \
	X(PROBLEM_SPACE, "space")                         \
	X(PROBLEM_INODES, "inodes")                       \
	X(PROBLEM_DEPENDENCY, "dependency")               \
	X(PROBLEM_DEPENDENCY_OLD, "dependency-before")    \
	X(PROBLEM_FILE_CONFLICT, "file-conflict")         \
	X(PROBLEM_UNPACKAGED, "unpackaged-in-the-way")    \
	X(PROBLEM_UNREADABLE, "unreadable")               \
	X(PROBLEM_IMMUTABLE, "immutable")                 \
	X(PROBLEM_CANNOT_HOLD, "cannot-hold")             \
	X(PROBLEM_UNKNOWN_OWNER, "unknown-owner")         \
	X(PROBLEM_CONTENT_ELSEWHERE, "content-elsewhere") \
	X(PROBLEM_DB_READ_ONLY, "rpmdb-read-only")        \
	X(PROBLEM_UNSIGNED, "unsigned")                   \
	X(PROBLEM_HISTORY, "history")                     \
	X(PROBLEM_ARCH, "architecture")                   \
	X(PROBLEM_KERNEL, "kernel")                       \
	X(PROBLEM_DIR_KEPT, "directory-kept")             \
	X(PROBLEM_DONOR_FILE, "donor-file")               \
	X(PROBLEM_LABELS, "labels")                       \
	X(PROBLEM_FINISHING, "finishing")                 \
	X(PROBLEM_SECOND_NAME, "second-name")             \
	X(PROBLEM_FILE_SIGNATURE, "file-signature")       \
	X(PROBLEM_SOURCE, "source")                       \
	X(PROBLEM_OTHER, "other")

enum problem_kind {
#define X(id, name) id,
	PROBLEM_KINDS(X)
#undef X
};
const char *problem_kind_name(enum problem_kind k);

struct problem {
	enum problem_kind kind;
	enum severity severity;
	const char *subject; /* path or package it speaks of; may be "" */
	const char *
		text; /* whole sentence without full stop, with what to do where we know */
};
struct problems {
	struct arena mem;
	ARRAY(struct problem) list;
};
void problems_add(struct problems *p, enum problem_kind kind, enum severity severity,
		  const char *subject, const char *fmt, ...) _printf_(5, 6);
/* highest severity; -1 for an empty list */
int problems_worst(const struct problems *p);
void problems_release(struct problems *p);

#endif
