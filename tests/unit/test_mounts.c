/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts are made in a mount namespace of the test's own; without the right to do so these cases
 * are skipped. */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "disk/fields.h"
#include "disk/mounts.h"
#include "scene.h"

static bool may_mount;

static void mount_tmpfs(const struct scene *s, const char *path, unsigned long flags,
			const char *data)
{
	cleanup_free char *full = scene_path(s, path);

	if (mount("tester", full, "tmpfs", flags, data)) {
		may_mount = false;
		skip();
	}
}

static void unmount_all(const struct scene *s)
{
	while (umount2(s->root, MNT_DETACH) == 0)
		;
}

static struct mounts read_mounts(const struct scene *s)
{
	cleanup_error struct error err = ERROR_INIT;
	struct mounts m = {0};

	for (int i = 0; i < 2; i++) {
		/* the same through a private copy of the mounts and directly */
		struct root *r = NULL;

		mounts_release(&m);
		assert_int_equal(root_open(s->root, i ? ROOT_WRITE : ROOT_READ, &r, &err),
				 0);
		assert_int_equal(mounts_read(r, &m, &err), 0);
		root_free(r);
	}
	assert_true(m.n >= 1);
	assert_string_equal(m.v[0].path, "");
	return m;
}

static const struct mount *find(const struct mounts *m, const char *path)
{
	const struct mount *x;

	array_foreach(x, m)
		if (!strcmp(x->path, path))
			return x;
	return NULL;
}

/* Whose mountinfo says nothing of the file system that the chroot lies on. */
static bool in_chroot(void)
{
	cleanup_free char *line = NULL;
	FILE *f = fopen("/proc/self/mountinfo", "re");
	size_t cap = 0;
	bool has_top = false;

	while (f && getline(&line, &cap, f) > 0)
		has_top |= strstr(line, " / / ") != NULL;
	if (f)
		fclose(f);
	return !has_top;
}

static void a_folder_of_another_file_system(void **state)
{
	cleanup_scene struct scene s = scene_new();
	struct mounts m = read_mounts(&s);
	struct stat st;

	(void)state;
	assert_int_equal(m.n, 1);
	assert_int_equal(stat(s.root, &st), 0);
	assert_int_equal(m.v[0].dev, st.st_dev);
	assert_string_not_equal(m.v[0].fstype, "?");
	if (stat("/proc/self", &st) == 0 && !in_chroot())
		assert_string_not_equal(m.v[0].device, "?");
	assert_false(m.v[0].missing);
	assert_false(m.v[0].readonly);
	assert_true(m.v[0].blocks_free > 0);
	assert_true(m.v[0].block_size >= 512);
	assert_true(m.v[0].bytes_total > m.v[0].blocks_free);
	mounts_release(&m);
}

static void mounts_beneath(void **state)
{
	cleanup_scene struct scene s = scene_new();
	const struct mount *x;
	struct mounts m;

	(void)state;
	if (!may_mount)
		skip();
	mount_tmpfs(&s, "", 0, "size=4m,nr_inodes=100");
	scene_dir(&s, "usr");
	scene_dir(&s, "a b\n\\c");
	scene_dir(&s, "boot");
	mount_tmpfs(&s, "usr", 0, "size=8m");
	mount_tmpfs(&s, "boot", MS_RDONLY, NULL);
	scene_dir(&s, "usr/local");
	mount_tmpfs(&s, "usr/local", 0, NULL);
	mount_tmpfs(&s, "a b\n\\c", 0, NULL);
	m = read_mounts(&s);
	assert_int_equal(m.n, 5);
	assert_string_equal(m.v[0].fstype, "tmpfs");
	assert_string_equal(m.v[0].device, "tester");
	assert_int_equal(m.v[0].bytes_total, 4 << 20);
	assert_true(m.v[0].inodes_free >= 90 && m.v[0].inodes_free <= 99);
	assert_string_equal(m.v[1].path, "a b\n\\c");
	assert_string_equal(m.v[2].path, "boot");
	assert_true(m.v[2].readonly);
	assert_string_equal(m.v[3].path, "usr");
	assert_false(m.v[3].readonly);
	assert_int_equal(m.v[3].bytes_total, 8 << 20);
	assert_string_equal(m.v[4].path, "usr/local");
	array_foreach(x, &m) {
		cleanup_free char *full = scene_path(&s, x->path);
		struct stat st;

		assert_int_equal(stat(full, &st), 0);
		assert_int_equal(x->dev, st.st_dev);
	}
	assert_int_equal(mounts_of_path(&m, "usr/local/bin"), 4);
	assert_int_equal(mounts_of_path(&m, "usr/bin"), 3);
	assert_int_equal(mounts_of_path(&m, "usrx"), 0);
	mounts_release(&m);
	unmount_all(&s);
}

