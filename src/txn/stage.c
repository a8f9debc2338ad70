/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "txn/acl.h"
#include "txn/attr.h"
#include "txn/filesig.h"
#include "txn/label.h"
#include "txn/look.h"
#include "txn/stage.h"
#include "txn/worker.h"

struct staging {
	struct run *run;
	const struct plan *plan;
	const struct content *content;
	uint32_t n;	      /* tasks of the plan: those of the rpmdb are none of ours */
	uint32_t *leader;     /* per task: whose slot holds the inode; itself mostly */
	struct label *labels; /* per task; NULL: none */
	struct acls *acls;    /* NULL: none */
	struct jobs jobs;
	struct crew *crew;
	uint64_t bytes; /* all that is to be written */
};

static const struct task *task_of(const struct staging *s, uint32_t i)
{
	return &s->run->tasks.list.v[i];
}

static bool has_slot(const struct task *k)
{
	return k->kind == OP_SWAP || k->kind == OP_CREATE;
}

/* --- who brings what -------------------------------------------------------------------------------- */

/* A hard link cannot reach into another file system, and vfat knows none. */
static uint32_t find_leader(const struct staging *s, uint32_t i)
{
	const struct task *k = task_of(s, i);
	uint32_t lead = s->plan->ops.v[i].link_leader;

	if (lead >= s->n || lead == i || s->run->areas.v[k->area].plain)
		return i;
	if (task_of(s, lead)->area == k->area)
		return lead;
	for (uint32_t j = 0; j < i; j++)
		if (s->plan->ops.v[j].link_leader == lead &&
		    task_of(s, j)->area == k->area)
			return s->leader[j];
	return i;
}

static bool needs_content(const struct staging *s, uint32_t i)
{
	const struct task *k = task_of(s, i);

	return has_slot(k) && S_ISREG(k->new.attr.mode) && s->leader[i] == i &&
	       k->new.size;
}

static int cmp_wanted(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	return x->file < y->file ? -1 : x->file > y->file;
}

static int cmp_jobs(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->change < y->change ? -1 : x->change > y->change;
}

static void find_jobs(struct staging *s)
{
	const struct changes *changes = s->plan->changes;
	cleanup_free uint32_t *job_of = xmalloc(sizeof(*job_of) * (changes->list.n + 1));

	for (uint32_t c = 0; c < changes->list.n; c++)
		job_of[c] = NO_INDEX;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct op *op = &s->plan->ops.v[i];
		struct job *job;

		if (!needs_content(s, i))
			continue;
		if (op->change >= changes->list.n || !changes->list.v[op->change].to ||
		    op->file >= changes->list.v[op->change].to->files.n)
			BUG("op %u has no content", i);
		if (job_of[op->change] == NO_INDEX) {
			job_of[op->change] = s->jobs.n;
			job = array_push(&s->jobs);
			job->change = op->change;
		}
		job = &s->jobs.v[job_of[op->change]];
		job->bytes += op->size;
		s->bytes += op->size;
		array_add(&job->wanted, (struct wanted){changes->list.v[op->change]
								.to->files.v[op->file]
								.link_first,
							i});
	}
	for (uint32_t i = 0; i < s->jobs.n; i++)
		qsort(s->jobs.v[i].wanted.v, s->jobs.v[i].wanted.n, sizeof(struct wanted),
		      cmp_wanted);
	if (s->jobs.n)
		qsort(s->jobs.v, s->jobs.n, sizeof(struct job), cmp_jobs);
}

struct staging *stage_new(struct run *t, const struct plan *plan,
			  const struct content *content)
{
	struct staging *s = xcalloc(1, sizeof(*s));

	s->run = t;
	s->plan = plan;
	s->content = content;
	s->n = plan->ops.n;
	s->leader = xcalloc(s->n + 1, sizeof(*s->leader));
	for (uint32_t i = 0; i < s->n; i++)
		s->leader[i] = find_leader(s, i);
	find_jobs(s);
	return s;
}

void stage_free(struct staging *s)
{
	if (!s)
		return;
	crew_free(s->crew);
	for (uint32_t i = 0; i < s->jobs.n; i++)
		array_release(&s->jobs.v[i].wanted);
	array_release(&s->jobs);
	label_free(s->labels, s->n);
	acl_free(s->acls);
	free(s->leader);
	free(s);
}

int stage_start(struct staging *s, struct error *err)
{
	const struct work w = {s->run, s->plan, s->content, &s->jobs};

	s->labels = label_find(s->run, s->plan);
	s->acls = acl_find(s->run, s->plan);
	return crew_start(&w, &s->crew, err);
}

