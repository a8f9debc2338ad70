/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/memory.h"

#define NO_LIMIT (~0ULL)

/* The value behind a name that begins a line of a file; false where there is none. */
static bool read_field(const char *path, const char *name, unsigned long long *ret)
{
	cleanup_free char *line = NULL;
	size_t cap = 0, n = strlen(name);
	FILE *f = fopen(path, "re");
	bool found = false;

	if (!f)
		return false;
	while (!found && getline(&line, &cap, f) > 0)
		found = !strncmp(line, name, n) && sscanf(line + n, " %llu", ret) == 1;
	fclose(f);
	return found;
}

/* A group's limit, use and cache, as one version of control groups calls them. */
struct words {
	const char *limit, *use, *cache[2];
};
static const struct words version_1 = {"memory.limit_in_bytes",
				       "memory.usage_in_bytes",
				       {"total_inactive_file", "total_active_file"}},
			  version_2 = {"memory.max",
				       "memory.current",
				       {"inactive_file", "active_file"}};

/* What the group in that folder still allows. */
static unsigned long long left_in(const char *folder, const struct words *w)
{
	cleanup_free char *limit_path = xasprintf("%s/%s", folder, w->limit);
	cleanup_free char *use_path = xasprintf("%s/%s", folder, w->use);
	cleanup_free char *stat_path = xasprintf("%s/memory.stat", folder);
	unsigned long long limit, use, cache;

	/* "max" is no number */
	if (!read_field(limit_path, "", &limit) || !read_field(use_path, "", &use))
		return NO_LIMIT;
	for (int i = 0; i < 2; i++)
		if (read_field(stat_path, w->cache[i], &cache))
			use -= MIN(use, cache);
	return limit > use ? limit - use : 0;
}

/* The least that a group and those above it allow. */
static unsigned long long left_above(const char *hierarchy, const char *group,
				     const struct words *w)
{
	cleanup_free char *folder = xasprintf("%s%s", hierarchy, group);
	unsigned long long least = NO_LIMIT;

	for (;;) {
		unsigned long long left = left_in(folder, w);
		char *slash = strrchr(folder, '/');

		least = MIN(least, left);
		if (strlen(folder) <= strlen(hierarchy) || !slash)
			return least;
		*slash = '\0';
	}
}

/* "4:memory:/group" of version 1, "0::/group" of version 2 */
static unsigned long long left_by_groups(const char *proc, const char *cgroup)
{
	cleanup_free char *path = xasprintf("%s/self/cgroup", proc), *line = NULL;
	cleanup_free char *memory = xasprintf("%s/memory", cgroup);
	unsigned long long least = NO_LIMIT;
	FILE *f = fopen(path, "re");
	size_t cap = 0;

	if (!f)
		return NO_LIMIT;
	while (getline(&line, &cap, f) > 0) {
		char *controllers = strchr(line, ':'), *group;

		line[strcspn(line, "\n")] = '\0';
		group = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!group || group[1] != '/')
			continue;
		*group++ = '\0';
		controllers++;
		if (!strcmp(controllers, "memory"))
			least = MIN(least, left_above(memory, group, &version_1));
		else if (!*controllers)
			least = MIN(least, left_above(cgroup, group, &version_2));
	}
	fclose(f);
	return least;
}

unsigned long long memory_available_in(const char *proc, const char *cgroup)
{
	cleanup_free char *meminfo = xasprintf("%s/meminfo", proc);
	unsigned long long kib = 0;

	if (!read_field(meminfo, "MemAvailable:", &kib))
		return 0;
	return MIN(kib * 1024, left_by_groups(proc, cgroup));
}

unsigned long long memory_available(void)
{
	return memory_available_in("/proc", "/sys/fs/cgroup");
}
