/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "rpmlab.h"

#include "source/fetch.h"
#include "source/hosts.h"

/* --- URLs -------------------------------------------------------------------------------------------------- */

static void test_urls(void **state)
{
	static const char *const remote[] = {"http://h", "HTTPS://h/x",
					     "https://[::1]:1/"},
				 *const not_remote[] = {
					 "",	       "http:/h",   "http://",
					 "https:///x", "http://?x", "http://#x",
					 "ftp://h",    "file:///x", "//h/x",
					 "xhttp://h",  "http:",	    "javascript:1"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(remote); i++)
		assert_true(fetch_is_remote(remote[i]) && fetch_is_url(remote[i]));
	for (size_t i = 0; i < ELEMENTSOF(not_remote); i++)
		if (fetch_is_remote(not_remote[i]))
			fail_msg("'%s' is remote", not_remote[i]);
	assert_true(fetch_is_url("FILE:///srv"));
	assert_false(fetch_is_url("file://host/srv"));
	assert_false(fetch_is_url("file:/srv"));
}

static void test_join(void **state)
{
	static const char *const cases[][3] = {
		{"http://h", "a/b.rpm", "http://h/a/b.rpm"},
		{"http://h//", "a", "http://h/a"},
		{"http://h/x?token=1", "a", "http://h/x/a?token=1"},
		{"http://h/x/#f", "a", "http://h/x/a#f"},
		{"http://h", "a b\"<>\\^`{|}\n\xc3\xa4",
		 "http://h/a%20b%22%3C%3E%5C%5E%60%7B%7C%7D%0A%C3%A4"},
		{"http://h", "a+b~c%20d", "http://h/a+b~c%20d"},
		/* what stands in a path is never a query */
		{"http://h", "a?b#c", "http://h/a%3Fb%23c"},
		{"http://h", "", "http://h/"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_free char *got = fetch_join(cases[i][0], cases[i][1]);

		assert_string_equal(got, cases[i][2]);
	}
}

static void test_shown(void **state)
{
	static const char *const cases[][2] = {
		{"http://h/a@b", "http://h/a@b"},
		{"http://user:secret@h/a", "http://h/a"},
		{"http://a@b:c@h/", "http://h/"},
		{"http://h/\x1b[2J", "http://h/\\x1b[2J"},
		{"nothing", "nothing"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_free char *got = fetch_shown_url(cases[i][0]);

		assert_string_equal(got, cases[i][1]);
	}
}

/* --- a server ---------------------------------------------------------------------------------------------- */

#define WHOLE "0123456789"

static const struct {
	const char *path, *answer;
} answers[] = {
	{"/good", "HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n" WHOLE},
	{"/wrong", "HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n0123456780"},
	{"/short", "HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n012345678"},
	{"/cut", "HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n01234"},
	{"/long", "HTTP/1.0 200 OK\r\nContent-Length: 99999999999\r\n\r\n" WHOLE},
	{"/endless", "HTTP/1.0 200 OK\r\n\r\n" WHOLE WHOLE WHOLE},
	{"/negative", "HTTP/1.0 200 OK\r\nContent-Length: -10\r\n\r\n" WHOLE},
	{"/huge",
	 "HTTP/1.0 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n" WHOLE},
	{"/file",
	 "HTTP/1.0 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"},
	{"/ftp",
	 "HTTP/1.0 302 Found\r\nLocation: ftp://h/x\r\nContent-Length: 0\r\n\r\n"},
	{"/loop", "HTTP/1.0 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n"},
	{"/moved",
	 "HTTP/1.0 301 Moved\r\nLocation: /good\r\nContent-Length: 5\r\n\r\nmoved"},
	{"/gone", "HTTP/1.0 404 Not Found\r\nContent-Length: 2\r\n\r\nno"},
	{"/forbidden", "HTTP/1.0 403 Forbidden\r\nContent-Length: 0\r\n\r\n"},
	{"/busy", "HTTP/1.0 503 Busy\r\nContent-Length: 0\r\n\r\n"},
	{"/drip", "HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n" WHOLE},
	{"/empty", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
	{"/noise", "\x16\x03\x01 this is no HTTP\r\n\r\n"},
	/* answers to the rest of a file, from its fifth byte on */
	{"/rest",
	 "HTTP/1.0 206 Partial\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\n56789"},
	{"/other-rest",
	 "HTTP/1.0 206 Partial\r\nContent-Range: bytes 4-9/10\r\nContent-Length: 6\r\n\r\n456789"},
	{"/odd-rest",
	 "HTTP/1.0 206 Partial\r\nContent-Range: bytes -5-9/-1\r\nContent-Length: 5\r\n\r\n56789"},
	{"/more-rest",
	 "HTTP/1.0 206 Partial\r\nContent-Range: bytes 5-14/15\r\nContent-Length: 10\r\n\r\n56789abcde"},
};

struct server {
	int fd;
	uint16_t port;
	pthread_t thread;
	char asked[4096]; /* the paths, each with a blank behind it */
};

static const char *answer_to(const char *path)
{
	for (size_t i = 0; i < ELEMENTSOF(answers); i++)
		if (!strcmp(answers[i].path, path))
			return answers[i].answer;
	return "HTTP/1.0 500 What\r\nContent-Length: 0\r\n\r\n";
}

/* Byte by byte; the second time a bit faster. */
static void drip(int fd, const char *answer, bool again)
{
	const struct timespec pause = {0, again ? 150000000 : 300000000};
	size_t head = strlen(answer) - strlen(WHOLE);

	(void)!send(fd, answer, head, MSG_NOSIGNAL);
	for (const char *p = answer + head; *p && send(fd, p, 1, MSG_NOSIGNAL) == 1; p++)
		nanosleep(&pause, NULL);
}

/* One request after another, each on a connection of its own, until the socket is shut down. */
static void *serve(void *ctx)
{
	struct server *s = ctx;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		char request[4096] = "", path[100] = "";
		const char *answer;
		bool again = strstr(s->asked, "/drip ") != NULL;
		size_t n = 0;
		ssize_t got;

		while (n < sizeof(request) - 1 && !strstr(request, "\r\n\r\n") &&
		       (got = read(fd, request + n, sizeof(request) - 1 - n)) > 0)
			n += (size_t)got;
		if (sscanf(request, "GET %99s", path) == 1 &&
		    strlen(s->asked) + strlen(path) + 2 < sizeof(s->asked)) {
			memcpy(s->asked + strlen(s->asked), path, strlen(path) + 1);
			memcpy(s->asked + strlen(s->asked), " ", 2);
		}
		answer = answer_to(path);
		/* who has heard enough hangs up */
		if (!strcmp(path, "/drip"))
			drip(fd, answer, again);
		else
			(void)!send(fd, answer, strlen(answer), MSG_NOSIGNAL);
		shutdown(fd, SHUT_WR);
		while (read(fd, request, sizeof(request)) > 0)
			;
		close(fd);
	}
	return NULL;
}

static struct server *server_new(void)
{
	struct server *s = xcalloc(1, sizeof(*s));
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(at);

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(s->fd >= 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(s->fd, 16), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &length), 0);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
	return s;
}

static void server_free(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
	free(s);
}

/* --- downloads ------------------------------------------------------------------------------------------------ */

static const struct fetch_net net = {.timeout = 5};

static void digest_text(const char *text, struct digest *ret)
{
	struct digester *d = digester_new(DIGEST_SHA256);

	digester_update(d, text, strlen(text));
	digester_finish(d, ret);
}

/* A download of what should be WHOLE, from those paths of the server; begun: what is there already. */
struct order {
	struct fetch f;
	struct strlist bases;
};

static struct order order(const struct server *s, const char *const *paths,
			  const char *begun)
{
	struct order o = {.f = {.what = "'it'",
				.size = 10,
				.limit = 100,
				.fd = file_of(begun, strlen(begun))}};

	for (; *paths; paths++)
		strlist_take(&o.bases,
			     xasprintf("http://127.0.0.1:%u%s", s->port, *paths));
	digest_text(WHOLE, &o.f.digest);
	return o;
}

/* What came of it: "10 bytes" of WHOLE, or the message with the server's port left out. The caller frees. */
static char *outcome(struct order *o, const struct server *s)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *port = xasprintf("127.0.0.1:%u", s->port);
	struct buf b = {0};
	char text[200] = "";
	ssize_t n;

	o->f.bases = &o->bases;
	if (fetch_many(&net, &o->f, 1, NULL, &err)) {
		const char *at = err.msg, *hit;

		assert_int_equal(err.kind, ERR_UNAVAILABLE);
		assert_false(o->f.done);
		while ((hit = strstr(at, port))) {
			buf_add(&b, at, (size_t)(hit - at));
			buf_str(&b, "h");
			at = hit + strlen(port);
		}
		buf_str(&b, at);
	} else {
		assert_true(o->f.done);
		n = pread(o->f.fd, text, sizeof(text) - 1, 0);
		buf_printf(&b, "%s", n == 10 && !strcmp(text, WHOLE) ? "whole" : text);
	}
	close(o->f.fd);
	fetch_release(&o->f);
	strlist_release(&o->bases);
	return buf_steal(&b);
}

