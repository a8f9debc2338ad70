/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/walls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/file.h"

/* Tests take walls away that this kernel has. */
static bool is_without(const char *wall)
{
	const char *words = getenv("PUTBACK_WITHOUT");

	return words && strstr(words, wall);
}

/* --- Landlock ------------------------------------------------------------------------------------------ */

/* Of linux/landlock.h, which not every system that this is built on has. The numbers are the same on
 * every architecture but alpha. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#define SYS_landlock_restrict_self  446
#endif
enum {
	CREATE_VERSION = 1,
	RULE_PATH_BENEATH = 1,
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	/* 2 and 3 are reading: that is free */
	FS_CHANGES = 0x1ff0, /* remove and make whatever kind */
	FS_REFER = 1 << 13,
	FS_TRUNCATE = 1 << 14,
	FS_IOCTL_DEV = 1 << 15,
	NET_BIND_TCP = 1 << 0,
	NET_CONNECT_TCP = 1 << 1,
#ifdef ENABLE_FAILPOINTS
	SCOPE_ALL = 1 /* abstract sockets; a child takes the whole program with it */
#else
	SCOPE_ALL = 3 /* abstract sockets, signals */
#endif
};
struct ruleset_attr {
	uint64_t fs, net, scoped;
};
struct path_beneath_attr {
	uint64_t access;
	int32_t parent;
} __attribute__((packed));

int walls_landlock(void)
{
	static int version = -1;

	if (version < 0) {
		long v = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);

		version = v > 0 ? (int)v : 0;
	}
	return is_without("landlock") ? 0 : version;
}

/* What this kernel's version knows of; what it is not asked for, it does not forbid. */
static uint64_t fs_rights(void)
{
	uint64_t rights = FS_EXECUTE | FS_WRITE_FILE | FS_CHANGES;

	if (walls_landlock() >= 2)
		rights |= FS_REFER;
	if (walls_landlock() >= 3)
		rights |= FS_TRUNCATE;
	if (walls_landlock() >= 5)
		rights |= FS_IOCTL_DEV;
	return rights;
}

int walls_ruleset(bool sockets)
{
	struct ruleset_attr attr = {.fs = fs_rights()};
	size_t size = offsetof(struct ruleset_attr, net);

	if (walls_landlock() >= 4) {
		size = offsetof(struct ruleset_attr, scoped);
		attr.net = NET_BIND_TCP | (sockets ? 0 : NET_CONNECT_TCP);
	}
	if (walls_landlock() >= 6) {
		size = sizeof(attr);
		attr.scoped = SCOPE_ALL;
	}
	return (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
}

int walls_allow(int ruleset, int fd, enum walls_access access)
{
	struct path_beneath_attr attr = {.parent = fd};

	if (access == WALLS_FILE)
		attr.access = FS_WRITE_FILE | FS_TRUNCATE;
	else
		attr.access = FS_WRITE_FILE | FS_CHANGES | FS_REFER | FS_TRUNCATE;
	attr.access &= fs_rights();
	return (int)syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr, 0);
}

int walls_enter(int ruleset)
{
	return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}

/* --- system calls -------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? AUDIT_ARCH_AARCH64 : 0)
#elif defined(__powerpc64__)
#define ARCH                                                                         \
	(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? AUDIT_ARCH_PPC64LE : AUDIT_ARCH_PPC64)
#elif defined(__s390x__)
#define ARCH AUDIT_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64 && defined(AUDIT_ARCH_RISCV64)
#define ARCH AUDIT_ARCH_RISCV64
#else
#define ARCH 0
#endif

/* Calls that nobody here has any business with, whether this libc has heard of them or not. */
static const int never[] = {
	SYS_execve, SYS_execveat, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp,
#ifndef __SANITIZE_ADDRESS__ /* which looks for leaks that way */
	SYS_ptrace,
#endif
	/* mounts and namespaces: what is needed of them was done before */
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns,
	428 /* open_tree */, 429 /* move_mount */, 430 /* fsopen */, 431 /* fsconfig */,
	432 /* fsmount */, 433 /* fspick */, 442 /* mount_setattr */, 467 /* open_tree_attr */,
	/* the machine */
	SYS_reboot, SYS_kexec_load,
#ifdef SYS_kexec_file_load
	SYS_kexec_file_load,
#endif
	SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_swapon, SYS_swapoff,
	SYS_sethostname, SYS_setdomainname, SYS_settimeofday, SYS_clock_settime,
	SYS_clock_adjtime, SYS_adjtimex, SYS_acct, SYS_quotactl, 443 /* quotactl_fd */,
	SYS_syslog, SYS_vhangup,
#ifdef SYS_iopl
	SYS_iopl, SYS_ioperm,
#endif
	/* ways around what is checked by path or by call, and machinery of the kernel's own */
	SYS_open_by_handle_at, 425 /* io_uring_setup */, 426, 427, 438 /* pidfd_getfd */,
	440 /* process_madvise */, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd,
	SYS_fanotify_init, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_personality,
};

