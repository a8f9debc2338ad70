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

static bool take_trigger(Header trig, uint32_t i, uint8_t *done, size_t n_done,
			 struct hdr_script *ret)
{
	char *program;

	if (done && (i >= n_done || done[i]))
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->body = string_at(trig, RPMTAG_TRIGGERSCRIPTS, i);
	program = string_at(trig, RPMTAG_TRIGGERSCRIPTPROG, i);
	if (!ret->body || !program) {
		free(program);
		hdr_script_release(ret);
		return false;
	}
	strlist_take(&ret->argv, program);
	settle(trig, ret, number_at(trig, RPMTAG_TRIGGERSCRIPTFLAGS, i));
	if (done)
		done[i] = 1;
	return true;
}

bool hdr_trigger_read(Header trig, Header source, enum hdr_moment moment, uint8_t *done,
		      size_t n_done, struct hdr_script *ret)
{
	static const rpmsenseFlags senses[] = {
		[MOMENT_PREIN] = RPMSENSE_TRIGGERPREIN,
		[MOMENT_IN] = RPMSENSE_TRIGGERIN,
		[MOMENT_UN] = RPMSENSE_TRIGGERUN,
		[MOMENT_POSTUN] = RPMSENSE_TRIGGERPOSTUN,
	};
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
