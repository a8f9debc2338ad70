/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A single package file of the host, whatever its name. */
#include <fcntl.h>
#include <sys/stat.h>

#include "source/source.h"

static int rpmfile_is_mine(const char *spec)
{
	struct stat st;

	return stat(spec, &st) == 0 && S_ISREG(st.st_mode);
}

static int rpmfile_open_package(struct source *s _unused_, const char *location,
				struct error *err)
{
	int fd = open(location, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? err_errno(err, "cannot open '%s'", location) : fd;
}

static int rpmfile_index(struct source *s, const struct observer *o, struct error *err)
{
	cleanup_close int fd = rpmfile_open_package(s, s->spec, err);

	if (fd < 0)
		return -1;
	strlist_add(&s->looked_at, s->spec);
	source_add_file(s, fd, s->spec);
	observer_progress(o, PHASE_INDEX, 1, 1, false, 0);
	return 0;
}

const struct source_ops rpmfile_ops = {
	.kind = "file",
	.is_mine = rpmfile_is_mine,
	.index = rpmfile_index,
	.open_package = rpmfile_open_package,
};
