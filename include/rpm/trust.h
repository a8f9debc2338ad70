/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_TRUST_H
#define PUTBACK_RPM_TRUST_H
/*
 * Whose packages are believed. The keyring is in memory and holds the keys of the rescue host (its
 * rpm keyring and /etc/pki/rpm-gpg), those given with --key, and the root's own only when asked: an
 * intruder owns them.
 *
 * A verdict is reached by librpm at the level that demands a good signature and good digests of
 * header and payload (rpmVerifySignatures; vfylevel "all"), narrowed by what librpm without Sequoia
 * does not look at (expiry, revocation), and explained from the signature packet itself.
 */
#include "core/event.h"
#include "rpm/keyring.h"

#define VERDICTS(X)                                                                     \
	X(TRUST_OK, "ok")                                                               \
	X(TRUST_UNSIGNED, "unsigned")                                                   \
	X(TRUST_NO_KEY, "no-key")                                                       \
	X(TRUST_BAD, "bad")		/* signature or digest does not match */        \
	X(TRUST_EXPIRED, "key-expired") /* or revoked, or by this clock not yet good */ \
	X(TRUST_OLD_ALGORITHM, "algorithm-too-old") /* this host's crypto refuses it */ \
	X(TRUST_TRUNCATED, "truncated")                                                 \
	X(TRUST_NOT_A_PACKAGE, "not-a-package")

enum verdict {
#define X(id, name) id,
	VERDICTS(X)
#undef X
};
const char *verdict_name(enum verdict v);

struct trust_report {
	enum verdict verdict;
	char *keyid;  /* 16 hex digits of the signing key, or NULL */
	char *signer; /* user id of the trusted key, or NULL */
	char *text; /* one sentence: what is wrong and what can be done; NULL for TRUST_OK */
};
void trust_report_release(struct trust_report *t);
/* How much of a package there is to be judged. */
enum trust_depth {
	TRUST_PACKAGE, /* all of it */
	/* its headers: a good signature over the header is demanded, which holds the digest of each
	   file; the content is checked against those when it is read */
	TRUST_HEADER
};
/* Judges a package file (fd is read from 0 to its end). Only an I/O error is -1. */
_must_check_ int trust_check(struct keyring *k, int fd, enum trust_depth depth,
			     const char *what, struct trust_report *ret,
			     struct error *err);

/* Gives a descriptor of package i, which the callee closes, and how much of it is there. Called in a
 * child process. */
typedef int (*trust_open_fn)(void *ctx, uint32_t i, enum trust_depth *ret_depth,
			     struct error *err);
/*
 * Judges n packages in child processes, one per processor; ret has n reports, zeroed by the caller,
 * who releases them. A package that takes its child down (or five minutes) is TRUST_BAD and says
 * so. -1: a package could not be opened or read, or the observer asked to stop; reports are released then.
 */
_must_check_ int trust_check_many(struct keyring *k, trust_open_fn open_pkg, void *ctx,
				  const char *const *names, uint32_t n,
				  struct trust_report *ret, const struct observer *o,
				  struct error *err);

#endif
