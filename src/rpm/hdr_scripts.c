/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/hdr_scripts.h"

#include <rpm/header.h>
#include <rpm/rpmds.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>

#include "base/compat.h"

/* lib/rpmscript.h: enum rpmscriptFlags_e, which librpm does not install */
enum { FLAG_EXPAND = 1 << 0, FLAG_QFORMAT = 1 << 1 };

static const struct {
	enum scriptlet kind;
	rpmTagVal body, program, flags;
} scripts[] = {
	{SCRIPT_PRETRANS, RPMTAG_PRETRANS, RPMTAG_PRETRANSPROG, RPMTAG_PRETRANSFLAGS},
	{SCRIPT_PRE, RPMTAG_PREIN, RPMTAG_PREINPROG, RPMTAG_PREINFLAGS},
	{SCRIPT_POST, RPMTAG_POSTIN, RPMTAG_POSTINPROG, RPMTAG_POSTINFLAGS},
	{SCRIPT_PREUN, RPMTAG_PREUN, RPMTAG_PREUNPROG, RPMTAG_PREUNFLAGS},
	{SCRIPT_POSTUN, RPMTAG_POSTUN, RPMTAG_POSTUNPROG, RPMTAG_POSTUNFLAGS},
	{SCRIPT_POSTTRANS, RPMTAG_POSTTRANS, RPMTAG_POSTTRANSPROG, RPMTAG_POSTTRANSFLAGS},
	{SCRIPT_PREUNTRANS, COMPAT_TAG_PREUNTRANS, COMPAT_TAG_PREUNTRANSPROG,
	 COMPAT_TAG_PREUNTRANSFLAGS},
	{SCRIPT_POSTUNTRANS, COMPAT_TAG_POSTUNTRANS, COMPAT_TAG_POSTUNTRANSPROG,
	 COMPAT_TAG_POSTUNTRANSFLAGS},
};

void hdr_script_release(struct hdr_script *s)
{
	strlist_release(&s->argv);
	free(s->body);
	memset(s, 0, sizeof(*s));
}

/* rpm formats such a body as a query of its header. */
static void settle(Header h, struct hdr_script *s, uint64_t flags)
{
	s->macros = flags & FLAG_EXPAND;
	if (s->body && (flags & FLAG_QFORMAT)) {
		char *text = headerFormat(h, s->body, NULL);

		if (text) {
			free(s->body);
			s->body = text;
		}
	}
}

static void read_program(Header h, rpmTagVal tag, struct strlist *ret)
{
	struct rpmtd_s td;
	const char *word;

	if (headerGet(h, tag, &td, HEADERGET_MINMEM)) {
		while ((word = rpmtdNextString(&td)))
			strlist_add(ret, word);
		rpmtdFreeData(&td);
	}
	if (!ret->n)
		strlist_add(ret, "/bin/sh");
}

bool hdr_script_read(Header h, enum scriptlet kind, struct hdr_script *ret)
{
	for (size_t i = 0; i < ELEMENTSOF(scripts); i++) {
		const char *body;

		if (scripts[i].kind != kind)
			continue;
		if (!headerIsEntry(h, scripts[i].body) &&
		    !headerIsEntry(h, scripts[i].program))
			return false;
		memset(ret, 0, sizeof(*ret));
		body = headerGetString(h, scripts[i].body);
		ret->body = body ? xstrdup(body) : NULL;
		read_program(h, scripts[i].program, &ret->argv);
		settle(h, ret, headerGetNumber(h, scripts[i].flags));
		return true;
	}
	return false;
}

void hdr_presets_read(Header h, struct strlist *ret)
{
	static const char ends[] = " \t\n;&|()<>{}`'\"$=/";
	const char *at = headerGetString(h, RPMTAG_POSTIN);
	bool called = false;

	/* few scriptlets have to do with it */
	if (!at || (!strstr(at, "preset") && !strstr(at, "install-system-units")))
		return;
	while (*(at += strspn(at, ends))) {
		size_t n = strcspn(at, ends);
		char *word = xstrndup(at, n);

		called |=
			!strcmp(word, "preset") || !strcmp(word, "install-system-units");
		if (strchr(word, '.'))
			strlist_take(ret, word);
		else
			free(word);
		at += n;
	}
	if (!called)
		strlist_release(ret);
	strlist_sort_unique(ret);
}

/* Item i of a list in the header; the caller frees. NULL: there is none. */
static char *string_at(Header h, rpmTagVal tag, uint32_t i)
{
	struct rpmtd_s td;
	char *s = NULL;

	if (!headerGet(h, tag, &td, HEADERGET_MINMEM))
		return NULL;
	if (rpmtdSetIndex(&td, (int)i) >= 0 && rpmtdGetString(&td))
		s = xstrdup(rpmtdGetString(&td));
	rpmtdFreeData(&td);
	return s;
}

static uint64_t number_at(Header h, rpmTagVal tag, uint32_t i)
{
	struct rpmtd_s td;
	uint64_t n = 0;

	if (!headerGet(h, tag, &td, HEADERGET_MINMEM))
		return 0;
	if (rpmtdSetIndex(&td, (int)i) >= 0)
		n = rpmtdGetNumber(&td);
	rpmtdFreeData(&td);
	return n;
}

