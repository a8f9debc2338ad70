/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_GATHER_H
#define PUTBACK_CMD_GATHER_H
/*
 * Packages into a kit: each from the first place that gives it whole and signed by somebody who is trusted.
 * What cannot be had keeps nobody else out.
 *
 *	gather_add() ...	what is wanted, and the best of it that the sources have
 *	gather()		downloads, judges, fills the kit
 *	gather_err()		what is wrong with it, all at once
 */
#include "cmd/prepare.h"
#include "source/kit.h"

struct gather_item;
struct gathering {
	struct prepared p;
	struct kit *kit;
	struct store *store; /* of what is on its way; NULL: --cache */
	ARRAY(struct gather_item) items;
	struct arena mem;
	uint64_t bytes;
	bool failed; /* a download was cut short, or never began */
};

/* what: as it is told where it is missing; best: NULL, no source has it; why: a reason for that, or NULL. */
void gather_add(struct gathering *g, const char *what, const struct candidate *best,
		const char *why);
/* Fails only where nothing can be done for any of them. */
_must_check_ int gather(struct session *s, struct gathering *g, struct error *err);
uint32_t gather_count(const struct gathering *g); /* in the kit */
/* 0: all is there and to be trusted. ERR_UNAVAILABLE or ERR_UNTRUSTED; s->details has the lists. */
_must_check_ int gather_err(struct session *s, const struct gathering *g,
			    struct error *err);
void gather_release(struct gathering *g);
#define cleanup_gathering __attribute__((cleanup(gather_release)))

#endif
