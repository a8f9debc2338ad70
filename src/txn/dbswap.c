/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/failpoint.h"
#include "rpm/db.h"
#include "rpm/db_find.h"
#include "txn/aside.h"
#include "txn/dbswap.h"
#include "txn/look.h"

void dbswap_release(struct dbswap *s)
{
	free(s->file);
	memset(s, 0, sizeof(*s));
}

/* --- is it still the one ----------------------------------------------------------------------------- */

static char *path_of(const struct run *t, const struct dbswap *s, const char *suffix)
{
	cleanup_free char *name = xasprintf("%s%s", s->file, suffix);

	return path_join(t->db_dir, name);
}

static void look_at(struct run *t, const struct dbswap *s, const char *suffix,
		    struct statx *ret)
{
	cleanup_free char *path = path_of(t, s, suffix);

	memset(ret, 0, sizeof(*ret));
	if (root_statx(t->root, path, LOOK_MASK, ret) < 0)
		ret->stx_mask = 0;
}

static bool is_same(const struct statx *a, const struct statx *b)
{
	return !a->stx_mask == !b->stx_mask && a->stx_ino == b->stx_ino &&
	       a->stx_size == b->stx_size &&
	       root_ns(&a->stx_mtime) == root_ns(&b->stx_mtime) &&
	       root_ns(&a->stx_ctime) == root_ns(&b->stx_ctime);
}

bool dbswap_holds(struct run *t, const struct dbswap *s)
{
	struct statx main, wal;

	look_at(t, s, "", &main);
	look_at(t, s, "-wal", &wal);
	return is_same(&main, &s->main) && is_same(&wal, &s->wal);
}

/* Whether the directory must stay where it is, and its files are exchanged instead. */
static int must_go_by_file(struct run *t, const struct dbswap *s, bool *ret,
			   struct error *err)
{
	struct strlist names = {0};

	*ret = s->area != s->inside;
	for (uint32_t i = 0; i < t->tasks.list.n; i++)
		*ret |= path_is_beneath(t->tasks.list.v[i].path, t->db_dir);
	if (root_list(t->root, t->db_dir, &names) < 0)
		return err_errno(err, "cannot look into '/%s' in the root", t->db_dir);
	for (uint32_t i = 0; i < names.n; i++) {
		cleanup_free char *path = path_join(t->db_dir, names.v[i]);
		struct statx st;

		*ret |= root_statx(t->root, path, STATX_TYPE, &st) < 0 ||
			!S_ISREG(st.stx_mode);
	}
	strlist_release(&names);
	return 0;
}

int dbswap_check(struct run *t, const struct db *db, struct dbswap *ret,
		 struct error *err)
{
	uint32_t first, n;

	t->db_dir = xstrdup(db->dir);
	ret->file = xstrdup(db->file);
	if (root_statx(t->root, t->db_dir, LOOK_MASK, &ret->dir) < 0)
		return err_errno(err, "cannot look at '/%s' in the root", t->db_dir);
	look_at(t, ret, "", &ret->main);
	look_at(t, ret, "-wal", &ret->wal);
	if (db_digest(t->root, t->db_dir, &t->db_old, err) < 0)
		return -1;
	if (!digest_is_same(&t->db_old, &db->digest) || !dbswap_holds(t, ret))
		return err_set(err, ERR_FAILED,
			       "the rpmdb in '/%s' has changed since the plan was made",
			       t->db_dir);
	n = tasks_at(&t->tasks, t->db_dir, &first);
	if (tasks_touch_above(&t->tasks, t->db_dir) ||
	    (n && t->tasks.list.v[t->tasks.by_path[first]].kind != OP_ATTR))
		return err_set(
			err, ERR_REFUSED,
			"a package replaces '/%s', where the rpmdb lies; leave it out",
			t->db_dir);
	if (areas_of(t->root, &t->areas, t->db_dir, false, &ret->area, err) < 0 ||
	    areas_of(t->root, &t->areas, t->db_dir, true, &ret->inside, err) < 0)
		return -1;
	return must_go_by_file(t, ret, &ret->by_file, err);
}

/* --- copies ---------------------------------------------------------------------------------------------- */

