/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_OPTIONS_H
#define PUTBACK_CMD_OPTIONS_H
/*
 * The command line: options before and after the command, then the command's own arguments. Which
 * command takes which option is a matter of bits, so that the same table checks and explains.
 */
#include <stdio.h>

#include "base/error.h"
#include "core/fate.h"
#include "select/select.h"

enum {
	GIVEN_ROOT = 1 << 0,
	GIVEN_FROM = 1 << 1,
	GIVEN_KEY = 1 << 2,
	GIVEN_TRUST_ROOT_KEYS = 1 << 3,
	GIVEN_ALLOW_UNSIGNED = 1 << 4,
	GIVEN_JSON = 1 << 5,
	GIVEN_QUIET = 1 << 6,
	GIVEN_VERBOSE = 1 << 7,
	GIVEN_UNDO = 1 << 8,
	GIVEN_NODEPS = 1 << 9,
	GIVEN_REPLACEFILES = 1 << 10,
	GIVEN_CONFIG = 1 << 11,
	GIVEN_FILES = 1 << 12,
	GIVEN_EXIT_CODE = 1 << 13,
	GIVEN_OUTPUT = 1 << 14,
	GIVEN_YES = 1 << 15,
	GIVEN_FORCE = 1 << 16,
	GIVEN_BACK = 1 << 17,

	/* every command takes these, whether it has a use for them or not */
	GIVEN_GLOBAL = GIVEN_ROOT | GIVEN_FROM | GIVEN_KEY | GIVEN_TRUST_ROOT_KEYS |
		       GIVEN_ALLOW_UNSIGNED | GIVEN_JSON | GIVEN_QUIET | GIVEN_VERBOSE,
	/* what is wanted and how: a saved plan holds these */
	GIVEN_POLICY = GIVEN_UNDO | GIVEN_NODEPS | GIVEN_REPLACEFILES | GIVEN_CONFIG,
	GIVEN_SAVED = GIVEN_FROM | GIVEN_KEY | GIVEN_TRUST_ROOT_KEYS |
		      GIVEN_ALLOW_UNSIGNED | GIVEN_POLICY,
};

struct options {
	/* --root, $PUTBACK_ROOT, /mnt/sysimage, /mnt/sysroot; NULL: none */
	const char *root;
	struct strlist from, keys;
	unsigned given; /* GIVEN_* */
	bool trust_root_keys, allow_unsigned, json, quiet, verbose, yes;
	bool nodeps, replacefiles, files, exit_code, back, force;
	bool help, version;
	enum config_policy config;
	const char *output; /* -o FILE */
	struct selection selection;
	const char *command; /* NULL: none given */
	struct strlist args; /* what follows the command's name */
	char *command_line;  /* quoted for a shell, for the journal */
};

/* Strings are borrowed from argv, which must outlive the options. All errors are ERR_USAGE. */
_must_check_ int options_parse(struct options *o, int argc, char *const *argv,
			       struct error *err);
void options_release(struct options *o);
/* Takes the arguments as a selection: packages, or none where --undo was given. */
_must_check_ int options_selection(struct options *o, struct error *err);
/* ERR_USAGE names the options given that are not among those taken. */
_must_check_ int options_check(const struct options *o, unsigned taken,
			       struct error *err);
/* Options given among mask, "--from, --key"; the caller frees. */
char *options_names(unsigned mask);
/* One line per option among mask, for the help. */
void options_help(FILE *out, unsigned mask);

/*
 * The options of GIVEN_SAVED and the selection as arguments that options_parse() takes, in a fixed
 * order, paths made absolute; entry: what "last" came to (0: not known).
 */
void options_canonical(const struct options *o, int64_t entry, struct strlist *ret);
const char *config_policy_name(enum config_policy p);
/* "a positive number": 0, or -1 */
int options_number(const char *s, int64_t *ret);
/* A word as a shell takes it: quoted only where it must be. The caller frees. */
char *options_quote(const char *word);
/* The name among n that is nearest to a mistyped word, or NULL where none is near. */
const char *options_nearest(const char *word, const char *const *names, uint32_t n);

#endif
