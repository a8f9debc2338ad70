/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/file.h"
#include "base/runner.h"
#include "base/scratch.h"
#include "base/walls.h"
#include "base/watch.h"
#include "scene.h"

/*
 * A script stands for a tool: $PATH leads to it, which counts as it was before the walls. What it does is what a
 * tool could do that means harm.
 */
struct lab {
	struct scene scene;
	struct root *root;
	char *bin;
	struct scratch *scratch;
	struct runner_mount mounts[2];
	struct runner_order order;
};

static void put(const char *dir, const char *name, const char *text, mode_t mode)
{
	cleanup_free char *path = xasprintf("%s/%s", dir, name);
	cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
}

static void make_folder(const char *dir, const char *name)
{
	cleanup_free char *path = xasprintf("%s/%s", dir, name);

	assert_int_equal(mkdir(path, 0755), 0);
}

static bool has_namespaces(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET) < 0);
	waitpid(pid, &status, 0);
	return status == 0;
}

/* Before the walls; once in a process. */
static void settle(struct lab *l)
{
	cleanup_free char *path = NULL;

	l->scene = scene_new();
	l->bin = xasprintf("%s/bin", l->scene.dir);
	make_folder(l->scene.dir, "bin");
	make_folder(l->scene.root, "etc");
	put(l->scene.root, "etc/old", "old", 0644);
	path = xasprintf("%s:%s", l->bin, getenv("PATH"));
	setenv("PATH", path, 1);
	scratch_settle();
	runner_prepare(l->scene.root, (struct runner_allowed){0});
	assert_int_equal(outside_start(&runner_service, 1, scratch_leave, NULL), 0);
	assert_int_equal(root_open(l->scene.root, ROOT_WRITE, &l->root, NULL), 0);
}

static struct lab lab;

static void begin(struct lab *l, const char *script, unsigned seconds)
{
	if (geteuid() != 0 || !has_namespaces())
		skip();
	if (!lab.root)
		settle(&lab);
	*l = lab;
	put(l->bin, "ldconfig", script, 0755);
	assert_int_equal(scratch_new("test", 0, &l->scratch, NULL), 0);
	make_folder(l->scratch->path, "view");
	make_folder(l->scratch->path, "top");
	make_folder(l->scratch->path, "top/etc");
	make_folder(l->scratch->path, "upper");
	make_folder(l->scratch->path, "work");
	l->mounts[0] = (struct runner_mount){.path = (char *)"", .upper = (char *)"top"};
	l->mounts[1] = (struct runner_mount){
		.path = (char *)"etc", .upper = (char *)"upper", .work = (char *)"work"};
	l->order = (struct runner_order){.what = RUNNER_TOOL,
					 .seconds = seconds,
					 .folder = l->scratch->path,
					 .mounts = l->mounts,
					 .n_mounts = 2};
	strlist_add(&l->order.argv, "ldconfig");
	strlist_add(&l->order.argv, "%R");
	strlist_add(&l->order.argv, l->scene.dir);
}

static void end(struct lab *l)
{
	strlist_release(&l->order.argv);
	strlist_release(&l->order.env);
	scratch_free(l->scratch);
}

static int leave(void **state _unused_)
{
	if (!lab.root)
		return 0;
	outside_end();
	root_free(lab.root);
	scene_free(&lab.scene);
	free(lab.bin);
	return 0;
}

/* What it said; fails the test where it could not be started. */
static char *run(struct lab *l, char **ret_failure)
{
	cleanup_error struct error err = ERROR_INIT;
	struct runner_result result = {0};
	char *text;

	if (runner_run(&l->order, &result, &err) < 0)
		fail_msg("%s", err.msg);
	*ret_failure = runner_result_failure(&result);
	text = xstrdup(result.output.s);
	runner_result_release(&result);
	return text;
}

static bool is_there(const char *dir, const char *name)
{
	cleanup_free char *path = xasprintf("%s/%s", dir, name);

	return access(path, F_OK) == 0;
}

