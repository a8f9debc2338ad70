/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * A folder of the host with all that lies beneath it. Links to folders are not followed, so the
 * walk ends and stays inside; links to package files are.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "source/learned.h"
#include "source/source.h"

enum { FOLDERS_MAX = 100000 };

static int folder_is_mine(const char *spec)
{
	struct stat st;

	return stat(spec, &st) == 0 && S_ISDIR(st.st_mode);
}

struct walk {
	struct source *source;
	int top;
	const char *real; /* the top without links; NULL: not known */
	struct strlist
		folders; /* to go through; paths relative to the top, "" is the top */
	struct strlist files; /* packages found so far */
};

/* How messages and open_package() name what lies at a path beneath the top. */
static char *location_of(const struct source *s, const char *path)
{
	size_t n = strlen(s->spec);

	while (n > 1 && s->spec[n - 1] == '/')
		n--;
	return xasprintf("%.*s%s%s", (int)n, s->spec, s->spec[n - 1] == '/' ? "" : "/",
			 path);
}

/* Whether a link leads to where the walk comes by anyway. */
static bool leads_inside(const struct walk *w, const char *link)
{
	cleanup_free char *to = realpath(link, NULL);

	return to && w->real && path_is_beneath(to, w->real);
}

static void look_at(struct walk *w, const char *folder, int fd, const struct dirent *e)
{
	cleanup_free char *path = path_join(folder, e->d_name);
	cleanup_free char *location = location_of(w->source, path);
	struct stat st;
	bool is_link;

	if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW)) {
		source_remark(w->source, "%s: %s", location, strerror(errno));
		return;
	}
	is_link = S_ISLNK(st.st_mode);
	if (is_link && fstatat(fd, e->d_name, &st, 0))
		return; /* leads nowhere */
	if (S_ISDIR(st.st_mode) && is_link)
		(leads_inside(w, location) ? source_aside : source_remark)(
			w->source,
			"%s: a link to a folder is not followed; name it with --from",
			location);
	else if (S_ISDIR(st.st_mode))
		strlist_take(&w->folders, steal_ptr(path));
	else if (!source_has_rpm_suffix(e->d_name))
		return;
	else if (!S_ISREG(st.st_mode))
		source_remark(w->source, "%s: not a regular file", location);
	else
		strlist_take(&w->files, steal_ptr(path));
}

static int go_through(struct walk *w, const char *folder)
{
	cleanup_closedir DIR *d = NULL;
	int fd = openat(w->top, *folder ? folder : ".",
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || !(d = fdopendir(fd))) {
		int sys = errno;

		if (fd >= 0)
			close(fd);
		errno = sys;
		return -1;
	}
	for (;;) {
		const struct dirent *e;

		errno = 0;
		e = readdir(d);
		if (!e)
			return errno ? -1 : 0;
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			look_at(w, folder, dirfd(d), e);
	}
}

static int by_path(const void *a, const void *b)
{
	return path_cmp(*(char *const *)a, *(char *const *)b);
}

static int read_packages(struct walk *w, const struct observer *o, struct error *err)
{
	struct source *s = w->source;

	if (w->files.n)
		qsort(w->files.v, w->files.n, sizeof(*w->files.v), by_path);
	for (uint32_t i = 0; i < w->files.n; i++) {
		cleanup_free char *location = location_of(s, w->files.v[i]);
		cleanup_close int fd =
			openat(w->top, w->files.v[i],
			       O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

		if (observer_stop(o))
			return err_set(err, ERR_FAILED, "stopped, as asked for");
		if (fd < 0)
			source_remark(s, "%s: %s", location, strerror(errno));
		else
			source_add_file(s, fd, location);
		observer_progress(o, PHASE_INDEX, i + 1, w->files.n, false, 0);
	}
	return 0;
}

static int go_through_all(struct walk *w, struct error *err)
{
	strlist_add(&w->folders, "");
	for (uint32_t i = 0; i < w->folders.n; i++) {
		if (i >= FOLDERS_MAX)
			return err_set(err, ERR_FAILED, "more than %d folders beneath it",
				       FOLDERS_MAX);
		if (go_through(w, w->folders.v[i])) {
			int sys = errno;
			cleanup_free char *location =
				location_of(w->source, w->folders.v[i]);

			source_remark(w->source, "%s: %s", location, strerror(sys));
		}
	}
	return 0;
}

static int folder_index(struct source *s, const struct observer *o, struct error *err)
{
	struct walk w = {.source = s};
	cleanup_free char *real = NULL;
	int rc;

	strlist_add(&s->looked_at, s->spec);
	w.top = open(s->spec, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w.top < 0)
		return err_errno(err, "cannot open it");
	w.real = real = realpath(s->spec, NULL);
	learned_begin(s, real ? real : s->spec);
	rc = go_through_all(&w, err);
	if (!rc)
		rc = read_packages(&w, o, err);
	learned_end(s, rc);
	close(w.top);
	strlist_release(&w.folders);
	strlist_release(&w.files);
	return rc;
}

static int folder_open_package(struct source *s _unused_, const char *location,
			       struct error *err)
{
	int fd = open(location, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? err_errno(err, "cannot open '%s'", location) : fd;
}

const struct source_ops folder_ops = {
	.kind = "folder",
	.is_mine = folder_is_mine,
	.index = folder_index,
	.open_package = folder_open_package,
};
