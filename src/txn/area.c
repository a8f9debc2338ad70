/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/array.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "core/fstype.h"
#include "disk/fsname.h"
#include "txn/area.h"
#include "txn/area_trust.h"
#include "txn/attr.h"
#include "txn/freeze.h"
#include "txn/look.h"
#include "txn/sweep.h"

#define ID_FILE_NEW "area.new"
/* On the top while `.putback` comes or goes: the mtime that it shall have again. */
#define XATTR_MTIME "trusted.putback.mtime"

void area_release(struct area *a)
{
	free(a->top);
	cleanup_closep(&a->slots);
	cleanup_closep(&a->fd);
	memset(a, 0, sizeof(*a));
	a->fd = a->slots = -1;
}

void areas_release(struct areas *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		area_release(&l->v[i]);
	array_release(l);
}

const char *area_name(const struct area *a)
{
	static _Thread_local char names[8][160];
	static _Thread_local unsigned turn;
	char *name = names[turn++ % ELEMENTSOF(names)];
	cleanup_free char *shown = quoted(a->top);

	if (*shown)
		snprintf(name, sizeof(names[0]), "the file system at '/%.120s'", shown);
	else
		snprintf(name, sizeof(names[0]), "the root's file system");
	return name;
}

void area_random_id(char *ret)
{
	unsigned char bytes[AREA_ID_LENGTH / 2];
	cleanup_buf struct buf hex = {0};

	while (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		if (errno != EINTR)
			BUG("no random numbers");
	buf_hex(&hex, bytes, sizeof(bytes));
	memcpy(ret, hex.s, AREA_ID_LENGTH + 1);
}

/* --- the top's mtime ------------------------------------------------------------------------------ */

static int open_top(struct root *r, const char *top)
{
	return root_openat(r, top, O_RDONLY | O_DIRECTORY, 0);
}

/* Notes the mtime where a crash cannot lose it, if the file system has room for such a note. */
static int hold_mtime(int top, int64_t *ret)
{
	struct statx st;
	char text[32];

	if (statx(top, "", AT_EMPTY_PATH, STATX_MTIME, &st) < 0)
		return -1;
	*ret = root_ns(&st.stx_mtime);
	snprintf(text, sizeof(text), "%" PRId64, *ret);
	(void)fsetxattr(top, XATTR_MTIME, text, strlen(text), 0);
	return FAILPOINT("top-mtime-noted") ? -1 : 0;
}

static void give_mtime(int top, int64_t mtime)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, attr_timespec(mtime)};

	if (futimens(top, times) == 0 && !FAILPOINT("top-mtime-given"))
		(void)fremovexattr(top, XATTR_MTIME);
}

void area_settle(struct root *r, const char *top)
{
	cleanup_close int fd = open_top(r, top);
	char text[32], *end;
	ssize_t n = fd < 0 ? -1 : fgetxattr(fd, XATTR_MTIME, text, sizeof(text) - 1);
	long long mtime;

	if (fd >= 0)
		freeze_settle(fd);
	if (n <= 0)
		return;
	text[n] = '\0';
	mtime = strtoll(text, &end, 10);
	if (*end)
		(void)fremovexattr(fd, XATTR_MTIME);
	else
		give_mtime(fd, mtime);
}

/* --- opening ------------------------------------------------------------------------------------------ */

static void judge_file_system(int top, struct area *a)
{
	cleanup_free char *name = fsname_of(top);
	unsigned lacks = fstype_lacks(name);

	a->plain = lacks & FS_NO_ATTRIBUTES;
	a->weak = lacks & FS_NO_INODES;
	a->logged = lacks & FS_NOT_IN_PLACE;
	a->folds = lacks & FS_NO_CASE;
}

static int look_at_top(struct root *r, const char *top, struct area *ret,
		       struct error *err)
{
	cleanup_close int fd = open_top(r, top);
	struct statx st;

	memset(ret, 0, sizeof(*ret));
	ret->fd = ret->slots = -1;
	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID | STATX_INO, &st) < 0)
		return err_errno(err, "cannot open the directory '/%s' of the root", top);
	ret->top = xstrdup(top);
	ret->mnt_id = st.stx_mask & STATX_MNT_ID ? st.stx_mnt_id : 0;
	ret->dev = makedev(st.stx_dev_major, st.stx_dev_minor);
	judge_file_system(fd, ret);
	return steal_fd(&fd);
}

