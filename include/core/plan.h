/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_PLAN_H
#define PUTBACK_CORE_PLAN_H
/*
 * The plan: package sets + facts + policy -> ops. A pure function; what it gives is typed, sorted
 * and frozen. `plan` shows it and `apply` runs it; whoever runs it decides nothing.
 *
 * Order of plan.ops is the order of execution:
 *   1. OP_MOVE and OP_REMOVE, deepest path first (so a directory comes after what lay in it);
 *   2. OP_SWAP, OP_CREATE and OP_ATTR, parents before children.
 * Undo runs them backwards.
 */
#include "base/error.h"
#include "core/change.h"
#include "core/fact.h"
#include "core/fate.h"
#include "core/layout.h"
#include "core/problems.h"

#define OP_KINDS(X)                                                                  \
	X(OP_SWAP, "swap")	 /* exchange what is there with the staged object */ \
	X(OP_CREATE, "create")	 /* nothing is there: move the staged object in */   \
	X(OP_REMOVE, "remove")	 /* move what is there into the area */              \
	X(OP_MOVE, "move")	 /* rename path to path2 beside it (.rpmsave) */     \
	X(OP_ATTR, "attributes") /* set attributes of what is there */

enum op_kind {
#define X(id, name) id,
	OP_KINDS(X)
#undef X
};
const char *op_kind_name(enum op_kind k);

/* Why an op is there; the text is what `plan --files` shows. */
#define OP_REASONS(X)                                         \
	X(WHY_CONTENT, "content differs")                     \
	X(WHY_EDITED, "content differs from both versions")   \
	X(WHY_TYPE, "another type of file")                   \
	X(WHY_TARGET, "link target differs")                  \
	X(WHY_LINKS, "hard links differ")                     \
	X(WHY_DEVICE, "device number differs")                \
	X(WHY_MISSING, "missing")                             \
	X(WHY_GONE, "only in the version that goes")          \
	X(WHY_EMPTY, "directory that empties out")            \
	X(WHY_MODE, "mode differs")                           \
	X(WHY_OWNER, "owner differs")                         \
	X(WHY_CAPS, "capabilities differ")                    \
	X(WHY_ACL, "has an access control list")              \
	X(WHY_FILESIG, "signature of the file differs")       \
	X(WHY_MTIME, "modification time differs")             \
	X(WHY_CONFIG_SAVE, "edited configuration kept aside") \
	X(WHY_CONFIG_NEW, "configuration of the package beside the edited one") \
	X(WHY_RELABEL, "tells the machine to label its files when it boots")    \
	X(WHY_LITTER, "left half-written by what was cut off")

enum op_reason {
#define X(id, text) id,
	OP_REASONS(X)
#undef X
};
const char *op_reason_text(enum op_reason r);

#define NO_INDEX UINT32_MAX

struct op {
	enum op_kind kind;
	enum op_reason reason;
	const char *path; /* canonical */
	const char
		*path2; /* OP_MOVE: the new canonical path, same directory; else NULL */
	uint32_t mount; /* index in mounts */
	/* what is there now (swap, remove, move, attr) */
	struct identity
		old_id; /* where such last; else of no meaning but that it is there */
	struct attr old;
	uint64_t old_size;
	int64_t old_ctime_ns;
	/* what is wanted (swap, create, attr) */
	struct attr new;
	uint64_t size;
	struct digest digest; /* of a regular file; DIGEST_NONE for a package without */
	const char *link;     /* symlink's target */
	const struct filesig *filesig; /* swap, create: security.ima, or NULL */
	const char *label;    /* swap, create: SELinux label by the root's policy, or NULL */
	uint32_t rdev;
	uint32_t change,
		file; /* content: changes.list[change].to->files[file]; else NO_INDEX */
	uint32_t
		link_leader; /* index of the op whose staged inode this one shares; NO_INDEX */
	uint32_t old_flags; /* FACT_* of what is there */
	bool strips; /* swap, remove: under another name what goes is not to be setuid any more */
};

/* A new object comes to the path. */
static inline bool op_makes(const struct op *op)
{
	return op->kind == OP_SWAP || op->kind == OP_CREATE;
}

/* One configuration file that is not simply replaced. */
struct decision {
	const char *path;
	enum fate fate;
	const char *aside; /* canonical path of the .rpmsave/.rpmnew/.rpmorig, or NULL */
	const char *
		note; /* e.g. an older .rpmsave that holds the edit from before; or NULL */
	uint32_t change;
};

/* A scriptlet or trigger that rpm would have run. */
struct script_note {
	const char *package; /* nevra */
	uint32_t scriptlets; /* enum scriptlet bits */
};

/* A file's install state that differs from NORMAL (arriving) or from what is recorded (staying). */
struct state_fix {
	enum side side; /* SIDE_ARRIVING or SIDE_STAYING */
	uint32_t
		owner; /* index of the change, or rpmdb instance of the staying package */
	uint32_t file;
	uint8_t state;
};

/* Per change: how many paths the package has in either version, and how many are touched. */
struct change_count {
	uint32_t owned, touched;
};

/* Peak need on one mount (see core/space.h). */
struct space_need {
	uint64_t bytes, inodes;
};

struct plan {
	struct arena mem;
	const struct changes *changes; /* borrowed */
	const struct mounts *mounts;   /* borrowed */
	ARRAY(struct op) ops;
	ARRAY(struct decision) decisions;
	ARRAY(struct script_note) scripts;
	ARRAY(struct state_fix) states;
	ARRAY(struct change_count) counts; /* one per change */
	ARRAY(struct space_need) space;	   /* one per mount */
	struct problems problems;
	bool keeps_db;			/* files only: the rpmdb is not touched */
	bool relabels;			/* the machine labels its files when it boots */
	uint32_t ghosts, not_installed; /* files left alone by rule */
};

struct plan_policy {
	enum config_policy config;
	bool replacefiles; /* rpm's --replacefiles: conflicting files of packages that stay give way */
	bool nodeps;
	bool signs_files; /* the root's rpm gives files their IMA signatures */
	bool cut_off;	  /* back to before an update that never came to its end */
	/* canonical paths: nothing but these and what lies beneath them, and the rpmdb stays as it
	 * is; NULL: everything */
	const struct strlist *only;
};

/* changes, layout (with facts) and mounts must outlive the plan. Never fails: what is wrong
 * becomes a problem in the plan. */
void plan_build(const struct changes *changes, const struct pkgset *staying,
		const struct layout *layout, const struct mounts *mounts,
		const struct users *users, const struct plan_policy *policy,
		struct plan *ret);

/*
 * The file in the root that has SELinux machines label all of their files when they boot, whereupon
 * they remove it (selinux(8), fixfiles(8) onboot).
 */
#define RELABEL_FILE ".autorelabel"
/* Adds the op that makes it. is_there: it need not be made. A plan that has one already stays. */
void plan_relabel(struct plan *p, bool is_there);

/* SHA-256 over changes, ops with the identities of what is there, and states: two plans with the same
 * digest do the same to the same root. */
void plan_digest(const struct plan *p, struct digest *ret);
void plan_release(struct plan *p);

#endif
