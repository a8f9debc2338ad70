/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cmd/args.h"
#include "cmd/rows.h"
#include "cmd/saved.h"
#include "select/pattern.h"
#include "select/want.h"
#include "source/fetch.h"

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

/* What the root tells to who has none of it: where others of a package are to be found, which are there. */
static void add_want(const struct prepared *p, const char *what, const struct nevra *id,
		     bool older, struct strlist *ret)
{
	struct pkg *const *now;
	uint32_t n = step_installed(&p->installed, id->name, NULL, &now);
	cleanup_free char *source = koji_source_name(n ? now[0]->sourcerpm : "");
	cleanup_buf struct buf b = {0};
	struct arena mem = {0};

	buf_printf(&b, "%s %s %s", what, *source ? source : "-",
		   n && *now[0]->keyid ? now[0]->keyid : "-");
	for (uint32_t i = 0; i < n && older; i++)
		if (step_stands_beside(&p->installed, id->name) &&
		    !strcmp(now[i]->id.arch, id->arch))
			buf_printf(&b, " has=%s", step_evr(&mem, &now[i]->id));
	if (!*id->arch && p->env.basearch)
		buf_printf(&b, " for=%s", p->env.basearch);
	strlist_take(ret, buf_steal(&b));
	arena_release(&mem);
}

static void add_misses(const struct prepared *p, const struct step_miss *v, uint32_t n,
		       struct strlist *ret, struct strlist *ret_unfit)
{
	for (uint32_t i = 0; i < n; i++) {
		cleanup_free char *what = want_of_miss(&v[i]);

		if (what)
			add_want(p, what, &v[i].id, v[i].than.name, ret);
		else
			strlist_add(ret_unfit, v[i].text);
	}
}

static void add_unknown(const struct prepared *p, struct strlist *ret,
			struct strlist *ret_unfit)
{
	const struct strlist *unknown = &p->outcome.unknown;

	for (uint32_t i = 0; i < unknown->n; i++) {
		const struct nevra id = {unknown->v[i], "", "", "", EPOCH_NONE};
		cleanup_free char *what = want_of_label(unknown->v[i]);

		if (what)
			add_want(p, what, &id, false, ret);
		else
			strlist_add(ret_unfit, unknown->v[i]);
	}
}

/* ret_unfit: what can be told to nobody else. */
static void add_wants(const struct prepared *p, struct strlist *ret,
		      struct strlist *ret_unfit)
{
	const struct outcome *o = &p->outcome;
	const struct pkgset *come = &o->changes.arriving;

	for (uint32_t i = 0; i < come->n; i++)
		add_want(p, come->v[i]->nevra, &come->v[i]->id, false, ret);
	add_misses(p, o->missed.v, o->missed.n, ret, ret_unfit);
	add_misses(p, o->wanted.v, o->wanted.n, ret, ret_unfit);
	add_unknown(p, ret, ret_unfit);
	strlist_sort_unique(ret);
}

static void tell_wants(const char *path, bool saved, const struct strlist *unfit)
{
	for (uint32_t i = 0; i < unfit->n; i++)
		log_warning(
			"'%s' is not among what is saved: %s; name each package in full, as "
			"NAME-VERSION-RELEASE.ARCH",
			unfit->v[i],
			pattern_is(unfit->v[i])
				? "a pattern that nothing here matches says nothing elsewhere"
				: "no package can be called so");
	if (saved)
		log_warning(
			"what is wanted is in '%s': `putback fetch '%s' --to DIR` on a machine that "
			"has it, and bring DIR here as --from kit:DIR",
			path, path);
	else
		log_warning(
			"nothing was saved to '%s': which packages are wanted is not known; "
			"name them",
			path);
}

int saved_write_wants(struct session *s, const struct prepared *p, struct error *err)
{
	const struct plan none = {.changes = &p->outcome.changes};
	struct saved_plan meta = {.made = (int64_t)time(NULL)};
	cleanup_free char *undone = undone_by(&p->outcome);
	struct strlist unfit = {0};
	int rc = 0;

	if (p->db)
		add_wants(p, &meta.wants, &unfit);
	if (meta.wants.n) {
		meta.root_id = root_id(p);
		args_of(s->o, undone, &meta.args);
		rc = txn_save_plan(s->o->output, &none, &meta, err);
	}
	if (rc == 0)
		tell_wants(s->o->output, meta.wants.n > 0, &unfit);
	strlist_release(&unfit);
	saved_plan_release(&meta);
	return rc;
}

int saved_write(struct session *s, const struct prepared *p, struct error *err)
{
	struct saved_plan meta = {
		.root_id = root_id(p), .digest = p->digest, .made = (int64_t)time(NULL)};
	cleanup_free char *undone = undone_by(&p->outcome);
	struct strlist unfit = {0};
	int rc;

	args_of(s->o, undone, &meta.args);
	add_wants(p, &meta.wants, &unfit);
	rc = txn_save_plan(s->o->output, &p->plan, &meta, err);
	strlist_release(&unfit);
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
