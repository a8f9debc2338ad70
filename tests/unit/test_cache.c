/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "scene.h"

#include "base/file.h"
#include "rpm/hdr.h"
#include "source/sources.h"

static void put(const struct scene *s, const char *path)
{
	cleanup_free char *from =
		xasprintf("%s/tests/fixtures/source/probe-1-1.noarch.rpm",
			  getenv("PUTBACK_SRCDIR") ?: ".");
	cleanup_free char *to = scene_path(s, path);
	cleanup_close int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;

	assert_true(in >= 0);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(out >= 0);
	assert_int_equal(file_copy(in, out), 0);
}

/* All folders on the way to path, too. */
static void make_dirs(const struct scene *s, const char *path)
{
	cleanup_free char *full = scene_path(s, path);

	for (char *p = full + strlen(s->root) + 1;; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		mkdir(full, 0755);
		*p = c;
		if (!c)
			break;
	}
}

static struct root *open_scene(const struct scene *s)
{
	cleanup_error struct error err = ERROR_INIT;
	struct root *r = NULL;

	assert_int_equal(root_open(s->root, ROOT_READ, &r, &err), 0);
	return r;
}

/* What a root has, a line each: "dnf var/cache/dnf 2". */
static char *found_in(const struct scene *s)
{
	cleanup_error struct error err = ERROR_INIT;
	struct cache_dirs dirs = {0};
	struct root *r = open_scene(s);
	struct buf b = {0};

	assert_int_equal(cache_find(r, &dirs, &err), 0);
	for (uint32_t i = 0; i < dirs.n; i++) {
		buf_printf(&b, "%s %s %u\n", dirs.v[i].manager, dirs.v[i].path,
			   dirs.v[i].packages);
		assert_true((dirs.v[i].bytes > 0) == (dirs.v[i].packages > 0));
	}
	cache_dirs_release(&dirs);
	root_free(r);
	return buf_steal(&b);
}

static void assert_found(const struct scene *s, const char *expected)
{
	cleanup_free char *found = found_in(s);

	assert_string_equal(found, expected);
}

static void every_manager_has_its_place(void **state)
{
	cleanup_scene struct scene s = scene_new();

	(void)state;
	make_dirs(&s, "var/cache/dnf/updates-0123456789abcdef/packages");
	make_dirs(&s, "var/cache/dnf/updates-0123456789abcdef/repodata");
	make_dirs(&s, "var/cache/libdnf5/updates-0123/packages");
	make_dirs(&s, "var/cache/yum/x86_64/7/base/packages");
	make_dirs(&s, "var/cache/zypp/packages/repo-oss/x86_64");
	make_dirs(&s, "var/cache/PackageKit/39/metadata/updates/packages");
	put(&s, "var/cache/dnf/updates-0123456789abcdef/packages/a.rpm");
	put(&s, "var/cache/dnf/updates-0123456789abcdef/packages/b.rpm");
	put(&s, "var/cache/dnf/updates-0123456789abcdef/repodata/no.rpm");
	put(&s, "var/cache/libdnf5/updates-0123/packages/a.rpm");
	put(&s, "var/cache/yum/x86_64/7/base/packages/a.rpm");
	put(&s, "var/cache/zypp/packages/repo-oss/x86_64/a.rpm");
	put(&s, "var/cache/PackageKit/39/metadata/updates/packages/a.rpm");
	assert_found(&s, "dnf var/cache/dnf 2\n"
			 "libdnf5 var/cache/libdnf5 1\n"
			 "yum var/cache/yum 1\n"
			 "zypp var/cache/zypp/packages 1\n"
			 "PackageKit var/cache/PackageKit 1\n");
}

