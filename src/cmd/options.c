/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <sys/stat.h>

#include "cmd/options.h"

enum {
	LONG_ROOT = 1000,
	LONG_FROM,
	LONG_KEY,
	LONG_TRUST_ROOT_KEYS,
	LONG_ALLOW_UNSIGNED,
	LONG_JSON,
	LONG_UNDO,
	LONG_NODEPS,
	LONG_REPLACEFILES,
	LONG_CONFIG,
	LONG_FILES,
	LONG_EXIT_CODE,
	LONG_FORCE,
	LONG_BACK,
	LONG_HELP,
	LONG_VERSION
};

static const struct option_row {
	const char *name;
	int value; /* below 1000: the letter that stands for it, too */
	unsigned bit;
	const char *argument, *text;
} table[] = {
	{"root", LONG_ROOT, GIVEN_ROOT, "DIR", "the mounted root of the machine"},
	{"from", LONG_FROM, GIVEN_FROM, "SOURCE",
	 "packages: a folder, a .rpm file, `cache` (the default)"},
	{"key", LONG_KEY, GIVEN_KEY, "FILE|DIR",
	 "trust this key, or the keys in this folder"},
	{"trust-root-keys", LONG_TRUST_ROOT_KEYS, GIVEN_TRUST_ROOT_KEYS, NULL,
	 "trust the keys that lie in the root, too"},
	{"allow-unsigned", LONG_ALLOW_UNSIGNED, GIVEN_ALLOW_UNSIGNED, NULL,
	 "let packages without a signature through; this is recorded"},
	{"undo", LONG_UNDO, GIVEN_UNDO, "last|N",
	 "undo this entry of the root's history"},
	{"nodeps", LONG_NODEPS, GIVEN_NODEPS, NULL, "do not insist on dependencies"},
	{"config", LONG_CONFIG, GIVEN_CONFIG, "rpm|keep|replace",
	 "edited configuration files: rpm's rule, or all alike"},
	{"replacefiles", LONG_REPLACEFILES, GIVEN_REPLACEFILES, NULL,
	 "files of packages that stay give way"},
	{"files", LONG_FILES, GIVEN_FILES, NULL,
	 "list each path with the reason for its step"},
	{"exit-code", LONG_EXIT_CODE, GIVEN_EXIT_CODE, NULL,
	 "exit 3 when there is something to do"},
	{"output", 'o', GIVEN_OUTPUT, "FILE", "save the plan, for `apply FILE`"},
	{"yes", 'y', GIVEN_YES, NULL, "do not ask"},
	{"force", LONG_FORCE, GIVEN_FORCE, NULL,
	 "keep aside what changed since, instead of refusing"},
	{"back", LONG_BACK, GIVEN_BACK, NULL, "go back instead of forward"},
	{"json", LONG_JSON, GIVEN_JSON, NULL, "one JSON document instead of text"},
	{"quiet", 'q', GIVEN_QUIET, NULL, "no progress, no plan before apply"},
	{"verbose", 'v', GIVEN_VERBOSE, NULL, "say more about what is being done"},
	{"help", LONG_HELP, 0, NULL, "explain the command"},
	{"version", LONG_VERSION, 0, NULL, "say which version this is"},
};

static const struct option_row *row_of(int value)
{
	for (size_t i = 0; i < ELEMENTSOF(table); i++) {
		if (table[i].value == value)
			return &table[i];
	}
	return NULL;
}

