/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* The file by which an area is known. */

#include "fuzz.h"
#include "txn/area.h"

FUZZ_TARGET(area)
{
	struct root *r = fuzz_put(AREA_DIR "/area", data, n);
	struct area a;
	int rc = area_open(r, "", &a, NULL);

	if (rc == 1 && a.id[0])
		FUZZ_CHECK(strlen(a.id) == AREA_ID_LENGTH &&
			   strspn(a.id, "0123456789abcdef") == AREA_ID_LENGTH);
	if (rc >= 0)
		area_release(&a);
}