static void updates_that_wait_and_backups_have_packages(void **state)
{
	cleanup_scene struct scene s = scene_new();

	(void)state;
	make_dirs(&s, "var/lib/dnf/plugins/local");
	make_dirs(&s, "var/lib/yum/plugins/local");
	make_dirs(&s, "var/lib/dnf/system-upgrade/fedora-0123/packages");
	make_dirs(&s, "var/lib/dnf/offline-upgrade");
	make_dirs(&s, "var/lib/dnf/offline-distrosync");
	make_dirs(&s, "var/lib/dnf/offline/packages");
	make_dirs(&s, "usr/lib/sysimage/libdnf5/offline/packages");
	make_dirs(&s, "var/lib/system-upgrade");
	make_dirs(&s, "var/lib/PackageKit/offline-update");
	make_dirs(&s, "var/lib/convert2rhel/backup");
	make_dirs(&s, "usr/share/convert2rhel/subscription-manager");
	make_dirs(&s, "var/lib/leapp/persistent_package_cache");
	make_dirs(&s, "var/lib/leapp/el9userspace/var/cache/dnf/baseos/packages");
	make_dirs(&s, "var/lib/leapp/el9userspace/usr/share/other");
	make_dirs(&s, "srv/dest");
	make_dirs(&s, "srv/dnf5");
	make_dirs(&s, "srv/elsewhere/deep");
	scene_file(&s, "var/lib/dnf/system-upgrade/system-upgrade-state.json",
		   "{\n    \"destdir\": \"/srv/dest\",\n    \"state_version\": 3\n}\n");
	scene_file(&s, "usr/lib/sysimage/libdnf5/offline/offline-transaction-state.toml",
		   "[offline-transaction-state]\nstatus = \"ready\"\n"
		   "cachedir = \"/srv/dnf5\"\n");
	scene_link(&s, "/srv/elsewhere", "system-update");
	put(&s, "var/lib/dnf/plugins/local/a.rpm");
	put(&s, "var/lib/yum/plugins/local/a.rpm");
	put(&s, "var/lib/dnf/system-upgrade/fedora-0123/packages/a.rpm");
	put(&s, "var/lib/dnf/system-upgrade/b.rpm");
	put(&s, "var/lib/dnf/offline-upgrade/a.rpm");
	put(&s, "var/lib/dnf/offline-distrosync/a.rpm");
	put(&s, "var/lib/dnf/offline/packages/a.rpm");
	put(&s, "usr/lib/sysimage/libdnf5/offline/packages/a.rpm");
	put(&s, "var/lib/system-upgrade/a.rpm");
	put(&s, "var/lib/PackageKit/offline-update/a.rpm");
	put(&s, "var/lib/convert2rhel/backup/a.rpm");
	put(&s, "usr/share/convert2rhel/subscription-manager/a.rpm");
	put(&s, "var/lib/leapp/persistent_package_cache/a.rpm");
	put(&s, "var/lib/leapp/el9userspace/var/cache/dnf/baseos/packages/a.rpm");
	put(&s, "var/lib/leapp/el9userspace/usr/share/other/no.rpm");
	put(&s, "srv/dest/a.rpm");
	put(&s, "srv/dnf5/a.rpm");
	put(&s, "srv/elsewhere/deep/a.rpm");
	assert_found(&s, "dnf var/lib/dnf/plugins/local 1\n"
			 "yum var/lib/yum/plugins/local 1\n"
			 "PackageKit var/lib/PackageKit 1\n"
			 "system-upgrade srv/dest 1\n"
			 "system-upgrade srv/dnf5 1\n"
			 "system-upgrade srv/elsewhere 1\n"
			 "system-upgrade usr/lib/sysimage/libdnf5/offline 1\n"
			 "system-upgrade var/lib/dnf/offline 1\n"
			 "system-upgrade var/lib/dnf/offline-distrosync 1\n"
			 "system-upgrade var/lib/dnf/offline-upgrade 1\n"
			 "system-upgrade var/lib/dnf/system-upgrade 2\n"
			 "system-upgrade var/lib/system-upgrade 1\n"
			 "convert2rhel usr/share/convert2rhel 1\n"
			 "convert2rhel var/lib/convert2rhel 1\n"
			 "leapp var/lib/leapp/el9userspace/var/cache/dnf 1\n"
			 "leapp var/lib/leapp/persistent_package_cache 1\n");
}

/* A state file is read as text; whatever it says, it names a place in the root or none. */
static void a_state_file_may_say_anything(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"\"destdir\"",
		"{\"destdir\": null}",
		"\"destdir\":",
		"{\"destdir\": \"relative\"}",
		"\"destdir\": \"",
		"{\"destdir\": \"/../../../../outside\"}",
		"destdir",
		"{\"my-destdir\": \"/srv\"}",
	};
	cleanup_scene struct scene s = scene_new();

	(void)state;
	make_dirs(&s, "var/lib/dnf/system-upgrade");
	make_dirs(&s, "srv");
	put(&s, "srv/a.rpm");
	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		scene_file(&s, "var/lib/dnf/system-upgrade/system-upgrade-state.json",
			   texts[i]);
		assert_found(&s, "system-upgrade var/lib/dnf/system-upgrade 0\n");
	}
}

