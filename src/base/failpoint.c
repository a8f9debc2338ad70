/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/failpoint.h"

#ifdef ENABLE_FAILPOINTS

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/macros.h"

/* The linker's names for the ends of the section; sanitizers leave gaps of NULL in it. */
extern const char *const __start_failpoints[] __attribute__((weak));
extern const char *const __stop_failpoints[] __attribute__((weak));

static const struct {
	const char *name;
	int number;
} errors[] = {
	{"EIO", EIO},	  {"ENOSPC", ENOSPC}, {"EROFS", EROFS},
	{"EINTR", EINTR}, {"EDQUOT", EDQUOT}, {"EPERM", EPERM},
};

void failpoint_list(void (*each)(void *ctx, const char *name), void *ctx)
{
	for (const char *const *p = __start_failpoints; p < __stop_failpoints; p++)
		if (*p)
			each(ctx, *p);
}

bool failpoint_is_listed(const char *name)
{
	for (const char *const *p = __start_failpoints; p < __stop_failpoints; p++)
		if (*p && !strcmp(*p, name))
			return true;
	return false;
}

enum { SPECS = 4 }; /* that the environment can name */

/* Shared with the children that are forked later, so that the N-th time is the N-th of all. */
struct shared {
	unsigned long hits[SPECS], passed;
	pid_t owner;
};

static struct shared *counters(void)
{
	static struct shared *shared;

	if (!shared) {
		void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			BUG("no memory for failpoints");
		shared = p;
		shared->owner = getpid();
	}
	return shared;
}

unsigned long failpoint_passed(void)
{
	return __atomic_load_n(&counters()->passed, __ATOMIC_RELAXED);
}

bool failpoint_asked_for_list(void)
{
	const char *spec = getenv("PUTBACK_FAILPOINT");

	return spec && !strcmp(spec, "list");
}

_Bool failpoint_traces_to(int fd)
{
	const char *to = getenv("PUTBACK_FAILPOINT_TRACE");

	return to && atoi(to) == fd;
}

/* A line for each place that is passed, by any of the processes, to a descriptor of the caller's. */
static void trace(const char *name)
{
	const char *to = getenv("PUTBACK_FAILPOINT_TRACE");
	char line[64];
	int n;

	if (!to)
		return;
	n = snprintf(line, sizeof(line), "%s\n", name);
	if (write(atoi(to), line, (size_t)n) != n)
		BUG("PUTBACK_FAILPOINT_TRACE is no descriptor to write to");
}

/* Takes memory until the kernel ends it: the one process of the program that is out of bounds. */
_noreturn_ static void take_memory(void)
{
	enum { PIECE = 8 << 20, PIECES = 512 };

	for (int i = 0; i < PIECES; i++) {
		char *p = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			break;
		for (size_t k = 0; k < PIECE; k += 4096)
			p[k] = (char)(k >> 12 | 1);
	}
	BUG("nobody ends a process that takes all memory; is there no control group?");
}

/* What the spec, which ends at a comma, has happen at the place: 0, or -1 with errno. */
static int meet(const char *spec, const char *name, unsigned long *hits)
{
	const char *rest;
	unsigned long wanted = 1;
	size_t n = strcspn(spec, ":=,");

	if (!(n == 1 && *spec == '*') && (strlen(name) != n || strncmp(spec, name, n)))
		return 0;
	rest = spec + n;
	if (*rest == ':')
		wanted = strtoul(rest + 1, (char **)&rest, 10);
	if (__atomic_add_fetch(hits, 1, __ATOMIC_RELAXED) != wanted)
		return 0;
	n = *rest == '=' ? strcspn(++rest, ",") : 0;
	for (size_t i = 0; n && i < ELEMENTSOF(errors); i++)
		if (strlen(errors[i].name) == n && !strncmp(rest, errors[i].name, n)) {
			errno = errors[i].number;
			return -1;
		}
	if (n == strlen("memory") && !strncmp(rest, "memory", n))
		take_memory();
	/* a child takes the program with it: what is tried here is a cut of the power */
	kill(counters()->owner, SIGKILL);
	kill(getpid(), SIGKILL);
	return -1;
}

int failpoint_hit(const char *name)
{
	const char *spec = getenv("PUTBACK_FAILPOINT");
	int rc = 0, sys = errno;

	trace(name);
	__atomic_add_fetch(&counters()->passed, 1, __ATOMIC_RELAXED);
	for (size_t i = 0; spec && i < SPECS; i++) {
		if (meet(spec, name, &counters()->hits[i]) < 0) {
			rc = -1;
			sys = errno;
		}
		spec = strchrnul(spec, ',');
		spec = *spec ? spec + 1 : NULL;
	}
	if (rc < 0)
		errno = sys;
	return rc;
}

#endif
