/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/args.h"

#include "cmd/selected.h"

static const void *field(const struct options *o, const struct option_row *row)
{
	return (const char *)o + row->offset;
}

static void add_list(const struct option_row *row, const struct strlist *l,
		     struct strlist *ret)
{
	for (uint32_t i = 0; i < l->n; i++) {
		cleanup_free char *real = NULL;

		/* these mean the root's, whatever lies in this folder */
		if (row->kind == KIND_PATHS && strcmp(l->v[i], "cache") &&
		    strcmp(l->v[i], "repos"))
			real = realpath(l->v[i], NULL);
		strlist_take(ret, xasprintf("--%s=%s", row->name, real ? real : l->v[i]));
	}
}

static void add(const struct options *o, const struct option_row *row,
		struct strlist *ret)
{
	const void *value = field(o, row);

	switch (row->kind) {
	case KIND_FLAG:
		if (*(const bool *)value)
			strlist_take(ret, xasprintf("--%s", row->name));
		break;
	case KIND_TEXT:
		if (*(const char *const *)value)
			strlist_take(ret, xasprintf("--%s=%s", row->name,
						    *(const char *const *)value));
		break;
	case KIND_LIST:
	case KIND_PATHS: add_list(row, value, ret); break;
	case KIND_ODD: break;
	}
}

void args_of(const struct options *o, const char *undone, struct strlist *ret)
{
	for (uint32_t i = 0; i < OPTION_COUNT; i++) {
		if (GIVEN_SAVED >> i & 1)
			add(o, option_row(i), ret);
	}
	if (o->config != CONFIG_RPM)
		strlist_take(ret,
			     xasprintf("--config=%s", config_policy_name(o->config)));
	selected_args(&o->selection, undone, ret);
}

/* a and b change places: each is released with the options that it is in then */
#define SWAP(a, b)                           \
	do {                                 \
		__typeof__(a) swapped = (a); \
		(a) = (b);                   \
		(b) = swapped;               \
	} while (0)

static void move(struct options *o, struct options *made, const struct option_row *row)
{
	void *to = (char *)o + row->offset, *from = (char *)made + row->offset;

	switch (row->kind) {
	case KIND_FLAG: *(bool *)to = *(bool *)from; break;
	case KIND_TEXT: *(const char **)to = *(const char **)from; break;
	case KIND_LIST:
	case KIND_PATHS: SWAP(*(struct strlist *)to, *(struct strlist *)from); break;
	case KIND_ODD: break;
	}
}

/* Which moves as a whole. */
static bool is_of_selection(const struct option_row *row)
{
	size_t start = offsetof(struct options, selection);

	return row->offset >= start && row->offset < start + sizeof(struct selection);
}

void args_move(struct options *o, struct options *made)
{
	for (uint32_t i = 0; i < OPTION_COUNT; i++) {
		if ((GIVEN_SAVED >> i & 1) && !is_of_selection(option_row(i)))
			move(o, made, option_row(i));
	}
	o->config = made->config;
	SWAP(o->selection, made->selection);
}
