/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_FILE_H
#define PUTBACK_BASE_FILE_H
/* Files of the host: whole reads and writes, durable writes, folders. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/outside.h"

/* All n bytes: 0, or -1 with errno; EINTR is retried. */
int file_write_all(int fd, const void *p, size_t n);
ssize_t file_read_full(int fd, void *p, size_t n); /* bytes read; short only at the end */
/* Copies what in holds, from its current offset on, to out: 0, or -1 with errno. */
int file_copy(int in, int out);
/* Its first n bytes as a file of their own, in memory: fd, or -1 with errno. */
int file_beginning(int fd, size_t n);
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
	uint32_t promised; /* its number from 1; 0: it was not */
};
_must_check_ int file_begin(const char *path, mode_t mode, struct outfile *ret,
			    struct error *err);
_must_check_ int file_finish(struct outfile *f, struct error *err);
void file_release(struct outfile *f);
#define cleanup_outfile __attribute__((cleanup(file_release)))

/*
 * A file that will be written once the walls stand (base/confine.h), in a folder that nothing can be made in
 * then: it is begun now, file_begin() of the same path gives it, and the process outside gives it its name.
 * file_break_promises() is for that process, at its end.
 */
_must_check_ int file_promise(const char *path, mode_t mode, struct error *err);
void file_break_promises(void);
extern const struct outside_service file_service;

/* The folder and those above it that are missing: 0, or -1 with errno. */
int file_make_folders(const char *path, mode_t mode);
/* A file without a name, for reading and writing, on the folder's file system: fd, or -1 with errno. */
int file_temporary(const char *folder);
/* Removes a file that is ours: 0, or -1 with errno. */
int file_remove(const char *path);
int file_remove_folder(const char *path); /* an empty one */

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

#endif
