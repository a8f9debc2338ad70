/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/buf.h"
#include "report/table.h"
#include "report/text.h"

static void show_machine(FILE *out, const struct survey_report *r)
{
	text_heading(out, "Machine");
	text_field(out, "  root", "%s", r->root);
	text_field(out, "  system", "%s",
		   r->os_name && *r->os_name ? r->os_name : "unknown: no os-release");
	text_field(out, "  hostname", "%s",
		   r->hostname && *r->hostname ? r->hostname : "none set");
	text_field(out, "  machine-id", "%s",
		   r->machine_id && *r->machine_id ? r->machine_id : "none");
}

static void show_database(FILE *out, const struct survey_report *r)
{
	fputc('\n', out);
	text_heading(out, "Package database");
	if (!r->db_found) {
		text_field(out, "  NOT FOUND", "%s", r->db_error ? r->db_error : "");
		return;
	}
	text_field(out, "  at", "/%s%s%s (%s)", r->db_path, r->db_file ? "/" : "",
		   r->db_file ? r->db_file : "", r->db_backend);
	if (r->db_healthy)
		text_field(out, "  state", "healthy, %u packages%s", r->packages,
			   r->db_writable
				   ? ""
				   : r->db_for_root
				   ? "; this putback can read it, but not write it: apply leaves that to "
				     "the root's own rpm (--rpmdb-by-root)"
				   : "; how it is written here cannot be found out: "
				     "apply will fail");
	else
		text_field(out, "  UNREADABLE", "%s",
			   r->db_error ? r->db_error : "unreadable");
}

static void show_mounts(FILE *out, const struct mounts *m)
{
	static const struct table_column columns[] = {
		{"FILE SYSTEM", 0},    {"TYPE", 0},	      {"DEVICE", 0},
		{"SIZE", TABLE_RIGHT}, {"FREE", TABLE_RIGHT}, {"STATE", 0},
	};
	cleanup_table struct table t = TABLE(columns);
	cleanup_buf struct buf missing = {0};

	fputc('\n', out);
	text_heading(out, "File systems");
	for (uint32_t i = 0; m && i < m->n; i++) {
		const struct mount *v = &m->v[i];
		cleanup_free char *path = text_path(v->path);

		if (v->missing)
			buf_printf(&missing, "%s%s", missing.n ? ", " : "", path);
		table_add(&t, path);
		table_add(&t, v->fstype);
		table_add(&t, v->device);
		table_add(&t, v->missing ? "" : human_size(v->bytes_total));
		table_add(&t,
			  v->missing ? "" : human_size(v->blocks_free * v->block_size));
		table_add(&t, v->missing    ? "NOT MOUNTED"
			      : v->readonly ? "read-only"
					    : "mounted");
	}
	table_print(&t, out, 2);
	if (missing.n) {
		cleanup_free char *line = xasprintf(
			"%s: named by the root's fstab, but not mounted. Mount it beneath the root first: a "
			"plan that touches a path there is refused.",
			missing.s);
		text_para(out, 2, 2, line);
	}
}

static void show_history(FILE *out, const struct survey_report *r)
{
	fputc('\n', out);
	text_heading(out, "History");
	if (r->history_error)
		text_field(out, "  UNREADABLE", "%s", r->history_error);
	if (!r->history_entries) {
		if (!r->history_error)
			text_field(out, "  entries", "none found");
		return;
	}
	text_field(out, "  entries", "%u, kept by %s", r->history_entries,
		   r->history_origin);
	text_field(out, "  last", "%s: %s, %s%s%s", r->history_last_entry,
		   r->history_last_command && *r->history_last_command
			   ? r->history_last_command
			   : "command unknown",
		   text_time(r->history_last_time), r->history_last_state ? ", " : "",
		   r->history_last_state ? r->history_last_state : "");
}

static void show_some(FILE *out, const char *field, const char *const *paths, uint32_t n)
{
	enum { PATHS_MAX = 3 };

	for (uint32_t i = 0; i < n && i < PATHS_MAX; i++) {
		cleanup_free char *path = text_path(paths[i]);

		text_field(out, i ? "" : field, "%s%s", path,
			   i + 1 == PATHS_MAX && n > PATHS_MAX ? ", ..." : "");
	}
}

static void show_twice(FILE *out, const struct cutoff_report *c)
{
	enum { ROWS_MAX = 10 };
	static const struct table_column columns[] = {
		{"TWICE", 0}, {"OLD", 0}, {"NEW", 0}};
	cleanup_table struct table t = TABLE(columns);

	for (uint32_t i = 0; i < c->n_twice && i < ROWS_MAX; i++) {
		table_addf(&t, "%s%s%s", c->twice[i].name, *c->twice[i].arch ? "." : "",
			   c->twice[i].arch);
		table_add(&t, c->twice[i].old);
		table_add(&t, c->twice[i].new);
	}
	if (c->n_twice)
		table_print(&t, out, 2);
	if (c->n_twice > ROWS_MAX)
		text_field(out, "", "and %u more", c->n_twice - ROWS_MAX);
}

