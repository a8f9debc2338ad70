/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>

#include "disk/machine.h"
#include "scene.h"

static struct root *open_root(const struct scene *s)
{
	struct root *r = NULL;

	assert_int_equal(root_open(s->root, ROOT_READ, &r, NULL), 0);
	return r;
}

static void assert_machine(const struct scene *s, const char *name, const char *id,
			   const char *version, const char *machine_id,
			   const char *hostname)
{
	cleanup_error struct error err = ERROR_INIT;
	struct root *r = open_root(s);
	struct machine m;

	alarm(20); /* a hang is a failure */
	assert_int_equal(machine_read(r, &m, &err), 0);
	alarm(0);
	assert_string_equal(m.os_name, name);
	assert_string_equal(m.os_id, id);
	assert_string_equal(m.os_version, version);
	assert_string_equal(m.machine_id, machine_id);
	assert_string_equal(m.hostname, hostname);
	machine_release(&m);
	root_free(r);
}

static struct scene usual(void)
{
	struct scene s = scene_new();

	scene_dir(&s, "etc");
	scene_dir(&s, "usr");
	scene_dir(&s, "usr/lib");
	return s;
}

static void a_usual_machine(void **state)
{
	cleanup_scene struct scene s = usual();

	(void)state;
	scene_file(&s, "usr/lib/os-release",
		   "NAME=\"Fedora Linux\"\n"
		   "# PRETTY_NAME=no\n"
		   "VERSION_ID=40\n"
		   "ID=fedora\n"
		   "PRETTY_NAME=\"Fedora Linux 40 (Server Edition)\"\n"
		   "ANSI_COLOR='0;34'\n");
	scene_link(&s, "../usr/lib/os-release", "etc/os-release");
	scene_file(&s, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	scene_file(&s, "etc/hostname", "# set by hand\n\n  web1.example.org \n");
	assert_machine(&s, "Fedora Linux 40 (Server Edition)", "fedora", "40",
		       "0123456789abcdef0123456789abcdef", "web1.example.org");
}

static void nothing_is_known(void **state)
{
	cleanup_scene struct scene s = scene_new();

	(void)state;
	assert_machine(&s, "", "", "", "", "");
}

static void quotes_are_a_shells(void **state)
{
	cleanup_scene struct scene s = usual();

	(void)state;
	/* no line feed at the end; the last assignment counts; a name where no pretty one is */
	scene_file(&s, "etc/os-release",
		   "ID=first\nID='it'\\''s\\$'\n"
		   "XNAME=no\nNAMES=no\nNAME=\"a \\\"b\\\" \\$c \\d\"\n"
		   "VERSION_ID=7\\ 1 # comment\r\nPRETTY_NAME=\njunk\n=\nNAME");
	assert_machine(&s, "a \"b\" $c \\d", "it's\\$", "7 1", "", "");
}

static void etc_comes_before_usr(void **state)
{
	cleanup_scene struct scene s = usual();

	(void)state;
	scene_file(&s, "usr/lib/os-release", "ID=usr\nNAME=usr\nVERSION_ID=1\n");
	assert_machine(&s, "usr", "usr", "1", "", "");
	scene_file(&s, "etc/os-release", "ID=etc\nNAME=etc\n");
	assert_machine(&s, "etc", "etc", "", "", "");
}

static void what_is_no_file_is_passed_over(void **state)
{
	cleanup_scene struct scene s = usual();

	(void)state;
	scene_fifo(&s, "etc/os-release");
	scene_file(&s, "usr/lib/os-release", "ID=usr\n");
	scene_link(&s, "/dev/zero", "etc/machine-id");
	scene_link(&s, "hostname", "etc/hostname");
	assert_machine(&s, "", "usr", "", "", "");
}

static void links_stay_in_the_root(void **state)
{
	cleanup_scene struct scene s = usual();
	cleanup_free char *outside = xasprintf("%s/outside/os", s.dir);

	(void)state;
	scene_file(&s, "../outside/os", "ID=outside\n");
	scene_file(&s, "../outside/name", "outside\n");
	scene_link(&s, outside, "etc/os-release");
	scene_link(&s, "../../outside/name", "etc/hostname");
	assert_machine(&s, "", "", "", "", "");
	/* what the same link names in the root is read */
	scene_file(&s, "release", "ID=inside\n");
	scene_link(&s, "/../../release", "usr/lib/os-release");
	assert_machine(&s, "", "inside", "", "", "");
}

static void odd_contents_are_none(void **state)
{
	cleanup_scene struct scene s = usual();
	cleanup_free char *big = xmalloc(70001);

	(void)state;
	memset(big, 'x', 70000);
	big[70000] = '\0';
	scene_file(&s, "etc/machine-id", "uninitialized\n");
	scene_file(&s, "etc/hostname", big);
	scene_file(&s, "etc/os-release", big);
	assert_machine(&s, "", "", "", "", "");
	big[300] = '\0';
	scene_file(&s, "etc/hostname", big);
	scene_file(&s, "etc/machine-id", "0123456789abcdef0123456789abcdeg\n");
	assert_machine(&s, "", "", "", "", "");
}

static void users_of_both_folders(void **state)
{
	cleanup_scene struct scene s = usual();
	cleanup_error struct error err = ERROR_INIT;
	struct root *r = NULL;
	struct users u;
	uint32_t id;

	(void)state;
	scene_file(&s, "etc/passwd",
		   "root:x:0:0::/:/bin/sh\nbroken\nweb:x:1001:1001::/:\n");
	scene_file(&s, "usr/lib/passwd", "web:x:7:7::/:\ndbus:x:81:81::/:\n");
	scene_file(&s, "usr/lib/group", "tty:x:5:\n");
	r = open_root(&s);
	assert_int_equal(machine_users(r, &u, &err), 0);
	assert_true(users_uid(&u, "web", &id));
	assert_int_equal(id, 1001);
	assert_true(users_uid(&u, "dbus", &id));
	assert_int_equal(id, 81);
	assert_true(users_gid(&u, "tty", &id));
	assert_int_equal(id, 5);
	assert_false(users_gid(&u, "web", &id));
	assert_false(users_uid(&u, "broken", &id));
	users_release(&u);
	root_free(r);
}

static void users_that_cannot_be_read_are_an_error(void **state)
{
	cleanup_scene struct scene s = usual();
	cleanup_error struct error err = ERROR_INIT;
	struct root *r = NULL;
	struct users u;

	(void)state;
	r = open_root(&s);
	assert_int_equal(machine_users(r, &u, &err), 0);
	users_release(&u);
	scene_fifo(&s, "etc/passwd");
	alarm(20);
	assert_int_equal(machine_users(r, &u, &err), -1);
	alarm(0);
	assert_string_equal(err.msg, "'/etc/passwd' in the root is no regular file");
	root_free(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_usual_machine),
		cmocka_unit_test(nothing_is_known),
		cmocka_unit_test(quotes_are_a_shells),
		cmocka_unit_test(etc_comes_before_usr),
		cmocka_unit_test(what_is_no_file_is_passed_over),
		cmocka_unit_test(links_stay_in_the_root),
		cmocka_unit_test(odd_contents_are_none),
		cmocka_unit_test(users_of_both_folders),
		cmocka_unit_test(users_that_cannot_be_read_are_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
