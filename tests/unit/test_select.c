/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * Selections as data: each file of tests/fixtures/select holds scenarios. Of one scenario,
 *
 *	scenario WHAT IT SHOWS
 *	installed NEVRA [vendor=V] [digest=HEX] [tid=N] [owns=PATH,PATH...]
 *	before NEVRA ...			as installed, when the rpmdb's log was last written back
 *	half NEVRA replaced|removed|unknown	of which the disk has something else
 *	entry ID [failed|unfinished|guessed|putback] [at=SECONDS]
 *	ACTION NEVRA [digest=HEX]		as history.h names actions
 *	source NAME				what follows is in it
 *	has NEVRA [vendor=V] [digest=HEX] [unsigned] [owns=PATH,PATH...]
 *	listed LINE				of a manifest
 *	protected NAME...
 *	with PACKAGE..., exclude PATTERN..., path PATH...
 *	undo last|ID|ID..ID, back-to ID|@SECONDS, interrupted [forward], manifest [exact] or:
 *	select PACKAGE...
 *
 * the lines after that are what comes of it: changes, what is missing, problems, the error.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "select/manifest.h"
#include "select/owned.h"
#include "select/select.h"

struct scenario {
	char *name;
	struct strlist input, expected;
};
static struct scenario *scenarios;
static uint32_t n_scenarios;

struct world {
	struct arena mem;
	struct pkgset installed;
	struct history history;
	struct sources sources;
	struct selection selection;
	struct strlist protected;
	struct buf manifest; /* its text */
	struct pkgset before;
	struct strlist halves;
	struct cutoff cutoff;
	struct problems said; /* before the selection is resolved */
	struct wanted wanted;
};

/* Lines of packages that sources have with files: an index knows of none. */
static struct strlist has_files;

/* Where a word begins in a line, or NULL if the line is another. */
static const char *after(const char *line, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(line, word, n) && (!line[n] || line[n] == ' ')
		       ? line + n + (line[n] == ' ')
		       : NULL;
}

/* A source that has packages as pkg_new() makes them. */
static int fake_index(struct source *s, const struct observer *o, struct error *err)
{
	(void)o;
	(void)err;
	strlist_add(&s->looked_at, s->spec);
	return 0;
}

static void add_files(struct pkg *p, const char *paths)
{
	while (paths && *paths && *paths != ' ') {
		size_t n = strcspn(paths, ", "), dir = n;
		struct pkgfile *f = array_push(&p->files);

		while (paths[dir - 1] != '/')
			dir--;
		f->dir = arena_strndup(&p->mem, paths, dir);
		f->base = arena_strndup(&p->mem, paths + dir, n - dir);
		paths += n + (paths[n] == ',');
	}
}

static struct pkg *copy_of(const struct pkg *p)
{
	struct pkg *copy = pkg_new();

	assert_int_equal(nevra_parse(&copy->mem, p->nevra, &copy->id), 0);
	copy->nevra = arena_strdup(&copy->mem, p->nevra);
	copy->hdrdigest = p->hdrdigest;
	return copy;
}

static int fake_load(struct source *s, const char *location, struct pkg **ret,
		     struct error *err)
{
	for (uint32_t i = 0; i < s->found.n; i++) {
		if (strcmp(s->found.v[i]->location, location))
			continue;
		*ret = copy_of(s->found.v[i]->pkg);
		for (uint32_t k = 0; k < has_files.n; k++) {
			const char *owns = after(has_files.v[k], (*ret)->nevra);

			if (owns)
				add_files(*ret, strstr(owns, "owns=") + 5);
		}
		return 0;
	}
	return err_set(err, ERR_FAILED, "no %s", location);
}

static const struct source_ops fake_ops = {
	.kind = "fake", .index = fake_index, .load = fake_load};

