/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* What libFuzzer calls. $PUTBACK_FUZZ names the target. See tests/fuzz/run. */

#include <stdio.h>

#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct fuzz_target *target;

int LLVMFuzzerInitialize(int *argc _unused_, char ***argv _unused_)
{
	const char *name = getenv("PUTBACK_FUZZ");

	target = name ? fuzz_find(name) : NULL;
	if (!target) {
		fprintf(stderr, "PUTBACK_FUZZ names no target: '%s'\n", name ? name : "");
		exit(2);
	}
	fuzz_begin();
	atexit(fuzz_end);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_run(target, data, n);
	return 0;
}
