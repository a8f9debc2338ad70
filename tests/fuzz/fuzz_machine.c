/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* os-release, passwd, group, hostname and machine-id, wherever they lead. */

#include "core/users.h"
#include "disk/machine.h"
#include "fuzz.h"

FUZZ_TARGET(machine)
{
	struct root *r = fuzz_root(data, n);
	struct machine m = {0};
	struct users u = {0};
	uint32_t id;

	if (machine_read(r, &m, NULL) == 0)
		FUZZ_CHECK(m.os_name && m.os_id && m.os_version && m.hostname &&
			   m.machine_id);
	machine_release(&m);
	if (machine_users(r, &u, NULL) == 0) {
		(void)users_uid(&u, "root", &id);
		(void)users_gid(&u, "root", &id);
		(void)users_name(&u, 0);
		users_release(&u);
	}
}