/* A number, as a transaction's directory has for its name. */
bool area_is_slots_name(const char *name)
{
	size_t n = strspn(name, "0123456789");

	return n && !name[n] && n <= 15 && name[0] != '0';
}

/* unnamed NULL: an area whose file is damaged is none */
static int open_area(struct root *r, const char *top, struct area *ret, bool *unnamed,
		     struct error *err)
{
	struct error why = ERROR_INIT;
	struct area a;
	cleanup_close int dir = look_at_top(r, top, &a, err);

	if (dir < 0)
		return -1;
	a.fd = openat(dir, AREA_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (a.fd < 0 && errno != ENOENT) {
		if (errno == ELOOP || errno == ENOTDIR)
			area_trust_refuse(&a, "is no directory", err);
		else
			err_errno(err, "cannot open '.putback' on %s", area_name(&a));
		area_release(&a);
		return -1;
	}
	if (a.fd >= 0 &&
	    (area_trust_directory(&a, &why) < 0 || area_trust_id(&a, &why) < 0)) {
		if (!unnamed || why.sys != EBADMSG) {
			err_move(err, &why);
			area_release(&a);
			return -1;
		}
		err_release(&why);
		*unnamed = true;
	}
	*ret = a;
	return a.fd >= 0;
}

int area_open(struct root *r, const char *top, struct area *ret, struct error *err)
{
	return open_area(r, top, ret, NULL, err);
}

int area_open_unnamed(struct root *r, const char *top, struct area *ret,
		      bool *ret_damaged, struct error *err)
{
	*ret_damaged = false;
	return open_area(r, top, ret, ret_damaged, err);
}

/* --- making and removing ------------------------------------------------------------------------- */

static int cannot_make(const struct area *a, struct error *err)
{
	if (errno == EROFS)
		return err_set(
			err, ERR_REFUSED,
			"%s is mounted read-only; remount it read-write and try again",
			area_name(a));
	err_errno(err, "cannot make '.putback' on %s", area_name(a));
	if (err && err->sys == EPERM)
		err_set(err, ERR_REFUSED,
			"cannot make '.putback' on %s: its top directory is marked immutable or "
			"append-only; see lsattr(1), and chattr -ia",
			area_name(a));
	return -1;
}

static int write_id(struct area *a, struct error *err)
{
	cleanup_free char *text =
		xasprintf("putback area %d\nid %s\n", AREA_FORMAT, a->id);
	cleanup_close int fd = -1;
	struct seen seen;

	if (unlinkat(a->fd, ID_FILE_NEW, 0) < 0 && errno != ENOENT)
		return cannot_make(a, err);
	fd = openat(a->fd, ID_FILE_NEW,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || file_write_all(fd, text, strlen(text)) < 0 ||
	    FAILPOINT("area-written") || fsync(fd) < 0 ||
	    renameat(a->fd, ID_FILE_NEW, a->fd, ID_FILE) < 0 || FAILPOINT("area-named") ||
	    look_name(a, a->fd, ID_FILE, &seen) < 0)
		return cannot_make(a, err);
	a->self = seen.id;
	return 0;
}

/* The directory: nothing that its parent hands down (setgid, default ACL) may open it. */
static int make_directory(int top, struct area *a)
{
	if (mkdirat(top, AREA_DIR, 0700) < 0 || FAILPOINT("area-made"))
		return -1;
	a->fd = openat(top, AREA_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (a->fd < 0)
		return -1;
	(void)fremovexattr(a->fd, "system.posix_acl_default");
	(void)fremovexattr(a->fd, "system.posix_acl_access");
	return (fchown(a->fd, geteuid(), getegid()) < 0 || fchmod(a->fd, 0700) < 0) &&
			       !a->plain
		       ? -1
		       : 0;
}

int area_make(struct root *r, struct area *a, struct error *err)
{
	if (a->fd < 0) {
		cleanup_close int top = open_top(r, a->top);
		int64_t mtime;
		int rc, saved;

		if (top < 0 || hold_mtime(top, &mtime) < 0)
			return cannot_make(a, err);
		rc = make_directory(top, a);
		saved = errno;
		give_mtime(top, mtime);
		errno = saved;
		if (rc < 0)
			return cannot_make(a, err);
	}
	return write_id(a, err);
}

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(name, *names))
		names++;
	return *names != NULL;
}

