/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rpm/rpmkeyring.h>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/scratch.h"
#include "rpm/armor.h"
#include "rpm/db.h"
#include "rpm/db_copy.h"
#include "rpm/librpm.h"
#include "rpm/pgp.h"
#include "rpm/reader.h"

#define KEY_FILE_MAX (4 << 20)
#define PKI_FOLDER   "etc/pki/rpm-gpg"
/*
 * Beside the rpmdb, where rpm 6 keeps keys as files if %_keyring says so (lib/keystore.cc): "fs" as
 * gpg-pubkey-FINGERPRINT.key, "openpgp" on shelves, 01/23456789...: the first two digits, the others.
 */
#define STORE "pubkeys"

struct keyring {
	rpmKeyring ring;
	ARRAY(struct keyring_key) keys;
	uint32_t trusted;
};

struct keyring *keyring_new(void)
{
	struct keyring *k = xcalloc(1, sizeof(*k));

	k->ring = rpmKeyringNew();
	return k;
}

void keyring_free(struct keyring *k)
{
	if (!k)
		return;
	for (uint32_t i = 0; i < k->keys.n; i++) {
		free(k->keys.v[i].uid);
		free(k->keys.v[i].origin);
	}
	array_release(&k->keys);
	rpmKeyringFree(k->ring);
	free(k);
}

uint32_t keyring_count(const struct keyring *k)
{
	return k->trusted;
}

rpmKeyring keyring_ring(const struct keyring *k)
{
	return k->ring;
}

const struct keyring_key *keyring_find(const struct keyring *k, const char *keyid)
{
	const struct keyring_key *found = NULL;

	for (uint32_t i = 0; i < k->keys.n; i++)
		if (strcmp(k->keys.v[i].keyid, keyid) == 0 &&
		    (!found || k->keys.v[i].trusted))
			found = &k->keys.v[i];
	return found;
}

const struct keyring_key *keyring_at(const struct keyring *k, uint32_t i)
{
	return i < k->keys.n ? &k->keys.v[i] : NULL;
}

/* --- certificates --------------------------------------------------------------------------------------- */

/* Gives the certificate to librpm. false: librpm cannot use it. */
static bool give_to_librpm(struct keyring *k, const uint8_t *p, size_t n)
{
	struct librpm_log log;
	rpmPubkey key, *subkeys;
	int count = 0;

	librpm_log_begin(&log);
	key = rpmPubkeyNew(p, n);
	if (key) {
		rpmKeyringAddKey(k->ring, key);
		subkeys = rpmGetSubkeys(key, &count);
		for (int i = 0; i < count; i++) {
			rpmKeyringAddKey(k->ring, subkeys[i]);
			rpmPubkeyFree(subkeys[i]);
		}
		free(subkeys);
	}
	librpm_log_end(&log);
	librpm_log_release(&log);
	rpmPubkeyFree(key);
	return key != NULL;
}

/* Primary keys added. */
static uint32_t add_certificates(struct keyring *k, const uint8_t *p, size_t n,
				 const char *origin, bool trusted)
{
	uint32_t added = 0;

	while (n > 0) {
		struct pgp_cert c = {0};
		bool usable;
		size_t used;

		if (pgp_cert_read(p, n, &c, &used))
			break;
		usable = trusted && give_to_librpm(k, p, used);
		if (trusted && !usable)
			log_info("librpm of this host cannot use the key %s in '%s'",
				 c.keys.v[0].keyid, origin);
		for (uint32_t i = 0; i < c.keys.n && (usable || !trusted); i++) {
			struct keyring_key *g = array_push(&k->keys);

			memcpy(g->keyid, c.keys.v[i].keyid, sizeof(g->keyid));
			g->uid = xstrdup(c.uid);
			g->origin = xstrdup(origin);
			g->created = c.keys.v[i].created;
			/* a subkey is no better than its primary key */
			g->expires = MIN(c.keys.v[i].expires, c.keys.v[0].expires);
			g->revoked = c.keys.v[i].revoked || c.keys.v[0].revoked;
			g->trusted = trusted;
		}
		if (usable)
			k->trusted++;
		added += usable || !trusted;
		pgp_cert_release(&c);
		p += used;
		n -= used;
	}
	return added;
}

