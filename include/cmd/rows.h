/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_ROWS_H
#define PUTBACK_CMD_ROWS_H
/* History entries and transactions as the rows of reports. Rows borrow their strings. */
#include "history/history.h"
#include "report/report.h"
#include "select/select.h"
#include "txn/txn.h"

/* The caller frees with rows_free_history() and rows_free_log(). */
struct history_row *rows_history(const struct history_entry *const *entries, uint32_t n);
void rows_free_history(struct history_row *rows, uint32_t n);
struct log_row *rows_log(const struct txn_list *list);
void rows_free_log(struct log_row *rows, uint32_t n);

/* "undo of entry 7: dnf upgrade, 2026-11-20 03:12", "back to 2026-11-01 00:00 CET: undo of entries 8 to
 * 12"; the caller frees */
char *rows_title(const struct selection *sel, const struct outcome *o);
/* "2026-11-20 03:12", local time; the caller frees */
char *rows_time(int64_t seconds);

#endif
