/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpmlab.h"

#include <rpm/header.h>
#include <signal.h>
#include <sys/mman.h>

#include "rpm/child.h"
#include "rpm/db.h"
#include "rpm/frame.h"
#include "rpm/hdr.h"
#include "rpm/trust.h"

static char *fixture_path(const char *name)
{
	return xasprintf("%s/tests/fixtures/rpm/%s", getenv("PUTBACK_SRCDIR") ?: ".",
			 name);
}

static void add_key(struct keyring *k, const char *name)
{
	cleanup_free char *path = fixture_path(name);
	cleanup_error struct error err = ERROR_INIT;

	if (keyring_add_path(k, path, &err))
		fail_msg("%s", err.msg);
}

static struct keyring *keys(const char *a, const char *b)
{
	struct keyring *k = keyring_new();

	if (a)
		add_key(k, a);
	if (b)
		add_key(k, b);
	return k;
}

/* Verdict about an open file; *ret_text is the caller's. */
static enum verdict verdict_of(struct keyring *k, int fd, char **ret_text)
{
	cleanup_error struct error err = ERROR_INIT;
	struct trust_report r;
	enum verdict v;

	if (trust_check(k, fd, TRUST_PACKAGE, "pkg", &r, &err))
		fail_msg("%s", err.msg);
	v = r.verdict;
	if (ret_text)
		*ret_text = steal_ptr(r.text);
	trust_report_release(&r);
	return v;
}

static void is(struct keyring *k, const char *fixture, enum verdict want,
	       const char *says)
{
	cleanup_close int fd = open_fixture(fixture);
	cleanup_free char *text = NULL;
	enum verdict v = verdict_of(k, fd, &text);

	if (v != want || (says && (!text || !strstr(text, says))))
		fail_msg("%s: %s '%s'", fixture, verdict_name(v), text ? text : "");
}

static void good_signature(void **state _unused_)
{
	cleanup_close int fd = open_fixture("good.rpm");
	cleanup_error struct error err = ERROR_INIT;
	struct keyring *k = keys("good.asc", NULL);
	struct trust_report r;

	assert_int_equal(keyring_count(k), 1);
	assert_int_equal(trust_check(k, fd, TRUST_PACKAGE, "pkg", &r, &err), 0);
	assert_int_equal(r.verdict, TRUST_OK);
	assert_string_equal(r.signer, "good <good@putback.test>");
	assert_non_null(keyring_find(k, r.keyid));
	assert_null(r.text);
	trust_report_release(&r);
	/* the same key as packets, and twice: one */
	add_key(k, "good.gpg");
	is(k, "good.rpm", TRUST_OK, NULL);
	keyring_free(k);
}

static void what_is_wrong(void **state _unused_)
{
	struct keyring *none = keyring_new(), *k = keys("good.asc", "expired.asc");

	is(none, "good.rpm", TRUST_NO_KEY, "give it with --key");
	is(k, "good.rpm", TRUST_OK, NULL);
	is(k, "unsigned.rpm", TRUST_UNSIGNED, "--allow-unsigned");
	is(k, "expired.rpm", TRUST_EXPIRED,
	   "signature made at 2022-06-01 00:00 UTC, key good until 2021-01-01 00:00 UTC");
	is(k, "subkey.rpm", TRUST_NO_KEY, "not at hand");
	is(k, "fixture.spec", TRUST_NOT_A_PACKAGE, "not an rpm package");
	keyring_free(none);
	keyring_free(k);
}

/* What the record of an rpmdb has of the package. */
static int headers_of(const char *fixture)
{
	cleanup_close int fd = open_fixture(fixture);
	cleanup_error struct error err = ERROR_INIT;
	int out = memfd_create("headers", MFD_CLOEXEC);
	Header h;
	void *blob;
	size_t n;

	if (out < 0 || hdr_read_file(fd, fixture, &h, &err))
		fail_msg("%s", err.msg);
	blob = hdr_export(h, &n);
	headerFree(h);
	h = hdr_import(blob, n, fixture, &err);
	free(blob);
	if (!h || hdr_write_package(h, out, fixture, &err))
		fail_msg("%s", err.msg);
	headerFree(h);
	return out;
}

