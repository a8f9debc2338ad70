/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#endif

#include "base/jail.h"
#include "base/scratch.h"
#include "base/syscalls.h"
#include "base/walls.h"

/* Of linux/mount.h, which is at odds with sys/mount.h in some versions of libc. */
enum { ATTR_RDONLY = 0x01, ATTR_NOSUID = 0x02, ATTR_NODEV = 0x04, RECURSIVE = 0x8000 };

static int set_mounts(int dir, const char *path, uint64_t set, uint64_t clear, int flags)
{
	struct {
		uint64_t set, clear, propagation, userns_fd;
	} attr = {set, clear, 0, 0};

	return (int)syscall(SYS_mount_setattr, dir, path, flags, &attr, sizeof(attr));
}

/* A directory beneath dir, no link on the way: fd, or -1 with errno. */
static int open_beneath(int dir, const char *path)
{
#if defined(HAVE_LINUX_OPENAT2_H) && defined(SYS_openat2)
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
					  RESOLVE_NO_MAGICLINKS};

	return (int)syscall(SYS_openat2, dir, *path ? path : ".", &how, sizeof(how));
#else
	(void)dir, (void)path;
	errno = ENOSYS;
	return -1;
#endif
}

static const char *fd_path(int fd, char buf[32])
{
	snprintf(buf, 32, "/proc/self/fd/%d", fd);
	return buf;
}

int jail_leave(struct error *err)
{
	const char *without = getenv("PUTBACK_WITHOUT"); /* tests take the call away */

	if (without && strstr(without, "unshare")) {
		errno = EPERM;
		return err_errno(err, "cannot set a program apart from the host");
	}
	if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET |
		    CLONE_NEWUTS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_errno(err, "cannot set a program apart from the host");
	return 0;
}

/* The root again, in this namespace of mounts: it must be the one that was opened. */
static int open_root(const struct jail_root *root, struct error *err)
{
	cleanup_close int fd = open(root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "cannot open '%s'", root->path);
	if (st.st_dev != root->dev || st.st_ino != root->ino)
		return err_set(err, ERR_FAILED, "'%s' is another directory by now",
			       root->path);
	return steal_fd(&fd);
}

/* --- a view ----------------------------------------------------------------------------------------- */

/* "lowerdir=...": what is covered need not be there. */
static char *lower_option(int layer, int lower)
{
	if (layer < 0)
		return xasprintf("lowerdir=/proc/self/fd/%d", lower);
	if (lower < 0)
		return xasprintf("lowerdir=/proc/self/fd/%d", layer);
	return xasprintf("lowerdir=/proc/self/fd/%d:/proc/self/fd/%d", layer, lower);
}

static int mount_overlay(int root, int upper, int at, int folder,
			 const struct runner_mount *m)
{
	cleanup_close int lower = open_beneath(root, m->path), layer = -1;
	cleanup_close int work = open_beneath(folder, m->work);
	cleanup_free char *lowers = NULL, *options = NULL;
	char target[32];

	if (lower < 0 && (errno != ENOENT || !m->layer))
		return -1;
	if (m->layer)
		layer = open_beneath(root, m->layer);
	if (work < 0 || (m->layer && layer < 0))
		return -1;
	/* what a root says of itself in extended attributes leads nowhere */
	lowers = lower_option(layer, lower);
	options = xasprintf("%s,upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d,"
			    "redirect_dir=nofollow,index=off,metacopy=off,xino=off",
			    lowers, upper, work);
	return mount("putback", fd_path(at, target), "overlay", 0, options);
}

static int mount_view(int root, int view, int folder, const struct runner_mount *m,
		      struct error *err)
{
	cleanup_close int upper = open_beneath(folder, m->upper);
	cleanup_close int at = open_beneath(view, m->path);
	char source[32], target[32];
	int rc = -1;

	if (upper >= 0 && at >= 0)
		rc = m->work ? mount_overlay(root, upper, at, folder, m)
			     : mount(fd_path(upper, source), fd_path(at, target), NULL,
				     MS_BIND, NULL);
	return rc < 0 ? err_errno(err, "cannot make a view of '/%s'", m->path) : 0;
}

/* All but the overlays. */
static int make_read_only(int folder, const struct runner_order *o, struct error *err)
{
	cleanup_close int top = open_beneath(folder, "view");

	if (set_mounts(AT_FDCWD, "/", ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV, 0,
		       RECURSIVE) < 0)
		return err_errno(err, "cannot make the host's mounts read-only");
	for (uint32_t i = 0; i < o->n_mounts; i++) {
		cleanup_close int fd = -1;

		if (!o->mounts[i].work)
			continue;
		fd = open_beneath(top, o->mounts[i].path);
		if (fd < 0 || set_mounts(fd, "", 0, ATTR_RDONLY, AT_EMPTY_PATH) < 0)
			return err_errno(err, "cannot open the view of '/%s'",
					 o->mounts[i].path);
	}
	return 0;
}

