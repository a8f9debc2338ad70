/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inject [-n N] [-c CALL] -a ACTION [-o FILE] COMMAND [ARG]...
 *
 * Runs COMMAND, counts the calls that change a file over all of its threads and children, and does
 * something at the N-th of them:
 *
 *	count	nothing
 *	kill	all processes are killed before the call is carried out: a cut of the power
 *	short	if it writes data, only half of it is written
 *	EIO...	it is not carried out, and fails with that error
 *	EIO+	so does every later one: a dead disk. ENOSPC+ leaves alone what takes no space
 *
 * With -c only the calls of that name are counted.
 *
 * FILE gets a line for the call ("N NAME"; with count a line for each), and "total N" at the end. Exit code: that of
 * COMMAND, or 128 and its signal; 125 when the injector itself fails, 77 where it is not to be had.
 *
 * Only these calls are stopped at: a filter of the kernel's lets all others run at full speed. What is written to
 * pipes, to the terminal or through mapped memory is not counted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __x86_64__

#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))
#define CALL(name, space)                \
	{                                \
		SYS_##name, #name, space \
	}

static const struct call {
	unsigned nr;
	const char *name;
	int space; /* a full disk refuses it */
} calls[] = {
	CALL(write, 1),	       CALL(pwrite64, 1),
	CALL(writev, 1),       CALL(pwritev, 1),
	CALL(pwritev2, 1),     CALL(sendfile, 1),
	CALL(splice, 1),       CALL(copy_file_range, 1),
	CALL(fsync, 0),	       CALL(fdatasync, 0),
	CALL(syncfs, 0),       CALL(sync_file_range, 0),
	CALL(msync, 0),	       CALL(open, 1),
	CALL(openat, 1),       CALL(creat, 1),
	CALL(mkdir, 1),	       CALL(mkdirat, 1),
	CALL(mknod, 1),	       CALL(mknodat, 1),
	CALL(link, 1),	       CALL(linkat, 1),
	CALL(symlink, 1),      CALL(symlinkat, 1),
	CALL(unlink, 0),       CALL(unlinkat, 0),
	CALL(rmdir, 0),	       CALL(rename, 0),
	CALL(renameat, 0),     CALL(renameat2, 0),
	CALL(truncate, 0),     CALL(ftruncate, 0),
	CALL(fallocate, 1),    CALL(chmod, 0),
	CALL(fchmod, 0),       CALL(fchmodat, 0),
	CALL(chown, 0),	       CALL(fchown, 0),
	CALL(lchown, 0),       CALL(fchownat, 0),
	CALL(setxattr, 1),     CALL(lsetxattr, 1),
	CALL(fsetxattr, 1),    CALL(removexattr, 0),
	CALL(lremovexattr, 0), CALL(fremovexattr, 0),
	CALL(utimensat, 0),    CALL(utimes, 0),
	CALL(futimesat, 0),    CALL(utime, 0),
	CALL(ioctl, 1),	       CALL(io_uring_enter, 1),
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{"EIO", EIO},	    {"ENOSPC", ENOSPC}, {"EINTR", EINTR},   {"EDQUOT", EDQUOT},
	{"EROFS", EROFS},   {"EPERM", EPERM},	{"EACCES", EACCES}, {"ENOMEM", ENOMEM},
	{"EMFILE", EMFILE}, {"EAGAIN", EAGAIN}, {"EXDEV", EXDEV},
};

enum action { COUNT, KILL, SHORT, FAIL };

static struct {
	enum action action;
	int error;
	int goes_on;
	unsigned long n, total;
	const char *only; /* the name of a call; NULL: all of the above */
	FILE *out;
	pid_t *pid; /* all that were seen */
	size_t pids;
} state;

static void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(125);
}

/* --- which calls stop -------------------------------------------------------------------------------- */

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF_NOT(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define RETURN(what)	    BPF_STMT(BPF_RET | BPF_K, what)
#define TRACE		    RETURN(SECCOMP_RET_TRACE)
#define ALLOW		    RETURN(SECCOMP_RET_ALLOW)
/* flags that make or empty a file; O_TMPFILE's own bit */
#define OPENS (O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))
#define OPEN_CALL(nr, arg)              \
	IF_NOT(nr, 4), LOAD(args[arg]), \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, OPENS, 0, 1), TRACE, ALLOW
#define WRITE_CALL(nr)                                                              \
	IF_NOT(nr, 4), LOAD(args[0]), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 2, 0, 1), \
		TRACE, ALLOW
#define IOCTL(code) IF_NOT(code, 1), TRACE

static void filter(void)
{
	static const struct sock_filter head[] = {
		LOAD(nr),
		OPEN_CALL(SYS_open, 1),
		OPEN_CALL(SYS_openat, 2),
		WRITE_CALL(SYS_write),
		WRITE_CALL(SYS_writev),
		IF_NOT(SYS_ioctl, 10),
		LOAD(args[1]),
		IOCTL((uint32_t)FICLONE),
		IOCTL((uint32_t)FICLONERANGE),
		IOCTL((uint32_t)FS_IOC_SETFLAGS),
		IOCTL((uint32_t)FS_IOC_FSSETXATTR),
		ALLOW,
	};
	struct sock_filter f[ELEMENTSOF(head) + 2 * ELEMENTSOF(calls) + 1];
	struct sock_fprog p = {.filter = f};

	memcpy(f, head, sizeof(head));
	p.len = ELEMENTSOF(head);
	for (size_t i = 0; i < ELEMENTSOF(calls); i++) {
		f[p.len++] = (struct sock_filter)IF_NOT(calls[i].nr, 1);
		f[p.len++] = (struct sock_filter)TRACE;
	}
	f[p.len++] = (struct sock_filter)ALLOW;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p))
		die("seccomp");
}

