/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/buf.h"
#include "report/json.h"

static void put_settings(struct json *j, const struct plan_report *r)
{
	json_object *o = json_object_new_object();

	json_set_str(o, "config", r->config_policy);
	json_set_bool(o, "nodeps", r->nodeps);
	json_set_bool(o, "replacefiles", r->replacefiles);
	json_set_bool(o, "allow_unsigned", r->unsigned_allowed);
	json_put(j, "settings", o);
}

static json_object *package(const struct pkg *p)
{
	json_object *o;

	if (!p)
		return NULL;
	o = json_object_new_object();
	json_set_str(o, "nevra", p->nevra);
	json_set_str(o, "name", p->id.name);
	json_object_object_add(
		o, "epoch",
		p->id.epoch == EPOCH_NONE ? NULL : json_object_new_int64(p->id.epoch));
	json_set_str(o, "version", p->id.version);
	json_set_str(o, "release", p->id.release);
	json_set_str(o, "arch", p->id.arch);
	json_set_str(o, "vendor", p->vendor);
	return o;
}

static void put_changes(struct json *j, const struct plan_report *r)
{
	const struct plan *p = r->plan;

	json_open(j, "changes", '[');
	for (uint32_t i = 0; i < p->changes->list.n; i++) {
		const struct change *c = &p->changes->list.v[i];
		bool known =
			c->to && c->source >= 0 && (uint32_t)c->source < r->n_sources;
		json_object *o = json_object_new_object();

		json_set_str(o, "kind", change_kind_name(c->kind));
		json_object_object_add(o, "from", package(c->from));
		json_object_object_add(o, "to", package(c->to));
		json_set_str(o, "source", known ? r->sources[c->source] : NULL);
		json_set_str(o, "location", c->location);
		json_set_str(o, "reason", c->reason);
		json_set_str(o, "needed_by", c->needed_by);
		json_set_str(o, "signer", c->signer);
		json_set_bool(o, "unsigned_allowed", c->unsigned_allowed);
		json_set_int(o, "files_owned",
			     i < p->counts.n ? p->counts.v[i].owned : 0);
		json_set_int(o, "files_touched",
			     i < p->counts.n ? p->counts.v[i].touched : 0);
		json_put(j, NULL, o);
	}
	json_close(j, ']');
}

static void put_counts(struct json *j, const struct plan *p)
{
	json_object *o = json_object_new_object();
	uint64_t counts[OP_ATTR + 1] = {0};
	const struct op *op;

	array_foreach(op, &p->ops)
		counts[op->kind]++;
	for (uint32_t k = 0; k < ELEMENTSOF(counts); k++)
		json_set_int(o, op_kind_name(k), counts[k]);
	json_set_int(o, "ghosts_left", p->ghosts);
	json_set_int(o, "not_installed_left", p->not_installed);
	json_put(j, "counts", o);
}

static void put_space(struct json *j, const struct plan *p)
{
	json_open(j, "space", '[');
	for (uint32_t i = 0; i < p->space.n && i < p->mounts->n; i++) {
		const struct mount *m = &p->mounts->v[i];
		json_object *o;

		if (!p->space.v[i].bytes && !p->space.v[i].inodes)
			continue;
		o = json_object_new_object();
		json_set_path(o, "path", m->path);
		json_set_str(o, "type", m->fstype);
		json_set_str(o, "device", m->device);
		json_set_int(o, "bytes_needed", p->space.v[i].bytes);
		json_set_int(o, "bytes_free", m->blocks_free * m->block_size);
		json_set_int(o, "inodes_needed", p->space.v[i].inodes);
		if (m->inodes_free != UINT64_MAX)
			json_set_int(o, "inodes_free", m->inodes_free);
		json_put(j, NULL, o);
	}
	json_close(j, ']');
}

static void put_download(struct json *j, const struct download_report *d)
{
	json_object *o = json_object_new_object(), *sources = json_object_new_array();

	json_set_str(o, "to", d->to);
	json_set_int(o, "bytes", d->bytes);
	json_set_int(o, "packages", d->packages);
	json_set_int(o, "packages_of_unknown_size", d->unsized);
	for (uint32_t i = 0; i < d->n; i++) {
		json_object *row = json_object_new_object();

		json_set_str(row, "source", d->v[i].source);
		json_set_int(row, "bytes", d->v[i].bytes);
		json_set_int(row, "packages", d->v[i].packages);
		json_set_int(row, "packages_of_unknown_size", d->v[i].unsized);
		json_object_array_add(sources, row);
	}
	json_object_object_add(o, "sources", sources);
	json_put(j, "download", o);
}

static void put_decisions(struct json *j, const struct plan *p)
{
	static const char *const names[] = {
		[FATE_CREATE] = "replace",
		[FATE_TOUCH] = "same",
		[FATE_SKIP] = "keep",
		[FATE_OWN] = "keep",
		[FATE_ALTNAME] = "keep-new-beside",
		[FATE_SAVE] = "replace-save",
		[FATE_BACKUP] = "replace-backup",
		[FATE_MISSINGOK] = "missing-ok",
		[FATE_REMOVE_SAVE] = "remove-save",
	};
	const struct decision *d;

	json_open(j, "decisions", '[');
	array_foreach(d, &p->decisions) {
		json_object *o = json_object_new_object();

		json_set_path(o, "path", d->path);
		json_set_str(o, "fate", names[d->fate]);
		json_set_str(o, "text", fate_text(d->fate));
		json_set_path(o, "aside", d->aside);
		json_set_str(o, "note", d->note);
		json_put(j, NULL, o);
	}
	json_close(j, ']');
}