static void header_is(struct keyring *k, int fd, enum trust_depth depth,
		      enum verdict want)
{
	cleanup_error struct error err = ERROR_INIT;
	struct trust_report r;

	if (trust_check(k, fd, depth, "pkg", &r, &err))
		fail_msg("%s", err.msg);
	if (r.verdict != want)
		fail_msg("%s, and not %s: %s", verdict_name(r.verdict),
			 verdict_name(want), r.text ? r.text : "");
	trust_report_release(&r);
}

static void headers_alone(void **state _unused_)
{
	cleanup_close int good = headers_of("good.rpm"),
			  none = headers_of("unsigned.rpm"),
			  whole = open_fixture("good.rpm");
	struct keyring *k = keys("good.asc", NULL), *nobody = keyring_new();
	cleanup_error struct error err = ERROR_INIT;
	struct frame frame;
	struct digest a, b;
	Header h;
	char c;

	header_is(k, good, TRUST_HEADER, TRUST_OK);
	header_is(k, good, TRUST_PACKAGE, TRUST_TRUNCATED);
	header_is(nobody, good, TRUST_HEADER, TRUST_NO_KEY);
	header_is(k, none, TRUST_HEADER, TRUST_UNSIGNED);
	/* a whole package is none that may go unread */
	header_is(k, whole, TRUST_HEADER, TRUST_OK);
	assert_int_equal(hdr_read_file(good, "good", &h, &err), 0);
	hdr_digest(h, &a);
	headerFree(h);
	assert_int_equal(hdr_read_file(whole, "good", &h, &err), 0);
	hdr_digest(h, &b);
	headerFree(h);
	assert_true(digest_is_same(&a, &b));
	assert_int_equal(frame_read(good, "good", &frame, &err), 0);
	assert_int_equal(pread(good, &c, 1, (off_t)frame.payload_at - 40), 1);
	c ^= 4;
	assert_int_equal(pwrite(good, &c, 1, (off_t)frame.payload_at - 40), 1);
	header_is(k, good, TRUST_HEADER, TRUST_BAD);
	keyring_free(k);
	keyring_free(nobody);
}

/* A signature made while the key was good stays good. */
static void subkey_that_expired_since(void **state _unused_)
{
	struct keyring *k = keys("subkey.asc", NULL);

	is(k, "subkey.rpm", TRUST_OK, NULL);
	keyring_free(k);
}

/* What SHA-1 is worth is this host's to say; it is not a bad signature either way. */
static void sha1(void **state _unused_)
{
	cleanup_close int fd = open_fixture("sha1.rpm");
	struct keyring *k = keys("good.asc", NULL);
	enum verdict v = verdict_of(k, fd, NULL);

	assert_true(v == TRUST_OK || v == TRUST_OLD_ALGORITHM);
	keyring_free(k);
}

/* Any bit of header or payload, and the package is no longer the one that was signed. */
static void flipped_bits(void **state _unused_)
{
	struct keyring *k = keys("good.asc", NULL);
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int whole = open_fixture("good.rpm");
	cleanup_buf struct buf b = {0};
	struct frame frame;

	read_fixture("good.rpm", &b);
	assert_int_equal(frame_read(whole, "pkg", &frame, &err), 0);
	for (uint64_t at = frame.header_at; at < b.n; at += 13) {
		cleanup_close int fd = -1;
		cleanup_free char *text = NULL;
		enum verdict v;

		b.s[at] ^= 0x10;
		fd = file_of(b.s, b.n);
		v = verdict_of(k, fd, &text);
		if (v == TRUST_OK)
			fail_msg("bit of byte %llu", (unsigned long long)at);
		assert_non_null(strstr(text, "pkg"));
		b.s[at] ^= 0x10;
	}
	keyring_free(k);
}

