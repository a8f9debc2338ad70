/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * donor:DIR, another machine's root that has the wanted versions installed. Headers come out of its
 * rpmdb, with their signatures; the content of files out of its files, each of which must match the
 * digest in its header. It may be as suspect as the root itself: nothing in it is executed, no
 * path of it is followed out of it, and nothing of it is changed.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rpm/db.h"
#include "source/source.h"

#define PREFIX "donor:"

struct donor {
	struct root *root;
	struct db *db;
};

static int donor_is_mine(const char *spec)
{
	return !strncmp(spec, PREFIX, strlen(PREFIX));
}

const char *donor_root(const char *spec)
{
	return donor_is_mine(spec) ? spec + strlen(PREFIX) : NULL;
}

/* --- its packages ----------------------------------------------------------------------------------- */

struct indexing {
	struct source *source;
	const struct observer *observer;
	uint32_t seen;
};

/* A record's place, for messages and for open_package(): "/mnt/b/var/lib/rpm#17" */
static char *location_of(const struct donor *d, uint32_t instance)
{
	return xasprintf("%s/%s#%u", d->root->path, d->db->dir, instance);
}

static int add_row(void *ctx, uint32_t instance, struct head *h, const char *why,
		   struct error *err)
{
	struct indexing *x = ctx;
	struct donor *d = x->source->data;
	cleanup_free char *location = location_of(d, instance);

	if (observer_stop(x->observer))
		return err_set(err, ERR_FAILED, "stopped, as asked for");
	observer_progress(x->observer, PHASE_INDEX, ++x->seen, d->db->count, false, 0);
	if (!h)
		source_remark(x->source, "%s: %s", location, why);
	else if (!pkg_is_pseudo(h->pkg))
		source_add_head(x->source, h, location);
	return 0;
}

static int refuse_the_root_itself(const struct source *s, const struct donor *d,
				  struct error *err)
{
	struct stat a, b;

	if (fstat(s->root->fd, &a) == 0 && fstat(d->root->fd, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		return err_set(err, ERR_USAGE,
			       "'%s' is the root itself, which cannot be its own donor",
			       d->root->path);
	return 0;
}

static int donor_index(struct source *s, const struct observer *o, struct error *err)
{
	struct donor *d = xcalloc(1, sizeof(*d));
	struct indexing x = {s, o, 0};

	s->data = d;
	if (!s->spec[strlen(PREFIX)])
		return err_set(err, ERR_USAGE, "it names no folder: donor:DIR");
	if (root_open(donor_root(s->spec), ROOT_READ, &d->root, err) ||
	    refuse_the_root_itself(s, d, err) || db_open(d->root, &d->db, err) ||
	    db_heads(d->db, HEAD_DEPS, add_row, &x, err))
		return -1;
	strlist_take(&s->looked_at, xasprintf("%s/%s (the donor's rpmdb, %u packages)",
					      d->root->path, d->db->dir, d->db->count));
	return 0;
}

static void donor_release(struct source *s)
{
	struct donor *d = s->data;

	if (!d)
		return;
	db_free(d->db);
	root_free(d->root);
	free(d);
}

/* --- one package ------------------------------------------------------------------------------------ */

static int donor_open_package(struct source *s, const char *location, struct error *err)
{
	struct donor *d = s->data;
	const char *number = strrchr(location, '#');
	cleanup_close int fd =
		memfd_create("putback-donor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	cleanup_head struct head h = {0};

	if (fd < 0)
		return err_errno(err, "cannot make room for the header of '%s'",
				 location);
	if (!number)
		BUG("'%s' is no record of a donor", location);
	if (db_head(d->db, (uint32_t)strtoul(number + 1, NULL, 10), 0, fd, location, &h,
		    err))
		return -1;
	/* who wrote it may keep it open, and shall not change it once it was judged */
	if (fcntl(fd, F_ADD_SEALS,
		  F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, "cannot read the header of '%s'", location);
	return steal_fd(&fd);
}

static int donor_open_file(struct source *s, const struct pkg *p, uint32_t file,
			   struct error *err)
{
	struct donor *d = s->data;
	cleanup_buf struct buf path = {0};
	cleanup_free char *shown = quoted(pkgfile_path(&p->files.v[file], &path));
	struct root *r = root_dup(d->root); /* another thread may be at it too */
	struct stat st;
	int fd;

	if (!r)
		return err_errno(err, "cannot open '%s' on the donor '%s'", shown,
				 d->root->path);
	fd = root_open_packaged(r, path.s, O_RDONLY);
	if (fd < 0)
		err_errno(err, "cannot open '%s' on the donor '%s'", shown,
			  d->root->path);
	root_free(r);
	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		return err_set(err, ERR_FAILED,
			       "'%s' on the donor '%s' is no regular file", shown,
			       d->root->path);
	}
	return fd;
}

const struct source_ops donor_ops = {
	.kind = "donor",
	.is_mine = donor_is_mine,
	.index = donor_index,
	.open_package = donor_open_package,
	.open_file = donor_open_file,
	.release = donor_release,
};
