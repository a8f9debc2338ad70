/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_XML_H
#define PUTBACK_SOURCE_XML_H
/*
 * XML from strangers. Small documents are read whole: elements with their attributes, and their text
 * at the end. A document type (and so an entity of its own), an encoding other than UTF-8 and more than 32 levels
 * are refused.
 */
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct xml_handler {
	/* attributes: name, value, ..., NULL */
	void (*begin)(void *ctx, const char *element, const char **attributes);
	/* text: what stood between its tags, blanks at both ends cut off */
	void (*end)(void *ctx, const char *element, const char *text);
};
_must_check_ int xml_read(const char *text, size_t n, const struct xml_handler *h,
			  void *ctx, struct error *err);
/* Value of an attribute, or NULL. */
const char *xml_attribute(const char **attributes, const char *name);

extern const char xml_too_long[]; /* the reason of xml_guard() where there is more than max */
/*
 * A stream for a parser that is not ours: gives what in gives, and an error (EBADMSG) at a document type,
 * an encoding other than UTF-8, or after max bytes; *ret_reason, which must outlive the stream, then says
 * which. Closes in when it is closed. NULL with errno.
 */
FILE *xml_guard(FILE *take_in, unsigned long long max, const char **ret_reason);

#endif
