/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "rpmlab.h"

#include "rpm/db.h"
#include "rpm/reader.h"

/* --- bytes ------------------------------------------------------------------------------------------------ */

static void assert_same_list(const struct strlist *a, const struct strlist *b)
{
	assert_int_equal(a->n, b->n);
	for (uint32_t i = 0; i < a->n; i++)
		assert_string_equal(a->v[i], b->v[i]);
}

static void assert_same_file(const struct pkgfile *a, const struct pkgfile *b)
{
	assert_string_equal(a->dir, b->dir);
	assert_string_equal(a->base, b->base);
	assert_string_equal(a->link, b->link);
	assert_string_equal(a->user, b->user);
	assert_string_equal(a->group, b->group);
	assert_string_equal(a->langs, b->langs);
	assert_int_equal(a->mode, b->mode);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->color, b->color);
	assert_int_equal(a->rdev, b->rdev);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->mtime, b->mtime);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->link_first, b->link_first);
	assert_int_equal(a->link_count, b->link_count);
	assert_int_equal(a->digest_len, b->digest_len);
	assert_int_equal(a->caps_len, b->caps_len);
	if (a->digest_len)
		assert_memory_equal(a->digest, b->digest, a->digest_len);
	if (a->caps_len)
		assert_memory_equal(a->caps, b->caps, a->caps_len);
}

static void assert_same(const struct pkg *a, const struct pkg *b)
{
	assert_true(nevra_is_same(&a->id, &b->id));
	assert_int_equal(a->id.epoch, b->id.epoch);
	assert_string_equal(a->nevra, b->nevra);
	assert_string_equal(a->vendor, b->vendor);
	assert_string_equal(a->summary, b->summary);
	assert_string_equal(a->sourcerpm, b->sourcerpm);
	assert_string_equal(a->keyid, b->keyid);
	assert_string_equal(a->compressor, b->compressor);
	assert_true(digest_is_same(&a->hdrdigest, &b->hdrdigest));
	assert_int_equal(a->beside, b->beside);
	assert_int_equal(a->instance, b->instance);
	assert_int_equal(a->installtime, b->installtime);
	assert_int_equal(a->installtid, b->installtid);
	assert_int_equal(a->buildtime, b->buildtime);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->digest_algo, b->digest_algo);
	assert_int_equal(a->scriptlets, b->scriptlets);
	assert_same_list(&a->presets, &b->presets);
	assert_same_list(&a->triggers, &b->triggers);
	assert_same_list(&a->filetriggers, &b->filetriggers);
	assert_same_list(&a->langs_installed, &b->langs_installed);
	assert_int_equal(a->files.n, b->files.n);
	for (uint32_t i = 0; i < a->files.n; i++)
		assert_same_file(&a->files.v[i], &b->files.v[i]);
	assert_int_equal(!a->filesigs, !b->filesigs);
	for (uint32_t i = 0; a->filesigs && i < a->files.n; i++) {
		assert_int_equal(a->filesigs[i].len, b->filesigs[i].len);
		if (a->filesigs[i].len)
			assert_memory_equal(a->filesigs[i].bytes, b->filesigs[i].bytes,
					    a->filesigs[i].len);
	}
}

/* Packages with files of many kinds, links, owners, scriptlets, languages. */
static const char *const packages[] = {"good.rpm", "../../fuzz/corpus/package/types.rpm",
				       "../../fuzz/corpus/package/hardlinks.rpm",
				       "../../fuzz/corpus/package/filesigs.rpm"};

static Header header_of(const char *fixture)
{
	cleanup_close int fd = open_fixture(fixture);
	cleanup_error struct error err = ERROR_INIT;
	Header h = NULL;

	if (hdr_read_file(fd, fixture, &h, &err))
		fail_msg("%s", err.msg);
	return h;
}

static void test_says_what_the_header_says(void **state)
{
	uint32_t files = 0, signatures = 0;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(packages); i++) {
		cleanup_header Header h = header_of(packages[i]);
		cleanup_error struct error err = ERROR_INIT;
		cleanup_buf struct buf bytes = {0};
		cleanup_head struct head head = {0};
		struct pkg *p;

		assert_int_equal(hdr_read(h, HDR_FILES, "it", &p, &err), 0);
		lab_head(h, HEAD_FILES | HEAD_DEPS, &bytes, &head);
		assert_same(head.pkg, p);
		assert_true(head.deps.n > 0);
		assert_int_equal(head.paths.n, p->files.n);
		files += p->files.n;
		signatures += p->filesigs != NULL;
		pkg_free(p);
	}
	assert_true(files > 20);
	assert_int_equal(signatures, 1);
}

