/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_READER_H
#define PUTBACK_RPM_READER_H
/*
 * Who has librpm read headers: a child process (rpm/child.h), so that a package or an rpmdb that crashes librpm,
 * sends it into a loop or takes it over does no more than fail to be read. Package files and single
 * records go to one child that stays, started when it is first needed, anew when it has died of
 * one; all records of a database to one of their own.
 *
 * What is such a child itself (confine_is_child()) reads for itself. hdr_import() and hdr_read_file() are for
 * these alone.
 */
#include <stdint.h>

#include "base/error.h"
#include "rpm/db_find.h"
#include "rpm/head.h"

/* A package file; the offset of fd is undefined afterwards. parts: of enum head_part. what: for messages. */
_must_check_ int reader_file(int fd, unsigned parts, const char *what, struct head *ret,
			     struct error *err);

/* Where the records are: a private copy of an rpmdb. */
struct reader_db {
	const char *folder;
	enum db_backend backend;
};
/* One record; copy: a descriptor that hdr_write_package() writes it to, or -1. */
_must_check_ int reader_row(const struct reader_db *db, uint32_t instance, unsigned parts,
			    int copy, const char *what, struct head *ret,
			    struct error *err);
/*
 * All records. fn: h NULL: the record cannot be read, and why says so. Its parts other than pkg (which
 * fn may take, and leave NULL) are good during the call only. Anything but 0 ends the walk with it.
 */
typedef int (*reader_fn)(void *ctx, uint32_t instance, struct head *h, const char *why,
			 struct error *err);
_must_check_ int reader_rows(const struct reader_db *db, unsigned parts, reader_fn fn,
			     void *ctx, struct error *err);

/* Ends the child that stays; the next question starts another. */
void reader_end(void);

#endif
