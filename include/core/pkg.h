/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_PKG_H
#define PUTBACK_CORE_PKG_H
/*
 * A package: who it is, and the files it brings. Made by rpm/hdr from a header; everything in it
 * lives in its own arena. Nothing here knows librpm; the numbers are rpm's (rpmfiles.h, rpmtag.h).
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"
#include "base/digest.h"
#include "core/filesig.h"

/* RPMFILE_* attribute bits (rpmfiles.h: enum rpmfileAttrs_e) */
enum {
	FILE_CONFIG = 1 << 0,
	FILE_DOC = 1 << 1,
	FILE_MISSINGOK = 1 << 3,
	FILE_NOREPLACE = 1 << 4,
	FILE_GHOST = 1 << 6,
	FILE_LICENSE = 1 << 7,
	FILE_README = 1 << 8,
	FILE_PUBKEY = 1 << 11,
	FILE_ARTIFACT = 1 << 12
};

/* Install state of a file (rpmfiles.h: enum rpmfileState_e) */
enum file_state {
	STATE_NORMAL = 0,
	STATE_REPLACED = 1,
	STATE_NOTINSTALLED = 2,
	STATE_NETSHARED = 3,
	STATE_WRONGCOLOR = 4
};

#define EPOCH_NONE (-1)

struct nevra {
	const char *name, *version, *release,
		*arch; /* arch "" where there is none (gpg-pubkey) */
	int64_t epoch; /* EPOCH_NONE: no epoch, which compares as 0 */
};

struct arena;
/* All strings copied; a NULL becomes "". */
struct nevra nevra_dup(struct arena *mem, const struct nevra *id);

struct pkgfile {
	const char *
		dir; /* "/usr/lib/", with both slashes, as in DIRNAMES; shared among files */
	const char *base; /* "libc.so.6"; "" for the root directory itself */
	uint32_t mode;	  /* with the type bits */
	uint32_t flags;	  /* FILE_* */
	uint32_t color;	  /* 1: ELF32, 2: ELF64, 0: none */
	uint32_t rdev;	  /* low 16 bits count: major << 8 | minor */
	uint64_t size;
	int64_t mtime; /* seconds */
	uint8_t state; /* enum file_state; STATE_NORMAL in a package that is not installed */
	uint8_t digest_len, caps_len;
	const uint8_t *digest; /* algorithm: pkg.digest_algo; NULL where there is none */
	const uint8_t *caps;   /* value of security.capability, or NULL */
	const char *link;      /* target of a symlink, else "" */
	const char *user, *group;
	const char *langs; /* "de|fr", or "" */
	uint32_t
		link_first; /* index of the first file of the same hard-link set; itself if alone */
	uint32_t link_count; /* members of that set in this package */
};

/* Kinds of scriptlets that rpm would run; bits of pkg.scriptlets. Name as in a spec file. */
#define SCRIPTLETS(X)                            \
	X(SCRIPT_PRETRANS, 0, "%pretrans")       \
	X(SCRIPT_PRE, 1, "%pre")                 \
	X(SCRIPT_POST, 2, "%post")               \
	X(SCRIPT_PREUN, 3, "%preun")             \
	X(SCRIPT_POSTUN, 4, "%postun")           \
	X(SCRIPT_POSTTRANS, 5, "%posttrans")     \
	X(SCRIPT_PREUNTRANS, 6, "%preuntrans")   \
	X(SCRIPT_POSTUNTRANS, 7, "%postuntrans") \
	X(SCRIPT_TRIGGER, 8, "%trigger")         \
	X(SCRIPT_FILETRIGGER, 9, "%filetrigger") \
	X(SCRIPT_TRANSFILETRIGGER, 10, "%transfiletrigger")

enum scriptlet {
#define X(id, bit, name) id = 1 << (bit),
	SCRIPTLETS(X)
#undef X
};

