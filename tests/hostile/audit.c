/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit -o FILE [-w FOLDER]... [-r PATH]... COMMAND [ARG]...
 *
 * Runs COMMAND, and looks at each call of it, its threads and its children that could change a file
 * or run a program. FILE gets a line for each that must not be:
 *
 *	change CALL PATH	PATH, links resolved, lies beneath none of the folders of -w, and is no scratch
 *				folder of putback's either
 *	read PATH		what was opened is the same file as one of -r, by whatever name
 *	exec PATH		a program was to be run, whether or not that was refused
 *	mount CALL		mounts were to be changed, in a way that others would see
 *
 * and "total N" at the end, N being the calls that were looked at: a judge who saw nothing is none. Exit
 * code: that of COMMAND, or 128 and its signal; 125 when the auditor itself fails, 77 where it is not to
 * be had.
 *
 * A path is resolved when the call begins, and what an open gave is looked at when it has ended: should
 * somebody swap links in between, the latter tells.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include "base/syscalls.h"
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))
#define NONE	      (-1)

/* How a call names what it acts on: the argument that holds the folder's descriptor, and the one that
 * holds the path; a second pair for those with two. A path of NONE: the descriptor itself. */
enum kind { CHANGE, OPEN, OPEN_HOW, EXEC, MOUNT, FLAGS };
static const struct call {
	unsigned nr;
	const char *name;
	enum kind kind;
	int dir, path, dir2, path2;
	int follows; /* a link that the path ends in */
} calls[] = {
#define CALL(name, ...)                         \
	{                                       \
		SYS_##name, #name, __VA_ARGS__ \
	}
	CALL(open, OPEN, NONE, 0, NONE, NONE, 1),
	CALL(openat, OPEN, 0, 1, NONE, NONE, 1),
	CALL(openat2, OPEN_HOW, 0, 1, NONE, NONE, 1),
	CALL(creat, CHANGE, NONE, 0, NONE, NONE, 1),
	CALL(mkdir, CHANGE, NONE, 0, NONE, NONE, 0),
	CALL(mkdirat, CHANGE, 0, 1, NONE, NONE, 0),
	CALL(mknod, CHANGE, NONE, 0, NONE, NONE, 0),
	CALL(mknodat, CHANGE, 0, 1, NONE, NONE, 0),
	CALL(symlink, CHANGE, NONE, 1, NONE, NONE, 0),
	CALL(symlinkat, CHANGE, 1, 2, NONE, NONE, 0),
	CALL(link, CHANGE, NONE, 0, NONE, 1, 0),
	CALL(linkat, CHANGE, 0, 1, 2, 3, 0),
	CALL(unlink, CHANGE, NONE, 0, NONE, NONE, 0),
	CALL(unlinkat, CHANGE, 0, 1, NONE, NONE, 0),
	CALL(rmdir, CHANGE, NONE, 0, NONE, NONE, 0),
	CALL(rename, CHANGE, NONE, 0, NONE, 1, 0),
	CALL(renameat, CHANGE, 0, 1, 2, 3, 0),
	CALL(renameat2, CHANGE, 0, 1, 2, 3, 0),
	CALL(truncate, CHANGE, NONE, 0, NONE, NONE, 1),
	CALL(ftruncate, CHANGE, 0, NONE, NONE, NONE, 0),
	CALL(fallocate, CHANGE, 0, NONE, NONE, NONE, 0),
	CALL(chmod, CHANGE, NONE, 0, NONE, NONE, 1),
	CALL(fchmod, CHANGE, 0, NONE, NONE, NONE, 0),
	CALL(fchmodat, CHANGE, 0, 1, NONE, NONE, 1),
	CALL(chown, CHANGE, NONE, 0, NONE, NONE, 1),
	CALL(lchown, CHANGE, NONE, 0, NONE, NONE, 0),
	CALL(fchown, CHANGE, 0, NONE, NONE, NONE, 0),
	CALL(fchownat, CHANGE, 0, 1, NONE, NONE, 0),
	CALL(setxattr, CHANGE, NONE, 0, NONE, NONE, 1),
	CALL(lsetxattr, CHANGE, NONE, 0, NONE, NONE, 0),
	CALL(fsetxattr, CHANGE, 0, NONE, NONE, NONE, 0),
	CALL(removexattr, CHANGE, NONE, 0, NONE, NONE, 1),
	CALL(lremovexattr, CHANGE, NONE, 0, NONE, NONE, 0),
	CALL(fremovexattr, CHANGE, 0, NONE, NONE, NONE, 0),
	CALL(utimensat, CHANGE, 0, 1, NONE, NONE, 1),
	CALL(utimes, CHANGE, NONE, 0, NONE, NONE, 1),
	CALL(utime, CHANGE, NONE, 0, NONE, NONE, 1),
	CALL(ioctl, FLAGS, 0, NONE, NONE, NONE, 0),
	CALL(execve, EXEC, NONE, 0, NONE, NONE, 1),
	CALL(execveat, EXEC, 0, 1, NONE, NONE, 1),
	CALL(mount, MOUNT, NONE, NONE, NONE, NONE, 0),
	CALL(umount2, MOUNT, NONE, NONE, NONE, NONE, 0),
	CALL(move_mount, MOUNT, NONE, NONE, NONE, NONE, 0),
	CALL(pivot_root, MOUNT, NONE, NONE, NONE, NONE, 0),
	CALL(chroot, MOUNT, NONE, NONE, NONE, NONE, 0),
};

