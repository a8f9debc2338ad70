/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "rpm/evr.h"

static const struct record_ops *const formats[] = {&record_dnf5, &record_dnf4};

/* Records that are there to be read, and that nothing can be added to. */
static const struct {
	const char *tool, *path;
} unwritten[] = {
	{"yum", "var/lib/yum/history"},
	{"zypper", "var/log/zypp/history"},
};

static bool is_there(struct root *r, const char *path, char **ret_canonical)
{
	struct statx st;

	if (root_resolve(r, path, true, ret_canonical, NULL) == 0 &&
	    root_statx(r, *ret_canonical, STATX_TYPE, &st) == 0)
		return true;
	free(*ret_canonical);
	*ret_canonical = NULL;
	return false;
}

/* NULL: there is none of that format. */
static char *find(struct root *r, const struct record_ops *ops)
{
	char *path = NULL;

	for (size_t i = 0; ops->places[i]; i++)
		if (is_there(r, ops->places[i], &path))
			return path;
	return NULL;
}

static char *beside(const char *path, const char *suffix)
{
	return xasprintf("%s%s", path, suffix);
}

static int try_open(struct root *r, const struct record_ops *ops, const char *path,
		    struct quota *quota, struct histdb *ret, struct error *err)
{
	int rc = histdb_open(r, path, ops->tables, quota, ret, err);

	if (rc == 0)
		rc = err_set(err, ERR_FAILED, "'%s' is gone", path);
	if (rc > 0 && ops->check(ret, err) < 0)
		rc = err_prefix(err, "'%s'", path);
	return rc < 0 ? -1 : 0;
}

void record_look(struct root *r, const struct observer *observer, struct strlist *paths,
		 struct strlist *remarks)
{
	static const struct record_order nothing = {.cookie_end = ""};

	for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
		cleanup_free char *path = find(r, formats[i]);
		cleanup_error struct error why = ERROR_INIT;
		cleanup_histdb struct histdb db = {0};
		struct quota quota;

		if (!path)
			continue;
		quota_init(&quota, observer);
		if (try_open(r, formats[i], path, &quota, &db, &why) < 0 ||
		    (formats[i]->has_state &&
		     record_state(r, &db, &nothing, NULL, &why) < 0)) {
			strlist_take(remarks,
				     xasprintf("the rollback cannot be noted in the "
					       "history of %s, which will not know of "
					       "it: %s",
					       formats[i]->tool, why.msg));
			continue;
		}
		strlist_add(paths, path);
		strlist_take(paths, beside(path, "-wal"));
		strlist_take(paths, beside(path, "-journal"));
		if (formats[i]->has_state)
			record_state_paths(r, path, paths);
	}
	for (size_t i = 0; i < ELEMENTSOF(unwritten); i++) {
		cleanup_free char *path = NULL;

		if (is_there(r, unwritten[i].path, &path))
			strlist_take(remarks,
				     xasprintf("the history of %s, '/%s', is not written "
					       "to: it will not know of the rollback",
					       unwritten[i].tool, path));
	}
}

/* --- what is told ----------------------------------------------------------------------------------- */

/* Whether the package that is put back as it is stands for one that goes. */
static bool is_told(const struct changes *changes, const struct change *c)
{
	const struct change *x;

	array_foreach(x, &changes->list)
		if (c->from && c->to && x->stands == c->from &&
		    nevra_is_same(&c->from->id, &c->to->id))
			return true;
	return false;
}

void record_steps(const struct changes *changes, struct record_steps *ret)
{
	const struct change *c;

	array_foreach(c, &changes->list) {
		struct record_step step = {c->to, c->from, c->kind};

		if (c->kind == CHANGE_CLEAR || is_told(changes, c))
			continue;
		if (c->stands) {
			int d = evr_cmp(&c->stands->id, &c->from->id);

			step.came = c->stands;
			step.kind = d < 0   ? CHANGE_DOWNGRADE
				    : d > 0 ? CHANGE_UPGRADE
					    : CHANGE_REINSTALL;
		}
		array_add(ret, step);
	}
}

/* --- making it ---------------------------------------------------------------------------------- */

/* The whole database in its main file. */
static int close_up(struct histdb *db, int *ret_fd, struct error *err)
{
	const char *slash = strrchr(db->path, '/');

	if (sqlite3_exec(db->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) ||
	    sqlite3_close(db->db))
		return err_set(err, ERR_FAILED, "%s", sqlite3_errmsg(db->db));
	db->db = NULL;
	*ret_fd = openat(db->copy->fd, slash ? slash + 1 : db->path,
			 O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return *ret_fd < 0 ? err_errno(err, "cannot open the new one") : 0;
}

/*
 * The log is in the main file now, and the journal was played back: they go. Where there was no log an empty one
 * comes, as dnf itself leaves one: what is written into it later belongs to the main file that an undo takes away.
 */
static int add_beside(struct root *r, const char *path, const struct statx *main,
		      struct newfiles *ret, struct error *err)
{
	static const char *const suffixes[] = {"-wal", "-journal"};

	for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
		cleanup_free char *file = beside(path, suffixes[i]);
		struct newfile *f;
		struct statx st;

		if (root_statx(r, file, NEWFILE_MASK, &st) == 0) {
			newfiles_add(ret, NEWFILE_GONE, file)->old = st;
		} else if (errno != ENOENT) {
			return err_errno(err, "cannot look at '%s'", file);
		} else if (i == 0) {
			f = newfiles_add(ret, NEWFILE_CONTENT, file);
			f->fresh = true;
			f->mode = main->stx_mode & 0777;
		}
	}
	return 0;
}

static int make_one(struct root *r, const struct record_ops *ops, const char *path,
		    const struct record_order *o, const struct observer *observer,
		    struct newfiles *ret, struct error *err)
{
	struct quota quota;
	cleanup_histdb struct histdb db = {0};
	struct newfiles part = {0};
	struct statx st;
	int fd = -1, rc;

	if (root_statx(r, path, NEWFILE_MASK, &st) < 0)
		return err_errno(err, "cannot look at '%s'", path);
	quota_init(&quota, observer);
	rc = add_beside(r, path, &st, &part, err);
	if (rc == 0 && (try_open(r, ops, path, &quota, &db, err) < 0 ||
			ops->write(&db, o, err) < 0 ||
			(ops->has_state && record_state(r, &db, o, &part, err) < 0) ||
			close_up(&db, &fd, err) < 0))
		rc = -1;
	if (rc == 0) {
		struct newfile *f = newfiles_add(&part, NEWFILE_CONTENT, path);

		f->old = st;
		f->fd = fd;
		for (uint32_t i = 0; i < part.n; i++)
			array_add(ret, part.v[i]);
		part.n = 0;
	}
	newfiles_release(&part);
	return rc;
}

void record_make(struct root *r, const struct record_order *o,
		 const struct observer *observer, struct newfiles *ret,
		 struct strlist *warnings)
{
	for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
		cleanup_free char *path = find(r, formats[i]);
		cleanup_error struct error why = ERROR_INIT;

		if (path && make_one(r, formats[i], path, o, observer, ret, &why) < 0)
			strlist_take(warnings,
				     xasprintf("the rollback is not noted in the history "
					       "of %s, which does not know of it: %s",
					       formats[i]->tool, why.msg));
	}
}
