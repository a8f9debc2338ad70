/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "changelab.h"

#include "select/closure.h"
#include "source/catalog.h"

/*
 * A world is lines of words:
 *
 *	installed NAME VERSION[.ARCH] [DEPENDENCY...]	the release is 1
 *	has NAME VERSION[.ARCH] [DEPENDENCY...]		in the one source
 *	change NAME VERSION[.ARCH]			the selection: that one comes
 *	remove NAME					that one goes
 *	protect NAME
 *	exclude PATTERN
 *
 * DEPENDENCY: R:name or R:name=VERSION-1, >= and <= too; also P (provides), C (conflicts), O (obsoletes).
 * What comes of it are lines "FROM -> TO (REASON)".
 */
struct world {
	struct changelab lab;
	struct sources sources;
	struct source *source;
	struct changes changes;
	struct strlist protected, exclude;
	Header installed[32];
	uint32_t n_installed;
};

static int no_index(struct source *s, const struct observer *o, struct error *err)
{
	(void)s;
	(void)o;
	(void)err;
	return 0;
}
static const struct source_ops by_hand = {.kind = "lab", .index = no_index};

static void add_dep(Header h, const char *word)
{
	static const struct {
		char letter;
		enum lab_dep kind;
	} kinds[] = {{'R', LAB_REQUIRE},
		     {'P', LAB_PROVIDE},
		     {'C', LAB_CONFLICT},
		     {'O', LAB_OBSOLETE}};
	size_t n = strcspn(word + 2, "<>=");
	cleanup_free char *name = xstrndup(word + 2, n);
	const char *op = word + 2 + n;
	uint32_t sense = 0;

	for (; *op && strchr("<>=", *op); op++)
		sense |= *op == '<'   ? RPMSENSE_LESS
			 : *op == '>' ? RPMSENSE_GREATER
				      : RPMSENSE_EQUAL;
	for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
		if (kinds[i].letter == *word)
			lab_dep(h, kinds[i].kind, name, sense, op);
}

/* words: NAME, VERSION[.ARCH], dependencies */
static Header header_of(char *const *words, uint32_t n)
{
	cleanup_free char *version = xstrdup(words[1]);
	char *dot = strchr(version, '.');
	const char *arch = dot ? dot + 1 : NULL;
	cleanup_free char *itself = NULL;
	Header h;

	if (dot)
		*dot = '\0';
	h = lab_header(words[0], version);
	if (arch) {
		headerDel(h, RPMTAG_ARCH);
		headerPutString(h, RPMTAG_ARCH, arch);
	}
	itself = xasprintf("P:%s=%s-1", words[0], version);
	add_dep(h, itself);
	for (uint32_t i = 2; i < n; i++)
		add_dep(h, words[i]);
	return h;
}

static void put(struct world *w, Header h)
{
	cleanup_buf struct buf bytes = {0};
	cleanup_head struct head head = {0};

	h = lab_seal(h);
	lab_head(h, HEAD_DEPS, &bytes, &head);
	source_add_head(w->source, &head, head.pkg->nevra);
	headerFree(h);
}

static void change(struct world *w, const char *name, const char *version)
{
	const struct pkgset *installed = &w->lab.installed;
	cleanup_free char *v = version ? xstrdup(version) : NULL;
	char *dot = v ? strchr(v, '.') : NULL;
	struct nevra id = {name, v, "1", dot ? dot + 1 : "noarch", EPOCH_NONE};
	cleanup_free const struct candidate **found = NULL;
	struct change *c = array_push(&w->changes.list);

	if (dot)
		*dot = '\0';
	c->source = -1;
	for (uint32_t i = 0; i < installed->n; i++)
		if (!strcmp(installed->v[i]->id.name, name) && !step_is_kernel(name) &&
		    (!version || !strcmp(installed->v[i]->id.arch, id.arch)))
			c->from = installed->v[i];
	if (!version)
		return;
	if (!sources_find(&w->sources, &id, &found))
		fail_msg("no %s-%s", name, version);
	c->to = catalog_pkg(w->sources.catalog, found[0]->solvable);
	pkgset_take(&w->changes.arriving, c->to);
	c->source = (int)found[0]->source;
	c->location = xstrdup(found[0]->location);
}

