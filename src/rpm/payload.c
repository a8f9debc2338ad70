/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/payload.h"

#include <sys/stat.h>
#include <unistd.h>

#include <rpm/header.h>
#include <rpm/rpmarchive.h>
#include <rpm/rpmfi.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmio.h>

#include "rpm/frame.h"
#include "rpm/hdr.h"
#include "rpm/librpm.h"

/* librpm reads a link's target into memory, by the length that the header says */
#define LINK_MAX_BYTES 65536

struct payload {
	char *what;
	struct pkg *pkg;
	Header header;
	rpmfiles files;
	FD_t fd;
	rpmfi archive;
	bool *seen; /* by file */
	uint32_t current;
	bool has_data;
	uint64_t left;	 /* bytes of the current member, by its header */
	int raw_fd;	 /* borrowed */
	uint64_t raw_at; /* offset of the payload in it */
	bool begun;
};

static const char *const compressors[] = {"gzip", "bzip2", "lzma", "xz", "zstd"};

/* How librpm opens it; NULL: a compressor that nobody knows. */
static const char *io_mode(const char *compressor)
{
	static const char *const modes[] = {"r.gzdio", "r.bzdio", "r.lzdio", "r.xzdio",
					    "r.zstdio"};

	for (size_t i = 0; i < ELEMENTSOF(compressors); i++)
		if (strcmp(compressors[i], compressor) == 0)
			return modes[i];
	return NULL;
}

static int refuse_compressor(const struct payload *p, struct error *err)
{
	return err_set(
		err, ERR_FAILED,
		"the payload of %s is compressed with %s, which librpm of this host cannot read",
		p->what, p->pkg->compressor);
}

/*
 * librpm hands out what it cannot decompress as it is. True where the first bytes that it reads are
 * those of the file, and the file is no archive without compression, which gzip's reader passes.
 */
static bool comes_out_raw(const struct payload *p)
{
	char raw[6], read_by_librpm[6];
	cleanup_rpmfd FD_t fd = NULL;

	if (pread(p->raw_fd, raw, sizeof(raw), (off_t)p->raw_at) != sizeof(raw))
		return false;
	fd = librpm_fdopen(p->raw_fd, p->raw_at, io_mode(p->pkg->compressor));
	return memcmp(raw, "07070", 5) != 0 && fd &&
	       Fread(read_by_librpm, sizeof(raw), 1, fd) == sizeof(raw) &&
	       memcmp(raw, read_by_librpm, sizeof(raw)) == 0;
}

static int check_links(const struct payload *p, struct error *err)
{
	for (uint32_t i = 0; i < p->pkg->files.n; i++) {
		const struct pkgfile *f = &p->pkg->files.v[i];

		if (S_ISLNK(f->mode) && f->size > LINK_MAX_BYTES)
			return err_set(
				err, ERR_FAILED,
				"the header of %s is damaged: a link of %llu bytes",
				p->what, (unsigned long long)f->size);
	}
	return 0;
}

static int begin(struct payload *p, struct error *err)
{
	const char *mode = io_mode(p->pkg->compressor);

	if (!mode)
		return refuse_compressor(p, err);
	p->files = rpmfilesNew(NULL, p->header, 0,
			       RPMFI_KEEPHEADER | RPMFI_NOFILECLASS | RPMFI_NOFILEDEPS |
				       RPMFI_NOFILEDIGESTS | RPMFI_NOFILESIGNATURES);
	if (!p->files || (uint32_t)rpmfilesFC(p->files) != p->pkg->files.n)
		return err_set(err, ERR_FAILED, "librpm cannot read the file list of %s",
			       p->what);
	p->fd = librpm_fdopen(p->raw_fd, p->raw_at, mode);
	if (!p->fd)
		return refuse_compressor(p, err);
	p->archive = rpmfiNewArchiveReader(p->fd, p->files, RPMFI_ITER_READ_ARCHIVE);
	if (!p->archive)
		return err_set(err, ERR_FAILED, "librpm cannot read the payload of %s",
			       p->what);
	p->seen = xcalloc(p->pkg->files.n + 1, sizeof(*p->seen));
	return 0;
}

