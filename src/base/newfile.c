/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/newfile.h"

struct newfile *newfiles_add(struct newfiles *l, enum newfile_kind kind, const char *path)
{
	struct newfile *f = array_push(l);

	f->kind = kind;
	f->path = xstrdup(path);
	f->fd = -1;
	return f;
}

void newfiles_release(struct newfiles *l)
{
	for (uint32_t i = 0; i < l->n; i++) {
		free(l->v[i].path);
		free(l->v[i].target);
		cleanup_closep(&l->v[i].fd);
	}
	array_release(l);
}
