/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TESTS_SCENE_H
#define PUTBACK_TESTS_SCENE_H
/*
 * A folder for one test, with a root in it: scene_new() makes DIR/root, and DIR/outside next to it
 * for what must never be reached. Paths of the calls below are relative to DIR/root.
 */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"

struct scene {
	char *dir, *root;
};

/* What a failed or skipped test leaves behind goes at the end of the program. */
static struct scene scene_left[64];
static bool scene_sweeps;

static int scene_remove(const char *path, const struct stat *st, int type,
			struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void scene_sweep(void)
{
	for (size_t i = 0; i < ELEMENTSOF(scene_left); i++) {
		if (scene_left[i].dir)
			nftw(scene_left[i].dir, scene_remove, 16,
			     FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
		free(scene_left[i].dir);
		free(scene_left[i].root);
	}
}

_unused_ static struct scene scene_new(void)
{
	const char *tmp = getenv("TMPDIR");
	struct scene s = {xasprintf("%s/scene.XXXXXX", tmp ? tmp : "/var/tmp"), NULL};
	cleanup_free char *outside = NULL;
	size_t slot = 0;

	assert_non_null(mkdtemp(s.dir));
	while (slot < ELEMENTSOF(scene_left) && scene_left[slot].dir)
		slot++;
	assert_true(slot < ELEMENTSOF(scene_left));
	if (!scene_sweeps) {
		atexit(scene_sweep);
		scene_sweeps = true;
	}
	s.root = xasprintf("%s/root", s.dir);
	scene_left[slot] = s;
	outside = xasprintf("%s/outside", s.dir);
	assert_int_equal(mkdir(s.root, 0755), 0);
	assert_int_equal(mkdir(outside, 0755), 0);
	return s;
}

_unused_ static void scene_free(struct scene *s)
{
	nftw(s->dir, scene_remove, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	for (size_t i = 0; i < ELEMENTSOF(scene_left); i++)
		if (scene_left[i].dir == s->dir)
			scene_left[i] = (struct scene){0};
	free(s->dir);
	free(s->root);
}
#define cleanup_scene __attribute__((cleanup(scene_free)))

_unused_ static char *scene_path(const struct scene *s, const char *path)
{
	return xasprintf("%s/%s", s->root, path);
}

_unused_ static void scene_dir(const struct scene *s, const char *path)
{
	cleanup_free char *full = scene_path(s, path);

	assert_int_equal(mkdir(full, 0755), 0);
}

_unused_ static void scene_link(const struct scene *s, const char *target,
				const char *path)
{
	cleanup_free char *full = scene_path(s, path);

	assert_int_equal(symlink(target, full), 0);
}

_unused_ static void scene_file(const struct scene *s, const char *path, const char *text)
{
	cleanup_free char *full = scene_path(s, path);
	cleanup_close int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

_unused_ static void scene_fifo(const struct scene *s, const char *path)
{
	cleanup_free char *full = scene_path(s, path);

	assert_int_equal(mkfifo(full, 0644), 0);
}

#endif
