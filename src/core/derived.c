/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/derived.h"

#include <fnmatch.h>
#include <string.h>

#include "base/buf.h"

/*
 * A row names its source: what the scriptlet or trigger that it stands for does in Fedora's or
 * openSUSE's packages, and the manual of the tool.
 */
static const struct derived_kind kinds[] = {
	{
		/* glibc's file trigger; ldconfig(8). Links are packaged: -X leaves them alone. */
		.name = "ld.so.cache",
		.patterns = {"lib", "etc/ld.so.conf", "etc/ld.so.conf.d/*"},
		.native = true,
		.needs = {"etc/ld.so.cache"},
		.argv = {"ldconfig", "-X", "-i", "-r", "%R"},
		.outputs = {"etc/ld.so.cache"},
		.command = "ldconfig",
	},
	{
		/* kernel-install's 50-depmod.install; depmod(8), depmod.d(5) */
		.name = "modules of %S",
		.patterns = {"usr/lib/modules/%/*", "lib/modules/%/*"},
		.needs = {"usr/lib/modules/%S/modules.builtin",
			  "lib/modules/%S/modules.builtin"},
		.argv = {"depmod", "-b", "%R", "-C", "%R/etc/depmod.d", "-C",
			 "%R/usr/lib/depmod.d", "-a", "%S"},
		.outputs = {"usr/lib/modules/%S/modules.*", "lib/modules/%S/modules.*"},
		.reads = {"etc/depmod.d/*", "usr/lib/depmod.d/*", "lib/depmod.d/*"},
		.command = "depmod -a %S",
	},
	{
		/* systemd's file trigger; systemd-sysusers(8) */
		.name = "users and groups",
		.patterns = {"usr/lib/sysusers.d/*.conf"},
		.needs = {"etc/passwd"},
		.argv = {"systemd-sysusers", "--root=%R"},
		.outputs = {"etc/passwd", "etc/group", "etc/shadow", "etc/gshadow"},
		.reads = {"etc/passwd", "etc/group", "etc/shadow", "etc/gshadow"},
		.command = "systemd-sysusers",
	},
	{
		/* %systemd_post of macros.systemd; systemctl(1), systemd.preset(5) */
		.name = "units as the presets say (%S)",
		.patterns = {"usr/lib/systemd/system/%"},
		.counts = COUNTS_UNITS,
		.needs = {"etc/systemd/system"},
		.argv = {"systemctl", "--root=%R", "--no-pager", "preset", "%S"},
		.outputs = {"etc/systemd/system/*"},
		.reads = {"usr/lib/systemd/*", "etc/systemd/*"},
		.command = "systemctl preset %S",
	},
	{
		/* systemd-udev's file trigger; systemd-hwdb(8) */
		.name = "hwdb.bin",
		.patterns = {"usr/lib/udev/hwdb.d/*", "etc/udev/hwdb.d/*"},
		.needs = {"etc/udev/hwdb.bin"},
		.argv = {"systemd-hwdb", "--root=%R", "update"},
		.outputs = {"etc/udev/hwdb.bin"},
		.command = "systemd-hwdb update",
	},
	{
		/* shared-mime-info's file trigger; update-mime-database(1) */
		.name = "MIME types",
		.patterns = {"usr/share/mime/packages/*"},
		.needs = {"usr/share/mime/mime.cache"},
		.argv = {"update-mime-database", "%R/usr/share/mime"},
		.outputs = {"usr/share/mime/*"},
		.reads = {"usr/share/mime/*"},
		.command = "update-mime-database /usr/share/mime",
	},
	{
		/* glib2's file trigger; glib-compile-schemas(1) */
		.name = "settings schemas",
		.patterns = {"usr/share/glib-2.0/schemas/*.xml",
			     "usr/share/glib-2.0/schemas/*.override"},
		.needs = {"usr/share/glib-2.0/schemas/gschemas.compiled"},
		.argv = {"glib-compile-schemas", "%R/usr/share/glib-2.0/schemas"},
		.outputs = {"usr/share/glib-2.0/schemas/gschemas.compiled"},
		.command = "glib-compile-schemas /usr/share/glib-2.0/schemas",
	},
	{
		/* hicolor-icon-theme's file trigger; gtk-update-icon-cache(1) */
		.name = "icons of %S",
		.patterns = {"usr/share/icons/%/*"},
		.needs = {"usr/share/icons/%S/icon-theme.cache"},
		.argv = {"gtk-update-icon-cache", "--force", "--quiet",
			 "%R/usr/share/icons/%S"},
		.outputs = {"usr/share/icons/%S/icon-theme.cache"},
		.command = "gtk-update-icon-cache --force /usr/share/icons/%S",
	},
	{
		/* desktop-file-utils' file trigger; update-desktop-database(1) */
		.name = "desktop entries",
		.patterns = {"usr/share/applications/*.desktop"},
		.needs = {"usr/share/applications/mimeinfo.cache"},
		.argv = {"update-desktop-database", "%R/usr/share/applications"},
		.outputs = {"usr/share/applications/mimeinfo.cache"},
		.command = "update-desktop-database /usr/share/applications",
	},
	/* From here on what must run on the machine: it loads the root's code, or looks at its hardware. */
	{
		.name = "trusted certificates", /* ca-certificates' %posttrans; update-ca-trust(8) */
		.patterns = {"usr/share/pki/ca-trust-source/*",
			     "etc/pki/ca-trust/source/*"},
		.needs = {"etc/pki/ca-trust/extracted"},
		.command = "update-ca-trust",
	},
	{
		.name = "trusted certificates", /* openSUSE's */
		.patterns = {"usr/share/pki/trust/*", "etc/pki/trust/*"},
		.needs = {"var/lib/ca-certificates"},
		.command = "update-ca-certificates",
	},
	{
		.name = "boot menu", /* grub2-mkconfig(8): its scripts are the root's */
		.patterns = {"etc/grub.d/*"},
		.needs = {"boot/grub2/grub.cfg"},
		.command = "grub2-mkconfig -o /boot/grub2/grub.cfg",
	},
	{
		.name = "image loaders", /* gdk-pixbuf2's file trigger: loads each of them */
		.patterns = {"usr/lib*/gdk-pixbuf-2.0/*/loaders/*.so"},
		.counts = COUNTS_NAMES,
		.needs = {"usr/lib64/gdk-pixbuf-2.0/2.10.0/loaders.cache",
			  "usr/lib/gdk-pixbuf-2.0/2.10.0/loaders.cache"},
		.command = "gdk-pixbuf-query-loaders --update-cache",
	},
	{
		.name = "modules of GIO", /* glib2's file trigger */
		.patterns = {"usr/lib*/gio/modules/*.so"},
		.counts = COUNTS_NAMES,
		.needs = {"usr/lib64/gio/modules/giomodule.cache",
			  "usr/lib/gio/modules/giomodule.cache"},
		.command = "gio-querymodules /usr/lib64/gio/modules",
	},
	{
		.name = "info directory", /* info's file trigger; install-info(1) */
		.patterns = {"usr/share/info/*.info*"},
		.counts = COUNTS_NAMES,
		.needs = {"usr/share/info/dir"},
		.command = "for f in /usr/share/info/*.info*; do install-info $f "
			   "/usr/share/info/dir; done",
	},
	/* From here on what the machine does by itself. */
	{
		/* systemd's file trigger; systemd-tmpfiles(8) has --root, but what it writes may be
		 * anything (file systems of the kernel, trees whose owner it sets), so that no
		 * outputs could be named and undone; and what is in /run and /tmp ends with a boot */
		.name = "what tmpfiles.d asks for",
		.patterns = {"usr/lib/tmpfiles.d/*.conf", "etc/tmpfiles.d/*.conf"},
		.needs = {"usr/bin/systemd-tmpfiles", "bin/systemd-tmpfiles"},
		.command = "systemd-tmpfiles --create",
		.itself = "at each boot",
	},
	{
		/* man-db's file trigger; mandb(8), whose database is of the format that the
		 * library of the root's has */
		.name = "index of manual pages",
		.patterns = {"usr/share/man/*"},
		.needs = {"var/cache/man/index.db", "var/cache/man/index.bt"},
		.command = "mandb --quiet",
		.itself = "once a day",
	},
};

