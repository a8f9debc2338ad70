/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dry run for people: whose root, which packages, how many paths, how much room. */
#include "config.h"

#include "base/buf.h"
#include "report/table.h"
#include "report/text.h"

static void show_root(FILE *out, const struct plan_report *r)
{
	cleanup_buf struct buf who = {0};

	if (r->hostname && *r->hostname)
		buf_printf(&who, "%s, ", r->hostname);
	buf_str(&who, r->os_name && *r->os_name ? r->os_name : "unknown system");
	if (r->machine_id && *r->machine_id)
		buf_printf(&who, ", machine-id %s", r->machine_id);
	text_field(out, "Root", "%s", r->root);
	text_field(out, "Machine", "%s", who.s);
	text_field(out, "Plan", "%s", r->title);
	text_field(out, "Database", "/%s (%s)", r->db_path, r->db_backend);
	text_field(out, "Settings", "--config %s%s%s%s", r->config_policy,
		   r->nodeps ? " --nodeps" : "", r->replacefiles ? " --replacefiles" : "",
		   r->unsigned_allowed ? " --allow-unsigned" : "");
	if (r->unfinished)
		text_field(out, "UNFINISHED", "%s", r->unfinished);
}

/* "5.2.15-2", with the epoch where there is one */
static char *evr(const struct pkg *p)
{
	if (!p)
		return xstrdup("");
	if (p->id.epoch > 0)
		return xasprintf("%lld:%s-%s", (long long)p->id.epoch, p->id.version,
				 p->id.release);
	return xasprintf("%s-%s", p->id.version, p->id.release);
}

/* Index of the one source that all arriving packages come from; -1: none arrives; -2: several. */
static int only_source(const struct changes *changes)
{
	const struct change *c;
	int only = -1;

	array_foreach(c, &changes->list) {
		if (!c->to)
			continue;
		if (only == -1)
			only = c->source;
		else if (only != c->source)
			return -2;
	}
	return only;
}

static const char *source_name(const struct plan_report *r, int source)
{
	return source >= 0 && (uint32_t)source < r->n_sources ? r->sources[source] : "";
}

static void show_counts(FILE *out, const struct plan_report *r, int only)
{
	cleanup_buf struct buf line = {0};
	uint32_t counts[CHANGE_CLEAR + 1] = {0};
	const struct change *c;

	array_foreach(c, &r->plan->changes->list)
		counts[c->kind]++;
	buf_printf(&line, "Packages (%u", r->plan->changes->list.n);
	for (uint32_t k = 0; k < ELEMENTSOF(counts); k++) {
		if (counts[k])
			buf_printf(&line, "%s %u to %s", strchr(line.s, ':') ? "," : ":",
				   counts[k], change_kind_name(k));
	}
	buf_char(&line, ')');
	if (only >= 0)
		buf_printf(&line, ", all from %s", source_name(r, only));
	text_heading(out, "%s", line.s);
}

void text_packages(FILE *out, const struct plan_report *r)
{
	static const struct table_column columns[] = {
		{"STEP", TABLE_FIXED},	{"PACKAGE", 0}, {"FROM", 0}, {"TO", 0},
		{"FILES", TABLE_RIGHT}, {"SOURCE", 0},
	};
	cleanup_table struct table t = TABLE(columns);
	const struct plan *p = r->plan;
	int only = only_source(p->changes);

	show_counts(out, r, only);
	for (uint32_t i = 0; i < p->changes->list.n; i++) {
		const struct change *c = &p->changes->list.v[i];
		const struct pkg *one = c->to ? c->to : c->from;
		cleanup_free char *from = evr(c->from), *to = evr(c->to);

		table_add(&t, change_kind_name(c->kind));
		table_addf(&t, "%s%s%s", one->id.name, *one->id.arch ? "." : "",
			   one->id.arch);
		table_add(&t, from);
		table_add(&t, to);
		if (i < p->counts.n)
			table_addf(&t, "%u of %u", p->counts.v[i].touched,
				   p->counts.v[i].owned);
		else
			table_add(&t, "");
		table_add(&t, c->to && only < 0 ? source_name(r, c->source) : "");
	}
	table_print(&t, out, 2);
}

/* Folders that packages come from, where the name of their source does not say it. */
static void show_places(FILE *out, const struct plan_report *r)
{
	struct strlist places = {0};
	const struct change *c;

	array_foreach(c, &r->plan->changes->list) {
		const char *spec = source_name(r, c->source);
		const char *slash = c->location ? strrchr(c->location, '/') : NULL;
		size_t n = slash ? (size_t)(slash - c->location) : 0;

		if (!c->to || !n || !strcmp(spec, c->location) ||
		    (strlen(spec) == n && !strncmp(spec, c->location, n)))
			continue;
		/* what lies in the root has no slash in front */
		strlist_take(&places,
			     xasprintf("%s: %s%.*s", spec,
				       !strcmp(spec, "cache") && *c->location != '/' ? "/"
										     : "",
				       (int)n, c->location));
	}
	strlist_sort_unique(&places);
	for (uint32_t i = 0; i < places.n; i++)
		text_field(out, i ? "" : "  Found in", "%s", places.v[i]);
	strlist_release(&places);
}

