/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/logfile.h"

#include <errno.h>
#include <rpm/rpmio.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"

#define LINE_MAX_BYTES (64u * 1024)

/* Endings of compressed files, and what librpm reads them with. */
static const struct {
	const char *ending, *mode;
} packers[] = {
	{".gz", "r.gzdio"},
	{".bz2", "r.bzdio"},
	{".xz", "r.xzdio"},
	{".zst", "r.zstdio"},
};

/* --- which files, in which order --------------------------------------------------------------- */

struct file {
	char *name;
	const char *mode;
	bool packed;
	uint64_t rank; /* the oldest has the least */
	uint64_t skip; /* bytes at its beginning that are left out */
};
struct files {
	struct file *v;
	uint32_t n, cap;
};

/* Dates come before numbers, of which the greatest is the oldest; the log itself is the last. */
static bool rank_of(const char *suffix, size_t n, uint64_t *ret)
{
	uint64_t number = 0;

	if (n == 0) {
		*ret = UINT64_MAX;
		return true;
	}
	for (size_t i = 1; i < n; i++) {
		if (suffix[i] == '-' && i > 1)
			continue;
		if (suffix[i] < '0' || suffix[i] > '9' || n > 16)
			return false;
		number = number * 10 + (uint64_t)(suffix[i] - '0');
	}
	if (n < 2 || (*suffix != '.' && *suffix != '-'))
		return false;
	*ret = *suffix == '-' ? number : UINT64_MAX - 1 - number;
	return true;
}

static void take_name(struct files *l, const char *base, const char *name)
{
	struct file f = {.mode = "r.ufdio"};
	const char *suffix;
	size_t n;

	if (!logfile_takes(name, base, &suffix))
		return;
	n = strlen(suffix);
	for (size_t i = 0; i < ELEMENTSOF(packers); i++) {
		size_t k = strlen(packers[i].ending);

		if (n > k && !strcmp(suffix + n - k, packers[i].ending)) {
			f.mode = packers[i].mode;
			f.packed = true;
			n -= k;
			break;
		}
	}
	if (!rank_of(suffix, n, &f.rank))
		return;
	f.name = xstrdup(name);
	array_add(l, f);
}

static int by_rank(const void *pa, const void *pb)
{
	const struct file *a = pa, *b = pb;

	return a->rank != b->rank ? (a->rank < b->rank ? -1 : 1)
				  : strcmp(a->name, b->name);
}

static int find_files(struct root *r, const char *dir, const char *base,
		      struct files *ret, struct error *err)
{
	struct strlist names = {0};

	if (root_list(r, dir, &names) < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_errno(err, "cannot read '%s'", dir);
	for (uint32_t i = 0; i < names.n; i++)
		take_name(ret, base, names.v[i]);
	strlist_release(&names);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_rank);
	return 0;
}

/* --- lines ---------------------------------------------------------------------------------------- */

struct reader {
	void (*fn)(void *ctx, const struct logline *line);
	void *ctx;
	struct logline line;
	struct buf text;
	bool too_long;
};

static void end_line(struct reader *d)
{
	if (!d->too_long && d->text.n) {
		d->line.text = d->text.s;
		d->fn(d->ctx, &d->line);
		d->line.is_first = false;
	}
	buf_clear(&d->text);
	d->too_long = false;
}

static void take_bytes(struct reader *d, const char *p, size_t n)
{
	while (n) {
		const char *end = memchr(p, '\n', n);
		size_t k = end ? (size_t)(end - p) : n;

		if (d->text.n + k > LINE_MAX_BYTES)
			d->too_long = true;
		else
			buf_add(&d->text, p, k);
		if (!end)
			return;
		end_line(d);
		p += k + 1;
		n -= k + 1;
	}
}

/* d NULL: only counts. A file may have grown since, which is not read either. */
static int read_all(FD_t fd, struct reader *d, const struct quota *q, uint64_t *ret_bytes,
		    struct error *err)
{
	char block[32768];
	ssize_t n = 0;

	*ret_bytes = 0;
	while (*ret_bytes <= QUOTA_BYTES_MAX &&
	       (n = Fread(block, 1, sizeof(block), fd)) > 0) {
		if (observer_stop(q->observer))
			return err_set(err, ERR_FAILED, "stopped, as asked for");
		if (d)
			take_bytes(d, block, (size_t)n);
		*ret_bytes += (uint64_t)n;
	}
	if (d)
		end_line(d);
	return n < 0 || Ferror(fd)
		       ? err_set(err, ERR_FAILED, "cannot be read to its end: %s",
				 Fstrerror(fd))
		       : 0;
}

static FD_t open_packed(int fd, const char *path, const char *mode, struct error *err)
{
	FD_t raw = fdDup(fd), packed = raw ? Fdopen(raw, mode) : NULL;

	if (!packed) {
		if (raw)
			Fclose(raw);
		err_set(err, ERR_FAILED,
			"'%s' is packed in a way that the librpm at hand cannot read",
			path);
	}
	return packed;
}

static int open_file(struct root *r, const char *path, struct stat *ret,
		     struct error *err)
{
	cleanup_close int fd = root_open_packaged(r, path, O_RDONLY);

	if (fd < 0 || fstat(fd, ret) < 0)
		return err_errno(err, "cannot open '%s'", path);
	if (!S_ISREG(ret->st_mode))
		return err_set(err, ERR_FAILED, "'%s' is no regular file", path);
	return steal_fd(&fd);
}

