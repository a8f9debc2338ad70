/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * Memory for SQLite. Opening a database takes hundreds of small pieces, and those of a sanitizer's malloc() are what
 * an execution would be spent on. These come from a list per size, and are still poisoned in front, behind
 * their end and once they are given back, so that a read beyond a column's value is seen as before. What an
 * input leaves behind is seen at once: fuzz_check_sqlmem().
 */
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#include "fuzz.h"

#if defined(__SANITIZE_ADDRESS__)
#define POISONED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONED 1
#endif
#endif
#ifdef POISONED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)	  ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

enum {
	HEAD = 16, /* before each piece; poisoned while SQLite has it */
	CLASSES = 18,
	FIRST = 32, /* room of class 0, head and a gap behind included; then twice that each */
	CHUNK = 4 << 20,
};

/* What stands in a head. */
struct piece {
	union {
		struct piece *next; /* while it is free */
		size_t n;	    /* as asked for */
	};
	uint32_t class; /* CLASSES: by malloc() */
};

static struct piece *unused[CLASSES];
static void *chunks;
static char *chunk; /* of the last one what was not yet given out */
static size_t rest;
static long in_use;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static uint32_t class_of(size_t room)
{
	uint32_t class = 0;

	while (class < CLASSES && (size_t)FIRST << class < room)
		class ++;
	return class;
}

static struct piece *cut(uint32_t class)
{
	size_t room = (size_t)FIRST << class;
	struct piece *p;

	if (rest < room) {
		/* what is left of the last one stays unused; linked, so that all of them are in sight */
		void *more = xmalloc(CHUNK);

		*(void **)more = chunks;
		chunks = more;
		chunk = (char *)more + HEAD;
		rest = CHUNK - HEAD;
		ASAN_POISON_MEMORY_REGION(chunk, rest);
	}
	p = (struct piece *)chunk;
	chunk += room;
	rest -= room;
	return p;
}

static struct piece *head_of(void *p)
{
	struct piece *head = (struct piece *)((char *)p - HEAD);

	ASAN_UNPOISON_MEMORY_REGION(head, HEAD);
	return head;
}

static void *give(struct piece *p, size_t n, uint32_t class)
{
	char *at = (char *)p + HEAD;

	p->n = n;
	p->class = class;
	ASAN_POISON_MEMORY_REGION(p, HEAD);
	ASAN_UNPOISON_MEMORY_REGION(at, n);
	return at;
}

static void *piece_malloc(int n)
{
	/* a byte more, so that there is always a poisoned one behind */
	uint32_t class = class_of((size_t)n + HEAD + 1);
	struct piece *p;

	pthread_mutex_lock(&mutex);
	if (class == CLASSES) {
		p = xmalloc((size_t)n + HEAD);
	} else if (unused[class]) {
		p = unused[class];
		ASAN_UNPOISON_MEMORY_REGION(p, HEAD);
		unused[class] = p->next;
	} else {
		p = cut(class);
		ASAN_UNPOISON_MEMORY_REGION(p, HEAD);
	}
	in_use++;
	pthread_mutex_unlock(&mutex);
	return give(p, (size_t)n, class);
}

static void piece_free(void *at)
{
	struct piece *p = head_of(at);
	uint32_t class = p->class;

	pthread_mutex_lock(&mutex);
	if (class == CLASSES) {
		free(p);
	} else {
		p->next = unused[class];
		unused[class] = p;
		ASAN_POISON_MEMORY_REGION(p, (size_t)FIRST << class);
	}
	in_use--;
	pthread_mutex_unlock(&mutex);
}

static int piece_size(void *at)
{
	struct piece *p = head_of(at);
	int n = (int)p->n;

	ASAN_POISON_MEMORY_REGION(p, HEAD);
	return n;
}

static void *piece_realloc(void *at, int n)
{
	size_t was = (size_t)piece_size(at);
	void *to = piece_malloc(n);

	memcpy(to, at, MIN(was, (size_t)n));
	piece_free(at);
	return to;
}

static int round_up(int n)
{
	return (n + 7) & ~7;
}

static int begin(void *ctx _unused_)
{
	return SQLITE_OK;
}

static void end(void *ctx _unused_)
{
}

void fuzz_begin_sqlmem(void)
{
	static const sqlite3_mem_methods methods = {
		.xMalloc = piece_malloc,
		.xFree = piece_free,
		.xRealloc = piece_realloc,
		.xSize = piece_size,
		.xRoundup = round_up,
		.xInit = begin,
		.xShutdown = end,
	};

	static bool begun;

	if (begun)
		return;
	begun = true;
	/* no reader has threads that share a database */
	if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK ||
	    sqlite3_initialize() != SQLITE_OK)
		BUG("SQLite is at work already");
}

void fuzz_check_sqlmem(void)
{
	static long at_rest = -1;
	long now;

	pthread_mutex_lock(&mutex);
	now = in_use;
	pthread_mutex_unlock(&mutex);

	/* the first time may leave what SQLite keeps for good */
	if (at_rest < 0)
		at_rest = now;
	FUZZ_CHECK(now <= at_rest);
}
