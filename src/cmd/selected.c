/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/selected.h"

#include <time.h>

#include "cmd/when.h"

static bool is_entry(const char *word)
{
	return !strcmp(word, "last") || history_name_is_valid(word);
}

int selected_undo(struct selection *sel, const char *value, struct error *err)
{
	const char *dots = strstr(value, "..");
	cleanup_free char *first =
		xstrndup(value, dots ? (size_t)(dots - value) : strlen(value));

	if (!is_entry(first) || (dots && !is_entry(dots + 2)))
		return err_set(
			err, ERR_USAGE,
			"--undo '%s': must be `last`, an entry such as 7 or rpm:1700000000, or "
			"the first and the last of several, 7..9 (see `putback history`)",
			value);
	free(sel->undo);
	free(sel->undo_to);
	sel->undo = steal_ptr(first);
	sel->undo_to = dots ? xstrdup(dots + 2) : NULL;
	return 0;
}

int selected_back_to(struct selection *sel, const char *value, struct error *err)
{
	free(sel->back_to);
	sel->back_to = NULL;
	sel->back_to_date = false;
	if (history_name_is_valid(value)) {
		sel->back_to = xstrdup(value);
		return 0;
	}
	if (when_parse(value, time(NULL), &sel->back_to_time, err) < 0) {
		if (err)
			err_prefix(err, "--back-to, neither an entry nor a time");
		return -1;
	}
	sel->back_to_date = true;
	return 0;
}

void selected_place(char **place, const char *value)
{
	free(*place);
	*place = xstrdup(value);
}

/* The options that each say all that is wanted. */
static void add_kinds(const struct selection *sel, struct strlist *ret)
{
	if (sel->undo)
		strlist_add(ret, "--undo");
	if (sel->back_to || sel->back_to_date)
		strlist_add(ret, "--back-to");
	if (sel->interrupted)
		strlist_add(ret, "--interrupted");
	if (sel->like)
		strlist_add(ret, "--like");
	if (sel->manifest)
		strlist_add(ret, "--manifest");
}

static int check_kinds(const struct selection *sel, struct error *err)
{
	struct strlist kinds = {0};
	int rc = 0;

	add_kinds(sel, &kinds);
	if (kinds.n > 1)
		rc = err_set(err, ERR_USAGE, "give either %s or %s, not both", kinds.v[0],
			     kinds.v[1]);
	else if (kinds.n && sel->packages.n)
		rc = err_set(
			err, ERR_USAGE,
			"give either %s or packages, not both ('%s'); --with PACKAGE adds "
			"one",
			kinds.v[0], sel->packages.v[0]);
	else if (!kinds.n && !sel->packages.n && !sel->paths.n && !sel->only_paths.n &&
		 !sel->with.n)
		rc = err_set(
			err, ERR_USAGE,
			"nothing is selected: give --undo last, --undo N, --back-to N or "
			"a date, --interrupted, --like, --manifest, --path, --only-path, or names of packages");
	else if (sel->paths.n && sel->only_paths.n)
		rc = err_set(
			err, ERR_USAGE,
			"give either --path or --only-path: whole packages, or files of "
			"them");
	else if (sel->forward && !sel->interrupted)
		rc = err_set(err, ERR_USAGE,
			     "--forward goes with --interrupted: on to the end of the "
			     "update that was cut off");
	else if (sel->update_from.n && !sel->interrupted)
		rc = err_set(err, ERR_USAGE,
			     "--update-from goes with --interrupted: what the update that "
			     "was cut off was made of");
	else if (sel->without.n && !kinds.n)
		rc = err_set(err, ERR_USAGE,
			     "--without goes with a selection of more than that, such as "
			     "--undo or --interrupted");
	else if (sel->exact && !sel->like && !sel->manifest)
		rc = err_set(
			err, ERR_USAGE,
			"--exact goes with --like or --manifest: what they do not list "
			"goes");
	strlist_release(&kinds);
	return rc;
}

int selected_finish(struct selection *sel, const struct strlist *args, struct error *err)
{
	for (uint32_t i = 0; i < args->n; i++) {
		if (!*args->v[i])
			return err_set(err, ERR_USAGE,
				       "a package's name must not be empty");
		strlist_add(&sel->packages, args->v[i]);
	}
	return check_kinds(sel, err);
}

static void add_place(const char *option, const char *place, struct strlist *ret)
{
	cleanup_free char *real = NULL;

	if (!place)
		return;
	if (strcmp(place, "-") != 0)
		real = realpath(place, NULL);
	strlist_take(ret, xasprintf("--%s=%s", option, real ? real : place));
}

void selected_args(const struct selection *sel, const char *undone, struct strlist *ret)
{
	if (sel->undo && undone)
		strlist_take(ret, xasprintf("--undo=%s", undone));
	else if (sel->undo)
		strlist_take(ret, xasprintf("--undo=%s%s%s", sel->undo,
					    sel->undo_to ? ".." : "",
					    sel->undo_to ? sel->undo_to : ""));
	if (sel->back_to)
		strlist_take(ret, xasprintf("--back-to=%s", sel->back_to));
	if (sel->back_to_date)
		strlist_take(ret,
			     xasprintf("--back-to=@%lld", (long long)sel->back_to_time));
	if (sel->interrupted)
		strlist_add(ret, "--interrupted");
	if (sel->forward)
		strlist_add(ret, "--forward");
	add_place("like", sel->like, ret);
	add_place("manifest", sel->manifest, ret);
	strlist_add(ret, "--");
	for (uint32_t i = 0; i < sel->packages.n; i++)
		strlist_add(ret, sel->packages.v[i]);
}
