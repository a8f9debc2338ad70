/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_REPORT_JSON_H
#define PUTBACK_REPORT_JSON_H
/*
 * One JSON document per command, as doc/schema/putback-1.json describes it. Written as it goes, one
 * leaf object per line, so that a plan of a million paths takes no memory to speak of.
 *
 * JSON is UTF-8, file names need not be: a string that is not UTF-8 appears with U+FFFD in place of
 * the bytes that are none, and beside it, under the key with "_hex" behind it, byte for byte.
 */
#include <json-c/json.h>

#include "report/report.h"

struct json {
	FILE *out;
	unsigned depth;
	bool open; /* the container at hand has a member already */
};

/* Begins the document: putback's version, the schema's number, command, root. */
void json_begin(struct json *j, FILE *out, const char *command, const char *root);
void json_end(struct json *j);
/* Containers; key NULL within a list. */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
/* Writes one member on a line; takes value (NULL is null). key NULL within a list. */
void json_put(struct json *j, const char *key, json_object *value);
void json_put_str(struct json *j, const char *key, const char *s);
void json_put_strings(struct json *j, const char *key, const char *const *v, uint32_t n);

/* Members of a leaf object. */
void json_set_str(json_object *o, const char *key, const char *s);
void json_set_strings(json_object *o, const char *key, const char *const *v, uint32_t n);
/* of a canonical path, with the slash in front */
void json_set_path(json_object *o, const char *key, const char *canonical);
void json_set_int(json_object *o, const char *key, uint64_t n);
void json_set_bool(json_object *o, const char *key, bool b);
void json_set_time(json_object *o, const char *key, int64_t seconds); /* UTC; 0 is null */

void json_survey(FILE *out, const struct survey_report *r);
void json_history(FILE *out, const char *root, const struct history_row *v, uint32_t n,
		  bool detail);
void json_log(FILE *out, const char *root, const struct log_row *v, uint32_t n,
	      bool detail);
void json_salvage(FILE *out, const struct salvage_report *r);
void json_plan(FILE *out, const struct plan_report *r);
void json_transactions(struct json *j, const struct log_row *v, uint32_t n, bool detail);
json_object *json_hold(const struct hold_report *h);
/* "COMMAND\tWHAT FOR", each */
void json_next(struct json *j, const char *const *v, uint32_t n);
void json_problems(struct json *j, const struct problems *p);
void json_why(struct json *j, const struct plan_report *r);
/* of an error: "why", where there is something to tell */
void json_missing(struct json *j, const struct error_report *r);
/* the members of a plan, for the document of apply too */
void json_plan_members(struct json *j, const struct plan_report *r);

#endif