static void assert_outcome(const struct server *s, const char *const *paths,
			   const char *begun, const char *want)
{
	struct order o = order(s, paths, begun);
	cleanup_free char *got = outcome(&o, s);

	if (strcmp(got, want) != 0)
		fail_msg("%s: '%s'", paths[0], got);
}

#define NOT_HAD(path, why) "cannot download 'it': http://h" path ": " why

static void test_answers(void **state)
{
	static const char *const cases[][2] = {
		{"/good", "whole"},
		{"/moved", "whole"},
		{"/wrong", NOT_HAD("/wrong", "has another digest than it should have")},
		{"/short", NOT_HAD("/short", "has 9 bytes there, and should have 10")},
		{"/long",
		 NOT_HAD("/long", "has 99999999999 bytes there, and should have 10")},
		{"/endless", NOT_HAD("/endless", "is longer there than 10 bytes")},
		{"/empty", NOT_HAD("/empty", "has 0 bytes, and should have 10")},
		{"/file",
		 NOT_HAD("/file",
			 "redirects to something that is neither http nor https")},
		{"/ftp",
		 NOT_HAD("/ftp",
			 "redirects to something that is neither http nor https")},
		{"/loop", NOT_HAD("/loop", "Maximum (10) redirects followed")},
		{"/gone", NOT_HAD("/gone", "the server says 404 (not found)")},
		{"/forbidden", NOT_HAD("/forbidden", "the server says 403 (forbidden)")},
		{"/busy", NOT_HAD("/busy", "the server says 503")},
	};
	struct server *s = server_new();

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++)
		assert_outcome(s, (const char *const[]){cases[i][0], NULL}, "",
			       cases[i][1]);
	server_free(s);
}

