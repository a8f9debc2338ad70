/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* rpm's table (lib/rpmfi.c: rpmfilesDecideFate(), rpmfilesConfigConflict()), row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/fate.h"

/* A letter says it all: f1, f2: a file of that content; l1, l2: a link to that target; d: a
 * directory; p: a pipe; -: nothing. */
static uint32_t mode_of(const char *what)
{
	switch (what[0]) {
	case 'f': return S_IFREG | 0644;
	case 'l': return S_IFLNK | 0777;
	case 'd': return S_IFDIR | 0755;
	default: return S_IFIFO | 0644;
	}
}

static struct pkgfile file(const char *what, uint32_t flags)
{
	static const uint8_t digests[][2] = {{0, 0}, {1, 1}, {2, 2}, {3, 3}};
	struct pkgfile f = {.mode = mode_of(what), .flags = flags, .link = ""};

	if (what[0] == 'f') {
		f.digest = digests[what[1] - '0'];
		f.digest_len = 2;
		f.size = 5;
	} else if (what[0] == 'l') {
		f.link = what;
	}
	return f;
}

/* Digests in both algorithms; they differ as they would. */
static struct fact disk(const char *what)
{
	struct fact f = {.type = what[0] == '-' ? FT_NONE : ftype_of_mode(mode_of(what))};

	if (f.type == FT_REG) {
		uint8_t b = (uint8_t)(what[1] - '0');

		f.size = 5;
		f.digest[0] = (struct digest){DIGEST_SHA256, 2, {b, b}};
		f.digest[1] = (struct digest){DIGEST_MD5, 2, {b, b}};
	} else if (f.type == FT_LNK) {
		f.link = what;
	}
	return f;
}

enum {
	C = FILE_CONFIG,
	N = FILE_CONFIG | FILE_NOREPLACE,
	M = FILE_CONFIG | FILE_MISSINGOK,
	G = FILE_CONFIG | FILE_GHOST
};

