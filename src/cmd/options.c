/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <dirent.h>
#include <getopt.h>
#include <limits.h>
#include <sys/stat.h>

#include "cmd/options.h"
#include "cmd/selected.h"
#include "cmd/word.h"
#include "source/fetch.h"

/* What getopt_long() tells of an option that has no letter: its id, out of the way of letters. */
enum { VALUE_BASE = 1000 };

static int value_of(enum option_id id)
{
	int letter = option_row(id)->letter;

	return letter ? letter : VALUE_BASE + (int)id;
}

/* -1: there is none */
static int id_of(int value)
{
	for (int i = 0; i < OPTION_COUNT; i++) {
		if (value_of((enum option_id)i) == value)
			return i;
	}
	return -1;
}

static const char *const policies[] = {
	[CONFIG_RPM] = "rpm", [CONFIG_KEEP] = "keep", [CONFIG_REPLACE] = "replace"};

const char *config_policy_name(enum config_policy p)
{
	return policies[p];
}

static int set_config(struct options *o, const char *value, struct error *err)
{
	for (uint32_t i = 0; i < ELEMENTSOF(policies); i++) {
		if (!strcmp(value, policies[i])) {
			o->config = (enum config_policy)i;
			return 0;
		}
	}
	return err_set(err, ERR_USAGE, "--config '%s': must be rpm, keep or replace",
		       value);
}

/* The options that are more than a flag, a text or a list. */
static int set_odd(struct options *o, enum option_id id, const char *arg,
		   struct error *err)
{
	switch (id) {
	case OPTION_UNDO: return selected_undo(&o->selection, arg, err);
	case OPTION_BACK_TO: return selected_back_to(&o->selection, arg, err);
	case OPTION_INTERRUPTED: o->selection.interrupted = true; return 0;
	case OPTION_FORWARD: o->selection.forward = true; return 0;
	case OPTION_LIKE: selected_place(&o->selection.like, arg); return 0;
	case OPTION_MANIFEST: selected_place(&o->selection.manifest, arg); return 0;
	case OPTION_CONFIG: return set_config(o, arg, err);
	default: BUG("option --%s has no meaning", option_row(id)->name);
	}
}

/* Of two of these, which one is meant? */
static bool is_said_once(enum option_id id)
{
	return id == OPTION_UNDO || id == OPTION_BACK_TO || id == OPTION_LIKE ||
	       id == OPTION_MANIFEST;
}

static int set(struct options *o, enum option_id id, const char *arg, struct error *err)
{
	const struct option_row *row = option_row(id);
	void *field = (char *)o + row->offset;

	if (arg && !*arg)
		return err_set(err, ERR_USAGE, "--%s needs a %s, not an empty string",
			       row->name, row->argument);
	if (is_said_once(id) && (o->given >> id & 1))
		return err_set(err, ERR_USAGE, "--%s is given twice; which one is it?",
			       row->name);
	o->given |= UINT64_C(1) << id;
	switch (row->kind) {
	case KIND_FLAG: *(bool *)field = true; break;
	case KIND_TEXT: *(const char **)field = arg; break;
	case KIND_LIST:
	case KIND_PATHS: strlist_add(field, arg); break;
	case KIND_ODD: return set_odd(o, id, arg, err);
	}
	return 0;
}

static int unknown(const char *word, int letter, struct error *err)
{
	cleanup_free char *name = NULL;
	const char *near;

	if (letter)
		return err_set(err, ERR_USAGE,
			       "unknown option '-%c'; see `putback --help`", letter);
	name = xstrndup(word + 2, strcspn(word + 2, "="));
	near = option_nearest(name);
	if (near)
		return err_set(err, ERR_USAGE,
			       "unknown option '--%s'; did you mean --%s?", name, near);
	return err_set(err, ERR_USAGE, "unknown option '--%s'; see `putback --help`",
		       name);
}

/* What getopt found wrong: ':' an argument is missing, '?' the option is unknown or takes none. */
static int misused(int how, const char *word, struct error *err)
{
	int id = id_of(optopt);
	const struct option_row *row = id < 0 ? NULL : option_row((enum option_id)id);

	if (how == ':')
		return err_set(err, ERR_USAGE, "--%s needs an argument: %s",
			       row ? row->name : "?", row ? row->argument : "?");
	if (optopt && row)
		return err_set(err, ERR_USAGE, "--%s takes no argument", row->name);
	return unknown(word, optopt, err);
}

