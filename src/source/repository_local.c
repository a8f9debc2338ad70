/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A repository's files where it is a folder, of this host or of the root. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/repository.h"

char *repository_local_path(const struct repository *r, const char *path)
{
	return xasprintf("%s%s/%s", r->root ? r->root->path : "", r->folder, path);
}

/* A handle of its own, since another thread may be at it too. */
static int open_in_root(const struct repository *r, const char *path)
{
	cleanup_free char *packaged = xasprintf("%s/%s", r->folder, path);
	struct root *own = root_dup(r->root);
	int fd = own ? root_open_packaged(own, packaged, O_RDONLY) : -1, saved = errno;

	root_free(own);
	errno = saved;
	return fd;
}

int repository_local_open(const struct repository *r, const char *path, struct error *err)
{
	cleanup_free char *shown = repository_local_path(r, path);
	cleanup_close int fd =
		r->root ? open_in_root(r, path)
			: open(shown, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	/* of no use, and no reason to stop */
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, ERR_FAILED, "cannot open '%s': %s", shown,
			       strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FAILED, "'%s' is not a regular file", shown);
	return steal_fd(&fd);
}

bool repository_local_has(const struct repository *r, const char *path)
{
	cleanup_free char *whole = xasprintf("%s/%s", r->folder, path), *canonical = NULL;
	struct statx in_root;
	struct stat st;

	if (!r->root)
		return stat(whole, &st) == 0 && S_ISREG(st.st_mode);
	return root_resolve(r->root, whole, true, &canonical, NULL) == 0 &&
	       root_statx(r->root, canonical, STATX_TYPE, &in_root) == 0 &&
	       S_ISREG(in_root.stx_mode);
}
