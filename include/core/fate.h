/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_FATE_H
#define PUTBACK_CORE_FATE_H
/*
 * What becomes of a configuration file: rpm's table (lib/rpmfi.c: rpmfilesDecideFate() and
 * rpmfilesConfigConflict()), where "old" is the version that goes, though it is the newer one.
 */
#include "core/fact.h"
#include "core/pkg.h"

/* What became of a configuration file that is not simply replaced. */
#define FATES(X)                                                             \
	X(FATE_CREATE, "replaced")                                           \
	X(FATE_TOUCH, "already as packaged")                                 \
	X(FATE_SKIP, "kept: the package's own is the same in both versions") \
	X(FATE_OWN, "kept: what was put beside it by what was cut off goes") \
	X(FATE_ALTNAME, "kept; the package's is put beside it")              \
	X(FATE_SAVE, "replaced; yours is kept beside it")                    \
	X(FATE_BACKUP, "replaced; the file found there is kept beside it")   \
	X(FATE_MISSINGOK, "not there, and need not be")                      \
	X(FATE_REMOVE_SAVE, "goes with its package; yours is kept beside it")

enum fate {
#define X(id, text) id,
	FATES(X)
#undef X
};
const char *fate_text(enum fate f);

enum config_policy { CONFIG_RPM, CONFIG_KEEP, CONFIG_REPLACE };

/*
 * from: the file in the package that goes, or that stays and has it too (NULL: no installed package
 * had it), with its package's digest algorithm; to: the one that comes; disk: what is there, with
 * digests in both algorithms. Either of them is FILE_CONFIG. The result is one of CREATE, TOUCH,
 * SKIP, ALTNAME, SAVE, BACKUP, MISSINGOK; ghosts are SKIP.
 */
enum fate fate_decide(const struct pkgfile *from, uint8_t from_algo,
		      const struct pkgfile *to, uint8_t to_algo, const struct fact *disk,
		      enum config_policy policy);
/* Whether a configuration file on the disk differs from the packaged one. */
bool fate_is_edited(const struct pkgfile *f, uint8_t algo, const struct fact *disk);
/* Whether the packaged regular file's digest is what the disk has. */
bool fate_digest_matches(const struct pkgfile *f, uint8_t algo, const struct fact *disk);

#endif
