/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "cmd/when.h"

/* 2026-11-25 22:00:00 UTC, a Wednesday */
enum { NOW = 1795644000 };

static void in_zone(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

static void test_forms(void **state)
{
	static const struct {
		const char *zone, *text;
		int64_t seconds;
		const char *shown;
	} rows[] = {
		{"UTC", "2026-11-01", 1793491200, "2026-11-01 00:00 UTC"},
		{"UTC", "2026-11-1", 1793491200, "2026-11-01 00:00 UTC"},
		{"UTC", "2026-11-01 14:00", 1793541600, "2026-11-01 14:00 UTC"},
		{"UTC", "2026-11-01T14:00", 1793541600, "2026-11-01 14:00 UTC"},
		{"UTC", "2026-11-01  14:00:30", 1793541630, "2026-11-01 14:00:30 UTC"},
		{"UTC", "2026-11-01T14:00:30Z", 1793541630, "2026-11-01 14:00:30 UTC"},
		{"UTC", "@1793541630", 1793541630, "2026-11-01 14:00:30 UTC"},
		{"UTC", "@0", 0, "1970-01-01 00:00 UTC"},
		{"UTC", "today", 1795564800, "2026-11-25 00:00 UTC"},
		{"UTC", "yesterday", 1795478400, "2026-11-24 00:00 UTC"},
		{"UTC", "yesterday 14:00", 1795528800, "2026-11-24 14:00 UTC"},
		{"UTC", "1 hour ago", NOW - 3600, "2026-11-25 21:00 UTC"},
		{"UTC", "90 minutes ago", NOW - 5400, "2026-11-25 20:30 UTC"},
		{"UTC", "3 days ago", NOW - 3 * 86400, "2026-11-22 22:00 UTC"},
		{"UTC", "2 weeks ago", NOW - 14 * 86400, "2026-11-11 22:00 UTC"},
		{"UTC", "2024-02-29", 1709164800, "2024-02-29 00:00 UTC"},
		/* the zone of this system, unless one is given */
		{"CET-1CEST,M3.5.0,M10.5.0/3", "2026-11-01 14:00", 1793538000,
		 "2026-11-01 14:00 CET"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", "2026-07-01 14:00", 1782907200,
		 "2026-07-01 14:00 CEST"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", "2026-11-01 14:00 UTC", 1793541600,
		 "2026-11-01 15:00 CET"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", "2026-11-01 14:00 -05:30", 1793561400,
		 "2026-11-01 20:30 CET"},
		{"UTC", "2026-11-01T14:00+0100", 1793538000, "2026-11-01 13:00 UTC"},
		{"UTC", "2026-11-01 +01:00", 1793487600, "2026-10-31 23:00 UTC"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", "today", 1795561200,
		 "2026-11-25 00:00 CET"},
		/* the same time of a day before the clocks went back */
		{"CET-1CEST,M3.5.0,M10.5.0/3", "5 weeks ago", NOW - 35 * 86400 - 3600,
		 "2026-10-21 23:00 CEST"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		cleanup_error struct error err = ERROR_INIT;
		cleanup_free char *shown = NULL;
		int64_t got = -1;

		in_zone(rows[i].zone);
		if (when_parse(rows[i].text, NOW, &got, &err) < 0)
			fail_msg("%s: %s", rows[i].text, err.msg);
		if (got != rows[i].seconds)
			fail_msg("%s: %lld, not %lld", rows[i].text, (long long)got,
				 (long long)rows[i].seconds);
		shown = when_string(got);
		assert_string_equal(shown, rows[i].shown);
	}
}

static void test_wrong(void **state)
{
	static const char *const texts[] = {
		"",
		"soon",
		"2026",
		"2026-11",
		"2026-13-01",
		"2026-00-10",
		"2026-02-30",
		"2025-02-29",
		"26-11-01",
		"2026-11-01 25:00",
		"2026-11-01 14:60",
		"2026-11-01 14",
		"2026-11-01 14:00 CET",
		"2026-11-01 14:00 +1",
		"2026-11-01 14:00 +15:00",
		"2026-11-01x",
		"2026-11-01 14:00 UTC again",
		"11/01/2026",
		"yesterdays",
		"days ago",
		"3 fortnights ago",
		"3 days",
		"-3 days ago",
		"@",
		"@-1",
		"@1x",
		"@9999999999999",
	};

	(void)state;
	in_zone("UTC");
	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		cleanup_error struct error err = ERROR_INIT;
		int64_t got = -1;

		if (when_parse(texts[i], NOW, &got, &err) == 0)
			fail_msg("'%s' was taken for %lld", texts[i], (long long)got);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_int_equal(got, -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
