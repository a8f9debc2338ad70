/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "rpmlab.h"

#include "source/env.h"
#include "source/repovars.h"

static void assert_expands(const struct repovars *v, const char *text, const char *want,
			   const char *want_unknown)
{
	cleanup_free char *unknown = NULL, *got = repovars_expand(v, text, &unknown),
			  *plain = repovars_expand(v, text, NULL);

	if (strcmp(got, want) != 0 || strcmp(plain, want) != 0)
		fail_msg("'%s' becomes '%s'", text, got);
	if (!want_unknown)
		assert_null(unknown);
	else
		assert_string_equal(unknown ? unknown : "(none)", want_unknown);
}

static struct repovars some(void)
{
	static const char *const vars[][2] = {
		{"a", "1"}, {"ab", "2"}, {"empty", ""}, {"odd", "$a${ab}"}};
	struct repovars v = {0};

	for (size_t i = 0; i < ELEMENTSOF(vars); i++) {
		strlist_add(&v.names, vars[i][0]);
		strlist_add(&v.values, vars[i][1]);
	}
	return v;
}

static void test_expand(void **state)
{
	struct repovars v = some();

	(void)state;
	assert_expands(&v, "", "", NULL);
	assert_expands(&v, "http://h/$a/${ab}x/$ab.", "http://h/1/2x/2.", NULL);
	assert_expands(&v, "$abc", "$abc", "abc");
	assert_expands(&v, "${abc}$c$a", "${abc}$c1", "abc");
	assert_expands(&v, "${a:-x}${b:-x}${empty:-x}", "1xx", NULL);
	assert_expands(&v, "${a:+x}${b:+x}${empty:+x}", "x", NULL);
	assert_expands(&v, "${b:-${a:+<$ab>}}", "<2>", NULL);
	assert_expands(&v, "${b:-${c}}", "${c}", "c");
	/* a value is not looked into */
	assert_expands(&v, "$odd", "$a${ab}", NULL);
	repovars_release(&v);
}

static void test_odd(void **state)
{
	struct repovars v = some();
	cleanup_buf struct buf deep = {0};
	cleanup_free char *got = NULL;

	(void)state;
	assert_expands(&v, "$", "$", NULL);
	assert_expands(&v, "$$a$", "$1$", NULL);
	assert_expands(&v, "${", "${", NULL);
	assert_expands(&v, "${a", "${a", NULL);
	assert_expands(&v, "${}", "${}", NULL);
	assert_expands(&v, "${:-x}", "${:-x}", NULL);
	assert_expands(&v, "${a:", "${a:", NULL);
	assert_expands(&v, "${a:}", "1", NULL);
	assert_expands(&v, "${b:-", "${b:-", NULL);
	assert_expands(&v, "${b:-}", "", NULL);
	assert_expands(&v, "${b:-{}}x", "{}x", NULL);
	assert_expands(&v, "${a}}", "1}", NULL);
	assert_expands(&v, "$\xc3\xa4", "$\xc3\xa4", NULL);
	/* nine within one another are looked into, what is deeper stays */
	assert_expands(
		&v, "${b:-${b:-${b:-${b:-${b:-${b:-${b:-${b:-${b:-${b:-${b:-x}}}}}}}}}}}",
		"${b:-${b:-x}}", NULL);
	/* deeper than anybody writes, and broad: it ends */
	for (int i = 0; i < 5000; i++)
		buf_str(&deep, "${b:-");
	for (int i = 0; i < 5000; i++)
		buf_char(&deep, '}');
	got = repovars_expand(&v, deep.s, NULL);
	assert_true(strlen(got) < deep.n);
	repovars_release(&v);
}

/* --- of a root ------------------------------------------------------------------------------------------- */

static struct repovars read_vars(const struct scene *s, const struct source_env *env)
{
	cleanup_error struct error err = ERROR_INIT;
	struct repovars v = {0};
	struct root *r;

	if (root_open(s->root, ROOT_READ, &r, &err) ||
	    repovars_read(r, env, NULL, &v, &err))
		fail_msg("%s", err.msg);
	root_free(r);
	return v;
}

