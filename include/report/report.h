/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_REPORT_REPORT_H
#define PUTBACK_REPORT_REPORT_H
/*
 * What the commands found out, shown. One file per format behind a const ops table. Structs with
 * results go in; bytes on a stream come out. Reports know base and core only: what other layers
 * found is handed over in the plain structs below (cmd fills them, and owns all they point at).
 *
 * Strings may be of foreign origin, with any bytes in them: each format makes them safe. A NULL
 * string means "not known". Canonical paths are shown with a slash in front.
 */
#include <stdio.h>

#include "core/change.h"
#include "core/derived.h"
#include "core/fact.h"
#include "core/plan.h"

/* For the update that follows, what would bring back what was put back. */
struct hold_report {
	const char *excludepkgs; /* value of dnf's option of that name; NULL: nothing */
	const char *const *versionlock; /* lines of dnf's versionlock.list */
	const char *const *zypper;	/* what `zypper addlock` takes */
	const char *const *commands;	/* the same for a shell, each with its argument */
	uint32_t n_versionlock, n_zypper; /* as many commands */
	unsigned words;			  /* what the root has, for people */
#define HOLD_SHOWN_MAX 20		  /* of more, `log ID` has them */
#define HOLD_DNF       1U
#define HOLD_DNF5      2U
#define HOLD_YUM       4U
#define HOLD_ZYPPER    8U
};

/* One transaction of putback, as `log` and `survey` list it. */
struct log_row {
	int64_t id, begun, ended; /* seconds; ended 0: not yet */
	const char *state, *title, *command;
	uint32_t changes, ops;
	uint64_t bytes_held; /* what forget would give back */
	bool unsigned_allowed;
	const struct log_change {
		const char *kind, *from, *to, *source, *signer;
		bool unsigned_allowed;
	} * list; /* with detail only */
	uint32_t n_list;
	const struct log_script {
		const char *package, *kind, *args, *result, *output;
	} * scripts; /* that were run or were to be, with detail only */
	uint32_t n_scripts;
	uint32_t scripts_left; /* of one that stands: cut off before their end */
	const char *
		step; /* how its database step stands: "open", "by-hand", "done"; NULL: it has none */
	int64_t step_by, step_of; /* the transaction that did it; whose it is; 0 */
	struct hold_report hold;  /* with detail only */
};

/* An update that was cut off half-way. */
struct cutoff_report {
	const char *label; /* "entry 7 (upgrade)" */
	const char *entry; /* by which `history` knows it, or NULL */
	int64_t begin;	   /* seconds; 0: not known */
	bool stands_halfway; /* false: all came, or nothing did, as far as the records say */
	bool listed;	     /* what was to come is on record, not only what came */
	uint32_t came, to_come, gone, to_go;
	const struct cutoff_twice {
		const char *name, *arch, *old, *new; /* old, new: versions */
	} * twice;
	uint32_t n_twice;
	const char *const *litter; /* canonical paths of half-written files */
	uint32_t n_litter;
	const char *const
		*traces; /* of files that are gone when a package manager has ended */
	uint32_t n_traces;
};

struct survey_report {
	const char *root;
	const char *os_name, *os_id, *os_version, *machine_id, *hostname;
	bool db_found, db_healthy, db_writable;
	bool db_for_root; /* that the root's own rpm can write for us */
	const char *db_path, *db_file, *db_backend, *db_error;
	uint32_t packages;
	const struct mounts *mounts;
	uint32_t history_entries;
	const char *history_origin, *history_error;
	int64_t history_last_id, history_last_time;
	const char *history_last_entry, *history_last_command, *history_last_state;
	const struct cache_row {
		const char *manager, *path;
		uint32_t packages;
		uint64_t bytes;
	} * caches;
	uint32_t n_caches;
	const char *caches_error;
	const struct log_row *txns; /* without the forgotten ones */
	uint32_t n_txns;
	const struct cutoff_report *cutoff; /* NULL: none */
	int64_t unfinished; /* id of the unfinished one among them; 0: none */
	const char *journal_error;
	const struct problems *remarks; /* what else is odd about this root */
	struct survey_walls {		/* base/confine.h */
		bool view;		/* a private, read-only copy of the mounts */
		bool no_new_privileges;
		int landlock; /* version, 0: it does not stand */
		bool calls;
	} walls;
};

struct history_row {
	const char *entry; /* what a user types for it */
	int64_t id, begin, end;
	const char *state, *origin, *command, *user, *comment;
	bool complete; /* false: what went is not on record */
	uint32_t came, went;
	const struct history_row_item {
		const char *action, *nevra, *repo;
		bool failed;
	} * items; /* one entry's detail */
	uint32_t n_items;
};

