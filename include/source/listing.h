/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_LISTING_H
#define PUTBACK_SOURCE_LISTING_H
/*
 * The page by which a web server lists a folder: Apache's, nginx's, lighttpd's and their like have a link to each of what
 * is in it, with a slash behind the folders.
 */
#include "base/array.h"

/* Adds the names of what is in the folder, sorted, each once; whatever else the page links to is left out. */
void listing_read(const char *html, struct strlist *ret);

#endif
