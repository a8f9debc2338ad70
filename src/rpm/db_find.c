/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/db_find.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/log.h"
#include "base/path.h"

/* Fedora from 36 and SUSE; everybody before them; image-based systems (ostree) */
const char *const db_find_folders[3] = {"usr/lib/sysimage/rpm", "var/lib/rpm",
					"usr/share/rpm"};

const struct db_kind db_find_kinds[3] = {
	{"rpmdb.sqlite", DB_SQLITE},
	{"Packages.db", DB_NDB},
	{"Packages", DB_BDB},
};

const char *db_backend_name(enum db_backend b)
{
	switch (b) {
	case DB_SQLITE: return "sqlite";
	case DB_BDB: return "bdb";
	case DB_NDB: return "ndb";
	}
	return "?";
}

const char *db_backend_file(enum db_backend b)
{
	for (size_t i = 0; i < ELEMENTSOF(db_find_kinds); i++)
		if (db_find_kinds[i].backend == b)
			return db_find_kinds[i].file;
	BUG("no such backend: %d", (int)b);
}

/* Berkeley DB's magic, in either byte order; its indices have had many names. */
static bool is_bdb(int fd)
{
	static const uint8_t magic[][4] = {{0, 0x06, 0x15, 0x61}, {0x61, 0x15, 0x06, 0},
					   {0, 0x05, 0x31, 0x62}, {0x62, 0x31, 0x05, 0}};
	uint8_t m[4];

	if (pread(fd, m, sizeof(m), 12) != sizeof(m))
		return false;
	for (size_t i = 0; i < ELEMENTSOF(magic); i++)
		if (memcmp(m, magic[i], sizeof(m)) == 0)
			return true;
	return false;
}

enum db_part db_find_is_part(const char *name, int fd)
{
	if (strncmp(name, "__db.", 5) == 0)
		return DB_PART_PASSING;
	for (size_t i = 0; i < ELEMENTSOF(db_find_kinds); i++) {
		const char *file = db_find_kinds[i].file;
		size_t n = strlen(file);

		if (strcmp(name, file) == 0)
			return DB_PART_LASTING;
		/* SQLite's files beside it; when it is closed there is nothing in them */
		if (db_find_kinds[i].backend == DB_SQLITE && strncmp(name, file, n) == 0 &&
		    name[n] == '-')
			return DB_PART_PASSING;
	}
	return strcmp(name, "Index.db") == 0 || is_bdb(fd) ? DB_PART_LASTING
							   : DB_PART_NONE;
}

static bool is_known(const struct db_places *p, const char *dir)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].dir, dir) == 0)
			return true;
	return false;
}

static int look_in(struct root *r, const char *folder, struct db_places *ret,
		   struct error *err)
{
	cleanup_free char *packaged = xasprintf("/%s", folder), *dir = NULL;
	struct error why = ERROR_INIT;

	if (root_resolve(r, packaged, true, &dir, &why)) {
		log_warning("cannot look for an rpmdb in '%s': %s", folder, why.msg);
		err_release(&why);
		return 0;
	}
	if (is_known(ret, dir))
		return 0;
	for (size_t i = 0; i < ELEMENTSOF(db_find_kinds); i++) {
		cleanup_free char *path = path_join(dir, db_find_kinds[i].file);
		struct statx st;

		if (root_statx(r, path, STATX_TYPE, &st)) {
			if (errno == ENOENT || errno == ENOTDIR)
				continue;
			return err_errno(err, "cannot look at '%s' in the root", path);
		}
		if (!S_ISREG(st.stx_mode))
			return err_set(
				err, ERR_FAILED,
				"'%s' in the root is no regular file and is not read as an rpmdb",
				path);
		*array_push(ret) = (struct db_place){
			.found_at = xstrdup(folder),
			.dir = xstrdup(dir),
			.file = db_find_kinds[i].file,
			.backend = db_find_kinds[i].backend,
		};
	}
	return 0;
}

/*
 * A rebuild makes FOLDERrebuilddb.PID, and changes places by way of FOLDERold.PID (lib/rpmdb.c:
 * rpmdbMoveDatabase()): one that was cut off in between leaves the two, and none in the place.
 */
static char *left_by_rebuild(struct root *r)
{
	for (size_t i = 0; i < ELEMENTSOF(db_find_folders); i++) {
		cleanup_free char *above = path_parent(db_find_folders[i]);
		const char *base = strrchr(db_find_folders[i], '/') + 1;
		cleanup_free char *old = xasprintf("%sold.", base);
		struct strlist names = {0};
		char *found = NULL;

		if (root_list(r, above, &names) == 0)
			for (uint32_t k = 0; k < names.n && !found; k++)
				if (strncmp(names.v[k], old, strlen(old)) == 0)
					found = path_join(above, names.v[k]);
		strlist_release(&names);
		if (found)
			return found;
	}
	return NULL;
}

static bool is_empty(struct root *r)
{
	struct strlist names = {0};
	bool empty = root_list(r, "", &names) == 0 && !names.n;

	strlist_release(&names);
	return empty;
}

static int err_none(struct root *r, struct error *err)
{
	cleanup_free char *old = left_by_rebuild(r), *shown = old ? quoted(old) : NULL;

	if (is_empty(r))
		return err_set(err, ERR_FAILED,
			       "no rpmdb in the root '%s': the folder is empty; mount the "
			       "machine there, or say with --root where it is",
			       r->path);
	err_set(err, ERR_FAILED, "no rpmdb in the root '%s': looked in %s, %s and %s", r->path,
		db_find_folders[0], db_find_folders[1], db_find_folders[2]);
	if (old && err)
		err_prefix(err, "'/%s' was put away by a rebuild that did not come to its end; "
				"it is the rpmdb, rename it to what stands before 'old.'",
			   shown);
	return -1;
}

int db_find(struct root *r, struct db_places *ret, struct error *err)
{
	struct db_places p = {0};

	for (size_t i = 0; i < ELEMENTSOF(db_find_folders); i++)
		if (look_in(r, db_find_folders[i], &p, err)) {
			db_find_release(&p);
			return -1;
		}
	if (p.n == 0)
		return err_none(r, err);
	*ret = p;
	return 0;
}

void db_find_release(struct db_places *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		free(p->v[i].found_at);
		free(p->v[i].dir);
	}
	array_release(p);
}
