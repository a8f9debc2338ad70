/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/buf.h"
#include "core/derived.h"

static struct pkg before, after;
static struct change update = {.from = &before, .to = &after}, arrival = {.to = &after};
static struct change both[2];
static struct changes changes = {.list = {both, 2, 2}};

/* The first change updates a package, the second brings a new one. */
static void plan_of(struct plan *p, const struct op *ops, uint32_t n)
{
	both[0] = update;
	both[1] = arrival;
	memset(p, 0, sizeof(*p));
	p->changes = &changes;
	for (uint32_t i = 0; i < n; i++)
		array_add(&p->ops, ops[i]);
}

struct disk {
	const char *paths[8], *tools[8];
};

static bool has(const char *const *list, const char *what)
{
	for (size_t i = 0; i < 8 && list[i]; i++)
		if (!strcmp(list[i], what))
			return true;
	return false;
}

static bool is_there(void *ctx, const char *path)
{
	return has(((const struct disk *)ctx)->paths, path);
}

static bool has_tool(void *ctx, const char *tool)
{
	return has(((const struct disk *)ctx)->tools, tool);
}

/* "name here|left COMMAND PATHS" of each step, joined by "; " */
static char *steps(struct disk *d, bool native, const struct op *ops, uint32_t n)
{
	const struct derived_world w = {d, is_there, has_tool, native};
	struct derived_steps all = {0};
	struct buf b = {0};
	struct plan p;

	plan_of(&p, ops, n);
	derived_collect(&p, &w, &all);
	buf_str(&b, "");
	for (uint32_t i = 0; i < all.n; i++) {
		cleanup_free char *name = derived_name(&all.v[i]);
		cleanup_free char *command =
			derived_text(&all.v[i], all.v[i].kind->command);

		buf_printf(&b, "%s%s %s `%s` %u", i ? "; " : "", name,
			   all.v[i].here ? "here" : "left", command, all.v[i].paths);
	}
	derived_release(&all);
	array_release(&p.ops);
	return buf_steal(&b);
}
#define assert_steps(d, native, text, ...)                                          \
	do {                                                                        \
		const struct op ops_[] = {__VA_ARGS__};                             \
		cleanup_free char *got_ = steps(d, native, ops_, ELEMENTSOF(ops_)); \
                                                                                    \
		assert_string_equal(got_, text);                                    \
	} while (0)
#define OP(k, p)     ((struct op){.kind = (k), .path = (p), .change = 0})
#define NEW_OP(k, p) ((struct op){.kind = (k), .path = (p), .change = 1})

static void patterns(void **state _unused_)
{
	const char *subject;
	size_t len;

	assert_true(derived_matches("lib", "usr/lib64/libc.so.6", NULL, NULL));
	assert_true(derived_matches("lib", "lib64/ld-linux-x86-64.so.2", NULL, NULL));
	assert_false(derived_matches("lib", "usr/lib64/gconv/UTF-16.so", NULL, NULL));
	assert_false(derived_matches("lib", "usr/lib/libexec", NULL, NULL));
	assert_true(derived_matches("etc/a/*", "etc/a/b/c", NULL, NULL));
	assert_false(derived_matches("etc/a/*", "etc/ab", NULL, NULL));
	assert_true(derived_matches("usr/lib/modules/%/*", "usr/lib/modules/6.1/kernel/x",
				    &subject, &len));
	assert_int_equal(len, 3);
	assert_int_equal(strncmp(subject, "6.1", 3), 0);
	assert_false(derived_matches("usr/lib/modules/%/*", "usr/lib/modules/6.1", NULL,
				     NULL));
	assert_false(
		derived_matches("usr/lib/modules/%/*", "usr/lib/modules//x", NULL, NULL));
	assert_true(derived_matches("u/%", "u/x", NULL, NULL));
	assert_false(derived_matches("u/%", "u/x/y", NULL, NULL));
}

static void what_changes_counts(void **state _unused_)
{
	struct disk d = {{"etc/ld.so.cache"}, {"ldconfig"}};

	assert_steps(&d, true, "ld.so.cache here `ldconfig` 3",
		     OP(OP_SWAP, "usr/lib64/libc.so.6"),
		     OP(OP_CREATE, "usr/lib64/libx.so"),
		     OP(OP_REMOVE, "etc/ld.so.conf.d/x.conf"),
		     OP(OP_ATTR, "usr/lib64/liby.so"), OP(OP_SWAP, "usr/bin/ls"));
	assert_steps(&d, true, "", OP(OP_ATTR, "usr/lib64/libc.so.6"));
}

static void without_tool_or_architecture_it_is_left(void **state _unused_)
{
	struct disk d = {{"etc/ld.so.cache"}, {NULL}};

	assert_steps(&d, true, "ld.so.cache left `ldconfig` 1",
		     OP(OP_SWAP, "usr/lib64/libc.so.6"));
	d.tools[0] = "ldconfig";
	assert_steps(&d, false, "ld.so.cache left `ldconfig` 1",
		     OP(OP_SWAP, "usr/lib64/libc.so.6"));
}

