/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * Random worlds, always the same ones. Version 1 of some packages is installed on an empty disk, then
 * version 2 comes, then version 1 again. Each plan must be possible op by op, and the disk must be in
 * the end as it was in the beginning: that is what going back means. In half of the worlds somebody
 * meddles with the disk before that; then the plan must still be possible, and leave nothing to do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/path.h"
#include "planlab.h"

enum { WORLDS = 3000, PACKAGES = 3, NAMES = 4, DEPTH = 3 };

static uint64_t seed;

/* 0 .. n-1 (xorshift64) */
static uint32_t dice(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % n;
}

static bool chance(uint32_t percent)
{
	return dice(100) < percent;
}

/* What a version has at a path. */
struct object {
	char *path; /* "/a/b" */
	enum ftype type;
	uint32_t mode, flags;
	char content[16]; /* or target */
	bool alice;
	int owner, second; /* package; -1: none (implied, or the staying one's) */
	bool stays;	   /* the staying package's */
};
struct tree {
	ARRAY(struct object) all; /* parents before children */
};

static const struct object *tree_find(const struct tree *t, const char *path)
{
	const struct object *o;

	array_foreach(o, &t->all)
		if (strcmp(o->path, path) == 0)
			return o;
	return NULL;
}

static void tree_release(struct tree *t)
{
	struct object *o;

	array_foreach(o, &t->all)
		free(o->path);
	array_release(&t->all);
}

static void fill(struct object *o, int depth)
{
	static const enum ftype types[] = {FT_REG, FT_REG, FT_REG, FT_DIR, FT_DIR,
					   FT_DIR, FT_LNK, FT_LNK, FT_FIFO};

	o->type = types[dice(ELEMENTSOF(types))];
	if (o->type == FT_DIR && depth == DEPTH)
		o->type = FT_REG;
	o->mode = chance(80) ? (o->type == FT_DIR ? 0755 : 0644) : 0700;
	o->alice = o->type != FT_LNK && chance(10); /* nobody is led by a link of hers */
	if (o->type == FT_LNK)
		snprintf(o->content, sizeof(o->content), chance(60) ? "/%c" : "/%c/%c",
			 'a' + (int)dice(NAMES), 'a' + (int)dice(NAMES));
	else
		snprintf(o->content, sizeof(o->content), "%s%u",
			 chance(30) ? "hard" : "c", dice(4));
	o->flags = o->type == FT_REG && chance(15) ? FILE_CONFIG : 0;
	if (o->flags && chance(50))
		o->flags |= FILE_NOREPLACE;
	if (strncmp(o->content, "hard", 4) == 0) {
		o->mode = 0644;
		o->alice = false;
		o->flags = 0;
	}
}

/* other: the version before, of which much is kept; NULL */
static void grow(struct tree *t, const struct tree *other, const char *dir, int depth)
{
	for (int i = 0; i < NAMES; i++) {
		cleanup_free char *path = xasprintf("%s/%c", dir, 'a' + i);
		const struct object *was = other ? tree_find(other, path) : NULL;
		struct object o = {.owner = (int)dice(PACKAGES), .second = -1};

		if (was && (was->stays || chance(55)))
			o = *was;
		else if (chance(other && !was ? 75 : 45))
			continue;
		else
			fill(&o, depth);
		/* nobody knows what attributes a directory had before a package took it over */
		if (was && !was->stays && (chance(80) || was->owner < 0))
			o.owner = was->owner;
		if (!was && o.type == FT_DIR && chance(30))
			o.owner = -1;
		if (!was && chance(15))
			o.second = (int)dice(PACKAGES);
		o.path = xstrdup(path);
		array_add(&t->all, o);
		if (o.type == FT_DIR)
			grow(t, other, path, depth + 1);
	}
}

/* Some files are the staying package's; they need their directories in both versions. */
static void choose_staying(struct tree *t)
{
	for (uint32_t i = 0; i < t->all.n; i++) {
		struct object *o = &t->all.v[i];

		if (o->type == FT_DIR || !chance(8))
			continue;
		for (uint32_t k = 0; k <= i; k++) {
			struct object *up = &t->all.v[k];

			if (path_is_beneath(o->path + 1, up->path + 1))
				up->stays = true;
		}
		o->owner = chance(50) ? o->owner : -1;
	}
}

/* A packaged name may go through a link: /l/x for /d/x where l leads to /d. Not that of a link or
 * a directory: what it leads through would have to be known before it is known. */
static char *packaged_name(const struct tree *t, const struct object *o)
{
	const char *path = o->path;
	const struct object *l;

	array_foreach(l, &t->all) {
		const struct object *d =
			l->type == FT_LNK ? tree_find(t, l->content) : NULL;
		size_t n = strlen(l->content);

		if (d && d->type == FT_DIR && path_is_beneath(path + 1, l->content + 1) &&
		    path[n] == '/' && o->type == FT_REG && chance(25))
			return xasprintf("%s%s", l->path, path + n);
	}
	return xstrdup(path);
}

