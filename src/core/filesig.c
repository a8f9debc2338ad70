/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/filesig.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "core/planning.h"

uint64_t filesig_mark(const void *bytes, size_t len)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	struct digest sum;
	uint64_t mark;

	if (!d)
		BUG("this host has no SHA-256");
	digester_update(d, bytes, len);
	digester_finish(d, &sum);
	memcpy(&mark, sum.bytes, sizeof(mark));
	return mark ? mark : 1;
}

/* Configuration is there to be changed: none, unless it is executed (plugins/ima.c:
 * ima_fsm_file_prepare(); what its macro _ima_sign_config_files says is not known here). */
const struct filesig *filesig_wanted(const struct planning *g, const struct slot *s,
				     const struct pkg *p, const struct pkgfile *f)
{
	const struct filesig *sig = p->filesigs ? &p->filesigs[f - p->files.v] : NULL;

	if (!g->policy->signs_files || !sig || !sig->bytes ||
	    ((f->flags & FILE_CONFIG) && !(f->mode & 0111)) ||
	    g->mounts->v[mounts_of_path(g->mounts, s->path)].no_xattrs)
		return NULL;
	return sig;
}

bool filesig_differs(const struct planning *g, const struct slot *s, const struct pkg *p,
		     const struct pkgfile *f)
{
	const struct filesig *sig = filesig_wanted(g, s, p, f);

	return sig && s->fact.ima != filesig_mark(sig->bytes, sig->len);
}

const char *filesig_missing_key(const struct fact *f)
{
	return (f->flags & FACT_VERITY) && f->sys == ENOKEY
		       ? "; its fs-verity signature is of a certificate that this kernel does "
			 "not have: keyctl padd asymmetric '' %keyring:.fs-verity < FILE.der"
		       : "";
}

/* Those that come in place of one that has something, and have it not themselves. */
static void tell(struct planning *g, bool verity, const char *what, const char *then)
{
	cleanup_buf struct buf names = {0};
	const char *first = NULL;
	const struct op *op;
	uint32_t n = 0;

	array_foreach(op, &g->plan->ops) {
		const struct slot *s = layout_find(g->layout, op->path);
		bool has = s && s->fact.type == FT_REG &&
			   (verity ? (s->fact.flags & FACT_VERITY) != 0
				   : s->fact.ima && !op->filesig);
		cleanup_free char *shown = NULL;

		if (!has || !op_makes(op) || !S_ISREG(op->new.mode))
			continue;
		if (!n++)
			first = op->path;
		if (n > 3)
			continue;
		shown = quoted(op->path);
		buf_printf(&names, "%s'/%s'", n > 1 ? ", " : "", shown);
	}
	if (!n)
		return;
	if (n > 3)
		buf_printf(&names, " and %u more", n - 3);
	problems_add(&g->plan->problems, PROBLEM_FILE_SIGNATURE, SEV_WARNING, first,
		     "%s %s %s, and what comes in %s place has none: %s", names.s,
		     n == 1 ? "has" : "have", what, n == 1 ? "its" : "their", then);
}

void filesig_tell(struct planning *g)
{
	tell(g, false, "an IMA signature or hash (security.ima)",
	     "where the machine's kernel insists on that, boot it with ima_appraise=fix, or sign them "
	     "with evmctl(1)");
	tell(g, true, "fs-verity",
	     "on the machine itself `dnf reinstall` of packages that are signed for it, and "
	     "fsverity(1) for any other, enables it again");
}
