/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_HEAD_H
#define PUTBACK_RPM_HEAD_H
/*
 * What a header says, as plain data: all that anybody outside of this folder asks of one. It travels as bytes
 * from the process that has librpm read the header (rpm/reader.h) to the one that plans, which
 * takes nothing for granted: who wrote the header may have taken over who read it. So what head_read()
 * hands out has been checked again, as hdr_read() checks a header.
 */
#include "base/buf.h"
#include "base/error.h"
#include "core/pkg.h"
#include "rpm/hdr_deps.h"

/* What is wanted of it, besides who it is; bits. */
enum head_part {
	HEAD_FILES = 1, /* pkg->files */
	HEAD_DEPS = 2,	/* deps and paths */
	HEAD_KEY = 4	/* key; of a record that holds none, there is no head */
};

struct head_dep {
	enum hdr_dep kind;
	const char *name, *evr; /* evr NULL: any */
	unsigned compare;	/* DEP_LESS etc. */
};
struct head_path {
	const char *dir, *base; /* as in the header: any text, dir begins with a slash */
};

struct head {
	struct pkg *pkg;
	bool sound; /* its digest is the one that it records itself: hdr_is_sound() */
	/* a signature over the header alone is there; any is */
	bool header_signed, is_signed;
	ARRAY(struct head_dep) deps;
	ARRAY(struct head_path) paths;
	const char *key; /* armored; NULL */
};

/* instance: of a record of an rpmdb; 0: of a package file. what: for messages. */
_must_check_ int head_write(Header h, uint32_t instance, unsigned parts, const char *what,
			    struct buf *ret, struct error *err);
/* pkg is whole by itself; deps, paths and key lie in bytes. ERR_FAILED: nothing that head_write() wrote,
 * or of another record. */
_must_check_ int head_read(const char *bytes, size_t n, uint32_t instance,
			   const char *what, struct head *ret, struct error *err);
void head_release(struct head *h);
#define cleanup_head __attribute__((cleanup(head_release)))

#endif
