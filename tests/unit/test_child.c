/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "rpm/child.h"

/* What fn says, or how it ends. */
static int run(child_fn fn, void *ctx, unsigned silence, struct buf *ret,
	       struct error *err)
{
	struct child *c;

	assert_int_equal(child_start(fn, ctx, &c, err), 0);
	return child_finish(c, silence, ret, err);
}

static int talk(void *ctx, struct buf *ret, struct error *err _unused_)
{
	size_t n = *(size_t *)ctx;

	for (size_t i = 0; i < n; i++) {
		buf_char(ret, (char)('a' + i % 26));
		if (i % 1000 == 0 && child_flush(ret))
			return -1;
	}
	return 0;
}

static void results_come_back_whole(void **state _unused_)
{
	static const size_t sizes[] = {0, 1, 1000, 65536, 5000000};

	for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
		cleanup_error struct error err = ERROR_INIT;
		cleanup_buf struct buf got = {0};
		size_t n = sizes[i];

		assert_int_equal(run(talk, &n, 0, &got, &err), 0);
		assert_int_equal(got.n, n);
		for (size_t k = 0; k < n; k += 777)
			assert_int_equal(got.s[k], 'a' + k % 26);
		assert_int_equal(run(talk, &n, 0, NULL, &err), 0);
	}
}

static int refuse(void *ctx _unused_, struct buf *ret, struct error *err)
{
	buf_str(ret, "half a result");
	return err_set(err, ERR_REFUSED, "no: %d%%", 7);
}

static void errors_keep_their_kind(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_buf struct buf got = {0};

	assert_int_equal(run(refuse, NULL, 0, &got, &err), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_string_equal(err.msg, "no: 7%");
	assert_int_equal(got.n, 0);
}

/* What is said by who may be in a stranger's hands: another state of the root than its own, or no kind at all. */
static int lie(void *ctx, struct buf *ret _unused_, struct error *err)
{
	err_set(err, ERR_FAILED, "lies");
	err->kind = (enum error_kind) * (int *)ctx;
	return -1;
}

static void errors_of_strangers(void **state _unused_)
{
	static const int kinds[] = {ERR_NONE,	  ERR_HALFWAY, ERR_UNFINISHED,
				    ERR_WARNINGS, 77,	       -1};

	for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
		cleanup_error struct error err = ERROR_INIT;
		int kind = kinds[i];

		assert_int_equal(run(lie, &kind, 0, NULL, &err), -1);
		assert_int_equal(err.kind, ERR_FAILED);
		assert_string_equal(err.msg, "lies");
	}
}

static int crash(void *ctx _unused_, struct buf *ret _unused_, struct error *err _unused_)
{
	raise(SIGKILL);
	return 0;
}

static int leave(void *ctx _unused_, struct buf *ret _unused_, struct error *err _unused_)
{
	_exit(0);
}

static int hang(void *ctx _unused_, struct buf *ret _unused_, struct error *err _unused_)
{
	while (getppid() > 0)
		pause();
	return 0;
}

static void ends_of_all_kinds(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;

	assert_int_equal(run(crash, NULL, 0, NULL, &err), -2);
	assert_string_equal(err.msg, "librpm crashed on it (signal 9)");
	/* as librpm itself does when memory runs out */
	assert_int_equal(run(leave, NULL, 0, NULL, &err), -2);
	assert_string_equal(err.msg, "librpm gave up on it (status 0)");
	assert_int_equal(run(hang, NULL, 1, NULL, &err), -2);
	assert_string_equal(err.msg, "librpm was at it for 1 seconds without an end");
}

/* It lets go of the pipe, and stays. */
static int hold_on(void *ctx, struct buf *ret, struct error *err)
{
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	return hang(ctx, ret, err);
}

static void no_pipe_and_no_end(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;

	alarm(20);
	assert_int_equal(run(hold_on, NULL, 0, NULL, &err), -2);
	alarm(0);
}

struct piece {
	char kind;
	uint32_t n; /* as it says */
};

/* Past child_flush(), as one in a stranger's hands may. */
static int send(void *ctx, struct buf *ret, struct error *err)
{
	const struct piece *p = ctx;
	char head[5] = {p->kind};
	struct stat st;

	memcpy(head + 1, &p->n, sizeof(p->n));
	for (int fd = 3; fd < 64; fd++)
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
		    write(fd, head, sizeof(head)) == sizeof(head))
			return hang(NULL, ret, err);
	return 0;
}

static void without_bounds(void **state _unused_)
{
	/* pieces to be held until they are whole; one that is none, again and again */
	struct piece pieces[] = {
		{'r', UINT32_MAX}, {'e', UINT32_MAX}, {'r', 0}, {'x', 0}};

	for (size_t i = 0; i < ELEMENTSOF(pieces); i++) {
		cleanup_error struct error err = ERROR_INIT;
		cleanup_buf struct buf got = {0};

		assert_int_equal(run(send, &pieces[i], 10, &got, &err), -2);
		assert_non_null(strstr(err.msg, "says what cannot be"));
	}
}

static int say_frame(void *ctx, struct buf *ret, struct error *err)
{
	buf_add(ret, ctx, sizeof(uint32_t));
	return child_flush(ret) ? -1 : hang(NULL, ret, err);
}

static void frame_without_bounds(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	struct child_frames frames = {0};
	uint32_t length = UINT32_MAX;
	struct child *c;
	const char *s;
	size_t n;

	assert_int_equal(child_start(say_frame, &length, &c, &err), 0);
	assert_false(child_next(c, 10, &frames, &s, &n));
	assert_int_equal(child_finish(c, 10, NULL, &err), -2);
	assert_non_null(strstr(err.msg, "says what cannot be"));
	buf_release(&frames.got);
}

static int surroundings(void *ctx, struct buf *ret, struct error *err _unused_)
{
	struct stat in, null;

	buf_printf(ret, "%s %s ", getenv("HOME"), getenv("TMPDIR") ? "tmpdir" : "none");
	if (fstat(STDIN_FILENO, &in) == 0 && stat("/dev/null", &null) == 0 &&
	    in.st_rdev == null.st_rdev)
		buf_str(ret, "null ");
	raise(SIGINT); /* Ctrl-C is the parent's affair */
	buf_printf(ret, "%d", getppid() == *(pid_t *)ctx);
	return 0;
}

static void surroundings_are_clean(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_buf struct buf got = {0};
	pid_t self = getpid();

	setenv("TMPDIR", "/tmp", 1);
	setenv("HOME", "/home/somebody", 1);
	assert_int_equal(run(surroundings, &self, 0, &got, &err), 0);
	assert_string_equal(got.s, "/dev/null none null 1");
	assert_string_equal(getenv("HOME"), "/home/somebody");
}

static void given_up(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	struct child *c;

	assert_int_equal(child_start(hang, NULL, &c, &err), 0);
	child_free(c);
	child_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_come_back_whole),
		cmocka_unit_test(errors_keep_their_kind),
		cmocka_unit_test(errors_of_strangers),
		cmocka_unit_test(ends_of_all_kinds),
		cmocka_unit_test(no_pipe_and_no_end),
		cmocka_unit_test(without_bounds),
		cmocka_unit_test(frame_without_bounds),
		cmocka_unit_test(surroundings_are_clean),
		cmocka_unit_test(given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
