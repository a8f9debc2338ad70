/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_BOOTLOADER_H
#define PUTBACK_DISK_BOOTLOADER_H
/*
 * What boot loaders of the root are told: entries of the Boot Loader Specification, and which of them is the
 * default. Data of the root, which may say anything. What cannot be read is not there.
 */
#include "base/buf.h"
#include "base/root.h"

/* One file of loader/entries. */
struct boot_entry {
	char *path;    /* canonical */
	char *id;      /* name of the file without .conf */
	char *title;   /* "" */
	char *kernel;  /* what `linux` says; "" */
	char *version; /* "" */
};

enum boot_default_kind {
	BOOT_GRUBENV, /* saved_entry in GRUB's environment block */
	BOOT_LOADER   /* default in loader.conf of systemd-boot */
};
/* A file that says which entry is the default. */
struct boot_default {
	enum boot_default_kind kind;
	char *path;  /* canonical */
	char *value; /* what it says; "" */
	struct buf text;
	struct statx old; /* as base/newfile.h wants it */
};

struct bootloader {
	struct boot_entry *v;
	uint32_t n, cap;
	struct {
		struct boot_default *v;
		uint32_t n, cap;
	} defaults;
};
void bootloader_read(struct root *r, struct bootloader *ret);
void bootloader_release(struct bootloader *b);

/* Whether the entry boots the kernel of that release. */
bool bootloader_is_of(const struct boot_entry *e, const char *release);
/* Whether the file that it boots is there. */
bool bootloader_is_whole(struct root *r, const struct boot_entry *e);
/* Whether a default means the entry. A pattern of systemd-boot's may mean several: it takes one that can be booted. */
bool bootloader_means(const struct boot_default *d, const struct boot_entry *e);
/*
 * The text of the file with another entry as the default: true. false: it is no environment block, or
 * has no room for it (GRUB's grub-editenv(1): 1024 bytes, filled up with #).
 */
bool bootloader_set(const struct boot_default *d, const struct boot_entry *e,
		    struct buf *ret);

#endif
