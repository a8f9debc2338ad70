/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "txn/salvage_mark.h"

/* by whether it is whole */
static const char *const names[] = {"salvage.paths", "salvage"};

bool salvage_mark_has_name(const char *name)
{
	return !strcmp(name, names[false]) || !strcmp(name, names[true]);
}

static bool is_at_hand(const struct area *a)
{
	return a->fd >= 0 && a->slots >= 0;
}

/* *ret_made: it was not there before. */
static int set(const struct area *a, const char *name, bool *ret_made)
{
	const int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	cleanup_close int fd = openat(a->slots, name, flags | O_EXCL, 0600);

	*ret_made = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = openat(a->slots, name, flags, 0600);
	if (fd < 0 || FAILPOINT("salvage-marked") || fsync(fd) < 0)
		return -1;
	return fsync(a->slots);
}

/* What a salvage that does not begin has noted would say for ever that one did. */
static void take_back(struct run *t, bool whole, const bool *made)
{
	int sys = errno;

	for (uint32_t i = 0; i < t->areas.n; i++)
		if (made[i])
			(void)unlinkat(t->areas.v[i].slots, names[whole], 0);
	errno = sys;
}

int salvage_mark_set(struct run *t, bool whole, struct error *err)
{
	cleanup_free bool *made = xcalloc(t->areas.n + 1, sizeof(*made));

	for (uint32_t i = 0; i < t->areas.n; i++) {
		const struct area *a = &t->areas.v[i];

		/* on a file system that is mounted read-only nothing can be moved either */
		if (!is_at_hand(a) || set(a, names[whole], &made[i]) == 0 || errno == EROFS)
			continue;
		take_back(t, whole, made);
		return err_errno(err,
				 "cannot note in '.putback' on %s that a salvage begins; "
				 "nothing was moved",
				 area_name(a));
	}
	return 0;
}

static int clear(const struct area *a, bool whole)
{
	if (unlinkat(a->slots, names[false], 0) < 0 && errno != ENOENT)
		return -1;
	if (whole && unlinkat(a->slots, names[true], 0) < 0 && errno != ENOENT)
		return -1;
	return FAILPOINT("salvage-unmarked") ? -1 : fsync(a->slots);
}

int salvage_mark_clear(struct run *t, bool whole, struct error *err)
{
	for (uint32_t i = 0; i < t->areas.n; i++) {
		const struct area *a = &t->areas.v[i];

		if (is_at_hand(a) && clear(a, whole) < 0 && errno != EROFS)
			return err_errno(err,
					 "cannot note in '.putback' on %s that the "
					 "salvage ended",
					 area_name(a));
	}
	return 0;
}

bool salvage_mark_is_set(const struct run *t)
{
	for (uint32_t i = 0; i < t->areas.n; i++)
		for (int whole = 0; whole < 2; whole++)
			if (is_at_hand(&t->areas.v[i]) &&
			    faccessat(t->areas.v[i].slots, names[whole], F_OK,
				      AT_SYMLINK_NOFOLLOW) == 0)
				return true;
	return false;
}
