/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/fate.h"

#include <string.h>

static const char *const texts[] = {
#define X(id, text) [id] = text,
	FATES(X)
#undef X
};

const char *fate_text(enum fate f)
{
	return f < ELEMENTSOF(texts) ? texts[f] : "?";
}

bool fate_digest_matches(const struct pkgfile *f, uint8_t algo, const struct fact *disk)
{
	if (!f->digest)
		return false;
	for (unsigned i = 0; i < ELEMENTSOF(disk->digest); i++)
		if (disk->digest[i].algo == algo &&
		    disk->digest[i].len == f->digest_len &&
		    memcmp(disk->digest[i].bytes, f->digest, f->digest_len) == 0)
			return true;
	return false;
}

static bool target_matches(const struct pkgfile *f, const struct fact *disk)
{
	return disk->link && strcmp(disk->link, f->link) == 0;
}

bool fate_is_edited(const struct pkgfile *f, uint8_t algo, const struct fact *disk)
{
	enum ftype what = ftype_of_mode(f->mode);

	if (!(f->flags & FILE_CONFIG))
		return false;
	if (what != FT_REG && what != FT_LNK)
		return true; /* rpm says so too */
	if (disk->type == FT_NONE)
		return false;
	if ((f->flags & FILE_GHOST) || disk->type != what || disk->size != f->size)
		return true;
	return what == FT_REG ? !fate_digest_matches(f, algo, disk)
			      : !target_matches(f, disk);
}

static bool same_packaged(const struct pkgfile *a, uint8_t a_algo,
			  const struct pkgfile *b, uint8_t b_algo)
{
	return a_algo == b_algo && a->digest && b->digest &&
	       a->digest_len == b->digest_len &&
	       memcmp(a->digest, b->digest, a->digest_len) == 0;
}

/* An installed package that goes had the file: three-way by old package, disk and new package. */
static enum fate decide(const struct pkgfile *old, uint8_t old_algo,
			const struct pkgfile *new, uint8_t new_algo,
			const struct fact *disk)
{
	enum ftype was = ftype_of_mode(old->mode), will = ftype_of_mode(new->mode);
	bool same;

	if (disk->type == FT_NONE)
		return new->flags &FILE_MISSINGOK ? FATE_MISSINGOK : FATE_CREATE;
	if (was == FT_REG) {
		if (disk->type == FT_REG && will == FT_REG &&
		    fate_digest_matches(new, new_algo, disk))
			return FATE_TOUCH;
		if (disk->type == FT_REG && fate_digest_matches(old, old_algo, disk))
			return FATE_CREATE;
		same = will == FT_REG && same_packaged(old, old_algo, new, new_algo);
	} else if (was == FT_LNK) {
		if (disk->type == FT_LNK && will == FT_LNK && target_matches(new, disk))
			return FATE_TOUCH;
		if (disk->type == FT_LNK && target_matches(old, disk))
			return FATE_CREATE;
		same = will == FT_LNK && strcmp(old->link, new->link) == 0;
	} else {
		return FATE_CREATE;
	}
	if (!(new->flags &FILE_CONFIG))
		return FATE_SAVE;
	if (same)
		return FATE_SKIP;
	return new->flags &FILE_NOREPLACE ? FATE_ALTNAME : FATE_SAVE;
}

enum fate fate_decide(const struct pkgfile *old, uint8_t old_algo,
		      const struct pkgfile *new, uint8_t new_algo,
		      const struct fact *disk, enum config_policy policy)
{
	enum fate f;

	if (new->flags & FILE_GHOST)
		return FATE_SKIP;
	if (old)
		f = decide(old, old_algo, new, new_algo, disk);
	else if (fate_is_edited(new, new_algo, disk))
		f = new->flags &FILE_NOREPLACE ? FATE_ALTNAME : FATE_BACKUP;
	else
		f = FATE_CREATE;

	if (policy == CONFIG_KEEP && (f == FATE_SAVE || f == FATE_BACKUP))
		return FATE_ALTNAME;
	if (policy == CONFIG_REPLACE && (f == FATE_ALTNAME || f == FATE_SKIP))
		return old ? FATE_SAVE : FATE_BACKUP;
	return f;
}
