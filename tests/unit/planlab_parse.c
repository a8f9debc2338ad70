/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "planlab.h"

/* The text of a scenario, taken apart. tests/fixtures/plan/README.md says what the lines mean. */
struct parser {
	struct lab *l;
	unsigned line;
	struct error *err;
	struct pkg *pkg;      /* `file` lines belong to it */
	struct pkg *unpaired; /* a `from` that waits for its `to` */
	struct strmap links;  /* names of hard-link sets of pkg -> first file */
	struct strlist words;
};

static int bad(struct parser *p, const char *what)
{
	return err_set(p->err, ERR_FAILED, "line %u: %s", p->line, what);
}

/* \n, \s (a blank), \\ and \xHH */
static char *unescape(const char *s, size_t n)
{
	char *out = xmalloc(n + 1), *o = out;
	const char *end = s + n;
	unsigned byte;

	while (s < end) {
		if (*s != '\\' || s + 1 == end) {
			*o++ = *s++;
			continue;
		}
		s += 2;
		switch (s[-1]) {
		case 'n': *o++ = '\n'; break;
		case 's': *o++ = ' '; break;
		case 'x':
			if (sscanf(s, "%2x", &byte) == 1)
				*o++ = (char)byte;
			s += 2;
			break;
		default: *o++ = s[-1];
		}
	}
	*o = '\0';
	return out;
}

static void split(struct parser *p, const char *line, size_t n)
{
	strlist_release(&p->words);
	for (size_t i = 0; i < n;) {
		size_t len = 0;

		while (i < n && (line[i] == ' ' || line[i] == '\t'))
			i++;
		while (i + len < n && line[i + len] != ' ' && line[i + len] != '\t')
			len++;
		if (len)
			strlist_take(&p->words, unescape(line + i, len));
		i += len;
	}
}

