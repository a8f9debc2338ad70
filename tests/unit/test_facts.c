/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "disk/facts.h"
#include "disk/mounts.h"
#include "disk/probe.h"
#include "scene.h"

/* --- a layout made by hand -------------------------------------------------------------------- */

struct stage {
	struct scene scene;
	struct root *root;
	struct mounts mounts;
	struct layout layout;
};

static struct stage stage_of(struct scene scene)
{
	struct stage st = {.scene = scene};

	assert_int_equal(root_open(scene.root, ROOT_READ, &st.root, NULL), 0);
	assert_int_equal(mounts_read(st.root, &st.mounts, NULL), 0);
	return st;
}

static void stage_free(struct stage *st)
{
	root_free(st->root);
	mounts_release(&st->mounts);
	layout_release(&st->layout);
	scene_free(&st->scene);
}
#define cleanup_stage __attribute__((cleanup(stage_free)))

static struct slot *want(struct stage *st, const char *path, uint8_t first,
			 uint8_t second)
{
	struct slot *s = array_push(&st->layout.slots);

	s->path = arena_strdup(&st->layout.mem, path);
	s->algos[0] = first;
	s->algos[1] = second;
	s->want_size = s->want_most = UINT64_MAX;
	return s;
}

static const struct slot *slot(struct stage *st, const char *path)
{
	const struct slot *s;

	array_foreach(s, &st->layout.slots)
		if (!strcmp(s->path, path))
			return s;
	fail_msg("no slot for %s", path);
	return NULL;
}

static void gather(struct stage *st)
{
	cleanup_error struct error err = ERROR_INIT;

	alarm(60); /* a hang is a failure */
	if (facts_gather(st->root, &st->layout, &st->mounts, NULL, &err) < 0)
		fail_msg("%s", err.msg);
	alarm(0);
}

static void assert_digest(const struct digest *got, uint8_t algo, const char *text)
{
	struct digester *d = digester_new(algo);
	struct digest expected;

	digester_update(d, text, strlen(text));
	digester_finish(d, &expected);
	assert_true(digest_is_same(got, &expected));
}

/* --- what is found ---------------------------------------------------------------------------- */

static void every_type_of_file(void **state)
{
	cleanup_stage struct stage st = {0};
	struct scene s = scene_new();
	cleanup_free char *file = scene_path(&s, "file"), *hard = scene_path(&s, "hard");
	cleanup_free char *device = scene_path(&s, "device");
	const struct fact *f;
	struct stat truth;
	bool has_device;

	(void)state;
	scene_file(&s, "file", "content");
	assert_int_equal(link(file, hard), 0);
	assert_int_equal(chmod(file, 04751), 0);
	scene_dir(&s, "dir");
	scene_link(&s, "no/such\nplace", "link");
	scene_fifo(&s, "fifo");
	has_device = mknod(device, S_IFCHR | 0600, makedev(0x123, 0x456)) == 0;
	st = stage_of(s);
	want(&st, "", 0, 0);
	want(&st, "dir", DIGEST_SHA256, 0);
	want(&st, "device", DIGEST_SHA256, 0);
	want(&st, "fifo", DIGEST_SHA256, 0);
	want(&st, "file", DIGEST_SHA256, DIGEST_SHA1);
	want(&st, "gone", DIGEST_SHA256, 0);
	want(&st, "hard", 0, 0);
	want(&st, "link", DIGEST_SHA256, 0);
	gather(&st);

	f = &slot(&st, "file")->fact;
	assert_int_equal(stat(file, &truth), 0);
	assert_int_equal(f->type, FT_REG);
	assert_int_equal(f->sys, 0);
	assert_int_equal(f->attr.mode, S_IFREG | 04751);
	assert_int_equal(f->attr.uid, truth.st_uid);
	assert_int_equal(f->attr.gid, truth.st_gid);
	assert_int_equal(f->attr.mtime_ns,
			 truth.st_mtim.tv_sec * 1000000000 + truth.st_mtim.tv_nsec);
	assert_int_equal(f->ctime_ns,
			 truth.st_ctim.tv_sec * 1000000000 + truth.st_ctim.tv_nsec);
	assert_int_equal(f->id.ino, truth.st_ino);
	assert_int_equal(f->dev, truth.st_dev);
	assert_int_equal(f->nlink, 2);
	assert_int_equal(f->size, 7);
	assert_int_equal(f->flags, 0);
	assert_int_equal(f->mount, 0);
	assert_digest(&f->digest[0], DIGEST_SHA256, "content");
	assert_digest(&f->digest[1], DIGEST_SHA1, "content");
	assert_true(identity_is_same(&f->id, &slot(&st, "hard")->fact.id));
	assert_int_equal(slot(&st, "hard")->fact.digest[0].algo, DIGEST_NONE);

	assert_int_equal(slot(&st, "")->fact.type, FT_DIR);
	assert_int_equal(slot(&st, "dir")->fact.type, FT_DIR);
	assert_int_equal(slot(&st, "dir")->fact.digest[0].algo, DIGEST_NONE);
	assert_int_equal(slot(&st, "dir")->fact.sys, 0);
	assert_int_equal(slot(&st, "fifo")->fact.type, FT_FIFO);
	assert_int_equal(slot(&st, "fifo")->fact.sys, 0);
	f = &slot(&st, "link")->fact;
	assert_int_equal(f->type, FT_LNK);
	assert_string_equal(f->link, "no/such\nplace");
	assert_int_equal(f->digest[0].algo, DIGEST_NONE);
	f = &slot(&st, "gone")->fact;
	assert_int_equal(f->type, FT_NONE);
	assert_int_equal(f->sys, 0);
	if (has_device) {
		f = &slot(&st, "device")->fact;
		assert_int_equal(f->type, FT_CHR);
		assert_int_equal(f->rdev, 0x2356);
	}
}

