/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_EVENT_H
#define PUTBACK_CORE_EVENT_H
/* What the layers below tell the front end while they work. Nothing below src/cmd prints. */
#include <stdbool.h>
#include <stdint.h>

#define PHASES(X)                                     \
	X(PHASE_READ_DB, "reading the rpmdb")         \
	X(PHASE_HISTORY, "reading the histories")     \
	X(PHASE_INDEX, "looking through the sources") \
	X(PHASE_DOWNLOAD, "downloading")              \
	X(PHASE_VERIFY, "verifying packages")         \
	X(PHASE_FACTS, "looking at the files")        \
	X(PHASE_STAGE, "staging")                     \
	X(PHASE_RPMDB, "building the new rpmdb")      \
	X(PHASE_FINISH, "making derived files anew")  \
	X(PHASE_SYNC, "syncing")                      \
	X(PHASE_COMMIT, "committing")                 \
	X(PHASE_UNDO, "undoing")                      \
	X(PHASE_RECOVER, "recovering")                \
	X(PHASE_FORGET, "giving space back")

enum phase {
#define X(id, text) id,
	PHASES(X)
#undef X
};
const char *phase_text(enum phase p);

struct observer {
	void *ctx;
	/* done and total count bytes where bytes is set, else items; total 0: not known */
	void (*progress)(void *ctx, enum phase phase, uint64_t done, uint64_t total,
			 bool bytes, uint64_t files);
	/* true once the user asked to stop; looked at between steps, before COMMITTING only */
	bool (*stop)(void *ctx);
	/* who is waited for in this phase: "https://h" */
	void (*from)(void *ctx, enum phase phase, const char *who);
};

/* All take a NULL observer or NULL members. */
void observer_progress(const struct observer *o, enum phase phase, uint64_t done,
		       uint64_t total, bool bytes, uint64_t files);
bool observer_stop(const struct observer *o);
void observer_from(const struct observer *o, enum phase phase, const char *who);

#endif
