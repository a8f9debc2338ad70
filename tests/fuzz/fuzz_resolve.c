/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A root full of links, and every line of the input as a path in it: what the kernel finds, we find. */

#include <errno.h>
#include "base/syscalls.h"
#include <unistd.h>

#include "fuzz.h"

#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>

static int by_kernel(const struct root *r, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, r->fd, path, &how, sizeof(how));
}
#else
static int by_kernel(const struct root *r _unused_, const char *path _unused_)
{
	errno = ENOSYS;
	return -1;
}
#endif

static bool are_same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static void try(struct root *r, const char *path)
{
	cleanup_close int want = by_kernel(r, path);
	int why = want < 0 ? errno : 0;
	cleanup_free char *canonical = NULL;
	cleanup_close int got = -1;

	if (root_resolve(r, path, true, &canonical, NULL) < 0) {
		FUZZ_CHECK(want < 0);
		return;
	}
	FUZZ_CHECK(path_is_canonical(canonical));
	got = root_openat(r, canonical, O_PATH, 0);
	if (want >= 0)
		FUZZ_CHECK(got >= 0 && are_same(got, want));
	else if (why == ELOOP)
		FUZZ_CHECK(got < 0);
}

FUZZ_TARGET(resolve)
{
	struct root *r = fuzz_root(data, n);
	char *rest = fuzz_text(data, n), *line;

	for (int walk = 0; walk < 2; walk++) {
		r->no_openat2 = walk;
		root_forget(r);
		rest = fuzz_text(data, n);
		while ((line = strsep(&rest, "\n"))) {
			char *arrow = strstr(line, " -> ");

			if (!strncmp(line, "=== ", 4))
				line += 4;
			if (arrow)
				*arrow = '\0';
			/* paths of headers begin with a slash, and are shorter than the kernel's limit */
			if (*line && strlen(line) < 1000)
				try(r, line);
		}
	}
}
