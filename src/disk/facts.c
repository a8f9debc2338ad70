/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "disk/facts.h"
#include "disk/probe.h"

enum {
	WORKERS_MIN = 2, /* one reads while another computes, on a single processor too */
	WORKERS_MAX = 8,
	CHUNK = 16 /* slots taken at a time: neighbours, which share directories */
};

struct gathering {
	struct layout *layout;
	const struct observer *observer;
	/* looks first, so that the amount to be read is known before the reading starts */
	enum { PASS_LOOK, PASS_READ } pass;
	atomic_uint next;
	atomic_bool stopped;
	atomic_ullong bytes, files; /* read so far */
	uint64_t total;
};

struct worker {
	struct gathering *g;
	struct probe probe;
	struct arena mem;
	pthread_t thread;
	bool is_caller, is_running;
};

/* Only the caller's own thread speaks with the observer. */
static bool tick(struct worker *w)
{
	struct gathering *g = w->g;

	if (w->is_caller) {
		if (g->pass == PASS_READ)
			observer_progress(g->observer, PHASE_FACTS, g->bytes, g->total,
					  true, g->files);
		if (observer_stop(g->observer))
			g->stopped = true;
	}
	return g->stopped;
}

static bool tick_bytes(void *ctx, uint64_t bytes)
{
	struct worker *w = ctx;

	w->g->bytes += bytes;
	return tick(w);
}

static bool wants_digests(const struct slot *s)
{
	return s->fact.type == FT_REG && !s->fact.sys && (s->algos[0] || s->algos[1]) &&
	       (s->want_size == UINT64_MAX ? s->fact.size <= s->want_most
					   : s->fact.size == s->want_size);
}

static void visit(struct worker *w, struct slot *s)
{
	if (w->g->pass == PASS_LOOK) {
		probe_look(&w->probe, s->path, &s->fact);
		if (s->want_list)
			probe_list(&w->probe, s);
		if (s->want_aside)
			probe_aside(&w->probe, s);
	} else if (wants_digests(s)) {
		probe_read(&w->probe, s->path, s->algos, &s->fact);
		w->g->files++;
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct gathering *g = w->g;

	for (;;) {
		uint32_t first = atomic_fetch_add(&g->next, CHUNK);

		for (uint32_t i = first; i < first + CHUNK; i++) {
			if (i >= g->layout->slots.n || tick(w))
				return NULL;
			visit(w, &g->layout->slots.v[i]);
		}
	}
}

/* Waits for a thread without keeping the observer waiting. */
static void join(struct worker *w, struct worker *caller)
{
	struct timespec until;

	do {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 50 * 1000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		tick(caller);
	} while (pthread_timedjoin_np(w->thread, NULL, &until) == ETIMEDOUT);
}

/* The caller works too, so a thread that cannot be had costs time only. */
static void run(struct gathering *g, struct worker *workers, uint32_t n)
{
	g->next = 0;
	for (uint32_t i = 1; i < n; i++)
		workers[i].is_running =
			pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
	work(&workers[0]);
	for (uint32_t i = 1; i < n; i++)
		if (workers[i].is_running)
			join(&workers[i], &workers[0]);
}

static uint32_t processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

/* workers[0] is the caller. Returns how many there are. */
static uint32_t workers_init(struct worker *workers, struct gathering *g, struct root *r,
			     const struct mounts *m)
{
	uint32_t want =
		MIN(MAX(processors(), (uint32_t)WORKERS_MIN), (uint32_t)WORKERS_MAX);
	uint32_t n;

	want = MIN(want, g->layout->slots.n / CHUNK + 1);
	for (n = 0; n < want; n++) {
		struct worker *w = &workers[n];
		struct root *own = n ? root_dup(r) : r;

		if (!own)
			break;
		*w = (struct worker){.g = g, .is_caller = n == 0};
		w->probe = (struct probe){.root = own,
					  .mounts = m,
					  .mem = &w->mem,
					  .block = xmalloc(PROBE_BLOCK),
					  .tick = tick_bytes,
					  .ctx = w};
	}
	return n;
}

static void workers_release(struct worker *workers, uint32_t n, struct arena *mem)
{
	for (uint32_t i = 0; i < n; i++) {
		arena_take(mem, &workers[i].mem);
		free(workers[i].probe.block);
		if (i)
			root_free(workers[i].probe.root);
	}
}

static int root_is_there(struct root *r, struct error *err)
{
	struct statx st;

	if (root_statx(r, "", STATX_TYPE, &st) < 0)
		return err_errno(err, "cannot look at root '%s'", r->path);
	return 0;
}

int facts_gather(struct root *r, struct layout *l, const struct mounts *m,
		 const struct observer *o, struct error *err)
{
	struct gathering g = {.layout = l, .observer = o};
	struct worker workers[WORKERS_MAX];
	const struct slot *s;
	uint32_t n;

	if (root_is_there(r, err) < 0)
		return -1;
	n = workers_init(workers, &g, r, m);
	run(&g, workers, n);
	array_foreach(s, &l->slots)
		if (wants_digests(s))
			g.total += s->fact.size;
	g.pass = PASS_READ;
	if (!g.stopped)
		run(&g, workers, n);
	workers_release(workers, n, &l->mem);
	if (g.stopped)
		return err_set(err, ERR_FAILED, "stopped, as asked for");
	observer_progress(o, PHASE_FACTS, g.bytes, g.total, true, g.files);
	return root_is_there(r, err);
}

int facts_of(struct root *r, const char *path, const uint8_t algos[2],
	     const struct mounts *m, struct arena *mem, struct fact *ret,
	     struct error *err)
{
	cleanup_free char *block = xmalloc(PROBE_BLOCK);
	struct probe p = {.root = r, .mounts = m, .mem = mem, .block = block};
	struct fact fact;

	probe_look(&p, path, &fact);
	if (fact.type == FT_REG && (algos[0] || algos[1]))
		probe_read(&p, path, algos, &fact);
	if (fact.sys) {
		errno = fact.sys;
		return err_errno(err, "cannot look at '%s' in the root", path);
	}
	*ret = fact;
	return 0;
}

/* --- the layout's view --------------------------------------------------------------------- */

struct view {
	struct root *root; /* borrowed */
	char *target;
};

static enum ftype view_type(void *ctx, const char *path, const char **ret_target,
			    uint32_t *ret_uid)
{
	struct view *v = ctx;
	struct statx st;
	enum ftype type;

	if (root_statx(v->root, path, STATX_TYPE | STATX_UID, &st) < 0)
		return FT_NONE;
	type = ftype_of_mode(st.stx_mode);
	if (type == FT_LNK) {
		char *target;

		if (root_readlink(v->root, path, &target) < 0)
			return FT_NONE;
		free(v->target);
		v->target = target;
		if (ret_target)
			*ret_target = target;
	}
	if (ret_uid)
		*ret_uid = st.stx_uid;
	return type;
}

void facts_view(struct root *r, const struct mounts *m, struct tree_view *ret)
{
	struct view *v = xcalloc(1, sizeof(*v));

	v->root = r;
	*ret = (struct tree_view){v, view_type, m};
}

void facts_view_release(struct tree_view *v)
{
	struct view *view = v->ctx;

	if (view)
		free(view->target);
	free(view);
	*v = (struct tree_view){0};
}
