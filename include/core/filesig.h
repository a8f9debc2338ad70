/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_FILESIG_H
#define PUTBACK_CORE_FILESIG_H
/*
 * Signatures of files, by which the machine's kernel judges them when they are opened: security.ima, which rpm
 * sets where its plugin for that is installed (plugins/ima.c), and fs-verity, which it has the kernel enable
 * (plugins/fsverity.c). The former are put back; the latter cannot be: the kernel that enables it has to
 * have the machine's own keys.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XATTR_FILESIG "security.ima"

/* Value of security.ima, by RPMTAG_FILESIGNATURES. */
struct filesig {
	const uint8_t *bytes; /* NULL: none */
	uint32_t len;
};

/* What two values are known by; never 0, which is for none. */
uint64_t filesig_mark(const void *bytes, size_t len);

struct fact;
/* What is left to say of a file that cannot be opened for want of the certificate by which its fs-verity was signed
 * (fs/verity/signature.c: fsverity_verify_signature()); "" otherwise. */
const char *filesig_missing_key(const struct fact *f);

struct planning;
struct pkg;
struct pkgfile;
struct slot;
/* What rpm would give the file; NULL: nothing. */
const struct filesig *filesig_wanted(const struct planning *g, const struct slot *s,
				     const struct pkg *p, const struct pkgfile *f);
/* Whether what is there lacks just that, or has another. */
bool filesig_differs(const struct planning *g, const struct slot *s, const struct pkg *p,
		     const struct pkgfile *f);
/* Names the files of the finished plan that had either of the two and will not have it. */
void filesig_tell(struct planning *g);

#endif
