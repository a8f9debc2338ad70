/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/downloads.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "txn/area_id.h"
#include "txn/sweep.h"

static const char *name(void)
{
	return strrchr(DOWNLOADS_DIR, '/') + 1;
}

int downloads_open(struct root *r, struct error *err)
{
	struct area a;
	int there = area_open(r, "", &a, err), fd = -1;

	if (there < 0)
		return -1;
	if (!*a.id)
		area_id_choose(r, &a);
	if ((there && a.self.ino) || area_make(r, &a, err) == 0) {
		fd = file_folder_in(a.fd, name());
		if (fd < 0)
			err_errno(err, "cannot make '" DOWNLOADS_DIR "' in the root");
	}
	area_release(&a);
	return fd;
}

int downloads_look(struct root *r, int *ret_fd, struct error *err)
{
	struct area a;
	int there = area_open(r, "", &a, err);

	*ret_fd = -1;
	if (there < 0)
		return -1;
	if (there)
		*ret_fd = openat(a.fd, name(),
				 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	area_release(&a);
	return *ret_fd >= 0;
}

int downloads_remove(struct root *r, struct error *err)
{
	struct area a;
	int rc = area_open(r, "", &a, err);

	if (rc < 0)
		return -1;
	if (rc > 0) {
		rc = sweep_tree(a.fd, name(), err);
		if (rc == 0)
			rc = area_remove(r, &a, err);
	}
	area_release(&a);
	return rc < 0 ? -1 : 0;
}
