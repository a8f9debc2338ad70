/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_LIBRPM_H
#define PUTBACK_RPM_LIBRPM_H
/*
 * librpm as a guest: what it prints goes to our log or into a list of ours, never to the terminal,
 * and what it wants configured is said here, never read from the host.
 */
#include <stdint.h>

#include "base/array.h"
#include "base/error.h"

#include <rpm/rpmtypes.h>

/*
 * Once per process, before anything else of librpm; later calls do nothing. No rpmrc and no macro
 * file is read: /etc/rpm, $HOME/.rpmmacros and $HOME/.rpmrc of the rescue host would decide about a
 * machine they know nothing of. Everything that the calls we make look up is set here instead.
 */
_must_check_ int librpm_init(struct error *err);

/*
 * While a log is begun in this thread, librpm's lines are collected in it; its messages are those
 * of the C locale meanwhile. Without one they go to log_debug(). Logs nest.
 */
struct librpm_log {
	struct strlist lines;  /* all of them, without the newline */
	struct strlist errors; /* those of level RPMLOG_ERR and worse */
	struct librpm_log *outer;
	void *locale, *saved_locale;
};
void librpm_log_begin(struct librpm_log *l);
void librpm_log_end(struct librpm_log *l); /* the lists stay */
void librpm_log_release(struct librpm_log *l);

/* A macro of librpm that holds until it is taken back. */
void librpm_macro_push(const char *name, const char *value);
void librpm_macro_pop(const char *name);

/* A dup of fd as librpm wants it, in the given mode ("r.ufdio"), after fd was set to offset, which
 * both share; NULL with errno. */
FD_t librpm_fdopen(int fd, uint64_t offset, const char *mode);
void librpm_fclosep(FD_t *fd);
void librpm_headerfreep(Header *h);

#define cleanup_rpmfd  __attribute__((cleanup(librpm_fclosep)))
#define cleanup_header __attribute__((cleanup(librpm_headerfreep)))

/* A transaction set that verifies nothing by itself and knows no database. */
rpmts librpm_ts(void);
void librpm_tsfreep(rpmts *ts);
#define cleanup_ts __attribute__((cleanup(librpm_tsfreep)))

#endif
