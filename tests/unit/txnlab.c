/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "base/file.h"
#include "calls.h"
#include "txn/look.h"
#include "txnlab.h"

/* --- content out of memory ---------------------------------------------------------------------------- */

struct reader {
	struct lab *lab;
	uint32_t next, at; /* file; bytes of it that were read */
};

static int open_content(const void *ctx, uint32_t change, void **ret, struct error *err)
{
	struct reader *r = xcalloc(1, sizeof(*r));

	(void)err;
	assert_int_equal(change, 0);
	r->lab = (struct lab *)ctx;
	*ret = r;
	return 0;
}

static int next_content(void *reader, uint32_t *ret_file, bool *ret_data,
			struct error *err)
{
	struct reader *r = reader;

	(void)err;
	r->at = 0;
	if (r->next == r->lab->omit)
		r->next++;
	if (r->next >= r->lab->contents.n)
		return 0;
	*ret_file = r->next++;
	*ret_data = *r->lab->contents.v[*ret_file] != '\0';
	return 1;
}

static ssize_t read_content(void *reader, void *buf, size_t n, struct error *err)
{
	struct reader *r = reader;
	const char *text = r->lab->contents.v[r->next - 1];
	size_t len = strlen(text);

	(void)err;
	if (r->next - 1 == r->lab->truncate)
		len /= 2;
	n = MIN(MIN(n, 7 + len / 100), len - r->at); /* in pieces, small ones of what is small */
	memcpy(buf, text + r->at, n);
	if (n && r->next - 1 == r->lab->forge)
		*(char *)buf ^= 1;
	r->at += n;
	return (ssize_t)n;
}

static void close_content(void *reader)
{
	free(reader);
}

/* --- the lab --------------------------------------------------------------------------------------------- */

void lab_open(struct lab *l)
{
	struct error err = ERROR_INIT;

	root_free(l->root);
	if (root_open(l->scene.root, ROOT_WRITE, &l->root, &err) < 0)
		fail_msg("%s", err.msg);
}

static void new_package(struct lab *l)
{
	struct change *c = array_push(&l->changes.list);
	struct pkg *p = pkg_new();

	p->nevra = "lab-1-1.noarch";
	p->id.name = "lab";
	p->id.version = p->id.release = "1";
	p->id.arch = "noarch";
	c->kind = CHANGE_DOWNGRADE;
	c->to = p;
	c->source = -1;
	pkgset_take(&l->changes.arriving, p);
	l->plan.changes = &l->changes;
	array_push(&l->mounts)->path = xstrdup("");
	l->plan.mounts = &l->mounts;
}

void lab_init(struct lab *l)
{
	memset(l, 0, sizeof(*l));
	umask(022);
	l->scene = scene_new();
	l->truncate = l->forge = l->omit = NO_INDEX;
	lab_open(l);
	new_package(l);
}

void lab_release(struct lab *l)
{
	root_free(l->root);
	scene_free(&l->scene);
	changes_release(&l->changes);
	l->plan.changes = NULL;
	plan_release(&l->plan);
	mounts_release(&l->mounts);
	strlist_release(&l->contents);
	arena_release(&l->mem);
}

char *lab_path(const struct lab *l, const char *path)
{
	return scene_path(&l->scene, path);
}

void lab_file(const struct lab *l, const char *path, const char *text, mode_t mode)
{
	cleanup_free char *full = lab_path(l, path);
	cleanup_close int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
}

void lab_dir(const struct lab *l, const char *path)
{
	scene_dir(&l->scene, path);
}

void lab_symlink(const struct lab *l, const char *target, const char *path)
{
	scene_link(&l->scene, target, path);
}

void lab_link(const struct lab *l, const char *from, const char *to)
{
	cleanup_free char *a = lab_path(l, from), *b = lab_path(l, to);

	assert_int_equal(link(a, b), 0);
}

static int age;

static int age_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct timespec t[2] = {{.tv_nsec = UTIME_OMIT}, {1000000000 + 60 * ++age, 0}};

	(void)st;
	(void)type;
	(void)ftw;
	return utimensat(AT_FDCWD, path, t, AT_SYMLINK_NOFOLLOW);
}