static void test_many_urls(void **state)
{
	static const char *const paths[] = {"/a", "/b", "/c", "/d", "/e", "/f",
					    "/g", "/h", "/i", "/j", NULL};
	struct server *s = server_new();
	struct order o = order(s, paths, "");
	cleanup_free char *got = outcome(&o, s);

	(void)state;
	assert_non_null(
		strstr(got, "h/d: the server says 500; 2 more URLs; http://h/g: "));
	assert_null(strstr(got, "h/e:"));
	assert_non_null(strstr(got, "h/j: "));
	server_free(s);
}

/* What libcurl says of these is its own business: they are no download, and the next mirror is asked. */
static void test_next_mirror(void **state)
{
	static const char *const bad[] = {"/cut",  "/noise", "/wrong", "/file",
					  "/gone", "/busy",  "/loop"};
	struct server *s = server_new();

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct order alone = order(s, (const char *const[]){bad[i], NULL}, "");
		cleanup_free char *got = outcome(&alone, s),
				  *start = xasprintf(NOT_HAD("%s", ""), bad[i]);

		if (strncmp(got, start, strlen(start)) != 0)
			fail_msg("%s: '%s'", bad[i], got);
		assert_outcome(s, (const char *const[]){bad[i], "/good", NULL}, "",
			       "whole");
	}
	server_free(s);
}