static void nothing_stands_beneath_what_is_no_directory(void **state)
{
	cleanup_stage struct stage st = {0};
	struct scene s = scene_new();
	const struct slot *x;

	(void)state;
	scene_dir(&s, "dir");
	scene_file(&s, "dir/file", "x");
	scene_link(&s, "dir", "link");
	scene_link(&s, "self", "self");
	scene_link(&s, "../outside", "out");
	scene_file(&s, "../outside/file", "secret");
	st = stage_of(s);
	want(&st, "dir/file/below", DIGEST_SHA256, 0);
	want(&st, "link/file", DIGEST_SHA256, 0);
	want(&st, "no/such/file", DIGEST_SHA256, 0);
	want(&st, "out/file", DIGEST_SHA256, 0);
	want(&st, "self/file", DIGEST_SHA256, 0);
	gather(&st);
	array_foreach(x, &st.layout.slots) {
		assert_int_equal(x->fact.type, FT_NONE);
		assert_int_equal(x->fact.sys, 0);
		assert_int_equal(x->fact.digest[0].algo, DIGEST_NONE);
	}
}

static void only_a_file_of_the_size_is_read(void **state)
{
	cleanup_stage struct stage st = {0};
	struct scene s = scene_new();

	(void)state;
	scene_file(&s, "same", "12345");
	scene_file(&s, "other", "123456");
	scene_file(&s, "empty", "");
	st = stage_of(s);
	want(&st, "empty", DIGEST_SHA1, 0)->want_size = 0;
	want(&st, "other", DIGEST_SHA1, 0)->want_size = 5;
	want(&st, "same", DIGEST_SHA1, 0)->want_size = 5;
	want(&st, "unknown-algorithm", 99, 0);
	gather(&st);
	assert_digest(&slot(&st, "empty")->fact.digest[0], DIGEST_SHA1, "");
	assert_digest(&slot(&st, "same")->fact.digest[0], DIGEST_SHA1, "12345");
	assert_int_equal(slot(&st, "other")->fact.digest[0].algo, DIGEST_NONE);
	assert_int_equal(slot(&st, "other")->fact.sys, 0);
}