static void assert_var(const struct repovars *v, const char *name, const char *want)
{
	const char *got = repovars_get(v, name);

	if (!want)
		assert_null(got);
	else
		assert_string_equal(got ? got : "(none)", want);
}

static void test_places(void **state)
{
	static const struct source_env env = {.basearch = "i686"};
	cleanup_scene struct scene s = scene_new();
	struct repovars v;

	(void)state;
	scene_dir(&s, "etc");
	scene_dir(&s, "etc/dnf");
	scene_dir(&s, "etc/dnf/vars");
	scene_dir(&s, "etc/yum");
	scene_dir(&s, "etc/yum/vars");
	scene_file(&s, "etc/dnf/vars/one", "dnf's\nsecond line\n");
	scene_file(&s, "etc/yum/vars/one", "yum's\n");
	scene_file(&s, "etc/yum/vars/two", "2\r\n");
	scene_file(&s, "etc/yum/vars/none", "");
	scene_file(&s, "etc/os-release", "NAME=x\nVERSION_ID=\"9.3\"\nID=\"rhel\"\n");
	v = read_vars(&s, &env);
	assert_var(&v, "one", "dnf's");
	assert_var(&v, "two", "2");
	assert_var(&v, "none", NULL);
	assert_var(&v, "arch", "i686");
	assert_var(&v, "basearch", "i386");
	assert_var(&v, "releasever", "9");
	assert_var(&v, "releasever_major", "9");
	assert_var(&v, "releasever_minor", "");
	repovars_release(&v);
	/* elsewhere the dot counts; what is given has the last word */
	scene_file(&s, "etc/os-release", "VERSION_ID='15.4'\nID=sles\n");
	v = read_vars(&s, &env);
	assert_var(&v, "releasever", "15.4");
	assert_var(&v, "releasever_minor", "4");
	repovars_release(&v);
	scene_file(&s, "etc/dnf/vars/releasever", "8\n");
	v = read_vars(&s, &env);
	assert_var(&v, "releasever", "8");
	repovars_release(&v);
	v = read_vars(&s,
		      &(struct source_env){.releasever = "7.9", .basearch = "x86_64_v3"});
	assert_var(&v, "releasever", "7.9");
	assert_var(&v, "basearch", "x86_64");
	repovars_release(&v);
}

static void test_hostile_root(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_free char *vars = scene_path(&s, "etc/dnf/vars"),
			  *fifo = scene_path(&s, "etc/dnf/vars/fifo"),
			  *out = scene_path(&s, "etc/dnf/vars/out"),
			  *loop = scene_path(&s, "etc/dnf/vars/loop"),
			  *os = scene_path(&s, "etc/os-release");
	cleanup_buf struct buf big = {0};
	struct repovars v;

	(void)state;
	scene_dir(&s, "etc");
	scene_dir(&s, "etc/dnf");
	scene_dir(&s, "etc/dnf/vars");
	scene_dir(&s, "etc/dnf/vars/folder");
	for (int i = 0; i < 70000; i++)
		buf_char(&big, 'x');
	scene_file(&s, "etc/dnf/vars/big", big.s);
	scene_file(&s, "secret", "the root's\n");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("../../../../../../../../secret", out), 0);
	assert_int_equal(symlink("loop", loop), 0);
	assert_int_equal(symlink("/dev/zero", os), 0);
	v = read_vars(&s, NULL);
	assert_var(&v, "fifo", NULL);
	assert_var(&v, "loop", NULL);
	assert_var(&v, "folder", NULL);
	assert_var(&v, "big", NULL);
	/* a link that climbs out ends at the root's top */
	assert_var(&v, "out", "the root's");
	assert_var(&v, "releasever", NULL);
	assert_non_null(repovars_get(&v, "basearch"));
	repovars_release(&v);
	/* the folder itself may be anything */
	assert_int_equal(rename(vars, out), -1);
	scene_file(&s, "etc/os-release", "VERSION_ID=\n");
	v = read_vars(&s, NULL);
	repovars_release(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expand),
		cmocka_unit_test(test_odd),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_hostile_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
