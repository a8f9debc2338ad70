/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>

#include "base/resolve.h"

enum { LINKS_MAX = 40 }; /* as the kernel's own path walk, path_resolution(7) */

/* Where a walk stands. */
struct walk {
	struct root *root;
	struct buf done; /* canonical so far */
	int at;		 /* the directory that it is; -1: nothing is there */
	char *rest;	 /* still to be walked */
	int links;	 /* followed so far */
};

static void walk_release(struct walk *w)
{
	int saved = errno;

	buf_release(&w->done);
	cleanup_closep(&w->at);
	free(w->rest);
	errno = saved;
}

/* Opens what w->done has come to. */
static int walk_reopen(struct walk *w)
{
	cleanup_closep(&w->at);
	w->at = root_openat(w->root, w->done.s, O_PATH | O_DIRECTORY, 0);
	return w->at < 0 && errno != ENOENT ? -1 : 0;
}

static int walk_restart(struct walk *w)
{
	buf_clear(&w->done);
	return walk_reopen(w);
}

static int walk_up(struct walk *w)
{
	cleanup_free char *parent = path_parent(w->done.s);

	buf_clear(&w->done);
	buf_str(&w->done, parent);
	return walk_reopen(w);
}

static void walk_append(struct walk *w, const char *name)
{
	if (w->done.n)
		buf_char(&w->done, '/');
	buf_str(&w->done, name);
}

/* name stands in w->at and is no directory: a link, or something where a walk ends. */
static int walk_through(struct walk *w, const char *name, const char *rest)
{
	cleanup_free char *path = path_join(w->done.s, name);
	cleanup_free char *target = NULL;

	if (root_readlink(w->root, path, &target) < 0) {
		if (errno != EINVAL)
			return -1;
		walk_append(w, name);
		errno = ENOTDIR;
		return *rest ? -1 : 0;
	}
	if (++w->links > LINKS_MAX) {
		errno = ELOOP;
		return -1;
	}
	free(w->rest);
	w->rest = xasprintf("%s%s", target, rest);
	return *target == '/' ? walk_restart(w) : 0;
}

/* One component that is neither "." nor ".."; rest is what follows it, "" behind the last. */
static int walk_down(struct walk *w, const char *name, const char *rest)
{
	int next;

	if (w->at < 0) {
		walk_append(w, name);
		return 0;
	}
	next = openat(w->at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next >= 0 || errno == ENOENT) {
		walk_append(w, name);
		cleanup_closep(&w->at);
		w->at = next;
		return 0;
	}
	if (errno != ENOTDIR && errno != ELOOP)
		return -1;
	return walk_through(w, name, rest);
}

int resolve_beneath(struct root *r, const char *dir, const char *path,
		    char **ret_canonical)
{
	struct walk w = {.root = r, .at = -1};
	int result;

	buf_str(&w.done, dir);
	w.rest = xstrdup(path);
	result = walk_reopen(&w);
	while (result == 0 && *w.rest) {
		cleanup_free char *all = steal_ptr(w.rest);
		const char *begin = all + strspn(all, "/");
		const char *rest = begin + strcspn(begin, "/");
		cleanup_free char *name = xstrndup(begin, rest - begin);

		w.rest = xstrdup(rest);
		if (!strcmp(name, ".."))
			result = walk_up(&w);
		else if (*name && strcmp(name, "."))
			result = walk_down(&w, name, rest);
	}
	if (result == 0)
		*ret_canonical = buf_steal(&w.done);
	walk_release(&w);
	return result;
}