/* plan --why: what there is of a package that comes. */
struct why_row {
	const char *package;
	const struct why_found {
		const char *nevra, *source, *location, *vendor, *keyid;
		const char *reason; /* NULL: it is the one taken */
	} * v;
	uint32_t n;
};

/* What apply will download, and to where. */
struct download_report {
	const char *to; /* a folder of this host, or of the root as it is mounted here */
	uint64_t bytes;
	uint32_t packages,
		unsized; /* unsized: of which no size is known, bytes are without them */
	const struct download_row {
		const char *source;
		uint64_t bytes;
		uint32_t packages, unsized;
	} * v;
	uint32_t n;
};

struct plan_report {
	const char *root, *hostname, *os_name, *machine_id;
	const char *title; /* "undo of entry 7: dnf upgrade, 2026-11-20 03:12" */
	const char *db_path, *db_backend;
	const char *const *sources; /* spec by index, for change.source */
	uint32_t n_sources;
	const char *config_policy;
	const struct plan *plan;
	const struct derived_steps *finishing;
	bool files;	      /* each path */
	bool runs_scriptlets; /* afterwards */
	bool unsigned_allowed, nodeps, replacefiles;
	bool nothing_to_do;
	const char *saved_as;	/* -o FILE, or NULL */
	const char *digest;	/* hex */
	const char *unfinished; /* a sentence on the unfinished transaction, or NULL */
	const struct why_row *why;
	uint32_t n_why;
	const struct download_report *download; /* NULL: nothing */
};

/* End of apply, undo, redo, recover, forget. */
struct done_report {
	const char *command, *root, *state; /* "apply", ..., txn state it ended in */
	int64_t id;			    /* 0: there was nothing to do */
	uint32_t ops;
	uint64_t bytes;
	const char *text; /* what was done, for people */
	/* what can be done next, one each: "COMMAND\tWHAT FOR" */
	const char *const *next;
	uint32_t n_next;
	const char *const *warnings;
	uint32_t n_warnings;
	struct hold_report hold;	/* apply */
	const struct plan_report *plan; /* apply: what was done; or NULL */
};

/* What areas hold of a transaction that no journal knows. */
struct salvage_row {
	int64_t id, begun; /* begun 0: not known */
	const char *title;
	const char *stands; /* "done", "undone", "halfway", "unclear" */
	uint64_t bytes;
	const struct salvage_row_entry {
		const char *kind; /* "original", "new", "aside", "unclear", "unknown" */
		const char *path; /* canonical; NULL: not known */
		const char *slot; /* canonical, where it lies */
		const char
			*now; /* "new", "original", "nothing", "other"; NULL: not known */
		uint32_t mode;
		uint64_t size;
		int64_t mtime;
	} * entries;
	uint32_t n_entries;
	const char *const *remarks;
	uint32_t n_remarks;
};
struct salvage_report {
	const char *root;
	const char *journal; /* why it cannot be read; NULL: it can, or there is none */
	const struct salvage_row *v; /* newest first */
	uint32_t n;
	/* as of struct done_report */
	const char *const *next;
	uint32_t n_next;
};

/* A package that is not to be believed. */
struct package_fault {
	const char *package, *location, *verdict, *text;
};

/* plan --why: what comes nearest to a package that is missing, in each place looked at. */
struct missing_row {
	const char *package;
	const struct missing_place {
		const char *place, *source;
		const char *nevra, *location; /* NULL: it has nothing of that name */
		const char *reason;
	} * v;
	uint32_t n;
};

struct error_report {
	const char *command, *root, *kind, *message;
	int exit_code;
	const char *const *missing, *const *looked_at; /* for "unavailable" */
	uint32_t n_missing, n_looked_at;
	const struct missing_row *why;
	uint32_t n_why;
	const struct package_fault *faults; /* for "untrusted" */
	uint32_t n_faults;
	const struct problems *problems; /* for "refused", or NULL */
};

struct report_ops {
	const char *name; /* "text", "json" */
	void (*survey)(FILE *out, const struct survey_report *r);
	void (*history)(FILE *out, const char *root, const struct history_row *v,
			uint32_t n, bool detail);
	void (*plan)(FILE *out, const struct plan_report *r);
	void (*log)(FILE *out, const char *root, const struct log_row *v, uint32_t n,
		    bool detail);
	void (*salvage)(FILE *out, const struct salvage_report *r);
	void (*done)(FILE *out, const struct done_report *r);
	/* text: what else there is to say behind the message, line by line, for stderr; json: an
	 * error document for stdout */
	void (*error)(FILE *out, const struct error_report *r);
};
extern const struct report_ops report_text, report_json;

#endif