/* What is written to a pipe or a device is no change of a file. */
static int is_file(pid_t pid, unsigned long long fd)
{
	char link[64], to[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%ld/fd/%llu", (long)pid, fd);
	n = readlink(link, to, sizeof(to));
	return n > 0 && *to == '/' && strcmp(to, "/dev/null");
}

/* --- what happens there ------------------------------------------------------------------------------ */

static const struct call *find(unsigned long long nr)
{
	for (size_t i = 0; i < ELEMENTSOF(calls); i++)
		if (calls[i].nr == nr)
			return &calls[i];
	return NULL;
}

static void note_call(const struct call *c)
{
	if (state.out)
		fprintf(state.out, "%lu %s\n", state.total, c->name);
}

static void finish(void)
{
	if (state.out) {
		fprintf(state.out, "total %lu\n", state.total);
		fclose(state.out);
	}
}

static void seen(pid_t pid)
{
	for (size_t i = 0; i < state.pids; i++)
		if (state.pid[i] == pid)
			return;
	state.pid = realloc(state.pid, (state.pids + 1) * sizeof(pid_t));
	if (!state.pid)
		die("realloc");
	state.pid[state.pids++] = pid;
}

/* Nobody is left when this returns: as after a cut of the power. */
static void kill_all(void)
{
	pid_t pid;
	int status;

	for (size_t i = 0; i < state.pids; i++)
		kill(state.pid[i], SIGKILL);
	/* one that was only just made is not among them, and comes with its first stop */
	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR)
		if (pid > 0 && WIFSTOPPED(status))
			kill(pid, SIGKILL);
	finish();
	exit(128 + SIGKILL);
}

static void halve(struct user_regs_struct *r)
{
	switch (r->orig_rax) {
	case SYS_write:
	case SYS_pwrite64: r->rdx = (r->rdx + 1) / 2; break;
	case SYS_copy_file_range: r->r8 = (r->r8 + 1) / 2; break;
	case SYS_sendfile: r->r10 = (r->r10 + 1) / 2; break;
	}
}

static void at_call(pid_t pid)
{
	struct user_regs_struct r;
	const struct call *c;

	if (ptrace(PTRACE_GETREGS, pid, 0, &r) || !(c = find(r.orig_rax)) ||
	    (state.only && strcmp(c->name, state.only)) ||
	    ((c->nr == SYS_write || c->nr == SYS_writev) && !is_file(pid, r.rdi)))
		return;
	state.total++;
	if (state.action == COUNT) {
		note_call(c);
		return;
	}
	if (state.goes_on ? state.total < state.n : state.total != state.n)
		return;
	if (state.total == state.n)
		note_call(c);
	switch (state.action) {
	case KILL: kill_all(); break;
	case SHORT: halve(&r); break;
	case FAIL:
		if (state.goes_on && state.error == ENOSPC && !c->space)
			return;
		r.orig_rax = (unsigned long long)-1; /* no call */
		r.rax = (unsigned long long)-state.error;
		break;
	case COUNT: break;
	}
	ptrace(PTRACE_SETREGS, pid, 0, &r);
}

/* --- running ------------------------------------------------------------------------------------------ */

static pid_t start(char **command)
{
	const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	pid_t child = fork();
	int status;

	if (child < 0)
		die("fork");
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			die("ptrace");
		raise(SIGSTOP);
		filter();
		execvp(command[0], command);
		die(command[0]);
	}
	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, child, 0, options))
		die("ptrace");
	seen(child);
	ptrace(PTRACE_CONT, child, 0, 0);
	return child;
}

static int watch(pid_t child)
{
	int status, rc = 125;

	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);
		int sig, event;

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return rc;
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (pid == child)
				rc = WIFEXITED(status) ? WEXITSTATUS(status)
						       : 128 + WTERMSIG(status);
			continue;
		}
		sig = WSTOPSIG(status);
		event = status >> 16;
		seen(pid);
		if (event == PTRACE_EVENT_SECCOMP)
			at_call(pid);
		/* a new process or thread begins with a stop */
		if (event || sig == SIGSTOP || sig == SIGTRAP)
			sig = 0;
		ptrace(PTRACE_CONT, pid, 0, sig);
	}
}

static int parse_action(const char *word)
{
	size_t n = strcspn(word, "+");

	state.goes_on = word[n] == '+';
	if (!strcmp(word, "count"))
		state.action = COUNT;
	else if (!strcmp(word, "kill"))
		state.action = KILL;
	else if (!strcmp(word, "short"))
		state.action = SHORT;
	else
		state.action = FAIL;
	for (size_t i = 0; i < ELEMENTSOF(errors); i++)
		if (strlen(errors[i].name) == n && !strncmp(word, errors[i].name, n))
			state.error = errors[i].number;
	return state.action == FAIL && !state.error ? -1 : 0;
}

int main(int argc, char **argv)
{
	int option, rc;

	while ((option = getopt(argc, argv, "+a:c:n:o:")) != -1)
		switch (option) {
		case 'a':
			if (parse_action(optarg) < 0) {
				fprintf(stderr, "inject: unknown action '%s'\n", optarg);
				return 125;
			}
			break;
		case 'c': state.only = optarg; break;
		case 'n': state.n = strtoul(optarg, NULL, 10); break;
		case 'o':
			state.out = fopen(optarg, "we");
			if (!state.out)
				die(optarg);
			break;
		default: return 125;
		}
	if (optind >= argc) {
		fprintf(stderr, "inject: no command\n");
		return 125;
	}
	rc = watch(start(argv + optind));
	finish();
	return rc;
}

#else

int main(void)
{
	fprintf(stderr, "inject: knows the registers of x86-64 only\n");
	return 77;
}

#endif
