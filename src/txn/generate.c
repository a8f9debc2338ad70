/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/generate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/newfile.h"
#include "base/scratch.h"
#include "txn/layer.h"
#include "txn/others.h"

#define SECONDS	   120 /* that a tool may take */
#define DEPTH_MAX  64
#define OUTPUT_MAX (512u << 20) /* of one file */

/* One step under way. */
struct work {
	struct run *run;
	const struct derived_step *step;
	struct newfiles *files;
	struct timespec since; /* when the tool began */
	struct error
		why; /* what is wrong with what it made, where errno does not say so */
};

/* --- where it may write --------------------------------------------------------------------------------- */

static bool is_shortage(int sys)
{
	return sys == EMFILE || sys == ENFILE || sys == ENOMEM || sys == EIO;
}

/* 1: the directory that holds path, or will, is there, and no link above it leads elsewhere. -1: errno */
static int has_place(struct root *r, const char *path)
{
	cleanup_free char *dir = path_parent(path);
	struct statx st;

	while (root_statx(r, dir, STATX_TYPE, &st) < 0) {
		char *above;

		if (errno != ENOENT || !*dir)
			return is_shortage(errno) ? -1 : 0;
		above = path_parent(dir);
		free(dir);
		dir = above;
	}
	return S_ISDIR(st.stx_mode);
}