/* Changes that nobody asked for, each with the reason. */
static void show_needed(FILE *out, const struct plan_report *r)
{
	const struct change *c;

	array_foreach(c, &r->plan->changes->list) {
		const struct pkg *one = c->to ? c->to : c->from;

		if (c->needed_by)
			text_field(out, "  Besides", "%s%s%s: %s", one->id.name,
				   *one->id.arch ? "." : "", one->id.arch, c->reason);
	}
}

static void show_trust(FILE *out, const struct plan_report *r)
{
	cleanup_buf struct buf line = {0};
	struct strlist signers = {0};
	const struct change *c;

	array_foreach(c, &r->plan->changes->list) {
		if (c->signer && !c->unsigned_allowed)
			strlist_add(&signers, c->signer);
	}
	strlist_sort_unique(&signers);
	for (uint32_t i = 0; i < signers.n; i++) {
		uint32_t n = 0;

		array_foreach(c, &r->plan->changes->list)
			n += c->signer && !c->unsigned_allowed &&
			     !strcmp(c->signer, signers.v[i]);
		buf_printf(&line, "%s%s (%u %s)", i ? ", " : "", signers.v[i], n,
			   text_plural(n, "package", "packages"));
	}
	strlist_release(&signers);
	if (line.n)
		text_field(out, "  Signed by", "%s", line.s);
	array_foreach(c, &r->plan->changes->list) {
		if (c->unsigned_allowed)
			text_field(out, "  UNSIGNED",
				   "%s, let through by --allow-unsigned", c->to->nevra);
	}
}

/* "12 MiB (3 packages)" */
static char *amount(uint64_t bytes, uint32_t packages, uint32_t unsized)
{
	return xasprintf("%s%s (%u %s)", unsized ? "at least " : "", human_size(bytes),
			 packages, text_plural(packages, "package", "packages"));
}

static void show_download(FILE *out, const struct plan_report *r)
{
	const struct download_report *d = r->download;
	cleanup_free char *all = d ? amount(d->bytes, d->packages, d->unsized) : NULL;

	if (!d)
		return;
	text_field(out, "  Download", "%s to %s", all, d->to);
	for (uint32_t i = 0; i < d->n && d->n > 1; i++) {
		const struct download_row *row = &d->v[i];
		cleanup_free char *part = amount(row->bytes, row->packages, row->unsized);

		text_field(out, "", "%s from %s", part, row->source);
	}
}

static void show_ops(FILE *out, const struct plan *p)
{
	static const struct table_column columns[] = {
		{"STEP", TABLE_FIXED},
		{"PATHS", TABLE_RIGHT},
		{"MEANING", 0},
	};
	static const char *const meaning[] = {
		[OP_SWAP] = "replaced by the package's own",
		[OP_CREATE] = "missing, put back",
		[OP_REMOVE] = "kept in .putback until forget",
		[OP_MOVE] = "renamed where they are (.rpmsave)",
		[OP_ATTR] = "owner, mode, time or capabilities only",
	};
	cleanup_table struct table t = TABLE(columns);
	uint32_t counts[ELEMENTSOF(meaning)] = {0};
	uint64_t bytes = 0;
	const struct op *op;

	array_foreach(op, &p->ops) {
		counts[op->kind]++;
		if ((op->kind == OP_SWAP || op->kind == OP_CREATE) &&
		    op->link_leader == NO_INDEX)
			bytes += op->size;
	}
	text_heading(out, "Paths (%u; %s to write)", p->ops.n, human_size(bytes));
	for (uint32_t k = 0; k < ELEMENTSOF(counts); k++) {
		if (!counts[k])
			continue;
		table_add(&t, op_kind_name(k));
		table_addf(&t, "%u", counts[k]);
		table_add(&t, meaning[k]);
	}
	if (p->ops.n)
		table_print(&t, out, 2);
	else
		text_para(
			out, 2, 2,
			"every path is as wanted already; only the package database changes");
	if (p->ghosts || p->not_installed) {
		cleanup_free char *s =
			xasprintf("left alone by rpm's rules: %u ghost, %u not installed",
				  p->ghosts, p->not_installed);
		text_para(out, 2, 2, s);
	}
}

static void show_space(FILE *out, const struct plan *p)
{
	static const struct table_column columns[] = {
		{"FILE SYSTEM", 0},	 {"TYPE", TABLE_FIXED}, {"DEVICE", 0},
		{"NEEDED", TABLE_RIGHT}, {"FREE", TABLE_RIGHT}, {"INODES", TABLE_RIGHT},
		{"FREE", TABLE_RIGHT},
	};
	cleanup_table struct table t = TABLE(columns);

	for (uint32_t i = 0; i < p->space.n && i < p->mounts->n; i++) {
		const struct mount *m = &p->mounts->v[i];
		const struct space_need *need = &p->space.v[i];
		cleanup_free char *path = text_path(m->path);

		if (!need->bytes && !need->inodes)
			continue;
		table_add(&t, path);
		table_add(&t, m->fstype);
		table_add(&t, m->device);
		table_add(&t, human_size(need->bytes));
		table_add(&t, human_size(m->blocks_free * m->block_size));
		table_addf(&t, "%llu", (unsigned long long)need->inodes);
		if (m->inodes_free == UINT64_MAX)
			table_add(&t, "");
		else
			table_addf(&t, "%llu", (unsigned long long)m->inodes_free);
	}
	if (!t.cells.n)
		return;
	fputc('\n', out);
	text_heading(out, "Space at the peak, old and new side by side");
	table_print(&t, out, 2);
}

