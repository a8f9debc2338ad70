/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "rpmlab.h"

#include "base/scratch.h"
#include "source/store.h"

static struct store *open_store(const struct scene *s)
{
	cleanup_free char *path = scene_path(s, "store");
	cleanup_error struct error err = ERROR_INIT;
	struct store *store;

	if (store_open(path, &store, &err))
		fail_msg("%s", err.msg);
	return store;
}

static void put(struct store *store, const char *name, const char *text)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = store_begin(store, name, &err);

	if (fd < 0 || file_write_all(fd, text, strlen(text)))
		fail_msg("%s", err.msg ? err.msg : "cannot write");
}

/* What lies under that name; NULL: nothing. The caller frees. */
static char *look(struct store *store, const char *name, bool part, bool *ret_whole)
{
	cleanup_close int fd = store_look(store, name, part, ret_whole);
	char *text = xcalloc(1, 100);

	if (fd < 0) {
		free(text);
		return NULL;
	}
	assert_true(file_read_full(fd, text, 99) >= 0);
	return text;
}

static void assert_lies(struct store *store, const char *name, bool part,
			const char *want, bool want_whole)
{
	bool whole;
	cleanup_free char *got = look(store, name, part, &whole);

	if (want)
		assert_string_equal(got ? got : "(none)", want);
	else
		assert_null(got);
	assert_int_equal(whole, want_whole);
}

static void test_begin_and_keep(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	struct store *store = open_store(&s);

	(void)state;
	assert_lies(store, "a", true, NULL, false);
	put(store, "a", "begun");
	assert_lies(store, "a", false, NULL, false);
	assert_lies(store, "a", true, "begun", false);
	/* what an earlier run left is the beginning of this one's */
	store_free(store);
	store = open_store(&s);
	put(store, "a", "B");
	assert_lies(store, "a", true, "Begun", false);
	assert_int_equal(store_keep(store, "a", &err), 0);
	assert_lies(store, "a", false, "Begun", true);
	/* a new beginning beside it does not count as long as the whole is there */
	put(store, "a", "again");
	assert_lies(store, "a", true, "Begun", true);
	store_drop(store, "a");
	assert_lies(store, "a", true, NULL, false);
	put(store, "b", "x");
	store_empty(store, false);
	assert_lies(store, "b", true, NULL, false);
	assert_int_equal(store_keep(store, "b", &err), -1);
	assert_error(&err, ERR_FAILED, "cannot write '");
	store_free(store);
}

static void test_one_at_a_time(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *path = scene_path(&s, "store"), *file = scene_path(&s, "file"),
			  *want = NULL;
	struct store *first = open_store(&s), *second;

	(void)state;
	want = xasprintf(
		"another putback downloads to '%s'; wait for it to end, or name another "
		"folder with --cache",
		path);
	assert_int_equal(store_open(path, &second, &err), -1);
	assert_int_equal(err.kind, ERR_LOCKED);
	assert_string_equal(err.msg, want);
	store_free(first);
	store_free(open_store(&s));
	err_release(&err);
	scene_file(&s, "file", "");
	assert_int_equal(store_open(file, &second, &err), -1);
	assert_error(&err, ERR_FAILED, "/file'");
}

/* A cache may lie where others write: what is no regular file is none. */
static void test_what_others_put_there(void **state)
{
	cleanup_scene struct scene s = scene_new();
	struct store *store = open_store(&s);
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *secret = scene_path(&s, "secret");
	bool whole;

	(void)state;
	scene_file(&s, "secret", "not to be touched");
	scene_link(&s, "../secret", "store/link");
	scene_link(&s, "../secret", "store/part.part");
	scene_link(&s, "../new", "store/gone.part");
	scene_fifo(&s, "store/fifo");
	scene_dir(&s, "store/folder");
	assert_int_equal(store_look(store, "link", true, &whole), -1);
	assert_int_equal(errno, ENOENT); /* what there is of it: nothing */
	assert_int_equal(store_look(store, "fifo", false, &whole), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(store_look(store, "folder", false, &whole), -1);
	assert_int_equal(store_look(store, "part", true, &whole), -1);
	assert_int_equal(store_begin(store, "part", &err), -1);
	assert_error(&err, ERR_FAILED, "/store/part.part': ");
	err_release(&err);
	assert_int_equal(store_begin(store, "gone", &err), -1);
	assert_error(&err, ERR_FAILED, "/store/gone.part': ");
	assert_int_equal(access(secret, F_OK), 0);
	store_free(store);
}

static void test_names(void **state)
{
	struct digest d = {.algo = DIGEST_SHA256, .len = 32};
	cleanup_free char *plain = NULL, *odd = NULL, *empty = NULL, *cut = NULL,
			  *none = NULL, *text = NULL, *same = NULL, *other = NULL;
	char longest[500];

	(void)state;
	for (uint8_t i = 0; i < 32; i++)
		d.bytes[i] = (uint8_t)(i * 17);
	plain = store_name(&d, "Packages/b/bash-5.2-1.x86_64.rpm");
	assert_string_equal(plain, "0011223344556677-bash-5.2-1.x86_64.rpm");
	odd = store_name(&d, "../a b\n\x7f\xc3\xa4");
	assert_string_equal(odd, "0011223344556677-a_b__\xc3\xa4");
	empty = store_name(&d, "..");
	assert_string_equal(empty, "0011223344556677-..");
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	cut = store_name(&d, longest);
	assert_true(strlen(cut) + strlen(".part") < 256);
	none = store_name(&(struct digest){0}, "x");
	assert_string_equal(none, "-x");
	text = store_name_of_text("http://h/", "repomd.xml");
	same = store_name_of_text("http://h/", "repomd.xml");
	other = store_name_of_text("http://h", "repomd.xml");
	assert_string_equal(text, same);
	assert_true(strcmp(text, other) != 0);
	assert_non_null(strstr(text, "-repomd.xml"));
}

static void test_for_this_run(void **state)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *path = NULL;
	struct store *store;

	(void)state;
	assert_int_equal(store_temporary(&store, &err), 0);
	path = xstrdup(store->path);
	put(store, "a", "x");
	assert_int_equal(access(path, F_OK), 0);
	store_free(store);
	assert_int_equal(access(path, F_OK), -1);
}

