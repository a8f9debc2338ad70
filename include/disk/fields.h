/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_FIELDS_H
#define PUTBACK_DISK_FIELDS_H
/* Fields of fstab(5) and mountinfo: apart by blanks, odd bytes in them as three octal digits. */
#include <stdbool.h>

/* The next field, decoded in place; NULL where there is none. text moves behind it. */
char *fields_next(char **text);
/* Whether a list with commas has the option. */
bool fields_has_option(const char *options, const char *option);

#endif
