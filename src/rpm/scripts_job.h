/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_SCRIPTS_JOB_H
#define PUTBACK_RPM_SCRIPTS_JOB_H
/* What scripts.c and its parts share, in the child: the database as a transaction goes on, and what it runs. */
#include "base/strmap.h"
#include "rpm/hdr_scripts.h"
#include "rpm/scripts.h"

/* A package in the database as the transaction goes on. */
struct member {
	const struct pkg *pkg;
	uint32_t change; /* whose `to` or `from` it is; NO_INDEX: it stays */
	bool comes;
	bool there;
	Header h; /* once it was asked for */
};

/* A file trigger that was set off. */
struct fired {
	uint32_t member, index, priority;
};
struct fired_list {
	struct fired *v;
	uint32_t n, cap;
};

struct scripts_job {
	struct db *db;
	const struct pkgset *installed;
	const struct changes *changes;
	const struct change_order *order;
	db_open_pkg_fn open_pkg;
	void *ctx;
	struct nevra
		rpm; /* whose rules these are: the root's; where it has none, the host's */
	ARRAY(struct member) members; /* in the order of the database's numbers */
	struct fired_list after;      /* %transfiletriggerpostun, to be run at the end */
	struct strmap
		kept; /* paths of packages that come or stay; empty: not asked for yet */
	struct buf *out;
};

/* Fills the members. */
void scripts_job_begin(struct scripts_job *j);
struct member *scripts_job_member(struct scripts_job *j, uint32_t change, bool comes);
/* Whether the rules are those of that version of rpm, or of a later one. */
bool scripts_job_since(const struct scripts_job *j, const char *version);
/* How many of the name are there now. */
int scripts_job_count(const struct scripts_job *j, const char *name);
/* NULL with err: it cannot be read. */
Header scripts_job_header(struct scripts_job *j, struct member *m, struct error *err);
enum { NO_ARG = -1 };
/* For the parent. Takes the script. */
void scripts_job_emit(struct scripts_job *j, struct member *m, const char *kind,
		      struct hdr_script *s, int arg1, int arg2, const char *input);

enum classes { ALL_CLASSES, HIGH, LOW }; /* of priority */
/*
 * File triggers of packages that are there, which files of one package set off, or, one NULL, of the
 * transaction: lib/rpmtriggers.c: runFileTriggers(), which leaves those for transactions to the packages of it.
 * arg: the one of the one's scriptlets.
 */
_must_check_ int scripts_files_of_others(struct scripts_job *j, const struct member *one,
					 int arg, enum hdr_moment moment,
					 enum classes class, struct error *err);
/* A package's own, which any file in the database sets off: runImmedFileTriggers(). arg: as of its scriptlets. */
_must_check_ int scripts_files_of_own(struct scripts_job *j, const struct member *m,
				      int arg, bool trans, enum hdr_moment moment,
				      enum classes class, struct error *err);
/* %transfiletriggerpostun that a package sets off as it goes; and all of them, of packages that are still
 * there: rpmtriggersPrepPostUnTransFileTrigs(), runPostUnTransFileTrigs(). */
_must_check_ int scripts_files_note(struct scripts_job *j, const struct member *m,
				    struct error *err);
_must_check_ int scripts_files_noted(struct scripts_job *j);

#endif