/* --- patterns ---------------------------------------------------------------------------------------- */

/* elf/ldconfig.c: is_dso() */
static bool is_library(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	return (!strncmp(base, "lib", 3) || !strncmp(base, "ld", 2)) &&
	       strstr(base, ".so");
}

/* Most paths differ from most patterns before the first special character. */
static bool may_match(const char *pattern, const char *path)
{
	return !strcmp(pattern, "lib") ||
	       !strncmp(pattern, path, strcspn(pattern, "*?[%"));
}

bool derived_matches(const char *pattern, const char *path, const char **ret_subject,
		     size_t *ret_len)
{
	const char *percent = strchr(pattern, '%'), *rest;
	size_t head = percent ? (size_t)(percent - pattern) : 0, len;

	if (!strcmp(pattern, "lib"))
		return is_library(path);
	if (!may_match(pattern, path))
		return false;
	if (!percent)
		return fnmatch(pattern, path, 0) == 0;
	rest = path + head;
	len = strcspn(rest, "/");
	if (!len || fnmatch(percent + 1, rest + len, 0) != 0)
		return false;
	if (ret_subject) {
		*ret_subject = rest;
		*ret_len = len;
	}
	return true;
}

char *derived_text(const struct derived_step *s, const char *text)
{
	struct buf b = {0};

	buf_str(&b, "");
	for (const char *at; (at = strstr(text, "%S")); text = at + 2) {
		buf_add(&b, text, (size_t)(at - text));
		for (uint32_t i = 0; i < s->subjects.n; i++)
			buf_printf(&b, "%s%s", i ? " " : "", s->subjects.v[i]);
	}
	buf_str(&b, text);
	return buf_steal(&b);
}

