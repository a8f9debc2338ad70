/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/learned.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/repo_solv.h>
#include <solv/repo_write.h>

#include "base/file.h"
#include "base/log.h"
#include "base/strmap.h"
#include "source/depot.h"
#include "source/source.h"

enum {
	COARSE_SECONDS = 2, /* vfat's mtime; others' clocks are finer */
	FILES_KEPT = 32,
};
static const char suffix[] = ".index";

/*
 * The file: sections as libsolv writes them, where each begins (host's uint64_t), the trailer. libsolv
 * goes through all folders of a section for each new one, so sections are kept short.
 */
enum { PACKAGES_A_SECTION = 1000, SECTIONS_MAX = 512 };
static const char magic[] = "putback index 2"; /* 16 bytes */
struct trailer {
	uint64_t sections;
	char magic[sizeof(magic)];
	uint8_t sha256[32]; /* of all before it, and of the two above */
};

struct learned {
	struct arena mem;
	struct strmap at;  /* location -> index in all */
	ARRAY(Id) all;	   /* solvables that an earlier run left */
	ARRAY(bool) asked; /* which of them were asked for and are the same */
	char *file;	   /* name in the depot */
	bool news;	   /* something to be kept */
};

char *learned_identity(const struct stat *st)
{
	time_t last = MAX(st->st_mtim.tv_sec, st->st_ctim.tv_sec);

	if (last >= time(NULL) - COARSE_SECONDS)
		return NULL;
	return xasprintf("%jd %jd.%09ld %jd.%09ld %ju", (intmax_t)st->st_size,
			 (intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
			 (intmax_t)st->st_ctim.tv_sec, st->st_ctim.tv_nsec,
			 (uintmax_t)st->st_ino);
}

static int digest_of(int fd, uint64_t n, struct trailer *t)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	struct digest digest;
	char block[65536];

	for (uint64_t at = 0; at < n;) {
		ssize_t got = pread(fd, block, MIN(sizeof(block), n - at), (off_t)at);

		if (got <= 0) {
			digester_free(d);
			return -1;
		}
		digester_update(d, block, (size_t)got);
		at += (uint64_t)got;
	}
	digester_update(d, t, offsetof(struct trailer, sha256));
	digester_finish(d, &digest);
	memcpy(t->sha256, digest.bytes, sizeof(t->sha256));
	return 0;
}

/* The beginnings of its sections, or NULL where the file is not whole. The caller frees. */
static uint64_t *read_sections(int fd, uint64_t *ret_n)
{
	cleanup_free uint64_t *at = NULL;
	struct trailer t, want;
	uint64_t body, table;
	struct stat st;

	if (fstat(fd, &st) || st.st_size < (off_t)sizeof(t))
		return NULL;
	body = (uint64_t)st.st_size - sizeof(t);
	if (pread(fd, &t, sizeof(t), (off_t)body) != (ssize_t)sizeof(t) ||
	    memcmp(t.magic, magic, sizeof(magic)) || t.sections > SECTIONS_MAX ||
	    t.sections * sizeof(*at) > body)
		return NULL;
	want = t;
	if (digest_of(fd, body, &t) || memcmp(t.sha256, want.sha256, sizeof(t.sha256)))
		return NULL;
	table = t.sections * sizeof(*at);
	at = xmalloc(table + 1);
	if (pread(fd, at, table, (off_t)(body - table)) != (ssize_t)table)
		return NULL;
	*ret_n = t.sections;
	return steal_ptr(at);
}

static void load(struct source *s)
{
	struct learned *l = s->learned;
	cleanup_close int fd = depot_open_file(s->depot, l->file);
	cleanup_free uint64_t *at = NULL;
	uint64_t n = 0;
	const Solvable *v;
	FILE *f = NULL;
	Id id;

	at = fd < 0 ? NULL : read_sections(fd, &n);
	if (!at || !(f = fdopen(fd, "r")))
		return;
	steal_fd(&fd);
	for (uint64_t i = 0; i < n; i++) {
		if (fseeko(f, (off_t)at[i], SEEK_SET) || repo_add_solv(s->repo, f, 0)) {
			/* of a libsolv with another format */
			log_debug("%s: %s", l->file, pool_errstr(s->catalog->pool));
			repo_empty(s->repo, 0);
			break;
		}
	}
	fclose(f);
	FOR_REPO_SOLVABLES(s->repo, id, v)
	{
		const char *location = catalog_location(s->catalog, id);

		if (location)
			strmap_set(&l->at, arena_strdup(&l->mem, location), l->all.n);
		array_add(&l->all, id);
		array_add(&l->asked, false);
	}
}

void learned_begin(struct source *s, const char *name)
{
	struct digester *d;
	struct digest digest;
	cleanup_buf struct buf hex = {0};

	if (!s->depot)
		return;
	s->learned = xcalloc(1, sizeof(*s->learned));
	d = digester_new(DIGEST_SHA256);
	/* locations begin with the spec: each spelling of it learns for itself */
	digester_update(d, s->ops->kind, strlen(s->ops->kind) + 1);
	digester_update(d, s->spec, strlen(s->spec) + 1);
	digester_update(d, name, strlen(name));
	digester_finish(d, &digest);
	buf_hex(&hex, digest.bytes, 12);
	s->learned->file = xasprintf("%s%s", hex.s, suffix);
	load(s);
}

