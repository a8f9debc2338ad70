/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TESTS_FUZZ_H
#define PUTBACK_TESTS_FUZZ_H
/*
 * Fuzz targets: one file fuzz_NAME.c each, which gives an input of any bytes to one reader and lets the
 * sanitizers watch. What a reader answers does not matter, unless the target knows better and aborts by
 * FUZZ_CHECK().
 *
 *	FUZZ_TARGET(ini)
 *	{
 *		ini_parse(fuzz_text(data, n), n, forget, NULL);
 *	}
 *
 * `make check` gives every file of tests/fuzz/corpus/NAME and tests/fixtures/regress/NAME to the target
 * once, with any compiler; `make fuzz` lets libFuzzer make more of them, with the words of
 * tests/fuzz/dict/NAME.dict. All that the calls below hand out is theirs and goes after the input.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/root.h"

struct fuzz_target {
	const char *name;
	void (*run)(const uint8_t *data, size_t n);
};
#define FUZZ_TARGET(id)                                                           \
	static void target_##id(const uint8_t *data, size_t n);                   \
	static const struct fuzz_target target_of_##id = {#id, target_##id};      \
	static const struct fuzz_target *const target_pointer_##id                \
		__attribute__((section("fuzz_targets"), used)) = &target_of_##id; \
	static void target_##id(const uint8_t *data, size_t n)

/* A property that holds whatever the input is. */
#define FUZZ_CHECK(truth) ((truth) ? (void)0 : BUG("not so: %s", #truth))

/* For what must be looked at, by those who do not care. */
static inline void fuzz_ignore(int answer)
{
	(void)answer;
}

/* --- the input as ... ------------------------------------------------------------------------------- */

/* ... a text: a copy that ends in NUL, and may be written to. */
char *fuzz_text(const uint8_t *data, size_t n);
/* ... an open file, at its beginning, to be read. */
int fuzz_fd(const uint8_t *data, size_t n);
/* ... a file of the host: its path. */
const char *fuzz_file(const uint8_t *data, size_t n);
/*
 * ... a root with some files in it. The input is a text of parts:
 *
 *	=== etc/passwd
 *	root:x:0:0::/root:/bin/sh
 *	=== etc/fstab -> ../elsewhere
 *	=== boot/
 *
 * a regular file with what follows, up to the next line of that kind; a symbolic link; a directory. What
 * cannot be made is passed over.
 */
struct root *fuzz_root(const uint8_t *data, size_t n);
/* One more regular file, of mode 0600, in that root, or in an empty one; directories above are made, of mode
 * 0700. path is canonical. */
struct root *fuzz_put(const char *path, const void *data, size_t n);

/* A symbolic link in that root. */
struct root *fuzz_link(const char *path, const char *target);
/* A folder beside the root with a file `file` in it: its path. For those that write in the root. */
const char *fuzz_outside(void);
/* That it is as it was made. */
void fuzz_check_outside(void);

/*
 * ... a SQLite database. What begins as one is taken as it is. Anything else is taken for statements,
 * which are tried one by one on a database that begins as base, and with effects on that one only.
 */
struct fuzz_base {
	const char *sql;	    /* makes it, or */
	void (*make)(const char *); /* this does, at a path; then sql is run on it */
	struct buf image;	    /* kept */
};
void fuzz_sqlite(struct fuzz_base *base, const uint8_t *data, size_t n, struct buf *ret);

/* --- for the two drivers ---------------------------------------------------------------------------- */

const struct fuzz_target *fuzz_find(const char *name); /* NULL: there is none */
/* All of them, in the order of their names, NULL at the end. */
const struct fuzz_target **fuzz_all(void);
/* One input, and what there is to tidy up. */
void fuzz_run(const struct fuzz_target *t, const uint8_t *data, size_t n);
/* Makes and removes the private folder, which lies in $TMPDIR or on memory. Not per input. */
void fuzz_begin(void);
void fuzz_end(void);
/* Memory for SQLite that is cheap, and that an input has given back behind it: sqlmem.c. */
void fuzz_begin_sqlmem(void);
void fuzz_check_sqlmem(void);

#endif
