/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "txn/sweep.h"

#define VIEW "view"

/* --- one layer ---------------------------------------------------------------------------------------- */

/* The directory of the layer for rel, with those above it: fd, or -1 with errno. */
static int open_folder(int top, const char *rel)
{
	cleanup_close int dir = fcntl(top, F_DUPFD_CLOEXEC, 3);

	while (dir >= 0 && *rel) {
		size_t n = strcspn(rel, "/");
		cleanup_free char *name = xstrndup(rel, n);
		int next;

		if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
			return -1;
		next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(dir);
		dir = next;
		rel += n + (rel[n] == '/');
	}
	return steal_fd(&dir);
}

/* A whiteout, see the kernel's filesystems/overlayfs.rst. */
static int put_nothing(int dir, const char *name)
{
	return mknodat(dir, name, S_IFCHR, 0) < 0 && errno != EEXIST ? -1 : 0;
}

static int put_object(struct run *t, uint32_t i, int dir, const char *name)
{
	const struct task *k = &t->tasks.list.v[i];
	char slot[SLOT_NAME_MAX];

	if (S_ISDIR(k->new.attr.mode))
		return mkdirat(dir, name, 0755) < 0 && errno != EEXIST ? -1 : 0;
	/* what lay in a directory that becomes something else is whited out by now */
	if (k->kind == OP_SWAP && S_ISDIR(k->old.attr.mode) &&
	    sweep_tree(dir, name, NULL) < 0)
		return -1;
	return linkat(t->areas.v[k->area].slots, task_slot(i, "", slot), dir, name, 0);
}

static int put_task(struct run *t, uint32_t i, int top)
{
	const struct task *k = &t->tasks.list.v[i];
	const char *rel = k->path + strlen(t->areas.v[k->area].top), *slash;
	cleanup_free char *folder = NULL;
	cleanup_close int dir = -1;

	rel += *rel == '/';
	slash = strrchr(rel, '/');
	folder = slash ? xstrndup(rel, (size_t)(slash - rel)) : xstrdup("");
	dir = open_folder(top, folder);
	if (dir < 0)
		return -1;
	if (k->kind == OP_SWAP || k->kind == OP_CREATE)
		return put_object(t, i, dir, slash ? slash + 1 : rel);
	/* a directory that goes is empty then: all in it is whited out */
	return S_ISDIR(k->old.attr.mode) ? 0 : put_nothing(dir, slash ? slash + 1 : rel);
}

/* Directories and links count always: others may lie beneath, or behind. */
static bool is_wanted(const struct task *k, const struct derived_steps *steps)
{
	const uint32_t mode = k->kind == OP_REMOVE || k->kind == OP_MOVE
				      ? k->old.attr.mode
				      : k->new.attr.mode;

	if (k->kind == OP_ATTR)
		return false;
	if (S_ISDIR(mode) || S_ISLNK(mode))
		return true;
	for (uint32_t i = 0; i < steps->n; i++)
		if (steps->v[i].here && derived_reads(&steps->v[i], k->path))
			return true;
	return false;
}

/* Where tools read and write. */
static bool is_of_use(const char *path)
{
	static const char *const tops[] = {"usr", "etc", "lib", "opt"};

	for (size_t i = 0; i < ELEMENTSOF(tops); i++)
		if (!strncmp(path, tops[i], strlen(tops[i])))
			return true;
	return !*path;
}