static struct {
	FILE *out;
	char *folders[32];
	size_t n_folders;
	struct stat forbidden[32];
	size_t n_forbidden;
	unsigned long total;
	int started; /* COMMAND was executed: what looked for it does not count */
} state;

static void die(const char *what)
{
	fprintf(stderr, "audit: %s: %s\n", what, strerror(errno));
	exit(125);
}

/* --- paths ------------------------------------------------------------------------------------------------- */

static int is_beneath(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return !strncmp(path, folder, n) && (!path[n] || path[n] == '/');
}

/* "/run/putback-LABEL-..." and what lies in it; a folder of TMPDIR is to be named by -w */
static int is_scratch(const char *path)
{
	static const char *const places[] = {"/dev/shm/putback-", "/run/putback-",
					     "/var/tmp/putback-", "/tmp/putback-"};
	const char *tmpdir = getenv("TMPDIR");
	char own[PATH_MAX];

	for (size_t i = 0; i < ELEMENTSOF(places); i++)
		if (!strncmp(path, places[i], strlen(places[i])))
			return 1;
	snprintf(own, sizeof(own), "%s/putback-", tmpdir ? tmpdir : "/tmp");
	return !strncmp(path, own, strlen(own));
}

static void judge(const struct call *c, const char *path)
{
	/* pipes, sockets, files in memory; the kernel's own */
	if (*path != '/' || !strncmp(path, "/memfd:", 7) || !strcmp(path, "/dev/null") ||
	    !strncmp(path, "/dev/pts/", 9) || !strcmp(path, "/dev/tty") ||
	    is_scratch(path))
		return;
	for (size_t i = 0; i < state.n_folders; i++)
		if (is_beneath(path, state.folders[i]))
			return;
	fprintf(state.out, "change %s %s\n", c->name, path);
}

static int read_link(pid_t pid, const char *what, char ret[PATH_MAX])
{
	char name[64];
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/%ld/%s", (long)pid, what);
	n = readlink(name, ret, PATH_MAX - 1);
	if (n < 0)
		return -1;
	ret[n] = '\0';
	return 0;
}

static int of_descriptor(pid_t pid, long fd, char ret[PATH_MAX])
{
	char what[32];

	if (fd == AT_FDCWD)
		return read_link(pid, "cwd", ret);
	snprintf(what, sizeof(what), "fd/%ld", fd);
	return read_link(pid, what, ret);
}

static int read_text(pid_t pid, unsigned long long at, char ret[PATH_MAX])
{
	size_t n = 0;

	/* piece by piece: what follows the text may not be there */
	while (n < PATH_MAX - 1) {
		size_t piece = 256 - (at + n) % 256;
		struct iovec to, from;
		ssize_t got;

		if (piece > PATH_MAX - 1 - n)
			piece = PATH_MAX - 1 - n;
		to = (struct iovec){ret + n, piece};
		from = (struct iovec){(void *)(uintptr_t)(at + n), piece};
		got = process_vm_readv(pid, &to, 1, &from, 1, 0);
		if (got <= 0)
			return -1;
		if (memchr(ret + n, '\0', (size_t)got))
			return 0;
		n += (size_t)got;
	}
	return -1;
}

/* Its own /proc/self is not ours. */
static void put_self(pid_t pid, char path[2 * PATH_MAX])
{
	static const char self[] = "/proc/self/";
	char rest[2 * PATH_MAX];

	if (strncmp(path, self, sizeof(self) - 1) != 0)
		return;
	snprintf(rest, sizeof(rest), "%s", path + sizeof(self) - 1);
	snprintf(path, 2 * PATH_MAX, "/proc/%ld/%.*s", (long)pid, PATH_MAX, rest);
}

