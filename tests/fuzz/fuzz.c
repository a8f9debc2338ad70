/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "fuzz.h"

#include <errno.h>
#include <ftw.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/confine.h"
#include "base/file.h"
#include "base/log.h"
#include "base/scratch.h"

#define PARTS_MAX 64

/* The linker's names for the ends of the section; sanitizers leave gaps of NULL in it. */
extern const struct fuzz_target *const __start_fuzz_targets[];
extern const struct fuzz_target *const __stop_fuzz_targets[];

/* What the present input holds. */
static char *text;
static int fds[8];
static unsigned n_fds;
static struct root *root;
static bool has_file;

/* --- targets ----------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct fuzz_target *const *)a)->name,
		      (*(const struct fuzz_target *const *)b)->name);
}

const struct fuzz_target **fuzz_all(void)
{
	static const struct fuzz_target *all[256];
	size_t n = 0;

	for (const struct fuzz_target *const *p = __start_fuzz_targets;
	     p < __stop_fuzz_targets && n < ELEMENTSOF(all) - 1; p++)
		if (*p)
			all[n++] = *p;
	all[n] = NULL;
	qsort(all, n, sizeof(all[0]), by_name);
	return all;
}

const struct fuzz_target *fuzz_find(const char *name)
{
	const struct fuzz_target **t = fuzz_all();

	while (*t && strcmp((*t)->name, name) != 0)
		t++;
	return *t;
}

/* --- the private folder ------------------------------------------------------------------------------ */

static char *folder; /* on memory where there is some */

void fuzz_begin(void)
{
	const char *tmp = getenv("TMPDIR");

	if (!tmp)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/var/tmp";
	folder = xasprintf("%s/putback-fuzz-XXXXXX", tmp);
	if (!mkdtemp(folder))
		BUG("no folder '%s': %m", folder);
	confine_as_child(); /* what reads a stranger's bytes reads them here */
	/* of what died */
	scratch_sweep();
	fuzz_begin_sqlmem();
}

static int remove_one(const char *path, const struct stat *st _unused_, int type _unused_,
		      struct FTW *ftw _unused_)
{
	return remove(path);
}

static void wipe(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

void fuzz_end(void)
{
	wipe(folder);
	free(folder);
	folder = NULL;
}

/* --- the input as ... -------------------------------------------------------------------------------- */

char *fuzz_text(const uint8_t *data, size_t n)
{
	free(text);
	text = xmalloc(n + 1);
	if (n)
		memcpy(text, data, n);
	text[n] = '\0';
	return text;
}

int fuzz_fd(const uint8_t *data, size_t n)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || file_write_all(fd, data, n) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		BUG("no file in memory: %m");
	if (n_fds == ELEMENTSOF(fds))
		BUG("too many files for one input");
	fds[n_fds++] = fd;
	return fd;
}

const char *fuzz_file(const uint8_t *data, size_t n)
{
	static char path[4096];
	cleanup_close int fd = -1;

	snprintf(path, sizeof(path), "%s/file", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || file_write_all(fd, data, n) < 0)
		BUG("no file '%s': %m", path);
	has_file = true;
	return path;
}

static struct root *the_root(void)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *path = NULL;

	if (root)
		return root;
	path = xasprintf("%s/root", folder);
	if (mkdir(path, 0755) < 0)
		BUG("no root '%s': %m", path);
	if (root_open(path, ROOT_WRITE, &root, &err) < 0)
		BUG("%s", err.msg);
	return root;
}

