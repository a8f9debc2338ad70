/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/canon.h"

#include <string.h>

#include "base/buf.h"

#define MAX_LINKS 40 /* as the kernel's own limit */

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

/* The target to follow at path, or NULL where the walk goes on into path itself. */
static const char *link_at(struct canon *r, enum tree tree, const char *path)
{
	const struct canon_node *node;
	uint32_t i;

	if (tree == TREE_AFTER && strmap_get(&r->arriving, path, &i)) {
		if (r->entries.v[i].link)
			return r->entries.v[i].link;
		if (!canon_is_kept_link(r, path))
			return NULL;
	} else if (tree == TREE_AFTER && strmap_get(&r->going, path, NULL)) {
		return NULL;
	}
	node = canon_look(r, path);
	return node->type == FT_LNK ? node->target : NULL;
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

static int walk(struct canon *r, enum tree tree, const char *path, struct buf *cur,
		struct error *err)
{
	cleanup_free char *pending = xstrdup(path);
	char *p = pending;
	unsigned links = 0;

	buf_clear(cur);
	buf_str(cur, "");
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
		target = link_at(r, tree, cur->s);
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
			buf_clear(cur), buf_str(cur, "");
		joined = xasprintf("%s/%s", target, p);
		free(pending);
		p = pending = joined;
	}
	return 0;
}

int canon_dir(struct canon *r, enum tree tree, const char *dir, const char **ret,
	      struct error *err)
{
	cleanup_buf struct buf cur = {0};
	uint32_t i;

	if (!strmap_get(&r->memo[tree], dir, &i)) {
		if (walk(r, tree, dir, &cur, err) < 0)
			return -1;
		i = r->dirs.n;
		array_add(&r->dirs, arena_strdup(r->mem, cur.s));
		strmap_set(&r->memo[tree], dir, i);
	}
	*ret = r->dirs.v[i];
	return 0;
}

int canon_file(struct canon *r, enum tree tree, const struct pkgfile *f, const char **ret,
	       struct error *err)
{
	const char *dir;

	if (canon_dir(r, tree, f->dir, &dir, err) < 0)
		return -1;
	*ret = arena_printf(r->mem, "%s%s%s", dir, dir[0] && f->base[0] ? "/" : "",
			    f->base);
	return 0;
}

bool canon_is_kept_link(struct canon *r, const char *path)
{
	cleanup_buf struct buf cur = {0};
	const struct canon_node *node = canon_look(r, path);
	uint32_t uid = node->uid;

	if (node->type != FT_LNK || strmap_get(&r->going, path, NULL))
		return false;
	if (walk(r, TREE_NOW, path, &cur, NULL) < 0)
		return false;
	node = canon_look(r, cur.s);
	return node->type == FT_DIR && (uid == 0 || uid == node->uid);
}

int canon_settle(struct canon *r, struct error *err)
{
	struct canon_entry *e;

	/* First where the entries lie now, then twice where they will: an entry beneath a link
	 * that itself moves is found the second time. */
	for (int pass = 0; pass < 3; pass++) {
		array_foreach(e, &r->entries) {
			const struct pkgfile f = {.dir = e->dir, .base = e->base};

			if (canon_file(r, pass ? TREE_AFTER : TREE_NOW, &f, &e->path,
				       err) < 0)
				return -1;
		}
		strmap_release(&r->arriving);
		strmap_release(&r->memo[TREE_AFTER]);
		array_foreach(e, &r->entries)
			strmap_set(&r->arriving, e->path, (uint32_t)(e - r->entries.v));
	}
	return 0;
}

void canon_release(struct canon *r)
{
	strmap_release(&r->seen);
	array_release(&r->nodes);
	strmap_release(&r->memo[TREE_NOW]);
	strmap_release(&r->memo[TREE_AFTER]);
	array_release(&r->dirs);
	strmap_release(&r->going);
	array_release(&r->entries);
	strmap_release(&r->arriving);
}
