/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_OPTION_H
#define PUTBACK_CMD_OPTION_H
/*
 * The table of options: what each is called, takes and means. A new one is a row here and a field
 * in struct options; only one that is more than a flag, a text or a list needs a case in set_odd()
 * of options.c, and one in args.c if a saved plan holds it.
 */
#include <stdint.h>
#include <stdio.h>

#include "base/macros.h"

/*
 * X(ID, "name", letter, KIND, field, "ARGUMENT", "text")
 *
 *	letter	that stands for it, too; 0: none
 *	KIND	FLAG	bool
 *		TEXT	const char *
 *		LIST	struct strlist, one more each time
 *		PATHS	the same, of files: made absolute in a saved plan
 *		ODD	see above
 *	field	of struct options; given, where it is ODD
 *
 * The help lists them in this order, by theme.
 */
/* clang-format off */
#define OPTIONS(X) \
	/* where */ \
	X(ROOT, "root", 0, TEXT, root, "DIR", "the mounted root of the machine") \
	/* what packages come from, who is trusted */ \
	X(FROM, "from", 0, PATHS, from, "SOURCE", "packages: a folder, .rpm, .iso, URL, `repos`, `cache` (the default)") \
	X(CACHE, "cache", 0, TEXT, cache, "DIR", "keep here what the next run can use: indices, downloads") \
	X(KEY, "key", 0, PATHS, keys, "FILE|DIR", "trust this key, or the keys in this folder") \
	X(OFFLINE, "offline", 0, FLAG, offline, NULL, "download nothing") \
	X(RELEASEVER, "releasever", 0, TEXT, releasever, "VERSION", "of the distribution, for `--from repos`") \
	X(CACERT, "cacert", 0, TEXT, cacert, "FILE", "certificates that vouch for https servers") \
	X(TIMEOUT, "timeout", 0, TEXT, timeout, "SECONDS", "a server that says nothing for so long is given up (30)") \
	X(RETRIES, "retries", 0, TEXT, retries, "N", "how often a server that is slow or down is asked again (2)") \
	X(TRUST_ROOT_KEYS, "trust-root-keys", 0, FLAG, trust_root_keys, NULL, "trust the keys that lie in the root, too") \
	X(ALLOW_UNSIGNED, "allow-unsigned", 0, FLAG, allow_unsigned, NULL, "let packages without a signature through; this is recorded") \
	/* what is wanted */ \
	X(UNDO, "undo", 0, ODD, given, "last|N|N..M", "undo this entry of the root's history, or N to M") \
	X(BACK_TO, "back-to", 0, ODD, given, "N|DATE", "undo all entries later than N, or than DATE") \
	X(INTERRUPTED, "interrupted", 0, ODD, given, NULL, "back to before an update that was cut off half-way") \
	X(FORWARD, "forward", 0, ODD, given, NULL, "with --interrupted: on to its end instead") \
	X(UPDATE_FROM, "update-from", 0, PATHS, selection.update_from, "SOURCE", "with --interrupted: rpm was given all packages of this source") \
	X(LIKE, "like", 0, ODD, given, "ROOT", "what is installed in this other mounted root") \
	X(MANIFEST, "manifest", 0, ODD, given, "FILE", "the packages of this list, as `rpm -qa` prints it; - is stdin") \
	X(EXACT, "exact", 0, FLAG, selection.exact, NULL, "with these two: packages that are not listed go") \
	X(PATH, "path", 0, LIST, selection.paths, "PATH", "only the packages that own it; / at its end: all in it") \
	X(ONLY_PATH, "only-path", 0, LIST, selection.only_paths, "PATH", "only this file or directory of its packages; the rpmdb stays") \
	X(WITH, "with", 0, LIST, selection.with, "PACKAGE", "this one besides") \
	X(WITHOUT, "without", 0, LIST, selection.without, "PACKAGE", "this one is taken away besides") \
	X(EXCLUDE, "exclude", 0, LIST, selection.exclude, "PATTERN", "these stay as they are") \
	/* how it is done */ \
	X(NO_CLOSURE, "no-closure", 0, FLAG, no_closure, NULL, "no further packages for the sake of dependencies") \
	X(NODEPS, "nodeps", 0, FLAG, nodeps, NULL, "do not insist on dependencies") \
	X(CONFIG, "config", 0, ODD, given, "rpm|keep|replace", "edited configuration files: rpm's rule, or all alike") \
	X(REPLACEFILES, "replacefiles", 0, FLAG, replacefiles, NULL, "files of packages that stay give way") \
	X(RUN_SCRIPTLETS, "run-scriptlets", 0, FLAG, run_scriptlets, NULL, "afterwards run the scriptlets, as code of the root, in it") \
	X(RPMDB_BY_ROOT, "rpmdb-by-root", 0, FLAG, rpmdb_by_root, NULL, "have the root's own rpm write an rpmdb that cannot be written here") \
	X(AUTORELABEL, "autorelabel", 0, FLAG, autorelabel, NULL, "have the machine label its files for SELinux when it boots") \
	X(FIX_BOOT, "fix-boot", 0, FLAG, fix_boot, NULL, "make a kernel that is there the boot loader's default") \
	/* of single commands */ \
	X(WHY, "why", 0, LIST, why, "PACKAGE", "say what else there is of a package of the plan, and why not that") \
	X(FILES, "files", 0, FLAG, files, NULL, "list each path with the reason for its step") \
	X(EXIT_CODE, "exit-code", 0, FLAG, exit_code, NULL, "exit 3 when there is something to do") \
	X(OUTPUT, "output", 'o', TEXT, output, "FILE", "save the plan, for `apply FILE`") \
	X(TO, "to", 0, TEXT, to, "DIR", "the folder to put the kit into") \
	X(YES, "yes", 'y', FLAG, yes, NULL, "do not ask") \
	X(FORCE, "force", 0, FLAG, force, NULL, "keep aside what changed since, instead of refusing") \
	X(BACK, "back", 0, FLAG, back, NULL, "go back instead of forward") \
	X(SALVAGE, "salvage", 0, FLAG, salvage, NULL, "list what .putback holds without a journal; --yes: put it back") \
	/* of the report */ \
	X(JSON, "json", 0, FLAG, json, NULL, "one JSON document instead of text") \
	X(QUIET, "quiet", 'q', FLAG, quiet, NULL, "no progress, no plan before apply") \
	X(VERBOSE, "verbose", 'v', FLAG, verbose, NULL, "say more about what is being done") \
	X(HELP, "help", 0, FLAG, help, NULL, "explain the command") \
	X(VERSION, "version", 0, FLAG, version, NULL, "say which version this is")
