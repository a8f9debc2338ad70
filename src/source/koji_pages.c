/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/koji_pages.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "source/env.h"
#include "source/koji_whole.h"
#include "source/listing.h"

enum { PAGE_MAX = 4 << 20 };

void koji_pages_release(struct koji_pages *l)
{
	for (uint32_t i = 0; i < l->list.n; i++) {
		strlist_release(&l->list.v[i]->urls);
		strlist_release(&l->list.v[i]->names);
		free(l->list.v[i]->url);
		free(l->list.v[i]);
	}
	array_release(&l->list);
	strmap_release(&l->at);
}

struct koji_page *koji_pages_at(struct koji_pages *l, struct strlist *urls)
{
	struct koji_page *p;
	uint32_t at;

	if (strmap_get(&l->at, urls->v[0], &at)) {
		strlist_release(urls);
		return l->list.v[at];
	}
	p = xcalloc(1, sizeof(*p));
	p->urls = *urls;
	*urls = (struct strlist){0};
	strmap_set(&l->at, p->urls.v[0], l->list.n);
	array_add(&l->list, p);
	return p;
}

static int read_page(int fd, struct koji_page *p)
{
	off_t size = lseek(fd, 0, SEEK_END);
	cleanup_free char *text = NULL;

	if (size < 0 || size > PAGE_MAX || lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	text = xcalloc((size_t)size + 1, 1);
	if (file_read_full(fd, text, (size_t)size) < 0)
		return -1;
	listing_read(text, &p->names);
	return 0;
}

/* What came; or a word on why nothing did. */
static void take_page(struct source *s, struct koji_page *p, const struct fetch *f)
{
	cleanup_error struct error why = ERROR_INIT;
	struct koji_archive *a = s->data;

	if (f->done && read_page(f->fd, p) == 0) {
		p->url = xstrdup(f->url ? f->url : p->urls.v[0]);
		return;
	}
	p->unasked = f->unasked;
	if (p->unasked && !a->silent)
		a->silent = xstrdup(f->trail.v[0]);
	if (!p->unasked && fetch_why(f, 1, &why))
		source_aside(s, "%s: %s", s->shown, why.msg);
}

static int get_some(struct source *s, struct koji_page *const *v, uint32_t n,
		    struct error *err)
{
	struct fetch f[KOJI_AT_ONCE] = {0};
	char *names[KOJI_AT_ONCE] = {0};
	cleanup_error struct error why = ERROR_INIT;
	struct store *store = s->env->metadata;
	uint32_t k = 0;
	int rc = 0;

	for (; k < n && rc == 0; k++) {
		names[k] = store_name_of_text(v[k]->urls.v[0], "folder");
		f[k] = (struct fetch){.what = "the list of a folder",
				      .bases = &v[k]->urls,
				      .size = FETCH_SIZE_UNKNOWN,
				      .limit = PAGE_MAX,
				      .fd = store_begin(store, names[k], err)};
		if (f[k].fd < 0)
			rc = -1;
		else if (ftruncate(f[k].fd, 0) < 0)
			rc = err_errno(err, "cannot write the list of a folder");
	}
	if (rc == 0 && fetch_many(&s->env->net, f, k, s->env->observer, &why) &&
	    (why.sys || observer_stop(s->env->observer) || why.kind != ERR_UNAVAILABLE)) {
		err_move(err, &why);
		rc = -1;
	}
	for (uint32_t i = 0; i < k; i++) {
		if (rc == 0)
			take_page(s, v[i], &f[i]);
		v[i]->asked = true;
		if (f[i].fd >= 0) {
			close(f[i].fd);
			store_drop(store, names[i]);
		}
		fetch_release(&f[i]);
		free(names[i]);
	}
	return rc;
}

int koji_pages_get(struct source *s, struct koji_pages *l, struct error *err)
{
	struct koji_page *v[KOJI_AT_ONCE];
	uint32_t k = 0;

	for (uint32_t i = 0; i < l->list.n; i++) {
		if (!l->list.v[i]->asked)
			v[k++] = l->list.v[i];
		if (k == ELEMENTSOF(v) || (k && i == l->list.n - 1)) {
			if (get_some(s, v, k, err))
				return -1;
			k = 0;
		}
	}
	return 0;
}
