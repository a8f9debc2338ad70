/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "report/json.h"

static json_object *entry_items(const struct history_row *e)
{
	json_object *list = json_object_new_array();

	for (uint32_t i = 0; i < e->n_items; i++) {
		json_object *o = json_object_new_object();

		json_set_str(o, "action", e->items[i].action);
		json_set_str(o, "package", e->items[i].nevra);
		json_set_str(o, "repository", e->items[i].repo);
		json_set_bool(o, "failed", e->items[i].failed);
		json_object_array_add(list, o);
	}
	return list;
}

void json_history(FILE *out, const char *root, const struct history_row *v, uint32_t n,
		  bool detail)
{
	struct json j;

	json_begin(&j, out, "history", root);
	json_open(&j, "entries", '[');
	for (uint32_t i = 0; i < n; i++) {
		json_object *o = json_object_new_object();

		json_set_str(o, "entry", v[i].entry);
		json_set_int(o, "id", (uint64_t)v[i].id);
		json_set_time(o, "begin", v[i].begin);
		json_set_time(o, "end", v[i].end);
		json_set_str(o, "state", v[i].state);
		json_set_str(o, "origin", v[i].origin);
		json_set_str(o, "command", v[i].command);
		json_set_str(o, "user", v[i].user);
		json_set_str(o, "comment", v[i].comment);
		json_set_int(o, "came", v[i].came);
		json_set_int(o, "went", v[i].went);
		json_set_bool(o, "complete", v[i].complete);
		if (detail)
			json_object_object_add(o, "items", entry_items(&v[i]));
		json_put(&j, NULL, o);
	}
	json_close(&j, ']');
	json_end(&j);
}

static json_object *transaction_changes(const struct log_row *t)
{
	json_object *list = json_object_new_array();

	for (uint32_t i = 0; i < t->n_list; i++) {
		const struct log_change *c = &t->list[i];
		json_object *o = json_object_new_object();

		json_set_str(o, "kind", c->kind);
		json_set_str(o, "from", c->from);
		json_set_str(o, "to", c->to);
		json_set_str(o, "source", c->source);
		json_set_str(o, "signer", c->signer);
		json_set_bool(o, "unsigned_allowed", c->unsigned_allowed);
		json_object_array_add(list, o);
	}
	return list;
}

static json_object *transaction_scripts(const struct log_row *t)
{
	json_object *list = json_object_new_array();

	for (uint32_t i = 0; i < t->n_scripts; i++) {
		const struct log_script *s = &t->scripts[i];
		json_object *o = json_object_new_object();

		json_set_str(o, "package", s->package);
		json_set_str(o, "kind", s->kind);
		json_set_str(o, "args", s->args);
		json_set_str(o, "result", s->result);
		json_set_str(o, "output", s->output);
		json_object_array_add(list, o);
	}
	return list;
}

json_object *json_hold(const struct hold_report *h)
{
	json_object *o = json_object_new_object();

	json_set_str(o, "excludepkgs", h->excludepkgs);
	json_set_strings(o, "versionlock", h->versionlock, h->n_versionlock);
	json_set_strings(o, "zypper", h->zypper, h->n_zypper);
	return o;
}

void json_transactions(struct json *j, const struct log_row *v, uint32_t n, bool detail)
{
	json_open(j, "transactions", '[');
	for (uint32_t i = 0; i < n; i++) {
		json_object *o = json_object_new_object();

		json_set_int(o, "id", (uint64_t)v[i].id);
		json_set_str(o, "state", v[i].state);
		json_set_time(o, "begun", v[i].begun);
		json_set_time(o, "ended", v[i].ended);
		json_set_str(o, "title", v[i].title);
		json_set_str(o, "command", v[i].command);
		json_set_int(o, "packages", v[i].changes);
		json_set_int(o, "ops", v[i].ops);
		json_set_int(o, "bytes_held", v[i].bytes_held);
		json_set_bool(o, "unsigned_allowed", v[i].unsigned_allowed);
		if (detail)
			json_object_object_add(o, "changes", transaction_changes(&v[i]));
		if (v[i].step) {
			json_object *step = json_object_new_object();

			json_set_str(step, "state", v[i].step);
			if (v[i].step_by)
				json_set_int(step, "transaction", (uint64_t)v[i].step_by);
			json_object_object_add(o, "database_step", step);
		}
		if (v[i].step_of)
			json_set_int(o, "database_step_of", (uint64_t)v[i].step_of);
		if (v[i].scripts_left)
			json_set_int(o, "scriptlets_left", v[i].scripts_left);
		if (v[i].n_scripts)
			json_object_object_add(o, "scriptlets",
					       transaction_scripts(&v[i]));
		if (v[i].hold.excludepkgs)
			json_object_object_add(o, "hold", json_hold(&v[i].hold));
		json_put(j, NULL, o);
	}
	json_close(j, ']');
}

void json_log(FILE *out, const char *root, const struct log_row *v, uint32_t n,
	      bool detail)
{
	struct json j;

	json_begin(&j, out, "log", root);
	json_transactions(&j, v, n, detail);
	json_end(&j);
}
