/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/canon.h"

#include <string.h>

#include "base/buf.h"
#include "core/fstype.h"

#define MAX_LINKS 40 /* as the kernel's own limit */

/* The two trees, and the disk as it is with every link followed, whoever's it is. */
enum way { WAY_NOW, WAY_AFTER, WAY_DISK };

const struct canon_node *canon_look(struct canon *r, const char *path)
{
	struct canon_node node = {0};
	const char *target = NULL;
	uint32_t i;

	if (strmap_get(&r->seen, path, &i))
		return &r->nodes.v[i];
	node.type = r->view->type(r->view->ctx, path, &target, &node.uid);
	if (node.type == FT_LNK && target)
		node.target = arena_strdup(r->mem, target);
	strmap_set(&r->seen, arena_strdup(r->mem, path), r->nodes.n);
	array_add(&r->nodes, node);
	return &r->nodes.v[r->nodes.n - 1];
}

bool canon_is_going(const struct canon *r, const char *path)
{
	uint32_t goes;

	return strmap_get(&r->going, path, &goes) && goes;
}

/* Last component off: "usr/lib" -> "usr" -> "" */
static void pop(struct buf *b)
{
	char *slash = b->s ? strrchr(b->s, '/') : NULL;
	size_t n = slash ? (size_t)(slash - b->s) : 0;

	b->n = n;
	if (b->s)
		b->s[n] = '\0';
}

static int refuse_link(uint32_t uid, const char *path, struct error *err)
{
	cleanup_free char *q = quoted(path);

	return err_set(
		err, ERR_REFUSED,
		"'/%s' is a symlink of user %u to what is not theirs, and packaged files "
		"lie beneath it; make it root's, or remove it",
		q, uid);
}

static int walk(struct canon *r, enum way way, const char *path, struct buf *cur,
		struct error *err);

/* What the link at path leads to in the end, and whether its owner may lead us there. */
static bool is_trusted(struct canon *r, uint32_t uid, const char *path)
{
	cleanup_buf struct buf end = {0};
	const struct canon_node *node;

	if (uid == 0)
		return true;
	if (walk(r, WAY_DISK, path, &end, NULL) < 0)
		return false;
	node = canon_look(r, end.s);
	return node->type != FT_NONE && node->uid == uid;
}

/* *ret: the target to follow at path, or NULL where the walk goes on into path itself. */
static int link_at(struct canon *r, enum way way, const char *path, const char **ret,
		   struct error *err)
{
	const struct canon_node *node;
	uint32_t i, uid;

	*ret = NULL;
	if (way == WAY_AFTER && strmap_get(&r->arriving, path, &i)) {
		*ret = r->entries.v[i].link;
		if (*ret || !canon_is_kept_link(r, path))
			return 0;
	} else if (way == WAY_AFTER && canon_is_going(r, path)) {
		return 0;
	}
	node = canon_look(r, path);
	if (node->type != FT_LNK)
		return 0;
	*ret = node->target;
	uid = node->uid; /* the node may move when the next is looked at */
	if (way != WAY_DISK && !is_trusted(r, uid, path))
		return refuse_link(uid, path, err);
	return 0;
}

static int walk(struct canon *r, enum way way, const char *path, struct buf *cur,
		struct error *err)
{
	cleanup_free char *pending = xstrdup(path);
	char *p = pending;
	unsigned links = 0;

	buf_clear(cur);
	while (*(p += strspn(p, "/"))) {
		size_t len = strcspn(p, "/");
		const char *target;
		char *joined;

		if (len == 1 && p[0] == '.') {
			p += len;
			continue;
		}
		if (len == 2 && p[0] == '.' && p[1] == '.') {
			pop(cur);
			p += len;
			continue;
		}
		if (cur->n)
			buf_char(cur, '/');
		buf_add(cur, p, len);
		p += len;
		if (link_at(r, way, cur->s, &target, err) < 0)
			return -1;
		if (!target)
			continue;
		if (++links > MAX_LINKS) {
			cleanup_free char *q = quoted(path);

			return err_set(err, ERR_FAILED,
				       "too many symlinks on the way to '%s' in the root",
				       q);
		}
		pop(cur);
		if (target[0] == '/')
			buf_clear(cur);
		joined = xasprintf("%s/%s", target, p);
		free(pending);
		p = pending = joined;
	}
	return 0;
}

/* The top of the file system that path is on, where case does not count; NULL: it does. */
static const char *folding_top(const struct canon *r, const char *path)
{
	const struct mounts *m = r->view->mounts;
	const struct mount *x = m && m->n ? &m->v[mounts_of_path(m, path)] : NULL;

	return x && fstype_lacks(x->fstype) & FS_NO_CASE ? x->path : NULL;
}

