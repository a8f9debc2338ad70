/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/arch.h"

#include <string.h>
#include <sys/utsname.h>

/* Architectures that one rpm treats as one machine's own. */
static const char *family(const char *arch)
{
	static const char *const kin[][2] = {
		{"i386", "ix86"},	 {"i486", "ix86"},	  {"i586", "ix86"},
		{"i686", "ix86"},	 {"athlon", "ix86"},	  {"geode", "ix86"},
		{"pentium3", "ix86"},	 {"pentium4", "ix86"},	  {"amd64", "x86_64"},
		{"ia32e", "x86_64"},	 {"x86_64_v2", "x86_64"}, {"x86_64_v3", "x86_64"},
		{"x86_64_v4", "x86_64"}, {"armv6hl", "armhfp"},	  {"armv7hl", "armhfp"},
		{"armv7hnl", "armhfp"},
	};

	for (size_t i = 0; i < ELEMENTSOF(kin); i++) {
		if (!strcmp(arch, kin[i][0]))
			return kin[i][1];
	}
	return arch;
}

/* Families of what is installed; nothing but noarch tells nothing: then the host's. */
static void find_known(const struct prepared *p, struct strlist *ret)
{
	struct utsname host;

	for (uint32_t i = 0; i < p->installed.n; i++) {
		const char *arch = p->installed.v[i]->id.arch;

		if (*arch && strcmp(arch, "noarch") && !strlist_has(ret, family(arch)))
			strlist_add(ret, family(arch));
	}
	if (!ret->n && uname(&host) == 0)
		strlist_add(ret, family(host.machine));
}

/* A 64-bit machine runs its 32-bit forerunner's programs too, though the last of them may be gone
 * (lib/rpmrc: arch_compat). */
static void add_forerunners(struct strlist *known)
{
	static const char *const runs[][2] = {{"x86_64", "ix86"},
					      {"ppc64", "ppc"},
					      {"s390x", "s390"},
					      {"sparc64", "sparc"},
					      {"mips64", "mips"}};

	for (size_t i = 0; i < ELEMENTSOF(runs); i++)
		if (strlist_has(known, runs[i][0]) && !strlist_has(known, runs[i][1]))
			strlist_add(known, runs[i][1]);
}

void arch_check(struct prepared *p)
{
	struct strlist known = {0};
	const struct change *c;

	find_known(p, &known);
	add_forerunners(&known);
	array_foreach(c, &p->outcome.changes.list) {
		if (!known.n || !c->to || !*c->to->id.arch ||
		    !strcmp(c->to->id.arch, "noarch") ||
		    strlist_has(&known, family(c->to->id.arch)))
			continue;
		problems_add(
			&p->plan.problems, PROBLEM_ARCH, SEV_REFUSE, c->to->nevra,
			"%s is for another architecture: no package installed here is for %s",
			c->to->nevra, c->to->id.arch);
	}
	strlist_release(&known);
}

bool arch_is_native(const struct prepared *p)
{
	struct strlist known = {0};
	struct utsname host;
	bool is;

	find_known(p, &known);
	is = uname(&host) == 0 &&
	     (strlist_has(&known, family(host.machine)) ||
	      /* ldconfig of the one knows the libraries of the other */
	      (!strcmp(host.machine, "x86_64") && strlist_has(&known, "ix86")));
	strlist_release(&known);
	return is;
}
