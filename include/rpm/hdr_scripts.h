/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_HDR_SCRIPTS_H
#define PUTBACK_RPM_HDR_SCRIPTS_H
/* The scriptlets in a header. Nothing here runs them. */
#include "base/array.h"
#include "core/pkg.h"

#include <rpm/rpmtypes.h>

struct hdr_script {
	struct strlist argv; /* the interpreter and its own arguments */
	char *body;	     /* NULL: the interpreter alone */
	bool macros;	     /* rpm expands its macros in the body first */
};
void hdr_script_release(struct hdr_script *s);

/* kind: one of those that belong to the package alone. false: it has none. See rpm's
 * lib/rpmscript.c: rpmScriptFromTag(). */
bool hdr_script_read(Header h, enum scriptlet kind, struct hdr_script *ret);

/*
 * Units of systemd that %post names where it calls for their presets: "systemctl preset", or
 * "systemd-update-helper install-system-units", to either of which %systemd_post and openSUSE's
 * %service_add_post expand. Sorted. A name that the shell would only put together is not seen.
 */
void hdr_presets_read(Header h, struct strlist *ret);

/* When a trigger fires: as RPMSENSE_TRIGGERPREIN and so on. */
enum hdr_moment { MOMENT_PREIN, MOMENT_IN, MOMENT_UN, MOMENT_POSTUN };
/*
 * The trigger of trig that source sets off at that moment (lib/psm.c: handleOneTrigger()): the first
 * one that names it and whose version fits. done: of trig, one byte per trigger script, so that each
 * runs once; NULL: no matter. false: there is none.
 */
bool hdr_trigger_read(Header trig, Header source, enum hdr_moment moment, uint8_t *done,
		      size_t n_done, struct hdr_script *ret);
/* File triggers of a header, or those for whole transactions. */
struct hdr_filetrigger {
	uint32_t index, priority;
	unsigned moments; /* 1 << enum hdr_moment */
	struct strlist prefixes;
};
struct hdr_filetriggers {
	struct hdr_filetrigger *v;
	uint32_t n, cap;
};
void hdr_filetriggers_read(Header h, bool trans, struct hdr_filetriggers *ret);
void hdr_filetriggers_release(struct hdr_filetriggers *l);
bool hdr_filetrigger_script(Header h, bool trans, uint32_t index, struct hdr_script *ret);
/* RPM_INSTALL_PREFIX variables of a package that was moved: "NAME=value" */
void hdr_script_env(Header h, struct strlist *ret);

#endif
