/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "hdr_filesigs.h"

#include <string.h>

#include <rpm/header.h>
#include <rpm/rpmtd.h>

#include "base/buf.h"

/* type, version, algorithm, key, length of the signature (security/integrity/integrity.h of Linux: struct
 * signature_v2_hdr) */
enum { HEAD = 9 };

static bool read_one(struct pkg *p, const char *hex, struct filesig *ret)
{
	static const uint8_t nothing[HEAD];
	size_t n = strlen(hex) / 2;
	uint8_t *bytes;

	if (strlen(hex) % 2)
		return false;
	if (n < HEAD)
		return true;
	bytes = arena_alloc(&p->mem, n);
	if (!buf_unhex(hex, bytes, n))
		return false;
	if (memcmp(bytes, nothing, HEAD) != 0)
		*ret = (struct filesig){bytes, (uint32_t)n};
	return true;
}

/* Of hard links the one that carries the content says what all are given, the last of them (lib/fsm.c:
 * fsmMkfile()). They need not be the same: some kinds of signatures never are. */
static void last_of_links(const struct pkg *p, struct filesig *all)
{
	for (uint32_t i = 0; i < p->files.n; i++)
		all[p->files.v[i].link_first] = all[i];
	for (uint32_t i = 0; i < p->files.n; i++)
		all[i] = all[p->files.v[i].link_first];
}

void hdr_filesigs_read(Header h, struct pkg *p)
{
	struct filesig *all;
	struct rpmtd_s td;
	bool good;

	if (!headerGet(h, RPMTAG_FILESIGNATURES, &td, HEADERGET_MINMEM))
		return;
	good = td.type == RPM_STRING_ARRAY_TYPE && td.count == p->files.n;
	all = good ? arena_alloc(&p->mem, sizeof(*all) * (p->files.n + 1)) : NULL;
	for (uint32_t i = 0; good && i < p->files.n; i++)
		good = read_one(p, ((const char *const *)td.data)[i], &all[i]);
	rpmtdFreeData(&td);
	if (!good)
		return;
	last_of_links(p, all);
	p->filesigs = all;
}