int generate_check(struct run *t, const struct derived_steps *steps, struct error *err)
{
	for (uint32_t i = 0; i < steps->n; i++) {
		const struct derived_step *s = &steps->v[i];

		for (size_t k = 0;
		     s->here && k < ELEMENTSOF(s->kind->outputs) && s->kind->outputs[k];
		     k++) {
			cleanup_free char *path = derived_text(s, s->kind->outputs[k]);
			uint32_t area;

			path[strcspn(path, "*?[")] = '\0';
			if (*path && path[strlen(path) - 1] == '/')
				path[strlen(path) - 1] = '\0';
			if (has_place(t->root, path) > 0 &&
			    areas_of(t->root, &t->areas, path, false, &area, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* --- what it wrote ---------------------------------------------------------------------------------------- */

static bool is_same_content(int a, int b, uint64_t size)
{
	char x[16 * 1024], y[16 * 1024];

	for (uint64_t at = 0; at < size; at += sizeof(x)) {
		ssize_t n = pread(a, x, sizeof(x), (off_t)at),
			m = pread(b, y, sizeof(y), (off_t)at);

		if (n < 0 || n != m || memcmp(x, y, (size_t)n) != 0)
			return false;
	}
	return true;
}

static bool is_unchanged(struct root *r, const char *path, int fd, const struct stat *st,
			 const struct statx *old)
{
	cleanup_close int now = -1;

	if (!S_ISREG(old->stx_mode) || (uint64_t)st->st_size != old->stx_size)
		return false;
	now = root_openat(r, path, O_RDONLY, 0);
	return now >= 0 && is_same_content(fd, now, old->stx_size);
}

static bool is_unchanged_link(struct root *r, const char *path, const char *target)
{
	cleanup_free char *now = NULL;

	return root_readlink(r, path, &now) == 0 && !strcmp(now, target);
}

/* 1: a task can be made of it. 0: not where the plan has one, or on an area that is not open. -1: errno */
static int is_ours(struct work *w, const char *path)
{
	cleanup_error struct error why = ERROR_INIT;
	struct run *t = w->run;
	uint32_t first, area, known = t->areas.n;
	int rc = tasks_at(&t->tasks, path, &first) ? 0 : has_place(t->root, path);

	if (rc <= 0)
		return rc;
	if (areas_of(t->root, &t->areas, path, false, &area, &why) == 0)
		return area < known;
	errno = why.sys;
	return is_shortage(why.sys) ? -1 : 0;
}

static bool is_after(const struct statx_timestamp *a, const struct timespec *b)
{
	return a->tv_sec > b->tv_sec ||
	       (a->tv_sec == b->tv_sec && (long)a->tv_nsec > b->tv_nsec);
}

/* Somebody else wrote there while the tool ran, which did not see it. What comes from the future, for the
 * clock of a rescue system may be behind, was not written now. */
static bool is_later(const struct work *w, const struct statx *old)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return is_after(&old->stx_ctime, &w->since) && !is_after(&old->stx_ctime, &now);
}

static int take_file(struct work *w, int dir, const char *name, const char *path,
		     const struct stat *st, const struct statx *old)
{
	cleanup_close int fd =
		openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct newfile *f;

	if (fd < 0 || (uint64_t)st->st_size > OUTPUT_MAX)
		return -1;
	if (old->stx_mask && is_unchanged(w->run->root, path, fd, st, old))
		return 0;
	f = newfiles_add(w->files, NEWFILE_CONTENT, path);
	f->fd = steal_fd(&fd);
	return 0;
}

static int take_link(struct work *w, int dir, const char *name, const char *path)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n <= 0)
		return -1;
	target[n] = '\0';
	if (!is_unchanged_link(w->run->root, path, target))
		newfiles_add(w->files, NEWFILE_LINK, path)->target = xstrdup(target);
	return 0;
}

static int take(struct work *w, int dir, const char *name, const char *path,
		const struct stat *st)
{
	uint32_t before = w->files->n;
	struct statx old = {0};
	struct newfile *f;
	int rc = 0;

	if (!derived_writes(w->step, path))
		return 0;
	rc = is_ours(w, path);
	if (rc <= 0)
		return rc;
	if (root_statx(w->run->root, path, NEWFILE_MASK, &old) < 0) {
		if (errno != ENOENT)
			return -1;
		old.stx_mask = 0;
	}
	if (old.stx_mask && !S_ISDIR(old.stx_mode) && is_later(w, &old))
		return err_set(&w->why, ERR_FAILED,
			       "somebody wrote to '/%s' while the tool ran", path);
	rc = 0;
	if (S_ISREG(st->st_mode))
		rc = take_file(w, dir, name, path, st, &old);
	else if (S_ISLNK(st->st_mode))
		rc = take_link(w, dir, name, path);
	else if (S_ISDIR(st->st_mode) && !old.stx_mask)
		newfiles_add(w->files, NEWFILE_FOLDER, path);
	else if (S_ISCHR(st->st_mode) && !st->st_rdev && old.stx_mask &&
		 !S_ISDIR(old.stx_mode))
		newfiles_add(w->files, NEWFILE_GONE, path);
	if (rc < 0 || w->files->n == before)
		return rc;
	f = &w->files->v[before];
	f->old = old;
	f->fresh = !old.stx_mask;
	f->mode = st->st_mode & 0777;
	return 0;
}

/* Parents before what is in them. */
static int look_through(struct work *w, int dir, const char *above, unsigned depth)
{
	cleanup_closedir DIR *d = fdopendir(dir);
	struct dirent *e;

	if (!d)
		close(dir);
	if (!d || depth > DEPTH_MAX)
		return -1;
	while ((errno = 0, e = readdir(d))) {
		cleanup_free char *path = NULL;
		struct stat st;
		int fd;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		path = path_join(above, e->d_name);
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    take(w, dirfd(d), e->d_name, path, &st) < 0)
			return -1;
		if (!S_ISDIR(st.st_mode))
			continue;
		fd = openat(dirfd(d), e->d_name,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || look_through(w, fd, path, depth + 1) < 0)
			return -1;
	}
	return errno ? -1 : 0;
}

static int collect(struct work *w, const struct scratch *s, const struct layers *l,
		   struct error *err)
{
	for (uint32_t i = 0; i < l->mounts.n; i++) {
		int fd;

		if (!l->mounts.v[i].work)
			continue;
		fd = openat(s->fd, l->mounts.v[i].upper,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0 || look_through(w, fd, l->mounts.v[i].path, 0) < 0)
			return w->why.msg ? err_set(err, ERR_FAILED, "%s", w->why.msg)
					  : err_errno(err, "cannot read what it made");
	}
	return 0;
}

/* --- one step ---------------------------------------------------------------------------------------------- */

static int make_folders(const struct scratch *s, struct layers *l, uint32_t step,
			struct error *err)
{
	if (mkdirat(s->fd, "view", 0755) < 0 && errno != EEXIST)
		return err_errno(err, "cannot make a folder in '%s'", s->path);
	for (uint32_t i = 0; i < l->mounts.n; i++) {
		struct runner_mount *m = &l->mounts.v[i];

		if (m->upper && !m->work)
			continue;
		free(m->upper);
		free(m->work);
		m->upper = xasprintf("upper.%u.%u", step, i);
		m->work = xasprintf("work.%u.%u", step, i);
		if (mkdirat(s->fd, m->upper, 0755) < 0 ||
		    mkdirat(s->fd, m->work, 0755) < 0)
			return err_errno(err, "cannot make a folder in '%s'", s->path);
	}
	return 0;
}

static void set_argv(const struct derived_step *s, struct strlist *ret)
{
	for (size_t i = 0; i < ELEMENTSOF(s->kind->argv) && s->kind->argv[i]; i++) {
		const char *word = s->kind->argv[i];

		if (strcmp(word, "%S") != 0)
			strlist_take(ret, derived_text(s, word));
		for (uint32_t k = 0; !strcmp(word, "%S") && k < s->subjects.n; k++)
			strlist_add(ret, s->subjects.v[k]);
	}
}

static int run_tool(const struct run *t, const struct derived_step *s,
		    const struct layers *l, const struct scratch *folder,
		    struct error *err)
{
	struct runner_order o = {.what = RUNNER_TOOL,
				 .seconds = SECONDS,
				 .stop = run_stop(t),
				 .folder = folder->path,
				 .mounts = l->mounts.v,
				 .n_mounts = l->mounts.n};
	struct runner_result result = {0};
	int rc;

	set_argv(s, &o.argv);
	rc = runner_run(&o, &result, err);
	if (rc == 0) {
		cleanup_free char *why = runner_result_failure(&result),
				  *words = runner_result_words(&result);

		if (why)
			rc = err_set(err, ERR_FAILED, "%s: %s%s%s", o.argv.v[0], why,
				     *words ? ": " : "", words);
	}
	runner_result_release(&result);
	strlist_release(&o.argv);
	return rc;
}

static int make_one(struct run *t, const struct derived_step *s, uint32_t i,
		    struct layers *l, const struct scratch *folder, struct newfiles *ret,
		    struct error *err)
{
	struct newfiles files = {0};
	struct work w = {.run = t, .step = s, .files = &files, .why = ERROR_INIT};
	int rc;

	clock_gettime(CLOCK_REALTIME, &w.since);
	if (make_folders(folder, l, i, err) < 0 || run_tool(t, s, l, folder, err) < 0)
		return -1;
	rc = collect(&w, folder, l, err);
	err_release(&w.why);
	for (uint32_t k = 0; k < files.n && rc == 0; k++)
		array_add(ret, files.v[k]);
	if (rc == 0)
		array_release(&files);
	else
		newfiles_release(&files);
	return rc;
}

static void warn(struct run *t, const struct derived_step *s, const char *why)
{
	cleanup_free char *name = derived_name(s);
	cleanup_free char *command = derived_text(s, s->kind->command);

	run_warn(t,
		 "%s: could not be made anew (%s); run `%s` on the machine, or in the "
		 "root by chroot",
		 name, why, command);
}

static uint32_t count_here(const struct derived_steps *steps)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < steps->n; i++)
		n += steps->v[i].here;
	return n;
}

