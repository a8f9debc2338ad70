/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/trust.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include <rpm/header.h>
#include <rpm/rpmcli.h>
#include <rpm/rpmts.h>

#include "rpm/frame.h"
#include "rpm/hdr.h"
#include "rpm/judge.h"
#include "rpm/librpm.h"

/* No package has more; what comes after it is not looked at. */
#define SIGNATURES_MAX 16

/* Of all signatures in the header the first by a trusted key that was good then; else the first by
 * any trusted key, else the first. false: there is none. */
static bool pick_signature(const struct keyring *k, Header h, enum trust_depth depth,
			   struct pgp_sig *ret)
{
	int best = -1;

	for (unsigned i = 0; i < SIGNATURES_MAX; i++) {
		cleanup_buf struct buf packet = {0};
		const struct keyring_key *key;
		struct pgp_sig sig;
		int worth = 0;

		if (!hdr_signature(h, depth == TRUST_HEADER, i, &packet))
			break;
		if (pgp_sig_read((const uint8_t *)packet.s, packet.n, &sig))
			continue;
		key = keyring_find(k, sig.keyid);
		if (key && key->trusted)
			worth = judge_key_was_good(key, &sig) ? 2 : 1;
		if (worth <= best)
			continue;
		best = worth;
		*ret = sig;
	}
	return best >= 0;
}

static bool hash_is_known(int algo)
{
	struct digester *d = digester_new(algo);
	bool known = d != NULL;

	digester_free(d);
	return known;
}

/*
 * librpm's own check of the whole file. *ret: whether it accepts it. Where the signed header holds the
 * payload's SHA-256, MD5 over the whole file is left out: it proves nothing more, and takes longer
 * than everything else together.
 */
static int ask_librpm(const struct keyring *k, int fd, enum trust_depth depth,
		      const char *what, Header h, struct librpm_log *log, bool *ret,
		      struct error *err)
{
	cleanup_rpmfd FD_t rfd = librpm_fdopen(fd, 0, "r.ufdio");
	cleanup_ts rpmts ts = NULL;
	struct rpmQVKArguments_s how = {0};

	*log = (struct librpm_log){0};
	if (!rfd)
		return err_errno(err, "cannot read '%s'", what);
	ts = librpm_ts();
	rpmtsSetKeyring(ts, keyring_ring(k));
	rpmtsSetVfyFlags(ts, depth == TRUST_HEADER
				     ? RPMVSF_MASK_NOPAYLOAD | RPMVSF_NEEDPAYLOAD
			     : hdr_digests_payload(h) ? RPMVSF_NOMD5
						      : RPMVSF_DEFAULT);
	rpmtsSetVfyLevel(ts, RPMSIG_SIGNATURE_TYPE | RPMSIG_DIGEST_TYPE);
	librpm_log_begin(log);
	*ret = rpmVerifySignatures(&how, ts, rfd, what) == 0;
	librpm_log_end(log);
	return 0;
}

int trust_check(struct keyring *k, int fd, enum trust_depth depth, const char *what,
		struct trust_report *ret, struct error *err)
{
	struct judge_facts f = {.what = what, .now = time(NULL), .hash_known = true};
	cleanup_header Header h = NULL;
	struct error damage = ERROR_INIT;
	struct librpm_log log = {0};
	struct pgp_sig sig;
	int rc = 0;

	if (librpm_init(err) || frame_read(fd, what, &f.frame, err))
		return -1;
	if (depth == TRUST_HEADER && f.frame.payload_at &&
	    f.frame.file_size == f.frame.payload_at)
		f.frame.state = FRAME_OK;
	if (f.frame.state == FRAME_OK) {
		f.lines = &log.lines;
		if (hdr_read_file(fd, what, &h, &damage)) {
			f.damage = damage.msg;
		} else {
			rc = ask_librpm(k, fd, depth, what, h, &log, &f.accepted, err);
			if (pick_signature(k, h, depth, &sig)) {
				f.sig = &sig;
				f.key = keyring_find(k, sig.keyid);
				f.hash_known = hash_is_known(sig.hash_algo);
			}
		}
	}
	if (rc == 0)
		judge(&f, ret);
	librpm_log_release(&log);
	err_release(&damage);
	return rc;
}