static void show_cutoff(FILE *out, const struct survey_report *r)
{
	const struct cutoff_report *c = r->cutoff;
	cleanup_free char *next = NULL;

	if (!c)
		return;
	fputc('\n', out);
	text_heading(out, "An update that was cut off");
	text_field(out, "  which", "%s%s%s", c->label, c->begin ? ", " : "",
		   c->begin ? text_time(c->begin) : "");
	if (c->to_come + c->to_go)
		text_field(out, "  done", "%u of %u packages came%s, %u of %u went",
			   c->came, c->to_come,
			   c->listed ? "" : " (what had not begun is on no record)",
			   c->gone, c->to_go);
	show_some(out, "  left over", c->litter, c->n_litter);
	if (c->n_litter > 1)
		text_field(out, "", "%u half-written files in all", c->n_litter);
	show_some(out, "  traces", c->traces, c->n_traces);
	show_twice(out, c);
	next = xasprintf(
		"%s`putback plan --interrupted` shows the way back to before it, "
		"`--interrupted --forward` the way on to its end.",
		c->stands_halfway ? ""
		: c->came	  ? "All of its packages have come; it has no end in the history. "
				  : "None of its packages is in the rpmdb yet. ");
	text_para(out, 2, 2, next);
}

static void show_caches(FILE *out, const struct survey_report *r)
{
	static const struct table_column columns[] = {
		{"FOLDER", 0},
		{"OF", 0},
		{"PACKAGES", TABLE_RIGHT},
		{"SIZE", TABLE_RIGHT},
	};
	cleanup_table struct table t = TABLE(columns);

	fputc('\n', out);
	text_heading(out, "Package caches");
	if (r->caches_error)
		text_field(out, "  UNREADABLE", "%s", r->caches_error);
	for (uint32_t i = 0; i < r->n_caches; i++) {
		cleanup_free char *path = text_path(r->caches[i].path);

		table_add(&t, path);
		table_add(&t, r->caches[i].manager);
		table_addf(&t, "%u", r->caches[i].packages);
		table_add(&t, human_size(r->caches[i].bytes));
	}
	if (r->n_caches)
		table_print(&t, out, 2);
	else if (!r->caches_error)
		text_para(
			out, 2, 2,
			"none in this root; packages must come from elsewhere (--from)");
}

static void show_journal(FILE *out, const struct survey_report *r)
{
	fputc('\n', out);
	text_heading(out, "putback's own transactions");
	if (r->journal_error)
		text_field(out, "  UNREADABLE", "%s", r->journal_error);
	else if (!r->n_txns)
		text_para(out, 2, 2, "none");
	for (uint32_t i = 0; i < r->n_txns; i++) {
		const struct log_row *t = &r->txns[i];
		cleanup_free char *line = NULL;

		if (t->id == r->unfinished)
			line = xasprintf(
				"%lld  UNFINISHED (%s): %s, %s; "
				"it stays unfinished until `putback recover` finishes it, or "
				"`recover --back` takes it back",
				(long long)t->id, t->state, t->title,
				text_time(t->begun));
		else
			line = xasprintf("%lld  %s: %s, %s; holds %s%s%s", (long long)t->id,
					 t->state, t->title, text_time(t->begun),
					 human_size(t->bytes_held),
					 t->step ? "; rpmdb " : "",
					 t->step ? text_step(t) : "");
		text_para(out, 2, 5, line);
	}
}

/* Not only who reads a hostile root wants to know that something is missing. */
static void show_walls(FILE *out, const struct survey_walls *w)
{
	static const char none[] = "NONE: this kernel, or what runs us, has not got it";

	fputc('\n', out);
	text_heading(out, "Walls around putback");
	text_field(out, "  view", "%s",
		   w->view ? "a private copy of the mounts, read-only"
			   : "NONE: the mounts themselves");
	if (w->landlock)
		text_field(out, "  Landlock", "version %d", w->landlock);
	else
		text_field(out, "  Landlock", "%s", none);
	text_field(out, "  calls", "%s", w->calls ? "those of the kernel are filtered" : none);
	text_field(out, "  privileges", "%s",
		   w->no_new_privileges ? "none can be gained" : none);
}

void text_survey(FILE *out, const struct survey_report *r)
{
	show_machine(out, r);
	show_database(out, r);
	show_mounts(out, r->mounts);
	show_history(out, r);
	show_cutoff(out, r);
	show_caches(out, r);
	show_journal(out, r);
	if (r->remarks && r->remarks->list.n) {
		fputc('\n', out);
		text_problems(out, r->remarks);
	}
	show_walls(out, &r->walls);
}