static uint8_t hex_digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static struct pkg *make_pkg(const char *words)
{
	struct pkg *p = pkg_new();
	const char *digest = strstr(words, " digest="), *tid = strstr(words, " tid="),
		   *vendor = strstr(words, " vendor="), *owns = strstr(words, " owns=");

	p->nevra = arena_strndup(&p->mem, words, strcspn(words, " "));
	if (nevra_parse(&p->mem, p->nevra, &p->id))
		fail_msg("'%s' is no NEVRA", p->nevra);
	if (owns)
		add_files(p, owns + 6);
	p->keyid = strstr(words, " unsigned") ? "" : "0123456789abcdef";
	if (vendor)
		p->vendor = arena_strndup(&p->mem, vendor + 8, strcspn(vendor + 8, " "));
	p->installtid = p->installtime = tid ? strtoll(tid + 5, NULL, 10) : 0;
	p->hdrdigest.algo = DIGEST_SHA256;
	p->hdrdigest.len = 1;
	if (digest)
		p->hdrdigest.bytes[0] =
			(uint8_t)(hex_digit(digest[8]) << 4 | hex_digit(digest[9]));
	return p;
}

static void add_entry(struct world *w, const char *words)
{
	struct history_entry *e = array_push(&w->history.entries);
	const char *at = strstr(words, " at=");

	e->id = strtoll(words, NULL, 10);
	e->name = arena_printf(&w->mem, "%lld", (long long)e->id);
	e->command = e->user = e->comment = "";
	e->origin = w->history.primary = strstr(words, "dnf4")     ? "dnf4"
						 : strstr(words, "zypper") ? "zypper"
									   : "test";
	e->begin = e->end = at ? strtoll(at + 4, NULL, 10) : 1;
	e->complete = !strstr(words, "guessed");
	e->putback = strstr(words, "putback") != NULL;
	e->state = strstr(words, "failed")	 ? ENTRY_FAILED
		   : strstr(words, "unfinished") ? ENTRY_UNFINISHED
						 : ENTRY_DONE;
}

static int add_item(struct world *w, const char *line)
{
	static const char *const names[] = {
#define X(id, name, sign) name,
		ITEM_ACTIONS(X)
#undef X
	};
	const char *digest = strstr(line, " digest=");

	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		const char *nevra = after(line, names[i]);
		struct history_item *item;

		if (!nevra || !w->history.entries.n)
			continue;
		item = array_push(&w->history.entries.v[w->history.entries.n - 1].items);
		item->action = (enum item_action)i;
		item->repo = item->reason = "";
		item->unsure = !w->history.entries.v[w->history.entries.n - 1].complete &&
			       item_action_sign((enum item_action)i) > 0;
		item->digest = digest ? arena_strdup(&w->mem, digest + 8) : "";
		return nevra_parse(&w->mem,
				   arena_strndup(&w->mem, nevra, strcspn(nevra, " ")),
				   &item->id);
	}
	return -1;
}

static void add_words(struct strlist *l, const char *words)
{
	while (*words) {
		size_t n = strcspn(words, " ");

		strlist_take(l, xstrndup(words, n));
		words += n + (words[n] == ' ');
	}
}

static void take_line(struct world *w, const char *line)
{
	const char *rest;

	if ((rest = after(line, "installed"))) {
		struct pkg *p = make_pkg(rest);

		p->instance = w->installed.n + 1;
		pkgset_take(&w->installed, p);
	} else if ((rest = after(line, "before"))) {
		pkgset_take(&w->before, make_pkg(rest));
		w->before.v[w->before.n - 1]->instance = w->before.n;
	} else if ((rest = after(line, "half"))) {
		strlist_add(&w->halves, rest);
	} else if ((rest = after(line, "interrupted"))) {
		w->selection.interrupted = true;
		w->selection.forward = !strcmp(rest, "forward");
	} else if ((rest = after(line, "entry"))) {
		add_entry(w, rest);
	} else if ((rest = after(line, "source"))) {
		sources_add_kind(&w->sources, &fake_ops, rest, NULL);
	} else if ((rest = after(line, "has"))) {
		struct source *s = w->sources.v[w->sources.n - 1];
		cleanup_free char *location = xasprintf("%s/%u", s->spec, s->found.n + 1);

		source_add(s, make_pkg(rest), location);
		if (strstr(rest, " owns="))
			strlist_add(&has_files, rest);
	} else if ((rest = after(line, "undo"))) {
		const char *dots = strstr(rest, "..");

		w->selection.undo =
			xstrndup(rest, dots ? (size_t)(dots - rest) : strlen(rest));
		w->selection.undo_to = dots ? xstrdup(dots + 2) : NULL;
	} else if ((rest = after(line, "back-to"))) {
		w->selection.back_to_date = *rest == '@';
		if (*rest == '@')
			w->selection.back_to_time = strtoll(rest + 1, NULL, 10);
		else
			w->selection.back_to = xstrdup(rest);
	} else if ((rest = after(line, "update-from"))) {
		add_words(&w->selection.update_from, rest);
	} else if ((rest = after(line, "without"))) {
		add_words(&w->selection.without, rest);
	} else if ((rest = after(line, "with"))) {
		add_words(&w->selection.with, rest);
	} else if ((rest = after(line, "protected"))) {
		add_words(&w->protected, rest);
	} else if ((rest = after(line, "exclude"))) {
		add_words(&w->selection.exclude, rest);
	} else if ((rest = after(line, "path"))) {
		add_words(&w->selection.paths, rest);
	} else if ((rest = after(line, "listed"))) {
		buf_printf(&w->manifest, "%s\n", rest);
	} else if ((rest = after(line, "manifest"))) {
		w->selection.exact = !strcmp(rest, "exact");
	} else if ((rest = after(line, "select"))) {
		add_words(&w->selection.packages, rest);
	} else if (add_item(w, line)) {
		fail_msg("cannot read '%s'", line);
	}
}