/* What is in it beside our own small files: the journal, and anything else. */
static int look_inside(int fd, bool *ret_journal, bool *ret_other)
{
	static const char *const own[] = {".", "..", ID_FILE, ID_FILE_NEW, NULL};
	static const char *const journal[] = {JOURNAL_FILE, JOURNAL_FILE "-journal",
					      NULL};
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_closedir DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;

	*ret_journal = *ret_other = false;
	if (!d) {
		cleanup_closep(&copy);
		return -1;
	}
	while ((errno = 0, e = readdir(d))) {
		if (is_one_of(e->d_name, own))
			continue;
		if (is_one_of(e->d_name, journal))
			*ret_journal = true;
		else
			*ret_other = true;
	}
	return errno ? -1 : 0;
}

int area_remove_id(struct area *a, struct error *err)
{
	if (unlinkat(a->fd, ID_FILE, 0) == 0 && !FAILPOINT("area-unnamed"))
		return 0;
	return err_errno(err, "cannot remove '.putback/" ID_FILE "' on %s", area_name(a));
}

static int remove_files(struct area *a)
{
	return (unlinkat(a->fd, ID_FILE_NEW, 0) < 0 && errno != ENOENT) ||
			       (unlinkat(a->fd, ID_FILE, 0) < 0 && errno != ENOENT) ||
			       FAILPOINT("area-emptied")
		       ? -1
		       : 0;
}

int area_remove(struct root *r, struct area *a, struct error *err)
{
	cleanup_close int top = open_top(r, a->top);
	bool journal, other;
	int64_t mtime;
	int rc, saved;

	if (top < 0 || look_inside(a->fd, &journal, &other) < 0)
		return err_errno(err, "cannot look into '.putback' on %s", area_name(a));
	if (other)
		return 0;
	if (remove_files(a) < 0 || (!journal && hold_mtime(top, &mtime) < 0))
		return err_errno(err, "cannot remove '.putback' on %s", area_name(a));
	if (journal)
		return 0;
	rc = unlinkat(top, AREA_DIR, AT_REMOVEDIR);
	if (rc == 0 && FAILPOINT("area-removed"))
		rc = -1;
	saved = errno;
	give_mtime(top, mtime);
	errno = saved;
	if (rc < 0)
		return err_errno(err, "cannot remove '.putback' on %s", area_name(a));
	return 1;
}

/* --- a transaction's directory ---------------------------------------------------------------------- */

static const char *slots_name(int64_t id, char buf[24])
{
	snprintf(buf, 24, "%" PRId64, id);
	return buf;
}

int area_open_slots(struct area *a, int64_t id, struct error *err)
{
	char name[24];

	cleanup_closep(&a->slots);
	a->slots = openat(a->fd, slots_name(id, name),
			  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (a->slots >= 0)
		return 1;
	if (errno == ENOENT)
		return 0;
	return err_errno(err, "cannot open '.putback/%s' on %s", name, area_name(a));
}

int area_make_slots(struct area *a, int64_t id, struct error *err)
{
	char name[24];
	int rc;

	if (mkdirat(a->fd, slots_name(id, name), 0700) < 0 || FAILPOINT("slots-made"))
		return cannot_make(a, err);
	rc = area_open_slots(a, id, err);
	if (rc == 0)
		return err_set(err, ERR_FAILED, "'.putback/%s' on %s went away", name,
			       area_name(a));
	return rc < 0 ? -1 : 0;
}

int area_remove_slots(struct area *a, int64_t id, struct error *err)
{
	char name[24];

	cleanup_closep(&a->slots);
	a->slots = -1;
	if (sweep_tree(a->fd, slots_name(id, name), err) < 0)
		return err_prefix(err, "emptying '.putback' on %s", area_name(a));
	return FAILPOINT("slots-removed") ? err_errno(err, "failpoint") : 0;
}

int area_list_slots(const struct area *a, struct ids *ret, struct error *err)
{
	int copy = openat(a->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_closedir DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;

	if (!d)
		cleanup_closep(&copy);
	while (d && (errno = 0, e = readdir(d))) {
		if (area_is_slots_name(e->d_name))
			array_add(ret, strtoll(e->d_name, NULL, 10));
	}
	/* what is not seen could be taken for not there, and made anew over what it holds */
	if (!d || errno || FAILPOINT("slots-listed"))
		return err_errno(err, "cannot read '.putback' on %s", area_name(a));
	return 0;
}

int area_last_slots(const struct area *a, int64_t *ret, struct error *err)
{
	struct ids ids = {0};
	int rc = area_list_slots(a, &ids, err);

	*ret = 0;
	for (uint32_t i = 0; i < ids.n; i++)
		*ret = MAX(*ret, ids.v[i]);
	array_release(&ids);
	return rc;
}
