/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disturb KIND:EVERY:SEED PATH... -- COMMAND...
 *
 * Runs COMMAND, and before one in EVERY of the calls by which it or its children change files makes
 * something durable on the file system of each PATH, as another process might do at any time:
 *
 *	commit	fsync of a new file without a name: a commit of the file system's journal, which takes the
 *		names along but not yet the data that nobody synced
 *	sync	syncfs: everything so far
 *	mix	one or the other
 *
 * What becomes durable too early shows an order that is taken for granted but never asked for. Exits
 * with COMMAND's status, or 128 + the signal that ended it.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Making a file shows in the write that follows, so that opens need not be looked at. */
static const int calls[] = {
	SYS_write,    SYS_pwrite64,  SYS_writev,    SYS_sendfile,  SYS_copy_file_range,
	SYS_fsync,    SYS_fdatasync, SYS_syncfs,    SYS_mkdirat,   SYS_mknodat,
	SYS_linkat,   SYS_symlinkat, SYS_unlinkat,  SYS_renameat2, SYS_ftruncate,
	SYS_fchmod,   SYS_fchmodat,  SYS_fchown,    SYS_fchownat,  SYS_fsetxattr,
	SYS_setxattr, SYS_utimensat, SYS_fallocate,
#ifdef SYS_rename
	SYS_mkdir,    SYS_link,	     SYS_symlink,   SYS_unlink,	   SYS_rmdir,
	SYS_rename,   SYS_chmod,     SYS_chown,
#endif
#ifdef SYS_renameat
	SYS_renameat,
#endif
};
#define CALLS (sizeof(calls) / sizeof(*calls))

static enum { COMMIT = 1, SYNC, MIX } kind;
static unsigned long every, seed;
static char **paths;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "disturb: %s: %s\n", what, strerror(errno));
	exit(125);
}

/* --- the disturbance --------------------------------------------------------------------------------- */

static void sync_all(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) < 0)
		die(path);
	close(fd);
}

static void commit(const char *path)
{
	int fd = open(path, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) < 0)
		die(path);
	close(fd);
}

static void disturb(void)
{
	bool sync = kind == SYNC || (kind == MIX && random() % 2);

	for (char **p = paths; strcmp(*p, "--"); p++)
		if (sync)
			sync_all(*p);
		else
			commit(*p);
}

/* --- the command ------------------------------------------------------------------------------------- */

/* LeakSanitizer traces the program that it is in, and what is traced already it either gives up on, or finds
 * leaks in that are none: a value in a register that it was not let see. */
static void leave_leaks(void)
{
	static const char off[] = "detect_leaks=0";
	const char *was = getenv("ASAN_OPTIONS");
	char all[4096];

	snprintf(all, sizeof(all), "%s%s%s", was ? was : "", was && *was ? ":" : "", off);
	setenv("ASAN_OPTIONS", all, 1);
}

static _Noreturn void run(char **command)
{
	struct sock_filter f[CALLS + 3];
	struct sock_fprog program = {CALLS + 3, f};

	f[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					    offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < CALLS; i++)
		f[i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							(unsigned)calls[i], CALLS - i, 0);
	f[CALLS + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	f[CALLS + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	leave_leaks();
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
		die("ptrace");
	raise(SIGSTOP);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		die("seccomp");
	execvp(command[0], command);
	die(command[0]);
}

/* A process or thread stopped; the signal that it is to get when it goes on. */
static int stopped(int status)
{
	int event = status >> 16, signal = WSTOPSIG(status);

	if (event == PTRACE_EVENT_SECCOMP && (unsigned long)random() % every == 0)
		disturb();
	/* what is new stops once by itself */
	return event || signal == SIGSTOP ? 0 : signal;
}

static int watch(pid_t child)
{
	int status, rc = 125;

	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		die("waitpid");
	if (ptrace(PTRACE_SETOPTIONS, child, 0,
		   PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
			   PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) <
	    0)
		die("ptrace");
	ptrace(PTRACE_CONT, child, 0, 0);
	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return rc;
		if (WIFSTOPPED(status))
			ptrace(PTRACE_CONT, pid, 0, stopped(status));
		else if (pid == child)
			rc = WIFEXITED(status) ? WEXITSTATUS(status)
					       : 128 + WTERMSIG(status);
	}
}

int main(int argc, char **argv)
{
	char word[8] = "";
	int dashes = 2;
	pid_t child;

	while (dashes < argc && strcmp(argv[dashes], "--"))
		dashes++;
	if (dashes + 1 >= argc ||
	    sscanf(argv[1], "%7[a-z]:%lu:%lu", word, &every, &seed) != 3 || !every) {
		fprintf(stderr, "usage: disturb KIND:EVERY:SEED PATH... -- COMMAND...\n");
		return 2;
	}
	kind = !strcmp(word, "commit") ? COMMIT : !strcmp(word, "sync") ? SYNC : MIX;
	paths = argv + 2;
	srandom((unsigned)seed);
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0)
		run(argv + dashes + 1);
	return watch(child);
}
