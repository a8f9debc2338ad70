/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/file.h"

/*
 * What comes through the pipe: pieces of a one-byte kind, four bytes of length in the host's order,
 * and that many bytes.
 */
enum { PIECE_RESULT = 'r', PIECE_ERROR = 'e', PIECE_END = '.' };
#define PIECE_HEAD 5
#define PIECE_MAX  ((size_t)1 << 20)
/* Of a result, and of a frame: more than the biggest rpmdb, or header, comes to. */
#define RESULT_MAX ((size_t)1 << 30)

struct child {
	pid_t pid;
	int fd;
	struct buf raw; /* not yet taken apart */
	bool ended;	/* it said that it was done */
	bool silent;	/* for too long */
	bool strange;	/* it said what run() does not say */
	struct error error;
};

static int to_parent = -1; /* in the child: the pipe's end */

static int put_piece(int kind, const void *p, size_t n)
{
	uint32_t len = (uint32_t)n;
	char head[PIECE_HEAD] = {(char)kind};

	memcpy(head + 1, &len, sizeof(len));
	if (file_write_all(to_parent, head, sizeof(head)) < 0)
		return -1;
	return file_write_all(to_parent, p, n);
}

int child_flush(struct buf *ret)
{
	size_t at = 0;

	while (at < ret->n) {
		size_t n = MIN(ret->n - at, PIECE_MAX);

		if (put_piece(PIECE_RESULT, ret->s + at, n))
			return -1;
		at += n;
	}
	buf_clear(ret);
	return 0;
}

int child_frame(struct buf *ret, const void *p, size_t n)
{
	uint32_t length = (uint32_t)n;

	buf_add(ret, &length, sizeof(length));
	buf_add(ret, p, n);
	return ret->n > 1 << 20 ? child_flush(ret) : 0;
}

_noreturn_ static void run(child_fn fn, void *ctx, int fd, pid_t parent)
{
	struct buf ret = {0};
	struct error err = ERROR_INIT;

	to_parent = fd;
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	setenv("HOME", "/dev/null", 1);
	unsetenv("TMPDIR");
	if (confine_reader(&err) || fn(ctx, &ret, &err)) {
		char kind = (char)err.kind;
		struct buf b = {0};

		buf_char(&b, kind);
		buf_str(&b, err.msg ? err.msg : "");
		put_piece(PIECE_ERROR, b.s, MIN(b.n, PIECE_MAX));
	} else {
		child_flush(&ret);
	}
	put_piece(PIECE_END, "", 0);
	_exit(0);
}

int child_start(child_fn fn, void *ctx, struct child **ret, struct error *err)
{
	struct child *c;
	int fd[2];
	pid_t pid, parent = getpid();

	if (pipe2(fd, O_CLOEXEC))
		return err_errno(err, "cannot make a pipe");
	pid = fork();
	if (pid < 0) {
		err_errno(err, "cannot start a child process");
		cleanup_closep(&fd[0]);
		cleanup_closep(&fd[1]);
		return -1;
	}
	if (pid == 0) {
		cleanup_closep(&fd[0]);
		run(fn, ctx, fd[1], parent);
	}
	cleanup_closep(&fd[1]);
	c = xcalloc(1, sizeof(*c));
	c->pid = pid;
	c->fd = fd[0];
	*ret = c;
	return 0;
}

/* 1: something came, 0: end of the pipe or an error */
static int read_some(struct child *c)
{
	char block[64 * 1024];
	ssize_t n;

	do
		n = read(c->fd, block, sizeof(block));
	while (n < 0 && errno == EINTR);
	if (n > 0)
		buf_add(&c->raw, block, (size_t)n);
	return n > 0;
}

/* false: silence for too long */
static bool wait_for_it(const struct child *c, unsigned silence)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	int rc;

	do
		rc = poll(&p, 1, silence ? (int)silence * 1000 : -1);
	while (rc < 0 && errno == EINTR);
	return rc != 0;
}

