/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/boot.h"

#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "core/kernels.h"
#include "disk/bootloader.h"

struct look {
	struct session *session;
	struct prepared *p;
	struct kernels kernels;
	struct bootloader loader;
};

static bool is_there(const struct look *l, const char *path)
{
	struct statx st;

	return root_statx(l->p->root, path, STATX_TYPE, &st) == 0;
}

static const struct op *op_on(const struct look *l, const char *path)
{
	const struct op *op;

	array_foreach(op, &l->p->plan.ops)
		if (!strcmp(op->path, path))
			return op;
	return NULL;
}

static bool will_be_there(const struct look *l, const char *path)
{
	const struct op *op = op_on(l, path);

	return op ? op->kind != OP_REMOVE && op->kind != OP_MOVE : is_there(l, path);
}

static const struct kernel *kernel_of(const struct look *l, const struct boot_entry *e)
{
	for (uint32_t i = 0; i < l->kernels.n; i++)
		if (bootloader_is_of(e, l->kernels.v[i].release))
			return &l->kernels.v[i];
	return NULL;
}

static bool is_bootable(const struct look *l, const struct boot_entry *e)
{
	const struct kernel *k = kernel_of(l, e);
	cleanup_free char *image = k ? xasprintf("boot/vmlinuz-%s", k->release) : NULL;

	if (k && !k->image.after)
		return false;
	return bootloader_is_whole(l->p->root, e) || (image && will_be_there(l, image));
}

/* --- what was made for a kernel by its scriptlets ----------------------------------------------------------- */

/* What stands before the release, and behind it. Of the first three one is an initramfs. */
enum { INITRAMFS_N = 3 };
static const char *const made[][2] = {{"boot/initramfs-", ".img"},
				      {"boot/initrd-", ""},
				      {"boot/initrd.img-", ""},
				      {"boot/vmlinuz-", ""}};

static char *made_path(size_t i, const struct kernel *k)
{
	return xasprintf("%s%s%s", made[i][0], k->release, made[i][1]);
}

static void list_path(struct buf *b, const char *path)
{
	cleanup_free char *shown = quoted(path);

	buf_printf(b, "%s'/%s'", b->n ? ", " : "", shown);
}

/* The command that makes or removes them, to be run in the root. */
static char *command(const struct look *l, const char *verb, const char *release)
{
	bool add = !strcmp(verb, "add");
	cleanup_free char *image =
		add ? xasprintf(" /lib/modules/%s/vmlinuz", release) : xstrdup("");

	return xasprintf("chroot %s kernel-install %s %s%s", l->session->o->root, verb,
			 release, image);
}

static void name_leftovers(struct look *l, const struct kernel *k)
{
	cleanup_free char *how = command(l, "remove", k->release), *release = NULL;
	cleanup_buf struct buf left = {0};
	const struct boot_entry *e;

	array_foreach(e, &l->loader)
		if (bootloader_is_of(e, k->release) && will_be_there(l, e->path))
			list_path(&left, e->path);
	for (size_t i = 0; i < ELEMENTSOF(made); i++) {
		cleanup_free char *path = made_path(i, k);

		if (is_there(l, path) && will_be_there(l, path))
			list_path(&left, path);
	}
	if (!left.n)
		return;
	release = quoted(k->release);
	problems_add(
		&l->p->plan.problems, PROBLEM_KERNEL, SEV_WARNING, k->release,
		"kernel %s goes, and what its scriptlets made stays, and boots nothing: %s; "
		"remove it when all is well%s%s",
		release, left.s, how ? ": " : "", how ? how : "");
}

static bool will_have_initramfs(const struct look *l, const struct kernel *k)
{
	for (size_t i = 0; i < INITRAMFS_N; i++) {
		cleanup_free char *path = made_path(i, k);

		if (will_be_there(l, path))
			return true;
	}
	return false;
}

static bool has_entry(const struct look *l, const struct kernel *k)
{
	const struct boot_entry *e;

	array_foreach(e, &l->loader)
		if (bootloader_is_of(e, k->release))
			return true;
	return false;
}

static void name_missing(struct look *l, const struct kernel *k)
{
	bool initramfs = will_have_initramfs(l, k);
	bool entry = !l->loader.n || has_entry(l, k);
	cleanup_free char *how = NULL, *release = NULL;

	if (initramfs && entry)
		return;
	how = !entry || is_there(l, "usr/bin/kernel-install")
		      ? command(l, "add", k->release)
		      : xasprintf("chroot %s dracut --force /boot/initramfs-%s.img %s",
				  l->session->o->root, k->release, k->release);
	release = quoted(k->release);
	problems_add(&l->p->plan.problems, PROBLEM_KERNEL, SEV_WARNING, k->release,
		     "kernel %s comes, and has %s, which its scriptlets make; with /dev, "
		     "/proc and /sys mounted there: %s",
		     release,
		     entry	 ? "no initramfs"
		     : initramfs ? "no boot entry"
				 : "neither an initramfs nor a boot entry",
		     how);
}

