/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"
#include "report/json.h"
#include "samples.h"

/* One document, strictly JSON and UTF-8, and nothing behind it. */
static json_object *parse(const char *text, const char *command)
{
	json_tokener *tok = json_tokener_new();
	json_object *doc, *self = NULL, *v = NULL;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	doc = json_tokener_parse_ex(tok, text, (int)strlen(text) + 1);
	if (json_tokener_get_error(tok) != json_tokener_success || !doc)
		fail_msg("%s at %zu of:\n%s",
			 json_tokener_error_desc(json_tokener_get_error(tok)),
			 json_tokener_get_parse_end(tok), text);
	json_tokener_free(tok);
	assert_true(utf8_is_valid(text));
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_true(json_object_object_get_ex(doc, "putback", &self));
	assert_true(json_object_object_get_ex(self, "schema", &v));
	assert_int_equal(json_object_get_int(v), 1);
	assert_true(json_object_object_get_ex(doc, "command", &v));
	assert_string_equal(json_object_get_string(v), command);
	assert_true(json_object_object_get_ex(doc, "root", &v));
	return doc;
}

/* "changes/0/to/name" */
static json_object *at(json_object *o, const char *path)
{
	cleanup_free char *copy = xstrdup(path);

	for (char *key = copy; key;) {
		char *slash = strchr(key, '/');
		json_object *next = NULL;

		if (slash)
			*slash = '\0';
		if (json_object_is_type(o, json_type_array))
			next = json_object_array_get_idx(o, strtoul(key, NULL, 10));
		else if (!json_object_object_get_ex(o, key, &next))
			fail_msg("no '%s' of '%s'", key, path);
		o = next;
		key = slash ? slash + 1 : NULL;
	}
	return o;
}

static void assert_str(json_object *o, const char *path, const char *value)
{
	json_object *v = at(o, path);

	if (!value) {
		assert_null(v);
		return;
	}
	assert_true(json_object_is_type(v, json_type_string));
	assert_string_equal(json_object_get_string(v), value);
}

static void assert_num(json_object *o, const char *path, int64_t value)
{
	assert_true(json_object_is_type(at(o, path), json_type_int));
	assert_int_equal(json_object_get_int64(at(o, path)), value);
}

static void test_plan(void **state)
{
	cleanup_free char *text = NULL;
	struct sample s;
	json_object *doc;

	(void)state;
	sample_init(&s);
	sample_fill(&s);
	s.report.files = true;
	text = sample_print(report_json.plan(out, &s.report));
	doc = parse(text, "plan");
	assert_int_equal(json_object_array_length(at(doc, "changes")), 3);
	assert_str(doc, "changes/0/kind", "downgrade");
	assert_str(doc, "changes/0/from/version", "5.2.21");
	assert_str(doc, "changes/0/to/nevra", "bash-5.2.15-2.x86_64");
	assert_null(at(doc, "changes/0/to/epoch"));
	assert_num(doc, "changes/1/to/epoch", 1);
	assert_str(doc, "changes/1/from", NULL);
	assert_str(doc, "changes/1/source", "/srv/rpms");
	assert_true(json_object_get_boolean(at(doc, "changes/1/unsigned_allowed")));
	assert_str(doc, "changes/2/to", NULL);
	assert_str(doc, "changes/2/source", NULL);
	assert_num(doc, "changes/0/files_touched", 12);
	assert_num(doc, "counts/swap", 1);
	assert_num(doc, "counts/ghosts_left", 3);
	assert_str(doc, "space/1/path", "/boot");
	assert_num(doc, "space/1/bytes_needed", 64 << 20);
	assert_int_equal(json_object_array_length(at(doc, "space")), 2);
	assert_str(doc, "decisions/0/aside", "/etc/app.conf.rpmsave");
	assert_str(doc, "scriptlets_not_run/0/scriptlets/1", "%postun");
	assert_str(doc, "problems/0/severity", "refuse");
	assert_true(json_object_get_boolean(at(doc, "refused")));
	assert_false(json_object_get_boolean(at(doc, "nothing_to_do")));
	assert_int_equal(json_object_array_length(at(doc, "ops")), 5);
	assert_str(doc, "ops/1/to", "/etc/app.conf.rpmsave");
	assert_str(doc, "ops/2/new/mode", "100644");
	assert_str(doc, "ops/2/new/capabilities_hex", "01020304");
	json_object_put(doc);
	sample_release(&s);
}

/* A name that is not UTF-8 is there twice: to be read, and byte for byte. */
static void test_bytes(void **state)
{
	static const char name[] = "/" ODD_NAME;
	cleanup_free char *text = NULL;
	cleanup_buf struct buf hex = {0};
	struct sample s;
	json_object *doc;

	(void)state;
	sample_init(&s);
	sample_fill(&s);
	s.report.files = true;
	text = sample_print(report_json.plan(out, &s.report));
	doc = parse(text, "plan");
	buf_hex(&hex, name, strlen(name));
	assert_str(doc, "ops/4/path",
		   "/srv/new\nline \033[7m latin-\357\277\275\357\277\275 \"quoted\"");
	assert_str(doc, "ops/4/path_hex", hex.s);
	assert_str(doc, "ops/3/target", "../lib/\357\277\275");
	assert_str(doc, "ops/3/target_hex", "2e2e2f6c69622fff");
	assert_false(json_object_object_get_ex(at(doc, "ops/2"), "path_hex", NULL));
	json_object_put(doc);
	sample_release(&s);
}

