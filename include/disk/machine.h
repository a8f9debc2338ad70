/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_MACHINE_H
#define PUTBACK_DISK_MACHINE_H
/* Whose root it is, and who its users are. Links are followed beneath the root only. */
#include "base/root.h"
#include "core/fact.h"

struct machine {
	char *os_name;	  /* PRETTY_NAME, else NAME, else "" */
	char *os_id;	  /* ID */
	char *os_version; /* VERSION_ID */
	char *machine_id; /* "" where there is none */
	char *hostname;
};
_must_check_ int machine_read(struct root *r, struct machine *ret, struct error *err);
void machine_release(struct machine *m);
/* etc/passwd and etc/group, then usr/lib/passwd and usr/lib/group (nss-altfiles). */
_must_check_ int machine_users(struct root *r, struct users *ret, struct error *err);

#endif
