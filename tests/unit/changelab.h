/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TESTS_CHANGELAB_H
#define PUTBACK_TESTS_CHANGELAB_H
/* A root with packages of rpmlab.h, and changes to it, for the tests of what librpm makes of them. */
#include "rpmlab.h"

#include "rpm/db.h"

struct changelab {
	struct scene scene;
	struct db *db;
	struct pkgset installed;
	struct changes changes;
};

/* Takes the headers. */
_unused_ static void changelab_init(struct changelab *l, Header *h, uint32_t n)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *dir = NULL;
	struct root *r = NULL;

	*l = (struct changelab){.scene = scene_new()};
	scene_dir(&l->scene, "var");
	scene_dir(&l->scene, "var/lib");
	scene_dir(&l->scene, "var/lib/rpm");
	dir = scene_path(&l->scene, "var/lib/rpm");
	for (uint32_t i = 0; i < n; i++)
		h[i] = lab_seal(h[i]);
	lab_db(dir, l->scene.dir, h, n);
	for (uint32_t i = 0; i < n; i++)
		headerFree(h[i]);
	if (root_open(l->scene.root, ROOT_READ, &r, &err) || db_open(r, &l->db, &err) ||
	    db_load(l->db, &l->installed, NULL, &err))
		fail_msg("%s", err.msg);
	root_free(r);
}

_unused_ static void changelab_release(struct changelab *l)
{
	changes_release(&l->changes);
	pkgset_release(&l->installed);
	db_free(l->db);
	scene_free(&l->scene);
}
#define cleanup_changelab __attribute__((cleanup(changelab_release)))

_unused_ static struct pkg *installed(const struct changelab *l, const char *name)
{
	for (uint32_t i = 0; i < l->installed.n; i++)
		if (strcmp(l->installed.v[i]->id.name, name) == 0)
			return l->installed.v[i];
	fail_msg("%s is not installed", name);
	return NULL;
}

/* from: name of an installed package, or NULL; fd: of the package that comes, or -1. Takes fd. */
_unused_ static struct change *change_fd(struct changelab *l, const char *from, int fd,
					 const char *path)
{
	cleanup_error struct error err = ERROR_INIT;
	struct change *c = array_push(&l->changes.list);
	cleanup_header Header h = NULL;

	c->kind = !from ? CHANGE_INSTALL : fd < 0 ? CHANGE_REMOVE : CHANGE_DOWNGRADE;
	c->from = from ? installed(l, from) : NULL;
	if (fd < 0)
		return c;
	if (hdr_read_file(fd, path, &h, &err) ||
	    hdr_read(h, HDR_FILES, path, &c->to, &err))
		fail_msg("%s", err.msg);
	pkgset_take(&l->changes.arriving, c->to);
	c->location = xstrdup(path);
	close(fd);
	return c;
}

/* Takes the header. */
_unused_ static struct change *change_to(struct changelab *l, const char *from, Header h)
{
	cleanup_free char *path =
		xasprintf("%s/pkg%u.rpm", l->scene.dir, l->changes.list.n);
	Header sealed = lab_seal(h);
	int fd = lab_package(path, sealed, NULL, 0);

	headerFree(sealed);
	return change_fd(l, from, fd, path);
}

_unused_ static void change_remove(struct changelab *l, const char *from)
{
	change_fd(l, from, -1, NULL);
}

_unused_ static int changelab_open(void *ctx, uint32_t i, struct error *err)
{
	const struct changelab *l = ctx;
	int fd = open(l->changes.list.v[i].location, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? err_errno(err, "cannot open a package") : fd;
}

#endif