/* The value of "key=value", or NULL */
static const char *value_of(const char *word, const char *key)
{
	size_t n = strlen(key);

	return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static enum ftype type_of(const char *word)
{
	static const char letters[] = "?fdlcbps"; /* as enum ftype */
	const char *at = word[0] && !word[1] ? strchr(letters, word[0]) : NULL;

	return at ? (enum ftype)(at - letters) : FT_NONE;
}

static uint32_t device(const char *text)
{
	unsigned major = 0, minor = 0;

	(void)sscanf(text, "%u:%u", &major, &minor);
	return major << 8 | minor;
}

static uint8_t hex_bytes(const char *text, uint8_t *ret)
{
	uint8_t n = 0;
	unsigned byte;

	for (; n < CAPS_MAX && sscanf(text, "%2x", &byte) == 1 && text[1]; text += 2)
		ret[n++] = (uint8_t)byte;
	return n;
}

static uint32_t id_of(const struct lab *l, const char *name, bool user)
{
	const struct user_table *t = user ? &l->users.users : &l->users.groups;
	const struct user_entry *e;

	array_foreach(e, t)
		if (strcmp(e->name, name) == 0)
			return e->id;
	return (uint32_t)strtoul(name, NULL, 10);
}

static void share_inode(struct lab *l, struct lab_node *n, const char *ino)
{
	uint64_t number = 1000000 + strtoull(ino, NULL, 10);

	for (uint32_t i = 0; i < l->disk.n; i++)
		if (l->disk.v[i].fact.id.ino == number)
			l->disk.v[i].shares = n->shares = true;
	n->fact.id.ino = number;
}

static bool disk_key(struct lab *l, struct lab_node *n, const char *w)
{
	const char *v;

	if ((v = value_of(w, "content")))
		n->content = arena_strdup(&l->mem, v);
	else if ((v = value_of(w, "target")))
		n->fact.link = arena_strdup(&l->mem, v);
	else if ((v = value_of(w, "mtime")))
		n->fact.attr.mtime_ns = strtoll(v, NULL, 10) * INT64_C(1000000000);
	else if ((v = value_of(w, "btime")))
		n->fact.id.btime_ns = strtoll(v, NULL, 10) * INT64_C(1000000000);
	else if ((v = value_of(w, "ino")))
		share_inode(l, n, v);
	else if ((v = value_of(w, "nlink")))
		n->fact.nlink = (uint32_t)strtoul(v, NULL, 10);
	else if ((v = value_of(w, "rdev")))
		n->fact.rdev = device(v);
	else if ((v = value_of(w, "caps")))
		n->fact.attr.caps_len = hex_bytes(v, n->fact.attr.caps);
	else if (strcmp(w, "sys=EIO") == 0)
		n->fact.sys = EIO;
	else if (strcmp(w, "sys=ENOKEY") == 0)
		n->fact.sys = ENOKEY;
	else if (strcmp(w, "immutable") == 0)
		n->fact.flags |= FACT_IMMUTABLE;
	else if (strcmp(w, "append") == 0)
		n->fact.flags |= FACT_APPEND;
	else if (strcmp(w, "acl") == 0)
		n->fact.flags |= FACT_ACL;
	else if (strcmp(w, "verity") == 0)
		n->fact.flags |= FACT_VERITY;
	else if ((v = value_of(w, "ima")))
		n->fact.ima = filesig_mark(v, strlen(v));
	else
		return false;
	return true;
}

/* litter PATH... */
static int parse_litter(struct parser *p)
{
	for (uint32_t i = 1; i < p->words.n; i++)
		strlist_add(&p->l->changes.litter, p->words.v[i]);
	return 0;
}

/* disk TYPE PATH [MODE] [USER:GROUP] [KEY=VALUE...] */
static int parse_disk(struct parser *p)
{
	enum ftype t = p->words.n > 2 ? type_of(p->words.v[1]) : FT_NONE;
	struct lab_node *n;

	if (t == FT_NONE && (p->words.n < 3 || strcmp(p->words.v[1], "?") != 0))
		return bad(p, "disk TYPE PATH ...");
	n = lab_add(p->l, strcmp(p->words.v[2], ".") == 0 ? "" : p->words.v[2], t);
	for (uint32_t i = 3; i < p->words.n; i++) {
		char *w = p->words.v[i], *colon = strchr(w, ':');

		if (disk_key(p->l, n, w))
			continue;
		if (w[0] == '0' && !colon) {
			n->fact.attr.mode = (n->fact.attr.mode & S_IFMT) |
					    (uint32_t)strtoul(w, NULL, 8);
		} else if (colon) {
			*colon = '\0';
			n->fact.attr.uid = id_of(p->l, w, true);
			n->fact.attr.gid = id_of(p->l, colon + 1, false);
		} else {
			return bad(p, w);
		}
	}
	return t == FT_LNK && !n->fact.link ? bad(p, "a link needs target=") : 0;
}

static void file_signature(struct pkg *p, const char *text)
{
	enum { MANY = 64 }; /* more than any scenario has */
	struct filesig *all = (struct filesig *)p->filesigs;

	if (!all) {
		all = arena_alloc(&p->mem, MANY * sizeof(*all));
		p->filesigs = all;
	}
	if (p->files.n > MANY)
		BUG("too many files for signatures");
	all[p->files.n - 1] =
		(struct filesig){arena_memdup(&p->mem, text, strlen(text)), strlen(text)};
}

static bool file_key(struct parser *p, struct pkgfile *f, const char *w)
{
	static const char *const states[] = {"normal", "replaced", "notinstalled",
					     "netshared", "wrongcolor"};
	struct arena *mem = &p->pkg->mem;
	uint8_t caps[CAPS_MAX];
	const char *v;
	uint32_t first;

	if ((v = value_of(w, "content")) || (v = value_of(w, "target")))
		return true; /* taken before */
	if ((v = value_of(w, "mtime"))) {
		f->mtime = strtoll(v, NULL, 10);
	} else if ((v = value_of(w, "color"))) {
		f->color = (uint32_t)strtoul(v, NULL, 10);
	} else if ((v = value_of(w, "rdev"))) {
		f->rdev = device(v);
	} else if ((v = value_of(w, "langs"))) {
		f->langs = arena_strdup(mem, v);
	} else if ((v = value_of(w, "caps"))) {
		f->caps_len = hex_bytes(v, caps);
		f->caps = arena_memdup(mem, caps, f->caps_len);
	} else if ((v = value_of(w, "ima"))) {
		file_signature(p->pkg, v);
	} else if ((v = value_of(w, "link"))) {
		if (strmap_get(&p->links, v, &first))
			lab_link_files(p->pkg, first, p->pkg->files.n - 1);
		else
			strmap_set(&p->links, arena_strdup(mem, v), p->pkg->files.n - 1);
	} else if ((v = value_of(w, "state"))) {
		for (uint8_t i = 0; i < ELEMENTSOF(states); i++)
			if (strcmp(v, states[i]) == 0)
				f->state = i;
	} else {
		return false;
	}
	return true;
}

/* "config,noreplace" */
static bool file_flags(struct pkgfile *f, const char *w)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} flags[] = {{"config", FILE_CONFIG},
		     {"noreplace", FILE_NOREPLACE},
		     {"doc", FILE_DOC},
		     {"ghost", FILE_GHOST},
		     {"missingok", FILE_MISSINGOK},
		     {"license", FILE_LICENSE},
		     {"artifact", FILE_ARTIFACT}};

	while (*w) {
		size_t n = strcspn(w, ","), i;

		for (i = 0; i < ELEMENTSOF(flags); i++)
			if (strlen(flags[i].name) == n &&
			    strncmp(w, flags[i].name, n) == 0)
				break;
		if (i == ELEMENTSOF(flags))
			return false;
		f->flags |= flags[i].flag;
		w += n + (w[n] == ',');
	}
	return true;
}