/* Lengths that make no sense: some versions of libcurl give up, some go by the bytes, which are right. */
static void test_odd_lengths(void **state)
{
	struct server *s = server_new();

	(void)state;
	assert_outcome(s, (const char *const[]){"/negative", "/good", NULL}, "", "whole");
	assert_outcome(s, (const char *const[]){"/huge", "/good", NULL}, "", "whole");
	server_free(s);
}

static void test_resume(void **state)
{
	static const char *const cases[][3] = {
		/* path, what is there, and what is asked */
		{"/rest", "01234", "/rest "},
		/* from the beginning, where the server knows no ranges */
		{"/good", "01234", "/good "},
		/* what was there was wrong: anew */
		{"/good", "xxxxx", "/good "},
		/* it is whole, and nobody is asked */
		{"/gone", WHOLE, ""},
		/* longer than it should be, or as long and another: from the beginning */
		{"/good", WHOLE WHOLE, "/good "},
		{"/good", "0123456780", "/good "},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		struct server *s = server_new();

		assert_outcome(s, (const char *const[]){cases[i][0], NULL}, cases[i][1],
			       "whole");
		assert_string_equal(s->asked, cases[i][2]);
		server_free(s);
	}
}

static void test_bad_ranges(void **state)
{
	static const char *const bad[] = {"/other-rest", "/odd-rest", "/more-rest"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct server *s = server_new();

		assert_outcome(s, (const char *const[]){bad[i], "/good", NULL}, "01234",
			       "whole");
		server_free(s);
	}
}

static int is_not_liked(int fd, const char *what _unused_, struct error *err)
{
	char first = 0;

	return pread(fd, &first, 1, 0) == 1 && first == '0'
		       ? err_set(err, ERR_FAILED, "is not liked")
		       : 0;
}

static void test_limits(void **state)
{
	struct server *s = server_new();
	struct order o = order(s, (const char *const[]){"/long", NULL}, "");
	cleanup_free char *first = NULL, *second = NULL, *third = NULL, *fourth = NULL;

	(void)state;
	o.f.size = FETCH_SIZE_UNKNOWN;
	first = outcome(&o, s);
	assert_string_equal(
		first,
		NOT_HAD("/long", "has 93.1 GiB there, which is more than the 100 B that "
				 "make sense"));
	o = order(s, (const char *const[]){"/endless", NULL}, "");
	o.f.size = FETCH_SIZE_UNKNOWN;
	o.f.limit = 20;
	second = outcome(&o, s);
	assert_string_equal(second, NOT_HAD("/endless", "is longer there than 20 bytes"));
	/* only the beginning is wanted, of a server that gives all */
	o = order(s, (const char *const[]){"/endless", NULL}, "");
	o.f.size = FETCH_SIZE_UNKNOWN;
	o.f.first = 10;
	third = outcome(&o, s);
	assert_string_equal(third, "whole");
	o = order(s, (const char *const[]){"/good", NULL}, "");
	o.f.check = is_not_liked;
	fourth = outcome(&o, s);
	assert_string_equal(fourth, NOT_HAD("/good", "is not liked"));
	server_free(s);
}

