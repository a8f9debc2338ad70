/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_REPORT_REPORT_H
#define PUTBACK_REPORT_REPORT_H
/*
 * What the commands found out, shown. One file per format behind a const ops table. Structs with
 * results go in; bytes on a stream come out. Reports know base and core only: what other layers
 * found is handed over in the plain structs below (cmd fills them).
 */
#include <stdio.h>

#include "core/change.h"
#include "core/fact.h"
#include "core/plan.h"

struct survey_report {
	const char *root;
	const char *os_name, *os_id, *os_version, *machine_id, *hostname;
	bool db_found, db_healthy, db_writable;
	const char *db_path, *db_backend, *db_error;
	uint32_t packages;
	const struct mounts *mounts;
	uint32_t history_entries;
	const char *history_origin, *history_error;
	int64_t history_last_id, history_last_time;
	const char *history_last_command;
	struct { const char *manager, *path; uint32_t packages; uint64_t bytes; } *caches;
	uint32_t n_caches;
	int64_t txn_id;		/* unfinished transaction; 0: none */
	const char *txn_state, *txn_title, *txn_error;
	uint32_t txn_finished; /* transactions that can be undone, redone or forgotten */
};

struct history_row {
	int64_t id, begin, end;
	const char *state, *origin, *command, *user, *comment;
	uint32_t came, went;
	struct { const char *action, *nevra, *repo; bool failed; } *items; /* one entry's detail */
	uint32_t n_items;
};

struct plan_report {
	const char *root, *hostname, *os_name, *machine_id;
	const char *title; /* "undo of entry 7 (dnf upgrade, 2026-11-20 03:12)" */
	const char *db_path, *db_backend;
	const char *const *sources; /* spec by index, for change.source */
	const char *config_policy;
	const struct plan *plan;
	bool files; /* --files */
	bool unsigned_allowed, nodeps, replacefiles;
	const char *saved_as; /* -o FILE, or NULL */
	const char *digest;   /* hex */
};

struct log_row {
	int64_t id, begun, ended;
	const char *state, *title, *command;
	uint32_t changes, ops;
	uint64_t bytes_held;
	bool unsigned_allowed;
	struct { const char *kind, *from, *to, *source, *signer; bool unsigned_allowed; } *list;
	uint32_t n_list;
};

/* End of apply, undo, redo, recover, forget. */
struct done_report {
	const char *command, *root, *state; /* "apply", ..., txn state it ended in */
	int64_t id;			    /* 0: there was nothing to do */
	uint32_t ops;
	uint64_t bytes;
	const char *text; /* one or two sentences for people, with what can be done next */
	const char *const *warnings;
	uint32_t n_warnings;
};

struct error_report {
	const char *command, *root, *kind, *message;
	int exit_code;
	const char *const *missing, *const *looked_at; /* for "unavailable" */
	uint32_t n_missing, n_looked_at;
};

struct report_ops {
	const char *name; /* "text", "json" */
	void (*survey)(FILE *out, const struct survey_report *r);
	void (*history)(FILE *out, const char *root, const struct history_row *v, uint32_t n,
			bool detail);
	void (*plan)(FILE *out, const struct plan_report *r);
	void (*log)(FILE *out, const char *root, const struct log_row *v, uint32_t n, bool detail);
	void (*done)(FILE *out, const struct done_report *r);
	/* text: nothing (the message went to stderr); json: an error document on out */
	void (*error)(FILE *out, const struct error_report *r);
};
extern const struct report_ops report_text, report_json;

#endif