/* The directory that holds path, made with all above it: fd, borrowed; -1: something is in the way. */
static int make_parents(const char *path, const char **ret_name)
{
	const char *name;

	for (const char *slash = strchr(path, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		cleanup_free char *dir = xstrndup(path, (size_t)(slash - path));
		int fd = root_parent(root, dir, &name);

		if (fd >= 0)
			(void)mkdirat(fd, name, 0700);
	}
	return root_parent(root, path, ret_name);
}

struct root *fuzz_put(const char *path, const void *data, size_t n)
{
	struct root *r = the_root();
	cleanup_close int fd = -1;
	const char *name;

	if (!path_is_canonical(path) || !*path || make_parents(path, &name) < 0)
		return r;
	fd = root_openat(r, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd >= 0 && n && file_write_all(fd, data, n) < 0)
		BUG("cannot write '%s': %m", path);
	return r;
}

struct root *fuzz_link(const char *path, const char *target)
{
	struct root *r = the_root();
	const char *name;
	int fd;

	if (path_is_canonical(path) && *path && (fd = make_parents(path, &name)) >= 0 &&
	    symlinkat(target, fd, name) < 0 && errno != EEXIST && errno != ENOENT &&
	    errno != ENAMETOOLONG)
		BUG("cannot make the link '%s': %m", path);
	return r;
}

static void put_dir(const char *path)
{
	const char *name;
	int fd;

	if (path_is_canonical(path) && *path && (fd = make_parents(path, &name)) >= 0)
		(void)mkdirat(fd, name, 0755);
}

/* head: the line behind "=== ", which is written to. */
static void put_part(char *head, const char *data, size_t n)
{
	char *arrow = strstr(head, " -> ");

	if (arrow) {
		*arrow = '\0';
		fuzz_link(head, arrow + 4);
	} else if (*head && head[strlen(head) - 1] == '/') {
		head[strlen(head) - 1] = '\0';
		put_dir(head);
	} else {
		fuzz_put(head, data, n);
	}
}

/* The next line that begins a part, from at on, or the end. */
static const char *next_part(const char *at, const char *end)
{
	static const char mark[] = "=== ";
	const char *p = at;

	while (p && p < end) {
		if ((size_t)(end - p) >= sizeof(mark) - 1 &&
		    memcmp(p, mark, sizeof(mark) - 1) == 0)
			return p;
		p = memchr(p, '\n', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}
	return end;
}

struct root *fuzz_root(const uint8_t *data, size_t n)
{
	const char *end = (const char *)data + n,
		   *at = next_part((const char *)data, end);
	struct root *r = the_root();

	for (unsigned i = 0; at < end && i < PARTS_MAX; i++) {
		const char *line = at + 4;
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		cleanup_free char *head =
			xstrndup(line, (size_t)((newline ? newline : end) - line));
		const char *body = newline ? newline + 1 : end;

		at = next_part(body, end);
		put_part(head, body, (size_t)(at - body));
	}
	root_forget(r);
	return r;
}

/* --- what must not be reached ------------------------------------------------------------------------ */

static char *outside;
static struct stat outside_was[2]; /* the folder, the file */

static void look_outside(struct stat ret[2])
{
	cleanup_free char *file = xasprintf("%s/file", outside);

	if (lstat(outside, &ret[0]) < 0 || lstat(file, &ret[1]) < 0)
		BUG("something outside of the root is gone: %m");
}

const char *fuzz_outside(void)
{
	cleanup_free char *file = NULL;
	cleanup_close int fd = -1;

	if (outside)
		return outside;
	outside = xasprintf("%s/outside", folder);
	file = xasprintf("%s/file", outside);
	if (mkdir(outside, 0755) < 0 ||
	    (fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) < 0 ||
	    file_write_all(fd, "outside", 7) < 0)
		BUG("cannot make '%s': %m", file);
	look_outside(outside_was);
	return outside;
}

/* Every change of what is in a file or a folder, and of its attributes, is a change of its ctime. */
void fuzz_check_outside(void)
{
	struct stat now[2];

	look_outside(now);
	for (int i = 0; i < 2; i++)
		FUZZ_CHECK(now[i].st_ino == outside_was[i].st_ino &&
			   now[i].st_ctim.tv_sec == outside_was[i].st_ctim.tv_sec &&
			   now[i].st_ctim.tv_nsec == outside_was[i].st_ctim.tv_nsec);
}

/* --- a run ------------------------------------------------------------------------------------------- */

static void tidy_up(void)
{
	free(text);
	text = NULL;
	while (n_fds > 0)
		close(fds[--n_fds]);
	if (has_file) {
		cleanup_free char *path = xasprintf("%s/file", folder);

		(void)unlink(path);
		has_file = false;
	}
	if (root) {
		cleanup_free char *path = xasprintf("%s/root", folder);

		root_free(root);
		root = NULL;
		wipe(path);
	}
	if (outside) {
		wipe(outside);
		free(outside);
		outside = NULL;
	}
}

void fuzz_run(const struct fuzz_target *t, const uint8_t *data, size_t n)
{
	log_set_level(LOG_ERROR);
	t->run(data, n);
	tidy_up();
	fuzz_check_sqlmem();
}

/* Nothing that a reader answers hangs on the memory that there is, and to ask for it takes longer than to read. */
unsigned long long __wrap_memory_available(void);
unsigned long long __wrap_memory_available(void)
{
	return 4ULL << 30;
}