char *derived_name(const struct derived_step *s)
{
	return derived_text(s, s->kind->name);
}

static bool matches_one(const struct derived_step *s, const char *const *patterns,
			size_t n, const char *path)
{
	for (size_t i = 0; i < n && patterns[i]; i++) {
		cleanup_free char *text = NULL;

		/* %S stands behind a prefix of its own */
		if (!may_match(patterns[i], path))
			continue;
		text = derived_text(s, patterns[i]);
		if (derived_matches(text, path, NULL, NULL))
			return true;
	}
	return false;
}

bool derived_reads(const struct derived_step *s, const char *path)
{
	const struct derived_kind *k = s->kind;

	return matches_one(s, k->patterns, ELEMENTSOF(k->patterns), path) ||
	       matches_one(s, k->reads, ELEMENTSOF(k->reads), path);
}

bool derived_writes(const struct derived_step *s, const char *path)
{
	return matches_one(s, s->kind->outputs, ELEMENTSOF(s->kind->outputs), path);
}

/* --- what a plan makes stale ------------------------------------------------------------------------ */

struct collecting {
	const struct plan *plan;
	const struct derived_world *world;
	struct derived_steps *steps;
};

static bool is_there_after(const struct collecting *c, const char *path)
{
	const struct op *op;

	array_foreach(op, &c->plan->ops) {
		if (op->kind == OP_MOVE && op->path2 && !strcmp(op->path2, path))
			return true;
		if (strcmp(op->path, path) != 0)
			continue;
		if (op->kind != OP_REMOVE && op->kind != OP_MOVE)
			return true;
		/* another may come in its place */
	}
	array_foreach(op, &c->plan->ops)
		if (!strcmp(op->path, path))
			return false;
	return c->world->is_there(c->world->ctx, path);
}

static bool is_any_there(const struct collecting *c, const struct derived_step *s,
			 const char *const *paths, size_t n)
{
	for (size_t i = 0; i < n && paths[i]; i++) {
		cleanup_free char *path = derived_text(s, paths[i]);

		if (is_there_after(c, path))
			return true;
	}
	return false;
}

static bool counts(const struct collecting *c, const struct op *op,
		   enum derived_counts what)
{
	const struct changes *all = c->plan->changes;

	switch (what) {
	case COUNTS_ALL: return op->kind != OP_ATTR; /* attributes make nothing stale */
	case COUNTS_NAMES: return op->kind != OP_ATTR && op->kind != OP_SWAP;
	case COUNTS_UNITS:
		return op->kind == OP_CREATE && op->change < all->list.n &&
		       !all->list.v[op->change].from && all->list.v[op->change].to;
	}
	return false;
}

