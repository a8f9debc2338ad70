/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/failpoint.h"
#include "base/memory.h"

enum { PLACES = 5, IN_MEMORY = 2, ROOM_LEFT = 32 * 1024 * 1024 };

/* The folders in which scratch folders are made, the best first; NULL: not set. */
static void places(const char *ret[PLACES])
{
	const char *tmpdir = secure_getenv("TMPDIR");

	ret[0] = "/dev/shm";
	ret[1] = "/run";
	ret[2] = tmpdir && *tmpdir == '/' ? tmpdir : NULL;
	ret[3] = "/var/tmp";
	ret[4] = "/tmp";
}

/* The folders of this process's own at the places; path NULL: none. A child may have another TMPDIR. */
static struct {
	char *place, *path;
	int fd;
} settled[PLACES];
static struct strlist settled_paths;

static bool is_disk(const struct statfs *fs)
{
	return fs->f_type != TMPFS_MAGIC && fs->f_type != RAMFS_MAGIC &&
	       fs->f_type != OVERLAYFS_SUPER_MAGIC;
}

/* A tmpfs promises more than the machine may hold; half of what is free at most: others need memory too. */
static unsigned long long room_of(const struct statfs *fs, bool in_memory)
{
	unsigned long long room = (unsigned long long)fs->f_bavail * fs->f_bsize;

	if (in_memory)
		room = MIN(room, memory_available() / 2);
	return room - MIN(room, (unsigned long long)ROOM_LEFT);
}

/* Whether the folder has room for need bytes, in memory where in_memory is set. */
static bool has_room(const char *place, unsigned long long need, bool in_memory)
{
	struct statfs fs;

	if (statfs(place, &fs) < 0 || (in_memory && fs.f_type != TMPFS_MAGIC))
		return false;
	return room_of(&fs, in_memory) >= MAX(need, 1ULL);
}

bool scratch_is_on_disk(const char *folder)
{
	struct statfs fs;

	return statfs(folder, &fs) == 0 && is_disk(&fs);
}

unsigned long long scratch_room(const struct scratch *s)
{
	struct statfs fs;

	return fstatfs(s->fd, &fs) < 0 ? 0 : room_of(&fs, !is_disk(&fs));
}

/* Makes the folder and locks it. A sweeper may come in between: then it is made anew. */
static struct scratch *make_in(const char *place, const char *label)
{
	for (int i = 0; i < 8; i++) {
		cleanup_free char *path = xasprintf("%s/putback-%s-%ld-XXXXXX", place,
						    label, (long)getpid());
		cleanup_close int fd = -1;
		struct scratch *s;
		struct stat st;

		if (!mkdtemp(path) || FAILPOINT("scratch-made"))
			return NULL;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0 ||
		    !st.st_nlink) {
			rmdir(path);
			continue;
		}
		s = xcalloc(1, sizeof(*s));
		s->path = steal_ptr(path);
		s->fd = steal_fd(&fd);
		s->owner = getpid();
		return s;
	}
	return NULL;
}

static struct scratch *make_at(int i, const char *place, const char *label)
{
	if (!*label || label[strspn(label, "abcdefghijklmnopqrstuvwxyz")])
		BUG("a scratch folder called '%s'", label);
	return make_in(settled[i].path ? settled[i].path : place, label);
}

int scratch_new(const char *label, unsigned long long need, struct scratch **ret,
		struct error *err)
{
	const char *all[PLACES];

	places(all);
	for (int i = 0; i < PLACES; i++) {
		if (!all[i] || !has_room(all[i], need, i < IN_MEMORY))
			continue;
		*ret = make_at(i, all[i], label);
		if (*ret)
			return 0;
	}
	return err_set(
		err, ERR_FAILED,
		"no room for %s of working copies in /dev/shm, /run, /var/tmp or /tmp; "
		"set TMPDIR to a folder that has it",
		human_size(need));
}

struct scratch *scratch_big(const char *label, unsigned long long need)
{
	const char *all[PLACES];
	struct scratch *s = NULL;

