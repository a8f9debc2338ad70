/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/file.h"
#include "txn/worker.h"

#define WORKERS_MAX 64

/* What parent and workers share; all of it is accessed atomically. */
struct shared {
	uint32_t next; /* job to hand out */
	uint32_t stop;
	uint64_t bytes, files;
	uint32_t current[WORKERS_MAX];
};

struct crew {
	struct work work;
	struct shared *shared;
	uint32_t n;
	struct worker {
		pid_t pid; /* 0: gone */
		int pipe;
		struct buf report; /* of its failure */
	} worker[WORKERS_MAX];
};

/* --- in the worker -------------------------------------------------------------------------------------- */

static void wrote(void *ctx, uint64_t bytes, uint64_t files)
{
	struct shared *s = ctx;

	__atomic_add_fetch(&s->bytes, bytes, __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->files, files, __ATOMIC_RELAXED);
}

/* A report: kind, errno, text. */
static void report(int fd, const struct error *err)
{
	int head[2] = {(int)err->kind, err->sys};

	if (file_write_all(fd, head, sizeof(head)) == 0)
		(void)file_write_all(fd, err->msg, strlen(err->msg));
}

/* A file system without owners is whose it was mounted as: root writes there by its capability alone. */
static bool is_of_another(const struct area *a)
{
	struct stat st;

	return a->plain && a->slots >= 0 && fstat(a->slots, &st) == 0 &&
	       st.st_uid != geteuid();
}

/* What a package makes of its decompressor can reach the slots, and nothing else. */
static int shut_in(const struct crew *p, struct error *err)
{
	const struct areas *areas = &p->work.run->areas;
	cleanup_free int *slots = xcalloc(areas->n + 1, sizeof(*slots));
	bool others = false;

	for (uint32_t i = 0; i < areas->n; i++) {
		slots[i] = areas->v[i].slots;
		others |= is_of_another(&areas->v[i]);
	}
	return confine_unpacker(slots, areas->n, others, err);
}

_noreturn_ static void work_off(const struct crew *p, uint32_t self, int out)
{
	struct shared *s = p->shared;
	struct error err = ERROR_INIT;
	uint32_t i;

	if (shut_in(p, &err) < 0) {
		report(out, &err);
		_exit(1);
	}
	while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED) &&
	       (i = __atomic_fetch_add(&s->next, 1, __ATOMIC_RELAXED)) <
		       p->work.jobs->n) {
		__atomic_store_n(&s->current[self], i, __ATOMIC_RELAXED);
		confine_allow_an_hour();
		if (worker_unpack(&p->work, &p->work.jobs->v[i], wrote, s, &err) < 0) {
			__atomic_store_n(&s->stop, 1, __ATOMIC_RELAXED);
			report(out, &err);
			_exit(1);
		}
		__atomic_store_n(&s->current[self], NO_INDEX, __ATOMIC_RELAXED);
	}
	_exit(0);
}

/* The terminal's Ctrl-C is for the parent to judge; a worker does not outlive it. */
static void settle_in(pid_t parent)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
}

/* --- in the parent -------------------------------------------------------------------------------------- */

static int fork_worker(struct crew *p, struct error *err)
{
	struct worker *w = &p->worker[p->n];
	pid_t parent = getpid();
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return err_errno(err, "cannot start a worker");
	__atomic_store_n(&p->shared->current[p->n], NO_INDEX, __ATOMIC_RELAXED);
	w->pid = fork();
	if (w->pid < 0) {
		w->pid = 0;
		close(pipes[0]);
		close(pipes[1]);
		return err_errno(err, "cannot start a worker");
	}
	if (w->pid == 0) {
		settle_in(parent);
		close(pipes[0]);
		for (uint32_t i = 0; i < p->n; i++)
			close(p->worker[i].pipe);
		work_off(p, p->n, pipes[1]);
	}
	close(pipes[1]);
	w->pipe = pipes[0];
	p->n++;
	return 0;
}

