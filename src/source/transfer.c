/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/transfer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/failpoint.h"

enum { DEFAULT_TIMEOUT = 30, REDIRECTS_MAX = 10 };

int64_t transfer_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- what comes in ------------------------------------------------------------------------------------ */

static int refuse(struct transfer *t, char *take_reason)
{
	free(t->wrong);
	t->wrong = take_reason;
	return -1;
}

/* "Content-Range: bytes 5-9/10"; those of redirects that came before do not count. */
static size_t on_header(char *line, size_t size, size_t n, void *ctx)
{
	static const char name[] = "content-range:";
	struct transfer *t = ctx;
	cleanup_free char *text = xstrndup(line, n * size);
	uint64_t from, to, total;

	if (!strncasecmp(text, "HTTP/", 5)) {
		t->range_from = t->range_total = UINT64_MAX;
	} else if (!strncasecmp(text, name, strlen(name))) {
		int got = sscanf(text + strlen(name),
				 " bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &from, &to,
				 &total);

		if (got >= 2)
			t->range_from = from;
		if (got == 3)
			t->range_total = total;
	}
	return n * size;
}

/* What was not known before is, now. */
static int check_total(struct transfer *t, uint64_t total)
{
	struct fetch *f = t->f;

	if (f->size != FETCH_SIZE_UNKNOWN && total != f->size)
		return refuse(t, xasprintf("has %" PRIu64
					   " bytes there, and should have %" PRIu64,
					   total, f->size));
	if (f->limit && total > f->limit)
		return refuse(
			t,
			xasprintf(
				"has %s there, which is more than the %s that make sense",
				human_size(total), human_size(f->limit)));
	f->size = total;
	return 0;
}

/* The first byte of content says whether the server does what it was asked for. */
static int look_at_answer(struct transfer *t)
{
	curl_off_t length = -1;
	long status = 0;

	t->answered = true;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	if (status >= 300) {
		t->drop = true;
		return 0;
	}
	if (status == 206 && t->range_from != UINT64_MAX) {
		if (t->range_from != t->begin)
			return refuse(
				t,
				xstrdup("answers with another range than it was asked for"));
		return t->range_total == UINT64_MAX ? 0 : check_total(t, t->range_total);
	}
	if (status == 0) /* a file: the length is that of the range */
		return 0;
	/* a server that knows no ranges begins at the beginning */
	t->at = 0;
	if (ftruncate(t->f->fd, 0) < 0) {
		t->sys = errno;
		return -1;
	}
	return length < 0 ? 0 : check_total(t, (uint64_t)length);
}

static size_t on_content(char *bytes, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	const struct fetch *f = t->f;
	size_t all = size * n, left = all;

	t->moved = transfer_now();
	if (!t->answered && look_at_answer(t))
		return 0;
	if (t->drop)
		return all;
	if (f->first)
		left = (size_t)MIN((uint64_t)left, f->first - MIN(f->first, t->at));
	if ((f->limit && t->at + left > f->limit) ||
	    (f->size != FETCH_SIZE_UNKNOWN && t->at + left > f->size)) {
		refuse(t, xasprintf("is longer there than %" PRIu64 " bytes",
				    f->limit ? MIN(f->limit, f->size) : f->size));
		return 0;
	}
	while (left > 0) {
		ssize_t done = FAILPOINT("download-write")
				       ? -1
				       : pwrite(f->fd, bytes, left, (off_t)t->at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			t->sys = errno;
			return 0;
		}
		bytes += done;
		left -= (size_t)done;
		t->at += (uint64_t)done;
	}
	/* more than the beginning is not wanted: 0 ends the transfer */
	return f->first && t->at >= f->first && all > 0 ? 0 : all;
}

/* --- setting up --------------------------------------------------------------------------------------- */

