/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/koji_kept.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "rpm/trust.h"

/* headers: how many bytes stand before the payload; 0: judge the whole */
struct look {
	int fd;
	uint64_t headers;
};

/* In a child, which keeps nothing open that can be written to. */
static int give(void *ctx, uint32_t i _unused_, enum trust_depth *ret_depth,
		struct error *err _unused_)
{
	const struct look *l = ctx;

	*ret_depth = l->headers ? TRUST_HEADER : TRUST_PACKAGE;
	return l->headers ? file_beginning(l->fd, l->headers) : dup(l->fd);
}

static enum verdict judge(int fd, uint64_t headers, const char *what)
{
	struct look l = {fd, headers};
	struct trust_report report = {0};
	struct keyring *none = keyring_new();
	int rc = trust_check_many(none, give, &l, &what, 1, &report, NULL, NULL);
	enum verdict v = rc ? TRUST_BAD : report.verdict;

	trust_report_release(&report);
	keyring_free(none);
	return v;
}

static bool is_sound(enum verdict v)
{
	return v != TRUST_BAD && v != TRUST_TRUNCATED && v != TRUST_NOT_A_PACKAGE;
}

int koji_kept_package(struct store *store, const char *name, bool may_drop,
		      const char *what)
{
	bool whole;
	cleanup_close int fd = store ? store_look(store, name, false, &whole) : -1;

	if (fd < 0)
		return -1;
	if (is_sound(judge(fd, 0, what)))
		return steal_fd(&fd);
	if (may_drop)
		store_drop(store, name);
	return -1;
}

int koji_kept_headers(struct store *store, const char *name, const char *what,
		      struct frame *ret)
{
	bool whole;
	cleanup_close int fd = store ? store_look(store, name, true, &whole) : -1;
	cleanup_close int headers = -1;
	struct frame f;

	if (fd < 0 || frame_read(fd, what, &f, NULL) || !f.payload_at ||
	    f.payload_at > MIN(f.file_size, (uint64_t)KOJI_HEADERS_MAX))
		return -1;
	/* where nobody signed it a signed copy may have come to lie since */
	if (judge(fd, f.payload_at, what) != TRUST_NO_KEY)
		return -1;
	headers = file_beginning(fd, f.payload_at);
	if (headers < 0)
		return -1;
	*ret = f;
	return steal_fd(&headers);
}

bool koji_kept_fits(struct store *store, const char *name, const char *what)
{
	bool whole;
	cleanup_close int fd = store_look(store, name, true, &whole);

	return fd >= 0 && is_sound(judge(fd, 0, what));
}

int koji_kept_begin(int from, uint64_t n, int to)
{
	cleanup_free char *want = xmalloc(n + 1), *is = xmalloc(n + 1);

	if (pread(from, want, n, 0) != (ssize_t)n) {
		errno = EIO;
		return -1;
	}
	if (pread(to, is, n, 0) == (ssize_t)n && !memcmp(is, want, n))
		return 0;
	return ftruncate(to, 0) < 0 || lseek(to, 0, SEEK_SET) < 0 ||
			       file_write_all(to, want, n) < 0
		       ? -1
		       : 0;
}
