/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each case about paths runs twice: with openat2, and with the walk that takes its place. */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/array.h"
#include "base/root.h"
#include "scene.h"

static struct root *open_root(const struct scene *s, void **state, enum root_mode mode)
{
	cleanup_error struct error err = ERROR_INIT;
	bool walks = *state != NULL;
	struct root *r = NULL;
	struct statx st;

	if (walks)
		setenv("PUTBACK_WITHOUT", "openat2", 1);
	assert_int_equal(root_open(s->root, mode, &r, &err), 0);
	unsetenv("PUTBACK_WITHOUT");
	assert_int_equal(r->no_openat2, walks);
	(void)root_statx(r, "not/there", STATX_TYPE, &st);
	if (r->no_openat2 && !walks) {
		root_free(r);
		skip(); /* this kernel or sandbox has no openat2: the other run has seen it all */
	}
	return r;
}

static void cleanup_rootp(struct root **r)
{
	root_free(*r);
}
#define cleanup_root __attribute__((cleanup(cleanup_rootp)))

/* --- opening ---------------------------------------------------------------------------------- */

static void the_running_system_is_refused(void **state)
{
	static const char *const spellings[] = {
		"/", "//", "/.", "/usr/..", "/proc/self/root", "/proc/1/root/"};
	cleanup_scene struct scene s = scene_new();
	cleanup_free char *link = scene_path(&s, "link");

	(void)state;
	scene_link(&s, "../../../../../../../../..", "link");
	for (size_t i = 0; i <= ELEMENTSOF(spellings); i++) {
		const char *path = i < ELEMENTSOF(spellings) ? spellings[i] : link;
		cleanup_error struct error err = ERROR_INIT;
		cleanup_root struct root *r = NULL;

		if (access(path, F_OK))
			continue;
		assert_int_equal(
			root_open(path, i % 2 ? ROOT_READ : ROOT_WRITE, &r, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.msg, path));
		assert_null(r);
	}
}

static void what_is_no_directory_is_refused(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_free char *file = scene_path(&s, "file"), *gone = scene_path(&s, "gone");
	cleanup_free char *fifo = scene_path(&s, "fifo");
	cleanup_error struct error err = ERROR_INIT;
	cleanup_root struct root *r = NULL;

	(void)state;
	scene_file(&s, "file", "");
	scene_fifo(&s, "fifo");
	assert_int_equal(root_open(gone, ROOT_READ, &r, &err), -1);
	assert_int_equal(err.kind, ERR_FAILED);
	assert_int_equal(err.sys, ENOENT);
	assert_int_equal(root_open(file, ROOT_READ, &r, &err), -1);
	assert_int_equal(err.sys, ENOTDIR);
	assert_int_equal(root_open(fifo, ROOT_WRITE, &r, &err), -1);
	assert_int_equal(err.sys, ENOTDIR);
	assert_int_equal(root_open("", ROOT_WRITE, &r, &err), -1);
	assert_null(r);
}

/* --- resolving ----------------------------------------------------------------------------------- */

struct way {
	const char *path;
	bool follow;
	const char *canonical; /* NULL: fails with sys */
	int sys;
};

static void assert_ways(struct root *r, const struct way *ways, size_t n)
{
	for (int round = 0; round < 2; round++) {
		/* the second time backwards: what is cached must not matter */
		for (size_t k = 0; k < n; k++) {
			const struct way *w = &ways[round ? n - 1 - k : k];
			cleanup_error struct error err = ERROR_INIT;
			cleanup_free char *canonical = NULL;
			int result =
				root_resolve(r, w->path, w->follow, &canonical, &err);

			if (w->canonical) {
				if (result)
					fail_msg("%s: %s", w->path, err.msg);
				assert_string_equal(canonical, w->canonical);
				assert_true(path_is_canonical(canonical));
			} else {
				assert_int_equal(result, -1);
				assert_int_equal(err.sys, w->sys);
				assert_non_null(strstr(err.msg, w->path));
			}
		}
	}
}

