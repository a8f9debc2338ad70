/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_KOJI_H
#define PUTBACK_SOURCE_KOJI_H
/*
 * koji:URL and koji:TEMPLATE: archives that have no list of packages, but every build ever made at a place that its name
 * tells. A package is looked for there by its exact version, or by what the server says is in its folders
 * (source/koji_listed.h).
 *
 *	koji:https://kojipkgs.example.org	the layout of a build system: URL/packages/SOURCE/VERSION/
 *						RELEASE/ARCH/NEVRA.rpm; signed copies beneath data/signed/KEY
 *						before those, of keys that are trusted
 *	koji:https://h/{source}/{nevra}.rpm	{name} {version} {release} {arch} {nevra} (without an epoch),
 *						{source}, {initial} of the name
 */
#include "source/source.h"

/* Which of its versions is wanted. */
enum koji_how {
	KOJI_THAT,   /* the one that id names */
	KOJI_OLDER,  /* the newest that is older than id */
	KOJI_VERSION /* the newest of the version of id, whatever its release */
};

/* What is known of a wanted package. */
struct koji_wanted {
	struct nevra id;
	const char *
		source; /* name of the package it was built from; "" or NULL: not known */
	const char *keyid; /* whose signature the installed one bears; "" or NULL */
	enum koji_how how;
	const char *
		like; /* the release of the installed one; "" or NULL. Not of KOJI_THAT */
	const struct nevra *there; /* KOJI_OLDER: these are there already */
	uint32_t n_there;
};

/* The URLs to be tried, the best first. keys: ids of those that may have signed it, likewise. */
void koji_urls(const char *spec, const struct koji_wanted *w, const struct strlist *keys,
	       struct strlist *ret);
/* "http://host" of a spec; the caller frees. */
char *koji_host(const char *spec);
/* Behind that, not made fit for a URL yet, the place of what is not signed; a second one where w may be a source's own
 * name. */
void koji_paths(const char *spec, const struct koji_wanted *w, struct strlist *ret);
/* "bash-5.2-1.fc38.src.rpm" -> "bash"; the caller frees */
char *koji_source_name(const char *sourcerpm);

#endif
