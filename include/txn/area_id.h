/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_AREA_ID_H
#define PUTBACK_TXN_AREA_ID_H
#include "txn/area.h"

/* The id for an area whose file `area` is yet to be made: that by which the manifests in it know it, where somebody
 * removed the file and left the rest; else one of its own. */
void area_id_choose(struct root *r, struct area *a);

#endif
