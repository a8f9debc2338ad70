/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/scratch.h"
#include "base/walls.h"

static const struct confinement *confinement;
static struct standing standing;

/* --- the process outside --------------------------------------------------------------------------------- */

static struct outside_service *services;

static void tidy_up(void)
{
	file_break_promises();
	scratch_leave();
	for (uint32_t i = confinement->made.n; i-- > 0;)
		file_remove_folder(confinement->made.v[i]);
}

static int start_outside(const struct confinement *c, struct error *err)
{
	size_t n = c->n_services;

	services = xcalloc(n + 1, sizeof(*services));
	for (size_t i = 0; i < n; i++)
		services[i] = c->services[i];
	services[n] = file_service;
	return outside_start(services, n + 1, tidy_up, err);
}

/* --- Landlock -------------------------------------------------------------------------------------------- */

static void allow(int ruleset, const char *path, enum walls_access access)
{
	cleanup_close int fd = open(path, O_PATH | O_CLOEXEC);

	/* what is not there, the command will name */
	if (fd >= 0 && walls_allow(ruleset, fd, access) < 0)
		log_debug("landlock: '%s': %s", path, strerror(errno));
}

static void allow_all(int ruleset, const struct strlist *folders)
{
	for (uint32_t i = 0; i < folders->n; i++)
		allow(ruleset, folders->v[i], WALLS_TREE);
}

/* A version that cannot move a file from one folder to another is of no use to who must. */
static int version_for(const struct confinement *c)
{
	int version = walls_landlock();

	return c->root && version < 2 ? 0 : version;
}

static void raise_landlock(const struct confinement *c)
{
	cleanup_close int ruleset = version_for(c) ? walls_ruleset(c->sockets) : -1;

	if (ruleset < 0)
		return;
	allow_all(ruleset, scratch_places());
	allow_all(ruleset, &c->caches);
	allow_all(ruleset, &c->folders);
	allow(ruleset, "/dev/null", WALLS_FILE);
	if (c->root)
		allow(ruleset, c->root, WALLS_TREE);
	if (walls_enter(ruleset) == 0)
		standing.landlock = walls_landlock();
}

/* --- a command --------------------------------------------------------------------------------------------- */

int confine_begin(const struct confinement *c, struct error *err)
{
	unsigned calls = (c->root ? 0U : WALLS_NO_ATTRIBUTES) |
			 (c->sockets ? 0U : WALLS_NO_SOCKETS);

	confinement = c;
	scratch_settle();
	for (uint32_t i = 0; i < c->outputs.n; i++)
		if (file_promise(c->outputs.v[i], 0600, err) < 0) {
			tidy_up();
			return -1;
		}
	if (start_outside(c, err) < 0) {
		tidy_up();
		return -1;
	}
	/* SQLite's own idea of where temporary files go */
	setenv("SQLITE_TMPDIR", scratch_at("/var/tmp"), 1);
	standing.confined = true;
	standing.no_new_privileges = walls_no_new_privileges() == 0;
	raise_landlock(c);
	standing.calls = walls_has_filter() && walls_filter(calls) == 0;
	return 0;
}

void confine_end(void)
{
	outside_end();
	free(steal_ptr(services));
}

struct standing confine_stands(void)
{
	return standing;
}

/* --- children ------------------------------------------------------------------------------------------------ */

static int fail(struct error *err)
{
	return err_errno(err, "cannot confine the process that reads it");
}

/* Memory that runs out is its own trouble, not that of others; what it leaves of itself when it
 * crashes would be a copy of what it read. */
static void limit(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* which maps more than there is */
	{
		uint64_t most = memory_available();
		struct rlimit space;

		if (most && getrlimit(RLIMIT_DATA, &space) == 0 &&
		    space.rlim_cur > (rlim_t)most) {
			space.rlim_cur = (rlim_t)MAX(most, (uint64_t)1 << 30);
			(void)setrlimit(RLIMIT_DATA, &space);
		}
	}
#endif
	confine_allow_an_hour();
}

void confine_allow_an_hour(void)
{
	enum { HOUR = 3600 };
	struct rlimit time;
	struct rusage used;

	if (!standing.confined || getrusage(RUSAGE_SELF, &used) < 0 ||
	    getrlimit(RLIMIT_CPU, &time) < 0)
		return;
	time.rlim_cur = MIN((rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec + HOUR),
			    time.rlim_max);
	(void)setrlimit(RLIMIT_CPU, &time);
}

/* ruleset: -1 where Landlock does not stand; others: writes to what other users own */
static int enclose(int ruleset, bool others, struct error *err)
{
	outside_forget();
	limit();
	if (walls_close_open() < 0)
		return fail(err);
	if (standing.landlock && (ruleset < 0 || walls_enter(ruleset) < 0))
		return fail(err);
	if (walls_drop_capabilities(others) < 0)
		return fail(err);
	if (standing.calls && walls_filter(WALLS_NO_ATTRIBUTES | WALLS_NO_SOCKETS) < 0)
		return fail(err);
	return 0;
}

/* What every child may write to: of an image, a package is copied out before it is read. */
static int child_ruleset(void)
{
	int ruleset = walls_ruleset(false);

	if (ruleset >= 0) {
		allow_all(ruleset, scratch_places());
		allow_all(ruleset, &confinement->caches);
		allow(ruleset, "/dev/null", WALLS_FILE);
	}
	return ruleset;
}

int confine_reader(struct error *err)
{
	return confine_unpacker(NULL, 0, false, err);
}

static bool is_child;

bool confine_is_child(void)
{
	return is_child;
}

void confine_as_child(void)
{
	is_child = true;
}

/* What the user gave us to read from and to write to is none of a child's business, nor of librpm's. */
static void leave_standard_files(void)
{
	cleanup_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0)
		return;
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	if (null <= STDERR_FILENO)
		(void)steal_fd(&null);
}

int confine_unpacker(const int *fds, size_t n, bool others, struct error *err)
{
	cleanup_close int ruleset = -1;

	is_child = true;
	leave_standard_files();
	if (!standing.confined)
		return 0;
	if (standing.landlock)
		ruleset = child_ruleset();
	for (size_t i = 0; i < n && ruleset >= 0; i++)
		if (fds[i] >= 0 && walls_allow(ruleset, fds[i], WALLS_TREE) < 0)
			return fail(err);
	return enclose(ruleset, others, err);
}
