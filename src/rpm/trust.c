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
#include "rpm/sigcheck.h"

/* No package has more; what comes after it is not looked at. */
#define SIGNATURES_MAX 16

struct signature {
	struct pgp_sig sig;
	struct buf packet;
	bool alone; /* over the header, and one of any number, of which any will do */
};

/* Of all signatures in the header the first by a trusted key that was good then; else the first by
 * any trusted key, else the first. false: there is none that can be read here. */
static bool pick_signature(const struct keyring *k, Header h, enum trust_depth depth,
			   struct signature *ret)
{
	int best = -1;

	for (unsigned i = 0; i < SIGNATURES_MAX; i++) {
		cleanup_buf struct buf packet = {0};
		enum hdr_signature_kind kind =
			hdr_signature(h, depth == TRUST_HEADER, i, &packet);
		bool alone = kind == HDR_SIGNATURE_6;
		const uint8_t *bytes = (const uint8_t *)packet.s;
		const struct keyring_key *key;
		struct pgp_sig sig;
		int worth = 0;

		if (kind == HDR_NO_SIGNATURE)
			break;
		if (pgp_sig_read(bytes, packet.n, &sig) ||
		    (alone && !sigcheck_is_known(bytes, packet.n)))
			continue;
		key = keyring_find(k, sig.keyid);
		if (key && key->trusted)
			worth = judge_key_was_good(key, &sig) ? 2 : 1;
		if (worth <= best)
			continue;
		best = worth;
		buf_release(&ret->packet);
		*ret = (struct signature){sig, packet, alone};
		packet = (struct buf){0};
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

enum demand { DEMAND_ALL, DEMAND_DIGESTS };

/*
 * librpm's own check of the whole file. *ret: whether it accepts it. Where the signed header holds the
 * payload's SHA-256, MD5 over the whole file is left out: it proves nothing more, and takes longer
 * than everything else together.
 */
static int ask_librpm(const struct keyring *k, int fd, enum trust_depth depth,
		      enum demand demand, const char *what, Header h,
		      struct librpm_log *log, bool *ret, struct error *err)
{
	cleanup_rpmfd FD_t rfd = librpm_fdopen(fd, 0, "r.ufdio");
	cleanup_ts rpmts ts = NULL;
	struct rpmQVKArguments_s how = {0};
	rpmVSFlags flags = depth == TRUST_HEADER
				   ? RPMVSF_MASK_NOPAYLOAD | RPMVSF_NEEDPAYLOAD
			   : hdr_digests_payload(h) ? RPMVSF_NOMD5
						    : RPMVSF_DEFAULT;
	int level = RPMSIG_SIGNATURE_TYPE | RPMSIG_DIGEST_TYPE;

	*log = (struct librpm_log){0};
	if (!rfd)
		return err_errno(err, "cannot read '%s'", what);
	if (demand == DEMAND_DIGESTS) {
		flags |= RPMVSF_MASK_NOSIGNATURES;
		level = RPMSIG_DIGEST_TYPE;
	}
	ts = librpm_ts();
	rpmtsSetKeyring(ts, keyring_ring(k));
	rpmtsSetVfyFlags(ts, flags);
	rpmtsSetVfyLevel(ts, level);
	librpm_log_begin(log);
	*ret = rpmVerifySignatures(&how, ts, rfd, what) == 0;
	librpm_log_end(log);
	return 0;
}

/*
 * A signature over the header, which in turn holds digests of the payload, of which librpm says that all are
 * right (docs/manual/format_v6.md). librpm does not say so itself where it passes the signatures of rpm
 * 6 over (before 6.0); where one of several is by a key that it does not have, and where there is no
 * payload (6.0, rpmvs.cc: rpmvsVerify()).
 */
static int ask_ourselves(const struct keyring *k, int fd, enum trust_depth depth,
			 const struct signature *s, const char *what, Header h, bool *ret,
			 struct error *err)
{
	cleanup_buf struct buf bytes = {0};
	struct librpm_log log;
	bool sound = false;

	if (s->sig.type != PGP_BINARY || !hdr_signed_bytes(h, &bytes) ||
	    !sigcheck_holds(k, (const uint8_t *)s->packet.s, s->packet.n, bytes.s,
			    bytes.n))
		return 0;
	if (depth == TRUST_HEADER) {
		*ret = true;
		return 0;
	}
	if (!hdr_digests_payload(h))
		return 0;
	if (ask_librpm(k, fd, depth, DEMAND_DIGESTS, what, h, &log, &sound, err))
		return -1;
	librpm_log_release(&log);
	*ret = sound;
	return 0;
}

int trust_check(struct keyring *k, int fd, enum trust_depth depth, const char *what,
		struct trust_report *ret, struct error *err)
{
	struct judge_facts f = {.what = what, .now = time(NULL), .hash_known = true};
	cleanup_header Header h = NULL;
	struct error damage = ERROR_INIT;
	struct librpm_log log = {0};
	struct signature s = {0};
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
			rc = ask_librpm(k, fd, depth, DEMAND_ALL, what, h, &log,
					&f.accepted, err);
			if (pick_signature(k, h, depth, &s)) {
				f.sig = &s.sig;
				f.key = keyring_find(k, s.sig.keyid);
				f.hash_known = hash_is_known(s.sig.hash_algo);
			}
			if (rc == 0 && !f.accepted &&
			    (s.alone ||
			     (f.sig && (depth == TRUST_HEADER || f.frame.openpgp))))
				rc = ask_ourselves(k, fd, depth, &s, what, h, &f.accepted,
						   err);
		}
	}
	if (rc == 0)
		judge(&f, ret);
	librpm_log_release(&log);
	buf_release(&s.packet);
	err_release(&damage);
	return rc;
}