/* Only what lies in a scratch place: who asks may be in a stranger's hands. fd, or -1 with errno. */
static int open_folder(const char *path)
{
	const struct strlist *places = scratch_places();

	for (uint32_t i = 0; i < places->n; i++) {
		size_t n = strlen(places->v[i]);
		cleanup_close int place = -1;

		if (strncmp(path, places->v[i], n) != 0 || path[n] != '/')
			continue;
		place = open(places->v[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		return place < 0 ? -1 : open_beneath(place, path + n + 1);
	}
	errno = EPERM;
	return -1;
}

/* Of the devices of the host these stay, each as a mount of its own. */
static void keep_devices(bool open)
{
	static const char *const kept[] = {"/dev/null", "/dev/zero", "/dev/full",
					   "/dev/random", "/dev/urandom"};

	for (size_t i = 0; i < ELEMENTSOF(kept); i++)
		if (open)
			(void)set_mounts(AT_FDCWD, kept[i], 0, ATTR_NODEV, 0);
		else
			(void)mount(kept[i], kept[i], NULL, MS_BIND, NULL);
}

int jail_view(const struct jail_root *root, const struct runner_order *order,
	      struct error *err)
{
	cleanup_close int top = open_root(root, err);
	cleanup_close int folder = open_folder(order->folder);

	if (top < 0)
		return -1;
	if (folder < 0)
		return err_errno(err, "cannot open '%s'", order->folder);
	for (uint32_t i = 0; i < order->n_mounts; i++) {
		/* opened anew each time: what was opened before a mount leads beneath it */
		cleanup_close int view = open_beneath(folder, "view");

		if (mount_view(top, view, folder, &order->mounts[i], err) < 0)
			return -1;
	}
	keep_devices(false);
	if (make_read_only(folder, order, err) < 0)
		return -1;
	keep_devices(true);
	return 0;
}

/* --- the root alone ---------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned major, minor;
} devices[] = {{"null", 1, 3},	 {"zero", 1, 5},    {"full", 1, 7},
	       {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

static int fill_dev(int dev)
{
	static const char *const links[][2] = {{"/proc/self/fd", "fd"},
					       {"fd/0", "stdin"},
					       {"fd/1", "stdout"},
					       {"fd/2", "stderr"}};

	for (size_t i = 0; i < ELEMENTSOF(devices); i++)
		if (mknodat(dev, devices[i].name, S_IFCHR | 0666,
			    makedev(devices[i].major, devices[i].minor)) < 0)
			return -1;
	for (size_t i = 0; i < ELEMENTSOF(links); i++)
		if (symlinkat(links[i][0], dev, links[i][1]) < 0)
			return -1;
	return 0;
}

/* Mounted over a directory of the root, which must be one. */
static int mount_over(int root, const char *type, const char *name, unsigned long flags,
		      const char *options, struct error *err)
{
	cleanup_close int at = open_beneath(root, name);
	char target[32];

	if (at < 0 || mount(type, fd_path(at, target), type, flags, options) < 0)
		return err_errno(err, "cannot mount a private /%s in the root", name);
	return 0;
}

static int bind_read_only(const char *path)
{
	return mount(path, path, NULL, MS_BIND, NULL) < 0
		       ? -1
		       : mount(NULL, path, NULL,
			       MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV |
				       MS_NOEXEC,
			       NULL);
}

/* In the new world: what of /proc is not of a process is the kernel's that the host runs on. So is /sys,
 * where somebody has mounted it in the root. */
static int close_kernel(struct error *err)
{
	/* what says something of the host; a kernel may lack some */
	static const char *const hidden[] = {"/proc/kcore", "/proc/keys",
					     "/proc/key-users", "/proc/timer_list"};
	DIR *d = opendir("/proc");
	struct dirent *e;
	int rc = d ? 0 : -1;

	while (rc == 0 && (e = readdir(d))) {
		char path[sizeof("/proc/") + sizeof(e->d_name)];

		if (e->d_name[0] == '.' || strspn(e->d_name, "0123456789") ||
		    e->d_type == DT_LNK)
			continue;
		snprintf(path, sizeof(path), "/proc/%s", e->d_name);
		if (bind_read_only(path) < 0 && errno != ENOENT)
			rc = -1;
	}
	for (size_t i = 0; rc == 0 && i < ELEMENTSOF(hidden); i++)
		if (mount("/dev/null", hidden[i], NULL, MS_BIND, NULL) < 0 &&
		    errno != ENOENT)
			rc = -1;
	/* EINVAL: nothing is mounted there */
	if (rc == 0 && set_mounts(AT_FDCWD, "/sys", ATTR_RDONLY, 0, RECURSIVE) < 0 &&
	    errno != EINVAL && errno != ENOENT)
		rc = -1;
	if (rc < 0)
		err_errno(err, "cannot make /proc and /sys read-only");
	if (d)
		closedir(d);
	return rc;
}

static int make_dev(int root, int folder, struct error *err)
{
	cleanup_close int dev = -1, at = -1;
	char source[32], target[32];
	mode_t mask;
	int rc;

	/* it is memory of the host's */
	if (mount_over(root, "tmpfs", "dev", MS_NOSUID | MS_NOEXEC,
		       "mode=0755,size=16m,nr_inodes=4k", err) < 0)
		return -1;
	dev = open_beneath(root, "dev");
	mask = umask(0); /* devices are there for all */
	rc = dev < 0 ? -1 : fill_dev(dev);
	umask(mask);
	if (rc == 0 && folder >= 0) {
		rc = mkdirat(dev, strrchr(JAIL_RPMDB, '/') + 1, 0700);
		at = open_beneath(dev, strrchr(JAIL_RPMDB, '/') + 1);
		if (rc == 0)
			rc = at < 0 ? -1
				    : mount(fd_path(folder, source), fd_path(at, target),
					    NULL, MS_BIND, NULL);
	}
	return rc < 0 ? err_errno(err, "cannot make devices for the root") : 0;
}

/* attr: of the root's own mounts; folder: to be seen as JAIL_RPMDB, or -1 */
static int enter_root(const struct jail_root *root, uint64_t attr, int folder,
		      struct error *err)
{
	cleanup_close int top = open_root(root, err), bound = -1;
	char path[32];

	if (top < 0)
		return -1;
	if (mount(fd_path(top, path), path, NULL, MS_BIND | MS_REC, NULL) < 0)
		return err_errno(err, "cannot make the root a world of its own");
	bound = open_root(root, err);
	if (bound < 0)
		return -1;
	/* a node that lies in the root would be a device of the host */
	if (set_mounts(bound, "", attr | ATTR_NODEV, 0, AT_EMPTY_PATH | RECURSIVE) < 0)
		return err_errno(err, "cannot close the devices of the root");
	if (mount_over(bound, "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL,
		       err) < 0 ||
	    make_dev(bound, folder, err) < 0)
		return -1;
	if (fchdir(bound) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return err_errno(err, "cannot enter the root");
	return close_kernel(err);
}

int jail_root(const struct jail_root *root, struct error *err)
{
	return enter_root(root, 0, -1, err);
}

int jail_rebuild(const struct jail_root *root, const char *folder, struct error *err)
{
	cleanup_close int fd = open_folder(folder);

	if (fd < 0)
		return err_errno(err, "cannot open '%s'", folder);
	return enter_root(root, ATTR_RDONLY | ATTR_NOSUID, fd, err);
}

/* --- rights ----------------------------------------------------------------------------------------- */

/* What is done to files, and chroot(2), which ldconfig is made for. */
static const int of_tool[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID,
			      CAP_SYS_CHROOT};
/* What root does on a machine to files and processes; nothing to the kernel or its devices. Not
 * CAP_DAC_READ_SEARCH: with open_by_handle_at(2) it leads to any file of a file system that is mounted. */
static const int of_root[] = {
	CAP_CHOWN,    CAP_DAC_OVERRIDE, CAP_FOWNER,  CAP_FSETID,  CAP_KILL,
	CAP_SETGID,   CAP_SETUID,	CAP_SETPCAP, CAP_SETFCAP, CAP_SYS_CHROOT,
	CAP_IPC_LOCK, CAP_AUDIT_WRITE,	CAP_LEASE,   CAP_SYS_NICE};

/* bytes; a database of packages can be a big one */
enum { FILE_MAX = 512 << 20 };
static const rlim_t database_max = (rlim_t)4 << 30;

static bool is_kept(int cap, const int *kept, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (kept[i] == cap)
			return true;
	return false;
}

int jail_drop_rights(enum runner_what what, struct error *err)
{
	/* a tool that a root has made mad must not fill the host's memory with one file */
	const rlim_t max = what == RUNNER_REBUILD ? database_max : FILE_MAX;
	const struct rlimit cores = {0, 0}, size = {max, max};
	const int *kept = what == RUNNER_IN_ROOT ? of_root : of_tool;
	size_t n = what == RUNNER_IN_ROOT ? ELEMENTSOF(of_root) : ELEMENTSOF(of_tool);

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (!is_kept(cap, kept, n) && prctl(PR_CAPBSET_DROP, cap) < 0)
			return err_errno(err, "cannot give up rights");
	setrlimit(RLIMIT_CORE, &cores);
	if (what == RUNNER_IN_ROOT)
		return 0;
	setrlimit(RLIMIT_FSIZE, &size);
	/* a daemon of the host would do for a tool what it cannot: no mount is in the way of its socket */
	if (walls_no_new_privileges() < 0 ||
	    (walls_has_filter() && walls_no_sockets() < 0 && errno != EINVAL))
		return err_errno(err, "cannot give up rights");
	return 0;
}