static void the_last_at_a_place_counts(void **state)
{
	cleanup_scene struct scene s = scene_new();
	struct mounts m;

	(void)state;
	if (!may_mount)
		skip();
	scene_dir(&s, "usr");
	mount_tmpfs(&s, "usr", 0, "size=4m");
	scene_dir(&s, "usr/hidden");
	mount_tmpfs(&s, "usr/hidden", 0, NULL);
	mount_tmpfs(&s, "usr", 0, "size=8m");
	m = read_mounts(&s);
	assert_int_equal(m.n, 2);
	assert_string_equal(m.v[1].path, "usr");
	assert_int_equal(m.v[1].bytes_total, 8 << 20);
	mounts_release(&m);
	/* what lies under a mount of the same name does not come back into sight */
	scene_dir(&s, "usr/hidden");
	m = read_mounts(&s);
	assert_int_equal(m.n, 2);
	mounts_release(&m);
	cleanup_free char *usr = scene_path(&s, "usr");
	while (umount2(usr, MNT_DETACH) == 0)
		;
}

static void what_fstab_names_and_nobody_mounted(void **state)
{
	cleanup_scene struct scene s = scene_new();
	const struct mount *x;
	struct mounts m;

	(void)state;
	scene_dir(&s, "etc");
	scene_dir(&s, "boot");
	scene_dir(&s, "data");
	scene_dir(&s, "data/srv");
	scene_link(&s, "/data/srv", "srv");
	scene_link(&s, "loop", "loop");
	scene_file(&s, "plain", "");
	scene_file(&s, "etc/fstab",
		   "# /dev/sda9 /comment ext4 defaults 0 0\n"
		   "UUID=1 / ext4 defaults 0 1\n"
		   "UUID=2\t/boot\text4\tdefaults\t1 2\n"
		   "UUID=2 /boot xfs defaults\n"
		   "  UUID=3 /boot/efi vfat umask=0077,nofail 0 2\r\n"
		   "UUID=4 none swap sw 0 0\n"
		   "UUID=4 swap swap sw 0 0\n"
		   "tmpfs /tmp tmpfs defaults 0 0\n"
		   "proc /proc proc defaults 0 0\n"
		   "none /none none defaults 0 0\n"
		   "/dev/cdrom /media iso9660 ro,noauto 0 0\n"
		   "UUID=5 /efi vfat noauto,x-systemd.automount\n"
		   "server:/srv /srv nfs _netdev 0 0\n"
		   "/data/srv /bound none bind 0 0\n"
		   "UUID=6 /with\\040blank\\134 ext4\n"
		   "UUID=7 ../../../var ext4\n"
		   "UUID=8 /../../../../var/x/ ext4\n"
		   "UUID=9 /loop/x ext4\n"
		   "UUID=10 /plain/x ext4\n"
		   "UUID=11\n"
		   "UUID=12 /short\n"
		   "\\\\\\\n\\999 /\\777 \\0\n"
		   "\377\376 /bytes\351 ext4");
	m = read_mounts(&s);
	static const char *const expected[] = {
		"",	 "boot",	 "boot/efi", "efi",   "data/srv",
		"bound", "with blank\\", "var/x",    "\\777", "bytes\351"};
	assert_int_equal(m.n, ELEMENTSOF(expected));
	for (size_t i = 0; i < ELEMENTSOF(expected); i++) {
		assert_string_equal(m.v[i].path, expected[i]);
		assert_int_equal(m.v[i].missing, i > 0);
	}
	x = find(&m, "boot");
	assert_string_equal(x->fstype, "ext4");
	assert_string_equal(x->device, "UUID=2");
	assert_ptr_equal(mounts_missing_above(&m, "boot/vmlinuz"), x);
	assert_null(mounts_missing_above(&m, "usr/bin"));
	mounts_release(&m);
}