/* What says of a file how it is, by path or by descriptor; a link makes one more name of a file that may
 * be anybody's. */
static const int attributes[] = {
#ifdef SYS_chmod
	SYS_chmod, SYS_chown, SYS_lchown, SYS_mknod, SYS_link,
#endif
#ifdef SYS_utime
	SYS_utime, SYS_utimes, SYS_futimesat,
#endif
	SYS_fchmod, SYS_fchmodat, 452 /* fchmodat2 */, SYS_fchown, SYS_fchownat,
	SYS_utimensat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, 463 /* setxattrat */,
	SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, 466 /* removexattrat */,
	469 /* file_setattr */, SYS_mknodat, SYS_linkat,
};

/* Of ioctl(2); asm-generic/ioctls.h, linux/fs.h */
static const uint32_t typing[] = {0x5412 /* TIOCSTI */, 0x541c /* TIOCLINUX */};
static const uint32_t flags[] = {0x40086602 /* FS_IOC_SETFLAGS */, 0x40046602,
				 0x401c5820 /* FS_IOC_FSSETXATTR */};

#define NAMESPACES                                                                   \
	(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
	 CLONE_NEWNET | CLONE_NEWCGROUP)

struct program {
	struct sock_filter code[256];
	unsigned short n;
};

static void add(struct program *p, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	if (p->n == ELEMENTSOF(p->code))
		BUG("a filter of more than %zu instructions", ELEMENTSOF(p->code));
	p->code[p->n++] = (struct sock_filter){code, yes, no, k};
}

static void load(struct program *p, size_t offset)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

/* The low half of argument i, where all that is looked at here stands. */
static void load_argument(struct program *p, unsigned i)
{
	size_t low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;

	load(p, offsetof(struct seccomp_data, args) + 8 * i + low);
}

static void answer(struct program *p, int error)
{
	add(p, BPF_RET | BPF_K, 0, 0,
	    error ? SECCOMP_RET_ERRNO | (uint32_t)error : SECCOMP_RET_ALLOW);
}

/* What is loaded is k: refused. */
static void refuse(struct program *p, uint32_t k, int error)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, k);
	answer(p, error);
}

/* Jumps over what follows, up to the call of end_of_call(), unless the call is nr. */
static unsigned short begin_call(struct program *p, int nr)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, (uint32_t)nr);
	return p->n;
}

static void end_call(struct program *p, unsigned short from)
{
	answer(p, 0);
	p->code[from - 1].jf = (uint8_t)(p->n - from);
}

static void refuse_ioctls(struct program *p, unsigned calls)
{
	unsigned short at = begin_call(p, SYS_ioctl);

	load_argument(p, 1);
	for (size_t i = 0; i < ELEMENTSOF(typing); i++)
		refuse(p, typing[i], EPERM);
	for (size_t i = 0; calls & WALLS_NO_ATTRIBUTES && i < ELEMENTSOF(flags); i++)
		refuse(p, flags[i], EPERM);
	end_call(p, at);
}

static void refuse_sockets(struct program *p, unsigned calls)
{
	static const uint32_t kinds[] = {AF_INET, AF_INET6, AF_NETLINK};
	unsigned short at = begin_call(p, SYS_socket);

	if (calls & WALLS_NO_SOCKETS) {
		answer(p, EPERM);
	} else {
		load_argument(p, 0);
		for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
			add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, kinds[i]);
			answer(p, 0);
		}
		answer(p, EPERM);
	}
	end_call(p, at);
}

