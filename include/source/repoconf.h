/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_REPOCONF_H
#define PUTBACK_SOURCE_REPOCONF_H
/*
 * What the root's package managers are told about repositories.
 *
 *	[main]		etc/yum.conf; what lies in usr/share/dnf5/libdnf.conf.d and etc/dnf/libdnf5.conf.d, by
 *			name, a file of etc in the place of its namesake; etc/dnf/dnf.conf. The last has the word.
 *	repositories	the other sections of yum.conf and dnf.conf; the .repo files of reposdir of [main], by
 *			default etc/yum.repos.d, etc/yum/repos.d, etc/distro.repos.d, usr/share/dnf5/repos.d; those of
 *			reposdir of zypp.conf, by default etc/zypp/repos.d. Of files that have the same
 *			repository, the first counts.
 *	overrides	etc/dnf/repos.override.d and usr/share/dnf5/repos.override.d: sections named by patterns set
 *			what dnf's repositories had otherwise
 *
 * Sources: dnf's dnf/conf/read.py and repodict.py; libdnf's libdnf/conf/ConfigMain.cpp and ConfigRepo.cpp;
 * libdnf5's base/base.cpp (load_config), repo/repo_sack.cpp (create_repos_from_*,
 * load_repos_configuration_overrides), utils/fs/utils.cpp (create_sorted_file_list),
 * repo/config_repo.cpp; zypp.conf's own comments.
 */
#include "source/repovars.h"

struct repoconf_setting {
	char *key, *value;
};
struct repoconf_repo {
	char *id;
	ARRAY(struct repoconf_setting) settings; /* of one key the last counts */
	bool of_zypp;  /* to which [main] of dnf means nothing */
	uint32_t file; /* number of the file that it is from */
};
struct repoconf {
	struct repovars vars;
	struct repoconf_repo main;
	ARRAY(struct repoconf_repo) repos; /* in the order in which they were found */
	struct strlist folders;		   /* canonical paths of those that were read */
	uint32_t files;
};
_must_check_ int repoconf_read(struct root *r, const struct source_env *env,
			       struct repoconf *ret, struct error *err);
void repoconf_release(struct repoconf *c);

/* Whether it says anything under that key itself. */
bool repoconf_has(const struct repoconf_repo *repo, const char *key);
/* With variables replaced; or_main: of [main] where the repository says nothing. NULL: it is not set, or
 * empty. The caller frees. */
char *repoconf_value(const struct repoconf *c, const struct repoconf_repo *repo,
		     const char *key, bool or_main);
/* A switch of the repository, else of [main]; what is no boolean does not count. */
bool repoconf_is_on(const struct repoconf *c, const struct repoconf_repo *repo,
		    const char *key, bool otherwise);
/* repo_gpgcheck, which gpgcheck_policy of [main] may tie to gpgcheck. */
bool repoconf_is_signed(const struct repoconf *c, const struct repoconf_repo *repo);

#endif
