/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/buf.h"
#include "source/fetch.h"

/* The first that is not done and was asked for, or was not. */
static const struct fetch *first_missing(const struct fetch *v, uint32_t n, bool unasked)
{
	for (uint32_t i = 0; i < n; i++)
		if (!v[i].done && v[i].unasked == unasked)
			return &v[i];
	return NULL;
}

/* Of many URLs the first and the last, in which the best places are. */
static void add_trail(const struct strlist *trail, struct buf *ret)
{
	enum { SHOWN = 4 };

	for (uint32_t i = 0; i < trail->n; i++) {
		buf_printf(ret, "%s%s", i ? "; " : ": ", trail->v[i]);
		if (i + 1 == SHOWN && trail->n > 2U * SHOWN) {
			i = trail->n - SHOWN - 1;
			buf_printf(ret, "; %u more URLs", trail->n - 2U * SHOWN);
		}
	}
}

int fetch_why(const struct fetch *v, uint32_t n, struct error *err)
{
	const struct fetch *asked = first_missing(v, n, false),
			   *other = first_missing(v, n, true),
			   *first = asked ? asked : other;
	cleanup_buf struct buf text = {0};
	uint32_t missing = 0, unasked = 0;

	if (!first)
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		missing += &v[i] != first && !v[i].done && !v[i].unasked;
		unasked += &v[i] != first && !v[i].done && v[i].unasked;
	}
	buf_printf(&text, "cannot download %s", first->what);
	add_trail(&first->trail, &text);
	if (!first->trail.n)
		buf_str(&text, ": there is no mirror to ask");
	if (missing)
		buf_printf(&text, " (and %u more)", missing);
	if (unasked && asked)
		buf_printf(&text, "; %s", other->trail.v[0]);
	if (unasked)
		buf_printf(&text, "; %u more not asked for", unasked);
	return err_set(err, ERR_UNAVAILABLE, "%s", text.s);
}