/* A mirror that is slow is left for the next, and has its time where no other has the file. */
static void test_slow_mirror(void **state)
{
	struct server *s = server_new();
	struct order o = order(s, (const char *const[]){"/drip", "/gone", NULL}, "");
	cleanup_error struct error err = ERROR_INIT;
	char text[11] = "";

	(void)state;
	o.f.bases = &o.bases;
	assert_int_equal(
		fetch_many(&(struct fetch_net){.timeout = 1}, &o.f, 1, NULL, &err), 0);
	assert_int_equal(pread(o.f.fd, text, 10, 0), 10);
	assert_string_equal(text, WHOLE);
	assert_string_equal(s->asked, "/drip /gone /drip ");
	assert_int_equal(o.f.trail.n, 2);
	assert_non_null(strstr(o.f.trail.v[0], "/drip: too slow: fewer than 1000 bytes"));
	close(o.f.fd);
	fetch_release(&o.f);
	strlist_release(&o.bases);
	server_free(s);
}

/* --- servers that do not answer ------------------------------------------------------------------------------ */

enum { MANY = 8 };

/* MANY downloads from one URL: the message, in which the server is h. The caller frees. */
static char *many(struct hosts *hosts, uint16_t port, const char *path,
		  uint32_t *ret_asked)
{
	const struct fetch_net impatient = {.timeout = 5, .hosts = hosts};
	cleanup_free char *url = xasprintf("http://127.0.0.1:%u%s", port, path);
	cleanup_error struct error err = ERROR_INIT;
	struct fetch v[MANY] = {0};
	struct strlist bases = {0};
	struct buf b = {0};
	const char *at, *hit;

	strlist_add(&bases, url);
	*strrchr(url, '/') = '\0';
	for (uint32_t i = 0; i < MANY; i++)
		v[i] = (struct fetch){.what = "'it'",
				      .bases = &bases,
				      .size = FETCH_SIZE_UNKNOWN,
				      .fd = file_of("", 0)};
	assert_int_equal(fetch_many(&impatient, v, MANY, NULL, &err), -1);
	*ret_asked = 0;
	for (uint32_t i = 0; i < MANY; i++) {
		*ret_asked += !v[i].unasked;
		close(v[i].fd);
		fetch_release(&v[i]);
	}
	for (at = err.msg; (hit = strstr(at, url)); at = hit + strlen(url)) {
		buf_add(&b, at, (size_t)(hit - at));
		buf_str(&b, "h");
	}
	buf_str(&b, at);
	strlist_release(&bases);
	return buf_steal(&b);
}

/* A port at which nobody listens, and nobody will: the caller closes it. */
static int deaf(uint16_t *ret_port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &length), 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

static void test_dead_server(void **state)
{
	static const char end[] =
		" (and 5 more); h does not answer; 2 more not asked for";
	struct hosts *hosts = hosts_new();
	uint16_t port;
	cleanup_close int fd = deaf(&port);
	cleanup_free char *first = NULL, *second = NULL;
	uint32_t asked;

	(void)state;
	/* those that are asked for at once, and no other */
	first = many(hosts, port, "/a", &asked);
	assert_int_equal(asked, 6);
	assert_non_null(strstr(first, "cannot download 'it': h/a: "));
	assert_string_equal(first + strlen(first) - strlen(end), end);
	/* it is not forgotten */
	second = many(hosts, port, "/b", &asked);
	assert_int_equal(asked, 0);
	assert_string_equal(
		second, "cannot download 'it': h does not answer; 7 more not asked for");
	hosts_free(hosts);
}

/* Who says that it is not there, or that it has no time, answers. */
static void test_server_without_it(void **state)
{
	static const char *const paths[] = {"/gone", "/busy", "/cut"};
	struct server *s = server_new();
	struct hosts *hosts = hosts_new();

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
		uint32_t asked;
		cleanup_free char *got = many(hosts, s->port, paths[i], &asked);

		assert_int_equal(asked, MANY);
		assert_null(strstr(got, "does not answer"));
	}
	hosts_free(hosts);
	server_free(s);
}

