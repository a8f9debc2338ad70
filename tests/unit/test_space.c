/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/space.h"

/* A second copy of the rpmdb, as prepare.c has it counted. */
static void check(struct plan *p, uint64_t db_bytes, uint32_t db_mount)
{
	const struct space_extra db = {db_mount, db_bytes + db_bytes / 4, 8};

	space_check(p, &db, p->changes->list.n ? 1 : 0);
}

#define MIB (UINT64_C(1024) * 1024)
/* of the path "x": a line of the manifest and an entry of a directory; and an area */
enum {
	ROW = 288 + 1,
	AREA_INODES = 4,
	AREA_BYTES = AREA_INODES * 4096,
	ROOM = AREA_BYTES + 4096
};

static struct change change = {.kind = CHANGE_INSTALL};
static struct changes one = {.list = {&change, 1, 1}}, none;

static struct mount mount(const char *path, uint64_t free_bytes)
{
	return (struct mount){.path = (char *)path,
			      .block_size = 4096,
			      .blocks_free = free_bytes / 4096,
			      .inodes_free = UINT64_MAX};
}

static struct op op(enum op_kind kind, uint32_t on, uint32_t type, uint64_t size)
{
	return (struct op){.kind = kind,
			   .path = "x",
			   .mount = on,
			   .new.mode = type | 0644,
			   .size = size,
			   .link_leader = NO_INDEX};
}

static void reset(struct plan *p, const struct changes *c, struct mount *m, uint32_t n,
		  struct mounts *mounts)
{
	plan_release(p);
	*mounts = (struct mounts){.v = m, .n = n, .cap = n};
	*p = (struct plan){.changes = c, .mounts = mounts};
}

static uint32_t count(const struct plan *p, enum problem_kind kind)
{
	const struct problem *x;
	uint32_t n = 0;

	array_foreach(x, &p->problems.list)
		n += x->kind == kind && x->severity == SEV_REFUSE;
	return n;
}

static void blocks_and_inodes_are_counted_where_they_are_taken(void **state)
{
	struct mount m[] = {mount("", 1024 * MIB), mount("usr", 1024 * MIB)};
	struct mounts mounts;
	struct plan p = {0};
	struct op link = op(OP_CREATE, 1, S_IFREG, 5000);

	(void)state;
	reset(&p, &one, m, 2, &mounts);
	array_add(&p.ops, op(OP_CREATE, 1, S_IFREG, 5000));
	array_add(&p.ops, op(OP_SWAP, 1, S_IFREG, 0));
	array_add(&p.ops, op(OP_SWAP, 1, S_IFLNK, 0));
	array_add(&p.ops, op(OP_CREATE, 1, S_IFDIR, 0));
	array_add(&p.ops, op(OP_REMOVE, 1, S_IFREG, 5000));
	array_add(&p.ops, op(OP_MOVE, 1, S_IFREG, 5000));
	array_add(&p.ops, op(OP_ATTR, 1, S_IFREG, 5000));
	link.link_leader = 0;
	array_add(&p.ops, link);
	check(&p, 4 * MIB, 1);
	assert_int_equal(p.space.n, 2);
	assert_int_equal(p.space.v[1].bytes,
			 8192 + 4096 + 4096 + 5 * MIB + 8 * ROW + AREA_BYTES);
	assert_int_equal(p.space.v[1].inodes, 4 + 8 + AREA_INODES);
	assert_int_equal(p.space.v[0].bytes, MIB + 8 * 1024 + AREA_BYTES);
	assert_int_equal(p.space.v[0].inodes, 8 + AREA_INODES);
	assert_int_equal(p.problems.list.n, 0);
	plan_release(&p);
}

static void what_is_too_little_is_said_with_the_amount(void **state)
{
	struct mount m[] = {mount("", 1024 * MIB), mount("boot", 30 * MIB)};
	struct mounts mounts;
	struct plan p = {0};

	(void)state;
	/* 20 MiB with all that hangs on it, a twentieth, 8 MiB: 29 */
	reset(&p, &one, m, 2, &mounts);
	array_add(&p.ops, op(OP_CREATE, 1, S_IFREG, 20 * MIB - ROOM));
	check(&p, 0, 0);
	assert_int_equal(p.problems.list.n, 0);

	m[1].blocks_free = 29 * MIB / 4096;
	check(&p, 0, 0);
	assert_int_equal(p.problems.list.n, 0);
	assert_int_equal(p.space.n, 2); /* and not added up */
	assert_true(p.space.v[1].bytes >= 20 * MIB - 4096 && p.space.v[1].bytes <= 20 * MIB);

	m[1].blocks_free = 24 * MIB / 4096;
	check(&p, 0, 0);
	assert_int_equal(p.problems.list.n, 1);
	assert_int_equal(p.problems.list.v[0].kind, PROBLEM_SPACE);
	assert_int_equal(p.problems.list.v[0].severity, SEV_REFUSE);
	assert_string_equal(p.problems.list.v[0].subject, "/boot");
	assert_string_equal(
		p.problems.list.v[0].text,
		"'/boot' needs 5.0 MiB more: 29.0 MiB at the peak (with a margin), "
		"24.0 MiB free");
	plan_release(&p);
}

