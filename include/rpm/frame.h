/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_FRAME_H
#define PUTBACK_RPM_FRAME_H
/*
 * The outer shape of a package file: lead, signature header, header, payload. Tells what is a
 * package by its magic bytes before librpm sees it (librpm takes a text file for a list of
 * packages, whose names may be URLs), and how long the file ought to be.
 * Source: rpm's docs/manual/format.md; all numbers are big-endian.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum frame_state {
	FRAME_OK,
	FRAME_NOT_A_PACKAGE, /* no lead */
	FRAME_DAMAGED,	     /* a lead, but no headers where they ought to be */
	FRAME_TRUNCATED,     /* ends before its headers or its payload do */
	FRAME_TOO_LONG	     /* goes on behind its payload; no digest of it can be right */
};

struct frame {
	enum frame_state state;
	uint64_t header_at;  /* offset of the header's magic */
	uint64_t payload_at; /* offset of the payload; 0: the headers are not whole */
	uint64_t file_size;
	uint64_t want_size; /* by its headers; 0: they do not say */
	bool openpgp;	    /* signatures in the place where rpm 6 puts them */
	bool late;	    /* anything in the signature header that came after rpm 4.16 */
	uint64_t signature_size; /* of the signature header, without its magic and padding */
};

/* Reads fd with pread; its offset stays. -1 is an I/O error; else *ret says what it is. */
_must_check_ int frame_read(int fd, const char *what, struct frame *ret,
			    struct error *err);

/* The signature header as librpm imports one, into ret. -1 with errno. */
_must_check_ int frame_read_signature(int fd, const struct frame *f, struct buf *ret);

#endif
