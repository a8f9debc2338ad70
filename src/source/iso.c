/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * An ISO 9660 image, or the device of a disc, read without mounting it. One pass takes the headers;
 * where each package lies in the image is learned with them, so that one is copied out without another.
 * Packages go to the --cache folder, and stay there; without one into memory while they are used.
 */
#include <errno.h>
#include <fcntl.h>
#include <rpm/header.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strmap.h"
#include "rpm/frame.h"
#include "rpm/reader.h"
#include "source/depot.h"
#include "source/image.h"
#include "source/learned.h"
#include "source/source.h"

enum {
	HEAD_FIRST = 64 * 1024, /* most headers are shorter */
	HEADERS_MAX = 64 << 20,
	PIECE = 128 * 1024,
	FILES_MAX = 2000000
};

struct place {
	int64_t offset; /* -1: only a walk through the image finds it */
	uint64_t size;
};

struct iso {
	struct arena mem;
	struct strmap at; /* location -> index */
	ARRAY(struct place) places;
	char *identity; /* NULL: it cannot be told */
	struct stat st;
};

static bool is_image_name(const char *spec)
{
	size_t n = strlen(spec);

	return n > 4 && !strcasecmp(spec + n - 4, ".iso");
}

static int iso_is_mine(const char *spec)
{
	struct stat st;

	return stat(spec, &st) == 0 &&
	       (S_ISBLK(st.st_mode) || (S_ISREG(st.st_mode) && is_image_name(spec)));
}

static void iso_release(struct source *s)
{
	struct iso *iso = s->data;

	if (!iso)
		return;
	strmap_release(&iso->at);
	array_release(&iso->places);
	arena_release(&iso->mem);
	free(iso->identity);
	free(iso);
}

/* --- reading the headers ----------------------------------------------------------------------- */

static bool has_rpm_suffix(const char *path)
{
	size_t n = strlen(path);

	/* an image without Rock Ridge and Joliet has names in capitals */
	return n > 4 && !strcasecmp(path + n - 4, ".rpm");
}

static bool is_head_whole(int fd)
{
	struct frame f;

	if (frame_read(fd, "", &f, NULL) || f.state == FRAME_NOT_A_PACKAGE ||
	    f.state == FRAME_DAMAGED)
		return true; /* more of it would not help */
	return f.payload_at && f.payload_at <= f.file_size;
}

/* As much of the current file as its headers take, into fd. */
static int read_head(struct image *m, uint64_t size, int fd, struct error *err)
{
	cleanup_free char *piece = xmalloc(HEAD_FIRST);
	uint64_t have = 0, next = HEAD_FIRST;

	if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET))
		return err_errno(err, "cannot hold a header in memory");
	while (have < MIN(size, (uint64_t)HEADERS_MAX)) {
		ssize_t n = image_read(m, piece, MIN(HEAD_FIRST, size - have), err);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		if (file_write_all(fd, piece, (size_t)n))
			return err_errno(err, "cannot hold a header in memory");
		have += (uint64_t)n;
		if (have < next)
			continue;
		if (is_head_whole(fd))
			break;
		next *= 2;
	}
	return 0;
}

static void add_package(struct source *s, struct image *m, const struct image_file *f,
			int fd)
{
	const struct iso *iso = s->data;
	cleanup_free char *location = xasprintf("%s:%s", s->spec, f->path);
	cleanup_error struct error why = ERROR_INIT;
	cleanup_head struct head h = {0};
	int id;

	if (read_head(m, f->size, fd, &why) ||
	    reader_file(fd, HEAD_DEPS, location, &h, &why)) {
		source_remark(s, "%s", why.msg);
		return;
	}
	id = source_add_head(s, &h, location);
	catalog_set_range(s->catalog, id, image_offset(m), f->size);
	learned_note(s, id, iso->identity);
}

