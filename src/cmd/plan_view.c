/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/prepare.h"

void plan_view_fill(struct plan_view *v, struct session *s, const struct prepared *p)
{
	const char **names = xcalloc(p->sources.n, sizeof(*names));
	cleanup_buf struct buf hex = {0};

	for (uint32_t i = 0; i < p->sources.n; i++)
		names[i] = p->sources.v[i]->shown;
	buf_hex(&hex, p->digest.bytes, p->digest.len);
	snprintf(v->digest, sizeof(v->digest), "%s", hex.s);
	v->report = (struct plan_report){
		.root = s->o->root,
		.hostname = p->machine.hostname,
		.os_name = p->machine.os_name,
		.machine_id = p->machine.machine_id,
		.title = p->title,
		.db_path = p->db->dir,
		.db_backend = db_backend_name(p->db->backend),
		.sources = names,
		.n_sources = p->sources.n,
		.config_policy = config_policy_name(s->o->config),
		.plan = &p->plan,
		.finishing = &p->finishing,
		.runs_scriptlets = s->o->run_scriptlets,
		.unsigned_allowed = s->o->allow_unsigned,
		.nodeps = s->o->nodeps,
		.replacefiles = s->o->replacefiles,
		.digest = v->digest,
		.nothing_to_do = prepared_is_empty(p),
		.unfinished = p->unfinished,
		.download = p->download.report.packages ? &p->download.report : NULL,
	};
}

void plan_view_release(struct plan_view *v)
{
	free((void *)v->report.sources);
}
