/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/when.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Up to max digits, at least min of them, at *s, which goes on behind them: 0, or -1. */
static int take_digits(const char **s, size_t min, size_t max, int *ret)
{
	size_t n = strspn(*s, "0123456789");
	int value = 0;

	if (n < min || n > max)
		return -1;
	for (size_t i = 0; i < n; i++)
		value = 10 * value + ((*s)[i] - '0');
	*s += n;
	*ret = value;
	return 0;
}

static bool take(const char **s, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*s, word, n) != 0)
		return false;
	*s += n;
	return true;
}

static int take_date(const char **s, struct tm *tm)
{
	if (take_digits(s, 4, 4, &tm->tm_year) < 0 || !take(s, "-") ||
	    take_digits(s, 1, 2, &tm->tm_mon) < 0 || !take(s, "-") ||
	    take_digits(s, 1, 2, &tm->tm_mday) < 0)
		return -1;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	return 0;
}

/* "14:00", "14:00:30" */
static int take_time(const char **s, struct tm *tm)
{
	if (take_digits(s, 1, 2, &tm->tm_hour) < 0 || !take(s, ":") ||
	    take_digits(s, 2, 2, &tm->tm_min) < 0)
		return -1;
	if (take(s, ":") && take_digits(s, 2, 2, &tm->tm_sec) < 0)
		return -1;
	return tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 59 ? -1 : 0;
}

/* "", "Z", "UTC", "+01:00", "-0530": whether there is one, and its seconds east of Greenwich */
static int take_zone(const char **s, bool *ret_given, int *ret_offset)
{
	int hours, minutes, sign;

	*s += strspn(*s, " ");
	*ret_given = **s != '\0';
	*ret_offset = 0;
	if (!**s || take(s, "UTC") || take(s, "Z"))
		return 0;
	sign = **s == '-' ? -1 : 1;
	if (!take(s, "+") && !take(s, "-"))
		return -1;
	if (take_digits(s, 4, 4, &hours) == 0) {
		minutes = hours % 100;
		hours /= 100;
	} else if (take_digits(s, 2, 2, &hours) < 0 || !take(s, ":") ||
		   take_digits(s, 2, 2, &minutes) < 0) {
		return -1;
	}
	*ret_offset = sign * 60 * (60 * hours + minutes);
	return hours > 14 || minutes > 59 ? -1 : 0;
}

/* The day of tm, and what may follow it: a time, a zone, nothing else. */
static int finish_day(const char *s, struct tm *tm, int64_t *ret)
{
	const struct tm asked = *tm;
	bool zone_given;
	int offset;

	if (*s == 'T' || *s == ' ') {
		const char *time = s + 1;

		time += strspn(time, " ");
		if (*time >= '0' && *time <= '9') {
			if (take_time(&time, tm) < 0)
				return -1;
			s = time;
		}
	}
	if (take_zone(&s, &zone_given, &offset) < 0 || *s)
		return -1;
	tm->tm_isdst = -1;
	*ret = zone_given ? (int64_t)timegm(tm) - offset : (int64_t)mktime(tm);
	/* the 30th of February is the 2nd of March to mktime */
	return tm->tm_mday == asked.tm_mday && tm->tm_mon == asked.tm_mon ? 0 : -1;
}

static int parse_date(const char *s, int64_t *ret)
{
	struct tm tm = {0};

	return take_date(&s, &tm) < 0 ? -1 : finish_day(s, &tm, ret);
}

static int parse_day_word(const char *s, int64_t now, int64_t *ret)
{
	bool yesterday = take(&s, "yesterday");
	time_t t = (time_t)now;
	struct tm tm;

	if ((!yesterday && !take(&s, "today")) || !localtime_r(&t, &tm))
		return -1;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	if (yesterday) {
		tm.tm_mday--;
		tm.tm_hour = 12; /* no day skips its noon */
		tm.tm_isdst = -1;
		mktime(&tm);
		tm.tm_hour = 0;
	}
	return finish_day(s, &tm, ret);
}

/* "3 days ago" */
static int parse_ago(const char *s, int64_t now, int64_t *ret)
{
	static const struct {
		const char *word;
		int seconds, days;
	} units[] = {{"minute", 60, 0}, {"hour", 3600, 0}, {"day", 0, 1}, {"week", 0, 7}};
	time_t t = (time_t)now;
	struct tm tm;
	int n;

	if (take_digits(&s, 1, 6, &n) < 0 || !take(&s, " ") || !localtime_r(&t, &tm))
		return -1;
	for (size_t i = 0; i < ELEMENTSOF(units); i++) {
		if (!take(&s, units[i].word))
			continue;
		take(&s, "s");
		if (strcmp(s, " ago") != 0)
			return -1;
		if (!units[i].days) {
			*ret = now - (int64_t)n * units[i].seconds;
			return 0;
		}
		/* the same time of that day, whatever was done to the clock in between */
		tm.tm_mday -= n * units[i].days;
		tm.tm_isdst = -1;
		*ret = (int64_t)mktime(&tm);
		return 0;
	}
	return -1;
}

static int parse_seconds(const char *s, int64_t *ret)
{
	size_t n;

	if (!take(&s, "@"))
		return -1;
	n = strspn(s, "0123456789");
	if (n == 0 || n > 12 || s[n])
		return -1;
	*ret = strtoll(s, NULL, 10);
	return 0;
}

int when_parse(const char *text, int64_t now, int64_t *ret, struct error *err)
{
	int64_t when;

	if (parse_date(text, &when) < 0 && parse_day_word(text, now, &when) < 0 &&
	    parse_ago(text, now, &when) < 0 && parse_seconds(text, &when) < 0)
		return err_set(
			err, ERR_USAGE,
			"'%s' is no point in time; write 2026-11-01, \"2026-11-01 14:00\", "
			"\"2026-11-01 14:00 UTC\", yesterday, \"3 days ago\" or @SECONDS",
			text);
	*ret = when;
	return 0;
}

char *when_string(int64_t seconds)
{
	time_t t = (time_t)seconds;
	char s[64];
	struct tm tm;

	if (!localtime_r(&t, &tm) ||
	    !strftime(s, sizeof(s), seconds % 60 ? "%F %T %Z" : "%F %H:%M %Z", &tm))
		return xasprintf("@%lld", (long long)seconds);
	return xstrdup(s);
}
