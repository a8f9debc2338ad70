/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "rpm/child.h"
#include "rpm/trust.h"

#define WORKERS_MAX	64
#define PACKAGE_SECONDS 300
#define TICK_MS		200

/*
 * Workers take the next package by a counter in shared memory. What comes back, per package, is a
 * record: 'b' and the index when it is begun; 'r', the index, the verdict and three strings when it is judged.
 */
struct many {
	struct keyring *keyring;
	trust_open_fn open_pkg;
	void *ctx;
	const char *const *names;
	uint32_t n;
	_Atomic uint32_t *next;
	struct trust_report *reports;
	bool *begun; /* per package */
	uint32_t done;
};

struct worker {
	struct child *child;
	struct buf got;
	uint32_t current; /* begun, not yet judged; UINT32_MAX */
	time_t since;
};

static void put_string(struct buf *b, const char *s)
{
	buf_add(b, s ? s : "", strlen(s ? s : "") + 1);
}

static int judge_one(struct many *m, uint32_t i, struct buf *ret, struct error *err)
{
	enum trust_depth depth = TRUST_PACKAGE;
	cleanup_close int fd = m->open_pkg(m->ctx, i, &depth, err);
	struct trust_report r;

	if (fd < 0 || trust_check(m->keyring, fd, depth, m->names[i], &r, err))
		return -1;
	buf_char(ret, 'r');
	buf_add(ret, &i, sizeof(i));
	buf_char(ret, (char)r.verdict);
	put_string(ret, r.keyid);
	put_string(ret, r.signer);
	put_string(ret, r.text);
	trust_report_release(&r);
	return child_flush(ret);
}

static int work(void *ctx, struct buf *ret, struct error *err)
{
	struct many *m = ctx;
	uint32_t i;

	while ((i = atomic_fetch_add(m->next, 1)) < m->n) {
		buf_char(ret, 'b');
		buf_add(ret, &i, sizeof(i));
		if (child_flush(ret) || judge_one(m, i, ret, err))
			return -1;
	}
	return 0;
}

/* NULL: it does not end where the record does, or before. */
static const char *take_string(const char **at, const char *end)
{
	const char *s = *at, *nul = memchr(s, '\0', (size_t)(end - s));

	if (nul)
		*at = nul + 1;
	return nul ? s : NULL;
}

static char *copy_unless_empty(const char *s)
{
	return *s ? xstrdup(s) : NULL;
}

static bool take_verdict(struct many *m, struct worker *w, const char **at,
			 const char *end)
{
	const char *keyid, *signer, *text;
	uint8_t verdict;

	if (*at == end)
		return false;
	verdict = (uint8_t) * (*at)++;
	if (verdict > TRUST_NOT_A_PACKAGE || !(keyid = take_string(at, end)) ||
	    !(signer = take_string(at, end)) || !(text = take_string(at, end)))
		return false;
	m->reports[w->current] = (struct trust_report){
		.verdict = (enum verdict)verdict,
		.keyid = copy_unless_empty(keyid),
		.signer = copy_unless_empty(signer),
		.text = copy_unless_empty(text),
	};
	m->done++;
	w->current = UINT32_MAX;
	return true;
}

/* False: work() does not say such a thing, but who took its process over might. */
static bool take_record(struct many *m, struct worker *w, const char **at,
			const char *end)
{
	char kind = *(*at)++;
	uint32_t i;

	if ((size_t)(end - *at) < sizeof(i))
		return false;
	memcpy(&i, *at, sizeof(i));
	*at += sizeof(i);
	if (i >= m->n)
		return false;
	if (kind == 'r')
		return i == w->current && take_verdict(m, w, at, end);
	if (kind != 'b' || w->current != UINT32_MAX || m->begun[i])
		return false;
	m->begun[i] = true;
	w->current = i;
	w->since = time(NULL);
	return true;
}

/* Records come whole: the child sends each in one piece. */
static bool take_records(struct many *m, struct worker *w)
{
	const char *at = w->got.s, *end = at + w->got.n;
	bool good = true;

	while (good && w->got.n > 0 && at < end)
		good = take_record(m, w, &at, end);
	buf_clear(&w->got);
	return good;
}

/* The child is gone, or has to go, in the middle of a package. */
static void condemn(struct many *m, struct worker *w, const char *why)
{
	uint32_t i = w->current;

	m->reports[i] = (struct trust_report){
		.verdict = TRUST_BAD,
		.text = xasprintf("%s is damaged: checking it failed: %s", m->names[i],
				  why),
	};
	m->done++;
	w->current = UINT32_MAX;
}

