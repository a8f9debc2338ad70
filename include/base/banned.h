/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that nobody here may use: those that write without knowing how much room there is, one that
 * keeps hidden state, and those that hand a string to a shell.
 *
 * config.h includes this file at its end, so every source gets it. The system's own headers come
 * first, or their declarations would be caught as well.
 */
#ifndef PUTBACK_BASE_BANNED_H
#define PUTBACK_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BANNED(call, instead) call##_is_banned_use_##instead

#undef strcpy
#define strcpy(dst, src) BANNED(strcpy, buf)
#undef strcat
#define strcat(dst, src) BANNED(strcat, buf)
#undef strncpy
#define strncpy(dst, src, n) BANNED(strncpy, memcpy)
#undef strncat
#define strncat(dst, src, n) BANNED(strncat, buf)
#undef sprintf
#define sprintf(...) BANNED(sprintf, snprintf_or_buf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, vsnprintf_or_buf)
#undef strtok
#define strtok(s, delim) BANNED(strtok, strchr_or_strcspn)
#undef gets
#define gets(s) BANNED(gets, getline)
#undef system
#define system(command) BANNED(system, fork_with_execve)
#undef popen
#define popen(command, mode) BANNED(popen, fork_with_execve)
#undef mktemp
#define mktemp(template) BANNED(mktemp, mkstemp)

#endif
