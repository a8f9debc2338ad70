/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/acl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/failpoint.h"
#include "base/path.h"
#include "base/strmap.h"

#define ACCESS	 "system.posix_acl_access"
#define DEFAULT	 "system.posix_acl_default"
#define LIST_MAX 65536 /* XATTR_SIZE_MAX */
#define NONE	 UINT32_MAX

struct acls {
	uint32_t *of; /* per op: index of its list, or NONE */
	ARRAY(struct list {
		void *v;
		size_t n;
	}) lists;
	struct strmap dirs; /* directory -> index + 1; 0: none */
	struct arena mem;
	uint32_t first; /* op that makes something: what goes comes before it */
};

/* The directory comes with this plan, and what it has now says nothing. */
static bool is_made(const struct acls *l, const struct plan *plan, const char *dir)
{
	uint32_t low = l->first, high = plan->ops.n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int rc = path_cmp(plan->ops.v[mid].path, dir);

		if (rc == 0)
			return op_makes(&plan->ops.v[mid]);
		if (rc < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static uint32_t read_list(struct acls *l, struct root *r, const char *dir)
{
	cleanup_close int fd = root_openat(r, dir, O_RDONLY | O_DIRECTORY, 0);
	ssize_t n = fd < 0 ? -1 : fgetxattr(fd, DEFAULT, NULL, 0);
	struct list *x;

	if (n <= 0 || n > LIST_MAX)
		return NONE;
	x = array_push(&l->lists);
	x->v = xmalloc((size_t)n);
	n = fgetxattr(fd, DEFAULT, x->v, (size_t)n);
	if (n <= 0) {
		free(x->v);
		l->lists.n--;
		return NONE;
	}
	x->n = (size_t)n;
	return l->lists.n - 1;
}

/* Of the directory, or, where it is made too, of the one that that inherits from. */
static uint32_t list_of(struct acls *l, struct run *t, const struct plan *plan,
			const char *dir)
{
	cleanup_free char *up = NULL;
	uint32_t i;

	if (strmap_get(&l->dirs, dir, &i))
		return i - 1;
	if (is_made(l, plan, dir) && *dir) {
		up = path_parent(dir);
		i = list_of(l, t, plan, up);
	} else {
		i = read_list(l, t->root, dir);
	}
	strmap_set(&l->dirs, arena_strdup(&l->mem, dir), i + 1);
	return i;
}

struct acls *acl_find(struct run *t, const struct plan *plan)
{
	struct acls *l = xcalloc(1, sizeof(*l));

	l->of = xmalloc((plan->ops.n + 1) * sizeof(*l->of));
	while (l->first < plan->ops.n && !op_makes(&plan->ops.v[l->first]) &&
	       plan->ops.v[l->first].kind != OP_ATTR)
		l->first++;
	for (uint32_t i = 0; i < plan->ops.n; i++) {
		const struct op *op = &plan->ops.v[i];
		cleanup_free char *dir = NULL;

		l->of[i] = NONE;
		if (!op_makes(op))
			continue;
		dir = path_parent(op->path);
		l->of[i] = list_of(l, t, plan, dir);
	}
	if (l->lists.n)
		return l;
	acl_free(l);
	return NULL;
}

void acl_free(struct acls *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; i < l->lists.n; i++)
		free(l->lists.v[i].v);
	array_release(&l->lists);
	strmap_release(&l->dirs);
	arena_release(&l->mem);
	free(l->of);
	free(l);
}

static const struct list *list_for(const struct acls *l, uint32_t task)
{
	return l && l->of[task] != NONE ? &l->lists.v[l->of[task]] : NULL;
}

int acl_give(const struct acls *l, uint32_t task, int fd, bool is_dir)
{
	const struct list *x = list_for(l, task);

	if (!x)
		return 0;
	if (fsetxattr(fd, ACCESS, x->v, x->n, 0) < 0 ||
	    (is_dir && fsetxattr(fd, DEFAULT, x->v, x->n, 0) < 0))
		return -1;
	return FAILPOINT("stage-acl") ? -1 : 0;
}

int acl_give_at(const struct acls *l, uint32_t task, int dir, const char *name)
{
	const struct list *x = list_for(l, task);
	char path[32 + NAME_MAX + 2];

	if (!x)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, name);
	return setxattr(path, ACCESS, x->v, x->n, 0) < 0 || FAILPOINT("stage-acl-by-name")
		       ? -1
		       : 0;
}
