/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <time.h>

#include "base/buf.h"
#include "report/json.h"

#define SCHEMA 1

/* Length of the UTF-8 character at s, 0 if there is none. */
static size_t character(const char *s)
{
	for (size_t n = 1; n <= 4; n++) {
		char c[5] = {0};

		for (size_t i = 0; i < n && s[i]; i++)
			c[i] = s[i];
		if (strlen(c) == n && utf8_is_valid(c))
			return n;
	}
	return 0;
}

static json_object *string(const char *s)
{
	cleanup_buf struct buf b = {0};

	if (!s)
		return NULL;
	if (utf8_is_valid(s))
		return json_object_new_string(s);
	while (*s) {
		size_t n = character(s);

		if (n)
			buf_add(&b, s, n);
		else
			buf_str(&b, "\xef\xbf\xbd");
		s += n ? n : 1;
	}
	return json_object_new_string_len(b.s, (int)b.n);
}

/* The bytes of s in hex where string() could not say them all; else NULL. */
static json_object *hex(const char *s)
{
	cleanup_buf struct buf b = {0};

	if (!s || utf8_is_valid(s))
		return NULL;
	buf_hex(&b, s, strlen(s));
	return json_object_new_string_len(b.s, (int)b.n);
}

static void key(struct json *j, const char *k)
{
	if (j->depth)
		fprintf(j->out, "%s\n%*s", j->open ? "," : "", (int)(2 * j->depth), "");
	if (k)
		fprintf(j->out, "\"%s\": ", k);
	j->open = true;
}

void json_open(struct json *j, const char *k, char bracket)
{
	key(j, k);
	fputc(bracket, j->out);
	j->depth++;
	j->open = false;
}

void json_close(struct json *j, char bracket)
{
	j->depth--;
	if (j->open)
		fprintf(j->out, "\n%*s", (int)(2 * j->depth), "");
	fputc(bracket, j->out);
	j->open = true;
}

void json_put(struct json *j, const char *k, json_object *value)
{
	const int how = JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;
	cleanup_buf struct buf text = {0};

	buf_json(&text, value ? json_object_to_json_string_ext(value, how) : "null");
	key(j, k);
	fputs(text.s, j->out);
	json_object_put(value);
}

void json_put_str(struct json *j, const char *k, const char *s)
{
	json_object *bytes = hex(s);

	json_put(j, k, string(s));
	if (bytes && k) {
		cleanup_free char *beside = xasprintf("%s_hex", k);

		json_put(j, beside, bytes);
	} else {
		json_object_put(bytes);
	}
}

void json_put_strings(struct json *j, const char *k, const char *const *v, uint32_t n)
{
	json_open(j, k, '[');
	for (uint32_t i = 0; i < n; i++)
		json_put(j, NULL, string(v[i]));
	json_close(j, ']');
}

void json_set_str(json_object *o, const char *k, const char *s)
{
	json_object *bytes = hex(s);

	json_object_object_add(o, k, string(s));
	if (bytes) {
		cleanup_free char *beside = xasprintf("%s_hex", k);

		json_object_object_add(o, beside, bytes);
	}
}

void json_set_strings(json_object *o, const char *k, const char *const *v, uint32_t n)
{
	json_object *list = json_object_new_array();

	for (uint32_t i = 0; i < n; i++)
		json_object_array_add(list, string(v[i]));
	json_object_object_add(o, k, list);
}

void json_set_path(json_object *o, const char *k, const char *canonical)
{
	cleanup_free char *path = canonical ? xasprintf("/%s", canonical) : NULL;

	json_set_str(o, k, path);
}

void json_set_int(json_object *o, const char *k, uint64_t n)
{
	json_object_object_add(
		o, k, json_object_new_int64((int64_t)MIN(n, (uint64_t)INT64_MAX)));
}

void json_set_bool(json_object *o, const char *k, bool b)
{
	json_object_object_add(o, k, json_object_new_boolean(b));
}

void json_set_time(json_object *o, const char *k, int64_t seconds)
{
	time_t t = (time_t)seconds;
	char s[40];
	struct tm tm;

	if (!seconds || !gmtime_r(&t, &tm) || !strftime(s, sizeof(s), "%FT%TZ", &tm))
		json_object_object_add(o, k, NULL);
	else
		json_object_object_add(o, k, json_object_new_string(s));
}