static void packaged_paths_become_canonical(void **state)
{
	static const struct way ways[] = {
		{"/", false, "", 0},
		{"", false, "", 0},
		{"/usr", false, "usr", 0},
		{"usr", false, "usr", 0},
		{"//usr///bin//sh", false, "usr/bin/sh", 0},
		{"/usr/./bin/.", false, "usr/bin", 0},
		{"/bin", false, "bin", 0},
		{"/bin", true, "usr/bin", 0},
		{"/bin/", false, "usr/bin", 0},
		{"/bin/sh", false, "usr/bin/sh", 0},
		{"/bin/sh", true, "usr/bin/bash", 0},
		{"/bin/new", false, "usr/bin/new", 0},
		{"/bin/new", true, "usr/bin/new", 0},
		{"/lib/a", false, "usr/lib/a", 0},
		{"/absolute/sh", false, "usr/bin/sh", 0},
		{"/usr/lib/far/sh", true, "usr/bin/bash", 0},
		{"/twice/sh", true, "usr/bin/bash", 0},
		{"/missing/dir/file", false, "missing/dir/file", 0},
		{"/missing/../bin/x", false, "usr/bin/x", 0},
		{"/missing/..", false, "", 0},
		{"/usr/bin/..", false, "usr", 0},
		{"/bin/../x", false, "usr/x", 0},
		{"/dangling", true, "nowhere/at/all", 0},
		{"/dangling/file", false, "nowhere/at/all/file", 0},
		/* a file where a directory must be */
		{"/usr/bin/bash/x", false, NULL, ENOTDIR},
		{"/usr/bin/bash/", false, NULL, ENOTDIR},
		{"/usr/bin/bash/..", false, NULL, ENOTDIR},
		{"/fifo/x", true, NULL, ENOTDIR},
		{"/fifo", true, "fifo", 0},
	};
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = NULL;

	scene_dir(&s, "usr");
	scene_dir(&s, "usr/bin");
	scene_dir(&s, "usr/lib");
	scene_file(&s, "usr/bin/bash", "");
	scene_link(&s, "bash", "usr/bin/sh");
	scene_link(&s, "usr/bin", "bin");
	scene_link(&s, "usr/lib/", "lib");
	scene_link(&s, "/usr/bin", "absolute");
	scene_link(&s, "/bin", "usr/lib/far");
	scene_link(&s, "./absolute/../bin/", "twice");
	scene_link(&s, "nowhere/at/all", "dangling");
	scene_fifo(&s, "fifo");
	r = open_root(&s, state, ROOT_WRITE);
	assert_ways(r, ways, ELEMENTSOF(ways));
}

