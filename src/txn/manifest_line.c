/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "txn/manifest_line.h"

#define AREAS_MAX 4096

void manifest_lines_release(struct manifest_lines *l)
{
	manifest_release(&l->m);
	areas_release(&l->areas);
	free(l->db_dir);
	array_release(&l->tasks);
	array_release(&l->stamps);
	array_release(&l->pins);
}

/* --- words ------------------------------------------------------------------------------------------------ */

/* The next word of a line, cut off; NULL at the end. */
static char *word(char **at)
{
	char *w = *at, *blank;

	if (!w || !*w)
		return NULL;
	blank = strchr(w, ' ');
	if (blank)
		*blank = '\0';
	*at = blank ? blank + 1 : NULL;
	return w;
}

static int number(const char *w, int64_t low, int64_t high, int64_t *ret)
{
	char *end;
	long long n;

	if (!w || (*w != '-' && (*w < '0' || *w > '9')))
		return -1;
	errno = 0;
	n = strtoll(w, &end, 10);
	if (*end || errno || n < low || n > high)
		return -1;
	*ret = n;
	return 0;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

static int bytes(const char *w, uint8_t *ret, size_t max, size_t *ret_n)
{
	size_t n = w ? strlen(w) : 1;

	if (n % 2 || n / 2 > max)
		return -1;
	for (size_t i = 0; i < n / 2; i++) {
		int high = hex_digit(w[2 * i]), low = hex_digit(w[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	*ret_n = n / 2;
	return 0;
}

/* In place; -1 for an escape that is none, or stands for NUL. */
static int unescape(char *w)
{
	char *to = w;

	if (!strcmp(w, "%")) {
		*w = '\0';
		return 0;
	}
	for (; *w; w++) {
		int high, low;

		if (*w != '%') {
			*to++ = *w;
			continue;
		}
		high = hex_digit(w[1]);
		low = high < 0 ? -1 : hex_digit(w[2]);
		if (low < 0 || !(high | low))
			return -1;
		*to++ = (char)(high << 4 | low);
		w += 2;
	}
	*to = '\0';
	return 0;
}

/* A canonical path, or NULL. */
static char *path_word(char *w)
{
	if (!w || *w != '/' || unescape(w + 1) < 0 || !path_is_canonical(w + 1))
		return NULL;
	return w + 1;
}

/* INO,BTIME,MODE,UID,GID,MTIME,SIZE,CAPS */
static int object_word(char *w, struct object *ret)
{
	int64_t v[7];
	char *mode_end;
	size_t caps;

	memset(ret, 0, sizeof(*ret));
	if (!w)
		return -1;
	if (!strcmp(w, "-"))
		return 0;
	for (int i = 0; i < 7; i++) {
		char *comma = strchr(w, ',');

		if (!comma)
			return -1;
		*comma = '\0';
		if (i == 0) {
			char *end;

			errno = 0;
			ret->id.ino = strtoull(w, &end, 10);
			if (*w < '0' || *w > '9' || *end || errno || !ret->id.ino)
				return -1;
		} else if (i == 2) {
			v[i] = strtol(w, &mode_end, 8);
			if (*w < '0' || *w > '7' || *mode_end || v[i] > 0177777)
				return -1;
		} else if (number(w, INT64_MIN, INT64_MAX, &v[i]) < 0) {
			return -1;
		}
		w = comma + 1;
	}
	if (v[3] < 0 || v[3] > UINT32_MAX || v[4] < 0 || v[4] > UINT32_MAX || v[6] < 0 ||
	    bytes(w, ret->attr.caps, CAPS_MAX, &caps) < 0)
		return -1;
	ret->id.btime_ns = v[1];
	ret->attr.mode = (uint32_t)v[2];
	ret->attr.uid = (uint32_t)v[3];
	ret->attr.gid = (uint32_t)v[4];
	ret->attr.mtime_ns = v[5];
	ret->size = (uint64_t)v[6];
	ret->attr.caps_len = (uint8_t)caps;
	return 0;
}

/* --- lines: 0, or -1 for one that is not as it was written ------------------------------------------------- */

static int line_transaction(struct manifest_lines *r, char *at)
{
	int64_t id, begun;
	char *title;

	if (number(word(&at), 1, INT64_MAX, &id) < 0 ||
	    number(word(&at), INT64_MIN, INT64_MAX, &begun) < 0)
		return -1;
	title = word(&at);
	if (!title || at || id != r->id || r->m.title || unescape(title) < 0)
		return -1;
	r->m.begun = begun;
	r->m.title = xstrdup(title);
	return 0;
}

static int line_area(struct manifest_lines *r, char *at)
{
	struct area *a;
	int64_t n;
	char *id, *top;

	if (number(word(&at), r->areas.n, r->areas.n, &n) < 0 || n >= AREAS_MAX)
		return -1;
	id = word(&at);
	top = path_word(word(&at));
	if (!id || !top || at || strlen(id) != AREA_ID_LENGTH ||
	    strspn(id, "0123456789abcdef") != AREA_ID_LENGTH || task_path_is_area(top))
		return -1;
	a = array_push(&r->areas);
	a->fd = a->slots = -1;
	a->top = xstrdup(top);
	memcpy(a->id, id, sizeof(a->id));
	return 0;
}

static int line_here(struct manifest_lines *r, char *at)
{
	int64_t here, ino, btime;

	if (!r->areas.n || number(word(&at), 0, r->areas.n - 1, &here) < 0 ||
	    number(word(&at), INT64_MIN, INT64_MAX, &ino) < 0 ||
	    number(word(&at), INT64_MIN, INT64_MAX, &btime) < 0 || at ||
	    r->here != NO_INDEX)
		return -1;
	r->here = (uint32_t)here;
	r->self.ino = (uint64_t)ino;
	r->self.btime_ns = btime;
	return 0;
}

static int digest_word(char *w, struct digest *ret)
{
	struct digest d = {0};
	size_t n;

	if (bytes(w, d.bytes, 32, &n) < 0 || (n && n != 32))
		return -1;
	d.algo = n ? DIGEST_SHA256 : DIGEST_NONE;
	d.len = n;
	*ret = d;
	return 0;
}

static int line_rpmdb(struct manifest_lines *r, char *at)
{
	struct digest d;
	char *dir;

	if (digest_word(word(&at), &d) < 0)
		return -1;
	dir = path_word(word(&at));
	if (!dir || !*dir || at || r->db_dir || task_path_is_area(dir))
		return -1;
	r->db_old = d;
	r->db_dir = xstrdup(dir);
	return 0;
}

static int line_rpmdb_new(struct manifest_lines *r, char *at)
{
	return digest_word(word(&at), &r->db_new) < 0 || at ? -1 : 0;
}

static int kind_of(const char *name, enum op_kind *ret)
{
	for (int i = 0; name && i <= OP_ATTR; i++)
		if (!strcmp(name, op_kind_name((enum op_kind)i))) {
			*ret = (enum op_kind)i;
			return 0;
		}
	return -1;
}

static int line_op(struct manifest_lines *r, char *at)
{
	struct task k = {0};
	int64_t n, reason, db;
	char *path, *path2 = NULL;

	if (number(word(&at), 0, UINT32_MAX - 1, &n) < 0 ||
	    kind_of(word(&at), &k.kind) < 0 || number(word(&at), 0, 255, &reason) < 0 ||
	    number(word(&at), 0, 1, &db) < 0 || object_word(word(&at), &k.old) < 0 ||
	    object_word(word(&at), &k.new) < 0)
		return -1;
	path = path_word(word(&at));
	if (!path || (at && !(path2 = path_word(word(&at)))) || at)
		return -1;
	k.number = (uint32_t)n;
	k.reason = (enum op_reason)reason;
	k.db = db;
	k.path = path;
	k.path2 = path2;
	if (!task_is_sound(&k))
		return -1;
	k.path = arena_strdup(r->mem, path);
	k.path2 = path2 ? arena_strdup(r->mem, path2) : NULL;
	array_add(&r->tasks, k);
	return 0;
}

static int line_dir(struct manifest_lines *r, char *at)
{
	int64_t sides, after, before, ino, btime;
	struct stamp *s;
	char *path;

	if (number(word(&at), 0, 3, &sides) < 0 ||
	    number(word(&at), INT64_MIN, INT64_MAX, &after) < 0 ||
	    number(word(&at), INT64_MIN, INT64_MAX, &before) < 0 ||
	    number(word(&at), INT64_MIN, INT64_MAX, &ino) < 0 ||
	    number(word(&at), INT64_MIN, INT64_MAX, &btime) < 0)
		return -1;
	path = path_word(word(&at));
	if (!path || at || task_path_is_area(path))
		return -1;
	s = array_push(&r->stamps);
	s->path = arena_strdup(r->mem, path);
	s->id.ino = (uint64_t)ino;
	s->id.btime_ns = btime;
	s->set[FORWARD] = sides & 1;
	s->set[BACKWARD] = sides & 2;
	s->mtime_ns[FORWARD] = after;
	s->mtime_ns[BACKWARD] = before;
	return 0;
}

static int line_pin(struct manifest_lines *r, char *at)
{
	const char *marks = word(&at);
	struct pin p = {0};
	int64_t stays, ino, btime;
	char *path;

	if (!marks || (strcmp(marks, "i") && strcmp(marks, "a") && strcmp(marks, "ia")) ||
	    number(word(&at), 0, 1, &stays) < 0 ||
	    number(word(&at), INT64_MIN, INT64_MAX, &ino) < 0 || !ino ||
	    number(word(&at), INT64_MIN, INT64_MAX, &btime) < 0)
		return -1;
	path = path_word(word(&at));
	if (!path || at || task_path_is_area(path))
		return -1;
	p.path = arena_strdup(r->mem, path);
	p.id.ino = (uint64_t)ino;
	p.id.btime_ns = btime;
	p.immutable = strchr(marks, 'i');
	p.append = strchr(marks, 'a');
	p.stays = stays;
	array_add(&r->pins, p);
	return 0;
}

static int line_end(struct manifest_lines *r, char *at)
{
	int64_t n;

	if (number(word(&at), 0, UINT32_MAX, &n) < 0 || at)
		return -1;
	r->ended = (uint32_t)n == r->lines;
	return r->ended ? 0 : -1;
}

int manifest_line_read(struct manifest_lines *r, char *line, size_t n)
{
	static const struct {
		const char *name;
		int (*read)(struct manifest_lines *r, char *at);
	} kinds[] = {
		{"op", line_op},
		{"dir", line_dir},
		{"pin", line_pin},
		{"area", line_area},
		{"here", line_here},
		{"rpmdb", line_rpmdb},
		{"end", line_end},
		{"transaction", line_transaction},
		{"rpmdb-new", line_rpmdb_new},
	};
	cleanup_free char *sum = NULL;
	char *at, *name;

	if (n < 10 || line[8] != ' ' || memchr(line, '\0', n))
		return -1;
	sum = xasprintf("%08" PRIx32, manifest_sum(line + 9, n - 9));
	if (strncmp(sum, line, 8))
		return -1;
	at = line + 9;
	name = word(&at);
	for (size_t i = 0; name && i < ELEMENTSOF(kinds); i++)
		if (!strcmp(name, kinds[i].name))
			return kinds[i].read(r, at);
	return -1;
}
