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

/*
 * What an rpm before 4.18 leaves that was killed when it had made a configuration file in its place, and nothing in it
 * yet (lib/fsm.c: expandRegular(), wfd_open()): nobody's work is in that.
 */
static bool is_unfinished(const struct pkgfile *f, const struct fact *disk)
{
	return disk->type == FT_REG && !disk->size && (disk->attr.mode & 07777) == 0200 &&
	       (f->mode & 07777) != 0200;
}

bool fate_is_edited(const struct pkgfile *f, uint8_t algo, const struct fact *disk)
{
	enum ftype what = ftype_of_mode(f->mode);

	if (!(f->flags & FILE_CONFIG) || disk->type == FT_NONE || is_unfinished(f, disk))
		return false;
	/* rpm calls these edited whatever they are, and would move a directory away with all that is
	 * in it; nobody edits a device */
	if (what != FT_REG && what != FT_LNK)
		return false;
	if ((f->flags & FILE_GHOST) || disk->type != what)
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
static enum fate decide(const struct pkgfile *from, uint8_t from_algo,
			const struct pkgfile *to, uint8_t to_algo,
			const struct fact *disk)
{
	enum ftype was = ftype_of_mode(from->mode), will = ftype_of_mode(to->mode);
	bool same;

	if (disk->type == FT_NONE)
		return to->flags & FILE_MISSINGOK ? FATE_MISSINGOK : FATE_CREATE;
	if (is_unfinished(to, disk))
		return FATE_CREATE;
	if (was == FT_REG) {
		if (disk->type == FT_REG && will == FT_REG &&
		    fate_digest_matches(to, to_algo, disk))
			return FATE_TOUCH;
		if (disk->type == FT_REG && fate_digest_matches(from, from_algo, disk))
			return FATE_CREATE;
		same = will == FT_REG && same_packaged(from, from_algo, to, to_algo);
	} else if (was == FT_LNK) {
		if (disk->type == FT_LNK && will == FT_LNK && target_matches(to, disk))
			return FATE_TOUCH;
		if (disk->type == FT_LNK && target_matches(from, disk))
			return FATE_CREATE;
		same = will == FT_LNK && strcmp(from->link, to->link) == 0;
	} else {
		return FATE_CREATE;
	}
	if (!(to->flags & FILE_CONFIG))
		return FATE_SAVE;
	if (same)
		return FATE_SKIP;
	return to->flags & FILE_NOREPLACE ? FATE_ALTNAME : FATE_SAVE;
}

/* A directory cannot lie beside what is kept in its place: there are files to lie in it. */
static bool can_lie_beside(const struct pkgfile *f)
{
	enum ftype t = ftype_of_mode(f->mode);

	return t == FT_REG || t == FT_LNK;
}

enum fate fate_decide(const struct pkgfile *from, uint8_t from_algo,
		      const struct pkgfile *to, uint8_t to_algo, const struct fact *disk,
		      enum config_policy policy)
{
	enum fate f;

	if (to->flags & FILE_GHOST)
		return FATE_SKIP;
	if (from)
		f = decide(from, from_algo, to, to_algo, disk);
	else if (fate_is_edited(to, to_algo, disk))
		f = to->flags & FILE_NOREPLACE ? FATE_ALTNAME : FATE_BACKUP;
	else
		f = FATE_CREATE;

	if (policy == CONFIG_KEEP && (f == FATE_SAVE || f == FATE_BACKUP))
		f = FATE_ALTNAME;
	if (policy == CONFIG_REPLACE && (f == FATE_ALTNAME || f == FATE_SKIP))
		f = from ? FATE_SAVE : FATE_BACKUP;
	if (f == FATE_ALTNAME && !can_lie_beside(to))
		f = from ? FATE_SAVE : FATE_BACKUP;
	return f;
}
