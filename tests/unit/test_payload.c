/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpmlab.h"

#include "rpm/frame.h"
#include "rpm/payload.h"

static struct pkg *pkg_of(int fd)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_header Header h = NULL;
	struct pkg *p = NULL;

	if (hdr_read_file(fd, "pkg", &h, &err) || hdr_read(h, HDR_FILES, "pkg", &p, &err))
		fail_msg("%s", err.msg);
	return p;
}

/* Reads all, a few bytes at a time, and checks digests. -1: err says why. */
static int read_all(int fd, const struct pkg *p, uint32_t *ret_members, struct error *err)
{
	struct payload *pl = NULL;
	uint32_t file;
	bool data;
	int rc;

	*ret_members = 0;
	if (payload_open(fd, "pkg", &p->hdrdigest, &pl, err))
		return -1;
	while ((rc = payload_next(pl, &file, &data, err)) == 1) {
		const struct pkgfile *f = &p->files.v[file];
		struct digester *d = digester_new(p->digest_algo);
		struct digest got;
		char block[5];
		ssize_t n = 0;

		++*ret_members;
		while (data && (n = payload_read(pl, block, sizeof(block), err)) > 0)
			digester_update(d, block, (size_t)n);
		digester_finish(d, &got);
		if (n < 0) {
			rc = -1;
			break;
		}
		if (data) {
			assert_true(S_ISREG(f->mode));
			assert_memory_equal(got.bytes, f->digest, f->digest_len);
			/* no more after the end */
			assert_int_equal(payload_read(pl, block, sizeof(block), err), 0);
		} else {
			assert_int_equal(payload_read(pl, block, sizeof(block), err), 0);
		}
	}
	payload_free(pl);
	return rc;
}