static void capabilities_are_seen(void **state)
{
	/* struct vfs_cap_data of linux/capability.h: revision 2, effective, CAP_NET_RAW */
	static const uint8_t caps[20] = {1, 0, 0, 2, 0, 0x20};
	cleanup_stage struct stage st = {0};
	struct scene s = scene_new();
	cleanup_free char *file = scene_path(&s, "ping");

	(void)state;
	scene_file(&s, "ping", "x");
	scene_file(&s, "plain", "x");
	st = stage_of(s);
	if (setxattr(file, "security.capability", caps, sizeof(caps), 0))
		skip(); /* not privileged, or no such attributes here */
	want(&st, "ping", 0, 0);
	want(&st, "plain", DIGEST_SHA1, 0);
	want(&st, "ping", DIGEST_SHA1, 0);
	gather(&st);
	for (int i = 0; i < 3; i += 2) {
		assert_int_equal(st.layout.slots.v[i].fact.attr.caps_len, sizeof(caps));
		assert_memory_equal(st.layout.slots.v[i].fact.attr.caps, caps,
				    sizeof(caps));
	}
	assert_int_equal(slot(&st, "plain")->fact.attr.caps_len, 0);
}

static void what_cannot_be_read_is_told(void **state)
{
	cleanup_stage struct stage st = {0};
	cleanup_error struct error err = ERROR_INIT;
	struct scene s = scene_new();
	cleanup_free char *file = scene_path(&s, "file"), *dir = scene_path(&s, "dir");
	struct fact fact;
	uid_t before = geteuid();
	int result;

	(void)state;
	scene_file(&s, "file", "x");
	scene_dir(&s, "dir");
	scene_file(&s, "dir/file", "x");
	assert_int_equal(chmod(file, 0), 0);
	assert_int_equal(chmod(dir, 0), 0);
	assert_int_equal(chmod(s.dir, 0755), 0);
	st = stage_of(s);
	want(&st, "dir/file", DIGEST_SHA256, 0);
	want(&st, "file", DIGEST_SHA256, 0);
	if (!before)
		assert_int_equal(seteuid(65534), 0);
	result = facts_gather(st.root, &st.layout, &st.mounts, NULL, &err);
	if (!before) {
		const uint8_t none[2] = {0, 0};

		assert_int_equal(facts_of(st.root, "file", none, &st.mounts,
					  &st.layout.mem, &fact, &err),
				 -1);
		assert_int_equal(seteuid(0), 0);
		assert_int_equal(err.sys, EACCES);
		assert_non_null(strstr(err.msg, "'file'"));
	}
	chmod(dir, 0755);
	assert_int_equal(result, 0);
	assert_int_equal(slot(&st, "file")->fact.type, FT_REG);
	assert_int_equal(slot(&st, "file")->fact.sys, EACCES);
	assert_int_equal(slot(&st, "dir/file")->fact.sys, EACCES);
}

static void names_in_and_beside(void **state)
{
	cleanup_stage struct stage st = {0};
	struct scene s = scene_new();
	struct slot *x;

	(void)state;
	scene_dir(&s, "dir");
	scene_file(&s, "dir/b", "");
	scene_file(&s, "dir/a\n", "");
	scene_file(&s, "conf", "");
	scene_file(&s, "conf.rpmnew", "");
	scene_link(&s, "nowhere", "conf.rpmsave");
	scene_dir(&s, "conf.rpmsave.1");
	scene_file(&s, "conf.rpmsave.3", "");
	st = stage_of(s);
	want(&st, "conf", 0, 0);
	want(&st, "dir", 0, 0);
	want(&st, "gone", 0, 0);
	array_foreach(x, &st.layout.slots)
		x->want_aside = x->want_list = true;
	gather(&st);
	x = &st.layout.slots.v[0];
	assert_int_equal(x->aside[ASIDE_RPMSAVE], 2);
	assert_int_equal(x->aside[ASIDE_RPMNEW], 1);
	assert_int_equal(x->aside[ASIDE_RPMORIG], 0);
	assert_int_equal(x->entries.n, 0);
	assert_int_equal(x->fact.sys, 0);
	x = &st.layout.slots.v[1];
	assert_int_equal(x->entries.n, 2);
	assert_string_equal(x->entries.v[0], "a\n");
	assert_string_equal(x->entries.v[1], "b");
	assert_int_equal(x->aside[ASIDE_RPMSAVE], 0);
	assert_int_equal(st.layout.slots.v[2].fact.sys, 0);
	assert_int_equal(st.layout.slots.v[2].entries.n, 0);
}

