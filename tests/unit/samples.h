/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan with one of everything in it, for the tests of the reports. */
#ifndef PUTBACK_TESTS_SAMPLES_H
#define PUTBACK_TESTS_SAMPLES_H

#include <sys/stat.h>

#include "core/plan.h"
#include "report/report.h"

#define ODD_NAME "srv/new\nline \033[7m latin-\344\366 \"quoted\""

struct sample {
	struct changes changes;
	struct mounts mounts;
	struct mount mount[3];
	struct plan plan;
	const char *sources[2];
	struct plan_report report;
};

static struct pkg *sample_pkg(const char *text, const char *nevra)
{
	struct pkg *p = pkg_new();

	if (nevra_parse(&p->mem, text, &p->id) < 0)
		abort();
	p->nevra = arena_strdup(&p->mem, nevra ? nevra : text);
	p->vendor = "";
	return p;
}

static inline void sample_change(struct sample *s, enum change_kind kind,
				 const char *from, const char *to, int source)
{
	struct change c = {.kind = kind, .source = -1};

	c.from = from ? sample_pkg(from, NULL) : NULL;
	if (to) {
		c.to = sample_pkg(to, NULL);
		pkgset_take(&s->changes.arriving, c.to);
		c.source = source;
		c.location = xasprintf("/srv/rpms/%s.rpm", to);
		c.signer = xstrdup("Lab <lab@localhost>");
	}
	c.reason = xstrdup("undo of entry 7");
	array_add(&s->changes.list, c);
	array_add(&s->plan.counts, (struct change_count){.owned = 340, .touched = 12});
}

static inline struct op *sample_op(struct sample *s, enum op_kind kind,
				   enum op_reason reason, const char *path)
{
	struct op *op = array_push(&s->plan.ops);

	op->kind = kind;
	op->reason = reason;
	op->path = path;
	op->change = op->link_leader = NO_INDEX;
	op->old.mode = op->new.mode = S_IFREG | 0644;
	op->size = 2048;
	return op;
}

static inline void sample_init(struct sample *s)
{
	memset(s, 0, sizeof(*s));
	s->plan.changes = &s->changes;
	s->plan.mounts = &s->mounts;
	s->mounts.v = s->mount;
	s->mounts.n = ELEMENTSOF(s->mount);
	s->mount[0] = (struct mount){.path = (char *)"",
				     .fstype = (char *)"ext4",
				     .device = (char *)"/dev/sda2",
				     .block_size = 4096,
				     .blocks_free = 1 << 20,
				     .bytes_total = 1ull << 33,
				     .inodes_free = 100000};
	s->mount[1] = (struct mount){.path = (char *)"boot",
				     .fstype = (char *)"xfs",
				     .device = (char *)"/dev/sda1",
				     .readonly = true,
				     .block_size = 4096,
				     .blocks_free = 4096,
				     .bytes_total = 1 << 28,
				     .inodes_free = UINT64_MAX};
	s->mount[2] = (struct mount){.path = (char *)"home",
				     .fstype = (char *)"ext4",
				     .device = (char *)"UUID=11-22",
				     .missing = true};
	s->sources[0] = "cache";
	s->sources[1] = "/srv/rpms";
	s->report = (struct plan_report){
		.root = "/mnt/sysimage",
		.hostname = "lab-host",
		.os_name = "Lab Linux 7",
		.machine_id = "0123456789abcdef0123456789abcdef",
		.title = "undo of entry 7: dnf upgrade, 2026-11-20 03:12",
		.db_path = "var/lib/rpm",
		.db_backend = "sqlite",
		.sources = s->sources,
		.n_sources = ELEMENTSOF(s->sources),
		.config_policy = "rpm",
		.plan = &s->plan,
		.digest = "00ff",
	};
}

static inline void sample_fill(struct sample *s)
{
	struct op *op;

	sample_change(s, CHANGE_DOWNGRADE, "bash-5.2.21-1.x86_64", "bash-5.2.15-2.x86_64",
		      0);
	sample_change(s, CHANGE_INSTALL, NULL, "old-tool-1:1.0-1.noarch", 1);
	sample_change(s, CHANGE_REMOVE, "bad-news-2.0-1.noarch", NULL, -1);
	s->changes.list.v[1].unsigned_allowed = true;
	free(s->changes.list.v[1].signer);
	s->changes.list.v[1].signer = NULL;

	sample_op(s, OP_REMOVE, WHY_GONE, "usr/share/bad-news");
	op = sample_op(s, OP_MOVE, WHY_CONFIG_SAVE, "etc/app.conf");
	op->path2 = "etc/app.conf.rpmsave";
	op = sample_op(s, OP_SWAP, WHY_CONTENT, "usr/bin/bash");
	op->change = 0;
	op->new.caps_len = 4;
	memcpy(op->new.caps, "\1\2\3\4", 4);
	op = sample_op(s, OP_CREATE, WHY_MISSING, "usr/bin/old-tool");
	op->link = "../lib/\377";
	sample_op(s, OP_ATTR, WHY_MODE, ODD_NAME);

	array_add(&s->plan.decisions, (struct decision){.path = "etc/app.conf",
							.fate = FATE_SAVE,
							.aside = "etc/app.conf.rpmsave",
							.note = "an older one is there"});
	array_add(&s->plan.scripts,
		  (struct script_note){.package = "bash-5.2.15-2.x86_64",
				       .scriptlets = SCRIPT_POST | SCRIPT_POSTUN});
	array_add(&s->plan.space, (struct space_need){.bytes = 5 << 20, .inodes = 6});
	array_add(&s->plan.space, (struct space_need){.bytes = 64 << 20, .inodes = 2});
	array_add(&s->plan.space, (struct space_need){0});
	problems_add(&s->plan.problems, PROBLEM_SPACE, SEV_REFUSE, "boot",
		     "needs 48.0 MiB more on /boot");
	problems_add(&s->plan.problems, PROBLEM_HISTORY, SEV_NOTE, "zlib",
		     "zlib has changed since, and stays as it is");
	problems_add(&s->plan.problems, PROBLEM_UNSIGNED, SEV_WARNING, "old-tool",
		     "old-tool-1:1.0-1.noarch is not signed by anybody");
	s->plan.ghosts = 3;
}

static inline void sample_release(struct sample *s)
{
	struct change *c;

	array_foreach(c, &s->changes.list)
		pkg_free(c->from);
	s->mounts.v = NULL;
	changes_release(&s->changes);
	plan_release(&s->plan);
}

/* What a report prints; the caller frees. */
#define sample_print(call)                                  \
	({                                                  \
		char *text_ = NULL;                         \
		size_t size_ = 0;                           \
		FILE *out = open_memstream(&text_, &size_); \
		call;                                       \
		fclose(out);                                \
		text_;                                      \
	})

#endif