static struct pkg *make_pkg(struct lab *l, const struct tree *t, int owner,
			    const char *nevra)
{
	static const uint32_t bits[] = {[FT_REG] = S_IFREG,
					[FT_DIR] = S_IFDIR,
					[FT_LNK] = S_IFLNK,
					[FT_FIFO] = S_IFIFO};
	struct pkg *p = lab_pkg(l, nevra, DIGEST_SHA256);
	uint32_t first[4] = {NO_INDEX, NO_INDEX, NO_INDEX, NO_INDEX};
	const struct object *o;

	array_foreach(o, &t->all) {
		cleanup_free char *name = NULL;
		struct pkgfile *f;
		uint32_t set;

		if (owner < 0 ? !o->stays : o->owner != owner && o->second != owner)
			continue;
		name = packaged_name(t, o);
		f = lab_add_file(l, p, name,
				 bits[o->type] | (o->type == FT_LNK ? 0777 : o->mode),
				 o->content);
		f->flags = o->flags;
		f->user = o->alice ? "alice" : "root";
		if (o->type != FT_REG || sscanf(o->content, "hard%u", &set) != 1)
			continue;
		if (first[set] == NO_INDEX)
			first[set] = p->files.n - 1;
		else if (o->second < 0 && !o->stays && p->files.v[first[set]].color == 0)
			lab_link_files(p, first[set], p->files.n - 1);
		if (o->second >= 0 || o->stays)
			first[set] = NO_INDEX;
	}
	return p;
}

static const char *const names[PACKAGES] = {"ape", "bee", "cat"};

static struct pkg *installed(struct lab *l, const char *name)
{
	for (uint32_t i = l->leaving.n; i-- > 0;)
		if (strcmp(l->leaving.v[i]->id.name, name) == 0)
			return l->leaving.v[i];
	return NULL;
}

static void change_to(struct lab *l, const struct tree *t, int version)
{
	for (int i = 0; i < PACKAGES; i++) {
		cleanup_free char *nevra = xasprintf("%s-%d-1", names[i], version);
		struct change *x = array_push(&l->changes.list);

		x->from = installed(l, names[i]);
		x->to = make_pkg(l, t, i, nevra);
		x->kind = x->from ? CHANGE_DOWNGRADE : CHANGE_INSTALL;
		pkgset_take(&l->changes.arriving, x->to);
	}
}

static void describe(struct lab *l, struct buf *ret)
{
	struct strlist lines = {0};

	for (uint32_t i = 0; i < l->disk.n; i++) {
		const struct lab_node *n = &l->disk.v[i];
		const char *link = n->path;

		for (uint32_t k = 0; n->is_there && k < l->disk.n; k++)
			if (l->disk.v[k].is_there &&
			    l->disk.v[k].fact.id.ino == n->fact.id.ino &&
			    path_cmp(l->disk.v[k].path, link) < 0)
				link = l->disk.v[k].path;
		if (n->is_there)
			strlist_take(&lines,
				     xasprintf("%s %o %u %s = %s\n", n->path,
					       n->fact.attr.mode, n->fact.attr.uid,
					       n->fact.type == FT_LNK	? n->fact.link
					       : n->fact.type == FT_REG ? n->content
									: "",
					       link));
	}
	strlist_sort_unique(&lines);
	buf_clear(ret);
	for (uint32_t i = 0; i < lines.n; i++)
		buf_str(ret, lines.v[i]);
	strlist_release(&lines);
}

/* Lines of a that b has not */
static void lines_only_in(const char *a, const char *b, char mark, struct buf *ret)
{
	cleanup_free char *all = xasprintf("\n%s", b);

	while (*a) {
		size_t n = strcspn(a, "\n") + 1;
		cleanup_free char *line = xasprintf("\n%.*s", (int)n, a);

		if (!strstr(all, line))
			buf_printf(ret, "%c%s", mark, line + 1);
		a += n;
	}
}

/* False: refused. Anything wrong fails the test. */
static bool step(struct lab *l, const char *what, uint32_t world, bool again)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_buf struct buf complaint = {0}, shown = {0};
	struct lab_plan p;
	bool done;

	l->now += 100;
	if (lab_plan(l, &p, &err) < 0) {
		if (!strstr(err.msg, "symlink"))
			fail_msg("world %u, %s: %s", world, what, err.msg);
		return false; /* of a user, or that lead to one another: no good world */
	}
	done = problems_worst(&p.plan.problems) < (int)SEV_REFUSE;
	if (done) {
		lab_show(l, &p.plan, &shown);
		lab_run(l, &p.plan, &complaint);
		if (complaint.n)
			fail_msg("world %u, %s:\n%s%s", world, what, shown.s,
				 complaint.s);
		lab_advance(l, &p.plan, again);
	}
	lab_plan_release(&p);
	return done;
}

