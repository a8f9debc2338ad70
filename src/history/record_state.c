/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * dnf 5's system state beside its history: why a package is there (packages.toml), where it came from
 * (nevras.toml), and of which rpmdb that is true (system.toml); as libdnf5/base/transaction.cpp leaves them
 * behind a transaction. The reasons and repositories are those of the entry that was just added.
 */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/scratch.h"
#include "history/record.h"
#include "history/recordsql.h"
#include "history/tomlstate.h"

#define BYTES_MAX (16u << 20)

static const char *const names[] = {"packages.toml", "nevras.toml", "system.toml"};

static char *path_of(const char *db, const char *name)
{
	const char *slash = strrchr(db, '/');

	return xasprintf("%.*s/%s", slash ? (int)(slash - db) : 0, db, name);
}

/* 1: read; 0: there is none */
static int load(struct root *r, const char *path, struct buf *ret, struct error *err)
{
	struct statx st;

	if (root_statx(r, path, NEWFILE_MASK, &st) < 0 && errno == ENOENT)
		return 0;
	if (root_read_file(r, path, BYTES_MAX, ret) < 0)
		return err_errno(err, "cannot read '%s'", path);
	if (!ret->s || strlen(ret->s) != ret->n)
		return err_set(err, ERR_FAILED, "'%s' is damaged", path);
	return 1;
}

/* A word that needs no escape in TOML. */
static bool is_plain(const char *s)
{
	for (; *s; s++)
		if (*s == '"' || *s == '\\' || (unsigned char)*s < ' ')
			return false;
	return true;
}

/* What the new entry says of a package: "" where it says nothing. The caller frees. */
static int ask(struct histdb *db, const char *what, const struct nevra *n, char **ret,
	       struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	cleanup_free char *sql = xasprintf(
		"SELECT %s FROM trans_item ti JOIN rpm r ON r.item_id = ti.item_id "
		"JOIN pkg_name n ON n.id = r.name_id JOIN arch c ON c.id = r.arch_id "
		"LEFT JOIN trans_item_reason w ON w.id = ti.reason_id "
		"LEFT JOIN repo p ON p.id = ti.repo_id WHERE n.name = ?1 AND c.name = ?2 AND "
		"r.version = ?3 AND r.release = ?4 AND r.epoch = ?5 AND "
		"ti.trans_id = (SELECT max(id) FROM trans) ORDER BY ti.id LIMIT 1",
		what);
	struct arena mem = {0};
	int rc;

	if (histdb_prepare(db, sql, &stmt, err) < 0)
		return -1;
	sqlite3_bind_text(stmt, 1, n->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, n->arch, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, n->version, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, n->release, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, MAX(n->epoch, 0));
	rc = histdb_step(db, stmt, err);
	if (rc >= 0)
		*ret = xstrdup(rc ? histdb_text(&mem, stmt, 0) : "");
	arena_release(&mem);
	return rc < 0 ? -1 : 0;
}

/* Whether another instance of the package is still there. */
static bool has_other(const struct tomlstate *nevras, const struct nevra *n)
{
	struct arena mem = {0};
	bool found = false;
	char *key;

	for (uint32_t i = 0; (key = tomlstate_key(nevras, i)); i++) {
		struct nevra other;

		found |= nevra_parse(&mem, key, &other) == 0 &&
			 !strcmp(other.name, n->name) && !strcmp(other.arch, n->arch);
		free(key);
	}
	arena_release(&mem);
	return found;
}

static void take_out(struct tomlstate *packages, struct tomlstate *nevras,
		     const struct pkg *went)
{
	cleanup_free char *na = xasprintf("%s.%s", went->id.name, went->id.arch);

	tomlstate_remove(nevras, went->nevra);
	if (!has_other(nevras, &went->id))
		tomlstate_remove(packages, na);
}

static int put_in(struct histdb *db, struct tomlstate *packages, struct tomlstate *nevras,
		  const struct pkg *came, struct error *err)
{
	cleanup_free char *na = xasprintf("%s.%s", came->id.name, came->id.arch);
	cleanup_free char *why = NULL, *from = NULL;

	if (ask(db, "w.name", &came->id, &why, err) < 0 ||
	    ask(db, "p.repoid", &came->id, &from, err) < 0)
		return -1;
	if (!is_plain(came->nevra) || !is_plain(why) || !is_plain(from))
		return err_set(err, ERR_FAILED, "'%s' has a name that cannot be written",
			       came->nevra);
	tomlstate_set(nevras, came->nevra, "from_repo", from);
	/* members of groups are in groups.toml, by their names, which stays as it is */
	if (strcmp(why, "Group") != 0 && strcmp(why, "None") != 0 &&
	    strcmp(why, "Clean") != 0)
		tomlstate_set(packages, na, "reason", why);
	return 0;
}