static void add_word(struct options *o, const char *word)
{
	if (!o->command)
		o->command = word;
	else
		strlist_add(&o->args, word);
}

/* Rescue systems have a folder for each of them, and mount one. */
static bool is_empty_folder(const char *path)
{
	DIR *d = opendir(path);
	uint32_t n = 0;

	while (d && n < 3 && readdir(d))
		n++; /* itself and the one above */
	if (d)
		closedir(d);
	return d && n < 3;
}

static void default_root(struct options *o)
{
	static const char *const places[] = {"/mnt/sysimage", "/mnt/sysroot"};
	const char *env = getenv("PUTBACK_ROOT");
	struct stat st;

	if (o->root)
		return;
	if (env && *env) {
		o->root = env;
		return;
	}
	for (size_t i = 0; i < ELEMENTSOF(places) && !o->root; i++) {
		if (stat(places[i], &st) == 0 && S_ISDIR(st.st_mode) &&
		    !is_empty_folder(places[i]))
			o->root = places[i];
	}
}

/* The table as getopt_long() takes it. */
static void fill(struct option *longs, char *letters)
{
	/* '-': words come in their place, whatever POSIXLY_CORRECT says */
	*letters++ = '-';
	*letters++ = ':';
	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = option_row((enum option_id)i);

		longs[i] = (struct option){
			row->name, row->argument ? required_argument : no_argument, NULL,
			value_of((enum option_id)i)};
		if (!row->letter)
			continue;
		*letters++ = (char)row->letter;
		if (row->argument)
			*letters++ = ':';
	}
	*letters = '\0';
}

int options_parse(struct options *o, int argc, char *const *argv, struct error *err)
{
	struct option longs[OPTION_COUNT + 1] = {0};
	char letters[2 * OPTION_COUNT + 3];
	cleanup_buf struct buf line = {0};
	int c, rc = 0;

	fill(longs, letters);
	for (int i = 0; i < argc; i++) {
		/* it is kept in the journal, for everybody who may read that */
		cleanup_free char *bare = fetch_bare_url(argv[i]);
		cleanup_free char *word = word_quote(bare);

		buf_printf(&line, "%s%s", i ? " " : "", i ? word : "putback");
	}
	free(o->command_line);
	o->command_line = buf_steal(&line);

	opterr = 0;
	optind = 0; /* glibc: begin anew */
	/* Past a mistake the rest is read all the same: it says how the mistake is to be told. */
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		struct error *first = rc < 0 ? NULL : err;

		if (c == 1)
			add_word(o, optarg);
		else if (c == ':' || c == '?')
			rc = misused(c, argv[optind - 1], first);
		else if (set(o, (enum option_id)id_of(c), optarg, first) < 0)
			rc = -1;
	}
	for (; optind < argc; optind++)
		add_word(o, argv[optind]);
	default_root(o);
	return rc;
}

void options_release(struct options *o)
{
	strlist_release(&o->why);
	strlist_release(&o->from);
	strlist_release(&o->keys);
	strlist_release(&o->args);
	selection_release(&o->selection);
	free(o->command_line);
	memset(o, 0, sizeof(*o));
}

/* What the update was made of is a place that packages come from, like any other. */
static void take_update_from(struct options *o)
{
	const struct strlist *l = &o->selection.update_from;

	for (uint32_t i = 0; i < l->n; i++)
		if (!strlist_has(&o->from, l->v[i]))
			strlist_add(&o->from, l->v[i]);
}

int options_selection(struct options *o, struct error *err)
{
	take_update_from(o);
	return selected_finish(&o->selection, &o->args, err);
}

int options_check(const struct options *o, uint64_t taken, struct error *err)
{
	uint64_t odd = o->given & ~(taken | GIVEN_GLOBAL);
	cleanup_free char *names = NULL;

	if (!odd)
		return 0;
	names = option_names(odd);
	return err_set(err, ERR_USAGE, "`%s` does not take %s; see `putback help %s`",
		       o->command, names, o->command);
}
