/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/xml.h"

#include <errno.h>
#include <expat.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

/* WORDS_MAX: of an attribute, or of the text of an element; no description of a package has as many */
enum { DEPTH_MAX = 32, PROLOG_MAX = 4096, WORDS_MAX = 16 * 1024 };

/* --- small documents ------------------------------------------------------------------------------------ */

struct reader {
	const struct xml_handler *h;
	void *ctx;
	XML_Parser parser;
	struct buf text;
	unsigned depth;
	const char *refused;
};

static void refuse(struct reader *r, const char *why)
{
	if (!r->refused)
		r->refused = why;
	XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL on_begin(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *r = ctx;

	if (++r->depth > DEPTH_MAX) {
		refuse(r, "is nested too deeply");
		return;
	}
	buf_clear(&r->text);
	r->h->begin(r->ctx, name, attributes);
}

static void XMLCALL on_end(void *ctx, const XML_Char *name)
{
	struct reader *r = ctx;
	const char *s = r->text.n ? r->text.s : "";
	size_t n;
	cleanup_free char *text = NULL;

	r->depth--;
	while (*s && strchr(" \t\r\n", *s))
		s++;
	n = strlen(s);
	while (n && strchr(" \t\r\n", s[n - 1]))
		n--;
	text = xstrndup(s, n);
	r->h->end(r->ctx, name, text);
	buf_clear(&r->text);
}

static void XMLCALL on_text(void *ctx, const XML_Char *s, int n)
{
	buf_add(&((struct reader *)ctx)->text, s, (size_t)n);
}

static void XMLCALL on_doctype(void *ctx, const XML_Char *name _unused_,
			       const XML_Char *sysid _unused_,
			       const XML_Char *pubid _unused_, int internal _unused_)
{
	refuse(ctx, "has a document type, which nobody needs");
}

static unsigned long line_of(XML_Parser p)
{
#ifdef HAVE_XML_GETCURRENTLINENUMBER64 /* the other one is deprecated since */
	return (unsigned long)XML_GetCurrentLineNumber64(p);
#else
	return XML_GetCurrentLineNumber(p);
#endif
}

int xml_read(const char *text, size_t n, const struct xml_handler *h, void *ctx,
	     struct error *err)
{
	struct reader r = {.h = h, .ctx = ctx};
	int rc = 0;

	if (n > INT_MAX)
		return err_set(err, ERR_FAILED, "is too long");
	r.parser = XML_ParserCreate("UTF-8");
	if (!r.parser)
		return err_set(err, ERR_FAILED, "cannot be read: no memory");
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_begin, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	if (XML_Parse(r.parser, text, (int)n, 1) != XML_STATUS_OK)
		rc = r.refused
			     ? err_set(err, ERR_FAILED, "%s", r.refused)
			     : err_set(err, ERR_FAILED, "is no proper XML: line %lu: %s",
				       line_of(r.parser),
				       XML_ErrorString(XML_GetErrorCode(r.parser)));
	XML_ParserFree(r.parser);
	buf_release(&r.text);
	return rc;
}

const char *xml_attribute(const char **attributes, const char *name)
{
	for (; attributes && *attributes; attributes += 2)
		if (!strcmp(attributes[0], name))
			return attributes[1];
	return NULL;
}

/* --- the guard ------------------------------------------------------------------------------------------- */

const char xml_too_long[] = "is longer than it may be";

struct guard {
	FILE *in;
	char *prolog; /* the beginning, which is looked at before any of it is given */
	size_t n, at;
	unsigned long long left;
	unsigned words; /* since the last "<" */
	bool blank;	/* the last byte was one */
	bool looked;
	const char **reason;
};

static int refuse_stream(struct guard *g, const char *why)
{
	*g->reason = why;
	errno = EBADMSG;
	return -1;
}

/* A declaration of a document type stands before the first element, and so does an encoding. */
static int look_at_prolog(struct guard *g)
{
	const char *p, *end, *encoding;

	g->looked = true;
	g->n = fread(g->prolog, 1, PROLOG_MAX, g->in);
	g->prolog[g->n] = '\0';
	p = g->prolog;
	if (g->n >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		p += 3;
	if (strlen(g->prolog) != g->n || *p != '<')
		return refuse_stream(g, "is no XML in UTF-8");
	while (*p == '<' && (p[1] == '?' || p[1] == '!')) {
		bool comment = !strncmp(p, "<!--", 4);

		if (p[1] == '!' && !comment)
			return refuse_stream(g,
					     "has a document type, which nobody needs");
		end = strstr(p, comment ? "-->" : "?>");
		if (!end)
			return refuse_stream(g, "does not begin as XML does");
		encoding = comment ? NULL : memmem(p, (size_t)(end - p), "encoding", 8);
		if (encoding) {
			encoding += 8 + strspn(encoding + 8, " =\t\r\n");
			if (strncasecmp(encoding + 1, "UTF-8", 5) != 0)
				return refuse_stream(g, "is no XML in UTF-8");
		}
		p = end + (comment ? 3 : 2);
		p += strspn(p, " \t\r\n");
	}
	return *p == '<' ? 0 : refuse_stream(g, "does not begin as XML does");
}

/*
 * libsolv reads a rich dependency by recursion, a step for each word or parenthesis, and one that is long
 * enough ends our stack. It is an attribute, in which no "<" can stand.
 */
static bool has_too_many_words(struct guard *g, const char *s, size_t n)
{
	for (size_t i = 0; i < n && g->words <= WORDS_MAX; i++) {
		bool blank = (unsigned char)s[i] <= ' ';

		if (s[i] == '<')
			g->words = 0;
		else
			g->words += s[i] == '(' || s[i] == '&' || (blank && !g->blank);
		g->blank = blank;
	}
	return g->words > WORDS_MAX;
}

static ssize_t guard_read(void *ctx, char *buf, size_t size)
{
	struct guard *g = ctx;
	size_t n;

	if (*g->reason || (!g->looked && look_at_prolog(g)))
		return refuse_stream(g, *g->reason);
	if (g->at < g->n) {
		n = MIN(size, g->n - g->at);
		memcpy(buf, g->prolog + g->at, n);
		g->at += n;
	} else {
		n = fread(buf, 1, size, g->in);
		if (n == 0 && ferror(g->in))
			return refuse_stream(g, "cannot be decompressed");
	}
	if (n > g->left)
		return refuse_stream(g, xml_too_long);
	if (has_too_many_words(g, buf, n))
		return refuse_stream(g, "has a text or a dependency without end");
	g->left -= n;
	return (ssize_t)n;
}

static int guard_close(void *ctx)
{
	struct guard *g = ctx;

	fclose(g->in);
	free(g->prolog);
	free(g);
	return 0;
}

FILE *xml_guard(FILE *take_in, unsigned long long max, const char **ret_reason)
{
	struct guard *g = xcalloc(1, sizeof(*g));
	FILE *f;

	g->in = take_in;
	g->left = max;
	g->reason = ret_reason;
	*ret_reason = NULL;
	g->prolog = xmalloc(PROLOG_MAX + 1);
	f = fopencookie(
		g, "r",
		(cookie_io_functions_t){.read = guard_read, .close = guard_close});
	if (!f)
		guard_close(g);
	return f;
}