static void test_on_a_disk_rather_than_in_memory(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *folder = scene_path(&s, "tmp");
	struct store *store;

	(void)state;
	scene_dir(&s, "tmp");
	if (!scratch_is_on_disk(folder))
		skip();
	setenv("TMPDIR", folder, 1);
	assert_int_equal(store_temporary(&store, &err), 0);
	assert_int_equal(strncmp(store->path, folder, strlen(folder)), 0);
	assert_int_equal(store_make_room(store, 1 << 20, &err), 0);
	assert_int_equal(store->earlier.n, 0);
	assert_int_equal(store_make_room(store, UINT64_MAX / 2, &err), -1);
	assert_error(&err, ERR_REFUSED, "name a folder on a disk with --cache DIR");
	store_free(store);
	unsetenv("TMPDIR");
}

/* A world of its own in which memory is all there is. 77: that cannot be had here. */
static int mount_memory(void)
{
	static const char *const all[][2] = {{"/var/tmp", "size=1m"},
					     {"/run", "size=90m"},
					     {"/tmp", "size=1m"},
					     {"/dev/shm", "size=42m"}};

	unsetenv("TMPDIR");
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return 77;
	for (size_t i = 0; i < ELEMENTSOF(all); i++)
		if (mount("tmpfs", all[i][0], "tmpfs", 0, all[i][1]))
			return 77;
	return 0;
}

#define IN_CHILD(what) \
	if (!(what))   \
	return not_so(#what, __LINE__)

static int not_so(const char *what, int line)
{
	print_error("line %d: not so: %s\n", line, what);
	return 1;
}

static int write_text(struct store *store, const char *name, const char *text)
{
	cleanup_close int fd = store_begin(store, name, NULL);

	return fd < 0 || lseek(fd, 0, SEEK_END) < 0
		       ? -1
		       : file_write_all(fd, text, strlen(text));
}

static bool lies(struct store *store, const char *name, const char *want)
{
	char text[100] = "";
	bool whole;
	cleanup_close int fd = store_look(store, name, true, &whole);

	return fd >= 0 && file_read_full(fd, text, sizeof(text) - 1) >= 0 &&
	       !strcmp(text, want);
}

/* 0: all is as it should be */
static int go_from_place_to_place(void)
{
	cleanup_error struct error err = ERROR_INIT;
	struct store *store;
	int rc = mount_memory();

	if (rc)
		return rc;
	IN_CHILD(store_temporary(&store, &err) == 0);
	IN_CHILD(!strncmp(store->path, "/dev/shm/", 9));
	IN_CHILD(write_text(store, "whole", "w") == 0 &&
		 store_keep(store, "whole", &err) == 0);
	IN_CHILD(write_text(store, "part", "be") == 0 &&
		 write_text(store, "late", "l") == 0);
	/* there is not room for that much, and is in the next */
	IN_CHILD(store_make_room(store, 40 << 20, &err) == 0);
	IN_CHILD(!strncmp(store->path, "/run/", 5));
	IN_CHILD(store_make_room(store, 40 << 20, &err) == 0 && store->earlier.n == 1);
	IN_CHILD(lies(store, "whole", "w") && lies(store, "part", "be"));
	IN_CHILD(write_text(store, "part", "gun") == 0 && lies(store, "part", "begun"));
	IN_CHILD(store_keep(store, "part", &err) == 0 && lies(store, "part", "begun"));
	IN_CHILD(store_keep(store, "late", &err) == 0 && lies(store, "late", "l"));
	store_drop(store, "whole");
	IN_CHILD(!lies(store, "whole", "w"));
	/* none of them is filled */
	IN_CHILD(store_make_room(store, 70 << 20, &err) < 0 && err.kind == ERR_REFUSED);
	IN_CHILD(strstr(err.msg, "name a folder on a disk with --cache DIR"));
	store_free(store);
	return 0;
}

static void test_memory_is_all_there_is(void **state)
{
	pid_t pid = fork();
	int how;

	(void)state;
	if (pid == 0)
		_exit(go_from_place_to_place());
	assert_int_equal(waitpid(pid, &how, 0), pid);
	assert_true(WIFEXITED(how));
	if (WEXITSTATUS(how) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(how), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begin_and_keep),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_what_others_put_there),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_for_this_run),
		cmocka_unit_test(test_on_a_disk_rather_than_in_memory),
		cmocka_unit_test(test_memory_is_all_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