static void tell_problems(const struct problems *p, struct buf *b)
{
	static const char *const severities[] = {"note", "warning", "refuse"};

	for (uint32_t i = 0; i < p->list.n; i++)
		buf_printf(b, "%s: %s\n", severities[p->list.v[i].severity],
			   p->list.v[i].text);
}

static void tell_outcome(const struct outcome *o, struct buf *b)
{

	for (uint32_t i = 0; i < o->changes.list.n; i++) {
		const struct change *c = &o->changes.list.v[i];

		buf_str(b, change_kind_name(c->kind));
		if (c->from)
			buf_printf(b, " %s", c->from->nevra);
		if (c->to) {
			buf_printf(b, "%s %s from %s", c->from ? " ->" : "", c->to->nevra,
				   c->location);
			assert_ptr_equal(c->to,
					 pkgset_find(&o->changes.arriving, &c->to->id));
		}
		buf_char(b, '\n');
	}
	for (uint32_t i = 0; i < o->missing.n; i++)
		buf_printf(b, "missing %s\n", o->missing.v[i]);
	tell_problems(&o->problems, b);
}

static void add_half(struct world *w, const char *words)
{
	static const char *const hows[] = {[HALF_REPLACED] = "replaced",
					   [HALF_UNKNOWN] = "unknown",
					   [HALF_REMOVED] = "removed",
					   [HALF_GONE] = "gone",
					   [HALF_LOST] = "lost"};
	size_t n = strcspn(words, " ");
	struct nevra id;
	struct pkg *p;

	assert_int_equal(nevra_parse(&w->mem, arena_strndup(&w->mem, words, n), &id), 0);
	p = pkgset_find(&w->installed, &id);
	assert_non_null(p);
	for (size_t i = 0; i < ELEMENTSOF(hows); i++)
		if (hows[i] && !strcmp(words + n + 1, hows[i]))
			array_add(
				&w->cutoff.halves,
				(struct cutoff_half){.p = p, .how = (enum cutoff_how)i});
}

static void find_cutoff(struct world *w)
{
	static const int64_t no_litter[1];
	const struct pkgset *before = w->before.n ? &w->before : NULL;

	pkgset_sort(&w->before);
	cutoff_find(&w->installed, before, &w->history, no_litter, &w->cutoff);
	for (uint32_t i = 0; i < w->halves.n; i++)
		add_half(w, w->halves.v[i]);
	if (w->selection.update_from.n && w->cutoff.found)
		assert_int_equal(cutoff_ask(&w->cutoff, &w->sources,
					    &w->selection.update_from, &w->installed,
					    &w->said, NULL),
				 0);
	if (w->cutoff.found)
		cutoff_tell(&w->installed, before, &w->cutoff);
}

static const char *stray(const struct world *w)
{
	for (uint32_t i = 0; i < w->selection.paths.n; i++) {
		struct strlist one = {&w->selection.paths.v[i], 1, 0};

		if (!owned_by_any(&w->installed, &one))
			return w->selection.paths.v[i];
	}
	return NULL;
}

