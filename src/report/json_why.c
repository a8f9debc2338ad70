/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "report/json.h"

void json_missing(struct json *j, const struct error_report *r)
{
	json_open(j, "why", '[');
	for (uint32_t i = 0; i < r->n_why; i++) {
		const struct missing_row *m = &r->why[i];

		json_open(j, NULL, '{');
		json_put_str(j, "package", m->package);
		json_open(j, "places", '[');
		for (uint32_t k = 0; k < m->n; k++) {
			json_object *o = json_object_new_object();

			json_set_str(o, "place", m->v[k].place);
			json_set_str(o, "source", m->v[k].source);
			json_set_str(o, "nevra", m->v[k].nevra);
			json_set_str(o, "location", m->v[k].location);
			json_set_str(o, "reason", m->v[k].reason);
			json_put(j, NULL, o);
		}
		json_close(j, ']');
		json_close(j, '}');
	}
	json_close(j, ']');
}

void json_why(struct json *j, const struct plan_report *r)
{
	json_open(j, "why", '[');
	for (uint32_t i = 0; i < r->n_why; i++) {
		const struct why_row *w = &r->why[i];

		json_open(j, NULL, '{');
		json_put_str(j, "package", w->package);
		json_open(j, "candidates", '[');
		for (uint32_t k = 0; k < w->n; k++) {
			const struct why_found *f = &w->v[k];
			json_object *o = json_object_new_object();

			json_set_str(o, "nevra", f->nevra);
			json_set_str(o, "source", f->source);
			json_set_str(o, "location", f->location);
			json_set_str(o, "vendor", f->vendor);
			json_set_str(o, "keyid", f->keyid);
			json_set_bool(o, "taken", !f->reason);
			json_set_str(o, "reason", f->reason);
			json_put(j, NULL, o);
		}
		json_close(j, ']');
		json_close(j, '}');
	}
	json_close(j, ']');
}
