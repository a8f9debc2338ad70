/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * A forged manifest that is acted upon: what is listed and put back stays beneath the root. The input is
 * its lines behind the first, without their sums. Objects are known by time and size, as in an area
 * that was copied: old ones have 8 ns, new ones 7.
 */

#include <inttypes.h>
#include <unistd.h>

#include "fuzz.h"
#include "txn/manifest.h"
#include "txn/salvage.h"

#define ID   "0123456789abcdef0123456789abcdef"
#define AREA "putback area 1\nid " ID "\n"

static const struct {
	const char *path;
	long mtime;
} objects[] = {
	{"usr/a", 7},
	{AREA_DIR "/1/0", 8},
	{"usr/b", 7},
	{AREA_DIR "/1/2", 8},
	{"usr/d.rpmsave", 7},
	{"usr/e", 7},
	{AREA_DIR "/1/3.kept", 7},
};

static struct root *make_root(void)
{
	for (size_t i = 0; i < ELEMENTSOF(objects); i++) {
		struct root *r = fuzz_put(objects[i].path, "x", 1);
		struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
					    {.tv_nsec = objects[i].mtime}};

		if (utimensat(r->fd, objects[i].path, times, 0) < 0)
			BUG("no time for '%s': %m", objects[i].path);
	}
	fuzz_link("usr/out", fuzz_outside());
	return fuzz_put(AREA_DIR "/area", AREA, sizeof(AREA) - 1);
}

static void make_manifest(const uint8_t *data, size_t n)
{
	cleanup_buf struct buf b = {0};
	const char *at = (const char *)data, *end = at + n;

	buf_printf(&b, "putback manifest %d\n", MANIFEST_FORMAT);
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((stop ? stop : end) - at);

		buf_printf(&b, "%08" PRIx32 " ", manifest_sum(at, length));
		buf_add(&b, at, length);
		if (stop)
			buf_char(&b, '\n');
		at += length + 1;
	}
	fuzz_put(AREA_DIR "/1/" MANIFEST_FILE, b.s, b.n);
}

FUZZ_TARGET(manifest)
{
	struct root *r = make_root();
	struct strlist everything = {0};
	struct txn_result result = {0};
	struct salvage found = {0};

	make_manifest(data, n);
	if (txn_salvage_look(r, true, &found, NULL) == 0) {
		for (uint32_t i = 0; i < found.n; i++)
			for (uint32_t k = 0; k < found.v[i].entries.n; k++)
				FUZZ_CHECK(
					!found.v[i].entries.v[k].path ||
					path_is_canonical(found.v[i].entries.v[k].path));
		salvage_release(&found);
	}
	(void)!txn_salvage(r, 1, &everything, n % 2, NULL, &result, NULL);
	txn_result_release(&result);
	fuzz_check_outside();
}
