/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/failpoint.h"
#include "base/strmap.h"
#include "txn/look.h"
#include "txn/run.h"

#ifndef FS_VERITY_FL /* Linux 5.4 */
#define FS_VERITY_FL 0x00100000
#endif

#define PINNED (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)

/* --- which there are --------------------------------------------------------------------------------- */

static int collect_one(struct run *t, const char *path, uint32_t area, bool stays,
		       struct strmap *known, struct error *err)
{
	struct seen s;
	uint32_t at;

	if (strmap_get(known, path, &at)) {
		/* a directory may be a task of its own as well as the place of others */
		if (at)
			t->pins.v[at - 1].stays &= stays;
		return 0;
	}
	if (look_path(t->root, &t->areas.v[area], path, &s) < 0)
		return err_errno(err, "cannot look at '/%s' in the root", path);
	strmap_set(known, path, 0);
	if (!s.there || s.foreign || !(s.st.stx_attributes & PINNED))
		return 0;
	array_add(&t->pins,
		  (struct pin){
			  .path = path,
			  .area = area,
			  .id = s.id,
			  .immutable = s.st.stx_attributes & STATX_ATTR_IMMUTABLE,
			  .append = s.st.stx_attributes & STATX_ATTR_APPEND,
			  .stays = stays,
		  });
	strmap_set(known, path, t->pins.n);
	return 0;
}

int pins_collect(struct run *t, struct error *err)
{
	struct strmap known = {0};
	int rc = 0;

	t->pins.n = 0;
	for (uint32_t i = 0; i < t->tasks.list.n && rc == 0; i++) {
		const struct task *k = &t->tasks.list.v[i];
		const char *slash = strrchr(k->path, '/');

		if (object_is_there(&k->old))
			rc = collect_one(t, k->path, k->area, k->kind == OP_ATTR, &known,
					 err);
		if (rc == 0 && k->kind != OP_ATTR)
			rc = collect_one(t,
					 slash ? arena_strndup(&t->tasks.mem, k->path,
							       slash - k->path)
					       : "",
					 k->area, true, &known, err);
	}
	strmap_release(&known);
	return rc;
}

bool pins_has(const struct run *t, const char *path, const struct seen *s)
{
	for (uint32_t i = 0; i < t->pins.n; i++)
		if (!strcmp(t->pins.v[i].path, path) &&
		    look_is_still(&t->areas.v[t->pins.v[i].area], s, &t->pins.v[i].id))
			return true;
	return false;
}

/* --- off and on ----------------------------------------------------------------------------------------- */

static int change(const struct run *t, const struct pin *p, bool on)
{
	cleanup_close int fd = root_openat(t->root, p->path, O_RDONLY, 0);
	int bits = (p->immutable ? FS_IMMUTABLE_FL : 0) | (p->append ? FS_APPEND_FL : 0);
	struct seen s;
	int flags, now;

	if (fd < 0)
		return -1;
	if (look_name(&t->areas.v[p->area], fd, "", &s) < 0)
		return -1;
	if (!look_is_still(&t->areas.v[p->area], &s, &p->id))
		return 0; /* it moved on, and is dealt with where it is */
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return -1;
	flags &= ~FS_VERITY_FL; /* btrfs would take it for one to be set */
	now = on ? flags | bits : flags & ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
	if (now == flags)
		return 0;
	return ioctl(fd, FS_IOC_SETFLAGS, &now) < 0 || FAILPOINT("pin-changed") ? -1 : 0;
}

/* Only what is a file or a directory can be pinned, and only such is opened. */
static int change_if_there(struct run *t, const struct pin *p, bool on, struct error *err)
{
	cleanup_free char *shown = NULL;
	struct seen s;
	int saved;

	if (look_path(t->root, &t->areas.v[p->area], p->path, &s) == 0) {
		if (!look_is_still(&t->areas.v[p->area], &s, &p->id) ||
		    (!S_ISREG(s.st.stx_mode) && !S_ISDIR(s.st.stx_mode)))
			return 0;
		if (change(t, p, on) == 0)
			return 0;
	}
	saved = errno;
	shown = quoted(p->path);
	errno = saved;
	return err_errno(err, "cannot %s that '/%s' is %s (chattr %c%c)",
			 on ? "set again" : "lift", shown,
			 p->immutable ? "immutable" : "append-only", on ? '+' : '-',
			 p->immutable ? 'i' : 'a');
}

int pins_lift(struct run *t, struct error *err)
{
	for (uint32_t i = 0; i < t->pins.n; i++)
		if (change_if_there(t, &t->pins.v[i], false, err) < 0)
			return -1;
	return t->pins.n && FAILPOINT("pins-lifted") ? err_errno(err, "cannot go on") : 0;
}

int pins_give(struct run *t, enum way w, struct error *err)
{
	/* a directory after what lies in it */
	for (uint32_t i = t->pins.n; i-- > 0;)
		if ((w == BACKWARD || t->pins.v[i].stays) &&
		    change_if_there(t, &t->pins.v[i], true, err) < 0)
			return -1;
	return t->pins.n && FAILPOINT("pins-given") ? err_errno(err, "cannot go on") : 0;
}

/* --- lost ones -------------------------------------------------------------------------------------------- */

bool pin_is_lost(struct run *t, const struct pin *p, enum way w)
{
	uint64_t marks = (p->immutable ? STATX_ATTR_IMMUTABLE : 0) |
			 (p->append ? STATX_ATTR_APPEND : 0);
	const struct area *a = &t->areas.v[p->area];
	struct seen s;

	if (a->fd < 0 || (w == FORWARD && !p->stays) ||
	    look_path(t->root, a, p->path, &s) < 0 || !s.there || s.foreign ||
	    (p->id.ino && !look_is_still(a, &s, &p->id)))
		return false;
	return (s.st.stx_attributes & marks) != marks;
}

char *pin_describe(const struct pin *p)
{
	cleanup_free char *shown = quoted(p->path);

	return xasprintf("'/%s' was marked %s before, and is not any more (chattr +%s%s)",
			 shown,
			 p->immutable && p->append ? "immutable and append-only"
			 : p->immutable		   ? "immutable"
						   : "append-only",
			 p->immutable ? "i" : "", p->append ? "a" : "");
}