void json_begin(struct json *j, FILE *out, const char *command, const char *root)
{
	json_object *self = json_object_new_object();

	*j = (struct json){.out = out};
	json_set_str(self, "version", PACKAGE_VERSION);
	json_set_int(self, "schema", SCHEMA);
	json_open(j, NULL, '{');
	json_put(j, "putback", self);
	json_put_str(j, "command", command);
	json_put_str(j, "root", root);
}

void json_end(struct json *j)
{
	json_close(j, '}');
	fputc('\n', j->out);
}

void json_problems(struct json *j, const struct problems *p)
{
	static const char *const severity[] = {
		[SEV_NOTE] = "note", [SEV_WARNING] = "warning", [SEV_REFUSE] = "refuse"};

	json_open(j, "problems", '[');
	for (uint32_t i = 0; p && i < p->list.n; i++) {
		const struct problem *v = &p->list.v[i];
		json_object *o = json_object_new_object();

		json_set_str(o, "kind", problem_kind_name(v->kind));
		json_set_str(o, "severity", severity[v->severity]);
		json_set_str(o, "subject", v->subject);
		json_set_str(o, "text", v->text);
		json_put(j, NULL, o);
	}
	json_close(j, ']');
}

void json_next(struct json *j, const char *const *v, uint32_t n)
{
	json_open(j, "next", '[');
	for (uint32_t i = 0; i < n; i++) {
		const char *tab = strchr(v[i], '\t');
		cleanup_free char *command = xstrndup(v[i], strcspn(v[i], "\t"));
		json_object *o = json_object_new_object();

		json_set_str(o, "command", command);
		json_set_str(o, "for", tab ? tab + 1 : NULL);
		json_put(j, NULL, o);
	}
	json_close(j, ']');
}

static void json_done(FILE *out, const struct done_report *r)
{
	json_object *t = NULL;
	struct json j;

	json_begin(&j, out, r->command, r->root);
	if (r->id) {
		t = json_object_new_object();
		json_set_int(t, "id", (uint64_t)r->id);
		json_set_str(t, "state", r->state);
		json_set_int(t, "ops", r->ops);
		json_set_int(t, "bytes", r->bytes);
	}
	json_put(&j, "transaction", t);
	json_put_str(&j, "text", r->text);
	json_put_strings(&j, "warnings", r->warnings, r->n_warnings);
	json_next(&j, r->next, r->n_next);
	if (r->hold.excludepkgs)
		json_put(&j, "hold", json_hold(&r->hold));
	if (r->plan) {
		json_open(&j, "plan", '{');
		json_plan_members(&j, r->plan);
		json_close(&j, '}');
	}
	json_end(&j);
}

static void json_error(FILE *out, const struct error_report *r)
{
	struct json j;

	json_begin(&j, out, r->command, r->root);
	json_open(&j, "error", '{');
	json_put_str(&j, "kind", r->kind);
	json_put(&j, "exit_code", json_object_new_int(r->exit_code));
	json_put_str(&j, "message", r->message);
	json_put_strings(&j, "missing", r->missing, r->n_missing);
	json_put_strings(&j, "looked_at", r->looked_at, r->n_looked_at);
	if (r->n_why)
		json_missing(&j, r);
	json_open(&j, "packages", '[');
	for (uint32_t i = 0; i < r->n_faults; i++) {
		json_object *o = json_object_new_object();

		json_set_str(o, "package", r->faults[i].package);
		json_set_str(o, "location", r->faults[i].location);
		json_set_str(o, "verdict", r->faults[i].verdict);
		json_set_str(o, "text", r->faults[i].text);
		json_put(&j, NULL, o);
	}
	json_close(&j, ']');
	json_problems(&j, r->problems);
	json_close(&j, '}');
	json_end(&j);
}

const struct report_ops report_json = {
	.name = "json",
	.survey = json_survey,
	.history = json_history,
	.plan = json_plan,
	.log = json_log,
	.salvage = json_salvage,
	.done = json_done,
	.error = json_error,
};
