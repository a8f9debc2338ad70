/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/boot.h"

#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "cmd/word.h"
#include "core/kernels.h"
#include "disk/bootloader.h"
#include "rpm/evr.h"
#include "select/step.h"

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

/*
 * The command that makes or removes them, to be run in the root, as " …: COMMAND". "" where the name of
 * the kernel, which is the root's, is no word that anybody should copy into a shell.
 */
static char *command(const struct look *l, const char *lead, const char *format,
		     const char *release)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789._+~^-";
	cleanup_free char *root = word_quote(l->session->o->root);
	cleanup_buf struct buf b = {0};

	if (release[strspn(release, plain)] || *release == '-')
		return xstrdup("");
	buf_printf(&b, "%schroot %s ", lead, root);
	for (const char *p = format; *p; p++) {
		if (*p == '%')
			buf_str(&b, release);
		else
			buf_char(&b, *p);
	}
	return buf_steal(&b);
}

static void name_leftovers(struct look *l, const struct kernel *k)
{
	cleanup_free char *how = command(l, ": ", "kernel-install remove %", k->release);
	cleanup_free char *release = NULL;
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
		"remove it when all is well%s",
		release, left.s, how);
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
	how = command(l, "; with /dev, /proc and /sys mounted there: ",
		      !entry || is_there(l, "usr/bin/kernel-install")
			      ? "kernel-install add % /lib/modules/%/vmlinuz"
			      : "dracut --force /boot/initramfs-%.img %",
		      k->release);
	release = quoted(k->release);
	problems_add(&l->p->plan.problems, PROBLEM_KERNEL, SEV_WARNING, k->release,
		     "kernel %s comes, and has %s, which its scriptlets make%s",
		     release,
		     entry	 ? "no initramfs"
		     : initramfs ? "no boot entry"
				 : "neither an initramfs nor a boot entry",
		     how);
}

/* --- the default --------------------------------------------------------------------------------------------- */

enum { MACHINE_ID = 32 };

/* "0123456789abcdef0123456789abcdef-", as kernel-install(8) names entries; 0: without one */
static size_t machine_part(const char *id)
{
	return strspn(id, "0123456789abcdef") == MACHINE_ID && id[MACHINE_ID] == '-'
		       ? MACHINE_ID + 1
		       : 0;
}

/* The higher, the likelier it is what somebody wants to boot every day. */
static int rank_of(const struct look *l, const struct boot_entry *e)
{
	const char *own = l->p->machine.machine_id;
	size_t n = machine_part(e->id);
	const char *plus = strchr(e->id, '+');

	if (strstr(e->id, "rescue"))
		return 0;
	/* "+debug" and its like are built for something else; "+3-0" counts attempts to boot */
	if (plus && (plus[1] < '0' || plus[1] > '9'))
		return 1;
	return n && own && *own && strncmp(e->id, own, MACHINE_ID) != 0 ? 2 : 3;
}

static int cmp_version(const struct boot_entry *a, const struct boot_entry *b)
{
	struct nevra va = {.version = *a->version ? a->version : a->id + machine_part(a->id),
			   .release = ""};
	struct nevra vb = {.version = *b->version ? b->version : b->id + machine_part(b->id),
			   .release = ""};

	return evr_cmp(&va, &vb);
}

/* The newest that can be booted, of those of the best kind. */
static const struct boot_entry *choose(const struct look *l)
{
	const struct boot_entry *e, *best = NULL;
	int best_rank = 0;

	array_foreach(e, &l->loader) {
		int rank = rank_of(l, e);

		if (!is_bootable(l, e) || (best && rank < best_rank) ||
		    (best && rank == best_rank && cmp_version(e, best) < 0))
			continue;
		best = e;
		best_rank = rank;
	}
	return best;
}

/* 1: the default can be booted; 0: nothing that it means can; -1: what it means is not known. */
static int default_boots(const struct look *l, const struct boot_default *d)
{
	const struct boot_entry *e;
	int rc = -1;

	array_foreach(e, &l->loader) {
		if (!bootloader_means(d, e))
			continue;
		if (is_bootable(l, e))
			return 1;
		rc = 0;
	}
	return rc;
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
	cleanup_free char *path = NULL, *value = NULL, *id = NULL;
	const struct boot_entry *other;
	int boots = default_boots(l, d);

	if (boots > 0 || (boots < 0 && !named_by(l, d)))
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
