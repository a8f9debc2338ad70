/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/primary.h"

#include <rpm/rpmio.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/repo_rpmmd.h>
#include <solv/solv_xfopen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "source/fetch.h"
#include "source/repomd.h"
#include "source/xml.h"

static ssize_t zstd_read(void *ctx, char *buf, size_t size)
{
	ssize_t n = Fread(buf, 1, size, ctx);

	return n < 0 || Ferror(ctx) ? -1 : n;
}

static int zstd_close(void *ctx)
{
	Fclose(ctx);
	return 0;
}

/* By librpm: libsolvext waits for ever for the rest of what is cut short (0.7.23). */
static FILE *open_zstd(int take_fd)
{
	FD_t raw = fdDup(take_fd), packed = raw ? Fdopen(raw, "r.zstdio") : NULL;
	FILE *f;

	if (!packed) {
		if (raw)
			Fclose(raw);
		return NULL;
	}
	f = fopencookie(packed, "r",
			(cookie_io_functions_t){.read = zstd_read, .close = zstd_close});
	if (f)
		close(take_fd);
	else
		Fclose(packed);
	return f;
}

/* NULL: packed with something that cannot be read here; the descriptor is left. */
static FILE *open_packed(const char *location, int take_fd)
{
	size_t n = strlen(location);

	return n > 4 && !strcmp(location + n - 4, ".zst")
		       ? open_zstd(take_fd)
		       : solv_xfopen_fd(location, take_fd, "r");
}

static int parse(Repo *repo, int take_fd, const char *location, uint64_t open_max,
		 struct error *err)
{
	const char *reason = NULL;
	FILE *in = open_packed(location, take_fd), *f;
	int rc;

	if (!in) {
		close(take_fd);
		return err_set(
			err, ERR_FAILED,
			"'%s' is compressed with something that cannot be read here",
			location);
	}
	f = xml_guard(in, open_max, &reason);
	if (!f)
		return err_errno(err, "cannot read '%s'", location);
	rc = repo_add_rpmmd(repo, f, NULL, 0);
	if (!rc && ferror(f) && !reason)
		reason = "cannot be decompressed";
	fclose(f);
	if (!rc && !reason)
		return 0;
	if (reason == xml_too_long)
		err_set(err, ERR_FAILED,
			"'%s' unpacks to more than %llu bytes, which %s: it is damaged, or "
			"somebody's trap",
			location, (unsigned long long)open_max,
			open_max < REPOMD_OPEN_MAX ? "its repomd.xml says that it has"
						   : "is more than any list has");
	else if (reason)
		err_set(err, ERR_FAILED, "'%s' %s", location, reason);
	else
		err_set(err, ERR_FAILED, "'%s' cannot be read: %s", location,
			pool_errstr(repo->pool));
	repo_empty(repo, 1);
	return -1;
}

int primary_read(Repo *repo, int take_fd, const char *location, uint64_t open_max,
		 uint32_t *ret_unfit, struct error *err)
{
	uint32_t unfit = 0;

	if (parse(repo, take_fd, location, open_max, err))
		return -1;
	repo_internalize(repo);
	for (Id id = repo->start; id < repo->end; id++) {
		Solvable *v = pool_id2solvable(repo->pool, id);
		const char *place, *base;

		if (v->repo != repo)
			continue;
		place = solvable_lookup_location(v, NULL);
		base = solvable_lookup_str(v, SOLVABLE_MEDIABASE);
		if (place && repomd_location_is_fit(place) &&
		    (!base || fetch_is_remote(base)))
			continue;
		repo_free_solvable(repo, id, 0);
		unfit++;
	}
	*ret_unfit = unfit;
	return 0;
}
