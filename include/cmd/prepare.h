/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_PREPARE_H
#define PUTBACK_CMD_PREPARE_H
/*
 * From the options to the plan: the wiring that plan and apply share, so that the dry run is the run.
 *
 *	prepare()          rpmdb, history, sources -> changes; everything missing is told at once
 *	  vouch()          every arriving package is checked; everything untrusted is told at once
 *	  layout, facts, plan
 *	  vouch_files()    so is every file that a donor lends
 *	  dependencies, space
 *
 * What of this finds a package to be of no use (source/bad.h) returns 1 where the sources have something else
 * in its place: then all is done once more, from the changes on, and the dependencies are those of what is
 * really there.
 */
#include "cmd/halfway.h"
#include "cmd/session.h"
#include "core/derived.h"
#include "core/layout.h"
#include "core/plan.h"
#include "core/users.h"
#include "disk/machine.h"
#include "history/history.h"
#include "rpm/db.h"
#include "rpm/keyring.h"
#include "select/select.h"
#include "source/env.h"
#include "source/sources.h"

/* A file that says what the machine boots, with another default; see cmd/boot.h. */
struct boot_fixes {
	struct boot_fix {
		char *path; /* canonical */
		struct statx old;
		struct buf text;
	} * v;
	uint32_t n, cap;
};

struct prepared {
	struct root *root; /* borrowed; only looked at */
	struct machine machine;
	struct mounts mounts;
	struct users users;
	struct db *db;
	struct pkgset installed;
	struct pkgset staying; /* members belong to installed */
	struct history history;
	struct source_env env;
	struct hosts *hosts; /* behind env */
	struct store *metadata, *packages,
		*left; /* behind env; packages NULL: as metadata */
	struct sources sources;
	struct keyring *keyring;
	struct vouched *vouched; /* what was judged already */
	struct wanted wanted;	 /* of --like or --manifest */
	bool by_list;		 /* there is such a list */
	struct strlist paths;	 /* of --path and --only-path, each way to write them */
	const char *stray;	 /* one of them that no package owns, or NULL */
	struct halfway halfway; /* for --interrupted */
	struct outcome outcome; /* the changes */
	struct strlist only;	/* canonical paths of --only-path */
	struct strlist protected; /* names of packages that the root's own tools never remove */
	struct problems deps;	/* of dependencies, for these changes */
	struct strlist records; /* files in which package managers will find them noted */
	struct boot_fixes boot;
	struct layout layout;
	struct plan plan;
	struct derived_steps finishing;
	struct digest digest; /* of the plan and of the rpmdb that it was made on */
	struct {
		struct download_report report;
		char *to;
		ARRAY(struct download_row) rows;
	} download;
	char *title;
	char *unfinished; /* a sentence on an unfinished transaction, or NULL */
};

/*
 * r: opened, and locked where the plan is to be run. With ERR_UNAVAILABLE and ERR_UNTRUSTED,
 * s->details has the lists. What is wrong with the plan itself is in plan.problems.
 */
_must_check_ int prepare(struct session *s, struct root *r, struct prepared *ret,
			 struct error *err);
/* After packages of the plan turned out to be of no use: a plan without them, as far as that can be. */
_must_check_ int prepare_again(struct session *s, struct prepared *p, struct error *err);
void prepared_release(struct prepared *p);
#define cleanup_prepared __attribute__((cleanup(prepared_release)))

bool prepared_is_empty(const struct prepared *p); /* nothing to do */
/* a problem that apply does not accept */
bool prepared_is_refused(const struct prepared *p);

/*
 * SELinux: gives each op its label by the root's own policy. Where that cannot be, or with
 * --autorelabel, adds the op that has the machine label itself, and says why.
 */
void labelling(struct session *s, struct prepared *p);

/* Who is trusted: the keys of --key; and, once the rpmdb is open, the host's, and the root's where asked. */
_must_check_ int vouch_keys(struct session *s, struct keyring **ret, struct error *err);
_must_check_ int vouch_more_keys(struct session *s, struct prepared *p,
				 struct error *err);
/* Checks all arriving packages, none of them twice; sets signer and unsigned_allowed of the changes. 1: there are
 * others in the place of those that failed, here as below. */
_must_check_ int vouch(struct session *s, struct prepared *p, struct error *err);
/* Checks the files that the plan takes from sources that lend them; see check/lent.h. */
_must_check_ int vouch_files(struct session *s, struct prepared *p, struct error *err);
/* The same once more for those that were judged by their headers, and are all there now. */
_must_check_ int vouch_downloads(struct session *s, struct prepared *p,
				 struct error *err);
void vouched_free(struct vouched *v);

/*
 * Checks the dependencies of the set that would result, into p->deps. Where the changes break some, it
 * adds the further ones that mend that, unless --no-closure or --nodeps, and has them vouched for. 1: one
 * of these is of no use, and all is to be chosen anew.
 */
_must_check_ int closing(struct session *s, struct prepared *p, struct error *err);

/* The plan as the reports take it. Strings are borrowed from p and s. */
struct plan_view {
	struct plan_report report;
	char digest[2 * DIGEST_MAX + 1];
};
void plan_view_fill(struct plan_view *v, struct session *s, const struct prepared *p);
void plan_view_release(struct plan_view *v);

#endif