static void all_members(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = open_fixture("good.rpm");
	struct pkg *p = pkg_of(fd);
	uint32_t members, ghosts = 0;

	for (uint32_t i = 0; i < p->files.n; i++)
		ghosts += !!(p->files.v[i].flags & FILE_GHOST);
	assert_int_equal(ghosts, 1);
	if (read_all(fd, p, &members, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(members, p->files.n - ghosts);
	/* from the beginning again, whatever the offset is now */
	assert_int_equal(read_all(fd, p, &members, &err), 0);
	pkg_free(p);
}

static void one_member_of_a_set_has_the_data(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = open_fixture("good.rpm");
	struct pkg *p = pkg_of(fd);
	uint32_t file, with_data = 0, members = 0;
	struct payload *pl = NULL;
	char block[64];
	bool data;

	assert_int_equal(payload_open(fd, "pkg", &p->hdrdigest, &pl, &err), 0);
	while (payload_next(pl, &file, &data, &err) == 1) {
		if (p->files.v[file].link_count != 3)
			continue; /* content not read is skipped */
		members++;
		with_data += data;
		if (data) {
			assert_int_equal(members, 3);
			assert_int_equal(payload_read(pl, block, sizeof(block), &err), 5);
			assert_memory_equal(block, "same\n", 5);
		}
	}
	assert_int_equal(members, 3);
	assert_int_equal(with_data, 1);
	payload_free(pl);
	pkg_free(p);
}

static void another_package(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = open_fixture("good.rpm");
	struct pkg *p = pkg_of(fd);
	struct payload *pl = NULL;

	p->hdrdigest.bytes[0] ^= 1;
	assert_int_equal(payload_open(fd, "the-package", &p->hdrdigest, &pl, &err), -1);
	assert_error(&err, ERR_UNTRUSTED,
		     "the-package is another one than when the plan");
	p->hdrdigest = (struct digest){0};
	assert_int_equal(payload_open(fd, "pkg", &p->hdrdigest, &pl, &err), -1);
	assert_int_equal(err.kind, ERR_UNTRUSTED);
	payload_free(NULL);
	pkg_free(p);
}

/* Cut off anywhere in the payload: said, with the package's name, and never a clean end. */
static void truncated(void **state _unused_)
{
	cleanup_close int whole = open_fixture("good.rpm");
	cleanup_error struct error err = ERROR_INIT;
	cleanup_buf struct buf b = {0};
	struct pkg *p = pkg_of(whole);
	struct frame frame;
	uint32_t members;

	read_fixture("good.rpm", &b);
	assert_int_equal(frame_read(whole, "pkg", &frame, &err), 0);
	assert_int_equal(frame.state, FRAME_OK);
	assert_int_equal(frame.want_size, b.n);
	/* gzip's last eight bytes are a check sum that librpm does not ask for */
	for (uint64_t n = frame.payload_at; n < b.n - 8; n += 7) {
		cleanup_close int fd = file_of(b.s, n);

		if (read_all(fd, p, &members, &err) == 0)
			fail_msg("%u members of %llu bytes", members,
				 (unsigned long long)n);
		assert_error(&err, ERR_FAILED, "payload of pkg");
		err_release(&err);
	}
	pkg_free(p);
}

static int package(struct scene *s, Header h, const char *payload)
{
	cleanup_free char *path = xasprintf("%s/x.rpm", s->dir);
	Header sealed = lab_seal(h);
	int fd = lab_package(path, sealed, payload, strlen(payload));

	headerFree(sealed);
	return fd;
}

static void open_fails(int fd, const char *says)
{
	cleanup_error struct error err = ERROR_INIT;
	struct pkg *p = pkg_of(fd);
	struct payload *pl = NULL;

	assert_int_equal(payload_open(fd, "pkg", &p->hdrdigest, &pl, &err), -1);
	assert_error(&err, ERR_FAILED, says);
	pkg_free(p);
	close(fd);
}

static void unknown_compressor(void **state _unused_)
{
	cleanup_scene struct scene s = scene_new();
	Header h = lab_header("a", "1");

	headerDel(h, RPMTAG_PAYLOADCOMPRESSOR);
	headerPutString(h, RPMTAG_PAYLOADCOMPRESSOR, "brotli");
	open_fails(
		package(&s, h, "whatever"),
		"the payload of pkg is compressed with brotli, which librpm of this host");
}

static void link_that_would_eat_all_memory(void **state _unused_)
{
	cleanup_scene struct scene s = scene_new();
	Header h = lab_header("a", "1");
	uint16_t mode = S_IFLNK | 0777;
	uint32_t size = 0xfffffff0;

	lab_files(h, "a", 1);
	headerDel(h, RPMTAG_FILEMODES);
	headerPutUint16(h, RPMTAG_FILEMODES, &mode, 1);
	headerDel(h, RPMTAG_FILESIZES);
	headerPutUint32(h, RPMTAG_FILESIZES, &size, 1);
	headerDel(h, RPMTAG_FILELINKTOS);
	headerPutString(h, RPMTAG_FILELINKTOS, "x");
	open_fails(package(&s, h, ""), "a link of 4294967280 bytes");
}

/* --- archives made by hand: gzip passes what is not compressed ------------------------------------ */

static void member(struct buf *b, const char *path, unsigned mode, const char *data)
{
	size_t n = strlen(data);

	buf_printf(b, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1,
		   mode, 0, 0, 1, 0, n, 0, 0, 0, 0, strlen(path) + 1, 0);
	buf_add(b, path, strlen(path) + 1);
	while (b->n % 4)
		buf_add(b, "", 1);
	buf_add(b, data, n);
	while (b->n % 4)
		buf_add(b, "", 1);
}

/* Reads an archive of two files of one byte each. */
static void archive(const struct buf *b, int want_members, const char *says)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_free char *path = xasprintf("%s/x.rpm", s.dir);
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = -1;
	Header h = lab_header("a", "1");
	struct payload *pl = NULL;
	struct pkg *p = NULL;
	uint32_t file;
	int rc, members = 0;
	bool data;

	lab_files(h, "a", 2);
	h = lab_seal(h);
	fd = lab_package(path, h, b->s, b->n);
	headerFree(h);
	p = pkg_of(fd);
	if (payload_open(fd, "pkg", &p->hdrdigest, &pl, &err))
		fail_msg("%s", err.msg);
	while ((rc = payload_next(pl, &file, &data, &err)) == 1) {
		char block[16];
		ssize_t n;

		while ((n = payload_read(pl, block, sizeof(block), &err)) > 0)
			continue;
		if (n < 0) {
			rc = -1;
			break;
		}
		members++;
	}
	if (says ? rc == 0 : rc < 0)
		fail_msg("%d members, %s", members, err.msg ? err.msg : "no error");
	if (says)
		assert_error(&err, ERR_FAILED, says);
	assert_int_equal(members, want_members);
	payload_free(pl);
	pkg_free(p);
}

#define REG (S_IFREG | 0644)

static void strange_archives(void **state _unused_)
{
	static const struct {
		const char *paths[3], *data[3];
		int members;
		const char *says;
	} cases[] = {
		{{"./opt/a/file0", "./opt/a/sub/file1"}, {"x", "y"}, 2, NULL},
		{{"./opt/a/sub/file1", "./opt/a/file0"}, {"x", "y"}, 2, NULL},
		{{"./opt/a/file0"}, {"x"}, 1, "damaged behind '/opt/a/file0'"},
		{{"./opt/a/file0", "./opt/a/file0"}, {"x", "x"}, 1, "is in it twice"},
		{{"./opt/a/file0", "../../etc/passwd"}, {"x", "y"}, 1, "damaged behind"},
		{{"./etc/passwd"}, {"x"}, 0, "the payload of pkg is damaged"},
		{{"./opt/a/file0"}, {"xx"}, 1, "damaged behind '/opt/a/file0'"},
		{{"./opt/a/file0", "./opt/a/sub/file1"},
		 {"", "y"},
		 1,
		 "damaged behind '/opt/a/file0'"},
	};

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_buf struct buf b = {0};

		for (int k = 0; k < 3 && cases[i].paths[k]; k++)
			member(&b, cases[i].paths[k], REG, cases[i].data[k]);
		member(&b, "TRAILER!!!", 0, "");
		archive(&b, cases[i].members, cases[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_members),
		cmocka_unit_test(one_member_of_a_set_has_the_data),
		cmocka_unit_test(another_package),
		cmocka_unit_test(truncated),
		cmocka_unit_test(unknown_compressor),
		cmocka_unit_test(link_that_would_eat_all_memory),
		cmocka_unit_test(strange_archives),
	};
	cleanup_error struct error err = ERROR_INIT;

	if (hdr_init(&err))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
