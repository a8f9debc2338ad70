/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/reader.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/confine.h"
#include "rpm/child.h"
#include "rpm/db_rows.h"
#include "rpm/hdr.h"
#include "rpm/librpm.h"

/* The biggest header that librpm takes is read in far less. */
#define SILENCE_SECONDS 60

/* What a reader is asked: this, a folder, and what to call it, each with its NUL; with a descriptor or none. */
struct request {
	uint32_t parts, instance; /* 0: of the package file that the descriptor is of */
	enum db_backend backend;
};

/* --- in the reader ---------------------------------------------------------------------------------------- */

/* What it answers, and what it says of each row: a head, or why there is none. */
enum { ANSWER_HEAD = 'h', ANSWER_ERROR = 'e' };

static void answer(Header h, uint32_t instance, unsigned parts, const char *what,
		   struct error *why, struct buf *ret)
{
	size_t at = ret->n;

	buf_char(ret, ANSWER_HEAD);
	if (h && head_write(h, instance, parts, what, ret, why) == 0)
		return;
	ret->n = at;
	buf_char(ret, ANSWER_ERROR);
	buf_char(ret, (char)why->kind);
	buf_add(ret, why->msg, strlen(why->msg) + 1);
}

struct row {
	const struct request *r;
	const char *what;
	int copy;
	struct buf *ret;
};

static int answer_row(void *ctx, uint32_t instance, const void *blob, size_t n,
		      struct error *err)
{
	const struct row *row = ctx;
	cleanup_header Header h = hdr_import(blob, n, row->what, err);

	if (!h || (row->copy >= 0 && hdr_write_package(h, row->copy, row->what, err)))
		return -1;
	answer(h, instance, row->r->parts, row->what, err, row->ret);
	return 0;
}

/* fd: the package file, or where the record is copied to, or -1 */
static void serve_one(const struct request *r, const char *folder, const char *what,
		      int fd, struct buf *ret)
{
	cleanup_error struct error why = ERROR_INIT;
	cleanup_header Header h = NULL;
	struct row row = {r, what, fd, ret};

	if (!r->instance) {
		if (hdr_read_file(fd, what, &h, &why))
			h = NULL;
		answer(h, 0, r->parts, what, &why, ret);
	} else if (db_rows_one(folder, r->backend, r->instance, answer_row, &row, &why)) {
		buf_clear(ret);
		answer(NULL, 0, 0, what, &why, ret);
	}
}

enum { REQUEST_MAX = 64 * 1024 };

