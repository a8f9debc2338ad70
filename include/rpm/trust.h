/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_TRUST_H
#define PUTBACK_RPM_TRUST_H
/*
 * Whose packages are believed. The keyring is in memory and holds the keys of the rescue host (its
 * rpm keyring and /etc/pki/rpm-gpg), those given with --key, and the root's own only when asked: an
 * intruder owns them.
 *
 * A verdict is reached by librpm at the level that demands a good signature and good digests of
 * header and payload (rpmVerifySignatures; RPMVSF and vfylevel "all"), and explained from the
 * signature packet itself (key id, hash, times).
 */
#include "base/error.h"
#include "base/root.h"
#include "core/pkg.h"

#define VERDICTS(X)                                                                          \
	X(TRUST_OK, "ok")                                                                    \
	X(TRUST_UNSIGNED, "unsigned")                                                        \
	X(TRUST_NO_KEY, "no-key")                                                            \
	X(TRUST_BAD, "bad")		     /* signature or digest does not match */        \
	X(TRUST_EXPIRED, "key-expired")                                                      \
	X(TRUST_OLD_ALGORITHM, "algorithm-too-old") /* this host's crypto refuses it */      \
	X(TRUST_TRUNCATED, "truncated")                                                      \
	X(TRUST_NOT_A_PACKAGE, "not-a-package")

enum verdict {
#define X(id, name) id,
	VERDICTS(X)
#undef X
};
const char *verdict_name(enum verdict v);

struct keyring;
struct keyring *keyring_new(void);
void keyring_free(struct keyring *k);
/* A file with armored or binary keys, or a folder of such files. Number of keys added; a file
 * named by the user that holds none is an error. */
_must_check_ int keyring_add_path(struct keyring *k, const char *path, struct error *err);
/* The rescue host's: gpg-pubkey packages of its rpmdb if there is one, /etc/pki/rpm-gpg. */
_must_check_ int keyring_add_host(struct keyring *k, struct error *err);
/*
 * The root's: gpg-pubkey packages of its rpmdb (armored text is in their header), files in
 * etc/pki/rpm-gpg. With trusted false they are only remembered, so that a missing key can be
 * named as "the root has it".
 */
struct db;
_must_check_ int keyring_add_root(struct keyring *k, struct root *r, struct db *db, bool trusted,
				  struct error *err);
uint32_t keyring_count(const struct keyring *k); /* trusted ones */

struct trust_report {
	enum verdict verdict;
	char *keyid;  /* 16 hex digits of the signing key, or NULL */
	char *signer; /* user id of the trusted key, or NULL */
	char *text;   /* one sentence: what is wrong and what can be done; NULL for TRUST_OK */
};
void trust_report_release(struct trust_report *t);
/* Judges a whole package file (fd is read from 0 to its end). Only an I/O error is -1. */
_must_check_ int trust_check(struct keyring *k, int fd, const char *what,
			     struct trust_report *ret, struct error *err);

#endif