int options_number(const char *s, int64_t *ret)
{
	char *end;
	long long n;

	if (*s < '0' || *s > '9')
		return -1;
	errno = 0;
	n = strtoll(s, &end, 10);
	if (*end || errno || n < 1)
		return -1;
	*ret = n;
	return 0;
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

static int set_undo(struct options *o, const char *value, struct error *err)
{
	o->selection.undo = true;
	o->selection.undo_last = !strcmp(value, "last");
	if (o->selection.undo_last || options_number(value, &o->selection.undo_id) == 0)
		return 0;
	return err_set(
		err, ERR_USAGE,
		"--undo '%s': must be `last` or an entry's number (see `putback history`)",
		value);
}

static int set(struct options *o, int value, const char *arg, struct error *err)
{
	const struct option_row *row = row_of(value);

	if (arg && !*arg)
		return err_set(err, ERR_USAGE, "--%s needs a %s, not an empty string",
			       row->name, row->argument);
	o->given |= row->bit;
	switch (value) {
	case LONG_ROOT: o->root = arg; break;
	case LONG_FROM: strlist_add(&o->from, arg); break;
	case LONG_KEY: strlist_add(&o->keys, arg); break;
	case LONG_TRUST_ROOT_KEYS: o->trust_root_keys = true; break;
	case LONG_ALLOW_UNSIGNED: o->allow_unsigned = true; break;
	case LONG_JSON: o->json = true; break;
	case 'q': o->quiet = true; break;
	case 'v': o->verbose = true; break;
	case LONG_UNDO: return set_undo(o, arg, err);
	case LONG_NODEPS: o->nodeps = true; break;
	case LONG_REPLACEFILES: o->replacefiles = true; break;
	case LONG_CONFIG: return set_config(o, arg, err);
	case LONG_FILES: o->files = true; break;
	case LONG_EXIT_CODE: o->exit_code = true; break;
	case 'o': o->output = arg; break;
	case 'y': o->yes = true; break;
	case LONG_FORCE: o->force = true; break;
	case LONG_BACK: o->back = true; break;
	case LONG_HELP: o->help = true; break;
	case LONG_VERSION: o->version = true; break;
	default: BUG("option %d has no meaning", value);
	}
	return 0;
}

static int unknown(const char *word, int letter, struct error *err)
{
	const char *names[ELEMENTSOF(table)], *near;
	cleanup_free char *name = NULL;

	if (letter)
		return err_set(err, ERR_USAGE,
			       "unknown option '-%c'; see `putback --help`", letter);
	for (size_t i = 0; i < ELEMENTSOF(table); i++)
		names[i] = table[i].name;
	name = xstrndup(word + 2, strcspn(word + 2, "="));
	near = options_nearest(name, names, ELEMENTSOF(table));
	if (near)
		return err_set(err, ERR_USAGE,
			       "unknown option '--%s'; did you mean --%s?", name, near);
	return err_set(err, ERR_USAGE, "unknown option '--%s'; see `putback --help`",
		       name);
}

/* What getopt found wrong: ':' an argument is missing, '?' the option is unknown or takes none. */
static int misused(int how, const char *word, struct error *err)
{
	const struct option_row *row = row_of(optopt);

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
		if (stat(places[i], &st) == 0 && S_ISDIR(st.st_mode))
			o->root = places[i];
	}
}

int options_parse(struct options *o, int argc, char *const *argv, struct error *err)
{
	struct option longs[ELEMENTSOF(table) + 1] = {0};
	cleanup_buf struct buf line = {0};
	int c, rc = 0;

	for (size_t i = 0; i < ELEMENTSOF(table); i++)
		longs[i] = (struct option){table[i].name,
					   table[i].argument ? required_argument
							     : no_argument,
					   NULL, table[i].value};
	for (int i = 0; i < argc; i++) {
		cleanup_free char *word = options_quote(argv[i]);

		buf_printf(&line, "%s%s", i ? " " : "", i ? word : "putback");
	}
	free(o->command_line);
	o->command_line = buf_steal(&line);

	opterr = 0;
	optind = 0; /* glibc: begin anew */
	/* '-': words come in their place, whatever POSIXLY_CORRECT says. Past a mistake the rest is read
	 * all the same: it says how the mistake is to be told. */
	while ((c = getopt_long(argc, argv, "-:o:yqv", longs, NULL)) != -1) {
		struct error *first = rc < 0 ? NULL : err;

		if (c == 1)
			add_word(o, optarg);
		else if (c == ':' || c == '?')
			rc = misused(c, argv[optind - 1], first);
		else if (set(o, c, optarg, first) < 0)
			rc = -1;
	}
	for (; optind < argc; optind++)
		add_word(o, argv[optind]);
	default_root(o);
	return rc;
}

void options_release(struct options *o)
{
	strlist_release(&o->from);
	strlist_release(&o->keys);
	strlist_release(&o->args);
	selection_release(&o->selection);
	free(o->command_line);
	memset(o, 0, sizeof(*o));
}