static void what_is_mounted_is_not_missing(void **state)
{
	cleanup_scene struct scene s = scene_new();
	struct mounts m;

	(void)state;
	if (!may_mount)
		skip();
	mount_tmpfs(&s, "", 0, NULL);
	scene_dir(&s, "etc");
	scene_dir(&s, "boot");
	scene_dir(&s, "data");
	scene_link(&s, "data", "home");
	scene_file(&s, "etc/fstab",
		   "a /boot ext4\nb /boot/efi vfat\nc /home ext4\nd /var ext4\n");
	mount_tmpfs(&s, "boot", 0, NULL);
	mount_tmpfs(&s, "data", 0, NULL);
	m = read_mounts(&s);
	assert_int_equal(m.n, 5);
	assert_false(find(&m, "boot")->missing);
	assert_false(find(&m, "data")->missing);
	assert_true(find(&m, "boot/efi")->missing);
	assert_true(find(&m, "var")->missing);
	mounts_release(&m);
	unmount_all(&s);
}

/* Runs in a process and a mount namespace of its own. */
static int read_without_proc(const struct scene *s)
{
	struct root *r = NULL;
	struct mounts m;
	int result = 0;

	if (unshare(CLONE_NEWNS) || mount("none", "/proc", "tmpfs", 0, NULL))
		return 77;
	if (root_open(s->root, ROOT_READ, &r, NULL) || mounts_read(r, &m, NULL))
		return 1;
	if (m.n != 3 || !strcmp(m.v[0].fstype, "?") || !m.v[0].block_size)
		result = 2;
	else if (strcmp(m.v[1].path, "boot") || m.v[1].missing ||
		 strcmp(m.v[1].fstype, "ext4") || m.v[1].bytes_total != 4 << 20)
		result = 3;
	else if (strcmp(m.v[2].path, "var") || !m.v[2].missing)
		result = 4;
	mounts_release(&m);
	root_free(r);
	return result;
}

static void without_proc_the_tree_itself_tells(void **state)
{
	cleanup_scene struct scene s = scene_new();
	int status;
	pid_t child;

	(void)state;
	if (!may_mount)
		skip();
	scene_dir(&s, "etc");
	scene_dir(&s, "boot");
	scene_dir(&s, "var");
	scene_file(&s, "etc/fstab", "a /boot ext4\nb /var ext4\n");
	mount_tmpfs(&s, "boot", 0, "size=4m");
	child = fork();
	if (!child)
		_exit(read_without_proc(&s));
	assert_int_equal(waitpid(child, &status, 0), child);
	cleanup_free char *boot = scene_path(&s, "boot");
	umount2(boot, MNT_DETACH);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void fstab_that_is_no_file(void **state)
{
	cleanup_scene struct scene s = scene_new();
	struct mounts m;

	(void)state;
	scene_dir(&s, "etc");
	scene_fifo(&s, "etc/fstab");
	alarm(20); /* a hang is a failure */
	m = read_mounts(&s);
	alarm(0);
	assert_int_equal(m.n, 1);
	mounts_release(&m);
}

static void a_root_that_went_away(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	struct root *r = NULL;
	struct mounts m;

	(void)state;
	assert_int_equal(root_open(s.root, ROOT_WRITE, &r, &err), 0);
	assert_int_equal(rmdir(s.root), 0);
	assert_int_equal(mounts_read(r, &m, &err), -1);
	assert_int_equal(err.kind, ERR_FAILED);
	assert_non_null(strstr(err.msg, s.root));
	root_free(r);
}

static void fields(void **state)
{
	char text[] = " a\tb\\040c \\134\\1234 \\400\\08\\\n", empty[] = " \n",
	     *at = text;

	(void)state;
	assert_string_equal(fields_next(&at), "a");
	assert_string_equal(fields_next(&at), "b c");
	assert_string_equal(fields_next(&at), "\\S4");
	assert_string_equal(fields_next(&at), "\\400\\08\\");
	assert_null(fields_next(&at));
	assert_null(fields_next(&at));
	at = empty;
	assert_null(fields_next(&at));
	assert_true(fields_has_option("rw,noauto", "noauto"));
	assert_true(fields_has_option("noauto,rw", "noauto"));
	assert_false(fields_has_option("xnoauto,noautox", "noauto"));
	assert_false(fields_has_option("", "noauto"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_of_another_file_system),
		cmocka_unit_test(mounts_beneath),
		cmocka_unit_test(the_last_at_a_place_counts),
		cmocka_unit_test(what_fstab_names_and_nobody_mounted),
		cmocka_unit_test(what_is_mounted_is_not_missing),
		cmocka_unit_test(without_proc_the_tree_itself_tells),
		cmocka_unit_test(fstab_that_is_no_file),
		cmocka_unit_test(a_root_that_went_away),
		cmocka_unit_test(fields),
	};

	may_mount = unshare(CLONE_NEWNS) == 0 &&
		    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
