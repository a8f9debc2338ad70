/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TESTS_TXNLAB_H
#define PUTBACK_TESTS_TXNLAB_H
/*
 * Transactions without rpm: a small root, a plan made by hand, file contents out of memory. Ops are
 * added in the order in which they shall run; what they replace is looked at when they are added.
 */
#include "scene.h"

#include "base/root.h"
#include "core/plan.h"
#include "txn/work.h"

struct lab {
	struct scene scene;
	struct root *root;
	struct plan plan;
	struct changes changes;
	struct mounts mounts;
	struct strlist contents; /* by file of the one package */
	struct arena mem;
	struct observer observer;
	/* how content misbehaves, by file number; NO_INDEX: not at all */
	uint32_t truncate, forge, omit;
};

void lab_init(struct lab *l);
void lab_release(struct lab *l);
/* Opens the root (again): the lock of the last opening goes. */
void lab_open(struct lab *l);
#define cleanup_lab __attribute__((cleanup(lab_release)))

/* What is in the root. Times are set in lab_age(). */
void lab_file(const struct lab *l, const char *path, const char *text, mode_t mode);
void lab_dir(const struct lab *l, const char *path);
void lab_symlink(const struct lab *l, const char *target, const char *path);
void lab_link(const struct lab *l, const char *from, const char *to);
/* Every mtime in the root becomes old, each another one. */
void lab_age(const struct lab *l);
char *lab_path(const struct lab *l, const char *path); /* on the host */

/* Ops; each returns its number. */
uint32_t lab_put(struct lab *l, const char *path, const char *text,
		 mode_t mode); /* swap or create */
uint32_t lab_put_dir(struct lab *l, const char *path, mode_t mode);
uint32_t lab_put_symlink(struct lab *l, const char *path, const char *target);
uint32_t lab_put_fifo(struct lab *l, const char *path);
uint32_t lab_put_link(struct lab *l, const char *path, uint32_t leader); /* hard link */
uint32_t lab_remove(struct lab *l, const char *path);
uint32_t lab_move(struct lab *l, const char *path, const char *path2);
uint32_t lab_attr(struct lab *l, const char *path, mode_t mode, uid_t uid, int64_t mtime);

/* A root and a plan with every kind of op in every kind of place. */
void lab_fill(struct lab *l);
/* The plan of such a root. */
void lab_plan(struct lab *l);

/* txn_run() of the plan. */
int lab_apply(struct lab *l, struct txn_result *ret, struct error *err);
int lab_apply_with_rpmdb(struct lab *l, const struct rpmdb_maker *rpmdb, struct txn_result *ret,
			 struct error *err);
/* The same with a clean slate of errors: must succeed. */
void lab_apply_well(struct lab *l);

/* Dies in the commit, after n renames in the root. */
void lab_die_committing(struct lab *l, unsigned long n);
/* SQL on the root's journal, from outside. */
void lab_forge(const struct lab *l, const char *sql);
/* A private mount namespace for this program: false where that is not to be had. */
bool lab_may_mount(void);
void lab_mount(const struct lab *l, const char *path, const char *options);
void lab_unmount(const struct lab *l, const char *path);

/*
 * The root as text, a line per path. inodes: with inode number and birth time; then `.putback` is
 * left out, else it is as well. The caller frees.
 */
char *lab_snapshot(const struct lab *l, bool inodes);
#define assert_snapshot(l, inodes, wanted)                             \
	do {                                                           \
		cleanup_free char *now_ = lab_snapshot((l), (inodes)); \
		lab_compare(now_, (wanted), __FILE__, __LINE__);       \
	} while (0)
void lab_compare(const char *got, const char *wanted, const char *file, int line);
bool lab_has_putback(const struct lab *l);

/* fork, run, wait: exit code, or -signal */
int lab_in_child(int (*fn)(void *ctx), void *ctx);

_unused_ static void assert_error(const struct error *err, enum error_kind kind,
				  const char *part)
{
	if (err->kind != kind || !err->msg || !strstr(err->msg, part))
		fail_msg("error %d '%s', wanted %d with '%s'", err->kind,
			 err->msg ? err->msg : "", kind, part);
}
/* For calls that must succeed; they write their error to err_. */
#define assert_ok(call)                                           \
	do {                                                      \
		struct error err_ = ERROR_INIT;                   \
		if ((call) < 0)                                   \
			fail_msg("%s:%d: %s", __FILE__, __LINE__, \
				 err_.msg ? err_.msg : "?");      \
	} while (0)

#endif