/* Where the kernel gets to by this name, in one step: names may change in between. */
static int arrive(const char *name, int flags, char ret[2 * PATH_MAX])
{
	int fd = open(name, O_PATH | O_CLOEXEC | flags);
	char link[64];
	ssize_t n;

	if (fd < 0)
		return -1;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, ret, 2 * PATH_MAX - 1);
	close(fd);
	if (n < 0)
		return -1;
	ret[n] = '\0';
	return 0;
}

/* name: from the top, or by way of a descriptor. The folder resolved, the last part as it is, or
 * resolved, too. */
static void resolve(char name[2 * PATH_MAX], int follows, char ret[2 * PATH_MAX])
{
	size_t n = strlen(name);
	char *slash, last[2 * PATH_MAX];

	if (follows && arrive(name, 0, ret) == 0)
		return;
	while (n > 1 && name[n - 1] == '/')
		name[--n] = '\0';
	slash = strrchr(name, '/');
	snprintf(last, sizeof(last), "%s", slash + 1);
	slash[slash == name] = '\0';
	if (arrive(name, O_DIRECTORY, ret) < 0)
		snprintf(ret, 2 * PATH_MAX, "%s", name);
	n = strlen(ret);
	snprintf(ret + n, 2 * PATH_MAX - n, "%s%.*s", n > 1 ? "/" : "", PATH_MAX, last);
}

static int path_of(pid_t pid, const unsigned long long args[6], int dir, int path,
		   int follows, char ret[2 * PATH_MAX])
{
	int fd = dir == NONE ? AT_FDCWD : (int)args[dir];
	char text[PATH_MAX] = "", base[PATH_MAX], name[2 * PATH_MAX];

	if (path != NONE && (!args[path] || read_text(pid, args[path], text) < 0))
		*text = '\0';
	if (!*text) {
		if (of_descriptor(pid, fd, base) < 0)
			return -1;
		snprintf(ret, 2 * PATH_MAX, "%s", base);
		return 0;
	}
	if (*text == '/') {
		snprintf(name, sizeof(name), "%s", text);
		put_self(pid, name);
	} else if (fd == AT_FDCWD) {
		snprintf(name, sizeof(name), "/proc/%ld/cwd/%s", (long)pid, text);
	} else {
		snprintf(name, sizeof(name), "/proc/%ld/fd/%d/%s", (long)pid, fd, text);
	}
	resolve(name, follows, ret);
	return 0;
}

/* --- calls -------------------------------------------------------------------------------------------------- */

static const struct call *find(unsigned long long nr)
{
	for (size_t i = 0; i < ELEMENTSOF(calls); i++)
		if (calls[i].nr == nr)
			return &calls[i];
	return NULL;
}

static void judge_one(pid_t pid, const struct call *c, const unsigned long long a[6],
		      int dir, int path, int follows)
{
	char full[2 * PATH_MAX];

	if (path_of(pid, a, dir, path, follows, full) == 0)
		judge(c, full);
}

static int changes(int flags)
{
	return !(flags & O_PATH) &&
	       ((flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC));
}

/* Of an open: what it opened, in whatever way it got there. */
static void at_end_of_open(pid_t pid, const struct call *c, int flags)
{
	struct user_regs_struct r;
	char name[64], path[PATH_MAX];
	struct stat st;

	if (ptrace(PTRACE_GETREGS, pid, 0, &r) || (long long)r.rax < 0)
		return;
	snprintf(name, sizeof(name), "/proc/%ld/fd/%lld", (long)pid, (long long)r.rax);
	if (stat(name, &st) < 0)
		return;
	if (changes(flags) && of_descriptor(pid, (long)r.rax, path) == 0)
		judge(c, path);
	for (size_t i = 0; i < state.n_forbidden && !(flags & O_PATH); i++)
		if (st.st_dev == state.forbidden[i].st_dev &&
		    st.st_ino == state.forbidden[i].st_ino)
			fprintf(state.out, "read %s\n", path);
}

/* What was asked for when the call began, of those that are to be looked at when they end. */
static struct pending {
	pid_t pid;
	const struct call *call;
	int flags;
} pending[256];

static struct pending *pending_of(pid_t pid)
{
	for (size_t i = 0; i < ELEMENTSOF(pending); i++)
		if (pending[i].pid == pid)
			return &pending[i];
	return NULL;
}