static bool is_same(const struct source *s, uint32_t i, const char *identity)
{
	const char *then = pool_lookup_str(s->catalog->pool, s->learned->all.v[i],
					   s->catalog->key.file);

	return then && !strcmp(then, identity);
}

bool learned_has(struct source *s, const char *location, const char *identity)
{
	uint32_t i;

	if (!s->learned || !identity || !strmap_get(&s->learned->at, location, &i) ||
	    !is_same(s, i, identity))
		return false;
	s->learned->asked.v[i] = true;
	return true;
}

bool learned_has_all(struct source *s, const char *identity)
{
	struct learned *l = s->learned;

	if (!l || !identity || !l->all.n)
		return false;
	for (uint32_t i = 0; i < l->all.n; i++)
		if (!is_same(s, i, identity))
			return false;
	for (uint32_t i = 0; i < l->all.n; i++)
		l->asked.v[i] = true;
	return true;
}

void learned_note(struct source *s, int solvable, const char *identity)
{
	if (!s->learned || !identity)
		return;
	catalog_set_file(s->catalog, solvable, identity);
	s->learned->news = true;
}

/* Up to PACKAGES_A_SECTION packages from a number on; *ret_next: the first that is left, 0: none. */
static int write_section(Repo *repo, Id first, FILE *f, Id *ret_next)
{
	Repowriter *w = repowriter_create(repo);
	const Pool *pool = repo->pool;
	uint32_t n = 0;
	Id end = first;
	int rc;

	for (; end < repo->end && n < PACKAGES_A_SECTION; end++)
		n += pool_id2solvable(pool, end)->repo == repo;
	repowriter_set_solvablerange(w, first, end);
	rc = repowriter_write(w, f);
	repowriter_free(w);
	*ret_next = end < repo->end ? end : 0;
	return rc;
}

/* libsolv writes to a stream; what it wrote is read back for the digest. */
static int write_all(Repo *repo, FILE *f, int fd)
{
	uint64_t at[SECTIONS_MAX] = {0};
	struct trailer t = {0};
	Id next = repo->start;

	memcpy(t.magic, magic, sizeof(magic));
	while (next && repo->nsolvables) {
		if (t.sections == SECTIONS_MAX) {
			errno = EFBIG;
			return -1;
		}
		at[t.sections++] = (uint64_t)ftello(f);
		if (write_section(repo, next, f, &next))
			return -1;
	}
	fwrite(at, sizeof(*at), t.sections, f);
	if (fflush(f) || ferror(f) || digest_of(fd, (uint64_t)ftello(f), &t))
		return -1;
	fwrite(&t, sizeof(t), 1, f);
	return fflush(f) || ferror(f) ? -1 : 0;
}

static int write_file(struct source *s, struct outfile *out, struct error *err)
{
	cleanup_close int fd = dup(out->fd);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	int rc;

	if (!f)
		return err_errno(err, "cannot write '%s'", out->path);
	steal_fd(&fd);
	rc = write_all(s->repo, f, out->fd);
	if (rc)
		err_errno(err, "cannot write '%s'", out->path);
	if (fclose(f) && rc == 0)
		rc = err_errno(err, "cannot write '%s'", out->path);
	return rc ? -1 : file_finish(out, err);
}

/* Some hundred bytes each and their file lists: what it comes to is seen when it is there. */
enum { BYTES_A_PACKAGE = 8192 };

static void save(struct source *s)
{
	cleanup_free char *path = depot_path(s->depot, s->learned->file);
	cleanup_error struct error why = ERROR_INIT;
	cleanup_outfile struct outfile out = {0};

	if (!depot_has_room(s->depot, (uint64_t)s->repo->nsolvables * BYTES_A_PACKAGE)) {
		log_info("'%s' has no room to keep what was learned of '%s'",
			 s->depot->path, s->spec);
		return;
	}
	if (file_begin(path, 0600, &out, &why) || write_file(s, &out, &why))
		log_info("%s", why.msg);
	else
		depot_prune(s->depot, suffix, FILES_KEPT);
}

void learned_end(struct source *s, int rc)
{
	struct learned *l = s->learned;
	uint32_t known = 0;

	if (!l)
		return;
	for (uint32_t i = 0; i < l->all.n; i++) {
		if (l->asked.v[i]) {
			known++;
			continue;
		}
		repo_free_solvable(s->repo, l->all.v[i], 0);
		l->news = true;
	}
	log_info("%s: %u packages known from an earlier run, %u read", s->spec, known,
		 (uint32_t)s->repo->nsolvables - known);
	repo_internalize(s->repo);
	if (rc == 0 && l->news)
		save(s);
	learned_free(l);
	s->learned = NULL;
}

void learned_free(struct learned *l)
{
	if (!l)
		return;
	strmap_release(&l->at);
	arena_release(&l->mem);
	array_release(&l->all);
	array_release(&l->asked);
	free(l->file);
	free(l);
}
