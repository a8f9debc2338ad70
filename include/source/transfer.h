/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_TRANSFER_H
#define PUTBACK_SOURCE_TRANSFER_H
/* One attempt to get one file from one URL, as a handle of libcurl, and what is to be made of its end. */
#include <curl/curl.h>

#include "source/fetch.h"

enum transfer_end {
	TRANSFER_DONE,	/* the bytes are there, and right */
	TRANSFER_AGAIN, /* this URL may do better later */
	TRANSFER_SLOW,	/* bytes come, and fewer than were asked for */
	TRANSFER_FRESH, /* what was there already does not fit: from the beginning, at once */
	TRANSFER_WRONG, /* this URL never has it */
	TRANSFER_FATAL, /* no URL can help: the disk is full */
};

struct transfer {
	CURL *easy;
	struct fetch *f;
	char *url;
	uint64_t known; /* of the size, before the answer told more */
	long timeout;	/* seconds */
	long min_rate;	/* bytes a second */
	int64_t begun,
		moved; /* when it began, and when the last byte came, in milliseconds; 0: none did */
	bool silent;	/* it ended for want of a connection or an answer */
	uint64_t begin; /* bytes that were there before */
	uint64_t at;	/* offset of the next byte */
	bool answered;	/* the first byte of content was looked at */
	bool drop;	/* content is that of an error page */
	char *wrong;	/* why the answer cannot be right; aborts the transfer */
	int sys;	/* errno of a write that failed */
	uint64_t range_from, range_total; /* of Content-Range; UINT64_MAX: none */
	char text[CURL_ERROR_SIZE];
};

/* begin: bytes of f->fd to keep; min_rate: what is slower than so many bytes a second, for as long as the
 * timeout, is TRANSFER_SLOW. NULL: libcurl is out of memory or of no use (err). */
struct transfer *transfer_new(const struct fetch_net *net, struct fetch *f,
			      char *take_url, uint64_t begin, long min_rate,
			      struct error *err);
/* What it came to; *ret_reason: why it is not done (the caller frees). */
enum transfer_end transfer_end(struct transfer *t, CURLcode code, char **ret_reason);
void transfer_free(struct transfer *t);

/* Whether bytes came up to now. */
bool transfer_moves(const struct transfer *t);
int64_t transfer_now(void); /* milliseconds, of a clock that nobody sets */

/* Whether the file behind f is whole and right. -1: err says what is wrong. */
_must_check_ int transfer_check(const struct fetch *f, struct error *err);

#endif
