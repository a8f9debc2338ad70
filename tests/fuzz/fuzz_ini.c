/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* Configuration of package managers. */

#include "base/ini.h"
#include "fuzz.h"

static void take(void *ctx, const char *section, const char *key, const char *value)
{
	*(size_t *)ctx += strlen(section) + strlen(key) + strlen(value);
}

FUZZ_TARGET(ini)
{
	cleanup_free char *value = NULL;
	size_t taken = 0;

	ini_parse((const char *)data, n, take, &taken);
	value = ini_value((const char *)data, n, "main", "cachedir");
}
