/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/hdr.h"

#include <errno.h>

#include <rpm/header.h>
#include <rpm/rpmbase64.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmtd.h>
#include <rpm/rpmts.h>

#include "base/compat.h"
#include "base/confine.h"
#include "hdr_files.h"
#include "hdr_filesigs.h"
#include "hdr_package.h"
#include "rpm/frame.h"
#include "rpm/hdr_scripts.h"
#include "rpm/librpm.h"
#include "rpm/pgp.h"

/* docs/manual/format_header.md of rpm: what stands before each header on disk */
static const uint8_t header_magic[8] = {0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0};

int hdr_init(struct error *err)
{
	return librpm_init(err);
}

static const char *string_of(struct pkg *p, Header h, rpmTagVal tag)
{
	const char *s = headerGetString(h, tag);

	return s && *s ? arena_strdup(&p->mem, s) : "";
}

static void strings_of(Header h, rpmTagVal tag, struct strlist *ret)
{
	struct rpmtd_s td;
	const char *s;

	if (!headerGet(h, tag, &td, HEADERGET_MINMEM))
		return;
	while ((s = rpmtdNextString(&td)))
		strlist_add(ret, s);
	rpmtdFreeData(&td);
	strlist_sort_unique(ret);
}

/*
 * What packages say themselves: "installonlypkg(kernel)" is for dnf and yum (default of installonlypkgs in
 * dnf.conf(5)), "multiversion(kernel)" for zypper (default of multiversion in zypp.conf).
 */
static bool stands_beside(Header h)
{
	static const char *const marks[] = {"installonlypkg(", "multiversion("};
	struct rpmtd_s td;
	bool found = false;
	const char *s;

	if (!headerGet(h, RPMTAG_PROVIDENAME, &td, HEADERGET_MINMEM))
		return false;
	while ((s = rpmtdNextString(&td)))
		for (size_t i = 0; i < ELEMENTSOF(marks); i++)
			found |= !strncmp(s, marks[i], strlen(marks[i]));
	rpmtdFreeData(&td);
	return found;
}

