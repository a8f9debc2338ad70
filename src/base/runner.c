/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/jail.h"
#include "base/order.h"
#include "base/watch.h"

#define OUTPUT_MAX (64 * 1024)

/* What can be asked for: programs that are made to act on another root, or on a folder. */
static const char *const tools[] = {
	"ldconfig",
	"depmod",
	"systemd-sysusers",
	"systemd-hwdb",
	"systemctl",
	"update-mime-database",
	"glib-compile-schemas",
	"gtk-update-icon-cache",
	"update-desktop-database",
};

/* Known from before the walls. */
static struct {
	struct jail_root root;
	char *path; /* the root's, owned */
	struct runner_allowed what;
} allowed;

/* The rpmdb of any rpm from 4.8 on; what it puts aside, it puts beside the database. */
static const char *const rebuild_argv[] = {"/usr/bin/rpmdb", "--rebuilddb", "--dbpath",
					   JAIL_RPMDB "/db", NULL};
static const char *const rebuild_env[] = {"TMPDIR=" JAIL_RPMDB,
					  "SQLITE_TMPDIR=" JAIL_RPMDB, NULL};

/* --- where a tool is ---------------------------------------------------------------------------------- */

static bool is_beneath(const char *path, const char *root)
{
	size_t n = strlen(root);

	return n > 1 && !strncmp(path, root, n) && (path[n] == '/' || !path[n]);
}

static bool is_program(const char *path, const char *root)
{
	cleanup_free char *real = realpath(path, NULL);
	struct stat st;

	return real && !is_beneath(real, root) && stat(real, &st) == 0 &&
	       S_ISREG(st.st_mode) && st.st_uid == 0 && !(st.st_mode & S_IWOTH) &&
	       access(real, X_OK) == 0;
}

/* root's place for administrators first: $PATH of a user may lack it */
static char *find_tool(const char *name, const char *root)
{
	const char *path = getenv("PATH");
	cleanup_free char *all =
		xasprintf("%s:/usr/sbin:/usr/bin:/sbin:/bin", path ? path : "");

	for (char *p = all, *end; p; p = end ? end + 1 : NULL) {
		cleanup_free char *full = NULL;

		end = strchr(p, ':');
		if (end)
			*end = '\0';
		if (*p != '/')
			continue;
		full = xasprintf("%s/%s", p, name);
		if (is_program(full, root))
			return steal_ptr(full);
	}
	return NULL;
}

static bool is_tool(const char *name)
{
	for (size_t i = 0; i < ELEMENTSOF(tools); i++)
		if (!strcmp(tools[i], name))
			return true;
	return false;
}

bool runner_has(const struct root *r, const char *tool)
{
	cleanup_free char *path = is_tool(tool) ? find_tool(tool, r->real) : NULL;

	return path != NULL;
}

/* --- in the process that becomes the program ------------------------------------------------------------ */

static void replace(struct strlist *argv, const char *what, const char *with)
{
	for (uint32_t i = 0; i < argv->n; i++) {
		char *at = strstr(argv->v[i], what), *whole;

		if (!at)
			continue;
		whole = xasprintf("%.*s%s%s", (int)(at - argv->v[i]), argv->v[i], with,
				  at + strlen(what));
		free(argv->v[i]);
		argv->v[i] = whole;
	}
}

/* A file without a name that the program can open by "%F". */
static int make_script(struct runner_order *o, struct error *err)
{
	char name[32];
	int fd;

	if (!o->script)
		return -1;
	fd = memfd_create("script", 0);
	if (fd < 0 || file_write_all(fd, o->script, o->script_len) < 0 ||
	    fchmod(fd, 0500) < 0)
		return err_errno(err, "cannot hand a script over");
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	replace(&o->argv, "%F", name);
	return fd;
}

/* What it reads: from a file without a name, from its beginning; mostly nothing. */
static int open_input(const struct runner_order *o)
{
	int fd;

	if (!*o->input)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = memfd_create("input", MFD_CLOEXEC);
	if (fd >= 0 && (file_write_all(fd, o->input, strlen(o->input)) < 0 ||
			lseek(fd, 0, SEEK_SET) < 0))
		close(steal_fd(&fd));
	return fd;
}

static void close_all_but(int a, int b)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fd != a && fd != b)
			close(fd);
}

static int enter(const struct runner_order *o, struct error *err)
{
	switch (o->what) {
	case RUNNER_TOOL: return jail_view(&allowed.root, o, err);
	case RUNNER_REBUILD: return jail_rebuild(&allowed.root, o->folder, err);
	default: return jail_root(&allowed.root, err);
	}
}

