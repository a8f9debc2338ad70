/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_TOMLSTATE_H
#define PUTBACK_HISTORY_TOMLSTATE_H
/*
 * A file of dnf 5's system state, as libdnf5/system/state.cpp writes it: a version, a table, and in it one entry
 * per package, group or environment, sorted. All are lines, or all are tables of their own:
 *
 *	version = "1.0"
 *	[packages]
 *	"bash.x86_64" = {reason = "User"}
 *
 *	version = "1.0"
 *	[groups]
 *	[groups.core]
 *	packages = ["bash"]
 *	userinstalled = true
 *
 * Anything else is not known here, and not written to. Entries that are not touched stay what they are, and so do
 * the empty lines with which later versions set them apart.
 */
#include <stdbool.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"

struct tomlstate_entry {
	char *key, *text; /* text: its lines, the last without its end */
};
struct tomlstate {
	char *table;
	struct strlist head; /* lines up to the table's, with that */
	ARRAY(struct tomlstate_entry) entries;
	bool tables, spaced;
};
struct tomlstate_field {
	const char *name;
	char *value; /* as it stands there: "true", "\"User\"" */
};
/* table: its name. The text must be version 1.0 with that table and no other. */
_must_check_ int tomlstate_read(struct tomlstate *s, const char *text, const char *table,
				struct error *err);
/* In the form that the others have; tables: that of the first. Frees the values. */
void tomlstate_put(struct tomlstate *s, const char *key, bool tables,
		   struct tomlstate_field *fields, size_t n);
/* A line with one text, which needs no escape. */
void tomlstate_set(struct tomlstate *s, const char *key, const char *field,
		   const char *value);
void tomlstate_remove(struct tomlstate *s, const char *key);
/* The key of an entry, NULL behind the last. Borrowed. */
const char *tomlstate_key(const struct tomlstate *s, uint32_t i);
void tomlstate_write(const struct tomlstate *s, struct buf *ret);
void tomlstate_release(struct tomlstate *s);
/* Whether a text can stand in quotes as it is. */
bool tomlstate_is_plain(const char *s);

#endif