/* The next request; its descriptor, or -1. 0: nobody asks any more. */
static size_t receive(int asked, char *message, int *ret_fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec v = {message, REQUEST_MAX};
	struct msghdr m = {.msg_iov = &v,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(asked, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	*ret_fd = -1;
	c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
	return n > 0 ? (size_t)n : 0;
}

static int serve(void *ctx, struct buf *ret, struct error *err _unused_)
{
	const int *pair = ctx;
	cleanup_free char *message = xmalloc(REQUEST_MAX + 1);
	cleanup_buf struct buf one = {0};
	size_t n;
	int fd;

	close(pair[0]);
	while ((n = receive(pair[1], message, &fd)) > sizeof(struct request)) {
		struct request r;
		const char *folder = message + sizeof(r), *what;

		message[n] = '\0';
		memcpy(&r, message, sizeof(r));
		what = folder + strlen(folder) + 1;
		confine_allow_an_hour();
		buf_clear(&one);
		serve_one(&r, folder, what, fd, &one);
		cleanup_closep(&fd);
		if (child_frame(ret, one.s, one.n) || child_flush(ret))
			break;
	}
	return 0;
}

/* --- asking ------------------------------------------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct child *reader;
static struct child_frames answers;
static int asking = -1;

static void stop(void)
{
	child_free(steal_ptr(reader));
	cleanup_closep(&asking);
	asking = -1;
	buf_release(&answers.got);
	answers.at = 0;
}

static int start(struct error *err)
{
	int pair[2], rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return err_errno(err, "cannot make a pair of sockets");
	rc = child_start(serve, pair, &reader, err);
	close(pair[1]);
	asking = pair[0];
	if (rc)
		stop();
	return rc;
}

static int send_request(const struct buf *b, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec v = {b->s, b->n};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	struct cmsghdr *c;
	ssize_t n;

	if (fd >= 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	do
		n = sendmsg(asking, &m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -1 : 0;
}

/* It died of what it was asked, or is not allowed to be at it any longer. Always -1. */
static int err_died(const char *what, struct error *err)
{
	cleanup_error struct error why = ERROR_INIT;

	if (child_finish(steal_ptr(reader), SILENCE_SECONDS, NULL, &why) == 0)
		err_set(&why, ERR_FAILED, "librpm gave up on it");
	stop();
	return err_set(err, ERR_FAILED, "%s: %s", what, why.msg);
}

/* What a reader answered. */
static int take_answer(const char *bytes, size_t n, uint32_t instance, const char *what,
		       struct head *ret, struct error *err)
{
	if (n > 2 && bytes[0] == ANSWER_ERROR && bytes[n - 1] == '\0')
		return err_set(err,
			       bytes[1] == ERR_UNTRUSTED ? ERR_UNTRUSTED : ERR_FAILED,
			       "%s", bytes + 2);
	if (n > 0 && bytes[0] == ANSWER_HEAD)
		return head_read(bytes + 1, n - 1, instance, what, ret, err);
	return head_read("", 0, instance, what, ret, err);
}

/* head_read()'s texts lie in answers, which stay as they are until the next question. */
static int ask(const struct request *r, const char *folder, const char *what, int fd,
	       struct head *ret, struct error *err)
{
	cleanup_buf struct buf b = {0};
	const char *bytes;
	size_t n;

	buf_add(&b, r, sizeof(*r));
	buf_add(&b, folder, strlen(folder) + 1);
	buf_add(&b, what, strlen(what) + 1);
	b.n = MIN(b.n, (size_t)REQUEST_MAX);
	if ((!reader && start(err)) || send_request(&b, fd)) {
		if (!reader)
			return -1;
		stop();
		return err_errno(err, "%s: cannot ask who reads headers", what);
	}
	if (!child_next(reader, SILENCE_SECONDS, &answers, &bytes, &n))
		return err_died(what, err);
	return take_answer(bytes, n, r->instance, what, ret, err);
}

static int read_one(const struct request *r, const char *folder, const char *what, int fd,
		    struct head *ret, struct error *err)
{
	static struct buf here; /* as answers */
	int rc;

	pthread_mutex_lock(&lock);
	if (confine_is_child()) {
		buf_clear(&here);
		serve_one(r, folder, what, fd, &here);
		rc = take_answer(here.s, here.n, r->instance, what, ret, err);
	} else {
		rc = ask(r, folder, what, fd, ret, err);
	}
	pthread_mutex_unlock(&lock);
	return rc;
}

int reader_file(int fd, unsigned parts, const char *what, struct head *ret,
		struct error *err)
{
	const struct request r = {.parts = parts};

	return read_one(&r, "", what, fd, ret, err);
}

int reader_row(const struct reader_db *db, uint32_t instance, unsigned parts, int copy,
	       const char *what, struct head *ret, struct error *err)
{
	const struct request r = {parts, instance, db->backend};

	if (!instance)
		BUG("no record has the number 0");
	return read_one(&r, db->folder, what, copy, ret, err);
}

void reader_end(void)
{
	stop();
}

/* --- all records -------------------------------------------------------------------------------------------- */

struct rows {
	const struct reader_db *db;
	unsigned parts;
	reader_fn fn;
	void *ctx;
	struct buf *ret; /* in a reader: where the frames go; NULL: to fn */
};

/* One row's bytes, for fn: the number of the record, and the answer. */
static int take_row(const struct rows *r, const char *bytes, size_t n, struct error *err)
{
	cleanup_error struct error why = ERROR_INIT;
	cleanup_free char *what = NULL;
	struct head h = {0};
	uint32_t instance = 0;
	int rc;

	if (n >= sizeof(instance))
		memcpy(&instance, bytes, sizeof(instance));
	what = xasprintf("package %u", instance);
	if (n < sizeof(instance) || !instance ||
	    take_answer(bytes + sizeof(instance), n - sizeof(instance), instance, what,
			&h, &why))
		return r->fn(r->ctx, instance, NULL,
			     why.msg ? why.msg : "it cannot be read", err);
	rc = r->fn(r->ctx, instance, &h, NULL, err);
	head_release(&h);
	return rc;
}

static int put_row(void *ctx, uint32_t instance, const void *blob, size_t n,
		   struct error *err)
{
	struct rows *r = ctx;
	cleanup_free char *what = NULL;
	cleanup_error struct error why = ERROR_INIT;
	cleanup_header Header h = NULL;
	cleanup_buf struct buf b = {0};

	/* most are not: no need to take each apart */
	if ((r->parts & HEAD_KEY) && !memmem(blob, n, "gpg-pubkey", 11))
		return 0;
	what = xasprintf("package %u", instance);
	h = hdr_import(blob, n, what, &why);
	buf_add(&b, &instance, sizeof(instance));
	answer(h, instance, r->parts, what, &why, &b);
	return r->ret ? child_frame(r->ret, b.s, b.n) : take_row(r, b.s, b.n, err);
}

static int read_rows(void *ctx, struct buf *ret, struct error *err)
{
	struct rows *r = ctx;

	r->ret = ret;
	return db_rows_each(r->db->folder, r->db->backend, put_row, r, err);
}

int reader_rows(const struct reader_db *db, unsigned parts, reader_fn fn, void *ctx,
		struct error *err)
{
	struct rows r = {db, parts, fn, ctx, NULL};
	struct child_frames frames = {0};
	const char *bytes;
	struct child *c;
	int rc = 0;
	size_t n;

	if (confine_is_child())
		return db_rows_each(db->folder, db->backend, put_row, &r, err);
	if (child_start(read_rows, &r, &c, err))
		return -1;
	while (rc == 0 && child_next(c, SILENCE_SECONDS, &frames, &bytes, &n))
		rc = take_row(&r, bytes, n, err);
	buf_release(&frames.got);
	if (rc) {
		child_free(c);
		return rc;
	}
	return child_finish(c, SILENCE_SECONDS, NULL, err) ? -1 : 0;
}
