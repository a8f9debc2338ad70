/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* Lines of mountinfo. */

#include "disk/mountinfo.h"
#include "fuzz.h"

FUZZ_TARGET(mountinfo)
{
	char *rest = fuzz_text(data, n), *line;

	while ((line = strsep(&rest, "\n"))) {
		struct mountinfo m;

		if (mountinfo_parse(line, &m))
			FUZZ_CHECK(*m.point == '/' && *m.fstype && *m.device);
	}
}
