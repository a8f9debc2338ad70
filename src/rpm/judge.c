/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/judge.h"

#include <inttypes.h>
#include <time.h>

/* Clocks of builders and rescue systems may differ by so much without anybody being wrong. */
#define CLOCK_SLACK (24 * 60 * 60)

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {
#define X(id, name) [id] = name,
		VERDICTS(X)
#undef X
	};

	return names[v];
}

void trust_report_release(struct trust_report *t)
{
	free(t->keyid);
	free(t->signer);
	free(t->text);
	*t = (struct trust_report){0};
}

static char *date(int64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[40] = "?";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm);
	return xstrdup(text);
}

/*
 * The end of ": RESULT" in one of librpm's lines that speak of subject, in its own words (rpmvs.c:
 * rpmsinfoMsg()): "Header V4 RSA/SHA256 Signature, key ID 4270a7f3: OK", of rpm 6 "Header OpenPGP V4
 * RSA/SHA256 signature, key fingerprint: 0123...: OK", "Payload SHA256 digest: BAD (Expected 1 != 2)".
 */
static const char *line_says(const char *line, const char *subject, const char *result)
{
	cleanup_free char *tail = xasprintf(": %s", result);
	const char *at = strstr(line, tail);

	if (!at || !memmem(line, (size_t)(at - line), subject, strlen(subject)))
		return NULL;
	at += strlen(tail);
	return *at == '\0' || *at == ' ' ? at : NULL;
}

/* The line without what stands in parentheses behind it; the caller frees; NULL: there is none. */
static char *find_line(const struct strlist *lines, const char *subject,
		       const char *result)
{
	for (uint32_t i = 0; lines && i < lines->n; i++) {
		const char *s = lines->v[i] + strspn(lines->v[i], " \t");
		const char *end = line_says(s, subject, result);

		if (end)
			return xstrndup(s, (size_t)(end - s));
	}
	return NULL;
}

static bool has_line(const struct strlist *lines, const char *subject, const char *result)
{
	cleanup_free char *line = find_line(lines, subject, result);

	return line != NULL;
}

/* Sequoia's words, under a crypto policy that refuses an algorithm. */
static bool policy_refused(const struct strlist *lines)
{
	static const char *const words[] = {"olicy reject", "not considered secure"};

	for (uint32_t i = 0; lines && i < lines->n; i++)
		for (size_t k = 0; k < ELEMENTSOF(words); k++)
			if (strstr(lines->v[i], words[k]))
				return true;
	return false;
}

bool judge_key_was_good(const struct keyring_key *key, const struct pgp_sig *sig)
{
	return !key->revoked && sig->created <= key->expires;
}

static void say(struct trust_report *r, enum verdict v, char *text)
{
	r->verdict = v;
	r->text = text;
}

static void judge_unsigned(const struct judge_facts *f, struct trust_report *r)
{
	if (f->frame.openpgp)
		say(r, TRUST_UNSIGNED,
		    xasprintf(
			    "%s has signatures as of rpm 6 of a kind that librpm of this host does "
			    "not know, and no others; a host with a newer rpm can check them, or "
			    "--allow-unsigned lets it through unchecked",
			    f->what));
	else
		say(r, TRUST_UNSIGNED,
		    xasprintf("%s is not signed; --allow-unsigned lets it through",
			      f->what));
}

static void judge_no_key(const struct judge_facts *f, struct trust_report *r)
{
	const char *id = *f->sig->keyid ? f->sig->keyid : "unknown";

	if (f->key)
		say(r, TRUST_NO_KEY,
		    xasprintf(
			    "%s is signed with a key that is not trusted (id %s; the root has it as "
			    "'%s', see --trust-root-keys)",
			    f->what, id, f->key->uid));
	else
		say(r, TRUST_NO_KEY,
		    xasprintf(
			    "%s is signed with a key that is not at hand (id %s; give it with --key)",
			    f->what, id));
}

static void judge_key(const struct judge_facts *f, struct trust_report *r)
{
	cleanup_free char *made = date(f->sig->created), *until = date(f->key->expires),
			  *clock = date(f->now);

	if (f->key->revoked)
		say(r, TRUST_EXPIRED,
		    xasprintf("%s is signed with a revoked key (id %s, '%s')", f->what,
			      f->sig->keyid, f->key->uid));
	else
		say(r, TRUST_EXPIRED,
		    xasprintf(
			    "%s is signed with an expired key (id %s, '%s'): signature made at %s, "
			    "key good until %s, this host's clock says %s",
			    f->what, f->sig->keyid, f->key->uid, made, until, clock));
}