/* The signature header is protected by nothing, so its damage may be seen in any way but one. */
static void flipped_bits_in_the_signature(void **state _unused_)
{
	struct keyring *k = keys("good.asc", NULL), *none = keyring_new();
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int whole = open_fixture("good.rpm");
	cleanup_buf struct buf b = {0};
	struct frame frame;
	int bad = 0;

	read_fixture("good.rpm", &b);
	assert_int_equal(frame_read(whole, "pkg", &frame, &err), 0);
	for (uint64_t at = 0; at < frame.header_at; at += 5) {
		cleanup_close int fd = -1;

		b.s[at] ^= 0x10;
		fd = file_of(b.s, b.n);
		bad += verdict_of(k, fd, NULL) != TRUST_OK;
		assert_int_not_equal(verdict_of(none, fd, NULL), TRUST_OK);
		b.s[at] ^= 0x10;
	}
	assert_true(bad > 50);
	keyring_free(k);
	keyring_free(none);
}

static void truncated(void **state _unused_)
{
	struct keyring *k = keys("good.asc", NULL);
	cleanup_buf struct buf b = {0};

	read_fixture("good.rpm", &b);
	for (size_t n = 0; n < b.n; n += 101) {
		cleanup_close int fd = file_of(b.s, n);
		enum verdict v = verdict_of(k, fd, NULL);

		assert_int_equal(v, n < 4 ? TRUST_NOT_A_PACKAGE : TRUST_TRUNCATED);
	}
	/* and a tail that is too long */
	buf_str(&b, "more");
	{
		cleanup_close int fd = file_of(b.s, b.n);

		assert_int_equal(verdict_of(k, fd, NULL), TRUST_BAD);
	}
	keyring_free(k);
}

/* --- keys --------------------------------------------------------------------------------------- */

static void copy_to(const struct scene *s, const char *fixture, const char *path)
{
	cleanup_free char *full = scene_path(s, path);
	cleanup_close int out =
		open(full, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	cleanup_buf struct buf b = {0};

	read_fixture(fixture, &b);
	assert_int_equal(file_write_all(out, b.s, b.n), 0);
}

static void files_and_folders_of_keys(void **state _unused_)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *many = scene_path(&s, "many"), *dir = scene_path(&s, "dir");
	cleanup_free char *none = scene_path(&s, "none"), *gone = scene_path(&s, "gone");
	struct keyring *k = keyring_new();

	scene_file(&s, "many", "Keys of ours\n\n");
	copy_to(&s, "good.asc", "many");
	copy_to(&s, "subkey.asc", "many");
	copy_to(&s, "expired.asc", "many");
	assert_int_equal(keyring_add_path(k, many, &err), 0);
	assert_int_equal(keyring_count(k), 3);
	is(k, "good.rpm", TRUST_OK, NULL);
	is(k, "subkey.rpm", TRUST_OK, NULL);
	keyring_free(k);

	k = keyring_new();
	scene_dir(&s, "dir");
	scene_dir(&s, "dir/sub");
	scene_file(&s, "dir/README", "no key");
	scene_fifo(&s, "dir/fifo");
	copy_to(&s, "good.gpg", "dir/a");
	copy_to(&s, "subkey.asc", "dir/b");
	assert_int_equal(keyring_add_path(k, dir, &err), 0);
	assert_int_equal(keyring_count(k), 2);

	scene_file(&s, "none", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n");
	assert_int_equal(keyring_add_path(k, none, &err), -1);
	assert_error(&err, ERR_USAGE, "holds no OpenPGP key");
	assert_int_equal(keyring_add_path(k, gone, &err), -1);
	assert_error(&err, ERR_USAGE, "cannot read keys from");
	assert_int_equal(keyring_count(k), 2);
	keyring_free(k);
}

static void keys_of_the_root(void **state _unused_)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	cleanup_buf struct buf armored = {0};
	cleanup_free char *dir = NULL;
	Header h = lab_header("gpg-pubkey", "12345678");
	struct keyring *k = keyring_new();
	struct root *r = NULL;
	struct db *db = NULL;

	scene_dir(&s, "var");
	scene_dir(&s, "var/lib");
	scene_dir(&s, "var/lib/rpm");
	scene_dir(&s, "etc");
	scene_dir(&s, "etc/pki");
	scene_dir(&s, "etc/pki/rpm-gpg");
	copy_to(&s, "subkey.asc", "etc/pki/rpm-gpg/subkey");
	scene_link(&s, "/etc/pki/rpm-gpg/subkey", "etc/pki/rpm-gpg/link");
	scene_fifo(&s, "etc/pki/rpm-gpg/fifo");
	read_fixture("good.asc", &armored);
	headerPutString(h, RPMTAG_DESCRIPTION, armored.s);
	h = lab_seal(h);
	dir = scene_path(&s, "var/lib/rpm");
	lab_db(dir, s.dir, &h, 1);
	headerFree(h);
	assert_int_equal(root_open(s.root, ROOT_READ, &r, &err), 0);
	assert_int_equal(db_open(r, &db, &err), 0);

	assert_int_equal(keyring_add_root(k, r, db, false, &err), 0);
	assert_int_equal(keyring_count(k), 0);
	is(k, "good.rpm", TRUST_NO_KEY, "the root has it as 'good <good@putback.test>'");
	is(k, "subkey.rpm", TRUST_NO_KEY, "see --trust-root-keys");
	is(k, "expired.rpm", TRUST_NO_KEY, "not at hand");
	assert_int_equal(keyring_add_root(k, r, db, true, &err), 0);
	is(k, "good.rpm", TRUST_OK, NULL);
	is(k, "subkey.rpm", TRUST_OK, NULL);
	keyring_free(k);
	db_free(db);
	root_free(r);
}