/* file TYPE PATH [MODE] [USER:GROUP] [FLAG,FLAG...] [KEY=VALUE...] */
static int parse_file(struct parser *p)
{
	static const uint32_t modes[] = {
		[FT_REG] = S_IFREG | 0644,  [FT_DIR] = S_IFDIR | 0755,
		[FT_LNK] = S_IFLNK | 0777,  [FT_CHR] = S_IFCHR | 0644,
		[FT_BLK] = S_IFBLK | 0644,  [FT_FIFO] = S_IFIFO | 0644,
		[FT_SOCK] = S_IFSOCK | 0644};
	enum ftype t = p->words.n > 2 ? type_of(p->words.v[1]) : FT_NONE;
	const char *content = "", *v;
	struct pkgfile *f;

	if (!p->pkg || t == FT_NONE || p->words.v[2][0] != '/')
		return bad(p, "file TYPE /PATH ... of a package");
	for (uint32_t i = 3; i < p->words.n; i++)
		if ((v = value_of(p->words.v[i], t == FT_LNK ? "target" : "content")))
			content = v;
	f = lab_add_file(p->l, p->pkg, p->words.v[2], modes[t], content);
	for (uint32_t i = 3; i < p->words.n; i++) {
		char *w = p->words.v[i], *colon = strchr(w, ':');

		if (file_key(p, f, w) || file_flags(f, w))
			continue;
		if (w[0] == '0' && !colon) {
			f->mode = (f->mode & S_IFMT) | (uint32_t)strtoul(w, NULL, 8);
		} else if (colon) {
			f->user = arena_strndup(&p->pkg->mem, w, (size_t)(colon - w));
			f->group = arena_strdup(&p->pkg->mem, colon + 1);
		} else if (strcmp(w, "nodigest") == 0) {
			f->digest = NULL;
			f->digest_len = 0;
		} else {
			return bad(p, w);
		}
	}
	return 0;
}

static void comma_list(struct strlist *l, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, ",");

		strlist_take(l, xstrndup(text, n));
		text += n + (text[n] == ',');
	}
}

static uint32_t scriptlets(const char *text)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} all[] = {
#define X(id, bit, name) {name, id},
		SCRIPTLETS(X)
#undef X
	};
	struct strlist l = {0};
	uint32_t bits = 0;

	comma_list(&l, text);
	for (size_t i = 0; i < ELEMENTSOF(all); i++)
		if (strlist_has(&l, all[i].name))
			bits |= all[i].bit;
	strlist_release(&l);
	return bits;
}

/* from|to|remove|install|stay NAME-VERSION-RELEASE[.ARCH] [KEY=VALUE...] */
static int parse_pkg(struct parser *p)
{
	const char *what = p->words.v[0], *v;
	struct pkg *pkg =
		p->words.n > 1 ? lab_pkg(p->l, p->words.v[1], DIGEST_SHA256) : NULL;
	bool comes = strcmp(what, "to") == 0 || strcmp(what, "install") == 0;
	struct change *x;

	if (!pkg)
		return bad(p, "a package is NAME-VERSION-RELEASE[.ARCH]");
	p->pkg = pkg;
	strmap_release(&p->links);
	if (!comes)
		pkg->instance = ++p->l->last_instance;
	pkgset_take(comes			? &p->l->changes.arriving
		    : strcmp(what, "stay") == 0 ? &p->l->staying
						: &p->l->leaving,
		    pkg);
	if (comes && strcmp(what, "to") == 0 && p->unpaired) {
		x = &p->l->changes.list.v[p->l->changes.list.n - 1];
		x->to = pkg;
		x->kind = nevra_is_same(&x->from->id, &pkg->id) ? CHANGE_REINSTALL
								: CHANGE_DOWNGRADE;
	} else if (strcmp(what, "stay") != 0) {
		x = array_push(&p->l->changes.list);
		*(comes ? &x->to : &x->from) = pkg;
		x->kind = comes			       ? CHANGE_INSTALL
			  : strcmp(what, "clear") == 0 ? CHANGE_CLEAR
						       : CHANGE_REMOVE;
	}
	p->unpaired = strcmp(what, "from") == 0 ? pkg : NULL;
	for (uint32_t i = 2; i < p->words.n; i++) {
		const char *w = p->words.v[i];

		if (strcmp(w, "algo=md5") == 0)
			pkg->digest_algo = DIGEST_MD5;
		else if (strcmp(w, "algo=sha1") == 0)
			pkg->digest_algo = DIGEST_SHA1;
		else if ((v = value_of(w, "tid")))
			pkg->installtid = strtoll(v, NULL, 10);
		else if ((v = value_of(w, "scripts")))
			pkg->scriptlets = scriptlets(v);
		else if ((v = value_of(w, "triggers")))
			comma_list(&pkg->triggers, v);
		else if ((v = value_of(w, "filetriggers")))
			comma_list(&pkg->filetriggers, v);
		else
			return bad(p, w);
	}
	return 0;
}