static void no_way_leads_out(void **state)
{
	static const struct way ways[] = {
		{"/../../..", false, "", 0},
		{"/../../../usr/x", false, "usr/x", 0},
		{"/up", true, "", 0},
		{"/up/outside/secret", true, "outside/secret", 0},
		{"/usr/up/etc/passwd", true, "etc/passwd", 0},
		{"/top", true, "", 0},
		{"/top/etc/passwd", true, "etc/passwd", 0},
		{"/usr/../../outside/secret", true, "outside/secret", 0},
	};
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = NULL;
	cleanup_free char *target = NULL, *canonical = NULL;

	r = open_root(&s, state, ROOT_READ);
	target = xasprintf("%s/outside", s.dir);
	scene_dir(&s, "usr");
	scene_file(&s, "../outside/secret", "secret");
	scene_link(&s, "../../../../../..", "up");
	scene_link(&s, "../../../../../../..", "usr/up");
	scene_link(&s, "/", "top");
	scene_link(&s, target, "host");
	assert_ways(r, ways, ELEMENTSOF(ways));
	/* the host's own path means the root's */
	assert_int_equal(root_resolve(r, "/host/secret", true, &canonical, NULL), 0);
	assert_string_equal(canonical + strlen(target) - 1, "/secret");
	assert_int_equal(strncmp(canonical, target + 1, strlen(target) - 1), 0);
	assert_int_equal(root_open_packaged(r, "/host/secret", O_RDONLY), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(root_open_packaged(r, "/up/outside/secret", O_RDONLY), -1);
	assert_int_equal(errno, ENOENT);
}

static void loops_end(void **state)
{
	static const struct way ways[] = {
		{"/self", true, NULL, ELOOP},	  {"/self", false, "self", 0},
		{"/self/x", false, NULL, ELOOP},  {"/a/x", false, NULL, ELOOP},
		{"/grows/x", false, NULL, ELOOP}, {"/chain40", true, "end", 0},
		{"/chain41", true, NULL, ELOOP},
	};
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = NULL;

	scene_link(&s, "self", "self");
	scene_link(&s, "b", "a");
	scene_link(&s, "/a", "b");
	scene_link(&s, "grows/grows/grows", "grows");
	scene_link(&s, "end", "chain1");
	for (int i = 2; i <= 41; i++) {
		cleanup_free char *target = xasprintf("chain%d", i - 1);
		cleanup_free char *name = xasprintf("chain%d", i);

		scene_link(&s, target, name);
	}
	r = open_root(&s, state, ROOT_READ);
	assert_ways(r, ways, ELEMENTSOF(ways));
}

static void odd_names_are_names(void **state)
{
	static const struct way ways[] = {
		{"/a\nb/c\td", false, "a\nb/c\td", 0},
		{"/...", false, "...", 0},
		{"/..x/y", false, "..x/y", 0},
		{"/caf\351/x", false, "caf\351/x", 0},
		{"/link/x", false, "a\nb/x", 0},
	};
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = NULL;

	scene_dir(&s, "a\nb");
	scene_dir(&s, "caf\351");
	scene_link(&s, "a\nb", "link");
	r = open_root(&s, state, ROOT_READ);
	assert_ways(r, ways, ELEMENTSOF(ways));
}

/* --- canonical paths -------------------------------------------------------------------------------- */

static void links_on_the_way_are_refused(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = NULL;
	const char *name;
	struct statx st;
	int fd;

	scene_dir(&s, "usr");
	scene_file(&s, "usr/file", "x");
	scene_dir(&s, "usr/sub");
	scene_link(&s, "usr", "inside");
	scene_link(&s, "../outside", "out");
	scene_file(&s, "../outside/file", "secret");
	r = open_root(&s, state, ROOT_WRITE);
	assert_int_equal(root_statx(r, "usr/file", STATX_BASIC_STATS, &st), 0);
	assert_int_equal(root_statx(r, "inside/file", STATX_BASIC_STATS, &st), -1);
	assert_true(errno == ELOOP || errno == ENOTDIR);
	assert_int_equal(root_openat(r, "out/file", O_RDONLY, 0), -1);
	assert_true(errno == ELOOP || errno == ENOTDIR);
	assert_int_equal(root_openat(r, "out/new", O_WRONLY | O_CREAT, 0644), -1);
	assert_int_equal(root_parent(r, "inside/sub/x", &name), -1);
	assert_true(errno == ELOOP || errno == ENOTDIR);
	/* the last component is the link itself */
	assert_int_equal(root_openat(r, "out", O_RDONLY | O_DIRECTORY, 0), -1);
	assert_true(errno == ELOOP || errno == ENOTDIR);
	assert_int_equal(root_statx(r, "out", STATX_BASIC_STATS, &st), 0);
	assert_true(S_ISLNK(st.stx_mode));
	fd = root_openat(r, "out", O_PATH, 0);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(root_statx(r, "usr/file/x", STATX_TYPE, &st), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(root_statx(r, "usr/no/x", STATX_TYPE, &st), -1);
	assert_int_equal(errno, ENOENT);
}

static void paths_that_are_not_canonical_are_refused(void **state)
{
	static const char *const bad[] = {
		"/usr", "usr/",	 "..",	   "usr/..", "usr/../x", "../outside/f",
		".",	"usr/.", "usr//x", "./usr",  "/",	 "../root/usr"};
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = NULL;
	struct statx st;

	scene_dir(&s, "usr");
	r = open_root(&s, state, ROOT_WRITE);
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		const char *name;

		assert_false(path_is_canonical(bad[i]));
		assert_int_equal(root_statx(r, bad[i], STATX_TYPE, &st), -1);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(root_openat(r, bad[i], O_RDONLY, 0), -1);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(root_parent(r, bad[i], &name), -1);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(root_statx(r, "", STATX_TYPE, &st), 0);
	assert_true(S_ISDIR(st.stx_mode));
}

static void a_long_path_is_walked(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = open_root(&s, state, ROOT_WRITE);
	cleanup_buf struct buf path = {0}, deep = {0};
	cleanup_free char *canonical = NULL;
	char name[201];
	struct statx st;

	memset(name, 'd', 200);
	name[200] = '\0';
	for (int i = 0; i < 30; i++) {
		const char *last;
		int dir;

		if (path.n)
			buf_char(&path, '/');
		buf_str(&path, name);
		dir = root_parent(r, path.s, &last);
		assert_true(dir >= 0);
		assert_int_equal(mkdirat(dir, last, 0755), 0);
	}
	assert_true(path.n > 4096);
	assert_int_equal(root_statx(r, path.s, STATX_TYPE, &st), 0);
	buf_printf(&deep, "/%s/x", path.s);
	assert_int_equal(root_resolve(r, deep.s, true, &canonical, NULL), 0);
	assert_string_equal(canonical, deep.s + 1);
	/* nftw would need the same: remove from the bottom */
	while (path.n) {
		const char *last, *slash;
		int dir = root_parent(r, path.s, &last);

		assert_int_equal(unlinkat(dir, last, AT_REMOVEDIR), 0);
		root_forget(r);
		slash = strrchr(path.s, '/');
		path.n = slash ? slash - path.s : 0;
		path.s[path.n] = '\0';
	}
}

static void parents_are_cached_until_forgotten(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = NULL;
	cleanup_free char *one = NULL, *two = NULL, *canonical = NULL;
	const char *name;
	int fd;

	scene_dir(&s, "one");
	scene_dir(&s, "one/sub");
	r = open_root(&s, state, ROOT_WRITE);
	one = scene_path(&s, "one");
	two = scene_path(&s, "two");
	fd = root_parent(r, "one/a", &name);
	assert_string_equal(name, "a");
	assert_int_equal(root_parent(r, "one/b", &name), fd);
	assert_string_equal(name, "b");
	assert_int_equal(root_parent(r, "top", &name), r->fd);
	assert_string_equal(name, "top");
	assert_int_equal(root_parent(r, "", &name), r->fd);
	assert_string_equal(name, ".");
	/* "one" and "one/sub" share a beginning only */
	assert_true(root_parent(r, "one/sub/x", &name) >= 0);
	assert_true(root_parent(r, "one/x", &name) >= 0);
	assert_int_equal(root_resolve(r, "/one/x", false, &canonical, NULL), 0);
	free(canonical);
	canonical = NULL;

	assert_int_equal(rename(one, two), 0);
	assert_int_equal(symlink("two", one), 0);
	root_forget(r);
	assert_int_equal(root_parent(r, "one/a", &name), -1);
	assert_int_equal(root_resolve(r, "/one/x", false, &canonical, NULL), 0);
	assert_string_equal(canonical, "two/x");
}

/* --- reading --------------------------------------------------------------------------------------- */

static void only_regular_files_are_read(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = NULL;
	cleanup_buf struct buf b = {0};
	int fd;

	scene_file(&s, "file", "0123456789");
	scene_link(&s, "file", "link");
	scene_fifo(&s, "fifo");
	scene_link(&s, "fifo", "to-fifo");
	scene_dir(&s, "dir");
	scene_file(&s, "empty", "");
	r = open_root(&s, state, ROOT_WRITE);
	alarm(20); /* a hang is a failure */
	buf_str(&b, "+");
	assert_int_equal(root_read_file(r, "file", 10, &b), 0);
	assert_string_equal(b.s, "+0123456789");
	assert_int_equal(root_read_file(r, "file", 9, &b), -1);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(root_read_file(r, "fifo", 10, &b), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(root_read_file(r, "link", 10, &b), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(root_read_file(r, "dir", 10, &b), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(root_read_file(r, "gone", 10, &b), -1);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(b.s, "+0123456789");
	assert_int_equal(root_read_file(r, "empty", 0, &b), 0);

	fd = root_open_packaged(r, "/link", O_RDONLY);
	assert_true(fd >= 0);
	close(fd);
	fd = root_open_packaged(r, "/dir/", O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(root_open_packaged(r, "/to-fifo", O_RDONLY), -1);
	assert_int_equal(errno, EINVAL);
	alarm(0);
}

static void lists_and_links(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = NULL;
	cleanup_free char *target = NULL, *far = NULL;
	struct strlist names = {0};

	r = open_root(&s, state, ROOT_READ);
	far = xmalloc(3001);
	scene_dir(&s, "dir");
	scene_file(&s, "dir/.hidden", "");
	scene_file(&s, "dir/a\nb", "");
	memset(far, 'x', 3000);
	for (int i = 0; i < 3000; i += 100)
		far[i] = '/';
	far[3000] = '\0';
	scene_link(&s, far, "dir/link");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(root_list(r, "dir", &names), 0);
		strlist_sort_unique(&names);
		assert_int_equal(names.n, 3);
		assert_string_equal(names.v[0], ".hidden");
		assert_string_equal(names.v[1], "a\nb");
		assert_string_equal(names.v[2], "link");
	}
	assert_int_equal(root_list(r, "", &names), 0);
	assert_true(strlist_has(&names, "dir"));
	assert_int_equal(root_list(r, "dir/a\nb", &names), -1);
	assert_int_equal(errno, ENOTDIR);
	strlist_release(&names);
	assert_int_equal(root_readlink(r, "dir/link", &target), 0);
	assert_string_equal(target, far);
	assert_int_equal(root_readlink(r, "dir", &target), -1);
	assert_int_equal(errno, EINVAL);
}

static void a_second_handle_stands_alone(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = NULL, *copy = NULL;
	const char *name;
	struct statx st;

	scene_dir(&s, "one");
	scene_file(&s, "one/a", "");
	r = open_root(&s, state, ROOT_READ);
	assert_true(root_parent(r, "one/a", &name) >= 0);
	copy = root_dup(r);
	assert_non_null(copy);
	assert_int_equal(copy->no_openat2, r->no_openat2);
	assert_int_equal(copy->detached, r->detached);
	root_free(steal_ptr(r));
	assert_int_equal(root_statx(copy, "one/a", STATX_TYPE, &st), 0);
	assert_int_equal(root_statx(copy, "one/b", STATX_TYPE, &st), -1);
}

/* --- what reading leaves behind ----------------------------------------------------------------------- */

static void age(const struct scene *s, const char *path)
{
	cleanup_free char *full = scene_path(s, path);
	/* read before it was written: relatime must note the next read */
	struct timespec times[2] = {{1000000, 0}, {2000000, 0}};

	assert_int_equal(utimensat(AT_FDCWD, full, times, AT_SYMLINK_NOFOLLOW), 0);
}

static bool is_untouched(const struct scene *s, const char *path)
{
	cleanup_free char *full = scene_path(s, path);
	struct stat st;

	assert_int_equal(lstat(full, &st), 0);
	return st.st_atim.tv_sec == 1000000;
}

static void read_all(struct root *r)
{
	cleanup_buf struct buf b = {0};
	cleanup_free char *target = NULL, *canonical = NULL;
	struct strlist names = {0};
	char byte;
	int fd;

	assert_int_equal(root_read_file(r, "dir/file", 10, &b), 0);
	fd = root_open_packaged(r, "/link/file", O_RDONLY);
	assert_int_equal(read(fd, &byte, 1), 1);
	close(fd);
	assert_int_equal(root_list(r, "dir", &names), 0);
	strlist_release(&names);
	assert_int_equal(root_list(r, "", &names), 0);
	strlist_release(&names);
	assert_int_equal(root_readlink(r, "link", &target), 0);
	assert_int_equal(root_resolve(r, "/link/file", true, &canonical, NULL), 0);
}

static bool can_clone_mounts(const char *path)
{
#ifdef SYS_open_tree
	int fd = syscall(SYS_open_tree, AT_FDCWD, path, 1 | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
#else
	(void)path;
	return false;
#endif
}

static void reading_leaves_no_trace(void **state)
{
	static const char *const all[] = {"dir/file", "dir", "link", ""};
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = NULL, *direct = NULL;
	cleanup_free char *link = scene_path(&s, "link");
	char target[10];

	(void)state;
	scene_dir(&s, "dir");
	scene_file(&s, "dir/file", "x");
	scene_link(&s, "dir", "link");
	age(&s, "link");
	assert_int_equal(readlink(link, target, sizeof(target)), 3);
	if (is_untouched(&s, "link"))
		skip(); /* this file system keeps no times of access */

	for (size_t i = 0; i < ELEMENTSOF(all); i++)
		age(&s, all[i]);
	assert_int_equal(root_open(s.root, ROOT_READ, &r, NULL), 0);
	read_all(r);
	for (size_t i = 0; i < ELEMENTSOF(all); i++)
		if (r->detached || strcmp(all[i], "link"))
			assert_true(is_untouched(&s, all[i]));
	/* where a clone can be had, it must be what was read through */
	if (can_clone_mounts(s.root))
		assert_true(r->detached);

	setenv("PUTBACK_WITHOUT", "open_tree", 1);
	assert_int_equal(root_open(s.root, ROOT_READ, &direct, NULL), 0);
	unsetenv("PUTBACK_WITHOUT");
	assert_false(direct->detached);
	read_all(direct);
	/* without a mount of our own a link's time is out of our hands */
	assert_true(is_untouched(&s, "dir/file"));
	assert_true(is_untouched(&s, "dir"));
	assert_true(is_untouched(&s, ""));
}

static void a_read_only_handle_cannot_write(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_root struct root *r = NULL;

	(void)state;
	scene_file(&s, "file", "x");
	assert_int_equal(root_open(s.root, ROOT_READ, &r, NULL), 0);
	if (!r->detached) {
		root_free(steal_ptr(r));
		skip(); /* not allowed to clone mounts here */
	}
	assert_int_equal(root_openat(r, "new", O_WRONLY | O_CREAT, 0644), -1);
	assert_int_equal(errno, EROFS);
	assert_int_equal(root_openat(r, "file", O_RDWR, 0), -1);
	assert_int_equal(errno, EROFS);
	assert_int_equal(fchmodat(r->fd, "file", 0600, 0), -1);
	assert_int_equal(errno, EROFS);
}

/* Runs in a process and a mount namespace of its own. */
static int with_a_mount_beneath(const struct scene *s)
{
	cleanup_free char *boot = scene_path(s, "boot"),
			  *kernel = scene_path(s, "boot/kernel");
	cleanup_root struct root *r = NULL;
	cleanup_buf struct buf b = {0};
	struct statx st, top;
	int fd;

	if (!can_clone_mounts(s->root) || unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("boot", boot, "tmpfs", 0, NULL))
		return 77;
	fd = open(kernel, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, "k", 1) != 1)
		return 2;
	close(fd);
	if (root_open(s->root, ROOT_READ, &r, NULL))
		return 3;
	/* unbindable mounts would be left out of a clone, so there must be none then */
	if (!r->detached || root_read_file(r, "boot/kernel", 9, &b) || strcmp(b.s, "k"))
		return 4;
	if (root_statx(r, "", STATX_BASIC_STATS, &top) ||
	    root_statx(r, "boot", STATX_BASIC_STATS, &st) ||
	    (st.stx_dev_major == top.stx_dev_major &&
	     st.stx_dev_minor == top.stx_dev_minor))
		return 5;
	if (root_openat(r, "boot/new", O_WRONLY | O_CREAT, 0644) >= 0 || errno != EROFS)
		return 6;
	if (mount("none", boot, "none", MS_UNBINDABLE, NULL))
		return 7;
	root_free(steal_ptr(r));
	buf_clear(&b);
	if (root_open(s->root, ROOT_READ, &r, NULL) || r->detached ||
	    root_read_file(r, "boot/kernel", 9, &b) || strcmp(b.s, "k"))
		return 8;
	return 0;
}

static void mounts_beneath_come_along(void **state)
{
	cleanup_scene struct scene s = scene_new();
	int status;
	pid_t child;

	(void)state;
	scene_dir(&s, "boot");
	child = fork();
	if (!child)
		_exit(with_a_mount_beneath(&s));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip(); /* not allowed to mount */
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int with_the_host_bound(const struct scene *s)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_root struct root *r = NULL;

	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("/", s->root, "none", MS_BIND, NULL))
		return 77;
	return root_open(s->root, ROOT_WRITE, &r, &err) == -1 && err.kind == ERR_USAGE
		       ? 0
		       : 1;
}

static void the_running_system_bound_elsewhere_is_refused(void **state)
{
	cleanup_scene struct scene s = scene_new();
	int status;
	pid_t child = fork();

	(void)state;
	if (!child)
		_exit(with_the_host_bound(&s));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip(); /* not allowed to mount */
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* --- paths as text --------------------------------------------------------------------------------------- */

static void texts(void **state)
{
	static const char *const sorted[] = {"",      "a",     "a/b",  "a/b/c",
					     "a/b-c", "a\001", "a-b",  "a.d/x",
					     "aa",    "b",     "\377", "\377/x"};
	static const struct {
		const char *path, *dir;
		bool beneath;
	} pairs[] = {{"", "", true},	  {"a", "", true},    {"a", "a", true},
		     {"a/b", "a", true},  {"ab", "a", false}, {"a", "a/b", false},
		     {"a-b", "a", false}, {"", "a", false}};
	cleanup_free char *joined = path_join("usr", "bin"),
			  *first = path_join("", "usr");
	cleanup_free char *same = path_join("usr", ""), *up = path_parent("a/b/c");
	cleanup_free char *top = path_parent("a");

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(sorted); i++)
		for (size_t k = 0; k < ELEMENTSOF(sorted); k++) {
			int cmp = path_cmp(sorted[i], sorted[k]);

			assert_int_equal((cmp > 0) - (cmp < 0), (i > k) - (i < k));
		}
	for (size_t i = 0; i < ELEMENTSOF(pairs); i++)
		assert_int_equal(path_is_beneath(pairs[i].path, pairs[i].dir),
				 pairs[i].beneath);
	assert_string_equal(joined, "usr/bin");
	assert_string_equal(first, "usr");
	assert_string_equal(same, "usr");
	assert_string_equal(up, "a/b");
	assert_string_equal(top, "");
}

#define BOTH(f)                                             \
	{#f " (openat2)", f, NULL, NULL, NULL},             \
	{                                                   \
#f " (walk)", f, NULL, NULL, (void *)"walk" \
	}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_running_system_is_refused),
		cmocka_unit_test(what_is_no_directory_is_refused),
		BOTH(packaged_paths_become_canonical),
		BOTH(no_way_leads_out),
		BOTH(loops_end),
		BOTH(odd_names_are_names),
		BOTH(links_on_the_way_are_refused),
		BOTH(paths_that_are_not_canonical_are_refused),
		BOTH(a_long_path_is_walked),
		BOTH(parents_are_cached_until_forgotten),
		BOTH(only_regular_files_are_read),
		BOTH(lists_and_links),
		BOTH(a_second_handle_stands_alone),
		cmocka_unit_test(reading_leaves_no_trace),
		cmocka_unit_test(a_read_only_handle_cannot_write),
		cmocka_unit_test(mounts_beneath_come_along),
		cmocka_unit_test(the_running_system_bound_elsewhere_is_refused),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