static int make_top(const struct area *a)
{
	if (mkdirat(a->slots, VIEW, 0755) < 0)
		return -1;
	return openat(a->slots, VIEW, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int fill(struct run *t, const struct plan *plan, const struct derived_steps *steps,
		struct layers *l, struct error *err)
{
	cleanup_free int *tops = xcalloc(t->areas.n + 1, sizeof(*tops));
	int rc = 0;

	for (uint32_t a = 0; a < t->areas.n; a++)
		tops[a] = -1;
	for (uint32_t i = 0; i < plan->ops.n && rc == 0; i++) {
		const struct task *k = &t->tasks.list.v[i];
		int *top = &tops[k->area];

		if (!is_of_use(t->areas.v[k->area].top) || !is_wanted(k, steps))
			continue;
		if (*top < 0)
			*top = make_top(&t->areas.v[k->area]);
		l->made[k->area] |= *top >= 0;
		rc = *top < 0 || put_task(t, i, *top) < 0 || FAILPOINT("layer-put") ? -1
										    : 0;
	}
	if (rc < 0)
		err_errno(err, "cannot lay out how the root will be");
	for (uint32_t a = 0; a < t->areas.n; a++)
		cleanup_closep(&tops[a]);
	return rc;
}

/* --- the view they make ------------------------------------------------------------------------------ */

static struct runner_mount *add_mount(struct layers *l, const char *path)
{
	struct runner_mount *m = array_push(&l->mounts);

	m->path = xstrdup(path);
	return m;
}

/* What stands at a name of a top: its type, and where a link leads. */
struct entry {
	mode_t type;  /* 0: nothing */
	bool covered; /* by the layer */
	char target[PATH_MAX];
};

static int look_at_entry(struct run *t, int layer, const char *path, const char *name,
			 struct entry *ret)
{
	cleanup_free char *target = NULL;
	struct statx now;
	struct stat st;
	ssize_t n = 0;

	memset(ret, 0, sizeof(*ret));
	if (layer >= 0 && fstatat(layer, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		ret->covered = true;
		ret->type = st.st_mode & S_IFMT;
		if (S_ISLNK(ret->type))
			n = readlinkat(layer, name, ret->target, sizeof(ret->target) - 1);
		return n < 0 ? -1 : 0;
	}
	if (root_statx(t->root, path, STATX_TYPE, &now) < 0)
		return errno == ENOENT ? 0 : -1;
	ret->type = now.stx_mode & S_IFMT;
	if (!S_ISLNK(ret->type))
		return 0;
	if (root_readlink(t->root, path, &target) < 0)
		return -1;
	snprintf(ret->target, sizeof(ret->target), "%s", target);
	return 0;
}

static int add_entry(struct run *t, const char *top, int layer, const char *name,
		     int folder, struct layers *l)
{
	cleanup_free char *path = path_join(top, name);
	struct runner_mount *m;
	struct entry e;

	if (!strcmp(name, AREA_DIR) || !is_of_use(path))
		return 0;
	if (look_at_entry(t, layer, path, name, &e) < 0)
		return -1;
	if (S_ISLNK(e.type))
		return symlinkat(e.target, folder, name);
	if (!S_ISDIR(e.type))
		return 0;
	if (mkdirat(folder, name, 0755) < 0)
		return -1;
	m = add_mount(l, path);
	if (e.covered)
		m->layer = xasprintf("%s%s" AREA_DIR "/%lld/" VIEW "/%s", top,
				     *top ? "/" : "", (long long)t->id, name);
	return 0;
}

static int list_layer(int layer, struct strlist *names)
{
	cleanup_closedir DIR *d = NULL;
	int fd = layer < 0 ? -1 : openat(layer, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *e;

	if (layer < 0)
		return 0;
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		cleanup_closep(&fd);
		return -1;
	}
	while ((errno = 0, e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			strlist_add(names, e->d_name);
	return errno ? -1 : 0;
}

/*
 * overlayfs refuses a layer that lies in what it covers, and an area lies at the top of its file system: so
 * the top itself becomes a folder of ours, with links as they will be, and each directory in it is covered
 * by its own part of the layer.
 */
static int split_top(struct run *t, const struct area *a, const char *top,
		     const struct scratch *s, struct layers *l)
{
	cleanup_close int layer = -1, folder = -1;
	cleanup_free char *name = xasprintf("top.%u", l->mounts.n);
	struct strlist names = {0};
	int rc = 0;

	if (a)
		layer = openat(a->slots, VIEW,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (mkdirat(s->fd, name, 0755) < 0)
		return -1;
	folder = openat(s->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	add_mount(l, top)->upper = steal_ptr(name);
	if (folder < 0 || root_list(t->root, top, &names) < 0 ||
	    list_layer(layer, &names) < 0)
		rc = -1;
	strlist_sort_unique(&names);
	for (uint32_t i = 0; i < names.n && rc == 0; i++)
		rc = add_entry(t, top, layer, names.v[i], folder, l);
	strlist_release(&names);
	return rc;
}

static const struct area *layered_area(const struct run *t, const struct layers *l,
				       const char *top)
{
	for (uint32_t i = 0; i < t->areas.n; i++)
		if (l->made[i] && !strcmp(t->areas.v[i].top, top))
			return &t->areas.v[i];
	return NULL;
}

static int cmp_mount(const void *a, const void *b)
{
	const struct runner_mount *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* A directory that a split top has named may be a mount of its own: then that counts. */
static void drop_doubles(struct layers *l)
{
	uint32_t n = 0;

	qsort(l->mounts.v, l->mounts.n, sizeof(*l->mounts.v), cmp_mount);
	for (uint32_t i = 0; i < l->mounts.n; i++) {
		struct runner_mount *m = &l->mounts.v[i],
				    *last = n ? &l->mounts.v[n - 1] : NULL;

		if (!last || strcmp(last->path, m->path) != 0) {
			l->mounts.v[n++] = *m;
			continue;
		}
		if (!last->upper) {
			struct runner_mount kept = *m;

			*m = *last;
			*last = kept;
		}
		free(m->path);
		free(m->layer);
		free(m->upper);
	}
	l->mounts.n = n;
}

static int make_view(struct run *t, const struct mounts *mounts, const struct scratch *s,
		     struct layers *l)
{
	struct strlist tops = {0};
	int rc = 0;

	strlist_add(&tops, "");
	for (uint32_t i = 0; i < mounts->n; i++)
		if (!mounts->v[i].missing && is_of_use(mounts->v[i].path))
			strlist_add(&tops, mounts->v[i].path);
	for (uint32_t a = 0; a < t->areas.n; a++)
		if (l->made[a])
			strlist_add(&tops, t->areas.v[a].top);
	strlist_sort_unique(&tops);
	for (uint32_t i = 0; i < tops.n && rc == 0; i++) {
		const struct area *a = layered_area(t, l, tops.v[i]);

		if (a || !*tops.v[i])
			rc = split_top(t, a, tops.v[i], s, l);
		else
			add_mount(l, tops.v[i]);
	}
	strlist_release(&tops);
	drop_doubles(l);
	return rc;
}

int layers_make(struct run *t, const struct plan *plan, const struct derived_steps *steps,
		const struct scratch *s, struct layers *ret, struct error *err)
{
	ret->made = xcalloc(t->areas.n + 1, sizeof(*ret->made));
	if (fill(t, plan, steps, ret, err) < 0)
		return -1;
	if (make_view(t, plan->mounts, s, ret) < 0)
		return err_errno(err, "cannot lay out how the root will be");
	return 0;
}

int layers_remove(struct run *t, struct layers *l, struct error *err)
{
	for (uint32_t a = 0; l->made && a < t->areas.n; a++) {
		if (!l->made[a])
			continue;
		if (sweep_tree(t->areas.v[a].slots, VIEW, err) < 0)
			return -1;
		l->made[a] = false;
	}
	return 0;
}

void layers_release(struct layers *l)
{
	for (uint32_t i = 0; i < l->mounts.n; i++) {
		free(l->mounts.v[i].path);
		free(l->mounts.v[i].layer);
		free(l->mounts.v[i].upper);
		free(l->mounts.v[i].work);
	}
	array_release(&l->mounts);
	free(l->made);
	memset(l, 0, sizeof(*l));
}