static void set_protocols(CURL *e)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https,file");
	curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(e, CURLOPT_PROTOCOLS,
			 (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE));
	curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS,
			 (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void set_auth(CURL *e, const struct fetch_net *net, const struct fetch_auth *a)
{
	if (net->cacert)
		curl_easy_setopt(e, CURLOPT_CAINFO, net->cacert);
	if (!a)
		return;
	if (a->proxy)
		curl_easy_setopt(e, CURLOPT_PROXY, a->proxy);
	if (a->proxy_login)
		curl_easy_setopt(e, CURLOPT_PROXYUSERPWD, a->proxy_login);
	if (a->login)
		curl_easy_setopt(e, CURLOPT_USERPWD, a->login);
	if (a->cacert)
		curl_easy_setopt(e, CURLOPT_CAINFO, a->cacert);
	if (a->cert)
		curl_easy_setopt(e, CURLOPT_SSLCERT, a->cert);
	if (a->key)
		curl_easy_setopt(e, CURLOPT_SSLKEY, a->key);
	if (a->insecure) {
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void set_range(struct transfer *t)
{
	cleanup_free char *range = NULL;

	if (t->f->first)
		range = xasprintf("%" PRIu64 "-%" PRIu64, t->begin, t->f->first - 1);
	else if (t->begin)
		range = xasprintf("%" PRIu64 "-", t->begin);
	if (range)
		curl_easy_setopt(t->easy, CURLOPT_RANGE, range);
}

struct transfer *transfer_new(const struct fetch_net *net, struct fetch *f,
			      char *take_url, uint64_t begin, long min_rate,
			      struct error *err)
{
	struct transfer *t = xcalloc(1, sizeof(*t));
	CURL *e = curl_easy_init();

	t->easy = e;
	t->f = f;
	t->url = take_url;
	t->begin = t->at = begin;
	t->known = f->size;
	t->min_rate = min_rate;
	t->begun = transfer_now();
	t->timeout = net->timeout ? (long)net->timeout : DEFAULT_TIMEOUT;
	t->range_from = t->range_total = UINT64_MAX;
	if (!e || ftruncate(f->fd, (off_t)begin) < 0) {
		if (e)
			err_errno(err, "cannot write %s", f->what);
		else
			err_set(err, ERR_FAILED, "libcurl does not start");
		transfer_free(t);
		return NULL;
	}
	set_protocols(e);
	set_auth(e, net, f->auth);
	set_range(t);
	curl_easy_setopt(e, CURLOPT_URL, t->url);
	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->text);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "putback/" PACKAGE_VERSION);
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(e, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, t->timeout);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, t->min_rate);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, t->timeout);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_content);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	return t;
}

void transfer_free(struct transfer *t)
{
	if (!t)
		return;
	if (t->easy)
		curl_easy_cleanup(t->easy);
	free(t->url);
	free(t->wrong);
	free(t);
}

/* --- the end ------------------------------------------------------------------------------------------- */

int transfer_check(const struct fetch *f, struct error *err)
{
	off_t size = lseek(f->fd, 0, SEEK_END);
	struct digest sum;

	if (size < 0)
		return err_errno(err, "cannot read %s", f->what);
	if (f->first)
		return (uint64_t)size >= MIN(f->first, f->size)
			       ? 0
			       : err_set(err, ERR_FAILED, "ends after %" PRIu64 " bytes",
					 (uint64_t)size);
	if (f->size != FETCH_SIZE_UNKNOWN && (uint64_t)size != f->size)
		return err_set(err, ERR_FAILED,
			       "has %" PRIu64 " bytes, and should have %" PRIu64,
			       (uint64_t)size, f->size);
	if (f->digest.algo != DIGEST_NONE) {
		if (digest_fd(f->fd, f->digest.algo, &sum) < 0)
			return err_errno(err, "cannot compute the digest of %s", f->what);
		if (!digest_is_same(&sum, &f->digest))
			return err_set(err, ERR_FAILED,
				       "has another digest than it should have");
	}
	return f->check ? f->check(f->fd, f->what, err) : 0;
}