/* What a user who misses a package reads of a place. */
static void assert_looked_at(const struct scene *s, const char *expected)
{
	cleanup_error struct error err = ERROR_INIT;
	struct root *r = open_scene(s);
	cleanup_free char *full = xasprintf("%s/%s", s->root, expected);
	struct sources l = {0};

	assert_int_equal(sources_add(&l, "cache", r, &err), 0);
	assert_int_equal(sources_index(&l, NULL, &err), 0);
	if (!strlist_has(&l.v[0]->looked_at, full)) {
		for (uint32_t i = 0; i < l.v[0]->looked_at.n; i++)
			print_error("%s\n", l.v[0]->looked_at.v[i]);
		fail_msg("not there: %s", full);
	}
	sources_release(&l);
	root_free(r);
}

static void an_empty_place_says_why(void **state)
{
	cleanup_scene struct scene s = scene_new();

	(void)state;
	make_dirs(&s, "etc/dnf/libdnf5.conf.d");
	make_dirs(&s, "var/cache/dnf");
	make_dirs(&s, "var/cache/libdnf5");
	make_dirs(&s, "var/cache/yum/base/packages");
	make_dirs(&s, "var/lib/convert2rhel");
	assert_looked_at(&s, "var/cache/dnf (no package in it: keepcache is off)");
	assert_looked_at(&s, "var/cache/libdnf5 (no package in it: keepcache is off)");
	assert_looked_at(&s, "var/cache/yum (no package in it)");
	assert_looked_at(&s, "var/lib/convert2rhel (no package in it)");
	assert_looked_at(&s, "var/lib/dnf/system-upgrade (not there)");
	scene_file(&s, "etc/dnf/dnf.conf", "[main]\nkeepcache=True\n");
	scene_file(&s, "etc/yum.conf", "[main]\nkeepcache=0\n");
	assert_looked_at(&s, "var/cache/dnf (no package in it)");
	assert_looked_at(&s, "var/cache/libdnf5 (no package in it)");
	assert_looked_at(&s, "var/cache/yum (no package in it: keepcache is off)");
	scene_file(&s, "etc/dnf/libdnf5.conf.d/10.conf", "[main]\nkeepcache=no\n");
	assert_looked_at(&s, "var/cache/dnf (no package in it)");
	assert_looked_at(&s, "var/cache/libdnf5 (no package in it: keepcache is off)");
	put(&s, "var/cache/yum/base/packages/a.rpm");
	assert_looked_at(&s, "var/cache/yum");
	make_dirs(&s, "etc/zypp/repos.d");
	make_dirs(&s, "var/cache/zypp/packages");
	assert_looked_at(
		&s, "var/cache/zypp/packages (no package in it: keeppackages is off)");
	scene_file(&s, "etc/zypp/repos.d/a.repo", "[a]\nkeeppackages=0\n");
	assert_looked_at(
		&s, "var/cache/zypp/packages (no package in it: keeppackages is off)");
	scene_file(&s, "etc/zypp/repos.d/b.repo", "[b]\nkeeppackages=1\n");
	assert_looked_at(&s, "var/cache/zypp/packages (no package in it)");
}

static void an_empty_cache_is_there_and_a_missing_one_is_not(void **state)
{
	cleanup_scene struct scene s = scene_new();

	(void)state;
	assert_found(&s, "");
	make_dirs(&s, "var/cache/dnf");
	assert_found(&s, "dnf var/cache/dnf 0\n");
	make_dirs(&s, "var/cache/zypp");
	scene_file(&s, "var/cache/zypp/packages", "a file");
	assert_found(&s, "dnf var/cache/dnf 0\n");
}

