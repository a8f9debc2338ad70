/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/xattr.h>

#include "base/file.h"
#include "txn/sweep.h"
#include "txnlab.h"

/* Whatever fails before the commit leaves the root as it was, and no trace. */

static void apply_fails(struct lab *l, enum error_kind kind, const char *text)
{
	cleanup_free char *before = lab_snapshot(l, true);
	struct txn_result res = {0};
	struct error err = ERROR_INIT;

	assert_int_equal(lab_apply(l, &res, &err), -1);
	assert_error(&err, kind, text);
	assert_non_null(strstr(err.msg, "; the root is as it was"));
	assert_snapshot(l, true, before);
	assert_false(lab_has_putback(l));
	err_release(&err);
}

static void small(struct lab *l)
{
	lab_init(l);
	lab_dir(l, "usr");
	lab_file(l, "usr/file", "old\n", 0644);
	lab_file(l, "usr/second", "old second\n", 0644);
	lab_age(l);
	lab_put(l, "usr/file", "the new content\n", 0644);
	lab_put(l, "usr/new", "a file that comes\n", 0644);
	lab_put(l, "usr/second", "the new second\n", 0644);
}

/* --- content -------------------------------------------------------------------------------------------- */

static void test_content_truncated(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	small(&l);
	l.truncate = 1;
	apply_fails(
		&l, ERR_UNTRUSTED,
		"staging lab-1-1.noarch: '/usr/new' has 9 bytes in the package and 18 by its header");
}

static void test_content_forged(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	small(&l);
	l.forge = 2;
	apply_fails(&l, ERR_UNTRUSTED,
		    "the content of '/usr/second' does not match its digest");
}

static void test_content_missing(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	small(&l);
	l.omit = 0;
	apply_fails(&l, ERR_UNTRUSTED,
		    "lab-1-1.noarch: 1 files of its header are not in it");
}

static struct lab *misbehaving;

static ssize_t die(void *reader, void *buf, size_t n, struct error *err)
{
	(void)reader;
	(void)buf;
	(void)n;
	(void)err;
	return kill(getpid(), SIGKILL);
}

static bool now(void *ctx)
{
	(void)ctx;
	return true;
}

static int open_any(const void *ctx, uint32_t change, void **ret, struct error *err)
{
	(void)ctx;
	(void)change;
	(void)err;
	*ret = xcalloc(1, sizeof(uint32_t));
	return 0;
}

static int next_any(void *reader, uint32_t *ret_file, bool *ret_data, struct error *err)
{
	uint32_t *n = reader;

	(void)err;
	if (*n == 1)
		return 0;
	*ret_file = (*n)++;
	*ret_data = true;
	return 1;
}

static void close_any(void *reader)
{
	free(reader);
}

static int apply_with(struct lab *l,
		      ssize_t (*read)(void *, void *, size_t, struct error *),
		      struct error *err)
{
	struct content content = {
		.open = open_any, .next = next_any, .read = read, .close = close_any};
	struct work_order w = {.plan = &l->plan,
			       .content = &content,
			       .record = {.changes = &l->changes},
			       .observer = &l->observer};
	struct txn_result res = {0};

	misbehaving = l;
	return txn_run(l->root, &w, &res, err);
}

static void test_worker_killed(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *before = NULL;
	struct error err = ERROR_INIT;

	(void)unused;
	small(&l);
	before = lab_snapshot(&l, true);
	assert_int_equal(apply_with(&l, die, &err), -1);
	assert_error(&err, ERR_FAILED,
		     "staging lab-1-1.noarch: the worker was killed by signal 9");
	assert_snapshot(&l, true, before);
	assert_false(lab_has_putback(&l));
	err_release(&err);
}

static ssize_t edit_and_give(void *reader, void *buf, size_t n, struct error *err)
{
	static bool given;

	(void)reader;
	(void)n;
	(void)err;
	lab_file(misbehaving, "usr/second", "edited meanwhile\n", 0644);
	if (given)
		return 0;
	given = true;
	memcpy(buf, "the new content\n", 16);
	return 16;
}