static bool is_passing(CURLcode code)
{
	switch (code) {
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_NOT_BUILT_IN:
	case CURLE_REMOTE_ACCESS_DENIED:
	case CURLE_FILE_COULDNT_READ_FILE:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_SSL_ENGINE_SETFAILED:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_TOO_MANY_REDIRECTS: return false;
	default: return true;
	}
}

bool transfer_moves(const struct transfer *t)
{
	return t->moved && transfer_now() - t->moved < t->timeout * 1000 / 2;
}

static bool is_slow(const struct transfer *t, CURLcode code)
{
	return code == CURLE_OPERATION_TIMEDOUT && t->min_rate > 1 && transfer_moves(t);
}

static char *reason_of(const struct transfer *t, CURLcode code)
{
	cleanup_free char *safe = quoted(*t->text ? t->text : curl_easy_strerror(code));
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (is_slow(t, code))
		return xasprintf(
			"too slow: fewer than %ld bytes a second for %ld seconds",
			t->min_rate, t->timeout);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return xasprintf("no answer: nothing came for %ld seconds", t->timeout);
	if (code == CURLE_UNSUPPORTED_PROTOCOL && status >= 300)
		return xstrdup("redirects to something that is neither http nor https");
	if (code == CURLE_UNSUPPORTED_PROTOCOL)
		return xasprintf("leads to what is neither http nor https (%s)", safe);
	return steal_ptr(safe);
}

static enum transfer_end judge_status(long status, uint64_t begin, char **ret_reason)
{
	*ret_reason = xasprintf("the server says %ld%s", status,
				status == 404	? " (not found)"
				: status == 403 ? " (forbidden)"
				: status == 401 ? " (who are you?)"
				: status == 416 ? " (no such range)"
						: "");
	if (status == 416)
		return begin ? TRANSFER_FRESH : TRANSFER_WRONG;
	return status >= 500 || status == 408 || status == 425 || status == 429
		       ? TRANSFER_AGAIN
		       : TRANSFER_WRONG;
}

static enum transfer_end judge(struct transfer *t, CURLcode code, char **ret_reason)
{
	cleanup_error struct error why = ERROR_INIT;
	bool begun = t->f->first && t->at >= t->f->first;
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (t->sys) {
		*ret_reason = xasprintf("cannot write it: %s", strerror(t->sys));
		return TRANSFER_FATAL;
	}
	if (t->wrong) {
		*ret_reason = steal_ptr(t->wrong);
		return t->begin ? TRANSFER_FRESH : TRANSFER_WRONG;
	}
	if (code == CURLE_RANGE_ERROR && t->begin) {
		*ret_reason = reason_of(t, code);
		return TRANSFER_FRESH;
	}
	if (code != CURLE_OK && !begun) {
		*ret_reason = reason_of(t, code);
		if (is_slow(t, code))
			return TRANSFER_SLOW;
		t->silent =
			is_passing(code) && (!status || code == CURLE_OPERATION_TIMEDOUT);
		return is_passing(code) ? TRANSFER_AGAIN : TRANSFER_WRONG;
	}
	if (status >= 300)
		return judge_status(status, t->begin, ret_reason);
	/* an answer without content leaves on disk what was there */
	if (!t->answered && t->begin) {
		*ret_reason = xstrdup("answers with nothing");
		return TRANSFER_FRESH;
	}
	if (transfer_check(t->f, &why) == 0)
		return TRANSFER_DONE;
	*ret_reason = xstrdup(why.msg);
	return t->begin ? TRANSFER_FRESH : TRANSFER_WRONG;
}

enum transfer_end transfer_end(struct transfer *t, CURLcode code, char **ret_reason)
{
	enum transfer_end end = judge(t, code, ret_reason);

	/* what a server that has not the right bytes says of their length is worth nothing */
	if (end != TRANSFER_DONE)
		t->f->size = t->known;
	return end;
}