/* Armored blocks anywhere in a text, or one run of packets. */
static uint32_t add_bytes(struct keyring *k, const struct buf *b, const char *origin,
			  bool trusted)
{
	static const char mark[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
	uint32_t added = 0;

	if (b->n == 0)
		return 0;
	if ((uint8_t)b->s[0] & 0x80)
		return add_certificates(k, (const uint8_t *)b->s, b->n, origin, trusted);
	for (const char *at = b->s; (at = strstr(at, mark)); at += sizeof(mark) - 1) {
		size_t n = 0;
		uint8_t *packets = armor_read(at, "PUBLIC KEY BLOCK", &n);

		if (packets)
			added += add_certificates(k, packets, n, origin, trusted);
		free(packets);
	}
	return added;
}

/* --- files of the host ------------------------------------------------------------------------------------ */

static bool is_shelf(const char *name)
{
	return strlen(name) == 2 && strspn(name, "0123456789abcdef") == 2;
}

static bool is_folder(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static int read_fd(int fd, struct buf *ret)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_size > KEY_FILE_MAX) {
		errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
		return -1;
	}
	do {
		char block[16384];

		n = file_read_full(fd, block, sizeof(block));
		if (n > 0)
			buf_add(ret, block, (size_t)n);
	} while (n > 0 && ret->n <= KEY_FILE_MAX);
	return n < 0 ? -1 : 0;
}

/* Keys found in a folder, and on its shelves; names that hold none are passed over. -1: cannot be read. */
static int64_t add_folder(struct keyring *k, const char *path, int fd, bool has_shelves)
{
	cleanup_closedir DIR *d = fdopendir(fd);
	struct dirent *e;
	int64_t added = 0;

	if (!d)
		return -1;
	while ((e = readdir(d))) {
		cleanup_free char *file = xasprintf("%s/%s", path, e->d_name);
		cleanup_buf struct buf b = {0};
		cleanup_close int in = -1;

		if (e->d_name[0] == '.')
			continue;
		in = openat(dirfd(d), e->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (in >= 0 && has_shelves && is_shelf(e->d_name) && is_folder(in)) {
			int64_t n = add_folder(k, file, steal_fd(&in), false);

			added += n > 0 ? n : 0;
		} else if (in < 0 || read_fd(in, &b)) {
			log_debug("no key from '%s': %m", file);
		} else {
			added += add_bytes(k, &b, file, true);
		}
	}
	return added;
}

/* -1 with errno where there is nothing to read, else the number of keys. */
static int64_t add_host_path(struct keyring *k, const char *path)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	cleanup_buf struct buf b = {0};

	if (fd < 0)
		return -1;
	if (is_folder(fd))
		return add_folder(k, path, steal_fd(&fd), true);
	return read_fd(fd, &b) ? -1 : (int64_t)add_bytes(k, &b, path, true);
}

int keyring_add_path(struct keyring *k, const char *path, struct error *err)
{
	int64_t n;

	if (librpm_init(err))
		return -1;
	n = add_host_path(k, path);
	if (n < 0) {
		cleanup_free char *why = xstrdup(strerror(errno));

		return err_set(err, ERR_USAGE, "cannot read keys from '%s': %s", path,
			       why);
	}
	if (n == 0)
		return err_set(err, ERR_USAGE,
			       "'%s' holds no OpenPGP key that librpm can use", path);
	return 0;
}

/* --- keys in a database ------------------------------------------------------------------------------------ */

struct from_db {
	struct keyring *keyring;
	const char *origin;
	bool trusted;
};

static int take_pubkey(void *ctx, uint32_t instance _unused_, struct head *h,
		       const char *why _unused_, struct error *err _unused_)
{
	struct from_db *f = ctx;
	cleanup_buf struct buf b = {0};

	if (!h || !h->key)
		return 0;
	buf_str(&b, h->key);
	add_bytes(f->keyring, &b, f->origin, f->trusted);
	return 0;
}

