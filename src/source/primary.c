/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/primary.h"

#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/repo_rpmmd.h>
#include <solv/solv_xfopen.h>
#include <stdio.h>
#include <unistd.h>

#include "source/fetch.h"
#include "source/repomd.h"
#include "source/xml.h"

static int parse(Repo *repo, int take_fd, const char *location, struct error *err)
{
	const char *reason = NULL;
	FILE *in = solv_xfopen_fd(location, take_fd, "r"), *f;
	int rc;

	if (!in) {
		close(take_fd);
		return err_set(
			err, ERR_FAILED,
			"'%s' is compressed with something that libsolv here cannot read",
			location);
	}
	f = xml_guard(in, 4 * REPOMD_PRIMARY_MAX, &reason);
	if (!f)
		return err_errno(err, "cannot read '%s'", location);
	rc = repo_add_rpmmd(repo, f, NULL, 0);
	if (!rc && ferror(f) && !reason)
		reason = "cannot be decompressed";
	fclose(f);
	if (!rc && !reason)
		return 0;
	if (reason)
		err_set(err, ERR_FAILED, "'%s' %s", location, reason);
	else
		err_set(err, ERR_FAILED, "'%s' cannot be read: %s", location,
			pool_errstr(repo->pool));
	repo_empty(repo, 1);
	return -1;
}

int primary_read(Repo *repo, int take_fd, const char *location, uint32_t *ret_unfit,
		 struct error *err)
{
	uint32_t unfit = 0;

	if (parse(repo, take_fd, location, err))
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
