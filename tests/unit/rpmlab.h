/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TESTS_RPMLAB_H
#define PUTBACK_TESTS_RPMLAB_H
/*
 * Headers, package files and databases out of nothing, for the tests of src/rpm: no rpmbuild, and
 * things that rpmbuild would never make. Files go where scene.h keeps them.
 */
#include "scene.h"

#include <sys/mman.h>

#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmds.h>
#include <rpm/rpmio.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>

#include "base/buf.h"
#include "base/file.h"
#include "rpm/db_make.h"
#include "rpm/hdr.h"
#include "rpm/head.h"
#include "rpm/librpm.h"

_unused_ static void assert_error(const struct error *err, enum error_kind kind,
				  const char *part)
{
	if (err->kind != kind || !err->msg || !strstr(err->msg, part))
		fail_msg("error %d '%s', wanted %d with '%s'", err->kind,
			 err->msg ? err->msg : "", kind, part);
}

_unused_ static int open_fixture(const char *name)
{
	cleanup_free char *path = xasprintf("%s/tests/fixtures/rpm/%s",
					    getenv("PUTBACK_SRCDIR") ?: ".", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail_msg("cannot open %s", path);
	return fd;
}

_unused_ static void read_fixture(const char *name, struct buf *ret)
{
	cleanup_close int fd = open_fixture(name);
	char block[4096];
	ssize_t n;

	while ((n = file_read_full(fd, block, sizeof(block))) > 0)
		buf_add(ret, block, (size_t)n);
	assert_int_equal(n, 0);
}

/* The bytes as a file without a name, at its beginning. */
_unused_ static int file_of(const void *p, size_t n)
{
	int fd = memfd_create("rpmlab", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, p, n), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* --- headers -------------------------------------------------------------------------- */

/* What the header says, for who plans; bytes: in which it lies. */
_unused_ static void lab_head(Header h, unsigned parts, struct buf *bytes,
			      struct head *ret)
{
	cleanup_error struct error err = ERROR_INIT;

	if (head_write(h, 0, parts, "it", bytes, &err) ||
	    head_read(bytes->s, bytes->n, 0, "it", ret, &err))
		fail_msg("%s", err.msg);
}

_unused_ static Header lab_header(const char *name, const char *version)
{
	Header h = headerNew();

	headerPutString(h, RPMTAG_NAME, name);
	headerPutString(h, RPMTAG_VERSION, version);
	headerPutString(h, RPMTAG_RELEASE, "1");
	headerPutString(h, RPMTAG_ARCH, "noarch");
	headerPutString(h, RPMTAG_OS, "linux");
	headerPutString(h, RPMTAG_SOURCERPM, "lab-1-1.src.rpm");
	headerPutString(h, RPMTAG_PAYLOADFORMAT, "cpio");
	headerPutString(h, RPMTAG_PAYLOADCOMPRESSOR, "gzip");
	return h;
}

enum lab_dep { LAB_PROVIDE, LAB_REQUIRE, LAB_CONFLICT, LAB_OBSOLETE };

_unused_ static void lab_dep(Header h, enum lab_dep kind, const char *name,
			     uint32_t sense, const char *version)
{
	static const rpmTagVal tags[][3] = {
		{RPMTAG_PROVIDENAME, RPMTAG_PROVIDEFLAGS, RPMTAG_PROVIDEVERSION},
		{RPMTAG_REQUIRENAME, RPMTAG_REQUIREFLAGS, RPMTAG_REQUIREVERSION},
		{RPMTAG_CONFLICTNAME, RPMTAG_CONFLICTFLAGS, RPMTAG_CONFLICTVERSION},
		{RPMTAG_OBSOLETENAME, RPMTAG_OBSOLETEFLAGS, RPMTAG_OBSOLETEVERSION},
	};

	headerPutString(h, tags[kind][0], name);
	headerPutUint32(h, tags[kind][1], &sense, 1);
	headerPutString(h, tags[kind][2], version);
}

/* A file list of n plain files in two folders: /opt/NAME/ and /opt/NAME/sub/. */
_unused_ static void lab_files(Header h, const char *name, uint32_t n)
{
	cleanup_free char *top = xasprintf("/opt/%s/", name),
			  *sub = xasprintf("%ssub/", top);
	const char *both[2] = {top, sub};

	headerPutStringArray(h, RPMTAG_DIRNAMES, both, 2);
	for (uint32_t i = 0; i < n; i++) {
		cleanup_free char *base = xasprintf("file%u", i);
		uint32_t dir = i % 2, size = 1, mtime = 1000 + i, flags = 0, dev = 1,
			 ino = i + 1;
		uint16_t mode = S_IFREG | 0644, rdev = 0;

		headerPutString(h, RPMTAG_BASENAMES, base);
		headerPutUint32(h, RPMTAG_DIRINDEXES, &dir, 1);
		headerPutUint32(h, RPMTAG_FILESIZES, &size, 1);
		headerPutUint32(h, RPMTAG_FILEMTIMES, &mtime, 1);
		headerPutUint32(h, RPMTAG_FILEFLAGS, &flags, 1);
		headerPutUint32(h, RPMTAG_FILEDEVICES, &dev, 1);
		headerPutUint32(h, RPMTAG_FILEINODES, &ino, 1);
		headerPutUint16(h, RPMTAG_FILEMODES, &mode, 1);
		headerPutUint16(h, RPMTAG_FILERDEVS, &rdev, 1);
		headerPutString(h, RPMTAG_FILEUSERNAME, "root");
		headerPutString(h, RPMTAG_FILEGROUPNAME, "root");
		headerPutString(h, RPMTAG_FILELINKTOS, "");
		headerPutString(h, RPMTAG_FILEDIGESTS, "");
	}
}

/* As rpmbuild seals it, with its immutable region, and as it is when read back. Takes h. */
_unused_ static Header lab_seal(Header h)
{
	cleanup_free void *blob = NULL;
	size_t n;

	h = headerReload(h, RPMTAG_HEADERIMMUTABLE);
	blob = hdr_export(h, &n);
	headerFree(h);
	h = hdr_import(blob, n, "lab", NULL);
	assert_non_null(h);
	return h;
}

/* --- package files ------------------------------------------------------------------------ */

/* A package file of a sealed header and a payload: fd. */
_unused_ static int lab_package(const char *path, Header h, const void *payload, size_t n)
{
	static const uint8_t lead[96] = {0xed, 0xab, 0xee, 0xdb,     3,
					 0,    0,    0,	   0,	     1,
					 'l',  'a',  'b',  [77] = 1, [79] = 5};
	Header sig = headerNew();
	uint32_t size = headerSizeof(h, HEADER_MAGIC_YES) + (uint32_t)n;
	static const char zeros[8];
	FD_t fd = Fopen(path, "w.ufdio");
	struct rpmtd_s td;
	unsigned pad;

	assert_non_null(fd);
	/* RPMSIGTAG_SIZE, which shares its number with RPMTAG_NAME */
	rpmtdReset(&td);
	td.tag = 1000;
	td.type = RPM_INT32_TYPE;
	td.count = 1;
	td.data = &size;
	assert_true(headerPut(sig, &td, HEADERPUT_DEFAULT));
	sig = headerReload(sig, RPMTAG_HEADERSIGNATURES);
	assert_int_equal(Fwrite(lead, 1, sizeof(lead), fd), sizeof(lead));
	assert_int_equal(headerWrite(fd, sig, HEADER_MAGIC_YES), 0);
	pad = (8 - headerSizeof(sig, HEADER_MAGIC_YES) % 8) % 8;
	if (pad)
		assert_int_equal(Fwrite(zeros, 1, pad, fd), pad);
	assert_int_equal(headerWrite(fd, h, HEADER_MAGIC_YES), 0);
	if (n)
		assert_int_equal(Fwrite(payload, 1, n, fd), n);
	Fclose(fd);
	headerFree(sig);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* --- databases -------------------------------------------------------------------------------- */

/* Adds headers to the sqlite rpmdb in a folder; the folder's own lock file is not made. */
_unused_ static void lab_db(const char *folder, const char *lock_folder, Header *h,
			    uint32_t n)
{
	cleanup_error struct error err = ERROR_INIT;
	struct db_make *m;
	uint32_t instance;

	if (db_make_begin(folder, lock_folder, DB_SQLITE, &m, &err))
		fail_msg("%s", err.msg);
	for (uint32_t i = 0; i < n; i++)
		if (db_make_add(m, h[i], "lab", &instance, &err))
			fail_msg("%s", err.msg);
	if (db_make_finish(m, &err))
		fail_msg("%s", err.msg);
}

#endif
