/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/image.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

enum {
	BLOCK = 64 * 1024,
	PROBE = 4096,
	/* ECMA-119, 8.4: the primary volume descriptor */
	DESCRIPTOR_AT = 16 * 2048,
	VOLUME_SPACE_AT = 80,
	BLOCK_SIZE_AT = 128
};

struct image {
	struct archive *a;
	char *what, *path;
	int fd;
	uint64_t size;
	int64_t offset;	   /* of the current file's content; -1 */
	const char *block; /* what libarchive gave and nobody read yet */
	size_t left;
	bool ended;
};

uint64_t image_size(int fd)
{
	uint8_t d[2048];
	uint64_t blocks;

	if (pread(fd, d, sizeof(d), DESCRIPTOR_AT) != (ssize_t)sizeof(d) ||
	    memcmp(d + 1, "CD001", 5) || d[0] != 1)
		return 0;
	blocks = d[VOLUME_SPACE_AT] | d[VOLUME_SPACE_AT + 1] << 8 |
		 d[VOLUME_SPACE_AT + 2] << 16 | (uint64_t)d[VOLUME_SPACE_AT + 3] << 24;
	return blocks * (uint64_t)(d[BLOCK_SIZE_AT] | d[BLOCK_SIZE_AT + 1] << 8);
}

static int err_archive(const struct image *m, const char *path, struct error *err)
{
	const char *why = archive_error_string(m->a);

	return err_set(err, ERR_FAILED, "%s%s%s: %s", m->what, path ? ": " : "",
		       path ? path : "", why ? why : "cannot be read");
}

int image_open(int fd, const char *what, struct image **ret, struct error *err)
{
	struct image *m = xcalloc(1, sizeof(*m));

	m->fd = fd;
	m->what = xstrdup(what);
	m->a = archive_read_new();
	if (!m->a || archive_read_support_format_iso9660(m->a) != ARCHIVE_OK ||
	    archive_read_open_fd(m->a, fd, BLOCK) != ARCHIVE_OK) {
		err_set(err, ERR_FAILED, "not an ISO 9660 image (%s)",
			(m->a ? archive_error_string(m->a) : NULL) ?: "out of memory");
		image_free(m);
		return -1;
	}
	*ret = m;
	return 0;
}

void image_free(struct image *m)
{
	if (!m)
		return;
	archive_read_free(m->a);
	free(m->what);
	free(m->path);
	free(m);
}

static int next_block(struct image *m, struct error *err)
{
	const void *block = NULL;
	int64_t at = 0;
	int rc = archive_read_data_block(m->a, &block, &m->left, &at);

	m->block = block;
	if (rc == ARCHIVE_OK || rc == ARCHIVE_WARN)
		return 0;
	m->left = 0;
	m->ended = true;
	return rc == ARCHIVE_EOF ? 0 : err_archive(m, m->path, err);
}

/*
 * libarchive does not say where a file lies. It has not consumed the block that it gave, so that the
 * place it has come to is where that block begins: believed only where the image has the same
 * bytes there, and for a file of one extent.
 */
static void find_offset(struct image *m)
{
	char there[PROBE];
	size_t n = MIN(m->left, sizeof(there));
	int64_t at = archive_filter_bytes(m->a, 0);

	if (n && at > 0 && m->size < UINT32_MAX &&
	    pread(m->fd, there, n, at) == (ssize_t)n && !memcmp(there, m->block, n))
		m->offset = at;
}

int image_next(struct image *m, struct image_file *ret, struct error *err)
{
	struct archive_entry *e;

	for (;;) {
		int rc = archive_read_next_header(m->a, &e);
		const char *path;

		if (rc == ARCHIVE_EOF)
			return 0;
		/* a name that cannot be in this locale is a warning, and comes as bytes */
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			return err_archive(m, NULL, err);
		path = archive_entry_pathname(e);
		if (archive_entry_filetype(e) != AE_IFREG || !path || !*path ||
		    archive_entry_hardlink(e) || archive_entry_size(e) < 0)
			continue;
		free(m->path);
		m->path = xstrdup(path);
		m->size = (uint64_t)archive_entry_size(e);
		m->offset = -1;
		m->block = NULL;
		m->left = 0;
		m->ended = false;
		*ret = (struct image_file){m->path, m->size};
		return 1;
	}
}

ssize_t image_read(struct image *m, void *buf, size_t n, struct error *err)
{
	char *to = buf;
	size_t have = 0;

	while (have < n && !m->ended) {
		size_t piece;

		if (!m->left) {
			bool first = !m->block;

			if (next_block(m, err))
				return -1;
			if (first)
				find_offset(m);
			continue;
		}
		piece = MIN(m->left, n - have);
		memcpy(to + have, m->block, piece);
		m->block += piece;
		m->left -= piece;
		have += piece;
	}
	return (ssize_t)have;
}

int64_t image_offset(const struct image *m)
{
	return m->offset;
}
