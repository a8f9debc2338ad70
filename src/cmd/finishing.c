/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/finishing.h"

#include <string.h>

#include "base/path.h"
#include "base/runner.h"
#include "cmd/arch.h"

static bool is_there(void *ctx, const char *path)
{
	const struct prepared *p = ctx;
	struct statx st;

	return root_statx(p->root, path, STATX_TYPE, &st) == 0;
}

static bool has_tool(void *ctx, const char *tool)
{
	const struct prepared *p = ctx;

	return runner_has(p->root, tool);
}

void finishing_look(struct prepared *p)
{
	const struct derived_world world = {p, is_there, has_tool, arch_is_native(p)};

	derived_collect(&p->plan, &world, &p->finishing);
	for (uint32_t i = 0; i < p->finishing.n; i++) {
		const struct derived_step *s = &p->finishing.v[i];
		cleanup_free char *name = derived_name(s);
		cleanup_free char *command = derived_text(s, s->kind->command);

		if (s->here)
			continue;
		if (s->kind->itself) {
			problems_add(
				&p->plan.problems, PROBLEM_FINISHING, SEV_NOTE, name,
				"%s: the machine sees to it by itself, %s; where it is "
				"needed before, run `%s` there, or in the root by chroot",
				name, s->kind->itself, command);
			continue;
		}
		problems_add(
			&p->plan.problems, PROBLEM_FINISHING, SEV_WARNING, name,
			"%s: is not made anew from here%s%s%s; run `%s` on the machine, or "
			"in the root by chroot",
			name, s->why ? " (" : "", s->why ? s->why : "", s->why ? ")" : "",
			command);
	}
}

/* Directories that a step's outputs lie in, each once and by its own name. */
static void output_dirs(const struct prepared *p, const struct derived_step *s,
			struct strlist *ret)
{
	const char *const *outputs = s->kind->outputs;

	for (size_t i = 0; i < ELEMENTSOF(s->kind->outputs) && outputs[i]; i++) {
		cleanup_free char *text = derived_text(s, outputs[i]);
		cleanup_free char *dir = path_parent(text), *canonical = NULL;

		if (root_resolve(p->root, dir, true, &canonical, NULL) == 0 &&
		    !strcmp(canonical, dir) && !strlist_has(ret, dir))
			strlist_add(ret, dir);
	}
}

static void outputs_room(const struct prepared *p, const struct derived_step *s,
			 const char *dir, struct space_extras *ret)
{
	struct space_extra room = {.mount = mounts_of_path(&p->mounts, dir)};
	struct strlist names = {0};

	if (root_list(p->root, dir, &names) < 0)
		names.n = 0;
	for (uint32_t i = 0; i < names.n; i++) {
		cleanup_free char *path = path_join(dir, names.v[i]);
		struct statx st;

		if (!derived_writes(s, path) ||
		    root_statx(p->root, path, STATX_TYPE | STATX_SIZE, &st) < 0 ||
		    !S_ISREG(st.stx_mode))
			continue;
		room.bytes += st.stx_size + st.stx_size / 4;
		room.inodes++;
	}
	if (room.inodes)
		array_add(ret, room);
	strlist_release(&names);
}

void finishing_room(const struct prepared *p, struct space_extras *ret)
{
	for (uint32_t i = 0; i < p->finishing.n; i++) {
		struct strlist dirs = {0};

		if (p->finishing.v[i].here)
			output_dirs(p, &p->finishing.v[i], &dirs);
		for (uint32_t k = 0; k < dirs.n; k++)
			outputs_room(p, &p->finishing.v[i], dirs.v[k], ret);
		strlist_release(&dirs);
	}
}