static void meddle(struct lab *l)
{
	static const enum ftype types[] = {FT_REG, FT_REG, FT_REG, FT_DIR, FT_LNK};

	for (uint32_t i = l->disk.n; i-- > 1;) {
		struct lab_node *n = &l->disk.v[i];
		enum ftype type = types[dice(ELEMENTSOF(types))];

		if (!n->is_there || n->children || !chance(25))
			continue;
		if (chance(30)) {
			lab_unlink(l, n);
			continue;
		}
		if (chance(30)) {
			for (uint32_t k = 0; k < l->disk.n; k++)
				if (l->disk.v[k].fact.id.ino == n->fact.id.ino)
					l->disk.v[k].fact.attr.mode ^= 0011;
			continue;
		}
		n = lab_add(l, n->path, type);
		n->fact.id.btime_ns = l->now * INT64_C(1000000000);
		n->content = "edited";
		if (type == FT_LNK)
			n->fact.link = chance(50) ? "/kept" : "nowhere";
	}
	for (int i = 0; i < 3; i++) {
		cleanup_free char *path =
			xasprintf("%c/mine%d", 'a' + (int)dice(NAMES), i);
		cleanup_free char *dir = path_parent(path);
		const struct lab_node *up = lab_find(l, dir);

		if (up && up->fact.type == FT_DIR)
			lab_add(l, path, FT_REG)->content = "mine";
	}
}

static void check_idle(struct lab *l, uint32_t world)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_buf struct buf shown = {0};
	struct lab_plan p;

	if (lab_plan(l, &p, &err) < 0)
		fail_msg("world %u, once more: %s", world, err.msg);
	lab_show(l, &p.plan, &shown);
	if (p.plan.ops.n)
		fail_msg("world %u, once more:\n%s", world, shown.s);
	lab_plan_release(&p);
}

/* 0: could not be built; 1: refused; 2: went back. */
static int try_world(uint32_t world)
{
	cleanup_buf struct buf before = {0}, after = {0}, shown = {0};
	struct tree one = {0}, two = {0};
	bool meddled = world % 2;
	struct change *x;
	struct lab l;
	int ret = 0;

	seed = 0x9e3779b97f4a7c15u * (world + 1);
	lab_init(&l);
	users_parse_passwd(&l.users, "alice:x:1000:\n");
	grow(&one, NULL, "", 1);
	choose_staying(&one);
	grow(&two, &one, "", 1);
	change_to(&l, &one, 1);
	x = array_push(&l.changes.list);
	x->to = make_pkg(&l, &one, -1, "stay-1-1");
	x->kind = CHANGE_INSTALL;
	pkgset_take(&l.changes.arriving, x->to);
	l.policy.replacefiles = chance(20);
	if (!step(&l, "installing version 1", world, false))
		goto out;
	for (uint32_t i = 0; i < l.leaving.n; i++)
		if (strcmp(l.leaving.v[i]->id.name, "stay") == 0) {
			pkgset_take(&l.staying, l.leaving.v[i]);
			l.leaving.v[i] = l.leaving.v[--l.leaving.n];
		}
	describe(&l, &before);
	change_to(&l, &two, 2);
	if (!step(&l, "version 2", world, false))
		goto out;
	ret = 1;
	if (meddled)
		meddle(&l);
	change_to(&l, &one, 1);
	if (!step(&l, "going back", world, true))
		goto out;
	ret = 2;
	describe(&l, &after);
	if (!meddled && strcmp(before.s, after.s) != 0) {
		lines_only_in(before.s, after.s, '-', &shown);
		lines_only_in(after.s, before.s, '+', &shown);
		fail_msg("world %u:\n%s", world, shown.s);
	}
	check_idle(&l, world);
out:
	tree_release(&one);
	tree_release(&two);
	lab_release(&l);
	return ret;
}

static void going_back_leads_where_it_began(void **state)
{
	uint32_t outcomes[2][3] = {{0}};

	(void)state;
	for (uint32_t i = 0; i < WORLDS; i++)
		outcomes[i % 2][try_world(i)]++;
	print_message(
		"# untouched: %u not built, %u refused, %u back; meddled with: %u, %u, %u\n",
		outcomes[0][0], outcomes[0][1], outcomes[0][2], outcomes[1][0],
		outcomes[1][1], outcomes[1][2]);
	/* most of them have to say something */
	assert_true(outcomes[0][2] > WORLDS / 4);
	assert_true(outcomes[1][2] > WORLDS / 8);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(going_back_leads_where_it_began),
	};

	if (argc > 1) /* one world, to look at it */
		return try_world((uint32_t)strtoul(argv[1], NULL, 10)) == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