static void take_pieces(struct child *c, struct buf *result)
{
	size_t at = 0;

	while (c->raw.n - at >= PIECE_HEAD) {
		const char *s = c->raw.s + at;
		uint32_t n;

		memcpy(&n, s + 1, sizeof(n));
		c->strange = n > PIECE_MAX || (n == 0 && s[0] != PIECE_END) ||
			     (result && result->n > RESULT_MAX);
		if (c->strange || c->raw.n - at - PIECE_HEAD < n)
			break;
		if (s[0] == PIECE_RESULT && result) {
			buf_add(result, s + PIECE_HEAD, n);
		} else if (s[0] == PIECE_ERROR && n > 0) {
			enum error_kind kind = error_kind_of_stranger(s[PIECE_HEAD]);

			err_set(&c->error, kind, "%.*s", (int)(n - 1),
				s + PIECE_HEAD + 1);
		} else if (s[0] == PIECE_END) {
			c->ended = true;
		}
		at += PIECE_HEAD + n;
	}
	if (at > 0) {
		memmove(c->raw.s, c->raw.s + at, c->raw.n - at);
		c->raw.n -= at;
	}
}

static int reap(struct child *c, bool kill_it)
{
	int status = 0;

	if (kill_it)
		kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	c->pid = 0;
	return status;
}

int child_fd(const struct child *c)
{
	return c->fd;
}

int child_read(struct child *c, struct buf *result)
{
	int rc = read_some(c);

	take_pieces(c, result);
	return rc && !c->strange;
}

/* A whole frame that is there already. */
static bool frame_at_hand(struct child *c, struct child_frames *f, const char **ret,
			  size_t *ret_n)
{
	uint32_t n;

	if (f->got.n - f->at < sizeof(n))
		return false;
	memcpy(&n, f->got.s + f->at, sizeof(n));
	c->strange |= n > RESULT_MAX;
	if (c->strange || f->got.n - f->at - sizeof(n) < n)
		return false;
	*ret = f->got.s + f->at + sizeof(n);
	*ret_n = n;
	f->at += sizeof(n) + n;
	return true;
}

bool child_next(struct child *c, unsigned silence, struct child_frames *f,
		const char **ret, size_t *ret_n)
{
	while (!frame_at_hand(c, f, ret, ret_n)) {
		if (c->strange)
			return false;
		if (f->at > 0) {
			memmove(f->got.s, f->got.s + f->at, f->got.n - f->at);
			f->got.n -= f->at;
			f->at = 0;
		}
		c->silent = !wait_for_it(c, silence);
		if (c->silent || !child_read(c, &f->got))
			return false;
	}
	return true;
}

int child_finish(struct child *c, unsigned silence, struct buf *result, struct error *err)
{
	int rc, status;

	while (!c->silent && !c->strange) {
		c->silent = !wait_for_it(c, silence);
		if (!c->silent && !child_read(c, result))
			break;
	}
	/* who has ended is not touched by that; who only closed its pipe would keep us waiting */
	status = reap(c, true);
	if (c->strange) {
		rc = -2;
		err_set(err, ERR_FAILED,
			"the process that has librpm read it says what cannot be");
	} else if (c->ended) {
		rc = c->error.kind == ERR_NONE ? 0 : -1;
		if (rc)
			err_move(err, &c->error);
	} else {
		rc = -2;
		if (c->silent)
			err_set(err, ERR_FAILED,
				"librpm was at it for %u seconds without an end",
				silence);
		else if (WIFSIGNALED(status))
			err_set(err, ERR_FAILED, "librpm crashed on it (signal %d)",
				WTERMSIG(status));
		else
			err_set(err, ERR_FAILED, "librpm gave up on it (status %d)",
				WEXITSTATUS(status));
	}
	child_free(c);
	return rc;
}

int child_do(child_fn fn, void *ctx, unsigned silence, struct buf *result,
	     struct error *err)
{
	cleanup_buf struct buf none = {0};
	struct child *c;

	if (confine_is_child())
		return fn(ctx, result ? result : &none, err);
	if (child_start(fn, ctx, &c, err))
		return -1;
	return child_finish(c, silence, result, err);
}

void child_free(struct child *c)
{
	if (!c)
		return;
	if (c->pid > 0)
		reap(c, true);
	cleanup_closep(&c->fd);
	buf_release(&c->raw);
	err_release(&c->error);
	free(c);
}