/* The host's own database: copied as the root's is, so that reading it leaves no trace either. */
static void add_host_db(struct keyring *k, const char *folder)
{
	for (size_t i = 0; i < ELEMENTSOF(db_find_kinds); i++) {
		cleanup_free char *path =
			xasprintf("%s/%s", folder, db_find_kinds[i].file);
		struct from_db f = {k, path, true};
		struct error why = ERROR_INIT;
		struct scratch *s = NULL;
		int rc = db_copy_host(folder, &db_find_kinds[i], &s, &why);

		if (rc > 0) {
			const struct reader_db db = {s->path, db_find_kinds[i].backend};

			rc = reader_rows(&db, HEAD_KEY, take_pubkey, &f, &why);
		}
		if (rc < 0)
			log_info("no keys from this host's rpmdb '%s': %s", path,
				 why.msg);
		err_release(&why);
		scratch_free(s);
	}
}

/* Where Debian's rpm keeps what `rpm --import` brings. The home is the one of the user who we are, whatever
 * $HOME says: under sudo that may be somebody else's. */
static void add_home_db(struct keyring *k)
{
	const struct passwd *user = getpwuid(geteuid());
	cleanup_free char *folder = NULL;
	struct stat st;

	if (!user || !user->pw_dir || user->pw_dir[0] != '/')
		return;
	folder = xasprintf("%s/.rpmdb", user->pw_dir);
	if (stat(folder, &st) == 0 && st.st_uid == geteuid())
		add_host_db(k, folder);
}

int keyring_add_host(struct keyring *k, struct error *err)
{
	if (librpm_init(err))
		return -1;
	for (size_t i = 0; i < ELEMENTSOF(db_find_folders); i++) {
		cleanup_free char *folder = xasprintf("/%s", db_find_folders[i]);
		cleanup_free char *files = xasprintf("%s/" STORE, folder);

		add_host_db(k, folder);
		add_host_path(k, files);
	}
	add_home_db(k);
	add_host_path(k, "/" PKI_FOLDER);
	return 0;
}

static void add_root_file(struct keyring *k, struct root *r, const char *named,
			  bool trusted)
{
	cleanup_free char *packaged = xasprintf("/%s", named), *path = NULL;
	cleanup_buf struct buf b = {0};

	if (root_resolve(r, packaged, true, &path, NULL) == 0 &&
	    root_read_file(r, path, KEY_FILE_MAX, &b) == 0)
		add_bytes(k, &b, named, trusted);
}

static void add_root_folder(struct keyring *k, struct root *r, const char *folder,
			    bool trusted, bool has_shelves)
{
	cleanup_free char *packaged = xasprintf("/%s", folder), *dir = NULL;
	struct strlist names = {0};

	if (root_resolve(r, packaged, true, &dir, NULL) || root_list(r, dir, &names))
		return;
	for (uint32_t i = 0; i < names.n; i++) {
		cleanup_free char *named = path_join(dir, names.v[i]);

		if (has_shelves && is_shelf(names.v[i]))
			add_root_folder(k, r, named, trusted, false);
		else
			add_root_file(k, r, named, trusted);
	}
	strlist_release(&names);
}

int keyring_add_root(struct keyring *k, struct root *r, struct db *db, bool trusted,
		     struct error *err)
{
	struct from_db f = {k, "the root's rpmdb", trusted};

	if (librpm_init(err))
		return -1;
	add_root_folder(k, r, PKI_FOLDER, trusted, false);
	for (size_t i = 0; i < ELEMENTSOF(db_find_folders); i++) {
		cleanup_free char *keys = xasprintf("%s/" STORE, db_find_folders[i]);

		add_root_folder(k, r, keys, trusted, true);
	}
	return db ? db_heads(db, HEAD_KEY, take_pubkey, &f, err) : 0;
}