/* --- many ----------------------------------------------------------------------------------------- */

struct row {
	const char *fixture;
	bool crashes;
	const char *lie; /* what the child says, were it in a stranger's hands */
	size_t n;
};

static int open_row(void *ctx, uint32_t i, enum trust_depth *ret_depth _unused_,
		    struct error *err)
{
	const struct row *r = (const struct row *)ctx + i;

	if (r->crashes)
		raise(SIGKILL);
	if (r->lie) {
		struct buf b = {0};

		buf_add(&b, r->lie, r->n);
		child_flush(&b);
		pause();
	}
	if (!r->fixture)
		return err_set(err, ERR_UNAVAILABLE, "package %u is gone", i);
	return open_fixture(r->fixture);
}

static void count_progress(void *ctx, enum phase phase, uint64_t done, uint64_t total,
			   bool bytes _unused_, uint64_t files _unused_)
{
	assert_int_equal(phase, PHASE_VERIFY);
	assert_true(done <= total);
	*(uint64_t *)ctx = done;
}

static void many_at_once(void **state _unused_)
{
	enum { N = 60 };
	cleanup_error struct error err = ERROR_INIT;
	struct keyring *k = keys("good.asc", NULL);
	struct trust_report reports[N] = {0};
	struct row rows[N];
	const char *names[N];
	uint64_t done = 0;
	struct observer o = {&done, count_progress, NULL, NULL};

	for (int i = 0; i < N; i++) {
		rows[i] =
			(struct row){.fixture = i % 7 == 3 ? "unsigned.rpm" : "good.rpm",
				     .crashes = i == 5 || i == 41};
		names[i] = i == 41 ? "crasher" : "other";
	}
	if (trust_check_many(k, open_row, rows, names, N, reports, &o, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(done, N);
	for (int i = 0; i < N; i++) {
		enum verdict want = rows[i].crashes ? TRUST_BAD
				    : i % 7 == 3    ? TRUST_UNSIGNED
						    : TRUST_OK;

		assert_int_equal(reports[i].verdict, want);
		if (want == TRUST_OK)
			assert_string_equal(reports[i].signer,
					    "good <good@putback.test>");
	}
	assert_non_null(
		strstr(reports[41].text, "crasher is damaged: checking it failed: "));
	for (int i = 0; i < N; i++)
		trust_report_release(&reports[i]);
	assert_int_equal(trust_check_many(k, open_row, NULL, NULL, 0, NULL, NULL, &err),
			 0);
	keyring_free(k);
}

/* A child that checks was taken over by package 1: it can spoil that one alone, and nothing of its parent. */
static void many_and_a_liar(void **state _unused_)
{
	static const struct {
		const char *lie;
		size_t n;
	} lies[] = {
#define LIE(s) {s, sizeof(s) - 1}
		LIE("r\xff\xff\xff\x7f\0\0\0\0"), /* of a package that nobody named */
		LIE("r\2\0\0\0\0\0\0\0"),	  /* of one that is another's */
		LIE("b\1\0\0\0"),		  /* begun twice */
		LIE("b\xff\xff\xff\xff"),
		LIE("r\1\0\0\0\x7f\0\0\0"), /* no verdict */
		LIE("r\1\0\0\0\0a\0b\0c"),  /* no end */
		LIE("r\1\0\0\0"),
		LIE("r\1"),
		LIE("x\1\0\0\0"),
#undef LIE
	};

	for (size_t k = 0; k < ELEMENTSOF(lies); k++) {
		cleanup_error struct error err = ERROR_INIT;
		struct keyring *keyring = keys("good.asc", NULL);
		struct row rows[3] = {{.fixture = "good.rpm"},
				      {.lie = lies[k].lie, .n = lies[k].n},
				      {.fixture = "unsigned.rpm"}};
		const char *names[3] = {"a", "liar", "c"};
		struct trust_report reports[3] = {0};

		if (trust_check_many(keyring, open_row, rows, names, 3, reports, NULL,
				     &err))
			fail_msg("%zu: %s", k, err.msg);
		assert_int_equal(reports[0].verdict, TRUST_OK);
		assert_int_equal(reports[1].verdict, TRUST_BAD);
		assert_non_null(strstr(reports[1].text, "liar is damaged: checking it "
							"failed: who checks it says"));
		assert_int_equal(reports[2].verdict, TRUST_UNSIGNED);
		for (int i = 0; i < 3; i++)
			trust_report_release(&reports[i]);
		keyring_free(keyring);
	}
}

static bool stop_at_once(void *ctx _unused_)
{
	return true;
}

static void many_that_fail(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	struct keyring *k = keys("good.asc", NULL);
	struct row rows[3] = {{.fixture = "good.rpm"}, {0}, {.fixture = "good.rpm"}};
	const char *names[3] = {"a", "b", "c"};
	struct trust_report reports[3] = {0};
	struct observer o = {NULL, NULL, stop_at_once, NULL};

	assert_int_equal(
		trust_check_many(k, open_row, rows, names, 3, reports, NULL, &err), -1);
	assert_error(&err, ERR_UNAVAILABLE, "package 1 is gone");
	assert_null(reports[0].signer);
	rows[1].fixture = "good.rpm";
	assert_int_equal(trust_check_many(k, open_row, rows, names, 3, reports, &o, &err),
			 -1);
	assert_error(&err, ERR_FAILED, "stopped");
	keyring_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_signature),
		cmocka_unit_test(what_is_wrong),
		cmocka_unit_test(headers_alone),
		cmocka_unit_test(subkey_that_expired_since),
		cmocka_unit_test(sha1),
		cmocka_unit_test(flipped_bits),
		cmocka_unit_test(flipped_bits_in_the_signature),
		cmocka_unit_test(truncated),
		cmocka_unit_test(files_and_folders_of_keys),
		cmocka_unit_test(keys_of_the_root),
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(many_and_a_liar),
		cmocka_unit_test(many_that_fail),
	};
	cleanup_error struct error err = ERROR_INIT;

	if (hdr_init(&err))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
