/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_REPOVARS_H
#define PUTBACK_SOURCE_REPOVARS_H
/*
 * The variables of .repo files: basearch, arch, releasever, and those of etc/dnf/vars, etc/yum/vars and
 * usr/share/dnf5/vars.d, in which the first of these has the last word; or of the folders that varsdir of dnf.conf
 * names, the last of which has it (libdnf5's conf/const.hpp, VARS_DIRS).
 *
 * releasever is what was given; else etc/dnf/vars/releasever; else what the installed packages say, by
 * "system-release(releasever)" or by the version of who provides system-release, which holds even where the
 * files of that package are broken; else VERSION_ID of os-release.
 */
#include "base/array.h"
#include "base/error.h"
#include "base/root.h"

struct source_env;
struct repovars {
	struct strlist names, values; /* side by side */
};
/* varsdir: NULL where nothing sets it. */
_must_check_ int repovars_read(struct root *r, const struct source_env *env,
			       const char *varsdir, struct repovars *ret,
			       struct error *err);
void repovars_release(struct repovars *v);
const char *repovars_get(const struct repovars *v, const char *name); /* or NULL */

/*
 * "$name", "${name}", "${name:-otherwise}" and "${name:+instead}" replaced. What nobody defines stays as
 * it is, and *ret_unknown, if not NULL, is set to its name. The caller frees both.
 */
char *repovars_expand(const struct repovars *v, const char *text, char **ret_unknown);

#endif