static void put_finishing(struct json *j, const struct derived_steps *steps)
{
	json_open(j, "finishing", '[');
	for (uint32_t i = 0; steps && i < steps->n; i++) {
		const struct derived_step *s = &steps->v[i];
		cleanup_free char *name = derived_name(s);
		cleanup_free char *command = derived_text(s, s->kind->command);
		json_object *o = json_object_new_object();

		json_set_str(o, "what", name);
		json_set_str(o, "tool", s->here ? s->kind->argv[0] : NULL);
		json_set_str(o, "command", command);
		json_set_int(o, "paths", s->paths);
		json_put(j, NULL, o);
	}
	json_close(j, ']');
}

static void put_scripts(struct json *j, const struct plan *p, bool run)
{
#define X(id, bit, name) {id, name},
	static const struct {
		uint32_t bit;
		const char *name;
	} kinds[] = {SCRIPTLETS(X)};
#undef X
	const struct script_note *s;

	json_open(j, "scriptlets_not_run", '[');
	for (s = p->scripts.v; !run && s && s < p->scripts.v + p->scripts.n; s++) {
		json_object *o = json_object_new_object(),
			    *list = json_object_new_array();

		for (uint32_t k = 0; k < ELEMENTSOF(kinds); k++) {
			if (s->scriptlets & kinds[k].bit)
				json_object_array_add(
					list, json_object_new_string(kinds[k].name));
		}
		json_set_str(o, "package", s->package);
		json_object_object_add(o, "scriptlets", list);
		json_put(j, NULL, o);
	}
	json_close(j, ']');
}

static json_object *attributes(const struct attr *a)
{
	json_object *o = json_object_new_object();
	char mode[16];

	snprintf(mode, sizeof(mode), "%06o", a->mode);
	json_set_str(o, "mode", mode);
	json_set_int(o, "uid", a->uid);
	json_set_int(o, "gid", a->gid);
	json_object_object_add(o, "mtime_ns", json_object_new_int64(a->mtime_ns));
	if (a->caps_len) {
		cleanup_buf struct buf b = {0};

		buf_hex(&b, a->caps, a->caps_len);
		json_set_str(o, "capabilities_hex", b.s);
	}
	return o;
}

static void put_op(struct json *j, const struct plan *p, const struct op *op)
{
	json_object *o = json_object_new_object();
	bool old = op->kind != OP_CREATE,
	     new = op->kind != OP_REMOVE && op->kind != OP_MOVE;

	json_set_str(o, "kind", op_kind_name(op->kind));
	json_set_path(o, "path", op->path);
	if (op->path2)
		json_set_path(o, "to", op->path2);
	json_set_str(o, "reason", op_reason_text(op->reason));
	if (op->change != NO_INDEX && op->change < p->changes->list.n &&
	    p->changes->list.v[op->change].to)
		json_set_str(o, "package", p->changes->list.v[op->change].to->nevra);
	if (old) {
		json_object_object_add(o, "old", attributes(&op->old));
		json_set_int(o, "old_size", op->old_size);
	}
	if (new) {
		json_object_object_add(o, "new", attributes(&op->new));
		if (op->kind != OP_ATTR)
			json_set_int(o, "size", op->size);
		if (op->link)
			json_set_str(o, "target", op->link);
		if (op->label)
			json_set_str(o, "label", op->label);
	}
	json_put(j, NULL, o);
}

void json_plan_members(struct json *j, const struct plan_report *r)
{
	const struct plan *p = r->plan;
	const struct op *op;
	json_object *o = json_object_new_object();

	json_put_str(j, "os_name", r->os_name);
	json_put_str(j, "machine_id", r->machine_id);
	json_put_str(j, "hostname", r->hostname);
	json_put_str(j, "title", r->title);
	json_put_str(j, "digest", r->digest);
	json_set_path(o, "path", r->db_path);
	json_set_str(o, "backend", r->db_backend);
	json_put(j, "rpmdb", o);
	put_settings(j, r);
	json_put(j, "nothing_to_do", json_object_new_boolean(r->nothing_to_do));
	json_put(j, "refused",
		 json_object_new_boolean(problems_worst(&p->problems) == SEV_REFUSE));
	put_changes(j, r);
	put_counts(j, p);
	if (r->download)
		put_download(j, r->download);
	put_space(j, p);
	put_decisions(j, p);
	put_finishing(j, r->finishing);
	put_scripts(j, p, r->runs_scriptlets);
	json_problems(j, &p->problems);
	json_put_str(j, "saved_as", r->saved_as);
	json_put_str(j, "unfinished", r->unfinished);
	if (r->n_why)
		json_why(j, r);
	if (r->files) {
		json_open(j, "ops", '[');
		array_foreach(op, &p->ops)
			put_op(j, p, op);
		json_close(j, ']');
	}
}

void json_plan(FILE *out, const struct plan_report *r)
{
	struct json j;

	json_begin(&j, out, "plan", r->root);
	json_plan_members(&j, r);
	json_end(&j);
}
