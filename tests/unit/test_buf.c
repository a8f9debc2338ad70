/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"

static void bytes_add_up(void **state)
{
	cleanup_buf struct buf b = {0};
	char *stolen;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%03d,", i);
	buf_add(&b, "\0x", 2);
	assert_int_equal(b.n, 4002);
	assert_memory_equal(b.s + 3996, "999,\0x\0", 7);
	stolen = buf_steal(&b);
	assert_null(b.s);
	assert_memory_equal(stolen, "000,001,", 8);
	free(stolen);
	stolen = buf_steal(&b);
	assert_string_equal(stolen, "");
	free(stolen);
}

static void clearing_keeps_a_string(void **state)
{
	cleanup_buf struct buf b = {0};

	(void)state;
	buf_clear(&b);
	assert_string_equal(b.s, "");
	buf_str(&b, "abc");
	buf_clear(&b);
	assert_int_equal(b.n, 0);
	assert_string_equal(b.s, "");
}

static void foreign_text_cannot_speak_to_a_terminal(void **state)
{
	static const struct {
		const char *text, *safe;
		int utf8;
	} all[] = {
		{"plain-1.0.x86_64", "plain-1.0.x86_64", 1},
		{"a\nb\tc\\d", "a\\nb\\tc\\\\d", 1},
		{"\033[2Jx\177", "\\x1b[2Jx\\x7f", 1},
		{"K\303\244se \342\202\254 \360\237\247\200",
		 "K\303\244se \342\202\254 \360\237\247\200", 1},
		/* CSI as one character, and a change of direction, are UTF-8 but no text */
		{"\302\2332J", "\\xc2\\x9b2J", 1},
		{"\342\200\256gpj", "\\xe2\\x80\\xaegpj", 1},
		{"caf\351", "caf\\xe9", 0},
		{"\303", "\\xc3", 0},
		{"\342\202", "\\xe2\\x82", 0},
		{"\300\257", "\\xc0\\xaf", 0},			 /* overlong slash */
		{"\340\200\257", "\\xe0\\x80\\xaf", 0},		 /* overlong slash */
		{"\355\240\200", "\\xed\\xa0\\x80", 0},		 /* surrogate */
		{"\364\220\200\200", "\\xf4\\x90\\x80\\x80", 0}, /* past the last */
		{"\377\376", "\\xff\\xfe", 0},
		{"", "", 1},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(all); i++) {
		cleanup_free char *safe = quoted(all[i].text);

		assert_string_equal(safe, all[i].safe);
		assert_int_equal(utf8_is_valid(all[i].text), all[i].utf8);
		assert_int_equal(utf8_is_valid(safe), 1);
	}
}

static void json_says_the_same_without_what_a_terminal_obeys(void **state)
{
	cleanup_buf struct buf b = {0};

	(void)state;
	buf_json(
		&b,
		"[ \"K\303\244se \\u001b\177\302\233\330\234\342\200\256\342\201\251\360\237\247\200\" ]");
	assert_string_equal(
		b.s,
		"[ \"K\303\244se \\u001b\\u007f\\u009b\\u061c\\u202e\\u2069\360\237\247\200\" ]");
}

static void printable_leaves_quoted_text_alone(void **state)
{
	cleanup_buf struct buf b = {0};

	(void)state;
	buf_printable(&b, "a\\nb\033");
	assert_string_equal(b.s, "a\\nb\\x1b");
}

static void hex(void **state)
{
	cleanup_buf struct buf b = {0};

	(void)state;
	buf_hex(&b, "", 0);
	assert_string_equal(b.s, "");
	buf_hex(&b, "\x00\xff\x1a", 3);
	assert_string_equal(b.s, "00ff1a");
}

static void sizes_read_well(void **state)
{
	const char *first = human_size(1536);

	(void)state;
	assert_string_equal(human_size(0), "0 B");
	assert_string_equal(human_size(1023), "1023 B");
	assert_string_equal(human_size(1024), "1.0 KiB");
	assert_string_equal(human_size(100 * 1024), "100 KiB");
	assert_string_equal(human_size(1024 * 1024 - 1), "1.0 MiB");
	assert_string_equal(human_size(1503238554), "1.4 GiB");
	assert_string_equal(human_size(~0ULL), "16.0 EiB");
	assert_string_equal(first, "1.5 KiB"); /* the eighth since */
}

/* What log_at() writes to stderr. */
static size_t logged(enum log_level level, const char *text, char *ret, size_t cap)
{
	int pipes[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(pipes), 0);
	dup2(pipes[1], STDERR_FILENO);
	log_at(level, "it says '%s'", text);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(pipes[1]);
	n = read(pipes[0], ret, cap - 1);
	close(pipes[0]);
	ret[n] = '\0';
	return n;
}

static void a_log_line_is_one_line(void **state)
{
	char line[256];

	(void)state;
	logged(LOG_WARNING, "x\nputback: forged\033[1m", line, sizeof(line));
	assert_string_equal(line, "putback: it says 'x\\nputback: forged\\x1b[1m'\n");
	assert_int_equal(logged(LOG_INFO, "x", line, sizeof(line)), 0);
	log_set_level(LOG_DEBUG);
	assert_true(logged(LOG_DEBUG, "x", line, sizeof(line)) > 0);
	log_set_level(LOG_ERROR);
	assert_int_equal(logged(LOG_WARNING, "x", line, sizeof(line)), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_add_up),
		cmocka_unit_test(clearing_keeps_a_string),
		cmocka_unit_test(foreign_text_cannot_speak_to_a_terminal),
		cmocka_unit_test(json_says_the_same_without_what_a_terminal_obeys),
		cmocka_unit_test(printable_leaves_quoted_text_alone),
		cmocka_unit_test(hex),
		cmocka_unit_test(sizes_read_well),
		cmocka_unit_test(a_log_line_is_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
