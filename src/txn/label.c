/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/label.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/failpoint.h"

#define XATTR_LABEL "security.selinux"

enum { PROC_NAME = 32 + NAME_MAX + 2 };

/* A name in dir for calls that know no descriptors and do not follow links. */
static const char *proc_name(int dir, const char *name, char buf[PROC_NAME])
{
	snprintf(buf, PROC_NAME, "/proc/self/fd/%d/%s", dir, name);
	return buf;
}

static char *label_of(int dir, const char *name)
{
	char path[PROC_NAME], value[512];
	ssize_t n = lgetxattr(proc_name(dir, name, path), XATTR_LABEL, value,
			      sizeof(value) - 1);

	return n <= 0 ? NULL : xstrndup(value, (size_t)n);
}

/* The label of what it replaces, else of the directory it comes into, if these have any. */
static char *inherited(struct run *t, const struct task *k)
{
	cleanup_free char *dir = NULL;
	const char *name;
	int fd;

	if (k->kind == OP_SWAP) {
		fd = root_parent(t->root, k->path, &name);
		return fd < 0 ? NULL : label_of(fd, name);
	}
	dir = path_parent(k->path);
	for (;;) {
		char *above;

		fd = root_parent(t->root, dir, &name);
		if (fd >= 0 && faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return label_of(fd, name);
		if (!*dir)
			return NULL;
		above = path_parent(dir);
		free(dir);
		dir = above;
	}
}

struct label *label_find(struct run *t, const struct plan *plan)
{
	/* a root whose tops have no label has none anywhere: then the disk is not asked */
	cleanup_free bool *labelled = xcalloc(t->areas.n + 1, sizeof(*labelled));
	struct label *l = xcalloc(plan->ops.n + 1, sizeof(*l));
	bool any = false;

	for (uint32_t i = 0; i < t->areas.n; i++) {
		cleanup_free char *top = label_of(t->areas.v[i].fd, "..");

		labelled[i] = top != NULL;
	}
	for (uint32_t i = 0; i < plan->ops.n; i++) {
		const struct op *op = &plan->ops.v[i];
		const struct task *k = &t->tasks.list.v[i];

		if (!op_makes(op))
			continue;
		if (op->label) {
			l[i].text = xstrdup(op->label);
			l[i].must = !plan->relabels && !t->areas.v[k->area].plain;
		} else if (labelled[k->area]) {
			l[i].text = inherited(t, k);
		}
		any |= l[i].text != NULL;
	}
	if (any)
		return l;
	free(l);
	return NULL;
}

void label_free(struct label *l, uint32_t n)
{
	for (uint32_t i = 0; l && i < n; i++)
		free(l[i].text);
	free(l);
}

static int judge(const struct label *l, const struct run *t, uint32_t task, int rc,
		 struct error *err)
{
	int saved = errno;
	cleanup_free char *shown = NULL;

	if (rc == 0 || !l->must)
		return 0;
	shown = quoted(t->tasks.list.v[task].path);
	errno = saved;
	if (saved == EIO || saved == ENOSPC || saved == EDQUOT)
		return err_errno(err, "cannot label the new '/%s' for SELinux", shown);
	return err_set(err, ERR_FAILED,
		       "cannot label the new '/%s' for SELinux: %s; with --autorelabel the "
		       "machine labels its files itself when it boots",
		       shown, strerror(saved));
}

int label_give(const struct label *labels, const struct run *t, uint32_t task, int fd,
	       struct error *err)
{
	const struct label *l = labels ? &labels[task] : NULL;
	int rc;

	if (!l || !l->text)
		return 0;
	rc = fsetxattr(fd, XATTR_LABEL, l->text, strlen(l->text) + 1, 0);
	return judge(l, t, task, rc < 0 || FAILPOINT("stage-label") ? -1 : 0, err);
}

int label_give_at(const struct label *labels, const struct run *t, uint32_t task, int dir,
		  const char *name, struct error *err)
{
	const struct label *l = labels ? &labels[task] : NULL;
	char path[PROC_NAME];
	int rc;

	if (!l || !l->text)
		return 0;
	rc = lsetxattr(proc_name(dir, name, path), XATTR_LABEL, l->text,
		       strlen(l->text) + 1, 0);
	return judge(l, t, task, rc < 0 || FAILPOINT("stage-label-by-name") ? -1 : 0, err);
}

void label_inherit(struct run *t, const struct task *k, int dir, const char *name)
{
	cleanup_free char *text = inherited(t, k);
	char path[PROC_NAME];

	if (text)
		(void)lsetxattr(proc_name(dir, name, path), XATTR_LABEL, text,
				strlen(text) + 1, 0);
}