static int go_through(struct source *s, int image, const struct observer *o,
		      struct error *err)
{
	cleanup_close int fd = memfd_create("putback-header", MFD_CLOEXEC);
	cleanup_error struct error why = ERROR_INIT;
	struct image_file f;
	struct image *m;
	uint32_t files = 0;
	int rc;

	if (fd < 0)
		return err_errno(err, "cannot hold a header in memory");
	if (image_open(image, s->spec, &m, err))
		return -1;
	while ((rc = image_next(m, &f, &why)) == 1) {
		if (observer_stop(o)) {
			image_free(m);
			return err_set(err, ERR_FAILED, "stopped, as asked for");
		}
		if (++files > FILES_MAX) {
			source_remark(
				s, "%s: more than %d files; the rest was not looked at",
				s->spec, FILES_MAX);
			break;
		}
		if (has_rpm_suffix(f.path))
			add_package(s, m, &f, fd);
		observer_progress(o, PHASE_INDEX, files, 0, false, 0);
	}
	image_free(m);
	/* nothing at all: no image; something: a damaged one, of which the rest may be whole */
	if (rc < 0 && !files)
		return err_set(err, ERR_FAILED, "not an ISO 9660 image, or damaged (%s)",
			       why.msg);
	if (rc < 0)
		source_remark(s, "%s", why.msg);
	return 0;
}

static void remember_places(struct source *s)
{
	struct iso *iso = s->data;
	const int *ids;
	uint32_t n = catalog_list(s->catalog, s->repo, &ids);

	for (uint32_t i = 0; i < n; i++) {
		struct place place;

		catalog_range(s->catalog, ids[i], &place.offset, &place.size);
		strmap_set(&iso->at,
			   arena_strdup(&iso->mem, catalog_location(s->catalog, ids[i])),
			   iso->places.n);
		array_add(&iso->places, place);
	}
	free((void *)ids);
}

static void check_length(struct source *s, int fd)
{
	const struct iso *iso = s->data;
	uint64_t want = image_size(fd);

	if (S_ISREG(iso->st.st_mode) && want > (uint64_t)iso->st.st_size)
		source_remark(s, "%s: truncated, %s of %s are there", s->spec,
			      human_size((uint64_t)iso->st.st_size), human_size(want));
}