static char *lower(const char *s, size_t n)
{
	char *low = xstrndup(s, n);

	for (char *p = low; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	return low;
}

const char *canon_spell(struct canon *r, const char *path)
{
	const char *top = folding_top(r, path), *spelt, *p;

	if (!top || !strcmp(path, top))
		return path;
	spelt = top;
	p = path + strlen(top) + (*top != '\0');
	for (;;) {
		size_t n = strcspn(p, "/");
		cleanup_free char *low = lower(path, (size_t)(p - path) + n);
		uint32_t i;

		if (strmap_get(&r->spelt, low, &i)) {
			spelt = r->spellings.v[i];
		} else {
			spelt = arena_printf(r->mem, "%s%s%.*s", spelt, *spelt ? "/" : "",
					     (int)n, p);
			strmap_set(&r->spelt, arena_strdup(r->mem, low), r->spellings.n);
			array_add(&r->spellings, spelt);
		}
		if (!p[n])
			return spelt;
		p += n + 1;
	}
}

int canon_dir(struct canon *r, enum tree tree, const char *dir, const char **ret,
	      struct error *err)
{
	cleanup_buf struct buf cur = {0};
	const char *path = NULL;
	uint32_t i;

	if (strmap_get(&r->memo[tree], dir, &i)) {
		path = r->dirs.v[i];
	} else {
		if (walk(r, tree == TREE_NOW ? WAY_NOW : WAY_AFTER, dir, &cur, err) == 0)
			path = canon_spell(r, arena_strdup(r->mem, cur.s));
		strmap_set(&r->memo[tree], dir, r->dirs.n);
		array_add(&r->dirs, path);
		if (!path)
			return -1;
	}
	if (!path) { /* it failed before, and the error is wanted again */
		(void)walk(r, tree == TREE_NOW ? WAY_NOW : WAY_AFTER, dir, &cur, err);
		return -1;
	}
	*ret = path;
	return 0;
}

int canon_file(struct canon *r, enum tree tree, const struct pkgfile *f, const char **ret,
	       struct error *err)
{
	const char *dir;

	if (canon_dir(r, tree, f->dir, &dir, err) < 0)
		return -1;
	*ret = canon_spell(r, arena_printf(r->mem, "%s%s%s", dir,
					   dir[0] && f->base[0] ? "/" : "", f->base));
	return 0;
}

bool canon_is_kept_link(struct canon *r, const char *path)
{
	cleanup_buf struct buf cur = {0};
	const struct canon_node *node = canon_look(r, path);
	uint32_t uid = node->uid;

	if (node->type != FT_LNK || canon_is_going(r, path))
		return false;
	if (walk(r, WAY_DISK, path, &cur, NULL) < 0)
		return false;
	node = canon_look(r, cur.s);
	return node->type == FT_DIR && (uid == 0 || uid == node->uid);
}

/* Where the entries lie by what is known of one another; how many of them moved. */
static uint32_t settle_once(struct canon *r)
{
	struct canon_entry *e;
	uint32_t moved = 0;

	strmap_release(&r->memo[TREE_AFTER]);
	array_foreach(e, &r->entries) {
		const struct pkgfile f = {.dir = e->dir, .base = e->base};
		const char *path = NULL;

		if (canon_file(r, TREE_AFTER, &f, &path, NULL) < 0)
			path = NULL;
		moved += !e->path != !path || (path && strcmp(e->path, path) != 0);
		e->path = path;
	}
	strmap_release(&r->arriving);
	array_foreach(e, &r->entries)
		if (e->path)
			strmap_set(&r->arriving, e->path, (uint32_t)(e - r->entries.v));
	return moved;
}

int canon_settle(struct canon *r, struct error *err)
{
	struct canon_entry *e;
	uint32_t moved = r->entries.n;

	/* Each pass finds what lies beneath the links that the pass before found. */
	for (int pass = 0; moved && pass < MAX_LINKS; pass++)
		moved = settle_once(r);
	strmap_release(&r->memo[TREE_AFTER]);
	array_foreach(e, &r->entries) {
		const struct pkgfile f = {.dir = e->dir, .base = e->base};
		const char *path;

		if (canon_file(r, TREE_AFTER, &f, &path, err) < 0)
			return -1;
		if (moved && strcmp(path, e->path ? e->path : "") != 0) {
			cleanup_free char *q = quoted(path);

			return err_set(
				err, ERR_FAILED,
				"the packages' symlinks around '/%s' lead to one another",
				q);
		}
	}
	return 0;
}

void canon_release(struct canon *r)
{
	strmap_release(&r->seen);
	array_release(&r->nodes);
	strmap_release(&r->spelt);
	array_release(&r->spellings);
	strmap_release(&r->memo[TREE_NOW]);
	strmap_release(&r->memo[TREE_AFTER]);
	array_release(&r->dirs);
	strmap_release(&r->going);
	array_release(&r->entries);
	strmap_release(&r->arriving);
}
