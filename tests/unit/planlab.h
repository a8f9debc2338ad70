/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TESTS_PLANLAB_H
#define PUTBACK_TESTS_PLANLAB_H
/*
 * A small world for the planner: a disk that exists in memory only, packages, and what is asked for.
 *
 *	lab_parse     a scenario's text -> the world            (planlab_parse.c)
 *	lab_plan      the world -> layout, facts, plan          (planlab.c)
 *	lab_show      a plan -> text, one line for each thing   (planlab_show.c)
 *	lab_run       does what a plan says to the disk, and complains about what cannot be done
 *	lab_advance   afterwards: what came is installed, and is to be installed once more
 *
 * tests/fixtures/plan/README.md describes the text.
 */
#include "base/strmap.h"
#include "core/layout.h"
#include "core/plan.h"
#include "core/space.h"

struct lab_node {
	const char *path;
	uint32_t parent; /* index of the node it lies in; its own for the root */
	uint32_t children;
	bool is_there;
	bool shares;	     /* its inode has other names */
	struct fact fact;    /* digests are added when they are asked for */
	const char *content; /* of a regular file */
};

struct lab {
	struct arena mem;
	ARRAY(struct lab_node) disk; /* [0] is the root */
	struct strmap by_path;
	uint64_t last_ino;
	int64_t now; /* seconds: birth of what lab_run() makes, and lab_advance()'s transaction */
	struct changes changes;
	struct pkgset leaving, staying;
	struct users users;
	struct mounts mounts;
	struct plan_policy policy;
	uint64_t db_bytes;
	struct strmap content_of; /* digest in hex -> index in contents */
	struct strlist contents;
	bool show_counts, show_texts, show_space, only_once;
	uint32_t last_instance;
};

void lab_init(struct lab *l);
void lab_release(struct lab *l);

/* Parents that are missing become directories. The node is good until the next addition. */
struct lab_node *lab_add(struct lab *l, const char *path, enum ftype type);
struct lab_node *lab_find(struct lab *l, const char *path); /* NULL: nothing there */
void lab_unlink(struct lab *l, struct lab_node *n);
/* A package's file; link: name of its hard-link set within the package, or NULL. */
struct pkgfile *lab_add_file(struct lab *l, struct pkg *p, const char *path,
			     uint32_t mode, const char *content);
void lab_link_files(struct pkg *p, uint32_t first, uint32_t file);
struct pkg *lab_pkg(struct lab *l, const char *nevra, uint8_t algo);
/* Digest of a content, whose name it remembers. */
void lab_digest(struct lab *l, const char *content, uint8_t algo, struct digest *ret);

/* -1 with a message of its own where the text is no scenario. *ret_want: what it expects. */
_must_check_ int lab_parse(struct lab *l, const char *text, const char **ret_want,
			   struct error *err);

/* What plan_build() works on stays with it. */
struct lab_plan {
	struct layout layout;
	struct plan plan;
};
_must_check_ int lab_plan(struct lab *l, struct lab_plan *ret, struct error *err);
void lab_plan_release(struct lab_plan *p);

void lab_show(struct lab *l, const struct plan *p, struct buf *ret);
/* complaint stays empty where every op could be done. */
void lab_run(struct lab *l, const struct plan *p, struct buf *complaint);
/* The packages that came are installed now, with the states that the plan gave them. Next: nothing
 * (again false), or all of them once more. */
void lab_advance(struct lab *l, const struct plan *p, bool again);

#endif