static void it_sees_a_view_and_writes_to_it_alone(void **state _unused_)
{
	static const char script[] = "#!/bin/sh\n"
				     "cat $1/etc/old\n"
				     "echo new > $1/etc/new\n"
				     "echo no > $1/no\n"
				     "echo no > $2/outside/no\n"
				     "echo no > $2/root/etc/no\n"
				     "mount -o remount,rw / && echo REMOUNTED\n"
				     "mknod $1/etc/disk b 8 0 && echo DEVICE\n"
				     "(: > /dev/null) && (: < /dev/ptmx) || echo closed\n"
				     "exit 3\n";
	cleanup_free char *said = NULL, *why = NULL;
	struct lab l;

	begin(&l, script, 60);
	said = run(&l, &why);
	assert_string_equal(why, "it ended with status 3");
	assert_int_equal(strncmp(said, "old", 3), 0);
	assert_null(strstr(said, "REMOUNTED"));
	assert_null(strstr(said, "DEVICE"));
	assert_non_null(strstr(said, "closed"));
	assert_true(is_there(l.scratch->path, "upper/new"));
	assert_false(is_there(l.scratch->path, "top/no"));
	assert_false(is_there(l.scene.dir, "outside/no"));
	assert_false(is_there(l.scene.root, "etc/no"));
	assert_false(is_there(l.scene.root, "etc/new"));
	end(&l);
}

static void its_environment_is_clean(void **state _unused_)
{
	cleanup_free char *said = NULL, *why = NULL;
	struct lab l;

	setenv("LD_PRELOAD_OF_OURS", "x", 1);
	begin(&l,
	      "#!/bin/sh\n"
	      "env | sed '/^_=/d; /^PWD=/d; /^OLDPWD=/d; /^SHLVL=/d' | sort\n"
	      /* its own three, and the directory that is read */
	      "ls /proc/self/fd | wc -l\n"
	      "grep -c : /proc/net/dev\n",
	      60);
	said = run(&l, &why);
	assert_string_equal(
		said, "HOME=/\nLC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n4\n1\n");
	end(&l);
}

static void it_gets_no_environment_from_who_asks(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	struct runner_result result = {0};
	struct lab l;

	begin(&l, "#!/bin/sh\n", 60);
	strlist_add(&l.order.env, "LD_PRELOAD=/tmp/harm.so");
	assert_int_equal(runner_run(&l.order, &result, &err), -1);
	assert_non_null(strstr(err.msg, "not among what may be run"));
	end(&l);
}