static void every_name_beside_is_taken(void **state)
{
	cleanup_stage struct stage st = {0};
	struct scene s = scene_new();

	(void)state;
	scene_file(&s, "conf", "");
	scene_file(&s, "conf.rpmorig", "");
	for (int i = 1; i < 256; i++) {
		cleanup_free char *name = xasprintf("conf.rpmorig.%d", i);

		scene_file(&s, name, "");
	}
	st = stage_of(s);
	want(&st, "conf", 0, 0)->want_aside = true;
	gather(&st);
	assert_int_equal(slot(&st, "conf")->fact.sys, EEXIST);
}

static void mounts_go_by_device_then_by_path(void **state)
{
	cleanup_stage struct stage st = {0};
	struct scene s = scene_new();
	struct mount *x;

	(void)state;
	scene_dir(&s, "usr");
	scene_dir(&s, "usr/lib");
	scene_file(&s, "usr/lib/file", "");
	st = stage_of(s);
	x = array_push(&st.mounts);
	*x = (struct mount){.path = xstrdup("usr"), .dev = st.mounts.v[0].dev + 1};
	x = array_push(&st.mounts);
	*x = (struct mount){.path = xstrdup("usr/lib"), .missing = true};
	want(&st, "usr/lib/file", DIGEST_SHA1, 0);
	want(&st, "usr/lib/new", 0, 0);
	gather(&st);
	/* it lies on the root's device, whatever is said to be mounted there */
	assert_int_equal(slot(&st, "usr/lib/file")->fact.mount, 0);
	assert_int_equal(slot(&st, "usr/lib/new")->fact.mount, 1);
	st.mounts.v[1].dev--;
	gather(&st);
	assert_int_equal(slot(&st, "usr/lib/file")->fact.mount, 1);
}

static void times_may_be_anything(void **state)
{
	cleanup_stage struct stage st = {0};
	struct scene s;
	cleanup_free char *file = NULL;
	struct timespec far[2] = {{0, UTIME_OMIT}, {INT64_MAX / 2, 0}};

	(void)state;
	if (access("/dev/shm", W_OK))
		skip();
	setenv("TMPDIR", "/dev/shm", 1);
	s = scene_new();
	unsetenv("TMPDIR");
	scene_file(&s, "file", "");
	file = scene_path(&s, "file");
	assert_int_equal(utimensat(AT_FDCWD, file, far, 0), 0);
	st = stage_of(s);
	want(&st, "file", 0, 0);
	gather(&st);
	assert_true(slot(&st, "file")->fact.attr.mtime_ns > INT64_C(4000000000000000000));
}

/* --- while it is looked at ---------------------------------------------------------------------- */

struct disturbance {
	char *path;
	int left;
	bool in_place; /* else it grows */
};

static bool disturb(void *ctx, uint64_t bytes)
{
	struct disturbance *d = ctx;
	int fd;

	(void)bytes;
	if (d->left-- <= 0)
		return false;
	/* longer than what some file systems' clocks can tell apart */
	if (d->in_place)
		usleep(30000);
	fd = open(d->path, O_WRONLY | O_CLOEXEC | (d->in_place ? 0 : O_APPEND));
	assert_int_equal(write(fd, "+", 1), 1);
	close(fd);
	return false;
}

