/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/scratch.h"

/* STEP_BYTES: what may come of which nobody knows how much it is, before room is looked for again */
enum { NAME_LENGTH_MAX = 200, STEP_BYTES = 8 << 20 };
#define ROOM_LEFT (64ULL << 20)

static struct store *make(const char *path, int take_dir)
{
	struct store *s = xcalloc(1, sizeof(*s));

	s->path = xstrdup(path);
	s->dir = take_dir;
	return s;
}

static int lock(struct store *s, struct error *err)
{
	if (flock(s->dir, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0;
	return err_set(
		err, ERR_LOCKED,
		"another putback downloads to '%s'; wait for it to end, or name another folder "
		"with --cache",
		s->path);
}

int store_open(const char *path, struct store **ret, struct error *err)
{
	int dir = file_open_folder(path, err);
	struct store *s;

	if (dir < 0)
		return -1;
	s = make(path, dir);
	if (lock(s, err) < 0) {
		store_free(s);
		return -1;
	}
	*ret = s;
	return 0;
}

int store_at(int dir, const char *path, struct store **ret, struct error *err)
{
	int copy = fcntl(dir, F_DUPFD_CLOEXEC, 3);

	if (copy < 0)
		return err_errno(err, "cannot open '%s'", path);
	*ret = make(path, copy);
	return 0;
}

static int find_place(uint64_t bytes, struct scratch **ret, struct error *err)
{
	*ret = scratch_big("download", bytes);
	if (*ret)
		return 0;
	return err_set(
		err, ERR_REFUSED,
		"%s have to be downloaded, and there is no room for them in /var/tmp, nor in "
		"/tmp, nor in memory; name a folder on a disk with --cache DIR",
		human_size(bytes));
}

int store_temporary(struct store **ret, struct error *err)
{
	struct scratch *scratch;

	if (find_place(STEP_BYTES, &scratch, err))
		return -1;
	*ret = make(scratch->path, fcntl(scratch->fd, F_DUPFD_CLOEXEC, 3));
	(*ret)->scratch = scratch;
	return 0;
}

/* What lies where it was stays there. */
static int move_on(struct store *s, uint64_t bytes, struct error *err)
{
	struct scratch *scratch;

	if (find_place(bytes, &scratch, err))
		return -1;
	array_add(&s->earlier, ((struct store_place){s->dir, s->scratch}));
	free(s->path);
	s->path = xstrdup(scratch->path);
	s->dir = fcntl(scratch->fd, F_DUPFD_CLOEXEC, 3);
	s->scratch = scratch;
	return 0;
}

void store_free(struct store *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->earlier.n; i++) {
		cleanup_closep(&s->earlier.v[i].dir);
		scratch_free(s->earlier.v[i].scratch);
	}
	array_release(&s->earlier);
	cleanup_closep(&s->dir);
	scratch_free(s->scratch);
	free(s->path);
	free(s);
}

/* Number i of the folders, the newest first. */
static int dir_at(const struct store *s, uint32_t i)
{
	return i ? s->earlier.v[s->earlier.n - i].dir : s->dir;
}

#define PART ".part"

static char *part_of(const char *name)
{
	return xasprintf("%s" PART, name);
}

static bool is_part(const char *name)
{
	size_t n = strlen(name), k = strlen(PART);

	return n > k && !strcmp(name + n - k, PART);
}

static int look(int dir, const char *name)
{
	cleanup_close int fd =
		openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return steal_fd(&fd);
}

static int look_everywhere(const struct store *s, const char *name)
{
	int fd = -1;

	for (uint32_t i = 0; i <= s->earlier.n && fd < 0; i++)
		fd = look(dir_at(s, i), name);
	return fd;
}

/* What was begun in another folder goes on here. */
static int bring_part(const struct store *s, const char *part, int to)
{
	for (uint32_t i = 1; i <= s->earlier.n; i++) {
		cleanup_close int from = look(dir_at(s, i), part);

		if (from < 0 || lseek(to, 0, SEEK_END) != 0)
			continue;
		if (file_copy(from, to) < 0)
			return -1;
		(void)file_remove_in(dir_at(s, i), part);
	}
	return 0;
}

int store_begin(struct store *s, const char *name, struct error *err)
{
	cleanup_free char *part = part_of(name);
	cleanup_close int fd = -1;

	if (s->scratch && scratch_room(s->scratch) < STEP_BYTES &&
	    move_on(s, STEP_BYTES, err))
		return -1;
	fd = file_open_in(s->dir, part);
	if (fd >= 0 && bring_part(s, part, fd) == 0)
		return steal_fd(&fd);
	err_errno(err, "cannot write '%s/%s'", s->path, part);
	return store_err(s, err);
}

int store_keep(struct store *s, const char *name, struct error *err)
{
	cleanup_free char *part = part_of(name);
	int rc = -1;

	for (uint32_t i = 0; i <= s->earlier.n && rc < 0; i++)
		rc = file_rename_in(dir_at(s, i), part, name);
	return rc < 0 ? err_errno(err, "cannot write '%s/%s'", s->path, name) : 0;
}

uint64_t store_room(const struct store *s)
{
	struct statvfs fs;

	if (s->scratch)
		return scratch_room(s->scratch);
	return fstatvfs(s->dir, &fs) < 0 ? UINT64_MAX
					 : (uint64_t)fs.f_bavail * fs.f_frsize;
}

bool store_has_room(const struct store *s, uint64_t bytes)
{
	uint64_t room = store_room(s);

	return room >= bytes && room - bytes >= MIN(ROOM_LEFT, bytes);
}

int store_make_room(struct store *s, uint64_t bytes, struct error *err)
{
	if (s->scratch)
		return scratch_room(s->scratch) < bytes ? move_on(s, bytes, err) : 0;
	if (store_has_room(s, bytes))
		return 0;
	return err_set(
		err, ERR_REFUSED,
		"%s have to be downloaded, and '%s' has room for %s; name another folder with "
		"--cache",
		human_size(bytes), s->path, human_size(store_room(s)));
}

int store_err(const struct store *s, struct error *err)
{
	cleanup_error struct error was = ERROR_INIT;

	if (!err || (err->sys != ENOSPC && err->sys != EDQUOT))
		return -1;
	err_move(&was, err);
	err_set(err, ERR_FAILED,
		"%s: '%s' is full; name another folder with --cache, or make room",
		was.msg, s->path);
	err->sys = was.sys;
	return -1;
}

int store_look(struct store *s, const char *name, bool part, bool *ret_whole)
{
	cleanup_free char *begun = part_of(name);
	int fd = look_everywhere(s, name);

	*ret_whole = fd >= 0;
	return fd < 0 && part ? look_everywhere(s, begun) : fd;
}

void store_empty(struct store *s, bool keep_parts)
{
	int copy = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_closedir DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
		    !(keep_parts && is_part(e->d_name)))
			(void)file_remove_in(s->dir, e->d_name);
}

void store_drop(struct store *s, const char *name)
{
	cleanup_free char *part = part_of(name);

	for (uint32_t i = 0; i <= s->earlier.n; i++) {
		(void)file_remove_in(dir_at(s, i), name);
		(void)file_remove_in(dir_at(s, i), part);
	}
}

char *store_name(const struct digest *d, const char *name)
{
	struct buf b = {0};
	const char *slash = strrchr(name, '/');

	if (slash)
		name = slash + 1;
	buf_hex(&b, d->bytes, MIN(d->len, (uint8_t)8));
	if (strlen(name) > NAME_LENGTH_MAX)
		name += strlen(name) - NAME_LENGTH_MAX;
	buf_char(&b, '-');
	for (; *name; name++)
		buf_char(&b, (unsigned char)*name > ' ' && *name != 0x7f ? *name : '_');
	return buf_steal(&b);
}

char *store_name_of_text(const char *text, const char *name)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	struct digest sum;

	if (!d)
		BUG("SHA-256 is missing");
	digester_update(d, text, strlen(text));
	digester_finish(d, &sum);
	return store_name(&sum, name);
}
