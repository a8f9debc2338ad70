/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_KEYRING_H
#define PUTBACK_RPM_KEYRING_H
/*
 * Keys in memory: those that are trusted, in librpm's form, and what all of them say about
 * themselves (user id, when they expire), the root's included, so that a missing key can be named.
 */
#include <stdbool.h>
#include <stdint.h>

#include <rpm/rpmtypes.h>

#include "base/error.h"
#include "base/root.h"

struct keyring;
struct keyring *keyring_new(void);
void keyring_free(struct keyring *k);
/* A file with armored or binary keys, or a folder of such files (of which those that hold none are
 * passed over). Adds every key of it; a file or folder named by the user that holds none that
 * librpm can use is ERR_USAGE, and so is one that is not there. */
_must_check_ int keyring_add_path(struct keyring *k, const char *path, struct error *err);
/* The rescue host's: gpg-pubkey packages and key files of its rpmdb if there is one,
 * /etc/pki/rpm-gpg. What cannot be read of it is logged, not an error. */
_must_check_ int keyring_add_host(struct keyring *k, struct error *err);
/*
 * The root's: gpg-pubkey packages of its rpmdb (armored text is in their header), files in
 * etc/pki/rpm-gpg, and those that rpm 6 has beside its rpmdb. With trusted false they are only
 * remembered, so that a missing key can be named as "the root has it". db may be NULL.
 */
struct db;
_must_check_ int keyring_add_root(struct keyring *k, struct root *r, struct db *db,
				  bool trusted, struct error *err);
uint32_t keyring_count(const struct keyring *k); /* trusted ones */

struct keyring_key {
	char keyid[17];		  /* hex */
	char *uid;		  /* of its certificate */
	char *origin;		  /* where it was found */
	int64_t created, expires; /* seconds; INT64_MAX: never */
	bool revoked, trusted;
};
/* A trusted key of that id before one that is not; NULL: nobody has it. */
const struct keyring_key *keyring_find(const struct keyring *k, const char *keyid);
/* In the order in which they came, trusted or not; NULL: there are no more. */
const struct keyring_key *keyring_at(const struct keyring *k, uint32_t i);
/* For librpm; borrowed. */
rpmKeyring keyring_ring(const struct keyring *k);

#endif
