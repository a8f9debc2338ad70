/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/librpm.h"

#include <locale.h>
#include <pthread.h>
#include <unistd.h>

#include <rpm/header.h>
#include <rpm/rpmio.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <rpm/rpmts.h>

#include "base/digest.h"
#include "base/log.h"

static _Thread_local struct librpm_log *current;

static int take_line(rpmlogRec rec, rpmlogCallbackData data _unused_)
{
	const char *text = rpmlogRecMessage(rec);
	size_t n = text ? strlen(text) : 0;
	cleanup_free char *line = NULL;

	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (n == 0)
		return 0;
	line = xstrndup(text, n);
	if (!current) {
		log_debug("librpm: %s", line);
		return 0;
	}
	strlist_add(&current->lines, line);
	if (rpmlogRecPriority(rec) <= RPMLOG_ERR)
		strlist_add(&current->errors, line);
	return 0;
}

static void init(void)
{
	/*
	 * A path that leads nowhere for what must be set by whoever needs it: librpm would create a
	 * database under an unset %_dbpath, and its transaction lock under an unset %_rpmlock_path.
	 */
	static const struct {
		const char *name, *value;
	} macros[] = {
		{"_dbpath", "/dev/null/no-database"},
		{"_rpmlock_path", "/dev/null/no-lock"},
		{"_keyringpath", "/dev/null/no-keys"},
		{"_db_backend", "sqlite"},
		{"__plugindir", "/dev/null/no-plugins"},
		{"_pkgverify_level", "all"},
		{"_pkgverify_flags", "0x0"},
	};

	/* RPMLOG_INFO: rpmVerifySignatures() names each signature and digest only when verbose */
	rpmSetVerbosity(RPMLOG_INFO);
	rpmlogSetCallback(take_line, NULL);
	for (size_t i = 0; i < ELEMENTSOF(macros); i++)
		rpmPushMacro(NULL, macros[i].name, NULL, macros[i].value, RMIL_GLOBAL);
}

int librpm_init(struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct digester *d;

	pthread_once(&once, init);
	/* also initializes librpm's crypto; FIPS mode must have SHA-256 */
	d = digester_new(DIGEST_SHA256);
	if (!d)
		return err_set(err, ERR_FAILED,
			       "librpm on this host cannot compute SHA-256");
	digester_free(d);
	return 0;
}

void librpm_log_begin(struct librpm_log *l)
{
	locale_t c = newlocale(LC_MESSAGES_MASK, "C", (locale_t)0);

	*l = (struct librpm_log){.outer = current, .locale = c};
	if (c)
		l->saved_locale = uselocale(c);
	current = l;
}

void librpm_log_end(struct librpm_log *l)
{
	if (current != l)
		BUG("librpm_log_end: not the innermost log");
	current = l->outer;
	if (l->locale) {
		uselocale((locale_t)l->saved_locale);
		freelocale((locale_t)l->locale);
	}
	l->locale = NULL;
}

void librpm_log_release(struct librpm_log *l)
{
	strlist_release(&l->lines);
	strlist_release(&l->errors);
}

void librpm_macro_push(const char *name, const char *value)
{
	rpmPushMacro(NULL, name, NULL, value, RMIL_GLOBAL);
}

void librpm_macro_pop(const char *name)
{
	rpmPopMacro(NULL, name);
}

FD_t librpm_fdopen(int fd, uint64_t offset, const char *mode)
{
	FD_t plain, opened;

	if (lseek(fd, (off_t)offset, SEEK_SET) < 0)
		return NULL;
	plain = fdDup(fd);
	if (!plain)
		return NULL;
	opened = Fdopen(plain, mode);
	if (!opened)
		Fclose(plain);
	return opened;
}

void librpm_fclosep(FD_t *fd)
{
	if (*fd)
		Fclose(*fd);
}

void librpm_headerfreep(Header *h)
{
	headerFree(*h);
}

rpmts librpm_ts(void)
{
	rpmts ts = rpmtsCreate();

	rpmtsSetRootDir(ts, "/");
	rpmtsSetVSFlags(ts, RPMVSF_MASK_NODIGESTS | RPMVSF_MASK_NOSIGNATURES |
				    RPMVSF_NOHDRCHK);
	rpmtsSetVfyLevel(ts, 0);
	/* both 32 and 64 bit, whatever the host is: packages of one name and two arches are two */
	rpmtsSetColor(ts, 3);
	rpmtsSetFlags(ts, RPMTRANS_FLAG_NOPLUGINS);
	return ts;
}

void librpm_tsfreep(rpmts *ts)
{
	rpmtsFree(*ts);
}
