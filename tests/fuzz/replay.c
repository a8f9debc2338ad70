/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * replay [TARGET [FILE...]]: gives inputs to fuzz targets, in TAP. Without FILE those that are kept for the
 * target, without TARGET those of all. Each target has a process of its own, and another one behind
 * an input that it dies of. `replay --list` names the targets.
 */

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "fuzz.h"

/* An input takes milliseconds; sanitizers and a busy machine are slow. */
#define SECONDS_MAX 120

static const char *srcdir;
static unsigned cases;

static void read_input(const char *path, uint8_t **ret, size_t *ret_n)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		BUG("cannot open '%s': %m", path);
	/* of the very size, so that a read behind its end is seen */
	*ret_n = (size_t)st.st_size;
	*ret = xmalloc(*ret_n ? *ret_n : 1);
	if (file_read_full(fd, *ret, *ret_n) != (ssize_t)*ret_n)
		BUG("cannot read '%s'", path);
}

_noreturn_ static void child(const struct fuzz_target *t, const struct strlist *files,
			     uint32_t from, volatile uint32_t *at)
{
	for (uint32_t i = from; i < files->n; i++) {
		cleanup_free uint8_t *data = NULL;
		size_t n;

		*at = i;
		read_input(files->v[i], &data, &n);
		alarm(SECONDS_MAX);
		fuzz_run(t, data, n);
	}
	exit(0);
}

/* How many inputs it died of. */
static unsigned replay(const struct fuzz_target *t, const struct strlist *files)
{
	volatile uint32_t *at = mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned bad = 0;

	if (at == MAP_FAILED)
		BUG("no memory");
	for (uint32_t from = 0; from < files->n; from = *at + 1) {
		pid_t pid;
		int status;

		fflush(NULL);
		fuzz_begin();
		pid = fork();
		if (pid == 0)
			child(t, files, from, at);
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			BUG("no child: %m");
		fuzz_end();
		if (status == 0)
			break;
		printf("# '%s' ends it by %s %d\n", files->v[*at],
		       WIFSIGNALED(status) ? "signal" : "status",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		bad++;
	}
	munmap((void *)at, sizeof(*at));
	return bad;
}

static void list_folder(const char *format, const char *name, struct strlist *ret)
{
	cleanup_free char *part = xasprintf("%s/%s", format, name);
	cleanup_free char *path = xasprintf("%s/%s", srcdir, part);
	cleanup_closedir DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			strlist_take(ret, xasprintf("%s/%s", path, e->d_name));
	strlist_sort_unique(ret);
}

static void try_target(const struct fuzz_target *t, char *const *given)
{
	cleanup_free char *dict =
		xasprintf("%s/tests/fuzz/dict/%s.dict", srcdir, t->name);
	struct strlist files = {0};
	const char *missing = NULL;
	unsigned bad;

	if (given) {
		while (*given)
			strlist_add(&files, *given++);
	} else {
		list_folder("tests/fuzz/corpus", t->name, &files);
		if (!files.n)
			missing = "it has no seeds";
		if (access(dict, R_OK) != 0)
			missing = "it has no dictionary";
		list_folder("tests/fixtures/regress", t->name, &files);
	}
	bad = replay(t, &files);
	printf("%s %u - %s: %u inputs%s%s\n", bad || missing ? "not ok" : "ok", ++cases,
	       t->name, files.n, missing ? ", " : "", missing ? missing : "");
	strlist_release(&files);
}

int main(int argc, char **argv)
{
	const struct fuzz_target **all = fuzz_all();

	srcdir = getenv("PUTBACK_SRCDIR") ? getenv("PUTBACK_SRCDIR") : ".";
	if (argc > 1 && strcmp(argv[1], "--list") == 0) {
		for (; *all; all++)
			printf("%s\n", (*all)->name);
		return 0;
	}
	if (argc > 1) {
		const struct fuzz_target *t = fuzz_find(argv[1]);

		if (!t) {
			fprintf(stderr, "no fuzz target '%s'\n", argv[1]);
			return 2;
		}
		try_target(t, argc > 2 ? argv + 2 : NULL);
	} else {
		for (; *all; all++)
			try_target(*all, NULL);
	}
	printf("1..%u\n", cases);
	return 0;
}
