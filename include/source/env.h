/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_ENV_H
#define PUTBACK_SOURCE_ENV_H
/* What sources that download have to know, the same for all of them. All of it is borrowed. */
#include "source/fetch.h"
#include "source/store.h"

struct keyring;
struct db;
struct source_env {
	const struct observer *observer;
	struct fetch_net net;
	struct store *metadata; /* metadata and headers */
	struct store *packages; /* whole packages; may be the same */
	/* what a run that was cut short left of them, only to be looked at; or NULL */
	struct store *left;
	const struct keyring *keyring; /* who vouches for metadata */
	bool keys_given; /* a signature of metadata is looked at though nobody demands it */
	const struct db *db;	/* the root's, for its releasever; NULL */
	const char *releasever; /* --releasever, or NULL */
	const char *basearch;	/* of the root, or NULL: this host's */
};

#endif
