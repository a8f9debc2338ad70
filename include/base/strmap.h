/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_STRMAP_H
#define PUTBACK_BASE_STRMAP_H
/* String -> uint32_t. Keys are borrowed and must outlive the map. Order is not kept. */
#include <stdbool.h>
#include <stdint.h>

struct strmap {
	struct strmap_entry {
		const char *key;
		uint32_t value;
	} *slots;
	uint32_t n, mask;
};

/* Sets or replaces. */
void strmap_set(struct strmap *m, const char *key, uint32_t value);
bool strmap_get(const struct strmap *m, const char *key, uint32_t *ret_value);
void strmap_release(struct strmap *m);

#endif
