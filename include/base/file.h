/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_FILE_H
#define PUTBACK_BASE_FILE_H
/* Files of the host: whole reads and writes, durable writes, private scratch folders. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/* All n bytes: 0, or -1 with errno; EINTR is retried. */
int file_write_all(int fd, const void *p, size_t n);
ssize_t file_read_full(int fd, void *p, size_t n); /* bytes read; short only at the end */
/* Copies what in holds, from its current offset on, to out: 0, or -1 with errno. */
int file_copy(int in, int out);
/* Writes a new file beside path, syncs it, renames it over path, syncs the folder. */
_must_check_ int file_write_durably(const char *path, const void *p, size_t n,
				    mode_t mode, struct error *err);

/*
 * The same in pieces, for what is too big for memory: file_begin(), writes to f.fd, file_finish().
 * What is released unfinished leaves nothing behind.
 */
struct outfile {
	int fd;
	char *path, *fresh;
};
_must_check_ int file_begin(const char *path, struct outfile *ret, struct error *err);
_must_check_ int file_finish(struct outfile *f, mode_t mode, struct error *err);
void file_release(struct outfile *f);
#define cleanup_outfile __attribute__((cleanup(file_release)))

/* The folder and those above it that are missing: 0, or -1 with errno. */
int file_make_folders(const char *path, mode_t mode);
/* A file without a name, for reading and writing, on the folder's file system: fd, or -1 with errno. */
int file_temporary(const char *folder);
/* Removes a file that is ours: 0, or -1 with errno. */
int file_remove(const char *path);

/*
 * Files that are kept in a folder of the host from one run to the next. The folder is made (0700) where
 * only its last component is missing. What is there under a name but is no plain file of one link is
 * EINVAL or ELOOP.
 */
_must_check_ int file_open_folder(const char *path, struct error *err);
/* The folder name in dir, made where it is missing: fd, or -1 with errno. */
int file_folder_in(int dir, const char *name);
/* For reading and writing, made (0600) where it is missing: fd, or -1 with errno. */
int file_open_in(int dir, const char *name);
int file_rename_in(int dir, const char *from, const char *to); /* 0, or -1 with errno */
int file_remove_folder_in(int dir, const char *name);	       /* an empty one */
int file_remove_in(int dir, const char *name); /* what is not there is removed */

/*
 * A private folder (0700) for working copies that no other user can reach, on tmpfs where there
 * is one with room for need bytes (/dev/shm, /run), else under $TMPDIR or /var/tmp or /tmp.
 * label: lower-case letters.
 */
struct scratch {
	char *path; /* .../putback-LABEL-PID-XXXXXX */
	int fd;	    /* locked while its owner lives */
	pid_t owner;
};
_must_check_ int scratch_new(const char *label, unsigned long long need,
			     struct scratch **ret, struct error *err);
/* Creates name in it for reading and writing: fd. */
_must_check_ int scratch_create(struct scratch *s, const char *name, struct error *err);
/* Removes the folder and all in it, unless this is a child of the process that made it, which only
 * lets go of it. NULL does nothing. */
void scratch_free(struct scratch *s);
/* Removes what scratch folders of dead processes have left (called at start). */
void scratch_sweep(void);

#endif