/* --- the default --------------------------------------------------------------------------------------------- */

/* The newest that can be booted; one for rescue where there is no other. */
static const struct boot_entry *choose(const struct look *l)
{
	const struct boot_entry *e, *best = NULL;
	bool best_rescue = false;

	array_foreach(e, &l->loader) {
		bool rescue = strstr(e->id, "rescue") != NULL;

		if (!is_bootable(l, e))
			continue;
		if (best && rescue != best_rescue
			    ? rescue
			    : best && strverscmp(e->id, best->id) < 0)
			continue;
		best = e;
		best_rescue = rescue;
	}
	return best;
}

/* The kernel that goes and that a default means by its title, as GRUB's may. */
static const struct kernel *named_by(const struct look *l, const struct boot_default *d)
{
	for (uint32_t i = 0; i < l->kernels.n; i++)
		if (kernel_goes(&l->kernels.v[i]) &&
		    strstr(d->value, l->kernels.v[i].release))
			return &l->kernels.v[i];
	return NULL;
}

static void fix(struct look *l, struct boot_default *d, const struct boot_entry *e)
{
	cleanup_free char *path = quoted(d->path), *id = quoted(e->id);
	cleanup_buf struct buf text = {0};
	struct boot_fix *f;

	if (!bootloader_set(d, e, &text)) {
		problems_add(
			&l->p->plan.problems, PROBLEM_KERNEL, SEV_WARNING, d->path,
			"'/%s' is no environment of GRUB's of 1024 bytes with room for the "
			"default entry '%s', and stays as it is",
			path, id);
		return;
	}
	problems_add(&l->p->plan.problems, PROBLEM_KERNEL, SEV_NOTE, d->path,
		     "the default entry in '/%s' becomes '%s'", path, id);
	f = array_push(&l->p->boot);
	f->path = xstrdup(d->path);
	f->old = d->old;
	f->text = text;
	text = (struct buf){0};
}

static void check_default(struct look *l, struct boot_default *d)
{
	const struct boot_entry *e = bootloader_default(&l->loader, d), *other;
	cleanup_free char *path = NULL, *value = NULL, *id = NULL;

	if (e ? is_bootable(l, e) : !named_by(l, d))
		return;
	other = choose(l);
	if (other && l->session->o->fix_boot && !l->p->plan.keeps_db) {
		fix(l, d, other);
		return;
	}
	path = quoted(d->path);
	value = quoted(d->value);
	id = other ? quoted(other->id) : NULL;
	problems_add(&l->p->plan.problems, PROBLEM_KERNEL, SEV_WARNING, d->path,
		     "the default entry in '/%s', '%s', is of a kernel that is not there "
		     "afterwards; %s%s%s",
		     path, value,
		     id ? "--fix-boot makes it '" : "no other entry was found",
		     id ? id : "", id ? "'" : "");
}

void boot_look(struct session *s, struct prepared *p)
{
	struct look l = {.session = s, .p = p};

	kernels_find(&p->outcome.changes, &p->staying, &l.kernels);
	if (l.kernels.n || s->o->fix_boot)
		bootloader_read(p->root, &l.loader);
	if (!p->plan.keeps_db)
		kernels_check(&l.kernels, s->o->nodeps, &p->plan.problems);
	for (uint32_t i = 0; i < l.kernels.n; i++) {
		if (kernel_goes(&l.kernels.v[i]))
			name_leftovers(&l, &l.kernels.v[i]);
		else if (kernel_comes(&l.kernels.v[i]))
			name_missing(&l, &l.kernels.v[i]);
	}
	for (uint32_t i = 0; i < l.loader.defaults.n; i++)
		check_default(&l, &l.loader.defaults.v[i]);
	bootloader_release(&l.loader);
	kernels_release(&l.kernels);
}

int boot_make(const struct prepared *p, struct newfiles *ret, struct error *err)
{
	const struct boot_fix *f;

	array_foreach(f, &p->boot) {
		cleanup_close int fd = memfd_create("boot", MFD_CLOEXEC);
		struct newfile *n;

		if (fd < 0 || file_write_all(fd, f->text.s, f->text.n) < 0)
			return err_errno(err, "cannot make the new '/%s'", f->path);
		n = newfiles_add(ret, NEWFILE_CONTENT, f->path);
		n->fd = steal_fd(&fd);
		n->old = f->old;
	}
	return 0;
}

void boot_fixes_release(struct boot_fixes *l)
{
	struct boot_fix *f;

	array_foreach(f, l) {
		free(f->path);
		buf_release(&f->text);
	}
	array_release(l);
}
