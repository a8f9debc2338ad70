/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/selected.h"

int selected_undo(struct selection *sel, const char *value, struct error *err)
{
	sel->undo = true;
	sel->undo_last = !strcmp(value, "last");
	if (sel->undo_last)
		return 0;
	if (!history_name_is_valid(value))
		return err_set(
			err, ERR_USAGE,
			"--undo '%s': must be `last` or an entry, such as 7 or rpm:1700000000 "
			"(see `putback history`)",
			value);
	free(sel->undo_name);
	sel->undo_name = xstrdup(value);
	return 0;
}

int selected_finish(struct selection *sel, const struct strlist *args, struct error *err)
{
	for (uint32_t i = 0; i < args->n; i++) {
		if (!*args->v[i])
			return err_set(err, ERR_USAGE,
				       "a package's name must not be empty");
		strlist_add(&sel->packages, args->v[i]);
	}
	if (sel->undo && args->n)
		return err_set(err, ERR_USAGE,
			       "give either --undo or packages, not both ('%s')",
			       args->v[0]);
	if (!sel->undo && !args->n)
		return err_set(
			err, ERR_USAGE,
			"nothing is selected: give --undo last, --undo N, or names of packages");
	return 0;
}

void selected_args(const struct selection *sel, const char *entry, struct strlist *ret)
{
	if (sel->undo)
		strlist_take(ret, xasprintf("--undo=%s", entry		  ? entry
							 : sel->undo_name ? sel->undo_name
									  : "last"));
	strlist_add(ret, "--");
	for (uint32_t i = 0; i < sel->packages.n; i++)
		strlist_add(ret, sel->packages.v[i]);
}