static void test_nothing(void **state)
{
	cleanup_free char *text = NULL;
	struct sample s;
	json_object *doc;

	(void)state;
	sample_init(&s);
	s.report.nothing_to_do = true;
	text = sample_print(report_json.plan(out, &s.report));
	doc = parse(text, "plan");
	assert_true(json_object_get_boolean(at(doc, "nothing_to_do")));
	assert_int_equal(json_object_array_length(at(doc, "changes")), 0);
	json_object_put(doc);
	sample_release(&s);
}

/* What is not known is null, not absent. */
static void test_survey(void **state)
{
	struct survey_report r = {.root = "/mnt/\377"};
	cleanup_free char *text = NULL;
	struct sample s;
	json_object *doc;

	(void)state;
	sample_init(&s);
	text = sample_print(report_json.survey(out, &r));
	doc = parse(text, "survey");
	assert_str(doc, "root_hex", "2f6d6e742fff");
	assert_str(doc, "os/name", NULL);
	assert_str(doc, "rpmdb/path", NULL);
	assert_str(doc, "history/last", NULL);
	assert_str(doc, "unfinished", NULL);
	json_object_put(doc);
	free(text);

	r.mounts = &s.mounts;
	r.history_entries = 1;
	r.history_last_time = 1700000000;
	text = sample_print(report_json.survey(out, &r));
	doc = parse(text, "survey");
	assert_str(doc, "mounts/0/path", "/");
	assert_num(doc, "mounts/0/bytes_free", 1ll << 32);
	assert_true(json_object_get_boolean(at(doc, "mounts/1/read_only")));
	assert_false(json_object_get_boolean(at(doc, "mounts/2/mounted")));
	assert_str(doc, "history/last/begin", "2023-11-14T22:13:20Z");
	json_object_put(doc);
	sample_release(&s);
}

static void test_history(void **state)
{
	const struct history_row_item item = {.action = "upgrade",
					      .nevra = "a-2-1.noarch"};
	const struct history_row row = {.entry = "7",
					.id = 7,
					.state = "done",
					.origin = "dnf4",
					.items = &item,
					.n_items = 1,
					.came = 1};
	cleanup_free char *text = NULL;
	json_object *doc;

	(void)state;
	text = sample_print(report_json.history(out, "/r", &row, 1, false));
	doc = parse(text, "history");
	assert_num(doc, "entries/0/id", 7);
	assert_str(doc, "entries/0/entry", "7");
	assert_false(json_object_object_get_ex(at(doc, "entries/0"), "items", NULL));
	json_object_put(doc);
	free(text);
	text = sample_print(report_json.history(out, "/r", &row, 1, true));
	doc = parse(text, "history");
	assert_str(doc, "entries/0/items/0/package", "a-2-1.noarch");
	json_object_put(doc);
}

static void test_log(void **state)
{
	const struct log_change change = {.kind = "install", .to = "a-1-1.noarch"};
	const struct log_row row = {
		.id = 3, .state = "done", .list = &change, .n_list = 1};
	cleanup_free char *text = sample_print(report_json.log(out, "/r", &row, 1, true));
	json_object *doc = parse(text, "log");

	(void)state;
	assert_num(doc, "transactions/0/id", 3);
	assert_str(doc, "transactions/0/changes/0/kind", "install");
	assert_str(doc, "transactions/0/changes/0/from", NULL);
	json_object_put(doc);
}

static void test_done(void **state)
{
	static const char *const next[] = {"putback undo 3\tto take it back"};
	struct done_report r = {.command = "apply",
				.root = "/r",
				.state = "done",
				.text = "Done.",
				.next = next,
				.n_next = 1};
	cleanup_free char *text = NULL;
	struct sample s;
	json_object *doc;

	(void)state;
	text = sample_print(report_json.done(out, &r));
	doc = parse(text, "apply");
	assert_str(doc, "transaction", NULL);
	json_object_put(doc);
	free(text);

	sample_init(&s);
	sample_fill(&s);
	r.id = 3;
	r.plan = &s.report;
	text = sample_print(report_json.done(out, &r));
	doc = parse(text, "apply");
	assert_num(doc, "transaction/id", 3);
	assert_str(doc, "next/0/command", "putback undo 3");
	assert_str(doc, "plan/changes/0/kind", "downgrade");
	assert_false(json_object_object_get_ex(at(doc, "plan"), "ops", NULL));
	json_object_put(doc);
	sample_release(&s);
}

static void test_error(void **state)
{
	static const char *const missing[] = {"bash-5.2.15-2.x86_64"};
	const struct package_fault fault = {"a-1-1.noarch", "/srv/a.rpm", "unsigned",
					    "is unsigned"};
	struct error_report r = {.command = "plan",
				 .root = "/r",
				 .kind = "unavailable",
				 .message = "1 of 2 \"quoted\" \\ \001",
				 .exit_code = 4,
				 .missing = missing,
				 .n_missing = 1,
				 .faults = &fault,
				 .n_faults = 1};
	cleanup_free char *text = sample_print(report_json.error(out, &r));
	json_object *doc = parse(text, "plan");

	(void)state;
	assert_num(doc, "error/exit_code", 4);
	assert_str(doc, "error/message", r.message);
	assert_str(doc, "error/missing/0", missing[0]);
	assert_str(doc, "error/packages/0/verdict", "unsigned");
	assert_int_equal(json_object_array_length(at(doc, "error/problems")), 0);
	json_object_put(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan),	cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_survey),
		cmocka_unit_test(test_history), cmocka_unit_test(test_log),
		cmocka_unit_test(test_done),	cmocka_unit_test(test_error),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