static void take(struct world *w, const char *line, bool early)
{
	struct strlist words = {0};

	while (*line) {
		size_t n = strcspn(line, " ");

		strlist_take(&words, xstrndup(line, n));
		line += n + (line[n] == ' ');
	}
	if (early && !strcmp(words.v[0], "installed"))
		w->installed[w->n_installed++] = header_of(words.v + 1, words.n - 1);
	else if (early && !strcmp(words.v[0], "has"))
		put(w, header_of(words.v + 1, words.n - 1));
	else if (!early && !strcmp(words.v[0], "change"))
		change(w, words.v[1], words.v[2]);
	else if (!early && !strcmp(words.v[0], "remove"))
		change(w, words.v[1], NULL);
	else if (!early && !strcmp(words.v[0], "protect"))
		strlist_add(&w->protected, words.v[1]);
	else if (!early && !strcmp(words.v[0], "exclude"))
		strlist_add(&w->exclude, words.v[1]);
	strlist_release(&words);
}

static void take_all(struct world *w, const char *const *lines, bool early)
{
	for (; *lines; lines++)
		take(w, *lines, early);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void assert_closed(const char *const *lines, const char *want)
{
	cleanup_error struct error err = ERROR_INIT;
	struct world w = {0};
	struct select_world sw = {.installed = &w.lab.installed,
				  .sources = &w.sources,
				  .protected = &w.protected,
				  .exclude = &w.exclude};
	cleanup_buf struct buf got = {0};
	cleanup_free char *why = NULL;
	struct strlist rows = {0};
	struct steps steps = {0};
	int rc;

	w.source = sources_add_kind(&w.sources, &by_hand, "s", NULL);
	take_all(&w, lines, true);
	changelab_init(&w.lab, w.installed, w.n_installed);
	assert_int_equal(sources_index(&w.sources, NULL, &err), 0);
	take_all(&w, lines, false);
	rc = closure_steps(&sw, &w.sources, w.lab.db, &w.changes, &steps, &why, &err);
	if (rc < 0)
		fail_msg("%s", err.msg);
	buf_str(&got, rc ? "" : "no way\n");
	if (!rc)
		assert_non_null(why);
	for (uint32_t i = 0; i < steps.list.n; i++) {
		const struct step *s = &steps.list.v[i];
		cleanup_free char *to = s->comes ? nevra_string(&s->to) : xstrdup("");

		assert_non_null(s->needed_by);
		strlist_take(&rows,
			     xasprintf("%s -> %s (%s)\n", s->from ? s->from->nevra : "",
				       to, s->reason));
	}
	if (rows.n)
		qsort(rows.v, rows.n, sizeof(*rows.v), by_text);
	for (uint32_t i = 0; i < rows.n; i++)
		buf_str(&got, rows.v[i]);
	assert_string_equal(got.s, want);
	strlist_release(&rows);
	steps_release(&steps);
	strlist_release(&w.protected);
	strlist_release(&w.exclude);
	changes_release(&w.changes);
	sources_release(&w.sources);
	changelab_release(&w.lab);
}
#define CLOSED(want, ...) assert_closed((const char *const[]){__VA_ARGS__, NULL}, want)

static void nothing_is_open(void **state _unused_)
{
	CLOSED("", "installed a 2", "installed b 1 R:a", "has a 1", "has b 2",
	       "change a 1");
}

static void who_needs_what_goes_goes_along(void **state _unused_)
{
	CLOSED("app-2-1.noarch -> app-1-1.noarch (needed by lib-1-1.noarch: app-2-1.noarch "
	       "requires lib = 2-1)\n",
	       "installed lib 2", "installed app 2 R:lib=2-1", "installed other 2 R:app",
	       "has lib 1", "has app 1 R:lib=1-1", "has app 3 R:lib=3-1", "has other 1",
	       "change lib 1");
}

static void what_comes_brings_what_it_needs(void **state _unused_)
{
	CLOSED(" -> helper-7-1.noarch (needed by app-1-1.noarch, which requires helper)\n"
	       "lib-2-1.noarch -> lib-1-1.noarch (needed by app-1-1.noarch, which requires "
	       "lib = 1-1)\n",
	       "installed lib 2", "installed app 2 R:lib=2-1", "has lib 1",
	       "has helper 7", "has app 1 R:lib=1-1 R:helper", "change app 1");
}

static void one_thing_leads_to_another(void **state _unused_)
{
	CLOSED("app-2-1.noarch -> app-1-1.noarch (needed by mid-1-1.noarch: app-2-1.noarch "
	       "requires mid = 2-1)\n"
	       "mid-2-1.noarch -> mid-1-1.noarch (needed by lib-1-1.noarch: mid-2-1.noarch "
	       "requires lib = 2-1)\n",
	       "installed lib 2", "installed mid 2 R:lib=2-1",
	       "installed app 2 R:mid=2-1", "has lib 1", "has mid 1 R:lib=1-1",
	       "has app 1 R:mid=1-1", "change lib 1");
}

static void the_version_nearest_is_not_the_question_but_the_one_that_fits(
	void **state _unused_)
{
	CLOSED("app-9-1.noarch -> app-4-1.noarch (needed by lib-1-1.noarch: app-9-1.noarch "
	       "requires lib >= 5-1)\n",
	       "installed lib 9", "installed app 9 R:lib>=5-1", "has lib 1",
	       "has app 8 R:lib>=4-1", "has app 4 R:lib>=1-1", "has app 6 R:lib>=2-1",
	       "change lib 1");
}

static void a_package_goes_where_none_of_it_can_stay(void **state _unused_)
{
	CLOSED("app-2-1.noarch ->  (needed by lib-1-1.noarch: app-2-1.noarch requires lib = "
	       "2-1)\n",
	       "installed lib 2", "installed app 2 R:lib=2-1", "has lib 1",
	       "change lib 1");
	CLOSED("app-2-1.noarch ->  (needed by lib-2-1.noarch: app-2-1.noarch requires lib)\n",
	       "installed lib 2", "installed app 2 R:lib", "remove lib");
}

static void the_protected_never_go(void **state _unused_)
{
	CLOSED("no way\n", "installed lib 2", "installed app 2 R:lib=2-1", "has lib 1",
	       "change lib 1", "protect app");
	/* another version of it is as good */
	CLOSED("app-2-1.noarch -> app-1-1.noarch (needed by lib-1-1.noarch: app-2-1.noarch "
	       "requires lib = 2-1)\n",
	       "installed lib 2", "installed app 2 R:lib=2-1", "has lib 1", "has app 1",
	       "change lib 1", "protect app");
}

static void what_is_left_out_stays_as_it_is(void **state _unused_)
{
	CLOSED("no way\n", "installed lib 2", "installed app 2 R:lib=2-1", "has lib 1",
	       "has app 1 R:lib=1-1", "change lib 1", "exclude ap*");
	CLOSED("no way\n", "installed app 2", "has app 1 R:tool", "has small 1 P:tool",
	       "change app 1", "exclude small");
	/* of two that would do, the other one */
	CLOSED(" -> big-9-1.noarch (needed by app-1-1.noarch, which requires tool)\n",
	       "installed app 2", "has app 1 R:tool", "has big 9 P:tool",
	       "has small 1 P:tool", "change app 1", "exclude small-1-1");
	CLOSED(" -> small-1-1.noarch (needed by app-1-1.noarch, which requires tool)\n",
	       "installed app 2", "has app 1 R:tool", "has big 9 P:tool",
	       "has small 1 P:tool", "change app 1", "exclude big");
}

static void the_last_kernel_never_goes(void **state _unused_)
{
	CLOSED("no way\n", "installed sh 2", "installed kernel-core 2.x86_64 R:sh",
	       "remove sh");
	CLOSED("no way\n", "installed sh 2", "installed kernel-core 1.x86_64 R:sh",
	       "installed kernel-core 2.x86_64 R:sh", "remove sh");
	/* one that does not need it is left */
	CLOSED("kernel-core-2-1.x86_64 ->  (needed by sh-2-1.noarch: kernel-core-2-1.x86_64 "
	       "requires sh)\n",
	       "installed sh 2", "installed kernel-core 1.x86_64",
	       "installed kernel-core 2.x86_64 R:sh", "remove sh");
}

static void what_conflicts_gives_way(void **state _unused_)
{
	CLOSED("b-2-1.noarch -> b-1-1.noarch (needed by a-1-1.noarch, which conflicts with b "
	       ">= 2-1)\n",
	       "installed a 2", "installed b 2", "has a 1 C:b>=2-1", "has b 1",
	       "change a 1");
	CLOSED("b-2-1.noarch -> b-1-1.noarch (needed by a-1-1.noarch: b-2-1.noarch conflicts "
	       "with a < 2-1)\n",
	       "installed a 2", "installed b 2 C:a<2-1", "has a 1", "has b 1",
	       "change a 1");
	CLOSED("b-2-1.noarch ->  (needed by a-1-1.noarch, which obsoletes b)\n",
	       "installed b 2", "has a 1 O:b", "change a 1");
	CLOSED("b-2-1.noarch ->  (needed by a-1-1.noarch: b-2-1.noarch obsoletes a < 2-1)\n",
	       "installed b 2 O:a<2-1", "has a 1", "change a 1");
}

static void kernels_stand_beside_one_another(void **state _unused_)
{
	CLOSED("", "installed kernel 2.x86_64", "installed kernel 3.x86_64",
	       "has kernel 1.x86_64", "change kernel 1.x86_64");
	CLOSED(" -> kernel-core-1-1.x86_64 (needed by kernel-1-1.x86_64, which requires "
	       "kernel-core = 1-1)\n",
	       "installed kernel 2.x86_64 R:kernel-core=2-1",
	       "installed kernel-core 2.x86_64", "has kernel 1.x86_64 R:kernel-core=1-1",
	       "has kernel-core 1.x86_64", "change kernel 1.x86_64");
}

static void siblings_of_another_architecture_stay(void **state _unused_)
{
	CLOSED("", "installed lib 2.x86_64", "installed lib 2.i686",
	       "installed app 2.x86_64 R:lib", "has lib 1.x86_64", "has lib 1.i686",
	       "change lib 1.x86_64", "change lib 1.i686");
}

static void what_was_broken_before_is_no_matter(void **state _unused_)
{
	CLOSED("app-2-1.noarch -> app-1-1.noarch (needed by lib-1-1.noarch: app-2-1.noarch "
	       "requires lib = 2-1)\n",
	       "installed broken 1 R:nobody-has-this", "installed lib 2",
	       "installed app 2 R:lib=2-1", "has lib 1", "has app 1", "change lib 1");
}

/* Either of two would do: the one that costs less. */
static void no_more_than_is_needed(void **state _unused_)
{
	CLOSED("app-2-1.noarch -> app-1-1.noarch (needed by lib-1-1.noarch: app-2-1.noarch "
	       "requires lib >= 2-1)\n",
	       "installed lib 2", "installed app 2 R:lib>=2-1", "installed x 2",
	       "installed y 2", "has lib 1", "has app 1", "has app 1.5 R:x=1-1 R:y=1-1",
	       "has x 1", "has y 1", "change lib 1");
	/* the newer one would do as well, and bring two more along */
	CLOSED("app-2-1.noarch -> app-1-1.noarch (needed by lib-1-1.noarch: app-2-1.noarch "
	       "requires lib >= 2-1)\n",
	       "installed lib 2", "installed app 2 R:lib>=2-1", "has lib 1", "has app 1",
	       "has app 1.5 R:x R:y", "has x 1", "has y 1", "change lib 1");
	/* of two that provide it, the one that needs nobody else */
	CLOSED(" -> small-1-1.noarch (needed by app-1-1.noarch, which requires tool)\n",
	       "installed app 2", "has app 1 R:tool", "has big 9 P:tool R:x R:y",
	       "has small 1 P:tool", "has x 1", "has y 1", "change app 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_open),
		cmocka_unit_test(who_needs_what_goes_goes_along),
		cmocka_unit_test(what_comes_brings_what_it_needs),
		cmocka_unit_test(one_thing_leads_to_another),
		cmocka_unit_test(
			the_version_nearest_is_not_the_question_but_the_one_that_fits),
		cmocka_unit_test(a_package_goes_where_none_of_it_can_stay),
		cmocka_unit_test(the_protected_never_go),
		cmocka_unit_test(what_is_left_out_stays_as_it_is),
		cmocka_unit_test(the_last_kernel_never_goes),
		cmocka_unit_test(what_conflicts_gives_way),
		cmocka_unit_test(kernels_stand_beside_one_another),
		cmocka_unit_test(siblings_of_another_architecture_stay),
		cmocka_unit_test(what_was_broken_before_is_no_matter),
		cmocka_unit_test(no_more_than_is_needed),
	};

	if (hdr_init(NULL))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
