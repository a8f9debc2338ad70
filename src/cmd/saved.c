/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/args.h"
#include "cmd/rows.h"
#include "cmd/saved.h"
#include "source/fetch.h"
#include "source/koji.h"

/* "MACHINE-ID/RPMDB-DIGEST": whose root, and with which packages installed */
static char *root_id(const struct prepared *p)
{
	cleanup_buf struct buf hex = {0};

	buf_hex(&hex, p->db->digest.bytes, p->db->digest.len);
	return xasprintf("%s/%s", p->machine.machine_id ? p->machine.machine_id : "",
			 hex.s);
}

int saved_check_output(const char *path, struct error *err)
{
	cleanup_error struct error why = ERROR_INIT;
	struct saved_plan there = {0};
	struct stat st;

	if (!strcmp(path, "-"))
		return err_set(err, ERR_USAGE,
			       "a plan cannot be saved to the standard output; name a file, "
			       "or ./- if it is to be called so");
	if (lstat(path, &st) < 0)
		return 0;
	if (txn_load_plan(path, &there, &why) < 0)
		return err_set(
			err, ERR_USAGE,
			"'%s' is there already, and is no saved plan; name another file",
			path);
	saved_plan_release(&there);
	return 0;
}

/* "7", "7..9": by name, for another entry may be the last by the time that the plan is used */
static char *undone_by(const struct outcome *o)
{
	if (!o->n_entries)
		return NULL;
	return xasprintf("%s%s%s", o->entries[0].name, o->n_entries > 1 ? ".." : "",
			 o->n_entries > 1 ? o->entries[o->n_entries - 1].name : "");
}

/* What the installed package of the name tells about where others of it are to be found. */
static void add_want(const struct prepared *p, const char *nevra, const char *name,
		     struct strlist *ret)
{
	const struct pkg *like = NULL;
	cleanup_free char *source = NULL;

	for (uint32_t i = 0; i < p->installed.n && !like; i++)
		if (!strcmp(p->installed.v[i]->id.name, name))
			like = p->installed.v[i];
	source = koji_source_name(like ? like->sourcerpm : "");
	strlist_take(ret, xasprintf("%s %s %s", nevra, *source ? source : "-",
				    like && *like->keyid ? like->keyid : "-"));
}

static void add_wants(const struct prepared *p, struct strlist *ret)
{
	const struct pkgset *come = &p->outcome.changes.arriving;
	struct arena mem = {0};

	for (uint32_t i = 0; i < come->n; i++)
		add_want(p, come->v[i]->nevra, come->v[i]->id.name, ret);
	for (uint32_t i = 0; i < p->outcome.missing.n; i++) {
		const char *text = p->outcome.missing.v[i];
		struct nevra id;

		/* "a version of ... older than ..." says nothing to who has no root */
		if (!strchr(text, ' ') && nevra_parse(&mem, text, &id) == 0)
			add_want(p, text, id.name, ret);
	}
	arena_release(&mem);
}

int saved_write_wants(struct session *s, const struct prepared *p, struct error *err)
{
	const struct plan none = {.changes = &p->outcome.changes};
	struct saved_plan meta = {.made = (int64_t)time(NULL)};
	cleanup_free char *undone = undone_by(&p->outcome);
	int rc;

	add_wants(p, &meta.wants);
	if (!meta.wants.n)
		return 0;
	meta.root_id = root_id(p);
	args_of(s->o, undone, &meta.args);
	rc = txn_save_plan(s->o->output, &none, &meta, err);
	saved_plan_release(&meta);
	return rc < 0 ? -1 : 1;
}

int saved_write(struct session *s, const struct prepared *p, struct error *err)
{
	struct saved_plan meta = {
		.root_id = root_id(p), .digest = p->digest, .made = (int64_t)time(NULL)};
	cleanup_free char *undone = undone_by(&p->outcome);
	int rc;

	args_of(s->o, undone, &meta.args);
	add_wants(p, &meta.wants);
	rc = txn_save_plan(s->o->output, &p->plan, &meta, err);
	saved_plan_release(&meta);
	return rc;
}

