/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_CONTENT_H
#define PUTBACK_TXN_CONTENT_H
/* Where the stager takes the content of files from: packages of the sources, or what a test makes up. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/change.h"
#include "source/sources.h"

/* Called in worker processes, each of which reads one package at a time. */
struct content {
	const void *ctx;
	int (*open)(const void *ctx, uint32_t change, void **ret_reader,
		    struct error *err);
	/* as payload_next() and payload_read() */
	int (*next)(void *reader, uint32_t *ret_file, bool *ret_has_data,
		    struct error *err);
	ssize_t (*read)(void *reader, void *buf, size_t n, struct error *err);
	/* descriptor of a file that holds exactly the member's content, to be shared instead of
	   copied where the file system can; borrowed; -1: there is none. NULL: never */
	int (*file)(void *reader, struct error *err);
	void (*close)(void *reader);
};

/* The packages of the plan's changes, out of their sources. */
struct content_packages {
	const struct changes *changes;
	const struct sources *sources;
};
void content_of_packages(const struct content_packages *p, struct content *ret);
/* Read-only descriptor of the package of a change. ctx: struct content_packages; as db_open_pkg_fn */
_must_check_ int content_open_package(void *ctx, uint32_t change, struct error *err);

#endif
