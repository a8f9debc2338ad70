/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_USERS_H
#define PUTBACK_CORE_USERS_H
#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"

/* Names to numbers from the root's own passwd and group; parsing is tolerant of bad lines. */
struct user_entry {
	const char *name;
	uint32_t id, line;
};
struct user_table {
	struct user_entry *v;
	uint32_t n, cap;
};
struct users {
	struct arena mem;
	struct user_table users, groups;
};
void users_parse_passwd(struct users *u,
			const char *text); /* may be called for several files */
void users_parse_group(struct users *u, const char *text);
void users_finish(
	struct users
		*u); /* sorts; before the first look-up. First entry of a name wins */
bool users_uid(const struct users *u, const char *name, uint32_t *ret);
bool users_gid(const struct users *u, const char *name, uint32_t *ret);
const char *users_name(const struct users *u, uint32_t uid); /* NULL: none */
void users_release(struct users *u);

#endif