static void see_dep(void *ctx, enum hdr_dep kind, const char *name, const char *evr,
		    unsigned compare)
{
	const struct head_dep **at = ctx, *d = (*at)++;

	assert_int_equal(d->kind, kind);
	assert_string_equal(d->name, name);
	assert_int_equal(!d->evr, !evr);
	if (evr)
		assert_string_equal(d->evr, evr);
	assert_int_equal(d->compare, compare);
}

static void test_dependencies_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(packages); i++) {
		cleanup_header Header h = header_of(packages[i]);
		cleanup_buf struct buf bytes = {0};
		cleanup_head struct head head = {0};
		const struct head_dep *at;

		lab_head(h, HEAD_DEPS, &bytes, &head);
		assert_int_equal(head.pkg->files.n, 0);
		at = head.deps.v;
		hdr_each_dep(h, see_dep, &at);
		assert_ptr_equal(at, head.deps.v + head.deps.n);
	}
}

/* Cut short, or with a byte changed, it is refused, or it is a head that a planner can take. */
static void test_what_cannot_be_is_refused(void **state)
{
	cleanup_header Header h = header_of(packages[0]);
	cleanup_buf struct buf bytes = {0};
	cleanup_head struct head head = {0};
	unsigned refused = 0;

	(void)state;
	lab_head(h, HEAD_FILES | HEAD_DEPS, &bytes, &head);
	for (size_t n = 0; n < bytes.n; n++) {
		cleanup_free char *part =
			xmalloc(n + 1); /* of that size, for sanitizers */
		cleanup_error struct error err = ERROR_INIT;
		cleanup_head struct head cut = {0};

		memcpy(part, bytes.s, n);
		assert_int_equal(head_read(part, n, 0, "'it'", &cut, &err), -1);
		assert_error(&err, ERR_FAILED, "'it' is damaged");
	}
	for (size_t n = 0; n < bytes.n; n++) {
		cleanup_head struct head odd = {0};

		bytes.s[n] = (char)~bytes.s[n];
		refused += head_read(bytes.s, bytes.n, 0, "it", &odd, NULL) != 0;
		for (uint32_t i = 0; odd.pkg && i < odd.pkg->files.n; i++) {
			const struct pkgfile *f = &odd.pkg->files.v[i];

			assert_true(pkg_dir_is_good(f->dir));
			assert_true(pkg_base_is_good(f->dir, f->base));
			assert_true(f->link_first < odd.pkg->files.n);
		}
		bytes.s[n] = (char)~bytes.s[n];
	}
	assert_true(refused > 100);
}

/* The head with other texts in it; 0: it is taken. */
static int with_texts(const char *name, const char *dir, const char *base)
{
	cleanup_header Header h = header_of(packages[0]);
	cleanup_buf struct buf good = {0}, changed = {0};
	cleanup_head struct head head = {0}, odd = {0};
	const struct pkg *p;
	const char *at;

	lab_head(h, HEAD_FILES, &good, &head);
	p = head.pkg;
	/* they stand there in this order, each with its NUL */
	const char *const texts[3][2] = {
		{p->id.name, name}, {p->files.v[0].dir, dir}, {p->files.v[0].base, base}};

	at = good.s;
	for (int i = 0; i < 3; i++) {
		const char *old = texts[i][0], *new = texts[i][1];
		const char *found =
			memmem(at, (size_t)(good.s + good.n - at), old, strlen(old) + 1);

		assert_non_null(found);
		buf_add(&changed, at, (size_t)(found - at));
		buf_add(&changed, new, strlen(new) + 1);
		at = found + strlen(old) + 1;
	}
	buf_add(&changed, at, (size_t)(good.s + good.n - at));
	return head_read(changed.s, changed.n, 0, "it", &odd, NULL);
}

