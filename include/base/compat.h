/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_COMPAT_H
#define PUTBACK_BASE_COMPAT_H
/*
 * Where librpm's versions differ, 4.16 to 6.x. Its tags and flags are enums, which the preprocessor
 * cannot ask for; what came after 4.16 stands here by its number, and a header without it simply
 * has no such entry.
 */
#include <rpm/rpmtag.h>

/* digests and rpmInitCrypto() came out of rpmpgp.h with 4.18 */
#if __has_include(<rpm/rpmcrypto.h>)
#include <rpm/rpmcrypto.h>
#else
#include <rpm/rpmpgp.h>
#endif

/* PAYLOADDIGEST until rpm 4.20, PAYLOADSHA256 since */
#define COMPAT_TAG_PAYLOADDIGEST ((rpmTagVal)5092)
/* rpm 4.17; the same numbers in a signature header */
#define COMPAT_TAG_VERITYSIGNATURES    ((rpmTagVal)276)
#define COMPAT_TAG_VERITYSIGNATUREALGO ((rpmTagVal)277)
/* rpm 4.19 */
#define COMPAT_TAG_PREUNTRANS	   ((rpmTagVal)5103)
#define COMPAT_TAG_POSTUNTRANS	   ((rpmTagVal)5104)
#define COMPAT_TAG_PREUNTRANSPROG  ((rpmTagVal)5105)
#define COMPAT_TAG_POSTUNTRANSPROG ((rpmTagVal)5106)
#define COMPAT_TAG_PREUNTRANSFLAGS ((rpmTagVal)5107)
#define COMPAT_TAG_POSTUNTRANSFLAGS ((rpmTagVal)5108)
/* rpm 6.0: base64 of OpenPGP packets, one string per signature */
#define COMPAT_TAG_OPENPGP	  ((rpmTagVal)278)
#define COMPAT_TAG_SHA3_256HEADER ((rpmTagVal)279)
/* rpm 6.0: in a record of the rpmdb, digests over the package file */
#define COMPAT_TAG_PACKAGEDIGESTS     ((rpmTagVal)5118)
#define COMPAT_TAG_PACKAGEDIGESTALGOS ((rpmTagVal)5119)

#endif