static void inodes_run_out_too(void **state)
{
	struct mount m[] = {mount("", 1024 * MIB), mount("usr", 1024 * MIB)};
	struct mounts mounts;
	struct plan p = {0};

	(void)state;
	m[1].inodes_free = 2 + AREA_INODES + 16;
	reset(&p, &one, m, 2, &mounts);
	array_add(&p.ops, op(OP_CREATE, 1, S_IFREG, 1));
	array_add(&p.ops, op(OP_CREATE, 1, S_IFREG, 1));
	check(&p, 0, 0);
	assert_int_equal(count(&p, PROBLEM_INODES), 0);
	array_add(&p.ops, op(OP_CREATE, 1, S_IFREG, 1));
	check(&p, 0, 0);
	assert_int_equal(count(&p, PROBLEM_INODES), 1);
	assert_string_equal(
		p.problems.list.v[0].text,
		"'/usr' needs 1 more inodes: 23 at the peak (with a margin), 22 free");
	plan_release(&p);
}

static void whatever_is_done_needs_a_writable_place(void **state)
{
	static const enum op_kind kinds[] = {OP_SWAP, OP_CREATE, OP_REMOVE, OP_MOVE,
					     OP_ATTR};
	struct mount m[] = {mount("", 1024 * MIB), mount("usr", 1024 * MIB),
			    mount("srv", 0)};
	struct mounts mounts;
	struct plan p = {0};

	(void)state;
	m[1].readonly = m[2].readonly = true;
	for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
		reset(&p, &one, m, 3, &mounts);
		array_add(&p.ops, op(kinds[i], 1, S_IFREG, 0));
		check(&p, 0, 0);
		assert_int_equal(p.problems.list.n, 1);
		assert_int_equal(count(&p, PROBLEM_READ_ONLY), 1);
		assert_string_equal(p.problems.list.v[0].subject, "/usr");
	}
	/* the rpmdb's and the journal's */
	reset(&p, &one, m, 3, &mounts);
	check(&p, 1, 1);
	assert_int_equal(count(&p, PROBLEM_READ_ONLY), 1);
	m[1].readonly = false;
	m[0].readonly = true;
	reset(&p, &one, m, 3, &mounts);
	array_add(&p.ops, op(OP_ATTR, 1, S_IFREG, 0));
	check(&p, 1, 1);
	assert_int_equal(count(&p, PROBLEM_READ_ONLY), 1);
	assert_string_equal(p.problems.list.v[0].subject, "/");
	plan_release(&p);
}

/* Taking away needs no room where it is done. */
static void a_full_file_system_can_be_cleared(void **state)
{
	struct mount m[] = {mount("", 1024 * MIB), mount("boot", 0)};
	struct mounts mounts;
	struct plan p = {0};

	(void)state;
	reset(&p, &one, m, 2, &mounts);
	array_add(&p.ops, op(OP_REMOVE, 1, S_IFREG, 20 * MIB));
	array_add(&p.ops, op(OP_MOVE, 1, S_IFREG, 20 * MIB));
	array_add(&p.ops, op(OP_ATTR, 1, S_IFREG, 20 * MIB));
	m[1].inodes_free = AREA_INODES;
	check(&p, 0, 0);
	assert_int_equal(p.problems.list.n, 0);
	m[1].inodes_free = AREA_INODES - 1;
	check(&p, 0, 0);
	assert_int_equal(count(&p, PROBLEM_INODES), 1);
	plan_release(&p);
}