/* A scriptlet may have a body, an interpreter, or both ("%post -p /sbin/ldconfig"). */
static uint32_t scriptlets_of(Header h)
{
	static const struct {
		uint32_t bit;
		rpmTagVal body, program;
	} tags[] = {
		{SCRIPT_PRETRANS, RPMTAG_PRETRANS, RPMTAG_PRETRANSPROG},
		{SCRIPT_PRE, RPMTAG_PREIN, RPMTAG_PREINPROG},
		{SCRIPT_POST, RPMTAG_POSTIN, RPMTAG_POSTINPROG},
		{SCRIPT_PREUN, RPMTAG_PREUN, RPMTAG_PREUNPROG},
		{SCRIPT_POSTUN, RPMTAG_POSTUN, RPMTAG_POSTUNPROG},
		{SCRIPT_POSTTRANS, RPMTAG_POSTTRANS, RPMTAG_POSTTRANSPROG},
		{SCRIPT_PREUNTRANS, COMPAT_TAG_PREUNTRANS, COMPAT_TAG_PREUNTRANSPROG},
		{SCRIPT_POSTUNTRANS, COMPAT_TAG_POSTUNTRANS, COMPAT_TAG_POSTUNTRANSPROG},
		{SCRIPT_TRIGGER, RPMTAG_TRIGGERNAME, RPMTAG_TRIGGERSCRIPTS},
		{SCRIPT_FILETRIGGER, RPMTAG_FILETRIGGERNAME, RPMTAG_FILETRIGGERSCRIPTS},
		{SCRIPT_TRANSFILETRIGGER, RPMTAG_TRANSFILETRIGGERNAME,
		 RPMTAG_TRANSFILETRIGGERSCRIPTS},
	};
	uint32_t bits = 0;

	for (size_t i = 0; i < ELEMENTSOF(tags); i++)
		if (headerIsEntry(h, tags[i].body) || headerIsEntry(h, tags[i].program))
			bits |= tags[i].bit;
	return bits;
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* Strings belong to the header. */
static struct nevra nevra_of(Header h)
{
	return (struct nevra){
		.name = or_empty(headerGetString(h, RPMTAG_NAME)),
		.version = or_empty(headerGetString(h, RPMTAG_VERSION)),
		.release = or_empty(headerGetString(h, RPMTAG_RELEASE)),
		.arch = or_empty(headerGetString(h, RPMTAG_ARCH)),
		.epoch = headerIsEntry(h, RPMTAG_EPOCH)
				 ? (int64_t)headerGetNumber(h, RPMTAG_EPOCH)
				 : EPOCH_NONE,
	};
}

char *hdr_nevra(Header h)
{
	struct nevra n = nevra_of(h);

	return nevra_string(&n);
}

char *hdr_nevra_of_rpm(Header h)
{
	cleanup_free char *text = headerGetAsString(h, RPMTAG_NEVRA);

	return text ? steal_ptr(text) : hdr_nevra(h);
}

/* Of "NAME:STREAM:VERSION:CONTEXT", as modular packages have it (modulemd). */
static const char *stream_of(struct pkg *p, Header h)
{
	const char *label = or_empty(headerGetString(h, RPMTAG_MODULARITYLABEL));
	size_t name = strcspn(label, ":"), stream;

	if (!name || !label[name])
		return "";
	stream = strcspn(label + name + 1, ":");
	return stream ? arena_strndup(&p->mem, label, name + 1 + stream) : "";
}

static void identity_of(struct pkg *p, Header h)
{
	struct nevra n = nevra_of(h);
	cleanup_free char *nevra = NULL;
	cleanup_buf struct buf packet = {0};
	struct pgp_sig sig;

	p->id = n;
	p->id.name = arena_strdup(&p->mem, n.name);
	p->id.version = arena_strdup(&p->mem, n.version);
	p->id.release = arena_strdup(&p->mem, n.release);
	p->id.arch = arena_strdup(&p->mem, n.arch);
	nevra = nevra_string(&p->id);
	p->nevra = arena_strdup(&p->mem, nevra);
	p->vendor = string_of(p, h, RPMTAG_VENDOR);
	p->stream = stream_of(p, h);
	p->summary = string_of(p, h, RPMTAG_SUMMARY);
	p->sourcerpm = string_of(p, h, RPMTAG_SOURCERPM);
	p->compressor = string_of(p, h, RPMTAG_PAYLOADCOMPRESSOR);
	if (!*p->compressor)
		p->compressor = "gzip";
	if (hdr_signature(h, false, 0, &packet) &&
	    pgp_sig_read((const uint8_t *)packet.s, packet.n, &sig) == 0)
		p->keyid = arena_strdup(&p->mem, sig.keyid);
	hdr_digest(h, &p->hdrdigest);
	p->installtime = (int64_t)headerGetNumber(h, RPMTAG_INSTALLTIME);
	p->installtid = (int64_t)headerGetNumber(h, RPMTAG_INSTALLTID);
	p->buildtime = (int64_t)headerGetNumber(h, RPMTAG_BUILDTIME);
	p->size = headerGetNumber(h, RPMTAG_LONGSIZE);
	p->digest_algo = headerIsEntry(h, RPMTAG_FILEDIGESTALGO)
				 ? (uint8_t)headerGetNumber(h, RPMTAG_FILEDIGESTALGO)
				 : DIGEST_MD5;
	p->beside = stands_beside(h);
	p->scriptlets = scriptlets_of(h);
	hdr_presets_read(h, &p->presets);
	strings_of(h, RPMTAG_TRIGGERNAME, &p->triggers);
	strings_of(h, RPMTAG_FILETRIGGERNAME, &p->filetriggers);
	strings_of(h, RPMTAG_TRANSFILETRIGGERNAME, &p->filetriggers);
	strlist_sort_unique(&p->filetriggers);
}

int hdr_read(Header h, enum hdr_detail detail, const char *what, struct pkg **ret,
	     struct error *err)
{
	return hdr_read_installed(h, 0, detail, what, ret, err);
}

int hdr_read_installed(Header h, uint32_t instance, enum hdr_detail detail,
		       const char *what, struct pkg **ret, struct error *err)
{
	struct pkg *p;

	if (headerIsSource(h))
		return err_set(err, ERR_FAILED, "%s: a source package", what);
	p = pkg_new();
	p->instance = instance;
	identity_of(p, h);
	if (!nevra_is_good(&p->id)) {
		pkg_free(p);
		return err_set(
			err, ERR_FAILED,
			"%s: the header is damaged: name, version, release or arch is missing "
			"or holds characters that cannot be there",
			what);
	}
	if (detail == HDR_FILES && hdr_files_read(h, p, err)) {
		err_prefix(err, "%s: the header is damaged", what);
		pkg_free(p);
		return -1;
	}
	/* of those that are installed the files themselves tell */
	if (detail == HDR_FILES && !instance)
		hdr_filesigs_read(h, p);
	*ret = p;
	return 0;
}

/* What is confined has children for this: rpm/reader.h. */
static void check_place(void)
{
	if (confine_stands().confined && !confine_is_child())
		BUG("a header is read where a root could be changed");
}

int hdr_read_file(int fd, const char *what, Header *ret, struct error *err)
{
	cleanup_ts rpmts ts = NULL;
	cleanup_rpmfd FD_t rfd = NULL;
	cleanup_header Header h = NULL;
	struct librpm_log log;
	struct frame frame;

	check_place();
	if (librpm_init(err) || frame_read(fd, what, &frame, err))
		return -1;
	if (frame.state == FRAME_NOT_A_PACKAGE)
		return err_set(err, ERR_FAILED, "%s: not an rpm package", what);
	if (frame.state == FRAME_DAMAGED)
		return err_set(err, ERR_FAILED,
			       "%s: damaged: no header where it ought to be", what);
	/* a payload that is cut short does not matter here */
	if (frame.payload_at == 0 || frame.file_size < frame.payload_at)
		return err_set(err, ERR_FAILED, "%s: truncated in its header", what);
	rfd = librpm_fdopen(fd, 0, "r.ufdio");
	if (!rfd)
		return err_errno(err, "cannot read '%s'", what);
	ts = librpm_ts();
	librpm_log_begin(&log);
	rpmReadPackageFile(ts, rfd, what, &h);
	librpm_log_end(&log);
	if (!h)
		err_set(err, ERR_FAILED, "%s: the header is damaged%s%s", what,
			log.errors.n ? ": " : "", log.errors.n ? log.errors.v[0] : "");
	librpm_log_release(&log);
	if (!h || hdr_merge_late(h, fd, &frame, what, err))
		return -1;
	*ret = steal_ptr(h);
	return 0;
}

Header hdr_import(const void *blob, size_t n, const char *what, struct error *err)
{
	Header h = NULL;

	check_place();
	if (n >= 16 && n < UINT32_MAX)
		h = headerImport((void *)blob, (unsigned)n, HEADERIMPORT_COPY);
	if (!h)
		err_set(err, ERR_FAILED,
			"%s is damaged: librpm cannot make sense of its header", what);
	return h;
}

void *hdr_export(Header h, size_t *ret_n)
{
	unsigned n = 0;
	void *blob = headerExport(h, &n);

	*ret_n = n;
	return blob;
}

bool hdr_signed_bytes(Header h, struct buf *ret)
{
	struct rpmtd_s td;
	bool has = headerGet(h, RPMTAG_HEADERIMMUTABLE, &td, HEADERGET_DEFAULT);

	buf_clear(ret);
	if (!has)
		return false;
	buf_add(ret, header_magic, sizeof(header_magic));
	if (td.data)
		buf_add(ret, td.data, td.count);
	rpmtdFreeData(&td);
	return ret->n > sizeof(header_magic);
}

static bool digest_region(Header h, int algo, struct digest *ret)
{
	cleanup_buf struct buf bytes = {0};
	struct digester *d;
	bool has = hdr_signed_bytes(h, &bytes);

	*ret = (struct digest){0};
	d = digester_new(algo);
	if (d && has) {
		digester_update(d, bytes.s, bytes.n);
		digester_finish(d, ret);
	} else {
		digester_free(d);
	}
	return has;
}

void hdr_digest(Header h, struct digest *ret)
{
	cleanup_free void *blob = NULL;
	struct digester *d;
	size_t n;

	if (digest_region(h, DIGEST_SHA256, ret))
		return;
	d = digester_new(DIGEST_SHA256);
	blob = hdr_export(h, &n);
	if (!d || !blob) {
		digester_free(d);
		return;
	}
	digester_update(d, blob, n);
	digester_finish(d, ret);
}

bool hdr_is_sound(Header h, const struct digest *digest)
{
	const char *want = headerGetString(h, RPMTAG_SHA256HEADER);
	cleanup_buf struct buf hex = {0};
	struct digest sha1;

	if (!headerIsEntry(h, RPMTAG_HEADERIMMUTABLE))
		return true;
	if (!want) {
		want = headerGetString(h, RPMTAG_SHA1HEADER);
		if (!want || !digest_region(h, DIGEST_SHA1, &sha1))
			return true;
		digest = &sha1;
	}
	if (digest->algo == DIGEST_NONE)
		return true;
	buf_hex(&hex, digest->bytes, digest->len);
	return strcasecmp(hex.s, want) == 0;
}

/* Packet n of a tag that holds one as bytes, or several as base64 text. */
static bool packet_of(Header h, rpmTagVal tag, unsigned *n, struct buf *ret)
{
	struct rpmtd_s td;
	const char *text;
	bool found = false;

	if (!headerGet(h, tag, &td, HEADERGET_MINMEM))
		return false;
	if (td.type == RPM_BIN_TYPE && td.data && td.count > 0) {
		found = *n == 0;
		if (found)
			buf_add(ret, td.data, td.count);
		*n -= !found;
	} else {
		while (!found && (text = rpmtdNextString(&td))) {
			void *packet = NULL;
			size_t size = 0;

			if (rpmBase64Decode(text, &packet, &size) == 0 && size > 0) {
				found = *n == 0;
				if (found)
					buf_add(ret, packet, size);
				*n -= !found;
			}
			free(packet);
		}
	}
	rpmtdFreeData(&td);
	return found;
}

enum hdr_signature_kind hdr_signature(Header h, bool header_only, unsigned i,
				      struct buf *ret)
{
	enum { OF_HEADER = 3 };
	static const rpmTagVal tags[] = {RPMTAG_RSAHEADER, RPMTAG_DSAHEADER,
					 COMPAT_TAG_OPENPGP, RPMTAG_SIGPGP,
					 RPMTAG_SIGGPG};

	buf_clear(ret);
	for (size_t t = 0; t < (header_only ? OF_HEADER : ELEMENTSOF(tags)); t++)
		if (packet_of(h, tags[t], &i, ret))
			return tags[t] == COMPAT_TAG_OPENPGP ? HDR_SIGNATURE_6
							     : HDR_SIGNATURE;
	return HDR_NO_SIGNATURE;
}

bool hdr_digests_payload(Header h)
{
	return headerIsEntry(h, COMPAT_TAG_PAYLOADDIGEST) &&
	       (headerIsEntry(h, RPMTAG_SHA256HEADER) ||
		headerIsEntry(h, RPMTAG_SHA1HEADER));
}

char *hdr_pubkey(Header h)
{
	const char *name = headerGetString(h, RPMTAG_NAME);
	const char *text = headerGetString(h, RPMTAG_DESCRIPTION);

	if (!name || strcmp(name, "gpg-pubkey") != 0 || !text)
		return NULL;
	return xstrdup(text);
}
