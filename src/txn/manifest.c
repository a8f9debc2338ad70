/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/file.h"
#include "txn/manifest.h"

#define PIECE (64 * 1024)

uint32_t manifest_sum(const char *line, size_t n)
{
	uint32_t sum = 2166136261u;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ (unsigned char)line[i]) * 16777619u;
	return sum;
}

/* A manifest being written: whole lines, a piece of the file at a time. */
struct writer {
	int fd;
	struct buf line, piece;
	uint32_t lines;
	bool failed; /* errno is kept in sys */
	int sys;
};

static void flush(struct writer *w)
{
	if (!w->failed && w->piece.n &&
	    file_write_all(w->fd, w->piece.s, w->piece.n) < 0) {
		w->failed = true;
		w->sys = errno;
	}
	buf_clear(&w->piece);
}

static void end_line(struct writer *w)
{
	buf_printf(&w->piece, "%08" PRIx32 " ", manifest_sum(w->line.s, w->line.n));
	buf_add(&w->piece, w->line.s, w->line.n);
	buf_char(&w->piece, '\n');
	buf_clear(&w->line);
	w->lines++;
	if (w->piece.n > PIECE)
		flush(w);
}

static void put_word(struct buf *b, const char *s)
{
	if (!*s)
		buf_char(b, '%');
	for (; *s; s++) {
		if (*s > ' ' && *s < 0x7f && *s != '%')
			buf_char(b, *s);
		else
			buf_printf(b, "%%%02x", (unsigned char)*s);
	}
}

static void put_path(struct buf *b, const char *canonical)
{
	buf_str(b, " /");
	if (*canonical)
		put_word(b, canonical);
}

static void put_object(struct buf *b, const struct object *o)
{
	const struct attr *a = &o->attr;

	if (!object_is_there(o)) {
		buf_str(b, " -");
		return;
	}
	buf_printf(b, " %" PRIu64 ",%" PRId64 ",%o,%u,%u,%" PRId64 ",%" PRIu64 ",",
		   o->id.ino, o->id.btime_ns, a->mode, a->uid, a->gid, a->mtime_ns,
		   o->size);
	buf_hex(b, a->caps, a->caps_len);
}

static void put_head(struct writer *w, const struct run *t, uint32_t here,
		     const char *title)
{
	buf_printf(&w->line, "transaction %" PRId64 " %" PRId64 " ", t->id,
		   (int64_t)time(NULL));
	put_word(&w->line, title ? title : "");
	end_line(w);
	for (uint32_t i = 0; i < t->areas.n; i++) {
		buf_printf(&w->line, "area %u %s", i, t->areas.v[i].id);
		put_path(&w->line, t->areas.v[i].top);
		end_line(w);
	}
	buf_printf(&w->line, "here %u %" PRIu64 " %" PRId64, here,
		   t->areas.v[here].self.ino, t->areas.v[here].self.btime_ns);
	end_line(w);
	if (!t->db_dir)
		return;
	buf_str(&w->line, "rpmdb ");
	buf_hex(&w->line, t->db_old.bytes, t->db_old.len);
	put_path(&w->line, t->db_dir);
	end_line(w);
	if (!t->db_new.len)
		return;
	buf_str(&w->line, "rpmdb-new ");
	buf_hex(&w->line, t->db_new.bytes, t->db_new.len);
	end_line(w);
}

static void put_tasks(struct writer *w, const struct run *t, uint32_t here)
{
	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		const struct task *k = &t->tasks.list.v[i];

		if (k->area != here)
			continue;
		buf_printf(&w->line, "op %u %s %d %d", i, op_kind_name(k->kind),
			   k->reason, k->db);
		put_object(&w->line, &k->old);
		put_object(&w->line, &k->new);
		put_path(&w->line, k->path);
		if (k->path2)
			put_path(&w->line, k->path2);
		end_line(w);
	}
	for (uint32_t i = 0; i < t->stamps.n; i++) {
		const struct stamp *s = &t->stamps.v[i];

		if (s->area != here)
			continue;
		buf_printf(&w->line,
			   "dir %d %" PRId64 " %" PRId64 " %" PRIu64 " %" PRId64,
			   s->set[FORWARD] | s->set[BACKWARD] << 1, s->mtime_ns[FORWARD],
			   s->mtime_ns[BACKWARD], s->id.ino, s->id.btime_ns);
		put_path(&w->line, s->path);
		end_line(w);
	}
	for (uint32_t i = 0; i < t->pins.n; i++) {
		const struct pin *p = &t->pins.v[i];

		if (p->area != here)
			continue;
		buf_printf(&w->line, "pin %s%s %d %" PRIu64 " %" PRId64,
			   p->immutable ? "i" : "", p->append ? "a" : "", p->stays,
			   p->id.ino, p->id.btime_ns);
		put_path(&w->line, p->path);
		end_line(w);
	}
}

static int write_one(const struct run *t, uint32_t here, const char *title)
{
	const struct area *a = &t->areas.v[here];
	struct writer w = {
		.fd = openat(a->slots, MANIFEST_FILE,
			     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};

	if (w.fd < 0)
		return -1;
	buf_printf(&w.piece, "putback manifest %d\n", MANIFEST_FORMAT);
	put_head(&w, t, here, title);
	put_tasks(&w, t, here);
	buf_printf(&w.line, "end %u", w.lines);
	end_line(&w);
	flush(&w);
	buf_release(&w.line);
	buf_release(&w.piece);
	if (close(w.fd) < 0 && !w.failed) {
		w.failed = true;
		w.sys = errno;
	}
	errno = w.sys;
	return w.failed || FAILPOINT("manifest-written") ? -1 : 0;
}

int manifest_write(struct run *t, const char *title, struct error *err)
{
	for (uint32_t i = 0; i < t->areas.n; i++)
		if (write_one(t, i, title) < 0)
			return err_errno(err,
					 "cannot write '.putback/%" PRId64 "/%s' on %s",
					 t->id, MANIFEST_FILE, area_name(&t->areas.v[i]));
	return 0;
}

int manifest_remove(struct area *a, int64_t id, struct error *err)
{
	/* what is no directory is the sweep's business */
	if (area_open_slots(a, id, NULL) <= 0)
		return 0;
	if ((unlinkat(a->slots, MANIFEST_FILE, 0) == 0 || errno == ENOENT ||
	     errno == EISDIR) &&
	    !FAILPOINT("manifest-removed") && fsync(a->slots) == 0)
		return 0;
	err_errno(err, "cannot remove '.putback/%" PRId64 "/%s' on %s%s", id,
		  MANIFEST_FILE, area_name(a),
		  errno == EPERM ? " (see lsattr(1), and chattr -ia)" : "");
	return -1;
}
