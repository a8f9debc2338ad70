/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_SWAP_H
#define PUTBACK_TXN_SWAP_H
/* The renames: between a path of the root and a slot. */
#include "txn/run.h"

/* One end of a rename. */
struct spot {
	int dir;
	const char *name;
};
/* The spots of a task: its path (dir -1: its directory is not there), and a slot. */
struct spot swap_path(struct run *t, const char *path);
struct spot swap_slot(const struct run *t, uint32_t i, const char *suffix,
		      char buf[SLOT_NAME_MAX]);

/* from -> to, where nothing must be; EEXIST else. 0, or -1 with errno. */
_must_check_ int swap_move(struct spot from, struct spot to);
/* Both change places in one step: 0; 1: this file system cannot do that; -1 with errno. */
_must_check_ int swap_exchange(struct area *a, struct spot x, struct spot y);
/* Whether the area's file system can; tried out in its slots. */
_must_check_ int swap_probe(struct area *a, struct error *err);
/* Moves what is in the way of task i aside; ret_name: of the slot. */
_must_check_ int swap_aside(struct run *t, uint32_t i, struct spot from,
			    char ret_name[SLOT_NAME_MAX]);
/* What was moved aside last for task i; false: there is nothing. The name is in buf. */
bool swap_last_aside(const struct run *t, uint32_t i, struct spot *ret,
		     char buf[SLOT_NAME_MAX]);

#endif