static void play(void **state)
{
	const struct scenario *sc = *state;
	cleanup_buf struct buf got = {0}, expected = {0};
	cleanup_error struct error err = ERROR_INIT;
	struct select_world world;
	struct outcome o = {0};
	struct world w = {0};
	int parsed = 0;

	for (uint32_t i = 0; i < sc->input.n; i++)
		take_line(&w, sc->input.v[i]);
	for (uint32_t i = 0; i < sc->expected.n; i++)
		buf_printf(&expected, "%s\n", sc->expected.v[i]);
	buf_str(&got, "");
	buf_str(&expected, "");
	pkgset_sort(&w.installed);
	assert_int_equal(sources_index(&w.sources, NULL, &err), 0);
	if (w.manifest.n)
		parsed = manifest_parse(w.manifest.s, w.manifest.n, "'the list'",
					&w.wanted, &err);
	if (w.selection.interrupted)
		find_cutoff(&w);
	world = (struct select_world){.installed = &w.installed,
				      .history = &w.history,
				      .sources = &w.sources,
				      .cutoff =
					      w.selection.interrupted ? &w.cutoff : NULL,
				      .wanted = w.manifest.n ? &w.wanted : NULL,
				      .protected = &w.protected,
				      .paths = &w.selection.paths,
				      .stray = stray(&w)};
	if (parsed < 0 || select_resolve(&w.selection, &world, &o, &err))
		buf_printf(&got, "error %s: %s\n", error_kind_name(err.kind), err.msg);
	else
		tell_outcome(&o, &got);
	tell_problems(&w.said, &got);
	assert_string_equal(got.s, expected.s);
	outcome_release(&o);
	selection_release(&w.selection);
	wanted_release(&w.wanted);
	problems_release(&w.said);
	strlist_release(&w.protected);
	buf_release(&w.manifest);
	strlist_release(&has_files);
	cutoff_release(&w.cutoff);
	strlist_release(&w.halves);
	history_release(&w.history);
	sources_release(&w.sources);
	pkgset_release(&w.installed);
	pkgset_release(&w.before);
	arena_release(&w.mem);
}

static void read_scenarios(const char *path)
{
	FILE *f = fopen(path, "r");
	struct scenario *sc = NULL;
	char *line = NULL;
	bool selected = false;
	size_t cap = 0;
	ssize_t n;

	if (!f)
		return;
	while ((n = getline(&line, &cap, f)) > 0) {
		line[n - (line[n - 1] == '\n')] = '\0';
		if (!*line || *line == '#')
			continue;
		if (after(line, "scenario")) {
			scenarios =
				xrealloc(scenarios, n_scenarios + 1, sizeof(*scenarios));
			sc = &scenarios[n_scenarios++];
			*sc = (struct scenario){.name = xstrdup(after(line, "scenario"))};
			selected = false;
			continue;
		}
		strlist_add(selected ? &sc->expected : &sc->input, line);
		if (after(line, "undo") || after(line, "back-to") ||
		    after(line, "interrupted") || after(line, "manifest") ||
		    after(line, "select"))
			selected = true;
	}
	free(line);
	fclose(f);
}

static void find_scenarios(void)
{
	cleanup_free char *dir =
		xasprintf("%s/tests/fixtures/select", getenv("PUTBACK_SRCDIR") ?: ".");
	struct strlist names = {0};
	DIR *d = opendir(dir);
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			strlist_take(&names, path_join(dir, e->d_name));
	if (d)
		closedir(d);
	strlist_sort_unique(&names);
	for (uint32_t i = 0; i < names.n; i++)
		read_scenarios(names.v[i]);
	strlist_release(&names);
}

static void there_are_scenarios(void **state)
{
	(void)state;
	assert_true(n_scenarios > 40);
}

int main(void)
{
	ARRAY(struct CMUnitTest) tests = {0};
	int rc;

	find_scenarios();
	array_add(&tests, (struct CMUnitTest)cmocka_unit_test(there_are_scenarios));
	for (uint32_t i = 0; i < n_scenarios; i++)
		array_add(&tests, (struct CMUnitTest){.name = scenarios[i].name,
						      .test_func = play,
						      .initial_state = &scenarios[i]});
	rc = _cmocka_run_group_tests("select", tests.v, tests.n, NULL, NULL);
	for (uint32_t i = 0; i < n_scenarios; i++) {
		free(scenarios[i].name);
		strlist_release(&scenarios[i].input);
		strlist_release(&scenarios[i].expected);
	}
	free(scenarios);
	array_release(&tests);
	return rc;
}