/* mount PATH [missing] [readonly] [free=BYTES] [inodes=N] [noxattrs] [type=FSTYPE] */
static int parse_mount(struct parser *p)
{
	const char *path = p->words.n > 1 ? p->words.v[1] : NULL, *v;
	struct mount *m = &p->l->mounts.v[0];

	if (!path)
		return bad(p, "mount PATH ...");
	if (strcmp(path, "/") != 0) {
		m = array_push(&p->l->mounts);
		*m = (struct mount){.path = xstrdup(path),
				    .fstype = xstrdup("ext4"),
				    .device = xasprintf("/dev/of%s", path),
				    .block_size = 4096,
				    .blocks_free = 1 << 20,
				    .inodes_free = UINT64_MAX};
	}
	for (uint32_t i = 2; i < p->words.n; i++) {
		const char *w = p->words.v[i];

		if (strcmp(w, "missing") == 0) {
			m->missing = true;
		} else if (strcmp(w, "readonly") == 0) {
			m->readonly = true;
		} else if ((v = value_of(w, "free"))) {
			m->blocks_free = strtoull(v, NULL, 10) / m->block_size;
		} else if ((v = value_of(w, "inodes"))) {
			m->inodes_free = strtoull(v, NULL, 10);
		} else if (strcmp(w, "noxattrs") == 0) {
			m->no_xattrs = true;
		} else if ((v = value_of(w, "type"))) {
			free(m->fstype);
			m->fstype = xstrdup(v);
		} else {
			return bad(p, w);
		}
	}
	return 0;
}

static int parse_option(struct parser *p)
{
	for (uint32_t i = 1; i < p->words.n; i++) {
		const char *w = p->words.v[i];

		if (strcmp(w, "config=keep") == 0)
			p->l->policy.config = CONFIG_KEEP;
		else if (strcmp(w, "config=replace") == 0)
			p->l->policy.config = CONFIG_REPLACE;
		else if (strcmp(w, "replacefiles") == 0)
			p->l->policy.replacefiles = true;
		else if (strcmp(w, "signs") == 0)
			p->l->policy.signs_files = true;
		else if (strcmp(w, "counts") == 0)
			p->l->show_counts = true;
		else if (strcmp(w, "texts") == 0)
			p->l->show_texts = true;
		else if (strcmp(w, "space") == 0)
			p->l->show_space = true;
		else if (strcmp(w, "once") == 0)
			p->l->only_once = true;
		else
			return bad(p, w);
	}
	return 0;
}

static int parse_id(struct parser *p)
{
	cleanup_free char *line = NULL;

	if (p->words.n != 3)
		return bad(p, "user|group NAME NUMBER");
	line = xasprintf("%s:x:%s:\n", p->words.v[1], p->words.v[2]);
	if (strcmp(p->words.v[0], "user") == 0)
		users_parse_passwd(&p->l->users, line);
	else
		users_parse_group(&p->l->users, line);
	return 0;
}

static int parse_line(struct parser *p)
{
	static const struct {
		const char *word;
		int (*parse)(struct parser *p);
	} all[] = {
		{"disk", parse_disk},	 {"file", parse_file},	   {"from", parse_pkg},
		{"to", parse_pkg},	 {"stay", parse_pkg},	   {"remove", parse_pkg},
		{"clear", parse_pkg},	 {"litter", parse_litter}, {"install", parse_pkg},
		{"user", parse_id},	 {"group", parse_id},	   {"mount", parse_mount},
		{"option", parse_option}};

	for (size_t i = 0; p->words.n && i < ELEMENTSOF(all); i++)
		if (strcmp(p->words.v[0], all[i].word) == 0)
			return all[i].parse(p);
	return p->words.n ? bad(p, p->words.v[0]) : 0;
}

int lab_parse(struct lab *l, const char *text, const char **ret_want, struct error *err)
{
	struct parser p = {.l = l, .err = err};
	int rc = 0;

	while (*text && rc == 0) {
		size_t n = strcspn(text, "\n");

		p.line++;
		if (n == 2 && strncmp(text, "=>", 2) == 0)
			break;
		if (text[0] != '#') {
			split(&p, text, n);
			rc = parse_line(&p);
		}
		text += n + (text[n] == '\n');
	}
	if (rc == 0 && strncmp(text, "=>", 2) != 0)
		rc = bad(&p, "no line '=>': what is expected?");
	if (rc == 0)
		*ret_want = text + 2 + (text[2] == '\n');
	strmap_release(&p.links);
	strlist_release(&p.words);
	return rc;
}
