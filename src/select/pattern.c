/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/pattern.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"

bool pattern_is(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

static bool matches(const char *pattern, const struct buf *text)
{
	return fnmatch(pattern, text->s, 0) == 0;
}

bool pattern_matches_name(const char *pattern, const struct nevra *id)
{
	cleanup_buf struct buf b = {0};

	buf_str(&b, id->name);
	if (matches(pattern, &b))
		return true;
	buf_printf(&b, ".%s", id->arch);
	return matches(pattern, &b);
}

bool pattern_matches(const char *pattern, const struct nevra *id)
{
	if (pattern_matches_name(pattern, id))
		return true;
	for (int with_epoch = 0; with_epoch < 2; with_epoch++) {
		cleanup_buf struct buf b = {0};

		buf_printf(&b, "%s-", id->name);
		if (with_epoch)
			buf_printf(&b, "%" PRId64 ":", MAX(id->epoch, 0));
		buf_str(&b, id->version);
		if (matches(pattern, &b))
			return true;
		buf_printf(&b, "-%s", id->release);
		if (matches(pattern, &b))
			return true;
		buf_printf(&b, ".%s", id->arch);
		if (matches(pattern, &b))
			return true;
	}
	return false;
}
