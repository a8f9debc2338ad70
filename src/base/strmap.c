/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/strmap.h"

#include <string.h>

#include "base/macros.h"

/* FNV-1a, 64 bits folded to 32 */
static uint32_t hash(const char *s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return (uint32_t)(h ^ h >> 32);
}

static struct strmap_entry *entry_of(const struct strmap *m, const char *key)
{
	uint32_t i = hash(key) & m->mask;

	while (m->slots[i].key && strcmp(m->slots[i].key, key) != 0)
		i = (i + 1) & m->mask;
	return &m->slots[i];
}

static void grow(struct strmap *m)
{
	struct strmap old = *m;

	m->mask = old.slots ? old.mask * 2 + 1 : 63;
	m->slots = xcalloc((size_t)m->mask + 1, sizeof(*m->slots));
	for (uint32_t i = 0; old.slots && i <= old.mask; i++)
		if (old.slots[i].key)
			*entry_of(m, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

void strmap_set(struct strmap *m, const char *key, uint32_t value)
{
	struct strmap_entry *e;

	if (!m->slots || m->n >= m->mask / 4 * 3)
		grow(m);
	e = entry_of(m, key);
	if (!e->key) {
		e->key = key;
		m->n++;
	}
	e->value = value;
}

bool strmap_get(const struct strmap *m, const char *key, uint32_t *ret_value)
{
	const struct strmap_entry *e;

	if (!m->slots)
		return false;
	e = entry_of(m, key);
	if (!e->key)
		return false;
	if (ret_value)
		*ret_value = e->value;
	return true;
}

void strmap_release(struct strmap *m)
{
	free(m->slots);
	memset(m, 0, sizeof(*m));
}