void lab_age(const struct lab *l)
{
	age = 0;
	assert_int_equal(nftw(l->scene.root, age_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* --- ops ---------------------------------------------------------------------------------------------- */

#define NEW_MTIME INT64_C(900000000000000000)

static struct op *add(struct lab *l, enum op_kind kind, const char *path)
{
	struct op *op = array_push(&l->plan.ops);
	struct statx st;

	op->kind = kind;
	op->path = arena_strdup(&l->mem, path);
	op->change = op->file = op->link_leader = NO_INDEX;
	op->new.mtime_ns = NEW_MTIME + l->plan.ops.n *INT64_C(1000000000);
	if (root_statx(l->root, path, LOOK_MASK, &st) == 0) {
		op->old_id.ino = st.stx_ino;
		op->old_id.btime_ns =
			st.stx_mask & STATX_BTIME ? root_ns(&st.stx_btime) : 0;
		look_attr(&st, &op->old);
		op->old_size = st.stx_size;
		op->old_ctime_ns = root_ns(&st.stx_ctime);
	}
	return op;
}

/* A path that another op makes room at is a create. */
static struct op *add_new(struct lab *l, const char *path, mode_t mode)
{
	bool room = false;
	struct op *op;

	for (uint32_t i = 0; i < l->plan.ops.n; i++)
		room |= !strcmp(l->plan.ops.v[i].path, path);
	op = add(l, OP_CREATE, path);
	if (op->old_id.ino && !room)
		op->kind = OP_SWAP;
	op->new.mode = mode;
	return op;
}

static uint32_t last(const struct lab *l)
{
	return l->plan.ops.n - 1;
}

uint32_t lab_put(struct lab *l, const char *path, const char *text, mode_t mode)
{
	struct pkg *p = l->changes.list.v[0].to;
	struct op *op = add_new(l, path, S_IFREG | mode);
	struct digester *d = digester_new(DIGEST_SHA256);
	struct pkgfile *f = array_push(&p->files);

	op->size = strlen(text);
	digester_update(d, text, op->size);
	digester_finish(d, &op->digest);
	op->change = 0;
	op->file = p->files.n - 1;
	f->link_first = op->file;
	f->link_count = 1;
	strlist_add(&l->contents, text);
	return last(l);
}

uint32_t lab_put_dir(struct lab *l, const char *path, mode_t mode)
{
	add_new(l, path, S_IFDIR | mode);
	return last(l);
}

uint32_t lab_put_symlink(struct lab *l, const char *path, const char *target)
{
	struct op *op = add_new(l, path, S_IFLNK | 0777);

	op->link = arena_strdup(&l->mem, target);
	op->size = strlen(target);
	return last(l);
}

uint32_t lab_put_fifo(struct lab *l, const char *path)
{
	add_new(l, path, S_IFIFO | 0640);
	return last(l);
}

uint32_t lab_put_link(struct lab *l, const char *path, uint32_t leader)
{
	struct op *op = add_new(l, path, 0), *lead = &l->plan.ops.v[leader];

	op->new = lead->new;
	op->size = lead->size;
	op->digest = lead->digest;
	op->change = lead->change;
	op->file = lead->file;
	op->link_leader = leader;
	return last(l);
}

uint32_t lab_remove(struct lab *l, const char *path)
{
	add(l, OP_REMOVE, path);
	return last(l);
}

uint32_t lab_move(struct lab *l, const char *path, const char *path2)
{
	add(l, OP_MOVE, path)->path2 = arena_strdup(&l->mem, path2);
	return last(l);
}

uint32_t lab_attr(struct lab *l, const char *path, mode_t mode, uid_t uid, int64_t mtime)
{
	struct op *op = add(l, OP_ATTR, path);

	op->new = op->old;
	op->new.mode = (op->old.mode & S_IFMT) | mode;
	op->new.uid = uid;
	op->new.mtime_ns = mtime *INT64_C(1000000000);
	return last(l);
}

/* --- a root with everything --------------------------------------------------------------------------- */

/* cap_net_raw+ep, as in linux/capability.h: version 2 */
static const uint8_t caps_raw[20] = {0x01, 0, 0, 0x02, 0, 0x20};

void lab_fill(struct lab *l)
{
	static const char *const dirs[] = {"usr",	    "usr/bin",	    "usr/lib",
					   "usr/lib/real",  "etc",	    "etc/gone",
					   "etc/gone/deep", "var",	    "var/to-link",
					   "usr/share",	    "usr/share/doc"};

	for (size_t i = 0; i < ELEMENTSOF(dirs); i++)
		lab_dir(l, dirs[i]);
	lab_file(l, "usr/bin/plain", "plain 2\n", 0755);
	lab_file(l, "usr/bin/setuid", "setuid 2\n", 04755);
	lab_file(l, "usr/bin/caps", "caps 2\n", 0755);
	lab_file(l, "usr/bin/link-a", "links 2\n", 0644);
	lab_link(l, "usr/bin/link-a", "usr/bin/link-b");
	lab_file(l, "usr/bin/to-dir", "a file\n", 0644);
	lab_file(l, "usr/bin/to-symlink", "a file\n", 0644);
	lab_file(l, "usr/bin/attr", "attributes\n", 0644);
	lab_file(l, "usr/bin/untouched", "untouched\n", 0644);
	lab_symlink(l, "plain", "usr/bin/sym");
	lab_symlink(l, "real", "usr/lib/to-dir");
	lab_file(l, "usr/lib/real/inside", "inside\n", 0644);
	lab_file(l, "etc/gone/file", "gone\n", 0600);
	lab_file(l, "etc/gone/deep/file", "gone too\n", 0600);
	lab_file(l, "etc/config", "edited\n", 0640);
	lab_file(l, "etc/config-old", "edited\n", 0640);
	lab_file(l, "var/to-link/file", "moves out\n", 0644);
	{
		cleanup_free char *caps = lab_path(l, "usr/bin/caps");

		assert_int_equal(setxattr(caps, "security.capability", caps_raw,
					  sizeof(caps_raw), 0),
				 0);
	}
	lab_age(l);
}

void lab_plan(struct lab *l)
{
	uint32_t lead, i;

	lab_remove(l, "var/to-link/file");
	lab_remove(l, "etc/gone/deep/file");
	lab_remove(l, "etc/gone/deep");
	lab_remove(l, "etc/gone/file");
	lab_remove(l, "etc/gone");
	lab_move(l, "etc/config-old", "etc/config-old.rpmsave");
	lab_move(l, "etc/config", "etc/config.rpmsave");

	lab_put(l, "etc/config", "packaged\n", 0644);
	lab_attr(l, "usr/bin", 0750, 7, 500000000);
	lab_attr(l, "usr/bin/attr", 02755, 5, 600000000);
	i = lab_put(l, "usr/bin/caps", "caps 1\n", 0755);
	l->plan.ops.v[i].new.caps_len = sizeof(caps_raw);
	memcpy(l->plan.ops.v[i].new.caps, caps_raw, sizeof(caps_raw));
	lead = lab_put(l, "usr/bin/link-a", "links 1, longer\n", 0644);
	lab_put_link(l, "usr/bin/link-b", lead);
	lab_put_link(l, "usr/bin/link-c", lead);
	lab_put(l, "usr/bin/plain", "plain 1\n", 0755);
	i = lab_put(l, "usr/bin/setuid", "setuid 1\n", 06711);
	l->plan.ops.v[i].new.uid = 3;
	lab_put_symlink(l, "usr/bin/sym", "setuid");
	lab_put_dir(l, "usr/bin/to-dir", 0755);
	lab_put(l, "usr/bin/to-dir/in-it", "new in it\n", 0644);
	lab_put_symlink(l, "usr/bin/to-symlink", "/usr/bin/plain");
	lab_put_dir(l, "usr/lib/to-dir", 0755);
	lab_put(l, "usr/lib/to-dir/own", "own\n", 0644);
	lab_put(l, "usr/share/doc/empty", "", 0644);
	lab_put_fifo(l, "usr/share/doc/fifo");
	lab_put_dir(l, "usr/share/new", 0711);
	lab_put_dir(l, "usr/share/new/deeper", 0755);
	lab_put(l, "usr/share/new/deeper/file", "deep\n", 0644);
	lab_put_symlink(l, "var/to-link", "../usr/share/new");
}

int lab_apply_with_rpmdb(struct lab *l, const struct rpmdb_maker *rpmdb,
			 struct txn_result *ret, struct error *err)
{
	struct content content = {.ctx = l,
				  .open = open_content,
				  .next = next_content,
				  .read = read_content,
				  .close = close_content};
	struct work_order w = {
		.plan = &l->plan,
		.content = &content,
		.rpmdb = rpmdb,
		.record = {.title = "a test", .command = "test", .changes = &l->changes},
		.observer = &l->observer,
	};

	return txn_run(l->root, &w, ret, err);
}

int lab_apply(struct lab *l, struct txn_result *ret, struct error *err)
{
	return lab_apply_with_rpmdb(l, NULL, ret, err);
}

void lab_apply_well(struct lab *l)
{
	struct txn_result res = {0};
	struct error err = ERROR_INIT;

	if (lab_apply(l, &res, &err) < 0)
		fail_msg("apply: %s", err.msg);
	txn_result_release(&res);
}

/* --- looking at it ---------------------------------------------------------------------------------------- */

static struct {
	struct strlist lines;
	size_t prefix;
	bool inodes;
} shot;

static int shoot(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	cleanup_buf struct buf b = {0};
	struct statx sx;
	uint8_t caps[64];
	ssize_t n;

	(void)type;
	(void)ftw;
	if (strstr(path + shot.prefix, "/.putback"))
		return 0;
	buf_printf(&b, "%s %06o %u:%u links %lu",
		   path[shot.prefix] ? path + shot.prefix : "/", st->st_mode, st->st_uid,
		   st->st_gid, S_ISDIR(st->st_mode) ? 0 : (unsigned long)st->st_nlink);
	buf_printf(&b, " mtime %lld.%09ld", (long long)st->st_mtim.tv_sec,
		   st->st_mtim.tv_nsec);
	if (shot.inodes) {
		assert_int_equal(
			statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, LOOK_MASK, &sx), 0);
		buf_printf(&b, " inode %llu born %" PRId64,
			   (unsigned long long)sx.stx_ino, root_ns(&sx.stx_btime));
	}
	n = lgetxattr(path, "security.capability", caps, sizeof(caps));
	if (n > 0) {
		buf_str(&b, " caps ");
		buf_hex(&b, caps, (size_t)n);
	}
	if (S_ISLNK(st->st_mode)) {
		char target[256] = "";

		assert_true(readlink(path, target, sizeof(target) - 1) >= 0);
		buf_printf(&b, " -> %s", target);
	} else if (S_ISREG(st->st_mode)) {
		cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOATIME);
		char text[256] = "";

		assert_true(fd >= 0);
		assert_true(file_read_full(fd, text, sizeof(text) - 1) >= 0);
		buf_printf(&b, " '%s'", text);
	}
	strlist_take(&shot.lines, buf_steal(&b));
	return 0;
}

char *lab_snapshot(const struct lab *l, bool inodes)
{
	cleanup_buf struct buf all = {0};

	shot.prefix = strlen(l->scene.root);
	shot.inodes = inodes;
	assert_int_equal(nftw(l->scene.root, shoot, 16, FTW_PHYS), 0);
	strlist_sort_unique(&shot.lines);
	for (uint32_t i = 0; i < shot.lines.n; i++)
		buf_printf(&all, "%s\n", shot.lines.v[i]);
	strlist_release(&shot.lines);
	return buf_steal(&all);
}

void lab_compare(const char *got, const char *wanted, const char *file, int line)
{
	const char *a = got, *b = wanted;

	if (!strcmp(got, wanted))
		return;
	while (*a && *a == *b)
		a++, b++;
	while (a > got && a[-1] != '\n')
		a--, b--;
	fail_msg("%s:%d: the root differs\n got    %.*s\n wanted %.*s", file, line,
		 (int)strcspn(a, "\0"), a, (int)strcspn(b, "\0"), b);
}

bool lab_has_putback(const struct lab *l)
{
	cleanup_free char *path = lab_path(l, ".putback");
	struct stat st;

	return lstat(path, &st) == 0;
}

int lab_in_child(int (*fn)(void *ctx), void *ctx)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn(ctx));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* --- what happens to it ------------------------------------------------------------------------------- */