	places(all);
	for (int i = IN_MEMORY; i < PLACES && !s; i++)
		if (all[i] && scratch_is_on_disk(all[i]) && has_room(all[i], need, false))
			s = make_at(i, all[i], label);
	for (int i = 0; i < PLACES && !s; i++) {
		struct statfs fs;

		if (!all[i] || statfs(all[i], &fs) < 0 || is_disk(&fs) ||
		    room_of(&fs, true) < need)
			continue;
		s = make_at(i, all[i], label);
	}
	return s;
}

int scratch_create(struct scratch *s, const char *name, struct error *err)
{
	int fd = openat(s->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);

	if (fd < 0)
		return err_errno(err, "cannot create '%s' in '%s'", name, s->path);
	return fd;
}

/* Empties the folder that fd is; follows no link. Takes fd. */
static void empty_folder(int fd)
{
	cleanup_closedir DIR *d = fdopendir(fd);
	struct dirent *e;

	if (!d) {
		cleanup_closep(&fd);
		return;
	}
	while ((e = readdir(d))) {
		int sub;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (unlinkat(dirfd(d), e->d_name, 0) == 0 ||
		    (errno != EISDIR && errno != EPERM))
			continue;
		sub = openat(dirfd(d), e->d_name,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0)
			continue;
		empty_folder(sub);
		unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	}
}

void scratch_free(struct scratch *s)
{
	int saved = errno;

	if (!s)
		return;
	if (s->owner == getpid()) {
		empty_folder(fcntl(s->fd, F_DUPFD_CLOEXEC, 3));
		rmdir(s->path);
	}
	close(s->fd);
	free(s->path);
	free(s);
	errno = saved;
}

/* "putback-LABEL-PID-XXXXXX", as make_in() puts it together */
static bool is_scratch_name(const char *name)
{
	size_t n;

	if (strncmp(name, "putback-", 8) != 0)
		return false;
	name += 8;
	n = strspn(name, "abcdefghijklmnopqrstuvwxyz");
	if (!n || name[n] != '-')
		return false;
	name += n + 1;
	n = strspn(name, "0123456789");
	if (!n || name[n] != '-')
		return false;
	name += n + 1;
	return strlen(name) == 6 && !strpbrk(name, "-./ ");
}

/* Removes a scratch folder that nobody holds the lock of. */
static void sweep(int place, const char *name)
{
	cleanup_close int fd =
		openat(place, name,
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid() ||
	    (st.st_mode & 07777) != 0700 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return;
	empty_folder(fcntl(fd, F_DUPFD_CLOEXEC, 3));
	unlinkat(place, name, AT_REMOVEDIR);
}

void scratch_sweep(void)
{
	const char *all[PLACES];

	places(all);
	for (int i = 0; i < PLACES; i++) {
		cleanup_closedir DIR *d = all[i] ? opendir(all[i]) : NULL;
		struct dirent *e;

		while (d && (e = readdir(d)))
			if (is_scratch_name(e->d_name))
				sweep(dirfd(d), e->d_name);
	}
}

/* --- folders of this process's own --------------------------------------------------------------------- */

void scratch_settle(void)
{
	const char *all[PLACES];

	places(all);
	for (int i = 0; i < PLACES; i++) {
		struct scratch *s = NULL;

		/* TMPDIR may be one of the others */
		for (int k = 0; k < i && all[i]; k++)
			if (all[k] && !strcmp(all[k], all[i]))
				all[i] = NULL;
		if (all[i])
			s = make_in(all[i], "session");
		if (!s)
			continue;
		settled[i].place = xstrdup(all[i]);
		settled[i].path = steal_ptr(s->path);
		settled[i].fd = steal_fd(&s->fd);
		free(s);
		strlist_add(&settled_paths, settled[i].path);
	}
}

void scratch_leave(void)
{
	for (int i = 0; i < PLACES; i++) {
		if (!settled[i].path)
			continue;
		empty_folder(fcntl(settled[i].fd, F_DUPFD_CLOEXEC, 3));
		rmdir(settled[i].path);
		close(settled[i].fd);
		free(steal_ptr(settled[i].path));
		free(steal_ptr(settled[i].place));
	}
	strlist_release(&settled_paths);
}

const struct strlist *scratch_places(void)
{
	return &settled_paths;
}

const char *scratch_at(const char *place)
{
	for (int i = 0; i < PLACES; i++)
		if (settled[i].path && !strcmp(settled[i].place, place))
			return settled[i].path;
	return place;
}