bool saved_is_file(const char *arg)
{
	static const char magic[] = "SQLite format 3";
	char head[sizeof(magic)] = "";
	cleanup_close int fd = -1;
	struct stat st;

	if (strchr(arg, '/'))
		return true;
	if (stat(arg, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	fd = open(arg, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && file_read_full(fd, head, sizeof(head)) == sizeof(head) &&
	       !memcmp(head, magic, sizeof(magic));
}

int saved_is_alone(const struct strlist *args, struct error *err)
{
	for (uint32_t i = 0; i < args->n; i++)
		if (!strchr(args->v[i], '/') && saved_is_file(args->v[i]))
			return err_set(err, ERR_USAGE,
				       "'%s' is a saved plan: that is all that is selected, "
				       "and no package stands beside it",
				       args->v[i]);
	return 0;
}

/* The same options may be repeated beside the file, others may not. */
static int check_agreement(const struct options *given, const struct options *saved,
			   const char *path, struct error *err)
{
	struct strlist a = {0}, b = {0};
	const char *odd = NULL;

	args_of(given, NULL, &a);
	args_of(saved, NULL, &b);
	for (uint32_t i = 0; i < a.n && !odd; i++) {
		if (!strlist_has(&b, a.v[i]))
			odd = a.v[i];
	}
	if (odd) {
		cleanup_free char *shown = fetch_shown_url(odd);

		err_set(err, ERR_USAGE,
			"'%s' is a saved plan, and was not made with '%s'; make a new one",
			path, shown);
	}
	strlist_release(&a);
	strlist_release(&b);
	return odd ? -1 : 0;
}

static int take_args(struct session *s, const char *path, struct saved_plan *saved,
		     struct error *err)
{
	cleanup_free char **argv = xcalloc(saved->args.n + 3, sizeof(*argv));
	cleanup_error struct error why = ERROR_INIT;
	struct options *o = s->o, made = {0};
	int argc = 0, rc = 0;

	argv[argc++] = (char *)"putback";
	argv[argc++] = (char *)"plan";
	for (uint32_t i = 0; i < saved->args.n; i++)
		argv[argc++] = saved->args.v[i];
	if (options_parse(&made, argc, argv, &why) < 0 ||
	    options_selection(&made, &why) < 0 || (made.given & ~GIVEN_SAVED))
		rc = err_set(err, ERR_USAGE,
			     "'%s' holds arguments that make no sense here%s%s", path,
			     why.msg ? ": " : "", why.msg ? why.msg : "");
	else
		rc = check_agreement(o, &made, path, err);
	if (rc == 0)
		args_move(o, &made);
	options_release(&made);
	return rc;
}

int saved_read(struct session *s, const char *path, struct saved_plan *ret,
	       struct error *err)
{
	struct saved_plan saved = {0};

	if (txn_load_plan(path, &saved, err) < 0) {
		if (err && err->kind == ERR_FAILED)
			err->kind = ERR_USAGE;
		return -1;
	}
	if (!saved.digest.len) {
		saved_plan_release(&saved);
		return err_set(
			err, ERR_USAGE,
			"'%s' says what is wanted, and holds no plan, since packages were missing; "
			"`fetch` them, and make a plan with --from kit:DIR",
			path);
	}
	if (take_args(s, path, &saved, err) < 0) {
		saved_plan_release(&saved);
		return -1;
	}
	*ret = saved;
	return 0;
}

/* Another machine, or other packages installed. */
static int compare_root(const struct saved_plan *saved, const char *path,
			const struct prepared *p, struct error *err)
{
	cleanup_free char *now = root_id(p), *when = rows_time(saved->made);
	const char *then = saved->root_id ? saved->root_id : "";
	size_t n = strcspn(then, "/");

	if (n != strcspn(now, "/") || strncmp(now, then, n))
		return err_set(
			err, ERR_REFUSED,
			"'%s' was made for another machine: machine-id %.*s there, %.*s here",
			path, (int)n, then, (int)strcspn(now, "/"), now);
	if (strcmp(now, then))
		return err_set(
			err, ERR_REFUSED,
			"the packages installed have changed since '%s' was made (%s); look at a "
			"new plan",
			path, when);
	return 0;
}

int saved_err(const struct saved_plan *saved, const char *path, const struct prepared *p,
	      struct error *err)
{
	/* what it asks for may make no sense any more, once it was done */
	if (p->db && compare_root(saved, path, p, err) < 0)
		return -1;
	if (err && err->kind == ERR_USAGE) {
		err->kind = ERR_REFUSED;
		err_prefix(err, "'%s' does not fit this root any more", path);
	}
	return -1;
}

int saved_compare(const struct saved_plan *saved, const char *path,
		  const struct prepared *p, struct error *err)
{
	cleanup_free char *when = rows_time(saved->made);

	if (digest_is_same(&saved->digest, &p->digest))
		return 0;
	if (compare_root(saved, path, p, err) < 0)
		return -1;
	return err_set(
		err, ERR_REFUSED,
		"files of the root, or the packages to be used, have changed since '%s' was made "
		"(%s); look at a new plan",
		path, when);
}