static void worker_end(struct worker *w)
{
	child_free(steal_ptr(w->child));
	buf_release(&w->got);
}

/* After the end of its pipe. A crash costs the package at hand, and the child is replaced. */
static int worker_ended(struct many *m, struct worker *w, struct error *err)
{
	struct error why = ERROR_INIT;
	int rc = child_finish(steal_ptr(w->child), 1, &w->got, &why);

	if (rc == 0)
		return 0;
	if (rc == -1 || w->current == UINT32_MAX) {
		err_move(err, &why);
		return -1;
	}
	condemn(m, w, why.msg);
	err_release(&why);
	return atomic_load(m->next) < m->n ? child_start(work, m, &w->child, err) : 0;
}

static int replace_worker(struct many *m, struct worker *w, const char *why,
			  struct error *err)
{
	child_free(steal_ptr(w->child));
	if (w->current == UINT32_MAX)
		return err_set(err, ERR_FAILED, "checking packages failed: %s", why);
	condemn(m, w, why);
	return atomic_load(m->next) < m->n ? child_start(work, m, &w->child, err) : 0;
}

static int worker_is_slow(struct many *m, struct worker *w, struct error *err)
{
	if (w->current == UINT32_MAX || time(NULL) - w->since < PACKAGE_SECONDS)
		return 0;
	return replace_worker(m, w, "it takes too long", err);
}

static int run(struct many *m, struct worker *workers, uint32_t n,
	       const struct observer *o, struct error *err)
{
	while (m->done < m->n) {
		struct pollfd fds[WORKERS_MAX];
		int alive = 0;

		for (uint32_t i = 0; i < n; i++) {
			fds[i] = (struct pollfd){
				workers[i].child ? child_fd(workers[i].child) : -1,
				POLLIN, 0};
			alive += workers[i].child != NULL;
		}
		if (alive == 0)
			return err_set(err, ERR_FAILED,
				       "checking packages ended too early");
		if (observer_stop(o))
			return err_set(err, ERR_FAILED,
				       "stopped while checking packages");
		if (poll(fds, n, TICK_MS) < 0 && errno != EINTR)
			return err_errno(err, "cannot wait for child processes");
		for (uint32_t i = 0; i < n; i++) {
			struct worker *w = &workers[i];
			int more = 1, rc;

			if (!w->child)
				continue;
			if (fds[i].revents)
				more = child_read(w->child, &w->got);
			if (!take_records(m, w))
				rc = replace_worker(
					m, w, "who checks it says what cannot be", err);
			else
				rc = more ? worker_is_slow(m, w, err)
					  : worker_ended(m, w, err);
			if (rc)
				return -1;
		}
		observer_progress(o, PHASE_VERIFY, m->done, m->n, false, m->done);
	}
	return 0;
}

static uint32_t processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return (uint32_t)MAX(CPU_COUNT(&set), 1);
}

int trust_check_many(struct keyring *k, trust_open_fn open_pkg, void *ctx,
		     const char *const *names, uint32_t n, struct trust_report *ret,
		     const struct observer *o, struct error *err)
{
	cleanup_free bool *begun = xcalloc((size_t)n + 1, sizeof(*begun));
	struct many m = {k, open_pkg, ctx, names, n, NULL, ret, begun, 0};
	struct worker workers[WORKERS_MAX] = {0};
	uint32_t n_workers = MIN(MIN(processors(), n), (uint32_t)WORKERS_MAX);
	int rc = 0;

	if (n == 0)
		return 0;
	m.next = mmap(NULL, sizeof(*m.next), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (m.next == MAP_FAILED)
		return err_errno(err, "cannot share memory with child processes");
	for (uint32_t i = 0; i < n_workers && rc == 0; i++) {
		workers[i].current = UINT32_MAX;
		rc = child_start(work, &m, &workers[i].child, err);
	}
	if (rc == 0)
		rc = run(&m, workers, n_workers, o, err);
	for (uint32_t i = 0; i < n_workers; i++)
		worker_end(&workers[i]);
	for (uint32_t i = 0; i < n && rc; i++)
		trust_report_release(&ret[i]);
	munmap(m.next, sizeof(*m.next));
	return rc;
}
