/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_DERIVED_H
#define PUTBACK_CORE_DERIVED_H
/*
 * Finishing: what is made from packaged files and is no package's own, the loader's cache or the
 * dependencies of kernel modules. In a transaction of rpm's, scriptlets and triggers make it anew.
 * Which of it a plan makes stale is told by the paths that change; each kind is a row of the table in
 * derived.c. Some can be made from outside by a tool of the host, which sees the root as it will be
 * (txn/generate.h); what cannot is left, with the command that does it on the machine itself.
 *
 * What the machine makes by itself before long is listed, and no warning. Not among them is what it makes
 * when it needs it: font caches.
 */
#include "core/plan.h"

struct derived_kind {
	const char *name;	 /* "ld.so.cache" */
	const char *patterns[5]; /* paths that count, see derived_matches() */
	enum derived_counts {
		COUNTS_ALL,   /* whatever has another content, comes or goes */
		COUNTS_NAMES, /* what comes or goes */
		COUNTS_UNITS  /* units that come with a package that was not there, and
				 that its %post would preset */
	} counts;
	bool native; /* the tool knows the host's architecture only */
	const char *
		needs[3]; /* one of them is there afterwards, or there is nothing to do */
	const char *argv[10]; /* the tool; none: it cannot be done from outside */
	const char
		*outputs[4];  /* what it may write; all else that it writes is dropped */
	const char *reads[5]; /* what it reads besides patterns */
	const char *command;  /* on the machine, as root; %S: the subject */
	const char *itself;   /* "at each boot": the machine does it by itself; NULL */
};

struct derived_step {
	const struct derived_kind *kind;
	struct strlist subjects; /* what % stood for: a kernel, a theme, units; none */
	uint32_t paths;		 /* that change and count */
	bool here;		 /* the tool is at hand, and the root is there for it */
	const char *why;	 /* not here, though there is a tool for it; NULL */
};
struct derived_steps {
	struct derived_step *v;
	uint32_t n, cap;
};
void derived_release(struct derived_steps *s);

/* What the caller knows of root and host. */
struct derived_world {
	void *ctx;
	bool (*is_there)(void *ctx, const char *path); /* on the disk now; canonical */
	bool (*has_tool)(void *ctx, const char *tool);
	bool native; /* packages of the host's architecture */
};
void derived_collect(const struct plan *p, const struct derived_world *w,
		     struct derived_steps *ret);

/*
 * fnmatch(3) where * matches slashes; one % stands for one component, whose place in path *ret_subject
 * is set to (NULL: not wanted), with its length. "lib": any file whose name is a shared library's.
 */
bool derived_matches(const char *pattern, const char *path, const char **ret_subject,
		     size_t *ret_len);
/* Whether the tool of the step reads, or writes, the canonical path. */
bool derived_reads(const struct derived_step *s, const char *path);
bool derived_writes(const struct derived_step *s, const char *path);
/* The text with each %S replaced by the subjects; the caller frees. */
char *derived_text(const struct derived_step *s, const char *text);
/* "ld.so.cache", "modules of 6.1.0"; the caller frees. */
char *derived_name(const struct derived_step *s);

#endif
