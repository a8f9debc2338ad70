/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * dnf 5's system state beside its history: why a package is there (packages.toml), where it came from
 * (nevras.toml), of which rpmdb that is true (system.toml), and which groups and environments are installed, with what
 * of their members (groups.toml, environments.toml); as libdnf5/base/transaction.cpp leaves them behind a
 * transaction. Reasons, repositories and members are those of the entry that was just added.
 */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/scratch.h"
#include "history/record.h"
#include "history/record_comps.h"
#include "history/recordsql.h"
#include "history/tomlstate.h"

#define BYTES_MAX (16u << 20)

/* What is of comps comes last, and need not be there. */
enum { PACKAGES, NEVRAS, SYSTEM, GROUPS, ENVIRONMENTS, FILES };
static const char *const names[FILES] = {"packages.toml", "nevras.toml", "system.toml",
					 "groups.toml", "environments.toml"};
/* The definition of each that is installed, which dnf makes anew where it is missing. */
static const char *const definitions[] = {"comps_groups/groups",
					  "comps_groups/environments"};

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
	const char *key;

	for (uint32_t i = 0; (key = tomlstate_key(nevras, i)); i++) {
		struct nevra other;

		found |= nevra_parse(&mem, key, &other) == 0 &&
			 !strcmp(other.name, n->name) && !strcmp(other.arch, n->arch);
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
	if (!tomlstate_is_plain(came->nevra) || !tomlstate_is_plain(why) ||
	    !tomlstate_is_plain(from))
		return err_set(err, ERR_FAILED, "'%s' has a name that cannot be written",
			       came->nevra);
	tomlstate_set(nevras, came->nevra, "from_repo", from);
	/* members of groups are in groups.toml, by their names, whether they are there or not */
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

/* --- groups and environments ------------------------------------------------------------------------ */

struct comps_edit {
	struct tomlstate *state;
	bool environments, changed;
	struct strlist removed;
	char *strange; /* of which no entry can be made */
};

/* A list of texts as TOML has it, without those that it would have to escape. */
static char *list_of(const char *const *v, size_t n)
{
	struct buf b = {0};
	const char *between = "";

	buf_char(&b, '[');
	for (size_t i = 0; i < n; i++)
		if (v[i] && tomlstate_is_plain(v[i])) {
			buf_printf(&b, "%s\"%s\"", between, v[i]);
			between = ", ";
		}
	buf_char(&b, ']');
	return buf_steal(&b);
}

/* libdnf5/comps/group/package.cpp: package_types_to_strings() */
static char *types_of(int64_t types)
{
	const char *const v[] = {
		types & 4 ? "mandatory" : NULL, types & 2 ? "default" : NULL,
		types & 1 ? "conditional" : NULL, types & 8 ? "optional" : NULL};

	return list_of(v, ELEMENTSOF(v));
}

static void edit_one(void *ctx, const struct comps_item *item)
{
	struct comps_edit *e = ctx;
	char *members = list_of((const char *const *)item->members.v, item->members.n);
	struct tomlstate_field group[] = {
		{"package_types", NULL},
		{"packages", members},
		{"userinstalled", NULL},
	};
	struct tomlstate_field environment = {"groups", members};

	e->changed = true;
	if (item->removed) {
		free(members);
		tomlstate_remove(e->state, item->id);
		if (!strlist_has(&e->removed, item->id))
			strlist_add(&e->removed, item->id);
	} else if (!tomlstate_is_plain(item->id) || !*item->id) {
		free(members);
		free(e->strange);
		e->strange = xstrdup(item->id);
	} else if (e->environments) {
		tomlstate_put(e->state, item->id, false, &environment, 1);
	} else {
		group[0].value = types_of(item->types);
		group[2].value = xstrdup(item->is_users ? "true" : "false");
		tomlstate_put(e->state, item->id, true, group, ELEMENTSOF(group));
	}
}

/* What is defined there of what is no more goes. */
static void drop_definitions(struct root *r, const char *db, const char *folder,
			     const struct strlist *ids, struct newfiles *ret)
{
	cleanup_free char *dir = path_of(db, folder);

	for (uint32_t i = 0; i < ids->n; i++) {
		cleanup_free char *path = xasprintf("%s/%s.xml", dir, ids->v[i]);
		struct statx st;

		if (!strchr(ids->v[i], '/') &&
		    root_statx(r, path, NEWFILE_MASK, &st) == 0 && S_ISREG(st.stx_mode))
			newfiles_add(ret, NEWFILE_GONE, path)->old = st;
	}
}

/* 1: the text is another one now. One that nothing is to be changed in may be whatever it is. */
static int edit_comps(struct root *r, struct histdb *db, bool environments,
		      struct buf *text, struct newfiles *ret, struct error *err)
{
	const char *table = environments ? "environments" : "groups";
	struct tomlstate state = {0};
	struct comps_edit e = {.state = &state, .environments = environments};
	cleanup_error struct error why = ERROR_INIT;
	bool known = tomlstate_read(&state, text->s, table, &why) == 0;
	int rc = record_comps_last(db, environments, edit_one, &e, err);

	if (rc == 0 && e.changed && !known) {
		err_move(err, &why);
		rc = err_prefix(err, "'%s.toml'", table);
	} else if (rc == 0 && e.strange) {
		rc = err_set(err, ERR_FAILED, "'%s' has a name that cannot be written",
			     e.strange);
	} else if (rc == 0 && e.changed) {
		buf_clear(text);
		tomlstate_write(&state, text);
		drop_definitions(r, db->path, definitions[environments], &e.removed, ret);
		rc = 1;
	}
	strlist_release(&e.removed);
	free(e.strange);
	tomlstate_release(&state);
	return rc;
}

/* --- all of it ---------------------------------------------------------------------------------------- */

static int edit(struct histdb *db, const struct record_order *o, struct buf *texts,
		struct error *err)
{
	struct tomlstate packages = {0}, nevras = {0};
	struct record_steps steps = {0};
	int rc = 0;

	if (tomlstate_read(&packages, texts[PACKAGES].s, "packages", err) < 0)
		rc = err_prefix(err, "'%s'", names[PACKAGES]);
	else if (tomlstate_read(&nevras, texts[NEVRAS].s, "nevras", err) < 0)
		rc = err_prefix(err, "'%s'", names[NEVRAS]);
	else if (new_cookie(&texts[SYSTEM], o->cookie_end, err) < 0)
		rc = err_prefix(err, "'%s'", names[SYSTEM]);
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
	buf_clear(&texts[PACKAGES]);
	buf_clear(&texts[NEVRAS]);
	tomlstate_write(&packages, &texts[PACKAGES]);
	tomlstate_write(&nevras, &texts[NEVRAS]);
	tomlstate_release(&packages);
	tomlstate_release(&nevras);
	return rc;
}

static int add_file(struct root *r, struct histdb *db, const char *name,
		    const struct buf *text, struct newfiles *ret, struct error *err)
{
	cleanup_free char *path = path_of(db->path, name);
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

/* dnf makes all of them anew where one is missing; those of comps it can do without. 0: one is */
static int load_all(struct root *r, const char *db, struct buf *texts, struct error *err)
{
	int rc = 1;

	for (size_t i = 0; i < FILES && rc > 0; i++) {
		cleanup_free char *path = path_of(db, names[i]);

		rc = load(r, path, &texts[i], err);
		if (rc == 0 && i >= GROUPS)
			rc = 1;
	}
	return rc;
}

static int make_all(struct root *r, struct histdb *db, struct buf *texts,
		    struct newfiles *ret, struct error *err)
{
	for (size_t i = 0; i < FILES; i++) {
		int rc = 1;

		if (i >= GROUPS)
			rc = texts[i].s ? edit_comps(r, db, i == ENVIRONMENTS, &texts[i],
						     ret, err)
					: 0;
		if (rc < 0 ||
		    (rc > 0 && add_file(r, db, names[i], &texts[i], ret, err) < 0))
			return -1;
	}
	return 0;
}

int record_state(struct root *r, struct histdb *db, const struct record_order *o,
		 struct newfiles *ret, struct error *err)
{
	struct buf texts[FILES] = {{0}};
	int rc = load_all(r, db->path, texts, err);

	if (rc > 0)
		rc = edit(db, o, texts, err);
	else if (rc == 0)
		ret = NULL;
	if (rc == 0 && ret)
		rc = make_all(r, db, texts, ret, err);
	for (size_t i = 0; i < FILES; i++)
		buf_release(&texts[i]);
	return rc;
}

void record_state_paths(struct root *r, const char *db, struct strlist *ret)
{
	for (size_t i = 0; i < FILES; i++)
		strlist_take(ret, path_of(db, names[i]));
	for (size_t i = 0; i < ELEMENTSOF(definitions); i++) {
		cleanup_free char *dir = path_of(db, definitions[i]);
		struct strlist files = {0};

		(void)root_list(r, dir, &files);
		for (uint32_t k = 0; k < files.n; k++)
			strlist_take(ret, path_join(dir, files.v[k]));
		strlist_release(&files);
	}
}
