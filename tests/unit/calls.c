/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calls.h"

static struct shared {
	unsigned long n, wanted;
	int what, armed, struck, renames;
	pid_t owner;
} * shared;

void calls_arm(unsigned long n, int what)
{
	if (!shared)
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*shared = (struct shared){.wanted = n, .what = what, .armed = 1};
}

void calls_arm_renames(unsigned long n, int what)
{
	calls_arm(n, what);
	shared->renames = 1;
}

static void (*before_renames)(const char *from, const char *to, unsigned flags);

void calls_before_renames(void (*fn)(const char *from, const char *to, unsigned flags))
{
	before_renames = fn;
}

void calls_disarm(void)
{
	if (shared)
		shared->armed = 0;
}

unsigned long calls_count(void)
{
	return shared ? shared->n : 0;
}

int calls_struck(void)
{
	return shared && shared->struck;
}

/* Before the call: whether it fails instead. */
static int strikes(long number)
{
	pid_t none = 0;

	if (!shared || !shared->armed || (shared->renames && number != SYS_renameat2))
		return 0;
	/* the program is the process that comes first; it dies as a whole */
	__atomic_compare_exchange_n(&shared->owner, &none, getpid(), 0, __ATOMIC_RELAXED,
				    __ATOMIC_RELAXED);
	if (__atomic_add_fetch(&shared->n, 1, __ATOMIC_RELAXED) != shared->wanted)
		return 0;
	shared->struck = 1;
	if (shared->what != CALLS_KILL) {
		errno = shared->what;
		return 1;
	}
	kill(shared->owner, SIGKILL);
	kill(getpid(), SIGKILL);
	return 1;
}

#define CALL(name, number, args, ...)                                            \
	int name args;                                                           \
	int name args                                                            \
	{                                                                        \
		return strikes(number) ? -1 : (int)syscall(number, __VA_ARGS__); \
	}

int renameat2(int a, const char *b, int c, const char *d, unsigned f);
int renameat2(int a, const char *b, int c, const char *d, unsigned f)
{
	if (before_renames)
		before_renames(b, d, f);
	return strikes(SYS_renameat2) ? -1 : (int)syscall(SYS_renameat2, a, b, c, d, f);
}
CALL(renameat, SYS_renameat2, (int a, const char *b, int c, const char *d), a, b, c, d, 0)
CALL(unlinkat, SYS_unlinkat, (int a, const char *b, int f), a, b, f)
CALL(mkdirat, SYS_mkdirat, (int a, const char *b, mode_t m), a, b, m)
CALL(symlinkat, SYS_symlinkat, (const char *a, int b, const char *c), a, b, c)
CALL(linkat, SYS_linkat, (int a, const char *b, int c, const char *d, int f), a, b, c, d,
     f)
CALL(mknodat, SYS_mknodat, (int a, const char *b, mode_t m, dev_t d), a, b, m, d)
CALL(fchmod, SYS_fchmod, (int a, mode_t m), a, m)
CALL(chmod, SYS_fchmodat, (const char *a, mode_t m), AT_FDCWD, a, m)
CALL(fchown, SYS_fchown, (int a, uid_t u, gid_t g), a, u, g)
CALL(fchownat, SYS_fchownat, (int a, const char *b, uid_t u, gid_t g, int f), a, b, u, g,
     f)
CALL(futimens, SYS_utimensat, (int a, const struct timespec t[2]), a, NULL, t, 0)
CALL(utimensat, SYS_utimensat, (int a, const char *b, const struct timespec t[2], int f),
     a, b, t, f)
CALL(syncfs, SYS_syncfs, (int a), a)
CALL(fsync, SYS_fsync, (int a), a)
CALL(fdatasync, SYS_fdatasync, (int a), a)
CALL(ftruncate64, SYS_ftruncate, (int a, off64_t n), a, n)
CALL(unlink, SYS_unlinkat, (const char *a), AT_FDCWD, a, 0)

ssize_t write(int fd, const void *p, size_t n)
{
	/* pipes and terminals are no disk */
	struct stat st;

	if (syscall(SYS_fstat, fd, &st) == 0 && S_ISREG(st.st_mode) && strikes(SYS_write))
		return -1;
	return syscall(SYS_write, fd, p, n);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return strikes(SYS_pwrite64) ? -1 : syscall(SYS_pwrite64, fd, p, n, at);
}