static void judge_times(const struct judge_facts *f, struct trust_report *r)
{
	cleanup_free char *made = date(f->sig->created), *until = date(f->sig->expires),
			  *clock = date(f->now);

	if (f->sig->created > f->now + CLOCK_SLACK)
		say(r, TRUST_EXPIRED,
		    xasprintf(
			    "%s is signed in the future: signature made at %s, this host's clock "
			    "says %s; set the clock",
			    f->what, made, clock));
	else
		say(r, TRUST_EXPIRED,
		    xasprintf(
			    "the signature of %s has expired: made at %s, good until %s, this host's "
			    "clock says %s",
			    f->what, made, until, clock));
}

static void judge_refused(const struct judge_facts *f, struct trust_report *r)
{
	cleanup_free char *line = find_line(f->lines, "ignature", "BAD");

	if (!f->hash_known || policy_refused(f->lines))
		say(r, TRUST_OLD_ALGORITHM,
		    xasprintf(
			    "the signature of %s is made with %s and %s, which this host's crypto "
			    "refuses as too old; a host with another policy can check it",
			    f->what, pgp_pubkey_name(f->sig->pubkey_algo),
			    pgp_hash_name(f->sig->hash_algo)));
	else if (f->sig->created > f->now + CLOCK_SLACK || f->sig->expires < f->now)
		judge_times(f, r);
	else if (!line && has_line(f->lines, "ignature", "OK"))
		say(r, TRUST_BAD,
		    xasprintf(
			    "the signature of %s covers only a part of it: other signatures "
			    "or digests that vouch for the rest are not there",
			    f->what));
	else
		say(r, TRUST_BAD,
		    xasprintf(
			    "the signature of %s is bad: it is not the package that was signed%s%s",
			    f->what, line ? "; librpm says: " : "", line ? line : ""));
}

static void judge_signed(const struct judge_facts *f, struct trust_report *r)
{
	r->keyid = *f->sig->keyid ? xstrdup(f->sig->keyid) : NULL;
	/* what does not even look like a signature over this package needs no key to be seen */
	if (!f->key && has_line(f->lines, "ignature", "BAD"))
		judge_refused(f, r);
	else if (!f->key || !f->key->trusted)
		judge_no_key(f, r);
	else if (!judge_key_was_good(f->key, f->sig))
		judge_key(f, r);
	else if (f->accepted && f->sig->expires < f->now)
		judge_times(f, r);
	else if (!f->accepted)
		judge_refused(f, r);
	else
		r->verdict = TRUST_OK;
	if (f->key && f->key->trusted)
		r->signer = xstrdup(f->key->uid);
}

void judge(const struct judge_facts *f, struct trust_report *ret)
{
	const struct frame *frame = &f->frame;
	cleanup_free char *bad_digest = find_line(f->lines, "digest", "BAD");

	*ret = (struct trust_report){0};
	if (frame->state == FRAME_NOT_A_PACKAGE)
		say(ret, TRUST_NOT_A_PACKAGE,
		    xasprintf("%s is not an rpm package", f->what));
	else if (frame->state == FRAME_TRUNCATED && frame->want_size > frame->file_size)
		say(ret, TRUST_TRUNCATED,
		    xasprintf("%s is truncated: %" PRIu64 " bytes of %" PRIu64
			      "; get it again",
			      f->what, frame->file_size, frame->want_size));
	else if (frame->state == FRAME_TRUNCATED)
		say(ret, TRUST_TRUNCATED,
		    xasprintf("%s is truncated in its headers; get it again", f->what));
	else if (frame->state == FRAME_TOO_LONG)
		say(ret, TRUST_BAD,
		    xasprintf("%s is damaged: it has %" PRIu64
			      " bytes, and by its headers %" PRIu64 "; get it again",
			      f->what, frame->file_size, frame->want_size));
	else if (frame->state == FRAME_DAMAGED)
		say(ret, TRUST_BAD,
		    xasprintf("%s is damaged: no header where it ought to be", f->what));
	else if (f->damage)
		say(ret, TRUST_BAD, xasprintf("%s is damaged: %s", f->what, f->damage));
	else if (bad_digest)
		say(ret, TRUST_BAD,
		    xasprintf(
			    "%s is damaged: its content is not what its digest says; librpm says: %s",
			    f->what, bad_digest));
	else if (!f->sig)
		judge_unsigned(f, ret);
	else
		judge_signed(f, ret);
}