static int new_cookie(struct buf *text, const char *cookie, struct error *err)
{
	static const char name[] = "rpmdb_cookie";
	char *at = strstr(text->s, name), *from = at ? strchr(at, '"') : NULL;
	char *end = from ? strchr(from + 1, '"') : NULL;
	struct buf made = {0};

	if (!end || memchr(at, '\n', (size_t)(end - at)))
		return err_set(err, ERR_FAILED, "damaged: it has no '%s'", name);
	buf_add(&made, text->s, (size_t)(from - text->s) + 1);
	buf_str(&made, cookie);
	buf_str(&made, end);
	buf_release(text);
	*text = made;
	return 0;
}

static int edit(struct histdb *db, const struct record_order *o, struct buf *texts,
		struct error *err)
{
	struct tomlstate packages = {0}, nevras = {0};
	struct record_steps steps = {0};
	int rc = 0;

	if (tomlstate_read(&packages, texts[0].s, "packages", err) < 0)
		rc = err_prefix(err, "'%s'", names[0]);
	else if (tomlstate_read(&nevras, texts[1].s, "nevras", err) < 0)
		rc = err_prefix(err, "'%s'", names[1]);
	else if (new_cookie(&texts[2], o->cookie_end, err) < 0)
		rc = err_prefix(err, "'%s'", names[2]);
	if (rc == 0 && o->changes) {
		record_steps(o->changes, &steps);
		for (uint32_t i = 0; i < steps.n; i++)
			if (steps.v[i].went)
				take_out(&packages, &nevras, steps.v[i].went);
		for (uint32_t i = 0; i < steps.n && rc == 0; i++)
			if (steps.v[i].came)
				rc = put_in(db, &packages, &nevras, steps.v[i].came, err);
		array_release(&steps);
	}
	buf_clear(&texts[0]);
	buf_clear(&texts[1]);
	tomlstate_write(&packages, &texts[0]);
	tomlstate_write(&nevras, &texts[1]);
	tomlstate_release(&packages);
	tomlstate_release(&nevras);
	return rc;
}

static int add_file(struct root *r, struct histdb *db, const char *path, const char *name,
		    const struct buf *text, struct newfiles *ret, struct error *err)
{
	struct newfile *f;
	struct statx st;

	if (root_statx(r, path, NEWFILE_MASK, &st) < 0)
		return err_errno(err, "cannot look at '%s'", path);
	f = newfiles_add(ret, NEWFILE_CONTENT, path);
	f->old = st;
	f->fd = scratch_create(db->copy, name, err);
	if (f->fd < 0)
		return -1;
	return file_write_all(f->fd, text->s, text->n) < 0
		       ? err_errno(err, "cannot write the new '%s'", name)
		       : 0;
}

int record_state(struct root *r, struct histdb *db, const struct record_order *o,
		 struct newfiles *ret, struct error *err)
{
	struct buf texts[ELEMENTSOF(names)] = {{0}};
	int rc = 1;

	/* dnf makes all of them anew where one is missing */
	for (size_t i = 0; i < ELEMENTSOF(names) && rc > 0; i++) {
		cleanup_free char *path = path_of(db->path, names[i]);

		rc = load(r, path, &texts[i], err);
	}
	if (rc > 0)
		rc = edit(db, o, texts, err) < 0 ? -1 : 1;
	for (size_t i = 0; i < ELEMENTSOF(names) && rc > 0 && ret; i++) {
		cleanup_free char *path = path_of(db->path, names[i]);

		rc = add_file(r, db, path, names[i], &texts[i], ret, err) < 0 ? -1 : 1;
	}
	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		buf_release(&texts[i]);
	return rc < 0 ? -1 : 0;
}

void record_state_paths(const char *db, struct strlist *ret)
{
	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		strlist_take(ret, path_of(db, names[i]));
}