int options_selection(struct options *o, struct error *err)
{
	for (uint32_t i = 0; i < o->args.n; i++) {
		if (!*o->args.v[i])
			return err_set(err, ERR_USAGE,
				       "a package's name must not be empty");
		strlist_add(&o->selection.packages, o->args.v[i]);
	}
	if (o->selection.undo && o->args.n)
		return err_set(err, ERR_USAGE,
			       "give either --undo or packages, not both ('%s')",
			       o->args.v[0]);
	if (!o->selection.undo && !o->args.n)
		return err_set(
			err, ERR_USAGE,
			"nothing is selected: give --undo last, --undo N, or names of packages");
	return 0;
}

char *options_names(unsigned mask)
{
	struct buf b = {0};

	buf_str(&b, "");
	for (size_t i = 0; i < ELEMENTSOF(table); i++) {
		if (table[i].bit & mask)
			buf_printf(&b, "%s--%s", b.n ? ", " : "", table[i].name);
	}
	return buf_steal(&b);
}

int options_check(const struct options *o, unsigned taken, struct error *err)
{
	cleanup_free char *names = NULL;

	if (!(o->given & ~(taken | GIVEN_GLOBAL)))
		return 0;
	names = options_names(o->given & ~(taken | GIVEN_GLOBAL));
	return err_set(err, ERR_USAGE, "`%s` does not take %s; see `putback help %s`",
		       o->command, names, o->command);
}

void options_help(FILE *out, unsigned mask)
{
	for (size_t i = 0; i < ELEMENTSOF(table); i++) {
		const struct option_row *row = &table[i];
		cleanup_buf struct buf left = {0};

		if (row->bit && !(row->bit & mask))
			continue;
		if (row->value < 1000)
			buf_printf(&left, "-%c, ", row->value);
		buf_printf(&left, "--%s%s%s", row->name, row->argument ? " " : "",
			   row->argument ? row->argument : "");
		fprintf(out, "  %-27s%s\n", left.s, row->text);
	}
}

void options_canonical(const struct options *o, int64_t entry, struct strlist *ret)
{
	for (uint32_t i = 0; i < o->from.n; i++) {
		cleanup_free char *real = strcmp(o->from.v[i], "cache")
						  ? realpath(o->from.v[i], NULL)
						  : NULL;

		strlist_take(ret, xasprintf("--from=%s", real ? real : o->from.v[i]));
	}
	for (uint32_t i = 0; i < o->keys.n; i++) {
		cleanup_free char *real = realpath(o->keys.v[i], NULL);

		strlist_take(ret, xasprintf("--key=%s", real ? real : o->keys.v[i]));
	}
	if (o->trust_root_keys)
		strlist_add(ret, "--trust-root-keys");
	if (o->allow_unsigned)
		strlist_add(ret, "--allow-unsigned");
	if (o->nodeps)
		strlist_add(ret, "--nodeps");
	if (o->config != CONFIG_RPM)
		strlist_take(ret,
			     xasprintf("--config=%s", config_policy_name(o->config)));
	if (o->replacefiles)
		strlist_add(ret, "--replacefiles");
	if (o->selection.undo)
		strlist_take(ret, xasprintf("--undo=%lld",
					    (long long)(entry ? entry
							      : o->selection.undo_id)));
	strlist_add(ret, "--");
	for (uint32_t i = 0; i < o->selection.packages.n; i++)
		strlist_add(ret, o->selection.packages.v[i]);
}

char *options_quote(const char *word)
{
	struct buf b = {0};

	if (*word &&
	    strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			 "-_./:=@%+,") == strlen(word))
		return xstrdup(word);
	buf_char(&b, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_str(&b, "'\\''");
		else
			buf_char(&b, *word);
	}
	buf_char(&b, '\'');
	return buf_steal(&b);
}

/* Steps from a to b: insert, drop, change a letter (Levenshtein's distance). */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(b), row[64];

	if (n >= ELEMENTSOF(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t change = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			row[j] = MIN(change, MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[n];
}

const char *options_nearest(const char *word, const char *const *names, uint32_t n)
{
	const char *best = NULL;
	size_t least = strlen(word) / 3 + 1; /* further off is no slip of a finger */

	for (uint32_t i = 0; i < n; i++) {
		size_t d = distance(word, names[i]);

		if (d <= least && (!best || d < distance(word, best)))
			best = names[i];
	}
	return best;
}
