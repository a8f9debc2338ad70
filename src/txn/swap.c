/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "txn/swap.h"

enum { ASIDES = 1000 }; /* of one task */

struct spot swap_path(struct run *t, const char *path)
{
	struct spot s;

	s.dir = root_parent(t->root, path, &s.name);
	return s;
}

struct spot swap_slot(const struct run *t, uint32_t i, const char *suffix,
		      char buf[SLOT_NAME_MAX])
{
	const struct task *k = &t->tasks.list.v[i];
	struct spot s = {t->areas.v[k->area].slots,
			 task_slot(t->tasks.numbered ? k->number : i, suffix, buf)};

	return s;
}

/* An old kernel, or a file system that knows no flags. */
static bool is_unknown_flag(void)
{
	return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
}

int swap_move(struct spot from, struct spot to)
{
	if (from.dir < 0 || to.dir < 0) {
		errno = ENOENT;
		return -1;
	}
	if (renameat2(from.dir, from.name, to.dir, to.name, RENAME_NOREPLACE) < 0) {
		struct stat st;

		if (!is_unknown_flag())
			return -1;
		if (fstatat(to.dir, to.name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			errno = EEXIST;
			return -1;
		}
		if (errno != ENOENT || renameat(from.dir, from.name, to.dir, to.name) < 0)
			return -1;
	}
	return FAILPOINT("commit-moved") ? -1 : 0;
}

/* Tests take the call away, of whatever command. */
static bool is_taken_away(void)
{
	const char *without = getenv("PUTBACK_WITHOUT");

	return without && strstr(without, "exchange");
}

int swap_exchange(struct area *a, struct spot x, struct spot y)
{
	if (a->no_exchange || is_taken_away())
		return 1;
	if (x.dir < 0 || y.dir < 0) {
		errno = ENOENT;
		return -1;
	}
	if (renameat2(x.dir, x.name, y.dir, y.name, RENAME_EXCHANGE) < 0) {
		if (!is_unknown_flag())
			return -1;
		a->no_exchange = true;
		return 1;
	}
	return FAILPOINT("commit-exchanged") ? -1 : 0;
}

int swap_probe(struct area *a, struct error *err)
{
	static const char *const names[] = {"probe.1", "probe.2"};
	int rc = 0;

	a->no_exchange = false;
	for (int i = 0; i < 2 && rc == 0; i++) {
		int fd = openat(a->slots, names[i],
				O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				0600);

		rc = fd < 0 || close(fd) < 0 || FAILPOINT("probe-made") ? -1 : 0;
	}
	if (rc == 0 && swap_exchange(a, (struct spot){a->slots, names[0]},
				     (struct spot){a->slots, names[1]}) < 0)
		rc = -1;
	for (int i = 0; i < 2 && rc == 0; i++)
		rc = unlinkat(a->slots, names[i], 0) < 0 || FAILPOINT("probe-removed")
			     ? -1
			     : 0;
	return rc < 0 ? err_errno(err, "cannot rename in '.putback' on %s", area_name(a))
		      : 0;
}

/* ".kept", ".kept.1", and so on */
static struct spot aside_slot(const struct run *t, uint32_t i, int n,
			      char buf[SLOT_NAME_MAX])
{
	char suffix[20] = ".kept";

	if (n)
		snprintf(suffix, sizeof(suffix), ".kept.%d", n);
	return swap_slot(t, i, suffix, buf);
}

bool swap_last_aside(const struct run *t, uint32_t i, struct spot *ret,
		     char buf[SLOT_NAME_MAX])
{
	int n = 0;

	for (; n < ASIDES; n++) {
		struct spot s = aside_slot(t, i, n, buf);

		if (faccessat(s.dir, s.name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			break;
	}
	if (n)
		*ret = aside_slot(t, i, n - 1, buf);
	return n > 0;
}

int swap_aside(struct run *t, uint32_t i, struct spot from, char ret_name[SLOT_NAME_MAX])
{
	for (int n = 0; n < ASIDES; n++) {
		struct spot to = aside_slot(t, i, n, ret_name);

		if (swap_move(from, to) == 0)
			return 0;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}
