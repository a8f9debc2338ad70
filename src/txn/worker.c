/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/file.h"
#include "txn/worker.h"

#define COPIES_MAX 16 /* slots that get the same content at once */

/* The file that is being written, in one slot or in several. */
struct output {
	const struct work *work;
	const struct op *op; /* of the first */
	uint32_t task[COPIES_MAX];
	int fd[COPIES_MAX];
	uint32_t n;
	struct digester *digester;
	uint64_t bytes;
};

static void output_release(struct output *o)
{
	for (uint32_t i = 0; i < o->n; i++)
		cleanup_closep(&o->fd[i]);
	digester_free(o->digester);
}

static int fail(const struct output *o, uint32_t i, struct error *err)
{
	int saved = errno;
	cleanup_free char *shown = quoted(o->work->run->tasks.list.v[o->task[i]].path);

	errno = saved;
	return err_errno(err, "cannot write the new '/%s'", shown);
}

static int output_open(struct output *o, const struct wanted *w, uint32_t n,
		       struct error *err)
{
	struct run *t = o->work->run;
	char name[SLOT_NAME_MAX];

	o->op = &o->work->plan->ops.v[w->task];
	/* a host that cannot compute this digest has to believe the package's own */
	if (o->op->digest.algo != DIGEST_NONE)
		o->digester = digester_new(o->op->digest.algo);
	for (uint32_t i = 0; i < n; i++) {
		const struct task *k = &t->tasks.list.v[w[i].task];

		o->task[i] = w[i].task;
		o->fd[i] =
			openat(t->areas.v[k->area].slots, task_slot(w[i].task, "", name),
			       O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		o->n = i + 1;
		if (o->fd[i] < 0 || FAILPOINT("stage-created"))
			return fail(o, i, err);
	}
	return 0;
}

static int output_write(struct output *o, const void *p, size_t n, struct error *err)
{
	o->bytes += n;
	if (o->digester)
		digester_update(o->digester, p, n);
	for (uint32_t i = 0; i < o->n; i++)
		if (file_write_all(o->fd[i], p, n) < 0 || FAILPOINT("stage-written"))
			return fail(o, i, err);
	return 0;
}

/* The blocks of what a source lends, shared: 1, or 0 where the file systems cannot. What counts is
 * what came of it: that is digested, not what was lent. */
static int output_share(struct output *o, int from, void *buf, size_t size,
			struct error *err)
{
	ssize_t got;

	for (uint32_t i = 0; i < o->n; i++)
		if (ioctl(o->fd[i], FICLONE, from) < 0)
			return i ? fail(o, i, err) : 0;
	if (FAILPOINT("stage-shared"))
		return fail(o, 0, err);
	while ((got = file_read_full(o->fd[0], buf, size)) > 0) {
		o->bytes += (uint64_t)got;
		if (o->digester)
			digester_update(o->digester, buf, (size_t)got);
	}
	return got < 0 ? fail(o, 0, err) : 1;
}

static int output_finish(struct output *o, struct error *err)
{
	cleanup_free char *shown = quoted(o->op->path);
	struct digest sum;

	if (o->bytes != o->op->size)
		return err_set(
			err, ERR_UNTRUSTED,
			"'/%s' has %llu bytes in the package and %llu by its header",
			shown, (unsigned long long)o->bytes,
			(unsigned long long)o->op->size);
	if (o->digester) {
		digester_finish(steal_ptr(o->digester), &sum);
		if (!digest_is_same(&sum, &o->op->digest))
			return err_set(err, ERR_UNTRUSTED,
				       "the content of '/%s' does not match its digest",
				       shown);
	}
	return 0;
}

static int unpack_file(const struct work *w, const struct wanted *first, uint32_t n,
		       void *reader, void *buf, size_t size, struct error *err)
{
	struct output o = {.work = w};
	struct error why = ERROR_INIT;
	ssize_t got;
	int rc = output_open(&o, first, n, err), lent;

	lent = rc == 0 && w->content->file ? w->content->file(reader, &why) : -1;
	if (lent >= 0)
		rc = output_share(&o, lent, buf, size, err);
	err_release(&why); /* reading it will say so again */
	while (rc == 0 && (got = w->content->read(reader, buf, size, err)) != 0)
		rc = got < 0 ? -1 : output_write(&o, buf, (size_t)got, err);
	if (rc >= 0)
		rc = output_finish(&o, err);
	output_release(&o);
	return rc;
}

/* The wanted files that get the content of this member: index of the first, and how many. */
static uint32_t find_wanted(const struct job *job, uint32_t file, uint32_t *ret_n)
{
	uint32_t low = 0, high = job->wanted.n, n = 0;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (job->wanted.v[mid].file < file)
			low = mid + 1;
		else
			high = mid;
	}
	while (low + n < job->wanted.n && job->wanted.v[low + n].file == file &&
	       n < COPIES_MAX)
		n++;
	*ret_n = n;
	return low;
}

static int unpack(const struct work *w, const struct job *job, void *reader,
		  void (*wrote)(void *ctx, uint64_t bytes, uint64_t files), void *ctx,
		  struct error *err)
{
	const struct pkg *pkg = w->plan->changes->list.v[job->change].to;
	size_t size = 256 * 1024;
	cleanup_free char *buf = xmalloc(size);
	uint32_t left = job->wanted.n, file, n;
	bool data;
	int rc;

	while (left && (rc = w->content->next(reader, &file, &data, err)) != 0) {
		uint32_t first;

		if (rc < 0)
			return -1;
		if (!data || file >= pkg->files.n)
			continue;
		first = find_wanted(job, pkg->files.v[file].link_first, &n);
		if (!n)
			continue;
		if (unpack_file(w, &job->wanted.v[first], n, reader, buf, size, err) < 0)
			return -1;
		left -= MIN(n, left);
		wrote(ctx, w->plan->ops.v[job->wanted.v[first].task].size * n, n);
	}
	return left ? err_set(err, ERR_UNTRUSTED, "%u files of its header are not in it",
			      left)
		    : 0;
}

int worker_unpack(const struct work *w, const struct job *job,
		  void (*wrote)(void *ctx, uint64_t bytes, uint64_t files), void *ctx,
		  struct error *err)
{
	void *reader = NULL;
	int rc = w->content->open(w->content->ctx, job->change, &reader, err);

	if (rc == 0) {
		rc = unpack(w, job, reader, wrote, ctx, err);
		w->content->close(reader);
	}
	if (rc < 0)
		err_prefix(err, "staging %s",
			   w->plan->changes->list.v[job->change].to->nevra);
	return rc;
}