/* What a reader that was taken over might say. */
static void test_lies_are_refused(void **state)
{
	(void)state;
	assert_int_equal(with_texts("ok", "/usr/", "x"), 0);
	assert_int_equal(with_texts("ok", "/usr/../etc/", "x"), -1);
	assert_int_equal(with_texts("ok", "/usr/", "../x"), -1);
	assert_int_equal(with_texts("ok", "/usr/", ".."), -1);
	assert_int_equal(with_texts("ok", "usr/", "x"), -1);
	assert_int_equal(with_texts("ok", "/usr", "x"), -1);
	assert_int_equal(with_texts("ok", "/usr/", ""), -1);
	assert_int_equal(with_texts("ok", "/usr//", "x"), -1);
	assert_int_equal(with_texts("a b", "/usr/", "x"), -1);
	assert_int_equal(with_texts("a/b", "/usr/", "x"), -1);
}

/* Of a package file as if it were installed, of a record that is not the one that was asked for. */
static void test_another_record_is_refused(void **state)
{
	static const uint32_t records[] = {0, 1, 2};
	cleanup_header Header h = header_of(packages[0]);

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(records); i++) {
		cleanup_buf struct buf bytes = {0};

		assert_int_equal(
			head_write(h, records[i], HEAD_FILES, "it", &bytes, NULL), 0);
		for (size_t k = 0; k < ELEMENTSOF(records); k++) {
			cleanup_head struct head head = {0};

			assert_int_equal(head_read(bytes.s, bytes.n, records[k], "it",
						   &head, NULL),
					 i == k ? 0 : -1);
		}
	}
}

/* --- who reads -------------------------------------------------------------------------------------------- */

static void test_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(packages); i++) {
		cleanup_header Header h = header_of(packages[i]);
		cleanup_close int fd = open_fixture(packages[i]);
		cleanup_error struct error err = ERROR_INIT;
		cleanup_head struct head head = {0};
		struct pkg *p;

		assert_int_equal(reader_file(fd, HEAD_FILES, "it", &head, &err), 0);
		assert_int_equal(hdr_read(h, HDR_FILES, "it", &p, &err), 0);
		assert_same(head.pkg, p);
		pkg_free(p);
	}
}

static void test_no_package(void **state)
{
	cleanup_close int fd = file_of("nothing of the kind", 19);
	cleanup_error struct error err = ERROR_INIT;
	struct head head;

	(void)state;
	assert_int_equal(reader_file(fd, 0, "'x.rpm'", &head, &err), -1);
	assert_error(&err, ERR_FAILED, "'x.rpm': not an rpm package");
}

/* The child that is asked, by its parent's number: it is the only one. */
static pid_t reader_pid(void)
{
	cleanup_free char *path = xasprintf("/proc/self/task/%d/children", getpid());
	FILE *f = fopen(path, "re");
	int pid = 0;

	if (!f)
		skip();
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	return pid;
}

/* It dies of one: that one cannot be read, and the next one can. */
static void test_death(void **state)
{
	cleanup_close int fd = open_fixture(packages[0]);
	cleanup_error struct error err = ERROR_INIT;
	cleanup_head struct head head = {0};
	pid_t first;

	(void)state;
	assert_int_equal(reader_file(fd, 0, "it", &head, &err), 0);
	head_release(&head);
	first = reader_pid();
	assert_int_equal(kill(first, SIGKILL), 0);
	assert_int_equal(reader_file(fd, 0, "'it'", &head, &err), -1);
	assert_error(&err, ERR_FAILED, "'it': ");
	assert_int_equal(reader_file(fd, 0, "it", &head, &err), 0);
	assert_int_not_equal(reader_pid(), first);
	reader_end();
}

static void test_rows(void **state)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_head struct head head = {0};
	const struct reader_db none = {"/nowhere", DB_SQLITE};

	(void)state;
	assert_int_equal(reader_row(&none, 1, 0, -1, "'it'", &head, &err), -1);
	assert_true(err.msg && *err.msg);
	reader_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_what_the_header_says),
		cmocka_unit_test(test_dependencies_in_order),
		cmocka_unit_test(test_what_cannot_be_is_refused),
		cmocka_unit_test(test_lies_are_refused),
		cmocka_unit_test(test_another_record_is_refused),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_no_package),
		cmocka_unit_test(test_death),
		cmocka_unit_test(test_rows),
	};

	if (hdr_init(NULL))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