/* clang-format on */

enum option_id {
#define OPTION_ID(id, ...) OPTION_##id,
	OPTIONS(OPTION_ID)
#undef OPTION_ID
		OPTION_COUNT
};

/* A set of options is a uint64_t: GIVEN(ROOT) | GIVEN(FROM). */
#define GIVEN(id) (UINT64_C(1) << OPTION_##id)

/* every command takes these, whether it has a use for them or not */
#define GIVEN_GLOBAL                                                                \
	(GIVEN(ROOT) | GIVEN_SUPPLY | GIVEN_NET | GIVEN(JSON) | GIVEN(QUIET) | GIVEN(VERBOSE) | \
	 GIVEN(HELP) | GIVEN(VERSION))
/* how packages are downloaded */
#define GIVEN_NET \
	(GIVEN(CACHE) | GIVEN(OFFLINE) | GIVEN(CACERT) | GIVEN(TIMEOUT) | GIVEN(RETRIES))
/* what packages come from, and who is trusted */
#define GIVEN_SUPPLY \
	(GIVEN(FROM) | GIVEN(KEY) | GIVEN(RELEASEVER) | GIVEN(TRUST_ROOT_KEYS) | GIVEN(ALLOW_UNSIGNED))
/* what is wanted */
#define GIVEN_SELECTION                                                                \
	(GIVEN(UNDO) | GIVEN(BACK_TO) | GIVEN(INTERRUPTED) | GIVEN(FORWARD) |          \
	 GIVEN(UPDATE_FROM) | GIVEN(WITHOUT) | GIVEN(LIKE) | GIVEN(MANIFEST) | GIVEN(EXACT) | GIVEN(PATH) | GIVEN(ONLY_PATH) | \
	 GIVEN(WITH) | GIVEN(EXCLUDE))
/* what is wanted, and how */
#define GIVEN_POLICY \
	(GIVEN_SELECTION | GIVEN(NO_CLOSURE) | GIVEN(NODEPS) | GIVEN(REPLACEFILES) | \
	 GIVEN(AUTORELABEL) | GIVEN(FIX_BOOT) | GIVEN(CONFIG))
/* a saved plan holds these */
#define GIVEN_SAVED (GIVEN_SUPPLY | GIVEN_POLICY)

enum option_kind { KIND_FLAG, KIND_TEXT, KIND_LIST, KIND_PATHS, KIND_ODD };

struct option_row {
	const char *name;
	int letter; /* 0: none */
	enum option_kind kind;
	size_t offset; /* of its field in struct options */
	const char *argument, *text;
};

const struct option_row *option_row(enum option_id id);
/* Those of a mask, "--from, --key"; the caller frees. */
char *option_names(uint64_t mask);
/* The name that is nearest to a mistyped one, or NULL where none is near. */
const char *option_nearest(const char *name);
/* One line per option among mask, for the help. */
void option_help(FILE *out, uint64_t mask);

#endif