static uint32_t worker_count(const struct jobs *jobs)
{
	cpu_set_t set;
	uint32_t n = sched_getaffinity(0, sizeof(set), &set) < 0
			     ? 1
			     : (uint32_t)CPU_COUNT(&set);

	return MIN(MIN(n, WORKERS_MAX), jobs->n);
}

int crew_start(const struct work *w, struct crew **ret, struct error *err)
{
	struct crew *p = xcalloc(1, sizeof(*p));
	void *shared = mmap(NULL, sizeof(*p->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint32_t n = worker_count(w->jobs);

	p->work = *w;
	if (shared == MAP_FAILED) {
		free(p);
		return err_errno(err, "cannot start workers");
	}
	p->shared = shared;
	while (p->n < n)
		if (fork_worker(p, err) < 0) {
			crew_free(p);
			return -1;
		}
	*ret = p;
	return 0;
}

void crew_progress(const struct crew *p, uint64_t *ret_bytes, uint64_t *ret_files)
{
	*ret_bytes = __atomic_load_n(&p->shared->bytes, __ATOMIC_RELAXED);
	*ret_files = __atomic_load_n(&p->shared->files, __ATOMIC_RELAXED);
}

static const char *current_package(const struct crew *p, const struct worker *w)
{
	uint32_t i =
		__atomic_load_n(&p->shared->current[w - p->worker], __ATOMIC_RELAXED);

	if (i >= p->work.jobs->n)
		return "files";
	return p->work.plan->changes->list.v[p->work.jobs->v[i].change].to->nevra;
}

/* Its pipe is at its end: what became of it? */
static int judge(const struct crew *p, struct worker *w, struct error *err)
{
	int status = 0, head[2];

	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
	cleanup_closep(&w->pipe);
	w->pipe = -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (w->report.n >= sizeof(head)) {
		memcpy(head, w->report.s, sizeof(head));
		err_set(err, error_kind_of_stranger(head[0]), "%s",
			w->report.s + sizeof(head));
		if (err)
			err->sys = head[1];
		return -1;
	}
	if (WIFSIGNALED(status))
		return err_set(err, ERR_FAILED,
			       "staging %s: the worker was killed by signal %d",
			       current_package(p, w), WTERMSIG(status));
	return err_set(err, ERR_FAILED, "staging %s: the worker ended without a reason",
		       current_package(p, w));
}

/* 1: there may be more, 0: the pipe is at its end */
static int read_report(struct worker *w)
{
	char text[4096];
	ssize_t n = read(w->pipe, text, sizeof(text));

	if (n > 0)
		buf_add(&w->report, text, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

int crew_wait(struct crew *p, int ms, struct error *err)
{
	struct pollfd fds[WORKERS_MAX];
	struct worker *of[WORKERS_MAX];
	nfds_t n = 0;
	int rc;

	for (uint32_t i = 0; i < p->n; i++)
		if (p->worker[i].pid) {
			of[n] = &p->worker[i];
			fds[n++] = (struct pollfd){.fd = p->worker[i].pipe,
						   .events = POLLIN};
		}
	if (!n)
		return 1;
	rc = poll(fds, n, ms);
	if (rc < 0 && errno != EINTR)
		return err_errno(err, "cannot wait for the workers");
	for (nfds_t i = 0; rc > 0 && i < n; i++)
		if (fds[i].revents && !read_report(of[i]) && judge(p, of[i], err) < 0)
			return -1;
	return 0;
}

void crew_free(struct crew *p)
{
	if (!p)
		return;
	__atomic_store_n(&p->shared->stop, 1, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < p->n; i++) {
		struct worker *w = &p->worker[i];

		if (w->pid) {
			kill(w->pid, SIGKILL);
			while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
				;
			cleanup_closep(&w->pipe);
		}
		buf_release(&w->report);
	}
	munmap(p->shared, sizeof(*p->shared));
	free(p);
}