/* The user edits a file while staging goes on: seen before anything moves. */
static void test_edited_while_staging(void **unused)
{
	cleanup_lab struct lab l;
	struct error err = ERROR_INIT;

	(void)unused;
	small(&l);
	l.plan.ops.n = 1;
	lab_attr(&l, "usr/second", 0600, 0, 700000000);
	assert_int_equal(apply_with(&l, edit_and_give, &err), -1);
	assert_error(
		&err, ERR_FAILED,
		"the root changed while staging: '/usr/second' was changed; the root is as it was");
	assert_false(lab_has_putback(&l));
	err_release(&err);
}

static void test_stopped(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	small(&l);
	l.observer.stop = now;
	apply_fails(&l, ERR_FAILED, "stopped as asked for");
}

/* --- the root refuses ------------------------------------------------------------------------------------ */

static void test_changed_since_the_plan(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *path = NULL;

	(void)unused;
	small(&l);
	lab_file(&l, "usr/new", "in the way\n", 0644);
	apply_fails(&l, ERR_FAILED, "since the plan was made: '/usr/new' appeared");
	path = lab_path(&l, "usr/new");
	assert_int_equal(unlink(path), 0);
	lab_open(&l);
	free(path);
	path = lab_path(&l, "usr/file");
	assert_int_equal(unlink(path), 0);
	apply_fails(&l, ERR_FAILED, "since the plan was made: '/usr/file' is gone");
}

static void test_directory_became_a_link(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *path = NULL, *to = NULL;

	(void)unused;
	small(&l);
	path = lab_path(&l, "usr");
	to = lab_path(&l, "../outside/usr");
	assert_int_equal(rename(path, to), 0);
	lab_symlink(&l, "../outside/usr", "usr");
	apply_fails(&l, ERR_FAILED, "since the plan was made: ");
}

static void test_own_paths_are_refused(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	small(&l);
	lab_put(&l, ".putback/evil", "x", 0644);
	apply_fails(&l, ERR_REFUSED, "a package owns '/.putback/evil'");
}

static void test_mount_point(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	if (!lab_may_mount())
		skip();
	lab_init(&l);
	lab_dir(&l, "boot");
	lab_mount(&l, "boot", "size=1m,mode=755");
	lab_open(&l);
	lab_remove(&l, "boot");
	apply_fails(&l, ERR_REFUSED, "'/boot' is the top of a mounted file system");
	lab_unmount(&l, "boot");
}

static void test_read_only(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *boot = NULL;

	(void)unused;
	if (!lab_may_mount())
		skip();
	lab_init(&l);
	lab_dir(&l, "boot");
	lab_mount(&l, "boot", "size=1m,mode=755");
	lab_file(&l, "boot/kernel", "kernel\n", 0644);
	boot = lab_path(&l, "boot");
	assert_int_equal(mount("", boot, "", MS_REMOUNT | MS_RDONLY, NULL), 0);
	lab_open(&l);
	lab_put(&l, "boot/kernel", "x", 0644);
	apply_fails(&l, ERR_REFUSED, "the file system at '/boot' is mounted read-only");
	lab_unmount(&l, "boot");
}

static void test_full(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *big = xmalloc(600 * 1024 + 1), *before = NULL;

	(void)unused;
	if (!lab_may_mount())
		skip();
	memset(big, 'x', 600 * 1024);
	big[600 * 1024] = '\0';
	lab_init(&l);
	lab_dir(&l, "boot");
	lab_mount(&l, "boot", "size=1m,mode=755");
	lab_file(&l, "boot/kernel", "kernel\n", 0644);
	lab_age(&l);
	lab_open(&l);
	lab_put(&l, "boot/kernel", big, 0644);
	lab_put(&l, "boot/second", big, 0644);
	before = lab_snapshot(&l, true);
	apply_fails(&l, ERR_FAILED, "the file system at '/boot' is full, staging needs ");
	assert_snapshot(&l, true, before);
	lab_unmount(&l, "boot");
}

/* --- what is made ------------------------------------------------------------------------------------------- */

