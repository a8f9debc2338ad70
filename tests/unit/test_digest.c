/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/digest.h"
#include "scene.h"

/* NIST's and RSA's own examples, of "abc" */
static const struct {
	int algo;
	const char *hex;
} known[] = {
	{DIGEST_MD5, "900150983cd24fb0d6963f7d28e17f72"},
	{DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{DIGEST_SHA224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
	{DIGEST_SHA256,
	 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{DIGEST_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
			"8086072ba1e7cc2358baeca134c825a7"},
	{DIGEST_SHA512,
	 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

static void assert_hex(const struct digest *d, int algo, const char *hex)
{
	cleanup_buf struct buf b = {0};

	buf_hex(&b, d->bytes, d->len);
	assert_int_equal(d->algo, algo);
	assert_int_equal(d->len, digest_length(algo));
	assert_string_equal(b.s, hex);
}

static void known_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(known); i++) {
		struct digester *d = digester_new(known[i].algo);
		struct digest got;

		/* MD5 is not to be had on a host in FIPS mode */
		if (!d && known[i].algo == DIGEST_MD5)
			continue;
		assert_non_null(d);
		digester_update(d, "a", 1);
		digester_update(d, "bc", 2);
		digester_finish(d, &got);
		assert_hex(&got, known[i].algo, known[i].hex);
	}
}

static void unknown_algorithms(void **state)
{
	static const int unknown[] = {-1, 0, 3, 4, 7, 12, 255};
	struct digest d;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(unknown); i++) {
		assert_null(digester_new(unknown[i]));
		assert_int_equal(digest_length(unknown[i]), 0);
	}
	assert_int_equal(digest_fd(STDIN_FILENO, 3, &d), -1);
	assert_int_equal(errno, ENOTSUP);
	digester_free(NULL);
	digester_free(digester_new(DIGEST_SHA256));
}

static void sameness_needs_algorithm_and_bytes(void **state)
{
	struct digest a = {DIGEST_SHA256, 32, {1, 2}}, b = a, none = {0};

	(void)state;
	assert_true(digest_is_same(&a, &b));
	b.bytes[31] = 1;
	assert_false(digest_is_same(&a, &b));
	b = a;
	b.algo = DIGEST_SHA384;
	assert_false(digest_is_same(&a, &b));
	assert_false(digest_is_same(&none, &none));
}

static void a_file_from_its_beginning(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_free char *path = scene_path(&s, "f");
	cleanup_free char *text = xmalloc(200001);
	struct digest whole, again;
	int fd;

	(void)state;
	scene_file(&s, "f", "abc");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
	assert_int_equal(digest_fd(fd, DIGEST_SHA256, &whole), 0);
	assert_hex(&whole, DIGEST_SHA256, known[3].hex);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 2);
	close(fd);

	/* more than one block */
	memset(text, 'x', 200000);
	text[200000] = '\0';
	scene_file(&s, "f", text);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(digest_fd(fd, DIGEST_SHA1, &whole), 0);
	close(fd);
	struct digester *d = digester_new(DIGEST_SHA1);
	digester_update(d, text, 200000);
	digester_finish(d, &again);
	assert_true(digest_is_same(&whole, &again));

	fd = open(s.root, O_RDONLY | O_CLOEXEC);
	assert_int_equal(digest_fd(fd, DIGEST_SHA256, &whole), -1);
	assert_int_equal(errno, EISDIR);
	close(fd);
}

static void *many(void *arg)
{
	int *wrong = arg;

	for (int i = 0; i < 2000; i++) {
		struct digester *d = digester_new(DIGEST_SHA256);
		cleanup_buf struct buf hex = {0};
		struct digest got;

		digester_update(d, "abc", 3);
		digester_finish(d, &got);
		buf_hex(&hex, got.bytes, got.len);
		*wrong += strcmp(hex.s, known[3].hex) != 0;
	}
	return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
	pthread_t threads[4];
	int wrong[4] = {0};

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many, &wrong[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(wrong[i], 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(unknown_algorithms),
		cmocka_unit_test(sameness_needs_algorithm_and_bytes),
		cmocka_unit_test(a_file_from_its_beginning),
		cmocka_unit_test(threads_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