static int read_file(struct root *r, const char *dir, const struct file *f,
		     struct reader *d, const struct quota *q, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", dir, f->name);
	struct stat st;
	cleanup_close int fd = open_file(r, path, &st, err);
	uint64_t bytes;
	FD_t packed;
	int rc;

	if (fd < 0)
		return -1;
	d->line.is_first = true;
	d->line.mtime = st.st_mtime;
	if (f->skip && lseek(fd, (off_t)f->skip, SEEK_SET) < 0)
		return err_errno(err, "cannot read '%s'", path);
	d->too_long = f->skip > 0; /* half a line */
	packed = open_packed(fd, path, f->mode, err);
	if (!packed)
		return -1;
	rc = read_all(packed, d, q, &bytes, err);
	Fclose(packed);
	return rc < 0 ? err_prefix(err, "'%s'", path) : 0;
}

/* --- how much of it ------------------------------------------------------------------------------- */

/* Its bytes when unpacked, as far as they count. */
static int measure(struct root *r, const char *dir, const struct file *f,
		   const struct quota *q, uint64_t *ret, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", dir, f->name);
	struct stat st;
	cleanup_close int fd = open_file(r, path, &st, err);
	FD_t packed;
	int rc;

	if (fd < 0)
		return -1;
	*ret = (uint64_t)st.st_size;
	if (!f->packed)
		return 0;
	packed = open_packed(fd, path, f->mode, err);
	if (!packed)
		return -1;
	rc = read_all(packed, NULL, q, ret, err);
	Fclose(packed);
	return rc < 0 ? err_prefix(err, "'%s'", path) : 0;
}

static void drop_oldest(struct files *l, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		free(l->v[i].name);
	l->n -= n;
	memmove(l->v, l->v + n, l->n * sizeof(*l->v));
}

/* The newest of it counts most: what is older than the quota has room for is left out, with a word. */
static int leave_out(struct root *r, const char *dir, struct files *l, struct history *h,
		     struct error *err)
{
	uint64_t room = QUOTA_BYTES_MAX, bytes;
	struct file *f;

	for (uint32_t i = l->n; i-- > 0; room -= bytes) {
		f = &l->v[i];
		if (measure(r, dir, f, &h->quota, &bytes, err) < 0)
			return -1;
		if (bytes <= room)
			continue;
		if (f->packed && i + 1 == l->n)
			return err_set(
				err, ERR_FAILED,
				"'%s/%s' comes to over %llu MiB and is not read; what "
				"other records of the root say still counts",
				dir, f->name, QUOTA_BYTES_MAX >> 20);
		strlist_take(
			&h->remarks,
			xasprintf("'%s/%s' is read in part: with what is newer of it, it "
				  "comes to over %llu MiB; entries before that are "
				  "left out",
				  dir, f->name, QUOTA_BYTES_MAX >> 20));
		f->skip = bytes - room;
		drop_oldest(l, f->packed ? i + 1 : i);
		return 0;
	}
	return 0;
}

int logfile_read(struct root *r, const char *dir, const char *name,
		 void (*fn)(void *ctx, const struct logline *line), void *ctx,
		 struct history *h, struct error *err)
{
	struct reader d = {.fn = fn, .ctx = ctx};
	cleanup_free char *folder = NULL;
	struct files files = {0};
	int rc;

	if (root_resolve(r, dir, true, &folder, err) < 0)
		return -1;
	rc = find_files(r, folder, name, &files, err);
	if (rc == 0)
		rc = leave_out(r, folder, &files, h, err);
	for (uint32_t i = 0; i < files.n; i++) {
		if (rc == 0 && read_file(r, folder, &files.v[i], &d, &h->quota, err) < 0)
			rc = -1;
		free(files.v[i].name);
	}
	if (rc == 0)
		rc = files.n > 0;
	array_release(&files);
	buf_release(&d.text);
	return rc;
}

/* --- what stands in them ----------------------------------------------------------------------------- */

bool logfile_takes(const char *s, const char *word, const char **ret_rest)
{
	size_t n = strlen(word);

	if (strncmp(s, word, n))
		return false;
	*ret_rest = s + n;
	return true;
}

/* n digits, or -1 */
static int number(const char *s, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + s[i] - '0';
	}
	return value;
}

int64_t logfile_time(const char *s, const char **ret_rest, bool *ret_zone)
{
	/* where the numbers stand, and what stands behind them */
	static const struct {
		int at, digits;
		const char *behind;
	} parts[] = {{0, 4, "-"},  {5, 2, "-"},	 {8, 2, "T "},
		     {11, 2, ":"}, {14, 2, ":"}, {17, 2, NULL}};
	bool zone = false;
	int64_t offset = 0;
	int v[6];
	struct tm tm;

	for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
		const char *p = s + parts[i].at;

		v[i] = number(p, parts[i].digits);
		if (v[i] < 0 ||
		    (parts[i].behind && (!p[parts[i].digits] ||
					 !strchr(parts[i].behind, p[parts[i].digits]))))
			return -1;
	}
	s += 19;
	if (*s == 'Z') {
		zone = true;
		s++;
	} else if (*s == '+' || *s == '-') {
		int hours = number(s + 1, 2), minutes = hours < 0 ? -1 : number(s + 3, 2);

		if (minutes < 0)
			return -1;
		offset = (hours * 60 + minutes) * 60 * (*s == '-' ? -1 : 1);
		zone = true;
		s += 5;
	}
	tm = (struct tm){.tm_year = v[0] - 1900,
			 .tm_mon = v[1] - 1,
			 .tm_mday = v[2],
			 .tm_hour = v[3],
			 .tm_min = v[4],
			 .tm_sec = v[5]};
	*ret_rest = s + (*s == ' ');
	if (ret_zone)
		*ret_zone = zone;
	return (int64_t)timegm(&tm) - offset;
}