/* This very program, as a tool. */
static int try_sockets(void)
{
	int pair[2];

	printf("stream %d, datagram %d, pair %d\n", socket(AF_UNIX, SOCK_STREAM, 0),
	       socket(AF_UNIX, SOCK_DGRAM, 0), socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	return 0;
}

static void it_talks_to_no_daemon(void **state _unused_)
{
	cleanup_free char *said = NULL, *why = NULL, *script = NULL;
	cleanup_free char *self = realpath(program_invocation_name, NULL);
	struct lab l;

	if (!walls_has_filter())
		skip();
	assert_non_null(self);
	script = xasprintf("#!/bin/sh\nexec '%s' sockets\n", self);
	begin(&l, script, 60);
	said = run(&l, &why);
	assert_null(why);
	assert_string_equal(said, "stream -1, datagram -1, pair -1\n");
	end(&l);
}

static void no_file_of_it_is_huge(void **state _unused_)
{
	cleanup_free char *said = NULL, *why = NULL;
	struct lab l;

	begin(&l,
	      "#!/bin/sh\n"
	      "trap '' XFSZ\n"
	      "dd if=/dev/zero of=$1/etc/huge bs=1 count=1 seek=600000000 2>&1 | grep -q large && echo refused\n",
	      60);
	said = run(&l, &why);
	assert_string_equal(said, "refused\n");
	end(&l);
}

static void it_is_stopped_with_its_children(void **state _unused_)
{
	cleanup_free char *said = NULL, *why = NULL;
	struct lab l;

	begin(&l,
	      "#!/bin/sh\ntrap '' TERM\n(trap '' TERM; sleep 1000) &\necho begun\nwait\n",
	      1);
	said = run(&l, &why);
	assert_string_equal(said, "begun\n");
	assert_non_null(strstr(why, "stopped"));
	end(&l);
}

/* A pipe that is read holds nothing; a file, even one without a name, would take all of it. */
static void what_it_says_without_end_is_kept_nowhere(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	struct runner_result result = {0};
	cleanup_free char *why = NULL;
	struct lab l;

	begin(&l,
	      "#!/bin/sh\n"
	      "head -c 1000000 /dev/zero | tr '\\0' x\n"
	      "[ -p /proc/self/fd/1 ] && exit 3\n",
	      60);
	assert_int_equal(runner_run(&l.order, &result, &err), 0);
	why = runner_result_failure(&result);
	assert_string_equal(why, "it ended with status 3");
	assert_int_equal(result.output.n, 64 * 1024);
	assert_int_equal(result.output.s[result.output.n - 1], 'x');
	runner_result_release(&result);
	end(&l);
}

/* Who reads them keeps no more of them either. */
static void of_its_words_no_more_is_held_than_asked_for(void **state _unused_)
{
	struct watch w = {.most = 1000};
	char block[4096];
	int words[2];

	memset(block, 'x', sizeof(block));
	assert_int_equal(pipe(words), 0);
	assert_int_equal(watch_begin(&w, NULL), 0);
	w.words = words[0];
	w.pid = fork();
	if (w.pid == 0) {
		for (int i = 0; i < 100; i++)
			if (file_write_all(words[1], block, sizeof(block)) < 0)
				_exit(1);
		_exit(3);
	}
	close(words[1]);
	watch_program(&w, 60);
	assert_true(WIFEXITED(w.status));
	assert_int_equal(WEXITSTATUS(w.status), 3);
	assert_int_equal(w.said.n, 1000);
	buf_release(&w.said);
	close(w.children);
}

/* Its words are none any more; its end counts. */
static void it_may_close_its_outputs(void **state _unused_)
{
	cleanup_free char *said = NULL, *why = NULL;
	struct lab l;

	begin(&l, "#!/bin/sh\necho begun\nexec > /dev/null 2>&1\nsleep 0.2\nexit 3\n",
	      60);
	said = run(&l, &why);
	assert_string_equal(said, "begun\n");
	assert_string_equal(why, "it ended with status 3");
	end(&l);
}

static bool has_begun(void *ctx)
{
	return is_there(ctx, "upper/begun");
}

static void it_is_stopped_while_it_speaks(void **state _unused_)
{
	struct runner_result result = {0};
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *why = NULL, *said = NULL;
	struct timespec since, now;
	struct lab l;

	begin(&l,
	      "#!/bin/sh\ntrap '' TERM INT\n: > $1/etc/begun\nwhile :; do echo more; done\n",
	      60);
	l.order.stop = (struct outside_stop){has_begun, l.scratch->path};
	clock_gettime(CLOCK_MONOTONIC, &since);
	assert_int_equal(runner_run(&l.order, &result, &err), 0);
	clock_gettime(CLOCK_MONOTONIC, &now);
	assert_true(now.tv_sec - since.tv_sec < 30);
	assert_true(result.stopped);
	assert_false(result.timed_out);
	why = runner_result_failure(&result);
	assert_string_equal(why, "it was stopped as asked for");
	runner_result_release(&result);
	free(why);
	end(&l);

	/* which is over with it: the next one runs */
	begin(&l, "#!/bin/sh\necho next\n", 60);
	said = run(&l, &why);
	assert_null(why);
	assert_string_equal(said, "next\n");
	end(&l);
}

static void what_is_asked_twice_is_done_twice(void **state _unused_)
{
	struct lab l;

	begin(&l, "#!/bin/sh\necho once more\n", 60);
	for (int i = 0; i < 2; i++) {
		cleanup_free char *why = NULL, *said = run(&l, &why);

		assert_null(why);
		assert_string_equal(said, "once more\n");
		/* a work folder is used once */
		make_folder(l.scratch->path, i ? "work3" : "work2");
		l.mounts[1].work = (char *)(i ? "work3" : "work2");
	}
	end(&l);
}

static void only_tools_and_only_the_hosts(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	struct runner_result result = {0};
	cleanup_free char *path = NULL, *before = NULL;
	struct lab l;

	begin(&l, "#!/bin/sh\n", 60);
	assert_true(runner_has(l.root, "ldconfig"));
	assert_false(runner_has(l.root, "sh"));
	free(l.order.argv.v[0]);
	l.order.argv.v[0] = xstrdup("sh");
	assert_int_equal(runner_run(&l.order, &result, &err), -1);
	/* what lies in the root is none, and neither is what anybody may write to */
	make_folder(l.scene.root, "bin");
	path = xasprintf("%s/bin", l.scene.root);
	before = xstrdup(getenv("PATH"));
	put(path, "depmod", "#!/bin/sh\n", 0755);
	setenv("PATH", path, 1);
	assert_int_equal(runner_has(l.root, "depmod"),
			 access("/usr/sbin/depmod", X_OK) == 0 ||
				 access("/sbin/depmod", X_OK) == 0);
	setenv("PATH", before, 1);
	end(&l);
}

static void nothing_of_the_root_runs_unasked(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	struct runner_result result = {0};
	struct lab l;

	begin(&l, "#!/bin/sh\n", 60);
	l.order.what = RUNNER_IN_ROOT;
	assert_int_equal(runner_run(&l.order, &result, &err), -1);
	assert_non_null(strstr(err.msg, "not among what may be run"));
	end(&l);
}

static void another_directory_by_that_name_is_refused(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	struct runner_result result = {0};
	cleanup_free char *away = NULL;
	struct lab l;

	begin(&l, "#!/bin/sh\n", 60);
	/* between the look and the run nothing can be swapped here; a path that is gone is told */
	away = xasprintf("%s.away", l.scene.root);
	assert_int_equal(rename(l.scene.root, away), 0);
	assert_int_equal(runner_run(&l.order, &result, &err), -1);
	assert_int_equal(rename(away, l.scene.root), 0);
	end(&l);
}

/* Who asks may be in a stranger's hands: what it names must be a scratch folder, and no link to elsewhere. */
static void folders_of_the_host_are_none_of_its_business(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	struct runner_result result = {0};
	cleanup_free char *link = NULL;
	struct lab l;

	begin(&l, "#!/bin/sh\necho harm > $1/etc/harm\n", 60);
	make_folder(l.scene.dir, "outside/view");
	make_folder(l.scene.dir, "outside/upper");
	make_folder(l.scene.dir, "outside/work");
	make_folder(l.scene.dir, "outside/top");
	link = xasprintf("%s/link", l.scratch->path);
	{
		cleanup_free char *outside = xasprintf("%s/outside", l.scene.dir);

		l.order.folder = outside;
		assert_int_equal(runner_run(&l.order, &result, &err), -1);
		assert_int_equal(symlink(outside, link), 0);
		l.order.folder = link;
		assert_int_equal(runner_run(&l.order, &result, &err), -1);
	}
	l.order.folder = l.scratch->path;
	l.mounts[1].upper = (char *)"link/upper";
	assert_int_equal(runner_run(&l.order, &result, &err), -1);
	l.mounts[1].upper = (char *)"../../../../etc";
	assert_int_equal(runner_run(&l.order, &result, &err), -1);
	assert_false(is_there(l.scene.dir, "outside/upper/harm"));
	end(&l);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_sees_a_view_and_writes_to_it_alone),
		cmocka_unit_test(its_environment_is_clean),
		cmocka_unit_test(it_gets_no_environment_from_who_asks),
		cmocka_unit_test(it_talks_to_no_daemon),
		cmocka_unit_test(no_file_of_it_is_huge),
		cmocka_unit_test(it_is_stopped_with_its_children),
		cmocka_unit_test(what_it_says_without_end_is_kept_nowhere),
		cmocka_unit_test(of_its_words_no_more_is_held_than_asked_for),
		cmocka_unit_test(it_may_close_its_outputs),
		cmocka_unit_test(it_is_stopped_while_it_speaks),
		cmocka_unit_test(what_is_asked_twice_is_done_twice),
		cmocka_unit_test(only_tools_and_only_the_hosts),
		cmocka_unit_test(nothing_of_the_root_runs_unasked),
		cmocka_unit_test(another_directory_by_that_name_is_refused),
		cmocka_unit_test(folders_of_the_host_are_none_of_its_business),
	};

	if (argc == 2 && !strcmp(argv[1], "sockets"))
		return try_sockets();
	return cmocka_run_group_tests(tests, NULL, leave);
}
