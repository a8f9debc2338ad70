/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/wants.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "disk/spelling.h"
#include "rpm/db.h"
#include "select/manifest.h"

static int read_root(struct session *s, const char *dir, struct wanted *ret,
		     struct error *err)
{
	cleanup_root struct root *r = NULL;
	cleanup_free char *name = xasprintf("'%s'", dir);
	struct pkgset there = {0};
	struct db *db = NULL;
	int rc;

	if (root_open(dir, ROOT_READ, &r, err) < 0)
		return err_prefix(err, "--like");
	rc = db_open(r, &db, err);
	if (rc == 0)
		rc = db_load(db, &there, &s->observer, err);
	if (rc == 0)
		wanted_of_installed(&there, name, ret);
	else
		err_prefix(err, "--like '%s'", dir);
	pkgset_release(&there);
	db_free(db);
	return rc;
}

/* All of it, up to a size that no list of packages has. */
static int read_all(int fd, const char *name, struct buf *ret, struct error *err)
{
	enum { MANIFEST_MAX = 64 << 20, PIECE = 1 << 16 };
	cleanup_free char *piece = xmalloc(PIECE);

	for (;;) {
		ssize_t n = file_read_full(fd, piece, PIECE);

		if (n < 0)
			return err_errno(err, "cannot read %s", name);
		if (n == 0)
			return 0;
		buf_add(ret, piece, (size_t)n);
		if (ret->n > MANIFEST_MAX)
			return err_set(err, ERR_USAGE,
				       "%s is too long for a list of packages", name);
	}
}

static int read_file(const char *path, struct wanted *ret, struct error *err)
{
	bool is_stdin = !strcmp(path, "-");
	cleanup_free char *name = is_stdin ? xstrdup("the list on standard input")
					   : xasprintf("'%s'", path);
	cleanup_close int fd = -1;
	cleanup_buf struct buf text = {0};
	struct stat st;

	if (!is_stdin) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0 || fstat(fd, &st) < 0) {
			err_errno(err, "cannot open %s", name);
			if (err)
				err->kind = ERR_USAGE;
			return -1;
		}
		if (S_ISDIR(st.st_mode))
			return err_set(err, ERR_USAGE,
				       "%s is a folder, not a list of packages", name);
	}
	if (read_all(is_stdin ? STDIN_FILENO : fd, name, &text, err) < 0)
		return -1;
	return manifest_parse(text.s ? text.s : "", text.n, name, ret, err);
}

int wants_read(struct session *s, struct wanted *ret, struct error *err)
{
	const struct selection *sel = &s->o->selection;

	if (sel->like)
		return read_root(s, sel->like, ret, err) < 0 ? -1 : 1;
	if (sel->manifest)
		return read_file(sel->manifest, ret, err) < 0 ? -1 : 1;
	return 0;
}

const char *wants_path(const struct session *s, const char *path)
{
	const char *root = s->o->root ? s->o->root : "";
	size_t n = strlen(root);

	while (n && root[n - 1] == '/')
		n--;
	return n && !strncmp(path, root, n) && path[n] == '/' ? path + n : path;
}

void wants_only(struct root *r, const struct pkgset *installed, const char *path,
		struct strlist *paths, struct strlist *only)
{
	cleanup_free char *canonical = NULL;
	size_t n = strlen(path);
	struct strlist own = {0};

	while (n > 1 && path[n - 1] == '/')
		n--;
	{
		cleanup_free char *itself = xstrndup(path, n);

		spelling_add(r, installed, itself, &own);
		if (root_resolve(r, itself, false, &canonical, NULL) == 0)
			strlist_take(only, steal_ptr(canonical));
		else
			strlist_add(only, own.v[0] + 1);
	}
	for (uint32_t i = 0; i < own.n; i++) {
		size_t end = strlen(own.v[i]);

		strlist_add(paths, own.v[i]);
		if (end && own.v[i][end - 1] != '/')
			strlist_take(paths, xasprintf("%s/", own.v[i]));
	}
	strlist_release(&own);
}