static void what_is_not_there_is_not_made(void **state _unused_)
{
	struct disk d = {{NULL}, {"ldconfig", "depmod"}};

	assert_steps(&d, true, "", OP(OP_SWAP, "usr/lib64/libc.so.6"));
	/* but what comes with the plan is there */
	assert_steps(&d, true, "modules of 6.1 here `depmod -a 6.1` 2",
		     OP(OP_CREATE, "usr/lib/modules/6.1/modules.builtin"),
		     OP(OP_CREATE, "usr/lib/modules/6.1/kernel/x.ko"));
	/* and what goes is not */
	d.paths[0] = "usr/lib/modules/6.1/modules.builtin";
	assert_steps(&d, true, "", OP(OP_REMOVE, "usr/lib/modules/6.1/modules.builtin"),
		     OP(OP_REMOVE, "usr/lib/modules/6.1/kernel/x.ko"));
	assert_steps(&d, true, "modules of 6.1 here `depmod -a 6.1` 1",
		     OP(OP_REMOVE, "usr/lib/modules/6.1/kernel/x.ko"));
}

static void each_kernel_is_a_step(void **state _unused_)
{
	struct disk d = {{"usr/lib/modules/6.1/modules.builtin",
			  "usr/lib/modules/5.9/modules.builtin"},
			 {"depmod"}};

	assert_steps(&d, true,
		     "modules of 5.9 here `depmod -a 5.9` 1; "
		     "modules of 6.1 here `depmod -a 6.1` 2",
		     OP(OP_SWAP, "usr/lib/modules/6.1/a.ko"),
		     OP(OP_SWAP, "usr/lib/modules/5.9/a.ko"),
		     OP(OP_SWAP, "usr/lib/modules/6.1/b.ko"));
}

static void units_of_new_packages_go_together(void **state _unused_)
{
	static const char *const presets[] = {"a.service", "b.socket",	"c@.service",
					      "d.conf",	   "e.service", "old.service"};
	struct disk d = {{"etc/systemd/system"}, {"systemctl"}};

	for (size_t i = 0; i < ELEMENTSOF(presets); i++)
		strlist_add(&after.presets, presets[i]);
	assert_steps(
		&d, true,
		"units as the presets say (a.service b.socket) here `systemctl preset a.service b.socket` 2",
		NEW_OP(OP_CREATE, "usr/lib/systemd/system/a.service"),
		NEW_OP(OP_CREATE, "usr/lib/systemd/system/b.socket"),
		NEW_OP(OP_CREATE, "usr/lib/systemd/system/c@.service"),
		NEW_OP(OP_CREATE, "usr/lib/systemd/system/d.conf"),
		NEW_OP(OP_CREATE, "usr/lib/systemd/system/a.service.d/x.service"),
		OP(OP_CREATE, "usr/lib/systemd/system/old.service"),
		NEW_OP(OP_SWAP, "usr/lib/systemd/system/e.service"));
}

static void units_that_no_scriptlet_presets_are_left(void **state _unused_)
{
	struct disk d = {{"etc/systemd/system"}, {"systemctl"}};

	assert_steps(&d, true, "", NEW_OP(OP_CREATE, "usr/lib/systemd/system/g.service"),
		     NEW_OP(OP_CREATE, "usr/lib/systemd/system/aa.service"));
	strlist_release(&after.presets);
	assert_steps(&d, true, "", NEW_OP(OP_CREATE, "usr/lib/systemd/system/a.service"));
}

/* By no tool of this host, even where it is at hand. */
static void what_the_machine_does_by_itself_is_listed(void **state _unused_)
{
	struct disk d = {{"usr/bin/systemd-tmpfiles", "var/cache/man/index.db"},
			 {"systemd-tmpfiles", "mandb"}};

	assert_steps(&d, true,
		     "what tmpfiles.d asks for left `systemd-tmpfiles --create` 2; "
		     "index of manual pages left `mandb --quiet` 1",
		     OP(OP_SWAP, "usr/share/man/man1/a.1.gz"),
		     NEW_OP(OP_CREATE, "usr/lib/tmpfiles.d/a.conf"),
		     OP(OP_SWAP, "etc/tmpfiles.d/b.conf"),
		     OP(OP_ATTR, "usr/share/man/man1/b.1.gz"));
	d.paths[0] = NULL;
	assert_steps(&d, true, "", NEW_OP(OP_CREATE, "usr/lib/tmpfiles.d/a.conf"));
}

static void odd_names_are_in_no_command(void **state _unused_)
{
	struct disk d = {{NULL}, {"depmod"}};

	assert_steps(&d, true, "", OP(OP_CREATE, "usr/lib/modules/-h/modules.builtin"),
		     OP(OP_CREATE, "usr/lib/modules/$(reboot)/modules.builtin"),
		     OP(OP_CREATE, "usr/lib/modules/a b/modules.builtin"),
		     OP(OP_CREATE, "usr/lib/modules/a;b/modules.builtin"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test(what_changes_counts),
		cmocka_unit_test(without_tool_or_architecture_it_is_left),
		cmocka_unit_test(what_is_not_there_is_not_made),
		cmocka_unit_test(each_kernel_is_a_step),
		cmocka_unit_test(units_of_new_packages_go_together),
		cmocka_unit_test(units_that_no_scriptlet_presets_are_left),
		cmocka_unit_test(what_the_machine_does_by_itself_is_listed),
		cmocka_unit_test(odd_names_are_in_no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