static void the_root_says_where_else(void **state)
{
	cleanup_scene struct scene s = scene_new();

	(void)state;
	make_dirs(&s, "etc/dnf/libdnf5.conf.d");
	make_dirs(&s, "etc/zypp");
	make_dirs(&s, "srv/dnf/repo/packages");
	make_dirs(&s, "srv/dnf5/repo/packages");
	make_dirs(&s, "srv/yum/x86_64/7/repo/packages");
	make_dirs(&s, "srv/zypp/packages/repo/noarch");
	make_dirs(&s, "srv/zypper/repo/noarch");
	scene_file(&s, "etc/dnf/dnf.conf", "[main]\ncachedir=/srv/dnf\n");
	scene_file(&s, "etc/dnf/libdnf5.conf.d/20-a.conf",
		   "[main]\nsystem_cachedir=/srv/dnf5/\n");
	scene_file(&s, "etc/dnf/libdnf5.conf.d/ignored",
		   "[main]\nsystem_cachedir=/srv/nowhere\n");
	scene_file(&s, "etc/yum.conf",
		   "[main]\ncachedir=/srv/yum/$basearch/$releasever\nkeepcache=1\n");
	scene_file(&s, "etc/zypp/zypp.conf",
		   "[main]\ncachedir = /srv/zypp\npackagesdir = /srv/zypper\n");
	put(&s, "srv/dnf/repo/packages/a.rpm");
	put(&s, "srv/dnf5/repo/packages/a.rpm");
	put(&s, "srv/yum/x86_64/7/repo/packages/a.rpm");
	put(&s, "srv/zypp/packages/repo/noarch/a.rpm");
	put(&s, "srv/zypper/repo/noarch/a.rpm");
	assert_found(&s, "dnf srv/dnf 1\n"
			 "libdnf5 srv/dnf5 1\n"
			 "yum srv/yum/x86_64/7 1\n"
			 "zypp srv/zypp/packages 1\n"
			 "zypp srv/zypper 1\n");
}

/* What a variable is now may not be what it was before the update. */
static void a_variable_stands_for_whatever_is_there(void **state)
{
	cleanup_scene struct scene s = scene_new();

	(void)state;
	make_dirs(&s, "etc/dnf/vars");
	make_dirs(&s, "srv/x86_64/repo/packages");
	make_dirs(&s, "srv/aarch64/repo/packages");
	make_dirs(&s, "srv/.hidden/repo/packages");
	make_dirs(&s, "data/stream-9/of/repo/packages");
	make_dirs(&s, "data/other/of/repo/packages");
	make_dirs(&s, "var/cache/yum/x86_64/7/repo/packages");
	make_dirs(&s, "opt/no");
	make_dirs(&s, "etc/yum");
	scene_file(&s, "etc/dnf/vars/stream", "10\n");
	put(&s, "srv/x86_64/repo/packages/a.rpm");
	put(&s, "srv/aarch64/repo/packages/a.rpm");
	put(&s, "srv/.hidden/repo/packages/a.rpm");
	put(&s, "data/stream-9/of/repo/packages/a.rpm");
	put(&s, "data/other/of/repo/packages/a.rpm");
	put(&s, "var/cache/yum/x86_64/7/repo/packages/a.rpm");
	scene_file(&s, "srv/file", "");
	scene_file(&s, "etc/dnf/dnf.conf", "[main]\ncachedir=/srv/$basearch\n");
	assert_found(&s, "dnf srv/aarch64 1\ndnf srv/x86_64 1\nyum var/cache/yum 1\n");
	scene_file(&s, "etc/dnf/dnf.conf",
		   "[main]\ncachedir=/data/stream-${stream}/of\n");
	assert_found(&s, "dnf data/stream-9/of 1\nyum var/cache/yum 1\n");
	scene_file(&s, "etc/dnf/dnf.conf", "[main]\ncachedir=/$basearch\n");
	scene_file(&s, "etc/yum.conf",
		   "[main]\ncachedir=/var/cache/yum/$basearch/$releasever\n");
	scene_file(&s, "etc/yum/yum.conf", "[main]\ncachedir=/opt/[n]${x\n");
	{
		cleanup_free char *found = found_in(&s);

		assert_non_null(strstr(found, "dnf srv 3\n"));
		assert_non_null(strstr(found, "yum var/cache/yum "));
		assert_null(strstr(found, "yum var/cache/yum/"));
		assert_null(strstr(found, "opt/no"));
	}
}

static void one_place_under_two_names_counts_once(void **state)
{
	cleanup_scene struct scene s = scene_new();

	(void)state;
	make_dirs(&s, "etc/dnf");
	make_dirs(&s, "var/cache");
	make_dirs(&s, "data/dnf/repo/packages");
	scene_link(&s, "/data/dnf", "var/cache/dnf");
	scene_link(&s, "dnf/dnf.conf", "etc/yum.conf");
	scene_file(&s, "etc/dnf/dnf.conf", "[main]\ncachedir=/var/cache/../cache/dnf/\n");
	put(&s, "data/dnf/repo/packages/a.rpm");
	assert_found(&s, "dnf data/dnf 1\n");
}