/* The script of a trigger: one of a list, and its interpreter one of another. */
static bool read_listed(Header h, rpmTagVal scripts_tag, rpmTagVal programs_tag,
			rpmTagVal flags_tag, uint32_t i, struct hdr_script *ret)
{
	char *program = string_at(h, programs_tag, i);

	memset(ret, 0, sizeof(*ret));
	ret->body = string_at(h, scripts_tag, i);
	if (!ret->body || !program) {
		free(program);
		hdr_script_release(ret);
		return false;
	}
	strlist_take(&ret->argv, program);
	settle(h, ret, number_at(h, flags_tag, i));
	return true;
}

static bool take_trigger(Header trig, uint32_t i, uint8_t *done, size_t n_done,
			 struct hdr_script *ret)
{
	if ((done && (i >= n_done || done[i])) ||
	    !read_listed(trig, RPMTAG_TRIGGERSCRIPTS, RPMTAG_TRIGGERSCRIPTPROG,
			 RPMTAG_TRIGGERSCRIPTFLAGS, i, ret))
		return false;
	if (done)
		done[i] = 1;
	return true;
}

static const rpmsenseFlags senses[] = {
	[MOMENT_PREIN] = RPMSENSE_TRIGGERPREIN,
	[MOMENT_IN] = RPMSENSE_TRIGGERIN,
	[MOMENT_UN] = RPMSENSE_TRIGGERUN,
	[MOMENT_POSTUN] = RPMSENSE_TRIGGERPOSTUN,
};

bool hdr_trigger_read(Header trig, Header source, enum hdr_moment moment, uint8_t *done,
		      size_t n_done, struct hdr_script *ret)
{
	const char *name = headerGetString(source, RPMTAG_NAME);
	rpmds ds = rpmdsNew(trig, RPMTAG_TRIGGERNAME, 0);
	bool fires = false;

	ds = ds ? rpmdsInit(ds) : NULL;
	while (ds && name && rpmdsNext(ds) >= 0) {
		if (!(rpmdsFlags(ds) & senses[moment]) || strcmp(rpmdsN(ds), name) != 0 ||
		    !rpmdsAnyMatchesDep(source, ds, 1))
			continue;
		fires = take_trigger(trig, (uint32_t)rpmdsTi(ds), done, n_done, ret);
		break;
	}
	rpmdsFree(ds);
	return fires;
}

/* --- file triggers --------------------------------------------------------------------------------------- */

static const struct filetags {
	rpmTagVal name, index, flags, priorities, scripts, programs, script_flags;
} filetags[] = {
	[false] = {RPMTAG_FILETRIGGERNAME, RPMTAG_FILETRIGGERINDEX,
		   RPMTAG_FILETRIGGERFLAGS, RPMTAG_FILETRIGGERPRIORITIES,
		   RPMTAG_FILETRIGGERSCRIPTS, RPMTAG_FILETRIGGERSCRIPTPROG,
		   RPMTAG_FILETRIGGERSCRIPTFLAGS},
	[true] = {RPMTAG_TRANSFILETRIGGERNAME, RPMTAG_TRANSFILETRIGGERINDEX,
		  RPMTAG_TRANSFILETRIGGERFLAGS, RPMTAG_TRANSFILETRIGGERPRIORITIES,
		  RPMTAG_TRANSFILETRIGGERSCRIPTS, RPMTAG_TRANSFILETRIGGERSCRIPTPROG,
		  RPMTAG_TRANSFILETRIGGERSCRIPTFLAGS},
};

static struct hdr_filetrigger *trigger_at(struct hdr_filetriggers *l, uint32_t index)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->v[i].index == index)
			return &l->v[i];
	return NULL;
}

static unsigned moments_of(uint64_t flags)
{
	unsigned moments = 0;

	for (unsigned m = 0; m < ELEMENTSOF(senses); m++)
		if (flags & senses[m])
			moments |= 1u << m;
	return moments;
}

void hdr_filetriggers_read(Header h, bool trans, struct hdr_filetriggers *ret)
{
	const struct filetags *t = &filetags[trans];
	struct rpmtd_s td;
	const char *prefix;

	if (!headerGet(h, t->name, &td, HEADERGET_MINMEM))
		return;
	while ((prefix = rpmtdNextString(&td))) {
		uint32_t i = (uint32_t)rpmtdGetIndex(&td);
		uint32_t index = (uint32_t)number_at(h, t->index, i);
		struct hdr_filetrigger *f = trigger_at(ret, index);

		if (!f) {
			/* of those that share a script the first one counts */
			f = array_push(ret);
			f->index = index;
			f->priority = (uint32_t)number_at(h, t->priorities, index);
			f->moments = moments_of(number_at(h, t->flags, i));
		}
		strlist_add(&f->prefixes, prefix);
	}
	rpmtdFreeData(&td);
}

void hdr_filetriggers_release(struct hdr_filetriggers *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		strlist_release(&l->v[i].prefixes);
	array_release(l);
}

bool hdr_filetrigger_script(Header h, bool trans, uint32_t index, struct hdr_script *ret)
{
	const struct filetags *t = &filetags[trans];

	return read_listed(h, t->scripts, t->programs, t->script_flags, index, ret);
}

void hdr_script_env(Header h, struct strlist *ret)
{
	struct rpmtd_s td;
	const char *prefix;
	int n = 0;

	if (!headerGet(h, RPMTAG_INSTPREFIXES, &td, HEADERGET_MINMEM))
		return;
	while ((prefix = rpmtdNextString(&td))) {
		if (!n)
			strlist_take(ret, xasprintf("RPM_INSTALL_PREFIX=%s", prefix));
		strlist_take(ret, xasprintf("RPM_INSTALL_PREFIX%d=%s", n++, prefix));
	}
	rpmtdFreeData(&td);
}