static void test_area_is_closed(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *area = NULL;
	struct stat st;

	(void)unused;
	small(&l);
	/* a directory that would hand its group down */
	assert_int_equal(chown(l.scene.root, 0, 4242), 0);
	assert_int_equal(chmod(l.scene.root, 02777), 0);
	lab_age(&l);
	l.plan.ops.n = 0;
	lab_put(&l, "usr/file", "x", 0644);
	lab_apply_well(&l);
	area = lab_path(&l, ".putback");
	assert_int_equal(stat(area, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(st.st_uid, 0);
	free(area);
	area = lab_path(&l, "usr/file");
	assert_int_equal(stat(area, &st), 0);
	assert_int_equal(st.st_gid, 0);
}

static void set_label(const struct lab *l, const char *path, const char *label)
{
	cleanup_free char *full = lab_path(l, path);

	if (setxattr(full, "security.selinux", label, strlen(label) + 1, 0) < 0)
		skip();
}

static void has_label(const struct lab *l, const char *path, const char *label)
{
	cleanup_free char *full = lab_path(l, path);
	char value[128] = "";

	assert_true(lgetxattr(full, "security.selinux", value, sizeof(value) - 1) >= 0);
	assert_string_equal(value, label);
}

static void test_labels(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	lab_init(&l);
	lab_dir(&l, "usr");
	lab_file(&l, "usr/file", "old\n", 0644);
	set_label(&l, "", "system_u:object_r:root_t:s0");
	set_label(&l, "usr", "system_u:object_r:usr_t:s0");
	set_label(&l, "usr/file", "system_u:object_r:bin_t:s0");
	lab_put(&l, "usr/file", "new\n", 0644);
	lab_put_dir(&l, "usr/dir", 0755);
	lab_put(&l, "usr/dir/inside", "inside\n", 0644);
	lab_put_symlink(&l, "usr/link", "file");
	lab_apply_well(&l);
	has_label(&l, "usr/file", "system_u:object_r:bin_t:s0");
	has_label(&l, "usr/dir", "system_u:object_r:usr_t:s0");
	has_label(&l, "usr/dir/inside", "system_u:object_r:usr_t:s0");
	has_label(&l, "usr/link", "system_u:object_r:usr_t:s0");
}

/* A leftover that is not ours to judge stays, and is not written over. */
static void test_strange_slots(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *kept = NULL;
	struct txn_list list = {0};

	(void)unused;
	small(&l);
	lab_dir(&l, ".putback");
	kept = lab_path(&l, ".putback");
	assert_int_equal(chmod(kept, 0700), 0);
	lab_dir(&l, ".putback/41");
	lab_file(&l, ".putback/41/0", "an original whose journal is gone\n", 0644);
	lab_apply_well(&l);
	assert_ok(txn_log(l.root, 0, &list, &err_));
	assert_int_equal(list.v[0].id, 42);
	txn_list_release(&list);
	free(steal_ptr(kept));
	kept = lab_path(&l, ".putback/41/0");
	assert_int_equal(access(kept, F_OK), 0);
}

/* --- sweeping ----------------------------------------------------------------------------------------------- */

static void test_sweep_stops_at_mounts(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *file = NULL;
	struct error err = ERROR_INIT;

	(void)unused;
	if (!lab_may_mount())
		skip();
	lab_init(&l);
	lab_dir(&l, "dir");
	lab_dir(&l, "dir/a");
	lab_dir(&l, "dir/a/mount");
	lab_mount(&l, "dir/a/mount", "size=1m");
	lab_file(&l, "dir/a/mount/precious", "x", 0644);
	assert_int_equal(sweep_tree(l.root->fd, "dir", &err), -1);
	assert_error(&err, ERR_FAILED, "something is mounted there");
	file = lab_path(&l, "dir/a/mount/precious");
	assert_int_equal(access(file, F_OK), 0);
	lab_unmount(&l, "dir/a/mount");
	assert_ok(sweep_tree(l.root->fd, "dir", &err_));
	assert_ok(sweep_tree(l.root->fd, "dir", &err_)); /* gone is fine */
	err_release(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_content_truncated),
		cmocka_unit_test(test_content_forged),
		cmocka_unit_test(test_content_missing),
		cmocka_unit_test(test_worker_killed),
		cmocka_unit_test(test_edited_while_staging),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_changed_since_the_plan),
		cmocka_unit_test(test_directory_became_a_link),
		cmocka_unit_test(test_own_paths_are_refused),
		cmocka_unit_test(test_mount_point),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_area_is_closed),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_strange_slots),
		cmocka_unit_test(test_sweep_stops_at_mounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
