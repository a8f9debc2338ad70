/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_HDR_H
#define PUTBACK_RPM_HDR_H
/*
 * Header -> struct pkg, and the few things that are written into a header on its way to a database.
 * hdr*.c are the only files that name RPMTAG_*.
 *
 * A header may come from anybody: every count, index, type and path is checked here, so that the
 * planner need not. librpm has checked offsets and lengths by the time it hands out a Header.
 */
#include "base/buf.h"
#include "base/error.h"
#include "core/pkg.h"

#include <rpm/rpmtypes.h>

/* Once per process, before anything else of librpm; see librpm_init(). */
_must_check_ int hdr_init(struct error *err);

enum hdr_detail { HDR_IDENTITY, HDR_FILES }; /* without or with the file list */

/*
 * A package out of a header. Checks what the planner relies on: counts that agree, paths that are
 * absolute and free of "." and "..", indices within bounds. A source package is refused: nothing
 * installs it. what: for messages.
 */
_must_check_ int hdr_read(Header h, enum hdr_detail detail, const char *what,
			  struct pkg **ret, struct error *err);
/* The same out of an rpmdb's record, whose number is instance: with the install states. */
_must_check_ int hdr_read_installed(Header h, uint32_t instance, enum hdr_detail detail,
				    const char *what, struct pkg **ret,
				    struct error *err);

/* "name-[epoch:]version-release[.arch]" as pkg.nevra, without the rest; the caller frees. */
char *hdr_nevra(Header h);
/* As librpm itself spells it in its messages: an epoch of 0 is shown where the header has one. */
char *hdr_nevra_of_rpm(Header h);

/*
 * The header of a package file (fd at any offset; its offset is undefined afterwards), without
 * judging its signature. Looks at the magic bytes first: what is no package never reaches librpm.
 * What the signature header holds is merged in, as rpm keeps it in its database.
 */
_must_check_ int hdr_read_file(int fd, const char *what, Header *ret, struct error *err);

/* The header out of an rpmdb's record (copied). NULL: damaged. */
_must_check_ Header hdr_import(const void *blob, size_t n, const char *what,
			       struct error *err);
/* The record of a header, as rpm stores it. The caller frees; NULL: librpm cannot. */
void *hdr_export(Header h, size_t *ret_n);

/*
 * Writes lead, signature header and header as they stand at the head of a package file: what a
 * record of an rpmdb still has of its package. hdr_read_file() reads it, and hdr_digest() of that
 * is the same. ERR_FAILED for a header older than rpm 4, which nothing could vouch for.
 */
_must_check_ int hdr_write_package(Header h, int fd, const char *what, struct error *err);

/*
 * SHA-256 over the header's magic and its immutable region, which is what signatures and
 * RPMTAG_SHA256HEADER cover: the same for the package file and for the rpmdb's record of it. A
 * header older than rpm 4 has no such region; its whole record is digested instead.
 */
void hdr_digest(Header h, struct digest *ret);
/*
 * Whether what the header records as its own digest (SHA256HEADER, else SHA1HEADER) is right; one
 * that is not there, or that this host cannot compute, is. digest: of hdr_digest().
 */
bool hdr_is_sound(Header h, const struct digest *digest);

/* The OpenPGP packet of signature i, from 0: over the header first, then, unless header_only, over
 * header and payload. */
enum hdr_signature_kind {
	HDR_NO_SIGNATURE, /* there are no more */
	HDR_SIGNATURE,
	HDR_SIGNATURE_6 /* as of rpm 6: over the header, one of any number */
};
enum hdr_signature_kind hdr_signature(Header h, bool header_only, unsigned i,
				      struct buf *ret);
/* What signatures over the header cover: its magic and its immutable region. false: it has none. */
bool hdr_signed_bytes(Header h, struct buf *ret);
/* Whether the header itself holds SHA-256 or better of the payload (rpm 4.14 and later), so that MD5 over
 * all of the package adds nothing. */
bool hdr_digests_payload(Header h);
/* The armored key of a gpg-pubkey header; the caller frees; NULL: it is none. */
char *hdr_pubkey(Header h);

/* Install states of its files, enum file_state: replaces RPMTAG_FILESTATES. n must be the number
 * of files in the header. */
_must_check_ int hdr_set_states(Header h, const uint8_t *states, uint32_t n,
				struct error *err);

/* What rpm itself puts into a header when it installs the package (psm.c: dbAdd()). */
struct hdr_install {
	uint32_t tid, time; /* seconds; all of one transaction share them */
	uint32_t color;	    /* of the transaction that installs */
	const uint8_t *states;
	uint32_t n;		    /* files */
	const struct digest *whole; /* over the package file */
	uint32_t n_whole;
};
_must_check_ int hdr_make_installed(Header h, const struct hdr_install *how,
				    struct error *err);
uint32_t hdr_install_id(Header h);    /* transaction id, which is a time; 0 */
uint32_t hdr_install_color(Header h); /* of an installed header; 0 where there is none */
/*
 * Of an installed header the algorithms of its digests over the whole package file, which rpm 6 keeps by
 * its %_pkgverify_digests (transaction.cc: initPkgDigests()); at most HDR_WHOLE_MAX of them. Returns how
 * many.
 */
#define HDR_WHOLE_MAX 4
uint32_t hdr_install_whole(Header h, int ret[HDR_WHOLE_MAX]);

#endif
