/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_FAILPOINT_H
#define PUTBACK_BASE_FAILPOINT_H
/*
 * Places at which a test lets the program die or fail. FAILPOINT("name") is 0, or -1 with errno:
 *
 *	if (renameat(...) < 0 || FAILPOINT("commit-renamed"))
 *		return err_errno(err, ...);
 *
 * In a build without --enable-failpoints it is the constant 0. With it, the environment says what
 * happens: PUTBACK_FAILPOINT=NAME[:N][=kill|memory|ERRNO], on the N-th (first) time that any process
 * started by this one comes by. ERRNO is a name (EIO, ENOSPC, EROFS, EINTR, EDQUOT, EPERM); kill,
 * the default, is SIGKILL, of the whole program; memory has this one process take memory until it is killed for it, for
 * a test within a control group. NAME "*" stands for every place, which counts them all together. Up to four such specs
 * stand behind commas, each with a count of its own: "*:5=EIO,*:9" dies on the way on which the error sends it.
 *
 * PUTBACK_FAILPOINT=list makes the program print the name of every place and end.
 * PUTBACK_FAILPOINT_TRACE=FD has the name of each place that is passed written to that descriptor.
 * A name stands at one place only, so that a test can tell which of them it has not tried.
 */
#ifdef ENABLE_FAILPOINTS

_Bool failpoint_is_listed(const char *name);
/* Whether the environment wants the list and nothing else. */
_Bool failpoint_asked_for_list(void);
/* Calls each with the name of every place in the program. */
void failpoint_list(void (*each)(void *ctx, const char *name), void *ctx);
/* How many places were passed so far. */
unsigned long failpoint_passed(void);
int failpoint_hit(const char *name);
/* Whether names are written to this descriptor. */
_Bool failpoint_traces_to(int fd);

#define FAILPOINT(name)                                                        \
	({                                                                     \
		static const char *const failpoint_name_                       \
			__attribute__((section("failpoints"), used)) = (name); \
		failpoint_hit(failpoint_name_);                                \
	})

#else

#define FAILPOINT(name)		0
#define failpoint_traces_to(fd) 0

#endif
#endif
