/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_PROBE_H
#define PUTBACK_DISK_PROBE_H
/* A look at one path. */
#include "base/root.h"
#include "core/layout.h"

struct probe {
	struct root *root;
	const struct mounts *mounts;
	struct arena *mem; /* for link targets */
	char *block;	   /* PROBE_BLOCK bytes, for reading */
	/* called after each block with its size; true: stop. May be NULL */
	bool (*tick)(void *ctx, uint64_t bytes);
	void *ctx;
};
enum { PROBE_BLOCK = 128 * 1024 };

/*
 * Everything about a canonical path but digests. What could not be found out is told by ret->sys.
 * No directory where its parent should be means that nothing is there.
 */
void probe_look(struct probe *p, const char *path, struct fact *ret);
/*
 * Adds the digests of a regular file; they and the rest of the fact are of one and the same state
 * of it, or ret->sys is EBUSY. Returns -1 when tick said to stop.
 */
int probe_read(struct probe *p, const char *path, const uint8_t algos[2],
	       struct fact *ret);
/* Names in a directory, and names that are taken beside a path, as struct slot wants them. */
void probe_list(struct probe *p, struct slot *s);
void probe_aside(struct probe *p, struct slot *s);

#endif
