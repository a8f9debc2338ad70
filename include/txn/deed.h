/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_DEED_H
#define PUTBACK_TXN_DEED_H
/* One task done, forwards or backwards, or looked at: all renames and changes of attributes in the root are here. */
#include "txn/look.h"
#include "txn/run.h"

enum deed_verdict {
	DEED_DONE, /* nothing to do */
	DEED_DO,   /* done, or with dry: could be done */
	DEED_LOST, /* neither the one nor the other: nothing is guessed */
	DEED_FILLED, /* a directory that something else replaces, and that something came into */
	DEED_RACED /* another object came between the look and the rename: it was put back */
};

/* dry: nothing is moved. *ret_path: what stood at its path. -1: it failed, and may have been done all the same. */
_must_check_ int deed_do(struct run *t, uint32_t i, enum way w, bool dry,
			 enum deed_verdict *ret, struct seen *ret_path,
			 struct error *err);
/* Why it was not done: "is neither the old nor the new one"; static text. */
const char *deed_what_stands_there(const struct task *k, enum deed_verdict v,
				   const struct seen *s);
static inline bool deed_is_in_vain(enum deed_verdict v)
{
	return v == DEED_LOST || v == DEED_FILLED || v == DEED_RACED;
}

#endif