/* --- all that has no content -------------------------------------------------------------------------- */

static int fail(const struct task *k, struct error *err)
{
	int saved = errno;
	cleanup_free char *shown = quoted(k->path);

	errno = saved;
	return err_errno(err, "cannot make the new '/%s'", shown);
}

/* A file or a directory: open for its attributes, or -1 with errno. */
static int make_open(const struct area *a, const char *name, uint32_t mode)
{
	if (S_ISREG(mode))
		return openat(a->slots, name,
			      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (mkdirat(a->slots, name, 0700) < 0)
		return -1;
	return openat(a->slots, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int make_special(const struct area *a, const char *name, uint32_t mode,
			const struct op *op)
{
	if (S_ISLNK(mode))
		return symlinkat(op->link, a->slots, name);
	return mknodat(a->slots, name, (mode & S_IFMT) | 0600,
		       makedev(op->rdev >> 8 & 0xff, op->rdev & 0xff));
}

static int finish_file(const struct staging *s, uint32_t i, int fd, struct error *err)
{
	if (label_give(s->labels, s->run, i, fd, err) < 0)
		return -1;
	return filesig_give(&s->plan->ops.v[i], fd, err);
}

static int make_object(const struct staging *s, uint32_t i, struct error *err)
{
	const struct task *k = task_of(s, i);
	const struct area *a = &s->run->areas.v[k->area];
	const struct attr *attr = &k->new.attr;
	char name[SLOT_NAME_MAX];

	task_slot(i, "", name);
	if (S_ISREG(attr->mode) || S_ISDIR(attr->mode)) {
		cleanup_close int fd = make_open(a, name, attr->mode);

		if (fd < 0 || acl_give(s->acls, i, fd, S_ISDIR(attr->mode)) < 0 ||
		    attr_set_new(a, fd, attr) < 0)
			return fail(k, err);
		return finish_file(s, i, fd, err);
	}
	if (make_special(a, name, attr->mode, &s->plan->ops.v[i]) < 0 ||
	    (!S_ISLNK(attr->mode) && acl_give_at(s->acls, i, a->slots, name) < 0) ||
	    attr_set_new_at(a, a->slots, name, attr) < 0)
		return fail(k, err);
	return label_give_at(s->labels, s->run, i, a->slots, name, err);
}

static int make_objects(struct staging *s, struct error *err)
{
	for (uint32_t i = 0; i < s->n; i++) {
		const struct task *k = task_of(s, i);

		if (!has_slot(k) || needs_content(s, i) || s->leader[i] != i)
			continue;
		if (make_object(s, i, err) < 0)
			return -1;
		if (FAILPOINT("stage-made"))
			return fail(k, err);
	}
	return 0;
}

/* --- the end ---------------------------------------------------------------------------------------------- */

static int stopped(struct error *err)
{
	return err_set(err, ERR_FAILED, "stopped as asked for");
}

static int wait_for_workers(struct staging *s, struct error *err)
{
	uint64_t bytes, files;
	int rc;

	do {
		if (observer_stop(s->run->observer))
			return stopped(err);
		rc = crew_wait(s->crew, 100, err);
		crew_progress(s->crew, &bytes, &files);
		observer_progress(s->run->observer, PHASE_STAGE, bytes, s->bytes, true,
				  files);
	} while (rc == 0);
	return rc < 0 ? -1 : 0;
}

/* Not the worker's business: who unpacks can change no attributes. What it left is looked at as
 * anything that others made. */
static int set_attributes(struct staging *s, uint32_t i, struct error *err)
{
	const struct task *k = task_of(s, i);
	const struct area *a = &s->run->areas.v[k->area];
	char name[SLOT_NAME_MAX];
	cleanup_close int fd =
		openat(a->slots, task_slot(i, "", name),
		       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(k, err);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1) {
		errno = ESTALE;
		return fail(k, err);
	}
	if (acl_give(s->acls, i, fd, false) < 0 || attr_set_new(a, fd, &k->new.attr) < 0)
		return fail(k, err);
	return finish_file(s, i, fd, err);
}

static int set_all_attributes(struct staging *s, struct error *err)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (needs_content(s, i) && set_attributes(s, i, err) < 0)
			return -1;
	return 0;
}

static int tie_links(struct staging *s, struct error *err)
{
	for (uint32_t i = 0; i < s->n; i++) {
		const struct task *k = task_of(s, i);
		const struct area *a = &s->run->areas.v[k->area];
		char from[SLOT_NAME_MAX], to[SLOT_NAME_MAX];

		if (!has_slot(k) || s->leader[i] == i)
			continue;
		if (linkat(a->slots, task_slot(s->leader[i], "", from), a->slots,
			   task_slot(i, "", to), 0) < 0 ||
		    FAILPOINT("stage-linked"))
			return fail(k, err);
	}
	return 0;
}

/*
 * Where objects are known by what they are, the new one must not be taken for the old one: they may
 * differ in nothing but who shares the inode. A nanosecond tells them apart.
 */
static int tell_apart(const struct area *a, const struct task *k, const char *name)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
				    attr_timespec(k->new.attr.mtime_ns + 1)};
	struct seen seen;

	if (!a->weak || a->plain || k->kind != OP_SWAP ||
	    k->new.attr.mtime_ns != k->old.attr.mtime_ns)
		return 0;
	if (look_name(a, a->slots, name, &seen) < 0)
		return -1;
	if (!look_is(&seen, &k->old.id))
		return 0;
	return utimensat(a->slots, name, times, AT_SYMLINK_NOFOLLOW) < 0 ||
			       FAILPOINT("stage-told-apart")
		       ? -1
		       : 0;
}

