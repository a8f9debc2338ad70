/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "source/fetch.h"

bool fetch_is_remote(const char *url)
{
	size_t n = !strncasecmp(url, "http://", 7)    ? 7
		   : !strncasecmp(url, "https://", 8) ? 8
						      : 0;

	return n && url[n] && !strchr("/?#", url[n]);
}

bool fetch_is_url(const char *s)
{
	return fetch_is_remote(s) || !strncasecmp(s, "file:///", 8);
}

char *fetch_bare_url(const char *url)
{
	const char *host = strstr(url, "://");
	size_t n = host ? strcspn(host + 3, "/") : 0;
	const char *at = n ? memrchr(host + 3, '@', n) : NULL;

	return at ? xasprintf("%.*s%s", (int)(host + 3 - url), url, at + 1)
		  : xstrdup(url);
}

char *fetch_shown_url(const char *url)
{
	cleanup_free char *bare = fetch_bare_url(url);

	return quoted(bare);
}

char *fetch_join(const char *base, const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~!$&'()*+,;=:@/%";
	size_t query = strcspn(base, "?#"), n = query;
	struct buf b = {0};

	while (n && base[n - 1] == '/')
		n--;
	buf_add(&b, base, n);
	buf_char(&b, '/');
	for (; *path; path++) {
		if (strchr(plain, *path))
			buf_char(&b, *path);
		else
			buf_printf(&b, "%%%02X", (unsigned char)*path);
	}
	/* some content networks carry a token behind the base */
	buf_str(&b, base + query);
	return buf_steal(&b);
}
