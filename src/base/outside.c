/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { PIECE_MAX = 64 * 1024 * 1024 };

/* A request is the number of its service and a text, an answer how it went and two texts. */
struct request {
	uint32_t service, n;
};
struct verdict {
	int32_t rc, kind, sys;
	uint32_t n_message, n_answer;
};

static struct {
	const struct outside_service *services;
	size_t n;
	pid_t pid; /* of the process outside */
	int fd;	   /* -1: there is none */
	int asker; /* outside: leads to who asks */
	int stop; /* on both sides: an eventfd that counts while the service is asked to end early */
} outside = {.fd = -1, .asker = -1, .stop = -1};

static int read_text(int fd, size_t n, struct buf *ret)
{
	cleanup_free char *text = NULL;

	if (n > PIECE_MAX)
		return -1;
	text = xmalloc(n + 1);
	if (file_read_full(fd, text, n) != (ssize_t)n)
		return -1;
	buf_clear(ret);
	buf_add(ret, text, n);
	return 0;
}

/* MSG_NOSIGNAL: one side may be gone. */
static int send_all(int fd, const void *p, size_t n)
{
	const char *s = p;

	while (n) {
		ssize_t done = send(fd, s, n, MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		s += done;
		n -= (size_t)done;
	}
	return 0;
}

/* --- outside ------------------------------------------------------------------------------------------- */

static int serve_one(int fd)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_buf struct buf ask = {0}, answer = {0};
	struct verdict v = {0};
	struct request r;

	if (file_read_full(fd, &r, sizeof(r)) != sizeof(r) || r.service >= outside.n ||
	    read_text(fd, r.n, &ask) < 0)
		return -1;
	v.rc = outside.services[r.service].serve(outside.services[r.service].ctx, &ask,
						 &answer, &err);
	v.kind = (int32_t)err.kind;
	v.sys = err.sys;
	v.n_message = err.msg ? (uint32_t)strlen(err.msg) : 0;
	v.n_answer = (uint32_t)answer.n;
	return send_all(fd, &v, sizeof(v)) < 0 ||
			       send_all(fd, err.msg, v.n_message) < 0 ||
			       send_all(fd, answer.s, answer.n) < 0
		       ? -1
		       : 0;
}

_noreturn_ static void stand_outside(int fd, void (*at_end)(void))
{
	static const int signals[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGPIPE};
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	outside.asker = fd;
	for (size_t i = 0; i < ELEMENTSOF(signals); i++)
		signal(signals[i], SIG_IGN);
	/* who waits for the end of the results does not wait for us */
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	while (serve_one(fd) == 0)
		continue;
	at_end();
	_exit(0);
}

int outside_start(const struct outside_service *services, size_t n, void (*at_end)(void),
		  struct error *err)
{
	int fd[2];
	pid_t pid;

	outside.stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (outside.stop < 0)
		return err_errno(err, "cannot make an eventfd");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return err_errno(err, "cannot make a pair of sockets");
	outside.services = services;
	outside.n = n;
	pid = fork();
	if (pid < 0) {
		err_errno(err, "cannot start a process");
		cleanup_closep(&fd[0]);
		cleanup_closep(&fd[1]);
		return -1;
	}
	if (pid == 0) {
		close(fd[0]);
		stand_outside(fd[1], at_end);
	}
	close(fd[1]);
	outside.fd = fd[0];
	outside.pid = pid;
	return 0;
}

int outside_asker(void)
{
	return outside.asker;
}

int outside_stopped(void)
{
	return outside.stop;
}

/* --- inside -------------------------------------------------------------------------------------------- */

static uint32_t number_of(const char *service)
{
	for (uint32_t i = 0; i < outside.n; i++)
		if (!strcmp(outside.services[i].name, service))
			return i;
	BUG("no service outside is called '%s'", service);
}

static int err_gone(struct error *err)
{
	return err_set(err, ERR_FAILED, "the process that was to do it ended too early");
}

/* What an earlier request left. */
static void clear_stop(void)
{
	uint64_t count;

	(void)!read(outside.stop, &count, sizeof(count));
}

/* Until there is an answer, or the other side is gone. */
static void wait_for_answer(const struct outside_stop *stop)
{
	enum { QUARTER = 250 };
	struct pollfd fd = {.fd = outside.fd, .events = POLLIN};
	const uint64_t one = 1;

	while (stop->stop && poll(&fd, 1, QUARTER) <= 0) {
		if (!stop->stop(stop->ctx))
			continue;
		(void)!write(outside.stop, &one, sizeof(one));
		return;
	}
}

int outside_ask(const char *service, const struct buf *ask, struct buf *answer,
		struct error *err)
{
	return outside_ask_until(service, ask, &(struct outside_stop){0}, answer, err);
}

int outside_ask_until(const char *service, const struct buf *ask,
		      const struct outside_stop *stop, struct buf *answer,
		      struct error *err)
{
	struct request r = {.n = (uint32_t)ask->n};
	cleanup_buf struct buf text = {0}, got = {0};
	struct verdict v;

	if (outside.fd < 0)
		return err_set(err, ERR_FAILED, "there is no process outside to do it");
	r.service = number_of(service);
	clear_stop();
	if (send_all(outside.fd, &r, sizeof(r)) < 0 ||
	    send_all(outside.fd, ask->s, ask->n) < 0)
		return err_gone(err);
	wait_for_answer(stop);
	if (file_read_full(outside.fd, &v, sizeof(v)) != sizeof(v) ||
	    read_text(outside.fd, v.n_message, &text) < 0 ||
	    read_text(outside.fd, v.n_answer, &got) < 0)
		return err_gone(err);
	if (answer)
		buf_add(answer, got.s, got.n);
	if (v.rc == 0)
		return 0;
	err_set(err, v.kind > ERR_NONE ? (enum error_kind)v.kind : ERR_FAILED, "%s",
		text.s ? text.s : "");
	if (err)
		err->sys = v.sys;
	return -1;
}

void outside_end(void)
{
	if (outside.fd < 0)
		return;
	close(steal_fd(&outside.fd));
	cleanup_closep(&outside.stop);
	outside.stop = -1;
	while (waitpid(outside.pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

void outside_forget(void)
{
	cleanup_closep(&outside.fd);
	cleanup_closep(&outside.stop);
	outside.fd = outside.stop = -1;
}