static void refuse_namespaces(struct program *p)
{
	unsigned short at = begin_call(p, SYS_clone);

	/* on s390 the flags are the second argument */
#ifdef __s390x__
	load_argument(p, 1);
#else
	load_argument(p, 0);
#endif
	add(p, BPF_JMP | BPF_JSET | BPF_K, 0, 1, NAMESPACES);
	answer(p, EPERM);
	end_call(p, at);
	/* its flags are in memory, which a filter cannot look at; libc goes back to clone() */
	refuse(p, 435 /* clone3 */, ENOSYS);
}

bool walls_has_filter(void)
{
	return ARCH && !is_without("seccomp");
}

/* The number of the call is loaded. */
static void begin_filter(struct program *p)
{
	load(p, offsetof(struct seccomp_data, arch));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ARCH);
	answer(p, EPERM);
	load(p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	/* the numbers of x32 */
	add(p, BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000);
	answer(p, EPERM);
#endif
}

static int enter_filter(struct program *p)
{
	struct sock_fprog prog = {.len = p->n, .filter = p->code};

	if (!walls_has_filter()) {
		errno = ENOSYS;
		return -1;
	}
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}

int walls_filter(unsigned calls)
{
	struct program p = {.n = 0};

	begin_filter(&p);
	for (size_t i = 0; i < ELEMENTSOF(never); i++)
		refuse(&p, (uint32_t)never[i], EPERM);
	for (size_t i = 0; calls & WALLS_NO_ATTRIBUTES && i < ELEMENTSOF(attributes); i++)
		refuse(&p, (uint32_t)attributes[i], EPERM);
	refuse_namespaces(&p);
	refuse_ioctls(&p, calls);
	refuse_sockets(&p, calls);
	answer(&p, 0);
	return enter_filter(&p);
}

int walls_no_sockets(void)
{
	/* of a pair of sockets for datagrams one sends to wherever it likes */
	static const int calls[] = {SYS_socket,
				    SYS_socketpair,
#ifdef SYS_socketcall
				    SYS_socketcall,
#endif
				    425 /* io_uring_setup */,
				    426,
				    427};
	struct program p = {.n = 0};

	begin_filter(&p);
	for (size_t i = 0; i < ELEMENTSOF(calls); i++)
		refuse(&p, (uint32_t)calls[i], EPERM);
	answer(&p, 0);
	return enter_filter(&p);
}

/* --- privileges ------------------------------------------------------------------------------------------ */

int walls_drop_capabilities(bool write)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct all[_LINUX_CAPABILITY_U32S_3];
	const uint32_t kept =
		1U << CAP_DAC_READ_SEARCH | (write ? 1U << CAP_DAC_OVERRIDE : 0);

	if (syscall(SYS_capget, &head, all) < 0)
		return -1;
	for (size_t i = 0; i < ELEMENTSOF(all); i++) {
		all[i].permitted &= i ? 0 : kept;
		all[i].effective = all[i].permitted;
		all[i].inheritable = 0;
	}
	return (int)syscall(SYS_capset, &head, all);
}

/* --- what is open ---------------------------------------------------------------------------------------- */

static bool leads_out(int fd)
{
	int mode = fcntl(fd, F_GETFL), domain;
	socklen_t n = sizeof(domain);
	struct stat st;

	if (mode < 0 || mode & O_PATH || fstat(fd, &st) < 0)
		return false;
	if (S_ISSOCK(st.st_mode))
		return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) < 0 ||
		       domain != AF_UNIX;
	return (mode & O_ACCMODE) != O_RDONLY &&
	       (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode));
}

int walls_close_open(void)
{
	cleanup_closedir DIR *d = opendir("/proc/self/fd");
	struct dirent *e;

	if (!d)
		return -1;
	while ((errno = 0, e = readdir(d))) {
		int fd = atoi(e->d_name); /* 0 for `.` and `..` */

		if (fd > STDERR_FILENO && fd != dirfd(d) && !failpoint_traces_to(fd) &&
		    leads_out(fd))
			close(fd);
	}
	return errno ? -1 : 0;
}

int walls_no_new_privileges(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
