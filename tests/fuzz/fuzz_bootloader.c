/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* Entries of boot loaders, GRUB's environment, loader.conf; and each entry made the default. */

#include <string.h>

#include "base/array.h"
#include "disk/bootloader.h"
#include "fuzz.h"

/* It is the default when the file is read again. */
static void check(const struct boot_default *d, const struct boot_entry *e)
{
	struct boot_default now = {.kind = d->kind};
	cleanup_buf struct buf text = {0};
	const char *line;

	if (!bootloader_set(d, e, &text))
		return;
	FUZZ_CHECK(d->kind != BOOT_GRUBENV || text.n == 1024);
	line = strstr(text.s, d->kind == BOOT_GRUBENV ? "saved_entry=" : "default ");
	FUZZ_CHECK(line != NULL);
	now.value = xstrdup(e->id);
	FUZZ_CHECK(bootloader_means(&now, e));
	free(now.value);
}

FUZZ_TARGET(bootloader)
{
	struct root *r = fuzz_root(data, n);
	struct bootloader b;
	const struct boot_default *d;
	const struct boot_entry *e;

	bootloader_read(r, &b);
	array_foreach(e, &b) {
		(void)bootloader_is_of(e, "6.1.0-1.x86_64");
		(void)bootloader_is_whole(r, e);
		array_foreach(d, &b.defaults)
			check(d, e);
	}
	bootloader_release(&b);
}