static int apply(void *ctx)
{
	struct txn_result res = {0};

	return lab_apply(ctx, &res, NULL) < 0;
}

void lab_die_committing(struct lab *l, unsigned long n)
{
	/* the first one tries out whether names can be exchanged */
	calls_arm_renames(n + 2, CALLS_KILL);
	assert_int_equal(lab_in_child(apply, l), -SIGKILL);
	calls_disarm();
	lab_open(l);
}

void lab_forge(const struct lab *l, const char *sql)
{
	cleanup_free char *path = lab_path(l, ".putback/journal.sqlite");
	sqlite3 *db = NULL;
	char *why = NULL;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL),
			 SQLITE_OK);
	sqlite3_exec(db, sql, NULL, NULL, &why);
	if (why)
		fail_msg("%s: %s", sql, why);
	if (!sqlite3_total_changes(db) && strncmp(sql, "PRAGMA", 6) != 0 &&
	    strncmp(sql, "CREATE", 6) != 0)
		fail_msg("%s: changes nothing", sql);
	sqlite3_close(db);
}

bool lab_may_mount(void)
{
	static int may = -1;

	if (may < 0)
		may = unshare(CLONE_NEWNS) == 0 &&
		      mount("", "/", "", MS_REC | MS_PRIVATE, NULL) == 0;
	return may == 1;
}

void lab_mount(const struct lab *l, const char *path, const char *options)
{
	cleanup_free char *full = lab_path(l, path);

	assert_int_equal(mount("lab", full, "tmpfs", 0, options), 0);
}

void lab_unmount(const struct lab *l, const char *path)
{
	cleanup_free char *full = lab_path(l, path);

	assert_int_equal(umount2(full, MNT_DETACH), 0);
}
