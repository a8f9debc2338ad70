/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/buf.h"
#include "report/json.h"

static void put_entry(struct json *j, const struct salvage_row_entry *e)
{
	cleanup_free char *mode = xasprintf("%06o", e->mode);
	json_object *o = json_object_new_object();

	json_set_str(o, "kind", e->kind);
	json_set_path(o, "path", e->path);
	json_set_path(o, "slot", e->slot);
	json_set_str(o, "mode", mode);
	json_set_int(o, "size", e->size);
	json_set_time(o, "modified", e->mtime);
	json_set_str(o, "now", e->now);
	json_put(j, NULL, o);
}

void json_salvage(FILE *out, const struct salvage_report *r)
{
	struct json j;

	json_begin(&j, out, "recover", r->root);
	json_put_str(&j, "journal_error", r->journal);
	json_open(&j, "salvage", '[');
	for (uint32_t i = 0; i < r->n; i++) {
		const struct salvage_row *v = &r->v[i];
		json_object *begun = json_object_new_object();

		json_open(&j, NULL, '{');
		json_put(&j, "id", json_object_new_int64(v->id));
		json_set_time(begun, "begun", v->begun);
		json_put(&j, "begun",
			 json_object_get(json_object_object_get(begun, "begun")));
		json_object_put(begun);
		json_put_str(&j, "title", v->title);
		json_put_str(&j, "stands", v->stands);
		json_put(&j, "bytes",
			 json_object_new_int64((int64_t)MIN(v->bytes, INT64_MAX)));
		json_put_strings(&j, "remarks", v->remarks, v->n_remarks);
		json_open(&j, "entries", '[');
		for (uint32_t n = 0; n < v->n_entries; n++)
			put_entry(&j, &v->entries[n]);
		json_close(&j, ']');
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_next(&j, r->next, r->n_next);
	json_end(&j);
}
