/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_COMPAT_H
#define PUTBACK_RPM_COMPAT_H
/*
 * Where librpm's versions differ, 4.16 to 6.x. Its tags and flags are enums, which the preprocessor
 * cannot ask for; what came after 4.16 stands here by its number, and a header without it simply
 * has no such entry.
 */
#include <rpm/rpmtag.h>

/* PAYLOADDIGEST until rpm 4.20, PAYLOADSHA256 since */
#define COMPAT_TAG_PAYLOADDIGEST ((rpmTagVal)5092)
/* rpm 4.19 */
#define COMPAT_TAG_PREUNTRANS	   ((rpmTagVal)5103)
#define COMPAT_TAG_POSTUNTRANS	   ((rpmTagVal)5104)
#define COMPAT_TAG_PREUNTRANSPROG  ((rpmTagVal)5105)
#define COMPAT_TAG_POSTUNTRANSPROG ((rpmTagVal)5106)
/* rpm 6.0: base64 of OpenPGP packets, one string per signature */
#define COMPAT_TAG_OPENPGP	  ((rpmTagVal)278)
#define COMPAT_TAG_SHA3_256HEADER ((rpmTagVal)279)

#endif