/* An order to rebuild says no more than the folder. */
static void fill_in(struct runner_order *o)
{
	if (o->what != RUNNER_REBUILD)
		return;
	strlist_release(&o->argv);
	for (size_t i = 0; rebuild_argv[i]; i++)
		strlist_add(&o->argv, rebuild_argv[i]);
	for (size_t i = 0; rebuild_env[i]; i++)
		strlist_add(&o->env, rebuild_env[i]);
}

/* Ends in the program; what comes back is why it could not. */
static void become(struct order *r, int output, int told, struct error *err)
{
	struct runner_order *o = &r->order;
	cleanup_free char *tool = NULL, *view = NULL;
	struct strlist env = {0};
	int in = open_input(o), script;

	fill_in(o);
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	umask(022);
	if (o->what == RUNNER_TOOL) {
		tool = find_tool(o->argv.v[0], allowed.root.path);
		if (!tool) {
			err_set(err, ERR_FAILED, "%s is not on this host", o->argv.v[0]);
			return;
		}
		view = xasprintf("%s/view", o->folder);
		replace(&o->argv, "%R", view);
	}
	script = make_script(o, err);
	if (o->script && script < 0)
		return;
	if (dup2(in, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) {
		err_errno(err, "cannot set up a program's files");
		return;
	}
	close_all_but(told, script);
	if (enter(o, err) < 0 || jail_drop_rights(o->what, err) < 0)
		return;
	/* what rpm gives scriptlets (lib/rpmscript.c), and they may rely on */
	strlist_add(&env, o->what == RUNNER_TOOL
				  ? "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
				  : "PATH=/sbin:/bin:/usr/sbin:/usr/bin");
	strlist_add(&env, "HOME=/");
	strlist_add(&env, "LC_ALL=C");
	for (uint32_t i = 0; i < o->env.n; i++)
		strlist_add(&env, o->env.v[i]);
	array_add(&o->argv, (char *)NULL);
	array_add(&env, (char *)NULL);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigprocmask(SIG_SETMASK, &(sigset_t){0}, NULL);
	execve(tool ? tool : o->argv.v[0], o->argv.v, env.v);
	err_errno(err, "cannot run %s", tool ? tool : o->argv.v[0]);
}

/* --- in the process that waits for it --------------------------------------------------------------------- */

struct reply {
	int32_t status;
	bool timed_out, stopped, failed;
	char why[512];
};

static void set_why(struct reply *ret, const char *text)
{
	ret->failed = true;
	snprintf(ret->why, sizeof(ret->why), "%s", text);
}

/* 0, or -1 where there is no process to wait for. */
static int start(struct order *r, struct watch *w, struct reply *ret, struct error *err)
{
	char why[sizeof(ret->why)] = "";
	int told[2], words[2];

	if (pipe2(told, O_CLOEXEC) < 0 || pipe2(words, O_CLOEXEC) < 0)
		return err_errno(err, "cannot make a pipe");
	w->pid = fork();
	if (w->pid < 0)
		return err_errno(err, "cannot start a process");
	if (w->pid == 0) {
		become(r, words[1], told[1], err);
		(void)!write(told[1], err->msg, strlen(err->msg));
		_exit(127);
	}
	close(told[1]);
	close(words[1]);
	w->words = words[0];
	/* ends at once when the program begins */
	if (file_read_full(told[0], why, sizeof(why) - 1) > 0)
		set_why(ret, why);
	return 0;
}

static void run_order(struct order *r, struct watch *w, struct reply *ret)
{
	cleanup_error struct error err = ERROR_INIT;

	if (watch_begin(w, &err) < 0 || jail_leave(&err) < 0 ||
	    start(r, w, ret, &err) < 0) {
		set_why(ret, err.msg);
		return;
	}
	watch_program(w, r->order.seconds);
	ret->status = w->status;
	ret->timed_out = w->timed_out;
	ret->stopped = w->stopped;
}

/* --- the service -------------------------------------------------------------------------------------------- */

static int is_allowed(const struct runner_order *o, struct error *err)
{
	bool is = false;

	switch (o->what) {
	case RUNNER_TOOL: /* an environment can make a program into another one */
		is = is_tool(o->argv.v[0]) && o->env.n == 0;
		break;
	case RUNNER_IN_ROOT: is = allowed.what.scriptlets; break;
	case RUNNER_REBUILD:
		is = allowed.what.rpmdb && o->env.n == 0 && !o->script && !*o->input;
		break;
	}
	return is ? 0
		  : err_set(err, ERR_FAILED, "%s is not among what may be run here",
			    o->argv.v[0]);
}

/* In a process of its own, which leaves the host behind. */
_noreturn_ static void work(struct order *r, int fd)
{
	struct watch program = {.most = OUTPUT_MAX};
	struct reply reply = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_DFL);
	run_order(r, &program, &reply);
	_exit(file_write_all(fd, &reply, sizeof(reply)) < 0 ||
	      file_write_all(fd, program.said.s, program.said.n) < 0);
}