int payload_open(int fd, const char *what, const struct digest *expect,
		 struct payload **ret, struct error *err)
{
	struct payload *p = xcalloc(1, sizeof(*p));
	struct frame frame;

	p->what = xstrdup(what);
	p->raw_fd = fd;
	if (hdr_read_file(fd, what, &p->header, err) ||
	    hdr_read(p->header, HDR_FILES, what, &p->pkg, err) ||
	    frame_read(fd, what, &frame, err))
		goto fail;
	if (!digest_is_same(&p->pkg->hdrdigest, expect)) {
		err_set(err, ERR_UNTRUSTED,
			"the package %s is another one than when the plan was made",
			what);
		goto fail;
	}
	p->raw_at = frame.payload_at;
	if (check_links(p, err) || begin(p, err))
		goto fail;
	*ret = p;
	return 0;
fail:
	payload_free(p);
	return -1;
}

static int fail(struct payload *p, int code, struct error *err)
{
	cleanup_free char *text = NULL;

	if (!p->begun && comes_out_raw(p))
		return refuse_compressor(p, err);
	text = rpmfileStrerror(code);
	if (p->begun)
		return err_set(
			err, ERR_FAILED, "the payload of %s is damaged behind '%s%s': %s",
			p->what, p->pkg->files.v[p->current].dir,
			p->pkg->files.v[p->current].base, text ? text : "cannot be read");
	return err_set(err, ERR_FAILED, "the payload of %s is damaged: %s", p->what,
		       text ? text : "cannot be read");
}

int payload_next(struct payload *p, uint32_t *ret_file, bool *ret_has_data,
		 struct error *err)
{
	int code = rpmfiNext(p->archive);
	int file;

	if (code == RPMERR_ITER_END)
		return 0;
	if (code < 0)
		return fail(p, code, err);
	file = rpmfiFX(p->archive);
	if (file < 0 || (uint32_t)file >= p->pkg->files.n)
		return fail(p, RPMERR_UNMAPPED_FILE, err);
	if (p->seen[file])
		return err_set(err, ERR_FAILED,
			       "the payload of %s is damaged: '%s%s' is in it twice",
			       p->what, p->pkg->files.v[file].dir,
			       p->pkg->files.v[file].base);
	p->seen[file] = true;
	p->begun = true;
	p->current = (uint32_t)file;
	p->has_data = rpmfiArchiveHasContent(p->archive);
	p->left = p->has_data ? p->pkg->files.v[file].size : 0;
	*ret_file = p->current;
	*ret_has_data = p->has_data;
	return 1;
}

ssize_t payload_read(struct payload *p, void *buf, size_t n, struct error *err)
{
	const struct pkgfile *f = &p->pkg->files.v[p->current];
	ssize_t got;

	if (!p->has_data || n == 0)
		return 0;
	got = (ssize_t)rpmfiArchiveRead(p->archive, buf, n);
	if (got < 0 || (got == 0 && p->left > 0))
		return err_set(
			err, ERR_FAILED,
			"the payload of %s is damaged: it ends in '%s%s', %llu bytes too early",
			p->what, f->dir, f->base, (unsigned long long)p->left);
	if ((uint64_t)got > p->left)
		return err_set(
			err, ERR_FAILED,
			"the payload of %s is damaged: '%s%s' is longer than the header says",
			p->what, f->dir, f->base);
	p->left -= (uint64_t)got;
	return got;
}

void payload_free(struct payload *p)
{
	if (!p)
		return;
	rpmfiFree(p->archive);
	rpmfilesFree(p->files);
	if (p->fd)
		Fclose(p->fd);
	headerFree(p->header);
	pkg_free(p->pkg);
	free(p->seen);
	free(p->what);
	free(p);
}
