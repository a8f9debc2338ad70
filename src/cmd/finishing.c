/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/finishing.h"

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
		problems_add(
			&p->plan.problems, PROBLEM_FINISHING, SEV_WARNING, name,
			"%s: is not made anew from here%s%s%s; run `%s` on the machine, or "
			"in the root by chroot",
			name, s->why ? " (" : "", s->why ? s->why : "", s->why ? ")" : "",
			command);
	}
}