static const struct row {
	const char *from; /* NULL: no package had it */
	uint32_t from_flags;
	const char *to;
	uint32_t to_flags;
	const char *disk;
	enum fate rpm, keep, replace;
} rows[] = {
	/* a ghost is left to itself */
	{"f2", C, "f1", G, "f3", FATE_SKIP, FATE_SKIP, FATE_SKIP},
	{NULL, 0, "f1", G, "f3", FATE_SKIP, FATE_SKIP, FATE_SKIP},
	{"f2", G, "f1", N, "f3", FATE_ALTNAME, FATE_ALTNAME, FATE_SAVE},
	/* missing */
	{"f2", C, "f1", C, "-", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	{"f2", M, "f1", C, "-", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	{"f2", C, "f1", M, "-", FATE_MISSINGOK, FATE_MISSINGOK, FATE_MISSINGOK},
	{NULL, 0, "f1", M, "-", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	/* a file, and it stays one */
	{"f2", C, "f1", C, "f1", FATE_TOUCH, FATE_TOUCH, FATE_TOUCH},
	{"f2", C, "f1", C, "f2", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	{"f2", C, "f1", C, "f3", FATE_SAVE, FATE_ALTNAME, FATE_SAVE},
	{"f2", N, "f1", C, "f3", FATE_SAVE, FATE_ALTNAME, FATE_SAVE},
	{"f2", C, "f1", N, "f3", FATE_ALTNAME, FATE_ALTNAME, FATE_SAVE},
	{"f1", C, "f1", C, "f3", FATE_SKIP, FATE_SKIP, FATE_SAVE},
	{"f1", C, "f1", N, "f3", FATE_SKIP, FATE_SKIP, FATE_SAVE},
	{"f1", C, "f1", C, "f1", FATE_TOUCH, FATE_TOUCH, FATE_TOUCH},
	/* no configuration any more: whatever else is so, what was edited is kept aside */
	{"f2", N, "f1", 0, "f3", FATE_SAVE, FATE_ALTNAME, FATE_SAVE},
	{"f1", C, "f1", 0, "f3", FATE_SAVE, FATE_ALTNAME, FATE_SAVE},
	{"f2", C, "f1", FILE_NOREPLACE, "f3", FATE_SAVE, FATE_ALTNAME, FATE_SAVE},
	{"f2", C, "f1", 0, "f2", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	{"f2", C, "f1", 0, "f1", FATE_TOUCH, FATE_TOUCH, FATE_TOUCH},
	/* configuration from now on */
	{"f2", 0, "f1", C, "f3", FATE_SAVE, FATE_ALTNAME, FATE_SAVE},
	{"f2", 0, "f1", C, "f2", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	/* something else is in its place */
	{"f2", C, "f1", C, "l1", FATE_SAVE, FATE_ALTNAME, FATE_SAVE},
	{"f1", C, "f1", C, "l1", FATE_SKIP, FATE_SKIP, FATE_SAVE},
	{"f2", C, "f1", N, "p", FATE_ALTNAME, FATE_ALTNAME, FATE_SAVE},
	/* links */
	{"l2", C, "l1", C, "l1", FATE_TOUCH, FATE_TOUCH, FATE_TOUCH},
	{"l2", C, "l1", C, "l2", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	{"l2", C, "l1", C, "l3", FATE_SAVE, FATE_ALTNAME, FATE_SAVE},
	{"l2", C, "l1", N, "l3", FATE_ALTNAME, FATE_ALTNAME, FATE_SAVE},
	{"l1", C, "l1", C, "l3", FATE_SKIP, FATE_SKIP, FATE_SAVE},
	{"l1", C, "l1", 0, "l3", FATE_SAVE, FATE_ALTNAME, FATE_SAVE},
	{"l1", C, "l1", C, "f3", FATE_SKIP, FATE_SKIP, FATE_SAVE},
	/* from one kind to another */
	{"f2", C, "l1", C, "f2", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	{"f2", C, "l1", C, "l1", FATE_SAVE, FATE_ALTNAME, FATE_SAVE},
	{"f2", C, "l1", C, "f3", FATE_SAVE, FATE_ALTNAME, FATE_SAVE},
	{"l2", C, "f1", C, "l2", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	{"l2", C, "f1", C, "f1", FATE_SAVE, FATE_ALTNAME, FATE_SAVE},
	{"f2", C, "d", 0, "f3", FATE_SAVE, FATE_SAVE, FATE_SAVE},
	{"f2", C, "d", N, "f3", FATE_SAVE, FATE_SAVE, FATE_SAVE},
	{"d", C, "f1", C, "f3", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	{"p", C, "p", C, "f3", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	/* no package had it */
	{NULL, 0, "f1", C, "f1", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	{NULL, 0, "f1", C, "f3", FATE_BACKUP, FATE_ALTNAME, FATE_BACKUP},
	{NULL, 0, "f1", N, "f3", FATE_ALTNAME, FATE_ALTNAME, FATE_BACKUP},
	{NULL, 0, "f1", C, "l1", FATE_BACKUP, FATE_ALTNAME, FATE_BACKUP},
	{NULL, 0, "f1", C, "-", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	{NULL, 0, "l1", C, "l3", FATE_BACKUP, FATE_ALTNAME, FATE_BACKUP},
	{NULL, 0, "l1", C, "l1", FATE_CREATE, FATE_CREATE, FATE_CREATE},
	{NULL, 0, "d", N, "f3", FATE_CREATE, FATE_CREATE, FATE_CREATE},
};

static void check(const struct row *r, uint8_t from_algo, uint8_t to_algo,
		  enum config_policy policy, enum fate want)
{
	struct pkgfile from =
		r->from ? file(r->from, r->from_flags) : (struct pkgfile){0};
	struct pkgfile to = file(r->to, r->to_flags);
	struct fact there = disk(r->disk);
	enum fate got = fate_decide(r->from ? &from : NULL, from_algo, &to, to_algo,
				    &there, policy);

	if (got != want)
		fail_msg("row %d (%s %x -> %s %x, disk %s), policy %d: %s instead of %s",
			 (int)(r - rows), r->from ? r->from : "none", r->from_flags,
			 r->to, r->to_flags, r->disk, (int)policy, fate_text(got),
			 fate_text(want));
}

static void each_row_has_its_fate(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		check(&rows[i], DIGEST_SHA256, DIGEST_SHA256, CONFIG_RPM, rows[i].rpm);
		check(&rows[i], DIGEST_SHA256, DIGEST_SHA256, CONFIG_KEEP, rows[i].keep);
		check(&rows[i], DIGEST_SHA256, DIGEST_SHA256, CONFIG_REPLACE,
		      rows[i].replace);
	}
}

/* Each digest is compared in its own algorithm; two packages with different ones cannot be. */
static void algorithms_are_told_apart(void **state)
{
	static const struct row same = {"f1", C, "f1", N, "f3", 0, 0, 0};
	static const struct row old = {"f2", C, "f1", C, "f2", 0, 0, 0};
	static const struct row new = {"f2", C, "f1", C, "f1", 0, 0, 0};

	(void)state;
	check(&same, DIGEST_MD5, DIGEST_SHA256, CONFIG_RPM, FATE_ALTNAME);
	check(&old, DIGEST_MD5, DIGEST_SHA256, CONFIG_RPM, FATE_CREATE);
	check(&new, DIGEST_MD5, DIGEST_SHA256, CONFIG_RPM, FATE_TOUCH);
	/* one that the disk was not read in tells nothing */
	check(&old, DIGEST_SHA1, DIGEST_SHA256, CONFIG_RPM, FATE_SAVE);
	check(&new, DIGEST_MD5, DIGEST_SHA1, CONFIG_RPM, FATE_SAVE);
}

static void edits_are_seen(void **state)
{
	static const struct {
		const char *file;
		uint32_t flags;
		const char *disk;
		bool edited;
	} all[] = {
		{"f1", C, "f1", false}, {"f1", C, "f2", true}, {"f1", 0, "f2", false},
		{"f1", C, "-", false},	{"f1", C, "l1", true}, {"l1", C, "l1", false},
		{"l1", C, "l2", true},	{"l1", C, "f1", true}, {"f1", G, "f1", true},
		{"f1", G, "-", false},	{"d", C, "f1", false}, {"p", C, "f1", false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(all); i++) {
		struct pkgfile f = file(all[i].file, all[i].flags);
		struct fact there = disk(all[i].disk);

		assert_int_equal(fate_is_edited(&f, DIGEST_SHA256, &there),
				 all[i].edited);
	}
}

static void a_file_without_a_digest_matches_nothing(void **state)
{
	struct pkgfile f = file("f1", 0);
	struct fact there = disk("f1");

	(void)state;
	assert_true(fate_digest_matches(&f, DIGEST_SHA256, &there));
	assert_true(fate_digest_matches(&f, DIGEST_MD5, &there));
	assert_false(fate_digest_matches(&f, DIGEST_SHA1, &there));
	f.digest_len = 1;
	assert_false(fate_digest_matches(&f, DIGEST_SHA256, &there));
	f.digest = NULL;
	f.digest_len = 0;
	assert_false(fate_digest_matches(&f, DIGEST_SHA256, &there));
}

static void what_rpm_had_not_finished_is_nobodys(void **state)
{
	struct pkgfile from = file("f2", N), to = file("f1", N);
	struct fact there = disk("f0");

	(void)state;
	there.size = 0;
	there.attr.mode = S_IFREG | 0200;
	assert_false(fate_is_edited(&to, DIGEST_SHA256, &there));
	assert_int_equal(fate_decide(&from, DIGEST_SHA256, &to, DIGEST_SHA256, &there,
				     CONFIG_RPM),
			 FATE_CREATE);
	/* with something in it, of another mode, or meant to be so */
	there.size = 1;
	assert_true(fate_is_edited(&to, DIGEST_SHA256, &there));
	there.size = 0;
	there.attr.mode = S_IFREG | 0600;
	assert_true(fate_is_edited(&to, DIGEST_SHA256, &there));
	assert_int_equal(fate_decide(&from, DIGEST_SHA256, &to, DIGEST_SHA256, &there,
				     CONFIG_RPM),
			 FATE_ALTNAME);
	there.attr.mode = S_IFREG | 0200;
	to.mode = S_IFREG | 0200;
	assert_true(fate_is_edited(&to, DIGEST_SHA256, &there));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_has_its_fate),
		cmocka_unit_test(algorithms_are_told_apart),
		cmocka_unit_test(edits_are_seen),
		cmocka_unit_test(a_file_without_a_digest_matches_nothing),
		cmocka_unit_test(what_rpm_had_not_finished_is_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