/* All of them, before any is noted: what one of them does to an inode holds for whoever shares it. */
static int tell_all_apart(struct staging *s, struct error *err)
{
	for (uint32_t i = 0; i < s->n; i++) {
		const struct task *k = task_of(s, i);
		char name[SLOT_NAME_MAX];

		if (has_slot(k) &&
		    tell_apart(&s->run->areas.v[k->area], k, task_slot(i, "", name)) < 0)
			return fail(k, err);
	}
	return 0;
}

/* From here on the journal knows each staged object. */
static int note_objects(struct staging *s, struct error *err)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct task *k = &s->run->tasks.list.v[i];
		const struct area *a = &s->run->areas.v[k->area];
		char name[SLOT_NAME_MAX];
		struct seen seen;

		if (!has_slot(k))
			continue;
		if (look_name(a, a->slots, task_slot(i, "", name), &seen) < 0)
			return fail(k, err);
		if (!seen.there || (seen.st.stx_mode ^ k->new.attr.mode) & S_IFMT ||
		    (S_ISREG(k->new.attr.mode) && seen.st.stx_size != k->new.size)) {
			errno = ESTALE;
			return fail(k, err);
		}
		k->new.id = seen.id;
		k->new.ctime_ns = 0;
		if (a->plain)
			look_attr(&seen.st, &k->new.attr);
		else if (a->weak && !S_ISDIR(k->new.attr.mode))
			k->new.attr.mtime_ns = root_ns(&seen.st.stx_mtime);
	}
	return 0;
}

/* Says where space ran out and how much more it would have taken. */
static void explain_full(struct staging *s, struct error *err)
{
	for (uint32_t n = 0; n < s->run->areas.n; n++) {
		const struct area *a = &s->run->areas.v[n];
		uint64_t need = 0, space;
		struct statvfs fs;

		if (fstatvfs(a->fd, &fs) < 0)
			continue;
		for (uint32_t i = 0; i < s->n; i++) {
			const struct task *k = task_of(s, i);
			uint64_t want = (k->new.size + fs.f_frsize - 1) / fs.f_frsize *
					fs.f_frsize;
			char name[SLOT_NAME_MAX];
			struct statx st;

			if (k->area != n || !needs_content(s, i))
				continue;
			if (statx(a->slots, task_slot(i, "", name), AT_SYMLINK_NOFOLLOW,
				  STATX_BLOCKS, &st) == 0)
				want -= MIN(want, st.stx_blocks * 512);
			need += want;
		}
		space = (uint64_t)fs.f_bfree * fs.f_frsize;
		if (need > space)
			err_prefix(err, "%s is full, staging needs %s more there",
				   area_name(a), human_size(need - space));
	}
}

int stage_finish(struct staging *s, uint64_t *ret_bytes, struct error *err)
{
	struct error why = ERROR_INIT;

	if (make_objects(s, &why) == 0 && wait_for_workers(s, &why) == 0 &&
	    set_all_attributes(s, &why) == 0 && tie_links(s, &why) == 0 &&
	    tell_all_apart(s, &why) == 0 && note_objects(s, &why) == 0) {
		*ret_bytes = s->bytes;
		return 0;
	}
	if (why.sys == ENOSPC || why.sys == EDQUOT)
		explain_full(s, &why);
	err_move(err, &why);
	return -1;
}