static void a_digest_is_of_the_file_as_it_was_looked_at(void **state)
{
	cleanup_stage struct stage st = {0};
	struct scene s = scene_new();
	const uint8_t algos[2] = {DIGEST_SHA256, 0};
	cleanup_free char *block = xmalloc(PROBE_BLOCK);
	struct disturbance d = {scene_path(&s, "file"), 1, false};
	struct fact fact;

	(void)state;
	scene_file(&s, "file", "x");
	st = stage_of(s);
	struct probe p = {st.root, &st.mounts, &st.layout.mem, block, disturb, &d};
	/* written once while it is read: what counts is the second reading */
	probe_look(&p, "file", &fact);
	assert_int_equal(fact.size, 1);
	assert_int_equal(probe_read(&p, "file", algos, &fact), 0);
	assert_int_equal(fact.sys, 0);
	assert_int_equal(fact.size, 2);
	assert_digest(&fact.digest[0], DIGEST_SHA256, "x+");
	d = (struct disturbance){d.path, 1, true};
	assert_int_equal(probe_read(&p, "file", algos, &fact), 0);
	assert_int_equal(fact.sys, 0);
	assert_digest(&fact.digest[0], DIGEST_SHA256, "++");
	/* written all the time */
	d.in_place = false;
	d.left = 1000;
	assert_int_equal(probe_read(&p, "file", algos, &fact), 0);
	assert_int_equal(fact.sys, EBUSY);
	/* gone, or another type by now */
	probe_look(&p, "file", &fact);
	assert_int_equal(unlink(d.path), 0);
	assert_int_equal(symlink("/etc/passwd", d.path), 0);
	assert_int_equal(probe_read(&p, "file", algos, &fact), 0);
	assert_int_equal(fact.sys, ELOOP);
	assert_int_equal(fact.digest[0].algo, DIGEST_NONE);
	free(d.path);
}

struct watch {
	pthread_t thread;
	uint64_t done, total, files, calls;
	bool strange;
	uint64_t stop_at, stop_after_files; /* bytes and files read */
	bool stops;
};

static void watch_progress(void *ctx, enum phase phase, uint64_t done, uint64_t total,
			   bool bytes, uint64_t files)
{
	struct watch *w = ctx;

	w->strange |= !pthread_equal(w->thread, pthread_self()) || !bytes ||
		      phase != PHASE_FACTS || done < w->done || files < w->files ||
		      done > total;
	w->done = done;
	w->total = total;
	w->files = files;
	w->calls++;
}

static bool watch_stop(void *ctx)
{
	struct watch *w = ctx;

	w->strange |= !pthread_equal(w->thread, pthread_self());
	return w->stops && w->done >= w->stop_at && w->files >= w->stop_after_files;
}

static void many_files_in_threads(void **state)
{
	enum { N = 700 };
	cleanup_stage struct stage st = {0};
	struct scene s = scene_new();
	struct watch w = {.thread = pthread_self()};
	struct observer o = {&w, watch_progress, watch_stop, NULL};
	cleanup_free char *big = xmalloc(400001);
	uint64_t bytes = 400000;

	(void)state;
	memset(big, 'b', 400000);
	big[400000] = '\0';
	for (int i = 0; i < N; i++) {
		cleanup_free char *name = xasprintf("d%02d/f%03d", i / 50, i);
		cleanup_free char *text = xasprintf("text %d", i);
		cleanup_free char *link = xasprintf("d%02d/l%03d", i / 50, i);

		if (i % 50 == 0) {
			cleanup_free char *dir = xasprintf("d%02d", i / 50);

			scene_dir(&s, dir);
		}
		scene_file(&s, name, i == 350 ? big : text);
		scene_link(&s, text, link);
		bytes += i == 350 ? 0 : strlen(text);
	}
	st = stage_of(s);
	for (int i = 0; i < N; i++) {
		cleanup_free char *name = xasprintf("d%02d/f%03d", i / 50, i);
		cleanup_free char *link = xasprintf("d%02d/l%03d", i / 50, i);

		want(&st, name, DIGEST_SHA256, DIGEST_SHA1);
		want(&st, link, DIGEST_SHA256, 0);
	}
	assert_int_equal(facts_gather(st.root, &st.layout, &st.mounts, &o, NULL), 0);
	for (int i = 0; i < N; i++) {
		cleanup_free char *text = xasprintf("text %d", i);
		const struct fact *f = &st.layout.slots.v[2 * i].fact;

		assert_digest(&f->digest[0], DIGEST_SHA256, i == 350 ? big : text);
		assert_digest(&f->digest[1], DIGEST_SHA1, i == 350 ? big : text);
		assert_string_equal(st.layout.slots.v[2 * i + 1].fact.link, text);
	}
	assert_false(w.strange);
	assert_int_equal(w.done, bytes);
	assert_int_equal(w.total, bytes);
	assert_int_equal(w.files, N);
	assert_true(w.calls > 1);
}

