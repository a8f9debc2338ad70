/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "txn/look.h"
#include "txn/manifest_line.h"

/* 300 bytes a line: a million of them */
#define SIZE_MAX_READ (300u << 20)

void manifest_release(struct manifest *m)
{
	free(m->title);
	memset(m, 0, sizeof(*m));
}

/* --- the file --------------------------------------------------------------------------------------------- */

static int not_believed(const struct run *t, const struct area *a, const char *why,
			struct error *err)
{
	return err_set(err, ERR_FAILED, "'.putback/%" PRId64 "/%s' on %s %s", t->id,
		       MANIFEST_FILE, area_name(a), why);
}

/* The whole of it, NUL-terminated. 0: there is none */
static int slurp(const struct area *a, const struct run *t, char **ret, size_t *ret_n,
		 struct error *err)
{
	cleanup_free char *text = NULL;
	cleanup_close int fd = -1;
	struct seen seen;
	ssize_t n;

	if (look_name(a, a->slots, MANIFEST_FILE, &seen) < 0)
		return not_believed(t, a, "cannot be looked at", err);
	if (!seen.there)
		return 0;
	if (!S_ISREG(seen.st.stx_mode) || seen.st.stx_nlink != 1 || seen.foreign ||
	    (!a->plain && seen.st.stx_uid != geteuid()))
		return not_believed(
			t, a, "is not a plain file of root's: putback did not make it",
			err);
	if (seen.st.stx_size > SIZE_MAX_READ)
		return not_believed(t, a, "is larger than any manifest", err);
	fd = openat(a->slots, MANIFEST_FILE,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	text = xmalloc(seen.st.stx_size + 1);
	n = fd < 0 ? -1 : file_read_full(fd, text, seen.st.stx_size);
	if (n < 0)
		return err_errno(err, "cannot read '.putback/%" PRId64 "/%s' on %s",
				 t->id, MANIFEST_FILE, area_name(a));
	text[n] = '\0';
	*ret = steal_ptr(text);
	*ret_n = (size_t)n;
	return 1;
}

static int read_text(struct manifest_lines *r, char *text, size_t n)
{
	char *end = text + n, *line = memchr(text, '\n', n);
	int format;

	if (!line || sscanf(text, "putback manifest %d\n", &format) != 1)
		return -1;
	if (format != MANIFEST_FORMAT)
		return format > MANIFEST_FORMAT ? 1 : -1;
	for (line++; line < end;) {
		char *stop = memchr(line, '\n', (size_t)(end - line));

		if (stop)
			*stop = '\0';
		if (!stop || manifest_line_read(r, line, (size_t)(stop - line)) < 0)
			r->m.damaged++;
		r->lines++;
		line = stop ? stop + 1 : end;
	}
	return 0;
}

/* --- joining ---------------------------------------------------------------------------------------------- */

static bool is_same_transaction(const struct run *t, const struct manifest_lines *r)
{
	if (!t->areas.n)
		return true;
	if (t->areas.n != r->areas.n)
		return false;
	for (uint32_t i = 0; i < t->areas.n; i++)
		if (strcmp(t->areas.v[i].id, r->areas.v[i].id))
			return false;
	return t->areas.v[r->here].fd < 0;
}

static void join(struct run *t, struct manifest_lines *r, struct area *a)
{
	if (!t->areas.n) {
		t->areas = r->areas;
		memset(&r->areas, 0, sizeof(r->areas));
	}
	area_release(&t->areas.v[r->here]);
	t->areas.v[r->here] = *a;
	memset(a, 0, sizeof(*a));
	a->fd = a->slots = -1;
	for (uint32_t i = 0; i < r->tasks.n; i++) {
		r->tasks.v[i].area = r->here;
		array_add(&t->tasks.list, r->tasks.v[i]);
	}
	for (uint32_t i = 0; i < r->stamps.n; i++) {
		r->stamps.v[i].area = r->here;
		array_add(&t->stamps, r->stamps.v[i]);
	}
	for (uint32_t i = 0; i < r->pins.n; i++) {
		r->pins.v[i].area = r->here;
		array_add(&t->pins, r->pins.v[i]);
	}
	if (!t->db_dir) {
		t->db_dir = steal_ptr(r->db_dir);
		t->db_old = r->db_old;
	}
	if (!t->db_new.len)
		t->db_new = r->db_new;
}

int manifest_read(struct area *a, struct run *t, struct manifest *ret, struct error *err)
{
	struct manifest_lines r = {.id = t->id, .here = NO_INDEX, .mem = &t->tasks.mem};
	cleanup_free char *text = NULL;
	size_t n = 0;
	int rc = slurp(a, t, &text, &n, err);

	if (rc <= 0)
		return rc;
	rc = read_text(&r, text, n);
	if (rc > 0)
		rc = not_believed(t, a, "is from a newer putback", err);
	else if (rc < 0 || r.here == NO_INDEX)
		rc = not_believed(t, a, "is damaged where it says what it is", err);
	else if (*a->id && strcmp(r.areas.v[r.here].id, a->id))
		rc = not_believed(t, a, "is that of another area", err);
	else if (!is_same_transaction(t, &r))
		rc = not_believed(
			t, a, "is of another transaction than what lies elsewhere", err);
	if (rc == 0) {
		r.m.complete = r.ended && !r.m.damaged;
		/* its file may be gone: then it counts as the one that it says it is */
		r.m.copied = *a->id && !identity_is_same(&r.self, &a->self);
		memcpy(a->id, r.areas.v[r.here].id, sizeof(a->id));
		join(t, &r, a);
		*ret = r.m;
		memset(&r.m, 0, sizeof(r.m));
		rc = 1;
	}
	manifest_lines_release(&r);
	return rc;
}