/* systemd.unit(5); a template alone is nothing to be enabled */
static bool is_unit(const char *name, size_t len)
{
	static const char *const types[] = {".service", ".socket", ".timer",
					    ".path",	".target", ".mount"};

	if (memchr(name, '@', len))
		return false;
	for (size_t i = 0; i < ELEMENTSOF(types); i++) {
		size_t n = strlen(types[i]);

		if (len > n && !strncmp(name + len - n, types[i], n))
			return true;
	}
	return false;
}

/* Where no scriptlet calls for presets, a unit comes as it is: without any, systemd would enable it. */
static bool is_preset(const struct collecting *c, const struct op *op, const char *unit,
		      size_t len)
{
	const struct pkg *p = c->plan->changes->list.v[op->change].to;
	cleanup_free char *name = xstrndup(unit, len);

	return is_unit(unit, len) && strlist_has(&p->presets, name);
}

static struct derived_step *step_of(struct derived_steps *steps,
				    const struct derived_kind *k, const char *subject,
				    size_t len)
{
	struct derived_step *s;

	for (uint32_t i = 0; i < steps->n; i++) {
		s = &steps->v[i];
		if (s->kind != k)
			continue;
		if (!subject || (strlen(s->subjects.v[0]) == len &&
				 !strncmp(s->subjects.v[0], subject, len)))
			return s;
		/* the names of units go together */
		if (k->counts == COUNTS_UNITS) {
			strlist_take(&s->subjects, xstrndup(subject, len));
			return s;
		}
	}
	s = array_push(steps);
	s->kind = k;
	if (subject)
		strlist_take(&s->subjects, xstrndup(subject, len));
	return s;
}

static void look_at(struct collecting *c, const struct op *op,
		    const struct derived_kind *k)
{
	if (!counts(c, op, k->counts))
		return;
	for (size_t i = 0; i < ELEMENTSOF(k->patterns) && k->patterns[i]; i++) {
		const char *subject = NULL;
		size_t len = 0;

		if (!derived_matches(k->patterns[i], op->path, &subject, &len) ||
		    (k->counts == COUNTS_UNITS && !is_preset(c, op, subject, len)))
			continue;
		step_of(c->steps, k, subject, len)->paths++;
		return;
	}
}

/* A subject that is no plain word goes into no command line, printed ones included. */
static bool is_odd(const struct derived_step *s)
{
	for (uint32_t i = 0; i < s->subjects.n; i++)
		if (s->subjects.v[i][0] == '-' ||
		    strpbrk(s->subjects.v[i], "\n \t'\"\\$`;|&<>"))
			return true;
	return false;
}

/* Drops what is not called for; says of the rest where it is done. */
static void judge(struct collecting *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->steps->n; i++) {
		struct derived_step s = c->steps->v[i];
		const struct derived_kind *k = s.kind;

		if ((k->needs[0] &&
		     !is_any_there(c, &s, k->needs, ELEMENTSOF(k->needs))) ||
		    is_odd(&s)) {
			strlist_release(&s.subjects);
			continue;
		}
		if (k->argv[0] && k->native && !c->world->native)
			s.why = "it is for another architecture than the host's";
		else if (k->argv[0] && !c->world->has_tool(c->world->ctx, k->argv[0]))
			s.why = "the tool is not on this host";
		s.here = k->argv[0] && !s.why;
		c->steps->v[n++] = s;
	}
	c->steps->n = n;
}

static int cmp_kind(const void *a, const void *b)
{
	const struct derived_step *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->subjects.n && y->subjects.n ? strcmp(x->subjects.v[0], y->subjects.v[0])
					      : 0;
}

void derived_collect(const struct plan *p, const struct derived_world *w,
		     struct derived_steps *ret)
{
	struct collecting c = {p, w, ret};
	const struct op *op;

	array_foreach(op, &p->ops)
		for (size_t k = 0; k < ELEMENTSOF(kinds); k++)
			look_at(&c, op, &kinds[k]);
	judge(&c);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), cmp_kind);
}

void derived_release(struct derived_steps *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		strlist_release(&s->v[i].subjects);
	array_release(s);
}
