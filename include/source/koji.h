/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_KOJI_H
#define PUTBACK_SOURCE_KOJI_H
/*
 * koji:URL and koji:TEMPLATE: archives that list nothing, but have every build ever made at a place that
 * its name tells. A package is looked for when its exact version is wanted.
 *
 *	koji:https://kojipkgs.example.org	the layout of a build system: URL/packages/SOURCE/VERSION/
 *						RELEASE/ARCH/NEVRA.rpm; signed copies beneath data/signed/KEY
 *						before those, of keys that are trusted
 *	koji:https://h/{source}/{nevra}.rpm	{name} {version} {release} {arch} {nevra} (without an epoch),
 *						{source}, {initial} of the name
 */
#include "source/source.h"

/* What is known of a wanted package. */
struct koji_wanted {
	struct nevra id;
	const char *
		source; /* name of the package it was built from; "" or NULL: not known */
	const char *keyid; /* whose signature the installed one bears; "" or NULL */
};

/* The URLs to be tried, the best first. keys: ids of those that may have signed it, likewise. */
void koji_urls(const char *spec, const struct koji_wanted *w, const struct strlist *keys,
	       struct strlist *ret);
/* "bash-5.2-1.fc38.src.rpm" -> "bash"; the caller frees */
char *koji_source_name(const char *sourcerpm);

#endif