/* 1: stop again when it has ended */
static int at_call(pid_t pid)
{
	struct user_regs_struct r;
	const struct call *c;
	struct pending *p;
	char path[2 * PATH_MAX];
	int flags = 0;

	if (ptrace(PTRACE_GETREGS, pid, 0, &r) || !(c = find(r.orig_rax)))
		return 0;
	const unsigned long long a[6] = {r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9};

	state.total++;
	switch (c->kind) {
	case EXEC:
		if (state.started && path_of(pid, a, c->dir, c->path, 1, path) == 0)
			fprintf(state.out, "exec %s\n", path);
		return 0;
	case MOUNT: fprintf(state.out, "mount %s\n", c->name); return 0;
	case FLAGS:
		if (a[1] == FS_IOC_SETFLAGS || a[1] == FS_IOC_FSSETXATTR)
			judge_one(pid, c, a, c->dir, NONE, 0);
		return 0;
	case CHANGE:
		/* what is there is not made: a mere question */
		if ((c->nr == SYS_mkdir || c->nr == SYS_mkdirat) &&
		    path_of(pid, a, c->dir, c->path, 0, path) == 0 &&
		    access(path, F_OK) == 0)
			return 0;
		judge_one(pid, c, a, c->dir, c->path,
			  c->follows && !(c->nr == SYS_fchownat && a[4] & AT_SYMLINK_NOFOLLOW) &&
				  !(c->nr == SYS_utimensat && a[3] & AT_SYMLINK_NOFOLLOW));
		if (c->path2 != NONE)
			judge_one(pid, c, a, c->dir2, c->path2, 0);
		return 0;
	case OPEN: flags = (int)a[c->path + 1]; break;
	case OPEN_HOW: {
		struct open_how how = {0};
		struct iovec to = {&how, sizeof(how)},
			     from = {(void *)(uintptr_t)a[2], sizeof(how)};

		if (process_vm_readv(pid, &to, 1, &from, 1, 0) != (ssize_t)sizeof(how))
			return 0;
		flags = (int)how.flags;
		break;
	}
	}
	p = pending_of(0);
	if (!p)
		die("too many calls at once");
	*p = (struct pending){pid, c, flags};
	return 1;
}

/* --- running -------------------------------------------------------------------------------------------------- */

static void filter(void)
{
	struct sock_filter f[2 * ELEMENTSOF(calls) + 2];
	struct sock_fprog p = {.filter = f};

	f[p.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						  offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ELEMENTSOF(calls); i++) {
		f[p.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							  calls[i].nr, 0, 1);
		f[p.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							  SECCOMP_RET_TRACE);
	}
	f[p.len++] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p))
		die("seccomp");
}

static pid_t start(char **command)
{
	const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD |
			     PTRACE_O_EXITKILL;
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
	ptrace(PTRACE_CONT, child, 0, 0);
	return child;
}

static int watch(pid_t child)
{
	int status, rc = 125;

	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);
		int how = PTRACE_CONT, sig, event;
		struct pending *p;

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return rc;
		p = pending_of(pid);
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (p)
				p->pid = 0;
			if (pid == child)
				rc = WIFEXITED(status) ? WEXITSTATUS(status)
						       : 128 + WTERMSIG(status);
			continue;
		}
		sig = WSTOPSIG(status);
		event = status >> 16;
		if (event == PTRACE_EVENT_EXEC)
			state.started = 1;
		if (event == PTRACE_EVENT_SECCOMP) {
			if (at_call(pid))
				how = PTRACE_SYSCALL;
		} else if (sig == (SIGTRAP | 0x80)) {
			if (p) {
				at_end_of_open(pid, p->call, p->flags);
				p->pid = 0;
			}
		} else if (p) {
			how = PTRACE_SYSCALL; /* a signal came first */
		}
		if (event || sig == SIGSTOP || (sig & 0x7f) == SIGTRAP)
			sig = 0;
		ptrace(how, pid, 0, sig);
	}
}

static void add_folder(const char *path)
{
	char *real = realpath(path, NULL);

	if (!real)
		die(path);
	if (state.n_folders == ELEMENTSOF(state.folders))
		die("too many folders");
	state.folders[state.n_folders++] = real;
}

int main(int argc, char **argv)
{
	int option, rc;

	while ((option = getopt(argc, argv, "+o:w:r:")) != -1)
		switch (option) {
		case 'o':
			state.out = fopen(optarg, "we");
			if (!state.out)
				die(optarg);
			break;
		case 'w': add_folder(optarg); break;
		case 'r':
			if (state.n_forbidden == ELEMENTSOF(state.forbidden) ||
			    stat(optarg, &state.forbidden[state.n_forbidden++]) < 0)
				die(optarg);
			break;
		default: return 125;
		}
	if (optind >= argc || !state.out) {
		fprintf(stderr, "audit: no command, or no -o FILE\n");
		return 125;
	}
	rc = watch(start(argv + optind));
	fprintf(state.out, "total %lu\n", state.total);
	fclose(state.out);
	return rc;
}

#else

int main(void)
{
	fprintf(stderr, "audit: knows the registers of x86-64 only\n");
	return 77;
}

#endif