static int open_image(const struct source *s, struct error *err)
{
	int fd = open(s->spec, O_RDONLY | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? err_errno(err, "cannot open '%s'", s->spec) : fd;
}

static int iso_index(struct source *s, const struct observer *o, struct error *err)
{
	cleanup_close int fd = open_image(s, err);
	cleanup_free char *real = realpath(s->spec, NULL);
	struct iso *iso = xcalloc(1, sizeof(*iso));
	int rc = 0;

	s->data = iso;
	strlist_add(&s->looked_at, s->spec);
	if (fd < 0)
		return -1;
	if (fstat(fd, &iso->st))
		return err_errno(err, "cannot look at it");
	/* another disc in the drive changes nothing of its device */
	if (S_ISREG(iso->st.st_mode))
		iso->identity = learned_identity(&iso->st);
	check_length(s, fd);
	learned_begin(s, real ? real : s->spec);
	if (!learned_has_all(s, iso->identity))
		rc = go_through(s, fd, o, err);
	learned_end(s, rc);
	if (rc)
		return -1;
	remember_places(s);
	if (!iso->places.n)
		source_remark(s, "%s: there is no package in this image", s->spec);
	return 0;
}

/* --- taking packages out ------------------------------------------------------------------------ */

static int copy_range(int from, const struct place *p, int to)
{
	cleanup_free char *piece = xmalloc(PIECE);

	for (uint64_t done = 0; done < p->size;) {
		ssize_t n = pread(from, piece, MIN((uint64_t)PIECE, p->size - done),
				  p->offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENODATA;
		if (n <= 0 || file_write_all(to, piece, (size_t)n))
			return -1;
		done += (uint64_t)n;
	}
	return 0;
}

static int copy_by_walk(const struct source *s, int from, const char *path, int to,
			struct error *err)
{
	cleanup_free char *piece = xmalloc(PIECE);
	struct image_file f;
	struct image *m;
	ssize_t n = -1;
	int rc;

	if (image_open(from, s->spec, &m, err))
		return -1;
	while ((rc = image_next(m, &f, err)) == 1 && strcmp(f.path, path))
		;
	while (rc == 1 && (n = image_read(m, piece, PIECE, err)) > 0) {
		if (file_write_all(to, piece, (size_t)n)) {
			err_errno(err, "cannot copy '%s:%s'", s->spec, path);
			rc = -1;
		}
	}
	image_free(m);
	if (rc == 0)
		return err_set(err, ERR_FAILED, "'%s:%s' is not there any more", s->spec,
			       path);
	return rc < 0 || n < 0 ? -1 : 0;
}

static int copy_out(const struct source *s, const char *location, const struct place *p,
		    int to, struct error *err)
{
	const struct iso *iso = s->data;
	cleanup_close int from = open_image(s, err);
	struct stat st;

	if (from < 0)
		return -1;
	if (fstat(from, &st) || st.st_ino != iso->st.st_ino ||
	    st.st_size != iso->st.st_size || st.st_mtime != iso->st.st_mtime)
		return err_set(err, ERR_FAILED, "'%s' has changed while it was looked at",
			       s->spec);
	if (p->offset < 0)
		return copy_by_walk(s, from, location + strlen(s->spec) + 1, to, err);
	if (copy_range(from, p, to))
		return err_errno(err, "cannot copy '%s'", location);
	return 0;
}

/* A name in the depot that no other image's package has. */
static char *name_in_depot(const struct iso *iso, const char *location)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	cleanup_buf struct buf hex = {0};
	struct digest digest;

	digester_update(d, iso->identity, strlen(iso->identity) + 1);
	digester_update(d, location, strlen(location));
	digester_finish(d, &digest);
	buf_hex(&hex, digest.bytes, 12);
	return xasprintf("%s.rpm", hex.s);
}

static int take_into_depot(const struct source *s, const char *location,
			   const struct place *p, struct error *err)
{
	cleanup_free char *name = name_in_depot(s->data, location);
	cleanup_free char *path = depot_path(s->depot, name);
	cleanup_outfile struct outfile out = {0};
	struct stat st;
	int fd = depot_open_file(s->depot, name);

	if (fd >= 0 && fstat(fd, &st) == 0 && (uint64_t)st.st_size == p->size)
		return fd;
	cleanup_closep(&fd);
	if (!depot_has_room(s->depot, p->size))
		return err_set(
			err, ERR_REFUSED,
			"'%s' has no room for %s of '%s'; name another folder with "
			"--cache",
			s->depot->path, human_size(p->size), location);
	if (file_begin(path, 0600, &out, err) || copy_out(s, location, p, out.fd, err) ||
	    file_finish(&out, err))
		return -1;
	fd = depot_open_file(s->depot, name);
	return fd < 0 ? err_errno(err, "cannot open '%s'", path) : fd;
}

static int iso_open_package(struct source *s, const char *location, struct error *err)
{
	const struct iso *iso = s->data;
	cleanup_close int fd = -1;
	uint32_t i;

	if (!strmap_get(&iso->at, location, &i))
		return err_set(err, ERR_FAILED, "'%s' is not in '%s'", location, s->spec);
	if (s->depot && s->depot->named && iso->identity)
		return take_into_depot(s, location, &iso->places.v[i], err);
	fd = depot_temporary(s->depot, iso->places.v[i].size, location, err);
	if (fd < 0 || copy_out(s, location, &iso->places.v[i], fd, err))
		return -1;
	if (lseek(fd, 0, SEEK_SET))
		return err_errno(err, "cannot read '%s'", location);
	return steal_fd(&fd);
}

const struct source_ops iso_ops = {
	.kind = "iso",
	.is_mine = iso_is_mine,
	.index = iso_index,
	.open_package = iso_open_package,
	.release = iso_release,
};