static void show_decisions(FILE *out, const struct plan *p)
{
	if (!p->decisions.n)
		return;
	fputc('\n', out);
	text_heading(out, "Configuration files (%u)", p->decisions.n);
	for (uint32_t i = 0; i < p->decisions.n; i++) {
		const struct decision *d = &p->decisions.v[i];
		cleanup_buf struct buf line = {0};

		buf_char(&line, '/');
		buf_quoted(&line, d->path);
		buf_printf(&line, ": %s", fate_text(d->fate));
		if (d->aside) {
			buf_str(&line, " as /");
			buf_quoted(&line, d->aside);
		}
		if (d->note && *d->note)
			buf_printf(&line, " (%s)", d->note);
		text_para(out, 2, 6, line.s);
	}
}

static void show_scripts(FILE *out, const struct plan *p, bool run)
{
#define X(id, bit, name) {id, name},
	static const struct {
		uint32_t bit;
		const char *name;
	} kinds[] = {SCRIPTLETS(X)};
#undef X

	if (!p->scripts.n)
		return;
	fputc('\n', out);
	text_heading(out, "Scriptlets and triggers that %s (%u %s)",
		     run ? "run afterwards" : "will NOT run", p->scripts.n,
		     text_plural(p->scripts.n, "package", "packages"));
	for (uint32_t i = 0; i < p->scripts.n; i++) {
		const struct script_note *s = &p->scripts.v[i];
		cleanup_buf struct buf line = {0};

		buf_printf(&line, "%s:", s->package);
		for (uint32_t k = 0; k < ELEMENTSOF(kinds); k++) {
			if (s->scriptlets & kinds[k].bit)
				buf_printf(&line, " %s", kinds[k].name);
		}
		text_para(out, 2, 6, line.s);
	}
}

static void show_finishing(FILE *out, const struct derived_steps *steps)
{
	static const struct table_column columns[] = {
		{"MADE ANEW", 0}, {"HOW", 0}, {"PATHS", TABLE_RIGHT}};
	cleanup_table struct table t = TABLE(columns);

	for (uint32_t i = 0; steps && i < steps->n; i++) {
		const struct derived_step *s = &steps->v[i];
		cleanup_free char *name = derived_name(s);

		table_add(&t, name);
		if (s->here)
			table_addf(&t, "by %s of this host", s->kind->argv[0]);
		else if (s->kind->itself)
			table_addf(&t, "by the machine itself, %s", s->kind->itself);
		else
			table_add(&t, "NOT from here: see below");
		table_addf(&t, "%u", s->paths);
	}
	if (!t.cells.n)
		return;
	fputc('\n', out);
	text_heading(out, "Derived files that these paths make stale (%u)", steps->n);
	table_print(&t, out, 2);
}

void text_problems(FILE *out, const struct problems *p)
{
	static const char *const title[] = {
		[SEV_NOTE] = "Notes",
		[SEV_WARNING] = "Warnings",
		[SEV_REFUSE] = "PROBLEMS: apply refuses this",
	};

	for (enum severity s = SEV_NOTE; s <= SEV_REFUSE; s++) {
		uint32_t n = 0;

		for (uint32_t i = 0; i < p->list.n; i++) {
			if (p->list.v[i].severity != s)
				continue;
			if (!n++) {
				fputc('\n', out);
				text_heading(out, "%s", title[s]);
			}
			text_para(out, 2, 6, p->list.v[i].text);
		}
	}
}

void text_plan(FILE *out, const struct plan_report *r)
{
	const struct plan *p = r->plan;

	show_root(out, r);
	fputc('\n', out);
	if (r->nothing_to_do) {
		text_para(out, 0, 0, "Nothing to do: the root is as wanted.");
		text_why(out, r);
		text_problems(out, &p->problems);
		return;
	}
	text_packages(out, r);
	show_needed(out, r);
	show_places(out, r);
	show_trust(out, r);
	show_download(out, r);
	fputc('\n', out);
	show_ops(out, p);
	show_space(out, p);
	show_decisions(out, p);
	show_finishing(out, r->finishing);
	show_scripts(out, p, r->runs_scriptlets);
	text_why(out, r);
	if (r->files)
		text_files(out, p);
	if (r->saved_as) {
		fputc('\n', out);
		text_field(out, "Saved as", "%s", r->saved_as);
	}
	text_problems(out, &p->problems);
}
