/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_KIT_H
#define PUTBACK_SOURCE_KIT_H
/*
 * A kit: a folder with packages for a machine without network, and a manifest that says what is in it.
 *
 *	DIR/manifest		text, a line each, fields with one blank between them:
 *				putback kit 1
 *				package SHA256 SIZE NEVRA FILE
 *				key SHA256 SIZE FILE
 *				missing WHAT [(REASON)]
 *	DIR/packages/FILE	packages		DIR/keys/FILE	keys
 *
 * FILE is a name without a slash. What does not match the manifest is of no use; what it does not list is
 * not looked at. That a package is whole does not make it trusted, nor is a key for lying there.
 */
#include "core/pkg.h"
#include "source/source.h"

struct kit_entry {
	char *kind; /* "package", "key" */
	char *file, *nevra;
	struct digest digest;
	uint64_t size;
};
struct kit_manifest {
	ARRAY(struct kit_entry) entries;
	struct strlist missing;
};
/* The errors say what is wrong with "it". */
_must_check_ int kit_parse(const char *text, size_t n, struct kit_manifest *ret,
			   struct error *err);
void kit_manifest_release(struct kit_manifest *m);

/* A kit that is being made, or added to. */
struct kit {
	char *path;
	int dir, packages, keys, downloads; /* downloads: room for what is on its way */
	struct kit_manifest manifest;
};
_must_check_ int kit_open(const char *path, struct kit **ret, struct error *err);
/* Copies what fd holds; it stands for that NEVRA then. */
_must_check_ int kit_add_package(struct kit *k, int fd, const char *nevra,
				 struct error *err);
/* A file with keys, or each file of a folder. */
_must_check_ int kit_add_keys(struct kit *k, const char *path, struct error *err);
/* what: a NEVRA, or words that say what was wanted; why: NULL, no source has it */
void kit_add_missing(struct kit *k, const char *what, const char *why);
/* Writes the manifest and syncs all of it: the medium may be pulled then. */
_must_check_ int kit_finish(struct kit *k, struct error *err);
void kit_free(struct kit *k);

#endif