static void test_hosts(void **state)
{
	struct hosts *hosts = hosts_new();
	struct host *h = hosts_get(hosts, "http://me:secret@H:80/x?y", NULL, NULL);

	(void)state;
	assert_string_equal(h->name, "http://h:80");
	assert_ptr_equal(hosts_get(hosts, "HTTP://h:80", NULL, NULL), h);
	assert_ptr_not_equal(hosts_get(hosts, "https://h:80/", NULL, NULL), h);
	assert_ptr_not_equal(hosts_get(hosts, "http://h/", NULL, NULL), h);
	assert_ptr_not_equal(hosts_get(hosts, "http://h:80/", "http://a:b@p", NULL), h);
	assert_null(hosts_get(hosts, "file:///srv", NULL, NULL));
	/* two mirrors may be two machines */
	assert_ptr_not_equal(hosts_get(hosts, "http://h:80/x", NULL, "http://h:80/x"),
			     hosts_get(hosts, "http://h:80/y", NULL, "http://h:80/y"));
	assert_false(hosts_is_dead(NULL, 0));
	/* three at once: one round */
	for (int64_t i = 0; i < 3; i++)
		hosts_failed(h, 1000, 5000 + i);
	assert_true(hosts_is_dead(h, 0));
	assert_false(hosts_is_dead(h, 1));
	assert_int_equal(h->again_at, 5500);
	/* the next one began after the pause, which is longer now */
	hosts_failed(h, 5500, 9000);
	assert_true(hosts_is_dead(h, 1));
	assert_int_equal(h->again_at, 10000);
	hosts_answered(h);
	assert_int_equal(h->again_at, 0);
	/* one or two are an accident */
	hosts_failed(h, 20000, 25000);
	hosts_failed(h, 26000, 31000);
	assert_false(hosts_is_dead(h, 0));
	hosts_free(hosts);
}

static void test_nobody_to_ask(void **state)
{
	cleanup_error struct error err = ERROR_INIT, offline = ERROR_INIT,
				   each = ERROR_INIT;
	struct strlist none = {0}, one = {0};
	struct fetch v[2] = {{.what = "'a'", .bases = &none, .size = FETCH_SIZE_UNKNOWN},
			     {.what = "'b'", .bases = &none, .size = FETCH_SIZE_UNKNOWN}};

	(void)state;
	v[0].fd = file_of("", 0);
	v[1].fd = file_of("", 0);
	assert_int_equal(fetch_many(&net, v, 2, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_UNAVAILABLE);
	assert_string_equal(
		err.msg, "cannot download 'a': there is no mirror to ask (and 1 more)");
	strlist_add(&one, "http://h/");
	v[0].bases = &one;
	assert_int_equal(
		fetch_many(&(struct fetch_net){.offline = true}, v, 1, NULL, &offline),
		-1);
	assert_int_equal(offline.kind, ERR_UNAVAILABLE);
	assert_string_equal(
		offline.msg,
		"'a' would have to be downloaded, and --offline forbids that");
	assert_int_equal(fetch_why(v, 1, &each), -1);
	assert_string_equal(each.msg, "cannot download 'a': --offline forbids that");
	fetch_release(&v[0]);
	close(v[0].fd);
	close(v[1].fd);
	strlist_release(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_many_urls),
		cmocka_unit_test(test_next_mirror),
		cmocka_unit_test(test_odd_lengths),
		cmocka_unit_test(test_resume),
		cmocka_unit_test(test_bad_ranges),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_slow_mirror),
		cmocka_unit_test(test_dead_server),
		cmocka_unit_test(test_server_without_it),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_nobody_to_ask),
	};

	/* those of whoever runs this */
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	unsetenv("all_proxy");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
