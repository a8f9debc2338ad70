/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/outside.h"

int watch_begin(struct watch *w, struct error *err)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	w->children = signalfd(-1, &child, SFD_CLOEXEC);
	return w->children < 0 ? err_errno(err, "cannot wait for a process") : 0;
}

/* False: there are no words for now, or there will be no more. */
static bool listen_to(struct watch *w)
{
	char block[16 * 1024];
	ssize_t n = w->words < 0 ? 0 : read(w->words, block, sizeof(block));

	if (n > 0)
		buf_add(&w->said, block, MIN((size_t)n, w->most - w->said.n));
	else if (w->words >= 0 && (n == 0 || errno != EAGAIN))
		close(steal_fd(&w->words));
	return n > 0;
}

/* Until a child ends, something is said, who asks is gone or wants an end, or a second is over. */
static void wait_a_while(struct watch *w)
{
	struct pollfd fds[] = {{.fd = w->children, .events = POLLIN},
			       {.fd = w->words, .events = POLLIN},
			       {.fd = outside_stopped(), .events = POLLIN},
			       {.fd = outside_asker(), .events = POLLRDHUP}};
	struct signalfd_siginfo info;

	if (poll(fds, ELEMENTSOF(fds), 1000) <= 0)
		return;
	if (fds[0].revents)
		(void)!read(w->children, &info, sizeof(info));
	if (fds[1].revents)
		(void)listen_to(w);
}

static bool is_so(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, 0) > 0;
}

/* PR_SET_PDEATHSIG does not do for an asker that was killed: a program can take it back. */
static bool must_end(struct watch *w, const struct timespec *until, bool limited)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	w->timed_out = limited && now.tv_sec >= until->tv_sec;
	w->stopped = is_so(outside_stopped(), POLLIN);
	return w->timed_out || w->stopped || is_so(outside_asker(), POLLRDHUP);
}

void watch_program(struct watch *w, unsigned seconds)
{
	struct timespec until;
	int status = 0;
	pid_t got;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	(void)fcntl(w->words, F_SETFL, O_NONBLOCK);
	while ((got = waitpid(w->pid, &status, WNOHANG)) == 0) {
		if (must_end(w, &until, seconds > 0)) {
			kill(w->pid, SIGKILL);
			got = waitpid(w->pid, &status, 0);
			break;
		}
		wait_a_while(w);
	}
	w->status = got == w->pid ? status : -1;
	while (w->said.n < w->most && listen_to(w))
		continue;
}