static int do_order(struct order *r, struct reply *ret, struct buf *said,
		    struct error *err)
{
	cleanup_free char *text = xmalloc(OUTPUT_MAX);
	ssize_t n = -1, n_said = -1;
	int fd[2], status;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return err_errno(err, "cannot make a pipe");
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		work(r, fd[1]);
	}
	close(fd[1]);
	if (pid > 0) {
		n = file_read_full(fd[0], ret, sizeof(*ret));
		n_said = file_read_full(fd[0], text, OUTPUT_MAX);
	}
	close(fd[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (n != sizeof(*ret) || n_said < 0)
		return err_set(err, ERR_FAILED, "the process that runs programs failed");
	buf_add(said, text, (size_t)n_said);
	ret->why[sizeof(ret->why) - 1] = '\0';
	return ret->failed ? err_set(err, ERR_FAILED, "%s", ret->why) : 0;
}

static int serve(void *ctx, const struct buf *ask, struct buf *answer, struct error *err)
{
	cleanup_buf struct buf said = {0};
	struct order r = {0};
	struct reply reply = {0};
	int rc;

	(void)ctx;
	rc = order_read(ask->s, ask->n, &r) < 0
		     ? err_set(err, ERR_FAILED, "an order that cannot be read")
		     : is_allowed(&r.order, err);
	if (rc == 0)
		rc = do_order(&r, &reply, &said, err);
	if (rc == 0) {
		buf_add(answer, &reply, sizeof(reply));
		buf_add(answer, said.s, said.n);
	}
	order_release(&r);
	return rc;
}

const struct outside_service runner_service = {.name = "runner", .serve = serve};

void runner_prepare(const char *root, struct runner_allowed what)
{
	char *real = realpath(root, NULL);
	struct stat st;

	allowed.what = what;
	if (!real || stat(real, &st) < 0) {
		free(real); /* opening it will say so */
		return;
	}
	free(allowed.path);
	allowed.path = real;
	allowed.root = (struct jail_root){real, st.st_dev, st.st_ino};
}

/* --- who gives orders -------------------------------------------------------------------------------------- */

int runner_run(const struct runner_order *order, struct runner_result *ret,
	       struct error *err)
{
	cleanup_buf struct buf ask = {0}, answer = {0};
	struct reply reply;

	order_write(&ask, order);
	if (outside_ask_until(runner_service.name, &ask, &order->stop, &answer, err) < 0)
		return -1;
	if (answer.n < sizeof(reply))
		return err_set(err, ERR_FAILED, "an answer that cannot be read");
	memcpy(&reply, answer.s, sizeof(reply));
	ret->status = reply.status;
	ret->timed_out = reply.timed_out;
	ret->stopped = reply.stopped;
	buf_str(&ret->output, "");
	buf_add(&ret->output, answer.s + sizeof(reply), answer.n - sizeof(reply));
	return 0;
}

void runner_result_release(struct runner_result *r)
{
	buf_release(&r->output);
}

char *runner_result_failure(const struct runner_result *r)
{
	if (r->stopped)
		return xstrdup("it was stopped as asked for");
	if (r->timed_out)
		return xstrdup("it was stopped, for it did not come to an end");
	if (WIFSIGNALED(r->status))
		return xasprintf("it was killed by signal %d", WTERMSIG(r->status));
	if (!WIFEXITED(r->status))
		return xasprintf("it ended nobody knows how");
	if (WEXITSTATUS(r->status))
		return xasprintf("it ended with status %d", WEXITSTATUS(r->status));
	return NULL;
}

char *runner_result_words(const struct runner_result *r)
{
	enum { MOST = 300 };
	const char *said = r->output.s;
	size_t end = r->output.n, begin;
	cleanup_free char *line = NULL;

	while (end && strchr(" \n\t", said[end - 1])) /* a NUL, too */
		end--;
	for (begin = end; begin && said[begin - 1] != '\n';)
		begin--;
	line = xstrndup(said + begin, MIN(end - begin, (size_t)MOST));
	return quoted(line);
}