/* Subvolumes and bind mounts of one device have no room of their own. */
static void what_shares_its_room_is_added_up(void **state)
{
	struct mount m[] = {mount("", 40 * MIB), mount("home", 40 * MIB),
			    mount("var", 40 * MIB)};
	struct mounts mounts;
	struct plan p = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		m[i].fstype = (char *)"btrfs";
		m[i].device = (char *)(i == 2 ? "/dev/vdb" : "/dev/vda");
	}
	reset(&p, &one, m, 3, &mounts);
	for (uint32_t i = 0; i < 3; i++)
		array_add(&p.ops, op(OP_SWAP, i, S_IFREG, 25 * MIB));
	check(&p, 0, 0);
	assert_int_equal(count(&p, PROBLEM_SPACE), 1);
	assert_string_equal(p.problems.list.v[0].subject, "/");
	assert_non_null(strstr(p.problems.list.v[0].text, " 61."));
	/* each is shown with what it needs itself */
	assert_true(p.space.v[1].bytes >= 25 * MIB && p.space.v[1].bytes <= 26 * MIB);
	m[1].device = (char *)"/dev/vdc";
	reset(&p, &one, m, 3, &mounts);
	for (uint32_t i = 0; i < 3; i++)
		array_add(&p.ops, op(OP_SWAP, i, S_IFREG, 25 * MIB));
	check(&p, 0, 0);
	assert_int_equal(p.problems.list.n, 0);
	/* what is in memory, or comes from who knows where */
	m[0].device = m[1].device = (char *)"tmpfs";
	reset(&p, &one, m, 3, &mounts);
	for (uint32_t i = 0; i < 3; i++)
		array_add(&p.ops, op(OP_SWAP, i, S_IFREG, 25 * MIB));
	check(&p, 0, 0);
	assert_int_equal(p.problems.list.n, 0);
	plan_release(&p);
}

static void what_is_written_beside_the_paths_counts(void **state)
{
	struct mount m[] = {mount("", 40 * MIB), mount("var", 40 * MIB)};
	const struct space_extra beside[] = {{1, 20 * MIB, 3}, {1, 15 * MIB, 1}};
	struct mounts mounts;
	struct plan p = {0};

	(void)state;
	reset(&p, &one, m, 2, &mounts);
	space_check(&p, beside, 1);
	assert_int_equal(p.problems.list.n, 0);
	assert_int_equal(p.space.v[1].bytes, 20 * MIB + AREA_BYTES);
	assert_int_equal(p.space.v[1].inodes, 3 + AREA_INODES);
	space_check(&p, beside, 2);
	assert_int_equal(count(&p, PROBLEM_SPACE), 1);
	assert_string_equal(p.problems.list.v[0].subject, "/var");
	plan_release(&p);
}

static void nothing_to_do_needs_nothing(void **state)
{
	struct mount m[] = {mount("", 0)};
	struct mounts mounts;
	struct plan p = {0};

	(void)state;
	m[0].readonly = true;
	reset(&p, &none, m, 1, &mounts);
	check(&p, 100 * MIB, 0);
	assert_int_equal(p.problems.list.n, 0);
	assert_int_equal(p.space.n, 1);
	assert_int_equal(p.space.v[0].bytes, 0);
	plan_release(&p);
}

/* Sizes come from packages: they do not come round to nothing. */
static void absurd_sizes_stay_large(void **state)
{
	static const uint64_t sizes[] = {UINT64_MAX, UINT64_MAX - 1, UINT64_MAX - 5000,
					 UINT64_C(1) << 63};
	struct mount m[] = {mount("", 1024 * MIB)};
	struct mounts mounts;
	struct plan p = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
		reset(&p, &one, m, 1, &mounts);
		array_add(&p.ops, op(OP_CREATE, 0, S_IFREG, sizes[i]));
		array_add(&p.ops, op(OP_CREATE, 0, S_IFREG, sizes[i]));
		check(&p, sizes[i], 0);
		assert_int_equal(count(&p, PROBLEM_SPACE), 1);
		assert_true(p.space.v[0].bytes >= sizes[i]);
	}
	plan_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_and_inodes_are_counted_where_they_are_taken),
		cmocka_unit_test(what_is_too_little_is_said_with_the_amount),
		cmocka_unit_test(inodes_run_out_too),
		cmocka_unit_test(whatever_is_done_needs_a_writable_place),
		cmocka_unit_test(a_full_file_system_can_be_cleared),
		cmocka_unit_test(what_shares_its_room_is_added_up),
		cmocka_unit_test(what_is_written_beside_the_paths_counts),
		cmocka_unit_test(nothing_to_do_needs_nothing),
		cmocka_unit_test(absurd_sizes_stay_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
