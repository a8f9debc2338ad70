/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_JUDGE_H
#define PUTBACK_RPM_JUDGE_H
/* From what is known about a package file to a verdict and the sentence that explains it. Pure. */
#include "rpm/frame.h"
#include "rpm/pgp.h"
#include "rpm/trust.h"

struct judge_facts {
	const char *what; /* the package, for the sentence */
	struct frame frame;
	const char *damage; /* why librpm cannot read its headers; NULL: it can */
	bool accepted;	    /* by librpm, at level "all" */
	const struct strlist
		*lines;		   /* what librpm said about each signature and digest */
	const struct pgp_sig *sig; /* the signature that counts; NULL: there is none */
	bool hash_known;	   /* this host can compute the hash it is made with */
	const struct keyring_key *key; /* who made it; NULL: nobody knows */
	int64_t now;		       /* this host's clock */
};
void judge(const struct judge_facts *f, struct trust_report *ret);

/* Whether a signature by that key counts: the key was good when it was made. */
bool judge_key_was_good(const struct keyring_key *key, const struct pgp_sig *sig);

#endif