static void asking_to_stop_ends_it(void **state)
{
	cleanup_stage struct stage st = {0};
	cleanup_error struct error err = ERROR_INIT;
	struct scene s = scene_new();
	struct watch w = {.thread = pthread_self(), .stops = true, .stop_at = 1};
	struct observer o = {&w, watch_progress, watch_stop, NULL};
	cleanup_free char *endless = scene_path(&s, "endless");
	cleanup_free char *some = scene_path(&s, "some");

	(void)state;
	/* a file with a size and no content: days of reading */
	scene_file(&s, "endless", "");
	scene_file(&s, "some", "");
	if (truncate(some, 16 << 20) || truncate(endless, INT64_C(8) << 40))
		skip();
	st = stage_of(s);
	want(&st, "endless", DIGEST_SHA512, DIGEST_SHA256);
	alarm(60);
	assert_int_equal(facts_gather(st.root, &st.layout, &st.mounts, &o, &err), -1);
	assert_int_equal(err.kind, ERR_FAILED);
	assert_false(w.strange);
	/* while others read it, too */
	for (int i = 0; i < 200; i++)
		want(&st, "endless", DIGEST_SHA512, DIGEST_SHA256);
	w.done = 0;
	assert_int_equal(facts_gather(st.root, &st.layout, &st.mounts, &o, &err), -1);
	/* while another still reads it and the caller has nothing left to do */
	for (uint32_t i = 0; i < 17; i++) {
		struct slot *x = &st.layout.slots.v[i];

		x->path = i < 16 ? "some" : "endless";
		x->algos[0] = i < 15 ? 0 : DIGEST_SHA1;
		x->algos[1] = 0;
	}
	st.layout.slots.n = 17;
	w.stop_at = 0;
	w.stop_after_files = 1;
	for (int round = 0; round < 10; round++) {
		/* which thread gets the endless one is chance */
		w.files = w.done = 0;
		assert_int_equal(facts_gather(st.root, &st.layout, &st.mounts, &o, &err),
				 -1);
		/* others may have ended a file while the caller was about to look */
		assert_true(w.files >= 1 && w.files <= 16);
	}
	/* at once */
	w.stop_after_files = 0;
	w.files = w.done = 0;
	assert_int_equal(facts_gather(st.root, &st.layout, &st.mounts, &o, &err), -1);
	assert_int_equal(w.done, 0);
	alarm(0);
}

