/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/area_trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "txn/look.h"

/* ".putback" or "boot/.putback", for messages */
static char *shown_path(const struct area *a)
{
	cleanup_free char *path = path_join(a->top, AREA_DIR);

	return quoted(path);
}

int area_trust_refuse(const struct area *a, const char *what, struct error *err)
{
	cleanup_free char *path = shown_path(a);

	return err_set(
		err, ERR_FAILED,
		"'%s' of the root %s: putback did not make it and does not trust it; look at "
		"it and move it away",
		path, what);
}

/* Whether a directory that is not to be trusted looks as if recovery needed what is in it. */
static bool holds_ours(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_closedir DIR *d = copy < 0 ? NULL : fdopendir(copy);
	bool id = false, slots = false, journal = false;
	struct dirent *e;

	if (!d)
		cleanup_closep(&copy);
	while (d && (e = readdir(d))) {
		id |= !strcmp(e->d_name, ID_FILE);
		slots |= area_is_slots_name(e->d_name);
		journal |= !strcmp(e->d_name, JOURNAL_FILE);
	}
	return journal || (id && slots);
}

/* mend: the command that makes it, or name in it, what it was, if it is ours. Never all that is in it: originals belong
 * to whom they belong. */
static int opened_up(const struct area *a, const char *what, const char *mend,
		     const char *name, struct error *err)
{
	cleanup_free char *path = NULL;

	if (!holds_ours(a->fd))
		return area_trust_refuse(a, what, err);
	path = shown_path(a);
	return err_set(
		err, ERR_FAILED,
		"'%s' of the root %s: others may have changed what it holds, and putback does "
		"not trust it as it is. It looks like putback's own, with what recovery needs: "
		"look at it, and where it is as it should be, `%s '%s%s'`, in the root, gives it "
		"back",
		path, what, mend, path, name);
}

int area_trust_directory(const struct area *a, struct error *err)
{
	struct statx st;

	if (statx(a->fd, "", AT_EMPTY_PATH, LOOK_MASK, &st) < 0)
		return err_errno(err, "cannot look at '.putback' on %s", area_name(a));
	if (a->mnt_id && st.stx_mask & STATX_MNT_ID && st.stx_mnt_id != a->mnt_id)
		return area_trust_refuse(a, "is a file system of its own", err);
	if (!a->plain && st.stx_uid != geteuid())
		return opened_up(a, "belongs to another user than root",
				 "chown -h root:", "", err);
	if (!a->plain && (st.stx_mode & 07777) != 0700)
		return opened_up(a, "is not closed to others (mode 0700)", "chmod 0700",
				 "", err);
	return 0;
}

static int damaged(const struct area *a, struct error *err)
{
	cleanup_free char *path = shown_path(a);

	err_set(err, ERR_FAILED,
		"'%s/" ID_FILE
		"' is damaged: `recover --salvage` lists what can be put back without "
		"it%s",
		path,
		*a->top ? ", once '" AREA_DIR "/" JOURNAL_FILE
			  "' (with its -journal) is moved away"
			: "");
	if (err)
		err->sys = EBADMSG;
	return -1;
}

static int parse_id(struct area *a, const char *text, struct error *err)
{
	cleanup_free char *path = shown_path(a);
	int format, used = 0;
	char id[AREA_ID_LENGTH + 1];

	if (sscanf(text, "putback area %d\n", &format) != 1)
		return damaged(a, err);
	if (format > AREA_FORMAT)
		return err_set(err, ERR_FAILED,
			       "'%s' is from a newer putback (format %d)", path, format);
	if (sscanf(text, "putback area %*d\nid %32[0-9a-f]\n%n", id, &used) != 1 ||
	    strlen(id) != AREA_ID_LENGTH || !used || text[used])
		return damaged(a, err);
	memcpy(a->id, id, sizeof(id));
	return 0;
}

int area_trust_id(struct area *a, struct error *err)
{
	char text[128];
	struct seen seen;
	cleanup_close int fd = -1;
	ssize_t n;

	if (look_name(a, a->fd, ID_FILE, &seen) < 0)
		return err_errno(err, "cannot look at '.putback/" ID_FILE "' on %s",
				 area_name(a));
	if (!seen.there)
		return 0;
	if (!a->plain && S_ISREG(seen.st.stx_mode) && seen.st.stx_uid != geteuid() &&
	    seen.st.stx_nlink == 1)
		return opened_up(a,
				 "holds a file '" ID_FILE "' of another user than root",
				 "chown -h root:", "/" ID_FILE, err);
	if (!S_ISREG(seen.st.stx_mode) || seen.st.stx_nlink != 1 || seen.foreign)
		return area_trust_refuse(a, "holds a file 'area' that is not a plain one",
					 err);
	fd = openat(a->fd, ID_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	n = fd < 0 ? -1 : file_read_full(fd, text, sizeof(text) - 1);
	if (n < 0)
		return err_errno(err, "cannot read '.putback/" ID_FILE "' on %s",
				 area_name(a));
	text[n] = '\0';
	a->self = seen.id;
	return parse_id(a, text, err);
}