static int open_old(struct run *t, const char *name)
{
	cleanup_free char *path = path_join(t->db_dir, name);
	struct statx st;

	if (root_statx(t->root, path, STATX_TYPE, &st) < 0)
		return -1;
	if (!S_ISREG(st.stx_mode)) {
		errno = EINVAL;
		return -1;
	}
	return root_openat(t->root, path, O_RDONLY, 0);
}

/* SQLite's files beside the database, whose content the new database does not need. */
static bool is_beside(const char *file, const char *name, enum fill *ret)
{
	size_t n = strlen(file);

	if (strncmp(name, file, n) || name[n] != '-')
		return false;
	*ret = strcmp(name + n, "-shm") ? FILL_EMPTY : FILL_ZEROS;
	return !strcmp(name + n, "-wal") || !strcmp(name + n, "-shm") ||
	       !strcmp(name + n, "-journal");
}

/* Who made it may keep its packages in another kind of database than before. */
static const char *main_file(const struct dbswap *s, const struct scratch *made)
{
	for (size_t i = 0; i < ELEMENTSOF(db_find_kinds); i++)
		if (s->whole && faccessat(made->fd, db_find_kinds[i].file, F_OK,
					  AT_SYMLINK_NOFOLLOW) == 0)
			return db_find_kinds[i].file;
	return s->file;
}

/* Whether a file of the old directory, open as fd, is of the old database only. */
static bool is_stale(const struct dbswap *s, const char *name, int fd)
{
	return s->whole && fd >= 0 && db_find_is_part(name, fd) != DB_PART_NONE;
}

