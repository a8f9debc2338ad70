/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/file.h"
#include "base/scratch.h"
#include "base/walls.h"

static char *lab; /* a folder with root, elsewhere, cache, kept and out */

static const char *in_lab(const char *name)
{
	static char *paths[8];
	static unsigned turn;
	char **p = &paths[turn++ % 8];

	free(*p);
	return *p = xasprintf("%s/%s", lab, name);
}

static int make(const char *name)
{
	return open(in_lab(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static int look_at(const char *name)
{
	return open(in_lab(name), O_RDONLY | O_CLOEXEC);
}

static bool is_there(const char *name)
{
	return access(in_lab(name), F_OK) == 0;
}

static int remove_lab(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("rm", "rm", "-rf", lab, (char *)NULL);
		_exit(1);
	}
	return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

static int set_up(void **state)
{
	static const char *const folders[] = {"root", "elsewhere", "cache", "kept",
					      "out"};

	(void)state;
	lab = mkdtemp(xstrdup("/tmp/test_confine.XXXXXX"));
	if (!lab)
		return -1;
	for (size_t i = 0; i < ELEMENTSOF(folders); i++)
		if (mkdir(in_lab(folders[i]), 0700) < 0)
			return -1;
	return close(make("elsewhere/precious"));
}

static int tear_down(void **state)
{
	(void)state;
	if (remove_lab() < 0)
		return -1;
	free(lab);
	lab = NULL;
	return 0;
}

/*
 * Walls are for good, so that each test is a process of its own; what does not hold is its end.
 */
#define HOLDS(x)                                                                        \
	do {                                                                            \
		if (!(x)) {                                                             \
			fprintf(stderr, "# line %d: %s: %s\n", __LINE__, #x,            \
				strerror(errno));                                       \
			_exit(99);                                                      \
		}                                                                       \
	} while (0)
/* by the filter, or by Landlock */
#define REFUSED(x)  HOLDS((x) == -1 && (errno == EPERM || errno == EACCES || errno == EXDEV))
#define FILTERED(x) HOLDS((x) == -1 && errno == EPERM)

static void in_process(void (*fn)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static struct confinement c;

/* As a command would; root: NULL for one that looks. */
static void begin(const char *root)
{
	struct error err = ERROR_INIT;

	c = (struct confinement){.root = root};
	strlist_add(&c.caches, in_lab("cache"));
	strlist_add(&c.folders, in_lab("kept"));
	strlist_add(&c.outputs, in_lab("out/plan"));
	HOLDS(confine_begin(&c, &err) == 0);
	HOLDS(confine_stands().landlock == walls_landlock() && confine_stands().calls &&
	      confine_stands().no_new_privileges);
}

static void need_walls(void)
{
	if (walls_landlock() < 3 || !walls_has_filter())
		skip();
}

/* --- a command --------------------------------------------------------------------------------------------- */

static void nobody_can(void)
{
	int pair[2];

	REFUSED(make("elsewhere/new"));
	REFUSED(open(in_lab("elsewhere/precious"), O_WRONLY));
	REFUSED(open(in_lab("elsewhere/precious"), O_RDONLY | O_TRUNC));
	REFUSED(truncate(in_lab("elsewhere/precious"), 0));
	REFUSED(unlink(in_lab("elsewhere/precious")));
	REFUSED(rename(in_lab("elsewhere/precious"), in_lab("cache/mine")));
	REFUSED(link(in_lab("elsewhere/precious"), in_lab("cache/mine")));
	REFUSED(symlink("/", in_lab("elsewhere/link")));
	REFUSED(mkdir(in_lab("elsewhere/dir"), 0700));
	REFUSED(rmdir(in_lab("out")));
	REFUSED(make("out/other"));
	FILTERED(execl("/bin/true", "true", (char *)NULL));
	FILTERED(mount("none", in_lab("cache"), "tmpfs", 0, NULL));
	FILTERED(umount2(in_lab("cache"), MNT_DETACH));
	FILTERED(chroot(lab));
	FILTERED(unshare(CLONE_NEWUSER));
	FILTERED((int)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0));
	FILTERED(sethostname("taken", 5));
	FILTERED(socket(AF_UNIX, SOCK_STREAM, 0));
	FILTERED((int)syscall(425 /* io_uring_setup */, 1, NULL));
	FILTERED(ioctl(0, TIOCSTI, "x"));
#ifndef ENABLE_FAILPOINTS
	if (walls_landlock() >= 6)
		FILTERED(kill(getppid(), 0));
#endif
	/* and what all may */
	HOLDS(look_at("elsewhere/precious") >= 0);
	HOLDS(open("/dev/null", O_WRONLY | O_CLOEXEC) >= 0);
	HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
}

static void no_attributes(void)
{
	const char *path = in_lab("elsewhere/precious");
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	FILTERED(chmod(path, 04755));
	FILTERED(fchmod(fd, 0666));
	FILTERED(chown(path, 1, 1));
	FILTERED(fchown(fd, 1, 1));
	FILTERED(futimens(fd, NULL));
	FILTERED(setxattr(path, "user.x", "x", 1, 0));
	FILTERED(mknod(in_lab("cache/device"), S_IFCHR | 0600, 0));
}

static void look(void)
{
	begin(NULL);
	nobody_can();
	no_attributes();
	REFUSED(make("root/new"));
	FILTERED(socket(AF_INET, SOCK_STREAM, 0));
	HOLDS(make("cache/mine") >= 0 && make("kept/mine") >= 0);
	confine_end();
}

static void test_who_looks(void **state)
{
	(void)state;
	need_walls();
	in_process(look);
}

static void change(void)
{
	begin(in_lab("root"));
	nobody_can();
	HOLDS(close(make("root/new")) == 0);
	HOLDS(mkdir(in_lab("root/dir"), 0700) == 0);
	HOLDS(rename(in_lab("root/new"), in_lab("root/dir/new")) == 0);
	HOLDS(link(in_lab("root/dir/new"), in_lab("root/new")) == 0);
	HOLDS(chmod(in_lab("root/new"), 04755) == 0);
	confine_end();
}

static void test_who_changes_a_root(void **state)
{
	(void)state;
	need_walls();
	in_process(change);
	assert_true(is_there("root/dir/new"));
}

static void download(void)
{
	struct error err = ERROR_INIT;

	c = (struct confinement){.sockets = true};
	HOLDS(confine_begin(&c, &err) == 0);
	HOLDS(socket(AF_INET, SOCK_STREAM, 0) >= 0);
	HOLDS(socket(AF_INET6, SOCK_DGRAM, 0) >= 0);
	FILTERED(socket(AF_UNIX, SOCK_STREAM, 0));
	FILTERED(socket(AF_PACKET, SOCK_RAW, 0));
	confine_end();
}

static void test_who_downloads(void **state)
{
	(void)state;
	need_walls();
	in_process(download);
}

static void do_without(void)
{
	struct error err = ERROR_INIT;

	setenv("PUTBACK_WITHOUT", "landlock seccomp", 1);
	c = (struct confinement){.root = NULL};
	HOLDS(confine_begin(&c, &err) == 0);
	HOLDS(!confine_stands().landlock && !confine_stands().calls);
	HOLDS(confine_stands().no_new_privileges);
	HOLDS(make("elsewhere/new") >= 0);
	HOLDS(confine_reader(&err) == 0);
	confine_end();
}

static void test_a_kernel_without(void **state)
{
	(void)state;
	in_process(do_without);
}

/* --- its children ------------------------------------------------------------------------------------------ */

static struct scratch *scratch;
static int slots;

static void in_child(void (*fn)(void))
{
	pid_t pid = fork();
	int status;

	HOLDS(pid >= 0);
	if (pid == 0) {
		fn();
		_exit(0);
	}
	HOLDS(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	      WEXITSTATUS(status) == 0);
}

/* What its parent has open: for writing, to another machine, and what a child may keep. */
static struct {
	int written, both, connection, read, pipe[2];
} had;

static void open_things(void)
{
	had.written = open(in_lab("root/written"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	had.both = open(in_lab("root/written"), O_RDWR | O_CLOEXEC);
	had.read = look_at("elsewhere/precious");
	HOLDS(had.connection >= 0 && had.written >= 0 && had.both >= 0 && had.read >= 0);
	HOLDS(pipe2(had.pipe, O_CLOEXEC) == 0);
}

static void reader(void)
{
	struct error err = ERROR_INIT;
	struct buf nothing = {0};
	char byte;

	HOLDS(confine_reader(&err) == 0);
	HOLDS(write(had.written, "x", 1) == -1 && errno == EBADF);
	HOLDS(write(had.both, "x", 1) == -1 && errno == EBADF);
	HOLDS(fcntl(had.connection, F_GETFD) == -1 && errno == EBADF);
	HOLDS(fcntl(had.read, F_GETFD) >= 0);
	HOLDS(write(had.pipe[1], "x", 1) == 1);
	/* nor the user's input and output */
	HOLDS(write(STDOUT_FILENO, "x", 1) == -1 && errno == EBADF);
	HOLDS(read(STDIN_FILENO, &byte, 1) == 0);
	nobody_can();
	no_attributes();
	HOLDS(scratch_create(scratch, "mine", &err) >= 0);
	HOLDS(make("cache/of-the-child") >= 0);
	REFUSED(make("root/new"));
	REFUSED(make("kept/new"));
	FILTERED(socket(AF_INET, SOCK_STREAM, 0));
	/* whom its parent can ask, it cannot */
	HOLDS(outside_ask(file_service.name, &nothing, NULL, &err) < 0);
	HOLDS(strstr(err.msg, "no process outside"));
}

static void read_things(void)
{
	had.connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	begin(in_lab("root"));
	HOLDS(scratch_new("test", 1024, &scratch, NULL) == 0);
	open_things();
	in_child(reader);
	HOLDS(write(had.written, "x", 1) == 1); /* its parent's are its parent's */
	confine_end();
}

static void test_a_child_that_reads(void **state)
{
	(void)state;
	need_walls();
	in_process(read_things);
	assert_false(is_there("root/new"));
}

static void unpacker(void)
{
	HOLDS(confine_unpacker(&slots, 1, false, NULL) == 0);
	nobody_can();
	no_attributes();
	HOLDS(openat(slots, "0", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0);
	REFUSED(make("root/new"));
	REFUSED(openat(slots, "../new", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	FILTERED(fchmodat(slots, "0", 04755, 0));
	FILTERED(linkat(AT_FDCWD, "/etc/passwd", slots, "1", 0));
}

static void unpack(void)
{
	begin(in_lab("root"));
	HOLDS(mkdir(in_lab("root/slots"), 0700) == 0);
	slots = open(in_lab("root/slots"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	in_child(unpacker);
	confine_end();
}

static void test_a_child_that_unpacks(void **state)
{
	(void)state;
	need_walls();
	in_process(unpack);
	assert_true(is_there("root/slots/0"));
}

static void barred(void)
{
	HOLDS(confine_unpacker(&slots, 1, false, NULL) == 0);
	REFUSED(openat(slots, "0", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
}

static void unpacker_of_others(void)
{
	HOLDS(confine_unpacker(&slots, 1, true, NULL) == 0);
	nobody_can();
	no_attributes();
	HOLDS(openat(slots, "0", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0);
	REFUSED(openat(slots, "../new", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

static void unpack_for_others(void)
{
	begin(in_lab("root"));
	HOLDS(mkdir(in_lab("root/theirs"), 0700) == 0 &&
	      chown(in_lab("root/theirs"), 1000, 0) == 0);
	slots = open(in_lab("root/theirs"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	in_child(barred);
	in_child(unpacker_of_others);
	confine_end();
}

static void test_a_child_that_unpacks_to_what_others_own(void **state)
{
	(void)state;
	need_walls();
	if (geteuid() != 0)
		skip();
	in_process(unpack_for_others);
	assert_true(is_there("root/theirs/0"));
}

/* --- the process outside ------------------------------------------------------------------------------------- */

static void write_plan(void)
{
	struct error err = ERROR_INIT;

	begin(NULL);
	HOLDS(file_write_durably(in_lab("out/plan"), "plan", 4, 0600, &err) == 0);
	/* once, and not another */
	HOLDS(file_write_durably(in_lab("out/other"), "x", 1, 0600, &err) < 0);
	confine_end();
}

static int count_names(const char *name)
{
	cleanup_closedir DIR *d = opendir(in_lab(name));
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	return n - 2;
}

static void test_an_output_file(void **state)
{
	struct stat st;

	(void)state;
	in_process(write_plan);
	assert_int_equal(stat(in_lab("out/plan"), &st), 0);
	assert_int_equal(st.st_size, 4);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(count_names("out"), 1);
}

static void write_half(void)
{
	struct error err = ERROR_INIT;
	struct outfile f;

	begin(NULL);
	HOLDS(file_begin(in_lab("out/plan"), 0600, &f, &err) == 0);
	HOLDS(file_write_all(f.fd, "half", 4) == 0);
	file_release(&f);
	confine_end();
}

static void test_an_output_file_that_is_not_finished(void **state)
{
	(void)state;
	in_process(write_half);
	assert_int_equal(count_names("out"), 0);
}

static int to_parent[2];

static void die_with_scratch(void)
{
	struct error err = ERROR_INIT;
	struct scratch *s = NULL;

	begin(NULL);
	HOLDS(scratch_new("test", 1024, &s, &err) == 0);
	HOLDS(scratch_create(s, "left", &err) >= 0);
	HOLDS(write(to_parent[1], s->path, strlen(s->path)) > 0);
	kill(getpid(), SIGKILL);
}

/* What a killed process leaves is tidied up as well. */
static void test_it_tidies_up(void **state)
{
	char path[256] = "";
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(to_parent, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		close(to_parent[0]);
		die_with_scratch();
	}
	close(to_parent[1]);
	assert_true(read(to_parent[0], path, sizeof(path) - 1) > 0);
	waitpid(pid, NULL, 0);
	/* the pipe's end comes when the process outside has gone, too */
	assert_int_equal(read(to_parent[0], path + 200, 1), 0);
	close(to_parent[0]);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(count_names("out"), 0);
}

static int twice(void *ctx, const struct buf *ask, struct buf *answer, struct error *err)
{
	if (!ask->n)
		return err_set(err, ERR_REFUSED, "nothing to say %s", (char *)ctx);
	for (int i = 0; i < 2; i++)
		buf_add(answer, ask->s, ask->n);
	return 0;
}

static void ask(void)
{
	struct outside_service service = {"twice", twice, (void *)"twice"};
	struct error err = ERROR_INIT;
	struct buf question = {0}, answer = {0};

	c = (struct confinement){.services = &service, .n_services = 1};
	HOLDS(confine_begin(&c, &err) == 0);
	HOLDS(outside_ask("twice", &question, &answer, &err) < 0);
	HOLDS(err.kind == ERR_REFUSED && !strcmp(err.msg, "nothing to say twice"));
	for (int i = 0; i < 100000; i++)
		buf_str(&question, "abc");
	HOLDS(outside_ask("twice", &question, &answer, NULL) == 0);
	HOLDS(answer.n == 600000);
	confine_end();
	HOLDS(outside_ask("twice", &question, &answer, NULL) < 0);
}

static void test_services(void **state)
{
	(void)state;
	in_process(ask);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_who_looks),	       TEST(test_who_changes_a_root),
		TEST(test_who_downloads),      TEST(test_a_kernel_without),
		TEST(test_a_child_that_reads), TEST(test_a_child_that_unpacks),
		TEST(test_a_child_that_unpacks_to_what_others_own),
		TEST(test_an_output_file),     TEST(test_an_output_file_that_is_not_finished),
		TEST(test_it_tidies_up),       TEST(test_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
