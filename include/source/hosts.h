/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_HOSTS_H
#define PUTBACK_SOURCE_HOSTS_H
/*
 * Which of the servers that a run asks do not answer, so that a dead one costs time once and not for each
 * file. A server is one by scheme, name, port, and the proxy that leads to it; a mirror, by its base: behind one name
 * there may be several of them.
 *
 *	h = hosts_get(hosts, url, proxy, base);
 *	hosts_failed(h, begun, now);  or  hosts_answered(h);
 *	if (hosts_is_dead(h, retries)) ...
 *
 * Failures are no connection and no answer; whoever says "not found" answers. They count in rounds: those
 * of transfers that went on at the same time are one. After each the server is let alone for a while, twice
 * as long each time. All times are milliseconds of transfer_now().
 */
#include <stdbool.h>
#include <stdint.h>

struct host {
	char *name;		   /* for messages: "https://h:444" */
	char *key;		   /* which it is */
	uint32_t failures, rounds; /* in a row */
	int64_t since;		   /* the first of them */
	int64_t again_at;	   /* it is not asked before */
	bool given_up;		   /* it is not asked any more; set by who asks */
};

struct hosts;
struct hosts *hosts_new(void);
void hosts_free(struct hosts *h);
/* The server of a URL, which lives as long as h; NULL: it is a file's. proxy: a URL, or NULL. base: of the mirror, or
 * NULL. */
struct host *hosts_get(struct hosts *h, const char *url, const char *proxy,
		       const char *base);

/* Both take NULL. */
void hosts_failed(struct host *h, int64_t begun, int64_t now);
void hosts_answered(struct host *h);
/* Whether it was asked as often as retries allow, by more than one or two transfers. */
bool hosts_is_dead(const struct host *h, uint32_t retries);

#endif