/* Names of the new directory's files: those just made, and those of the old one, the database last. */
static int collect(struct run *t, const struct dbswap *s, const struct scratch *made,
		   struct strlist *ret_made, struct strlist *ret_old, struct error *err)
{
	int copy = openat(made->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_closedir DIR *d = copy < 0 ? NULL : fdopendir(copy);
	const char *file = main_file(s, made);
	struct dirent *e;

	if (!d) {
		cleanup_closep(&copy);
		return err_errno(err, "cannot look into '%s'", made->path);
	}
	while ((errno = 0, e = readdir(d))) {
		enum fill fill;
		struct stat st;

		if (fstatat(made->fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && strcmp(e->d_name, file) &&
		    !is_beside(file, e->d_name, &fill) && e->d_name[0] != '.')
			strlist_add(ret_made, e->d_name);
	}
	strlist_add(ret_made, file);
	if (errno || root_list(t->root, t->db_dir, ret_old) < 0)
		return err_errno(err, "cannot look into '/%s' in the root", t->db_dir);
	return 0;
}

static int fail(struct run *t, const char *name, struct error *err)
{
	return err_errno(err, "cannot make the new '/%s/%s'", t->db_dir, name);
}

/* One of the files just made, into dir under the name to. */
static int stage_made(struct run *t, const struct dbswap *s, const struct scratch *made,
		      const char *name, int dir, const char *to, uint64_t *bytes)
{
	cleanup_close int in = openat(made->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	cleanup_close int like = open_old(t, name);

	if (like < 0)
		like = open_old(t, s->file);
	if (in < 0 || like < 0)
		return -1;
	return aside_make_file(&t->areas.v[s->inside], dir, to, FILL_COPY, in, like,
			       false, bytes);
}

/* --- the directory ------------------------------------------------------------------------------------------ */

static int fill_directory(struct run *t, const struct dbswap *s,
			  const struct scratch *made, int dir,
			  const struct strlist *fresh, const struct strlist *old,
			  uint64_t *bytes, struct error *err)
{
	for (uint32_t i = 0; i < fresh->n; i++)
		if (stage_made(t, s, made, fresh->v[i], dir, fresh->v[i], bytes) < 0)
			return fail(t, fresh->v[i], err);
	for (uint32_t i = 0; i < old->n; i++) {
		const char *name = old->v[i];
		enum fill fill = FILL_COPY;
		cleanup_close int like = -1;

		if (strlist_has(fresh, name))
			continue;
		if (is_beside(s->file, name, &fill) && strstr(name, "-journal"))
			continue;
		like = open_old(t, name);
		if (is_stale(s, name, like))
			continue;
		if (like < 0 || aside_make_file(&t->areas.v[s->area], dir, name, fill,
						like, like, fill == FILL_COPY, bytes) < 0)
			return fail(t, name, err);
	}
	return 0;
}

static struct task *add_db_task(struct run *t, enum op_kind kind, const char *path,
				uint32_t area)
{
	struct task *k = aside_add_task(t, kind, path, area);

	k->db = true;
	return k;
}

static int stage_directory(struct run *t, const struct dbswap *s,
			   const struct scratch *made, const struct strlist *fresh,
			   const struct strlist *old, uint64_t *bytes, struct error *err)
{
	struct task *k = add_db_task(t, OP_SWAP, t->db_dir, s->area);
	struct area *a = &t->areas.v[s->area];
	cleanup_close int dir = -1, like = root_openat(t->root, t->db_dir,
						       O_RDONLY | O_DIRECTORY, 0);
	char name[SLOT_NAME_MAX];

	task_slot(t->tasks.list.n - 1, "", name);
	if (like < 0 || mkdirat(a->slots, name, 0700) < 0 || FAILPOINT("rpmdb-directory"))
		return fail(t, "", err);
	dir = openat(a->slots, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return fail(t, "", err);
	if (fill_directory(t, s, made, dir, fresh, old, bytes, err) < 0)
		return -1;
	if (aside_copy_attributes(a, like, dir, true) < 0 || aside_note_task(t, k) < 0)
		return fail(t, "", err);
	return 0;
}

/* --- file by file ------------------------------------------------------------------------------------------- */

static int stage_slot(struct run *t, const struct dbswap *s, const struct scratch *made,
		      const char *name, enum fill fill, uint64_t *bytes)
{
	const char *path = arena_printf(&t->tasks.mem, "%s/%s", t->db_dir, name);
	const struct area *a = &t->areas.v[s->inside];
	cleanup_close int old = open_old(t, name);
	struct task *k = add_db_task(t, old < 0 ? OP_CREATE : OP_SWAP, path, s->inside);
	char slot[SLOT_NAME_MAX];
	int rc;

	if (old < 0 && errno != ENOENT)
		return -1;
	task_slot(t->tasks.list.n - 1, "", slot);
	if (fill == FILL_COPY)
		rc = stage_made(t, s, made, name, a->slots, slot, bytes);
	else
		rc = aside_make_file(a, a->slots, slot, fill, -1, old, false, bytes);
	return rc < 0 ? -1 : aside_note_task(t, k);
}

static int stage_files(struct run *t, const struct dbswap *s, const struct scratch *made,
		       const struct strlist *fresh, const struct strlist *old,
		       uint64_t *bytes, struct error *err)
{
	for (uint32_t i = 0; i < old->n; i++) {
		const char *name = old->v[i];
		cleanup_close int fd = s->whole ? open_old(t, name) : -1;
		bool stale = !strlist_has(fresh, name) && is_stale(s, name, fd);
		enum fill fill;
		int rc;

		if (!stale && !is_beside(s->file, name, &fill))
			continue;
		if (stale || strstr(name, "-journal"))
			rc = aside_note_task(
				t, add_db_task(t, OP_REMOVE,
					       arena_printf(&t->tasks.mem, "%s/%s",
							    t->db_dir, name),
					       s->inside));
		else
			rc = stage_slot(t, s, made, name, fill, bytes);
		if (rc < 0)
			return fail(t, name, err);
	}
	for (uint32_t i = 0; i < fresh->n; i++)
		if (stage_slot(t, s, made, fresh->v[i], FILL_COPY, bytes) < 0)
			return fail(t, fresh->v[i], err);
	return 0;
}

int dbswap_stage(struct run *t, const struct dbswap *s, const struct scratch *made,
		 uint64_t *ret_bytes, struct error *err)
{
	struct strlist fresh = {0}, old = {0};
	bool by_file = s->by_file || t->areas.v[s->area].weak;
	int rc = collect(t, s, made, &fresh, &old, err);

	*ret_bytes = 0;
	if (rc == 0)
		rc = by_file ? stage_files(t, s, made, &fresh, &old, ret_bytes, err)
			     : stage_directory(t, s, made, &fresh, &old, ret_bytes, err);
	if (rc == 0)
		rc = db_digest_with(t->root, t->db_dir, made->path, s->whole, &t->db_new,
				    err);
	tasks_index(&t->tasks);
	strlist_release(&fresh);
	strlist_release(&old);
	return rc;
}