/* A step of its own is as good as none: each failure is told, and the next one goes on. */
static void make_all(struct run *t, const struct derived_steps *steps, struct layers *l,
		     const struct scratch *folder, struct newfiles *ret)
{
	uint32_t done = 0, all = count_here(steps);

	for (uint32_t i = 0; i < steps->n; i++) {
		cleanup_error struct error why = ERROR_INIT;

		if (!steps->v[i].here || observer_stop(t->observer))
			continue;
		observer_progress(t->observer, PHASE_FINISH, done++, all, false, 0);
		if (make_one(t, &steps->v[i], i, l, folder, ret, &why) < 0)
			warn(t, &steps->v[i], why.msg);
	}
}

int generate_stage(struct run *t, const struct plan *plan,
		   const struct derived_steps *steps, uint64_t *ret_bytes,
		   struct error *err)
{
	cleanup_error struct error why = ERROR_INIT;
	struct newfiles files = {0};
	struct scratch *folder = NULL;
	struct layers l = {0};
	int rc;

	*ret_bytes = 0;
	if (!count_here(steps))
		return 0;
	tasks_index(&t->tasks);
	rc = scratch_new("finish", 64u << 20, &folder, &why);
	if (rc == 0)
		rc = layers_make(t, plan, steps, folder, &l, &why);
	if (rc == 0)
		make_all(t, steps, &l, folder, &files);
	for (uint32_t i = 0; rc < 0 && i < steps->n; i++)
		if (steps->v[i].here)
			warn(t, &steps->v[i], why.msg);
	rc = layers_remove(t, &l, err);
	layers_release(&l);
	if (rc == 0)
		rc = others_stage(t, &files, ret_bytes, err);
	newfiles_release(&files);
	scratch_free(folder);
	return rc;
}
