/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_CHANGE_H
#define PUTBACK_CORE_CHANGE_H
/* A package's step from what is installed to what is wanted. */
#include "core/pkg.h"

#define CHANGE_KINDS(X)                  \
	X(CHANGE_DOWNGRADE, "downgrade") \
	X(CHANGE_UPGRADE, "upgrade")     \
	X(CHANGE_REINSTALL, "reinstall") \
	X(CHANGE_INSTALL, "install")     \
	X(CHANGE_REMOVE, "remove")       \
	X(CHANGE_CLEAR, "clear")

enum change_kind {
#define X(id, name) id,
	CHANGE_KINDS(X)
#undef X
};
const char *change_kind_name(enum change_kind kind);

struct change {
	enum change_kind kind;
	struct pkg *from; /* borrowed from the installed set; NULL: install. Of CHANGE_CLEAR
			   * borrowed as well, and in no rpmdb: what there is on the disk of
			   * a version that was being unpacked goes */
	struct pkg *to;	  /* owned by changes.arriving; NULL: remove */
	/* where `to` is to be had; -1 and NULL for a removal */
	int source;	/* index in the list of sources */
	char *location; /* as that source names it: a path on the host or beneath the root */
	/* CHANGE_REMOVE: another record of the same package, which stays or is put back: an
	 * update that was cut off left both. Else NULL */
	const struct pkg *stands;
	char *needed_by; /* the closure's: NEVRA of who does, "" where that is many; else NULL */
	bool open;	 /* its version was not named: it is what the sources have */
	char *reason;	       /* why it is in the plan: "undo of entry 7", "named" */
	bool unsigned_allowed; /* not verified by a trusted key: --allow-unsigned let it through */
	char *signer;	       /* user id or key id that vouches for it; NULL */
};

struct changes {
	ARRAY(struct change) list; /* sorted by name, arch, kind */
	struct pkgset arriving;	   /* packages that come, with file lists */
	struct strlist litter; /* canonical paths of half-written files; see core/litter.h */
};
void changes_release(struct changes *c);
void changes_sort(struct changes *c);

#endif