struct pkg {
	struct arena mem;
	struct nevra id;
	const char *nevra;  /* "bash-5.2.15-2.x86_64", with the epoch where it is not 0:
			       "dnf-0:4..." is written without, "bind-32:9..." with */
	const char *vendor; /* "" where there is none */
	const char *summary;
	const char
		*stream; /* "NAME:STREAM" of the module that it is built for; "": none; NULL: not known */
	const char *sourcerpm;
	const char *keyid;	/* 16 hex digits of the signer's key id, "" if unsigned */
	const char *compressor; /* of the payload: "gzip", "xz", ... */
	struct digest
		hdrdigest; /* SHA-256 of the immutable header region, computed, not believed */
	bool beside; /* stands beside other versions of its name, never in their place */
	uint32_t instance;   /* number in the rpmdb; 0: not installed */
	int64_t installtime; /* seconds; 0: not installed */
	int64_t installtid;
	int64_t buildtime;
	uint64_t size;		     /* installed bytes by the header */
	uint8_t digest_algo;	     /* of the files' digests */
	uint32_t scriptlets;	     /* enum scriptlet bits */
	struct strlist presets;	     /* units that its %post has presets decide on */
	struct strlist triggers;     /* names of packages its %trigger* watch */
	struct strlist filetriggers; /* path prefixes its file triggers watch */
	struct strlist
		langs_installed; /* INSTALL_LANGS of the rpmdb's header, rarely set */
	const struct filesig *filesigs; /* one per file, of what is not installed; NULL: none */
	ARRAY(struct pkgfile)
	files; /* in header order (sorted by path within rpm's rules) */
};

struct pkg *pkg_new(void);
void pkg_free(struct pkg *p);
/* "/usr/lib/libc.so.6"; into buf, which is cleared first; returns buf->s */
struct buf;
const char *pkgfile_path(const struct pkgfile *f, struct buf *buf);
/*
 * What the planner relies on, whoever read it: a directory is absolute, ends in a slash, and holds neither an
 * empty name nor "." nor ".."; a base name is one name, or "" for the root directory itself; a label
 * (name, version, release, arch; n bytes) has no slash and no blank.
 */
bool pkg_dir_is_good(const char *dir);
bool pkg_base_is_good(const char *dir, const char *base);
bool pkg_label_is_good(const char *s, size_t n);
/* gpg-pubkey and other headers that no package file stands for */
bool pkg_is_pseudo(const struct pkg *p);

/* name, epoch (none is 0), version, release, arch all the same */
bool nevra_is_same(const struct nevra *a, const struct nevra *b);
/* each part is a good label; an arch may be missing */
bool nevra_is_good(const struct nevra *n);
/* by name, then arch, then epoch, version, release as strings: an order, not rpm's "newer" */
int nevra_cmp(const struct nevra *a, const struct nevra *b);
/* A text that those share which nevra_is_same() says are, for a strmap. In mem. */
const char *nevra_key(struct arena *mem, const struct nevra *n);
/* "name-[epoch:]version-release[.arch]"; the caller frees */
char *nevra_string(const struct nevra *n);
/*
 * Splits "name-[e:]v-r.arch" at its last dashes and dot. Pieces live in the arena. Returns -1 where
 * the text has no two dashes. Also reads "e:name-v-r.arch" as yum wrote it.
 */
int nevra_parse(struct arena *a, const char *text, struct nevra *ret);

/* A set of packages that owns its members. */
struct pkgset {
	struct pkg **v;
	uint32_t n, cap;
};
void pkgset_take(struct pkgset *s, struct pkg *p);
void pkgset_sort(struct pkgset *s); /* by nevra_cmp, then instance */
struct pkg *pkgset_find(const struct pkgset *s, const struct nevra *id);
/* Whether the record of an installed package is among them: not only its NEVRA. s NULL: no. */
bool pkgset_holds(const struct pkgset *s, const struct pkg *p);
void pkgset_release(struct pkgset *s);

#endif