static void a_root_that_went_away(void **state)
{
	cleanup_stage struct stage st = stage_of(scene_new());
	cleanup_error struct error err = ERROR_INIT;

	(void)state;
	/* as close as one gets without pulling a disk */
	close(st.root->fd);
	st.root->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	want(&st, "file", 0, 0);
	assert_int_equal(facts_gather(st.root, &st.layout, &st.mounts, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_FAILED);
	assert_non_null(strstr(err.msg, st.scene.root));
}

/* --- what looking leaves behind ------------------------------------------------------------------- */

static const char *const tree[] = {"", "dir", "dir/file", "dir/link", "dir/sub", "fifo"};

static void age(struct stage *st)
{
	/* read before it was written: relatime must note the next read */
	struct timespec times[2] = {{1000000, 0}, {2000000, 0}};

	for (size_t i = 0; i < ELEMENTSOF(tree); i++) {
		cleanup_free char *full = scene_path(&st->scene, tree[i]);

		assert_int_equal(utimensat(AT_FDCWD, full, times, AT_SYMLINK_NOFOLLOW),
				 0);
	}
}

static void snapshot(struct stage *st, struct stat ret[ELEMENTSOF(tree)])
{
	memset(ret, 0, ELEMENTSOF(tree) * sizeof(*ret));
	for (size_t i = 0; i < ELEMENTSOF(tree); i++) {
		cleanup_free char *full = scene_path(&st->scene, tree[i]);

		assert_int_equal(lstat(full, &ret[i]), 0);
	}
}

static void looking_leaves_no_trace(void **state)
{
	cleanup_stage struct stage st = {0};
	struct scene s = scene_new();
	struct stat before[ELEMENTSOF(tree)], after[ELEMENTSOF(tree)];
	struct tree_view view;
	struct fact fact;
	const uint8_t algos[2] = {DIGEST_SHA256, 0};
	const char *target = NULL;

	(void)state;
	scene_dir(&s, "dir");
	scene_file(&s, "dir/file", "x");
	scene_link(&s, "file", "dir/link");
	scene_dir(&s, "dir/sub");
	scene_fifo(&s, "fifo");
	st = stage_of(s);
	for (size_t i = 0; i < ELEMENTSOF(tree); i++) {
		struct slot *x = want(&st, tree[i], DIGEST_SHA256, 0);

		x->want_list = x->want_aside = true;
	}
	age(&st);
	snapshot(&st, before);
	gather(&st);
	assert_int_equal(slot(&st, "dir")->entries.n, 3);
	for (size_t i = 0; i < ELEMENTSOF(tree); i++)
		assert_int_equal(facts_of(st.root, tree[i], algos, &st.mounts,
					  &st.layout.mem, &fact, NULL),
				 0);
	facts_view(st.root, NULL, &view);
	assert_int_equal(view.type(view.ctx, "dir/link", &target, NULL), FT_LNK);
	facts_view_release(&view);
	snapshot(&st, after);
	for (size_t i = 0; i < ELEMENTSOF(tree); i++)
		if (st.root->detached || !S_ISLNK(before[i].st_mode))
			assert_memory_equal(&before[i], &after[i], sizeof(before[i]));
}

static void one_path_and_the_view(void **state)
{
	cleanup_stage struct stage st = {0};
	cleanup_error struct error err = ERROR_INIT;
	struct scene s = scene_new();
	const uint8_t algos[2] = {DIGEST_SHA256, 0};
	struct tree_view view;
	const char *target = NULL;
	struct fact fact;
	uint32_t uid = 1;

	(void)state;
	scene_dir(&s, "dir");
	scene_file(&s, "dir/file", "x");
	scene_link(&s, "dir", "link");
	st = stage_of(s);
	assert_int_equal(facts_of(st.root, "dir/file", algos, &st.mounts, &st.layout.mem,
				  &fact, &err),
			 0);
	assert_digest(&fact.digest[0], DIGEST_SHA256, "x");
	assert_int_equal(facts_of(st.root, "dir/none", algos, &st.mounts, &st.layout.mem,
				  &fact, &err),
			 0);
	assert_int_equal(fact.type, FT_NONE);
	assert_int_equal(facts_of(st.root, "link/file", algos, &st.mounts, &st.layout.mem,
				  &fact, &err),
			 0);
	assert_int_equal(fact.type, FT_NONE);

	facts_view(st.root, NULL, &view);
	assert_int_equal(view.type(view.ctx, "link", &target, &uid), FT_LNK);
	assert_string_equal(target, "dir");
	assert_int_equal(uid, geteuid());
	assert_int_equal(view.type(view.ctx, "", &target, &uid), FT_DIR);
	assert_int_equal(view.type(view.ctx, "dir/file", NULL, NULL), FT_REG);
	assert_int_equal(view.type(view.ctx, "link/file", NULL, NULL), FT_NONE);
	assert_int_equal(view.type(view.ctx, "none", NULL, NULL), FT_NONE);
	facts_view_release(&view);
	assert_null(view.ctx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_of_file),
		cmocka_unit_test(nothing_stands_beneath_what_is_no_directory),
		cmocka_unit_test(only_a_file_of_the_size_is_read),
		cmocka_unit_test(capabilities_are_seen),
		cmocka_unit_test(what_cannot_be_read_is_told),
		cmocka_unit_test(names_in_and_beside),
		cmocka_unit_test(every_name_beside_is_taken),
		cmocka_unit_test(mounts_go_by_device_then_by_path),
		cmocka_unit_test(times_may_be_anything),
		cmocka_unit_test(a_digest_is_of_the_file_as_it_was_looked_at),
		cmocka_unit_test(many_files_in_threads),
		cmocka_unit_test(asking_to_stop_ends_it),
		cmocka_unit_test(a_root_that_went_away),
		cmocka_unit_test(looking_leaves_no_trace),
		cmocka_unit_test(one_path_and_the_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
