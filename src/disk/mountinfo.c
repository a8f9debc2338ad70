/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/mountinfo.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "disk/fields.h"

/* "8:1" */
static uint64_t parse_dev(const char *text)
{
	char *end;
	unsigned long major = strtoul(text, &end, 10);

	return makedev(major, *end == ':' ? strtoul(end + 1, NULL, 10) : 0);
}

bool mountinfo_parse(char *line, struct mountinfo *ret)
{
	char *field[5], *type, *separator = strstr(line, " - ");
	struct mountinfo m;

	if (!separator)
		return false;
	*separator = '\0';
	type = separator + 3;
	for (int i = 0; i < 5; i++) {
		field[i] = fields_next(&line);
		if (!field[i])
			return false;
	}
	m.id = strtoull(field[0], NULL, 10);
	m.dev = parse_dev(field[2]);
	m.point = field[4];
	m.fstype = fields_next(&type);
	m.device = fields_next(&type);
	if (*m.point != '/' || !m.fstype || !m.device)
		return false;
	*ret = m;
	return true;
}
