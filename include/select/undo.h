/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_UNDO_H
#define PUTBACK_SELECT_UNDO_H
/*
 * The undo of history entries, taken as one (select/fold.h): wanted = installed - what came + what
 * went, name and arch by name and arch.
 *
 *   the entry      installed now           undo
 *   1 -> 2         2                       2 -> 1
 *   1 -> 2         1                       nothing to do
 *   1 -> 2         3                       3 -> 1, said in a note
 *   1 -> 2         nothing                 1 comes, said in a note
 *   1 -> 2         1 and 2 (cut off)       2 goes, the files of 1 are put back
 *   2 came         2                       2 goes
 *   2 came         3                       3 stays, said in a note; to go back to a state, it goes
 *   2 came         nothing                 nothing to do
 *   1 went         nothing                 1 comes
 *   1 went         1                       nothing to do
 *   1 went         3                       3 -> 1, said in a note
 *   2 reinstalled  anything                nothing to do, unless the history knows the digest of
 *                                          another build of 2 that was there before
 *
 * A package that became noarch, or was it, is still the same one.
 * Kernels and their like: exactly the instance that came goes, exactly the one that went comes.
 * Pseudo packages (gpg-pubkey) are left alone. An obsoleted package is one that went, its obsoleter
 * one that came. Where nobody can tell what was there before (fold.guessed), a package goes to the
 * newest older version that the sources have, which is said.
 *
 * This is what dnf's `history undo` reaches (dnf/transaction_sr.py; tests/oracle-history/chains), but
 * for "2 reinstalled, 3 is installed", where it goes back to 2. What dnf's solver adds for the sake
 * of dependencies is no matter of the undo.
 */
#include "select/fold.h"
#include "select/step.h"

void undo_steps(const struct fold *fold, const struct pkgset *installed,
		const struct sources *sources, struct steps *steps,
		struct problems *problems);

#endif
