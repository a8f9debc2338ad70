/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_FETCH_H
#define PUTBACK_SOURCE_FETCH_H
/*
 * Downloads, several at once, each from the first of its mirrors that gives the right bytes.
 *
 *	struct fetch f = {.what = "bash-5.2-1.x86_64", .bases = &bases, .path = "b/bash.rpm",
 *			  .size = 123, .digest = sum, .fd = fd};
 *	fetch_many(&net, &f, 1, observer, err);
 *
 * What the file holds already counts as the beginning of a download that was cut short, and only the
 * rest is asked for; should the whole not match, it is fetched anew. A mirror whose answer is wrong
 * (missing, another length, another digest, a redirect to something that is neither http nor https)
 * is not asked again for that file. One that is slow, down or busy is, after a pause that doubles each time.
 * A mirror that failed for one file is the last choice for the others. A server that did not answer, as often as
 * the retries allow and with no answer between, is given up: what only it may have fails at once.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"
#include "base/digest.h"
#include "base/error.h"
#include "core/event.h"

#define FETCH_SIZE_UNKNOWN UINT64_MAX

/* The same for all downloads of a run. */
struct fetch_net {
	bool offline;
	unsigned timeout; /* seconds: to connect, and without a byte; 0: 30 */
	unsigned retries; /* of a mirror that is slow, down or busy */
	const char *
		cacert; /* file on the host with the certificates that vouch for servers, or NULL */
	struct hosts
		*hosts; /* borrowed: which servers answer; NULL: forgotten after a call */
};

/* The same for all downloads of a repository; files are the host's. NULL: none. */
struct fetch_auth {
	char *proxy, *proxy_login, *login; /* logins: "name:password" */
	char *cacert, *cert, *key;
	bool insecure; /* servers need not prove who they are */
};
void fetch_auth_release(struct fetch_auth *a);

struct fetch {
	const char *what; /* for messages */
	const struct strlist
		*bases;	  /* URLs, the best first; slashes at their ends do not matter */
	const char *path; /* beneath each of them; NULL: they are whole */
	const struct fetch_auth *auth; /* NULL: none */
	uint64_t size;		       /* of the whole file, or FETCH_SIZE_UNKNOWN */
	uint64_t
		first; /* only so many bytes of its beginning are wanted; 0: all. Not digested. */
	uint64_t limit;	      /* a longer file is refused; 0: no limit */
	struct digest digest; /* algo DIGEST_NONE: not known; then nothing is resumed */
	bool resume; /* it is without a digest, too: who asked finds out what does not fit */
	int fd;	     /* borrowed; opened for reading and writing */
	/* 0, or -1 with err: what only who asked can tell of a whole file; or NULL */
	int (*check)(int fd, const char *what, struct error *err);
	/* results */
	bool done;
	bool refused; /* where it should be there is none, or another file */
	bool unasked; /* nobody was asked: no server that may have it answers */
	char *url;    /* where it came from, NULL: it was there already */
	struct strlist
		trail; /* "URL: reason" of each failure, "SERVER does not answer" */
};
void fetch_release(struct fetch *f);

/*
 * Fetches them all. -1: some could not be had (those that could are done), and err names the first of
 * them with each URL and reason (ERR_UNAVAILABLE); or the disk is full, or the observer asked to stop.
 */
_must_check_ int fetch_many(const struct fetch_net *net, struct fetch *v, uint32_t n,
			    const struct observer *o, struct error *err);

/* Of those that are not done, why (ERR_UNAVAILABLE), and -1; 0: all are. */
int fetch_why(const struct fetch *v, uint32_t n, struct error *err);

/* Whether it is remote or begins with file:/// (in any case of letters). */
bool fetch_is_url(const char *s);
bool fetch_is_remote(const char *url); /* http or https, with a host */
/* The URL without the name and password that may stand in it; the caller frees. Of a text with a URL in it
 * the text. */
char *fetch_bare_url(const char *url);
char *fetch_shown_url(const char *url); /* the same, quoted for a message */
/* "http://h/a" + "b c" -> "http://h/a/b%20c"; the caller frees */
char *fetch_join(const char *base, const char *path);

#endif
