/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "report/json.h"

static void put_machine(struct json *j, const struct survey_report *r)
{
	json_object *o = json_object_new_object();

	json_set_str(o, "name", r->os_name);
	json_set_str(o, "id", r->os_id);
	json_set_str(o, "version", r->os_version);
	json_put(j, "os", o);
	json_put_str(j, "machine_id", r->machine_id);
	json_put_str(j, "hostname", r->hostname);
}

static void put_database(struct json *j, const struct survey_report *r)
{
	json_object *o = json_object_new_object();

	json_set_bool(o, "found", r->db_found);
	json_set_path(o, "path", r->db_path);
	json_set_str(o, "file", r->db_file);
	json_set_str(o, "backend", r->db_backend);
	json_set_int(o, "packages", r->packages);
	json_set_bool(o, "healthy", r->db_healthy);
	json_set_bool(o, "writable", r->db_writable);
	json_set_bool(o, "by_root", r->db_for_root);
	json_set_str(o, "error", r->db_error);
	json_put(j, "rpmdb", o);
}

static void put_mounts(struct json *j, const struct mounts *m)
{
	json_open(j, "mounts", '[');
	for (uint32_t i = 0; m && i < m->n; i++) {
		const struct mount *v = &m->v[i];
		json_object *o = json_object_new_object();

		json_set_path(o, "path", v->path);
		json_set_str(o, "type", v->fstype);
		json_set_str(o, "device", v->device);
		json_set_bool(o, "mounted", !v->missing);
		if (!v->missing) {
			json_set_bool(o, "read_only", v->readonly);
			json_set_int(o, "bytes_total", v->bytes_total);
			json_set_int(o, "bytes_free", v->blocks_free * v->block_size);
			if (v->inodes_free != UINT64_MAX)
				json_set_int(o, "inodes_free", v->inodes_free);
		}
		json_put(j, NULL, o);
	}
	json_close(j, ']');
}

static void put_history(struct json *j, const struct survey_report *r)
{
	json_object *o = json_object_new_object(), *last = NULL;

	json_set_int(o, "entries", r->history_entries);
	json_set_str(o, "origin", r->history_origin);
	if (r->history_entries) {
		last = json_object_new_object();
		json_set_str(last, "entry", r->history_last_entry);
		json_set_int(last, "id", (uint64_t)r->history_last_id);
		json_set_time(last, "begin", r->history_last_time);
		json_set_str(last, "state", r->history_last_state);
		json_set_str(last, "command", r->history_last_command);
	}
	json_object_object_add(o, "last", last);
	json_set_str(o, "error", r->history_error);
	json_put(j, "history", o);
}

static json_object *paths(const char *const *v, uint32_t n)
{
	json_object *a = json_object_new_array();

	for (uint32_t i = 0; i < n; i++) {
		json_object *o = json_object_new_object();

		json_set_path(o, "path", v[i]);
		json_object_array_add(a, o);
	}
	return a;
}

static void put_cutoff(struct json *j, const struct cutoff_report *c)
{
	json_object *o = c ? json_object_new_object() : NULL, *twice;

	if (c) {
		json_set_str(o, "label", c->label);
		json_set_str(o, "entry", c->entry);
		json_set_time(o, "begin", c->begin);
		json_set_bool(o, "halfway", c->stands_halfway);
		json_set_bool(o, "listed", c->listed);
		json_set_int(o, "came", c->came);
		json_set_int(o, "to_come", c->to_come);
		json_set_int(o, "gone", c->gone);
		json_set_int(o, "to_go", c->to_go);
		twice = json_object_new_array();
		for (uint32_t i = 0; i < c->n_twice; i++) {
			json_object *p = json_object_new_object();

			json_set_str(p, "name", c->twice[i].name);
			json_set_str(p, "arch", c->twice[i].arch);
			json_set_str(p, "old", c->twice[i].old);
			json_set_str(p, "new", c->twice[i].new);
			json_object_array_add(twice, p);
		}
		json_object_object_add(o, "twice", twice);
		json_object_object_add(o, "half_written",
				       paths(c->litter, c->n_litter));
		json_object_object_add(o, "traces", paths(c->traces, c->n_traces));
	}
	json_put(j, "interrupted", o);
}

static void put_caches(struct json *j, const struct survey_report *r)
{
	json_open(j, "caches", '[');
	for (uint32_t i = 0; i < r->n_caches; i++) {
		json_object *o = json_object_new_object();

		json_set_path(o, "path", r->caches[i].path);
		json_set_str(o, "manager", r->caches[i].manager);
		json_set_int(o, "packages", r->caches[i].packages);
		json_set_int(o, "bytes", r->caches[i].bytes);
		json_put(j, NULL, o);
	}
	json_close(j, ']');
	json_put_str(j, "caches_error", r->caches_error);
}

static void put_walls(struct json *j, const struct survey_walls *w)
{
	json_object *o = json_object_new_object();

	json_set_bool(o, "view", w->view);
	json_set_int(o, "landlock", (uint64_t)w->landlock);
	json_set_bool(o, "system_calls", w->calls);
	json_set_bool(o, "no_new_privileges", w->no_new_privileges);
	json_put(j, "walls", o);
}

void json_survey(FILE *out, const struct survey_report *r)
{
	struct json j;

	json_begin(&j, out, "survey", r->root);
	put_machine(&j, r);
	put_database(&j, r);
	put_mounts(&j, r->mounts);
	put_history(&j, r);
	put_cutoff(&j, r->cutoff);
	put_caches(&j, r);
	json_transactions(&j, r->txns, r->n_txns, false);
	json_put(&j, "unfinished",
		 r->unfinished ? json_object_new_int64(r->unfinished) : NULL);
	json_put_str(&j, "journal_error", r->journal_error);
	json_problems(&j, r->remarks);
	put_walls(&j, &r->walls);
	json_end(&j);
}
