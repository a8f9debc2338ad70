/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <sys/file.h>
#include <sys/statfs.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/scratch.h"
#include "scene.h"

static char *text_of(const char *path)
{
	char text[256];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = file_read_full(fd, text, sizeof(text));

	assert_true(fd >= 0 && n >= 0);
	close(fd);
	return xstrndup(text, n);
}

static void assert_text(const char *path, const char *text)
{
	cleanup_free char *got = text_of(path);

	assert_string_equal(got, text);
}

static void a_pipe_gives_and_takes_all(void **state)
{
	enum { N = 1 << 20 };
	cleanup_free char *text = xmalloc(N), *back = xmalloc(N + 1);
	int pipes[2];
	pid_t child;

	(void)state;
	for (int i = 0; i < N; i++)
		text[i] = i * 7 / 5;
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (!child) {
		close(pipes[0]);
		_exit(file_write_all(pipes[1], text, N) != 0);
	}
	close(pipes[1]);
	assert_int_equal(file_read_full(pipes[0], back, N + 1), N);
	assert_memory_equal(text, back, N);
	close(pipes[0]);
	waitpid(child, NULL, 0);
	assert_int_equal(file_write_all(-1, "x", 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(file_read_full(-1, back, 1), -1);
}

static void copying_starts_at_the_offset(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_free char *from = scene_path(&s, "from"), *to = scene_path(&s, "to");
	cleanup_close int in = -1, out = -1;

	(void)state;
	scene_file(&s, "from", "0123456789");
	in = open(from, O_RDONLY | O_CLOEXEC);
	out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	lseek(in, 4, SEEK_SET);
	assert_int_equal(file_copy(in, out), 0);
	assert_text(to, "456789");
	/* at the end there is nothing more */
	assert_int_equal(file_copy(in, out), 0);
	assert_text(to, "456789");
}

static void copying_from_where_sizes_are_not_known(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_free char *to = scene_path(&s, "to"), *text = NULL;
	cleanup_close int in = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	cleanup_close int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	(void)state;
	assert_int_equal(file_copy(in, out), 0);
	text = text_of(to);
	assert_non_null(strstr(text, "Name:"));
	/* a pipe has no copy_file_range at all */
	int pipes[2];
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(write(pipes[1], "piped", 5), 5);
	close(pipes[1]);
	assert_int_equal(ftruncate(out, 0), 0);
	lseek(out, 0, SEEK_SET);
	assert_int_equal(file_copy(pipes[0], out), 0);
	close(pipes[0]);
	assert_text(to, "piped");
}

static void copying_reports_a_full_disk(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_free char *from = scene_path(&s, "from");
	cleanup_close int in = -1, out = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	scene_file(&s, "from", "0123456789");
	in = open(from, O_RDONLY | O_CLOEXEC);
	assert_int_equal(file_copy(in, out), -1);
	assert_int_equal(errno, ENOSPC);
}

static void a_beginning_is_a_file_of_its_own(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_free char *from = scene_path(&s, "from");
	cleanup_close int in = -1, out = -1;
	char text[10] = "";

	(void)state;
	scene_file(&s, "from", "0123456789");
	in = open(from, O_RDONLY | O_CLOEXEC);
	lseek(in, 4, SEEK_SET);
	out = file_beginning(in, 7);
	assert_true(out >= 0);
	assert_int_equal(pread(out, text, sizeof(text), 0), 7);
	assert_string_equal(text, "0123456");
	/* there is no more of it than that */
	assert_int_equal(file_beginning(in, 11), -1);
	assert_int_equal(errno, EIO);
}

static void a_durable_write_replaces_or_leaves(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_free char *path = scene_path(&s, "plan"),
			  *missing = scene_path(&s, "no/plan");
	cleanup_error struct error err = ERROR_INIT;
	struct dirent *e;
	struct stat st;
	int n = 0;

	(void)state;
	scene_file(&s, "plan", "before");
	assert_int_equal(file_write_durably(path, "after", 5, 0640, &err), 0);
	assert_text(path, "after");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(file_write_durably(missing, "x", 1, 0644, &err), -1);
	assert_int_equal(err.sys, ENOENT);
	assert_non_null(strstr(err.msg, missing));

	/* it cannot replace a folder, and leaves nothing beside it */
	scene_dir(&s, "folder");
	free(missing);
	missing = scene_path(&s, "folder");
	assert_int_equal(file_write_durably(missing, "x", 1, 0644, &err), -1);
	cleanup_closedir DIR *d = opendir(s.root);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	assert_int_equal(n, 2);
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void scratch_is_private_and_goes(void **state)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *path = NULL;
	struct scratch *s = NULL;
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(scratch_new("test", 1000, &s, &err), 0);
	path = xstrdup(s->path);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0700);
	fd = scratch_create(s, "db", &err);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	assert_int_equal(scratch_create(s, "db", &err), -1);
	assert_int_equal(err.sys, EEXIST);
	assert_int_equal(mkdirat(s->fd, "sub", 0700), 0);
	assert_int_equal(mkdirat(s->fd, "sub/sub", 0700), 0);
	assert_int_equal(symlinkat("/", s->fd, "sub/link"), 0);
	/* a sweep by somebody else leaves it alone while we live */
	if (!fork()) {
		scratch_sweep();
		_exit(0);
	}
	wait(NULL);
	assert_true(exists(path));
	/* a child only lets go of it */
	if (!fork()) {
		scratch_free(s);
		_exit(0);
	}
	wait(NULL);
	assert_true(exists(path));
	scratch_free(s);
	assert_false(exists(path));
	scratch_free(NULL);
}

static void removal_follows_no_link(void **state)
{
	cleanup_scene struct scene scene = scene_new();
	cleanup_free char *kept = scene_path(&scene, "kept");
	cleanup_error struct error err = ERROR_INIT;
	struct scratch *s = NULL;

	(void)state;
	scene_file(&scene, "kept", "x");
	assert_int_equal(scratch_new("test", 0, &s, &err), 0);
	assert_int_equal(symlinkat(scene.root, s->fd, "folder"), 0);
	assert_int_equal(symlinkat(kept, s->fd, "file"), 0);
	scratch_free(s);
	assert_true(exists(kept));
}

static void the_dead_are_swept(void **state)
{
	cleanup_scene struct scene scene = scene_new();
	static const char *const others[] = {"putback-test-1-abc",
					     "putback-Test-1-abcdef",
					     "putback-test-x-abcdef", "putback-1-abcdef"};
	cleanup_free char *path = NULL, *open_to_all = NULL;
	char name[512];
	int pipes[2];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	if (!fork()) {
		struct scratch *s = NULL;

		if (scratch_new("dead", 10, &s, NULL) || mkdirat(s->fd, "sub", 0700))
			_exit(1);
		n = write(pipes[1], s->path, strlen(s->path));
		_exit(0);
	}
	wait(NULL);
	n = read(pipes[0], name, sizeof(name) - 1);
	assert_true(n > 0);
	name[n] = '\0';
	close(pipes[0]);
	close(pipes[1]);
	assert_true(exists(name));

	/* only what bears the name and mode of such a folder */
	setenv("TMPDIR", scene.root, 1);
	for (size_t i = 0; i < ELEMENTSOF(others); i++) {
		free(path);
		path = scene_path(&scene, others[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	open_to_all = scene_path(&scene, "putback-test-1-abcdef");
	assert_int_equal(mkdir(open_to_all, 0755), 0);
	scratch_sweep();
	unsetenv("TMPDIR");
	assert_false(exists(name));
	assert_true(exists(open_to_all));
	for (size_t i = 0; i < ELEMENTSOF(others); i++) {
		free(path);
		path = scene_path(&scene, others[i]);
		assert_true(exists(path));
	}
	assert_int_equal(chmod(open_to_all, 0700), 0);
	setenv("TMPDIR", scene.root, 1);
	scratch_sweep();
	unsetenv("TMPDIR");
	assert_false(exists(open_to_all));
}

static void too_much_is_refused(void **state)
{
	cleanup_error struct error err = ERROR_INIT;
	struct scratch *s = NULL;

	(void)state;
	assert_int_equal(scratch_new("test", 1ULL << 62, &s, &err), -1);
	assert_int_equal(err.kind, ERR_FAILED);
	assert_non_null(strstr(err.msg, "4.0 EiB"));
	assert_non_null(strstr(err.msg, "TMPDIR"));
	assert_null(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_gives_and_takes_all),
		cmocka_unit_test(copying_starts_at_the_offset),
		cmocka_unit_test(copying_from_where_sizes_are_not_known),
		cmocka_unit_test(copying_reports_a_full_disk),
		cmocka_unit_test(a_beginning_is_a_file_of_its_own),
		cmocka_unit_test(a_durable_write_replaces_or_leaves),
		cmocka_unit_test(scratch_is_private_and_goes),
		cmocka_unit_test(removal_follows_no_link),
		cmocka_unit_test(the_dead_are_swept),
		cmocka_unit_test(too_much_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