static void a_place_within_a_place_counts_once(void **state)
{
	cleanup_scene struct scene s = scene_new();

	(void)state;
	make_dirs(&s, "etc/zypp");
	make_dirs(&s, "var/cache/dnf/repo/packages");
	scene_file(&s, "etc/zypp/zypp.conf", "[main]\npackagesdir=/var/cache/dnf/repo\n");
	put(&s, "var/cache/dnf/repo/packages/a.rpm");
	assert_found(&s, "dnf var/cache/dnf 1\nzypp var/cache/dnf/repo 0\n");
}

static void links_lead_nowhere_outside(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_free char *secret = xasprintf("%s/outside/secret.rpm", s.dir);
	cleanup_free char *outside = xasprintf("%s/outside", s.dir);
	cleanup_error struct error err = ERROR_INIT;
	struct sources l = {0};
	struct root *r;

	(void)state;
	make_dirs(&s, "etc/dnf");
	make_dirs(&s, "var/cache/dnf/repo/packages");
	put(&s, "../outside/secret.rpm");
	scene_link(&s, secret, "var/cache/dnf/repo/packages/link.rpm");
	scene_link(&s, outside, "var/cache/dnf/packages");
	scene_link(&s, "../../../../../outside", "var/cache/libdnf5");
	scene_link(&s, "/proc/self/root", "var/cache/yum");
	scene_fifo(&s, "var/cache/dnf/repo/packages/fifo.rpm");
	scene_link(&s, "loop", "loop");
	scene_file(&s, "etc/dnf/dnf.conf", "[main]\ncachedir=/loop\n");
	scene_file(&s, "etc/yum.conf", "[main]\ncachedir=/\n");
	assert_found(&s, "dnf var/cache/dnf 0\n");
	r = open_scene(&s);
	assert_int_equal(sources_add(&l, "cache", r, &err), 0);
	assert_int_equal(sources_index(&l, NULL, &err), 0);
	assert_int_equal(sources_count(&l), 0);
	sources_release(&l);
	root_free(r);
}

static void packages_of_the_cache_are_found_and_opened(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	const struct candidate **found = NULL;
	struct sources l = {0};
	struct pkg *p = NULL;
	struct root *r;

	(void)state;
	make_dirs(&s, "var/cache/dnf/repo/packages");
	put(&s, "var/cache/dnf/repo/packages/probe.rpm");
	scene_file(&s, "var/cache/dnf/repo/packages/half.rpm", "half a download");
	r = open_scene(&s);
	assert_int_equal(sources_add(&l, "cache", r, &err), 0);
	assert_int_equal(sources_index(&l, NULL, &err), 0);
	assert_int_equal(sources_find_name(&l, "probe", "noarch", &found), 1);
	assert_string_equal(found[0]->location, "var/cache/dnf/repo/packages/probe.rpm");
	assert_int_equal(sources_load(&l, found[0], &p, &err), 0);
	assert_int_equal(p->files.n, 2);
	pkg_free(p);
	assert_int_equal(l.v[0]->remarks.n, 1);
	assert_non_null(strstr(l.v[0]->remarks.v[0], "half.rpm"));
	/* where it looked, and that nothing was there */
	assert_true(l.v[0]->looked_at.n > 10);
	assert_non_null(strstr(l.v[0]->looked_at.v[0], "/root/var/cache/dnf"));
	assert_null(strstr(l.v[0]->looked_at.v[0], "not there"));
	assert_non_null(
		strstr(l.v[0]->looked_at.v[1], "var/lib/dnf/plugins/local (not there)"));
	/* what turned into something else since is not opened */
	{
		cleanup_free char *path =
			scene_path(&s, "var/cache/dnf/repo/packages/probe.rpm");

		assert_int_equal(unlink(path), 0);
	}
	scene_fifo(&s, "var/cache/dnf/repo/packages/probe.rpm");
	assert_int_equal(sources_open_package(&l, 0, found[0]->location, &err), -1);
	free(found);
	sources_release(&l);
	root_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_manager_has_its_place),
		cmocka_unit_test(updates_that_wait_and_backups_have_packages),
		cmocka_unit_test(a_state_file_may_say_anything),
		cmocka_unit_test(an_empty_place_says_why),
		cmocka_unit_test(an_empty_cache_is_there_and_a_missing_one_is_not),
		cmocka_unit_test(the_root_says_where_else),
		cmocka_unit_test(a_variable_stands_for_whatever_is_there),
		cmocka_unit_test(one_place_under_two_names_counts_once),
		cmocka_unit_test(a_place_within_a_place_counts_once),
		cmocka_unit_test(links_lead_nowhere_outside),
		cmocka_unit_test(packages_of_the_cache_are_found_and_opened),
	};

	if (hdr_init(NULL))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
