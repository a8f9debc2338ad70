/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_ORDER_H
#define PUTBACK_BASE_ORDER_H
/* An order of runner.h as bytes, on its way to the process outside. */
#include "base/runner.h"

/* What was read: strings that are not lists lie in the bytes themselves. */
struct order {
	struct runner_order order;
	ARRAY(struct runner_mount) mounts;
};

void order_write(struct buf *b, const struct runner_order *o);
/* 0, or -1: bytes of a stranger that make no order. */
_must_check_ int order_read(const char *p, size_t n, struct order *ret);
void order_release(struct order *r);

#endif
