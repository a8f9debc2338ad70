/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpmlab.h"

#include <linux/capability.h>

#include "base/strmap.h"
#include "core/pkg.h"
#include "rpm/hdr_scripts.h"

static struct pkg *read_good(void)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = open_fixture("good.rpm");
	cleanup_header Header h = NULL;
	struct pkg *p = NULL;

	if (hdr_read_file(fd, "good.rpm", &h, &err) ||
	    hdr_read(h, HDR_FILES, "good.rpm", &p, &err))
		fail_msg("%s", err.msg);
	return p;
}

static const struct pkgfile *file_named(const struct pkg *p, const char *path)
{
	cleanup_buf struct buf b = {0};
	const struct pkgfile *f;

	array_foreach(f, &p->files)
		if (strcmp(pkgfile_path(f, &b), path) == 0)
			return f;
	fail_msg("no file %s", path);
	return NULL;
}

static void identity(void **state _unused_)
{
	struct pkg *p = read_good();

	assert_string_equal(p->nevra, "fixture-2:1.0-3.noarch");
	assert_string_equal(p->id.name, "fixture");
	assert_int_equal(p->id.epoch, 2);
	assert_string_equal(p->vendor, "putback");
	assert_string_equal(p->summary, "One of each");
	assert_string_equal(p->compressor, "gzip");
	assert_int_equal(strlen(p->keyid), 16);
	assert_int_equal(p->digest_algo, DIGEST_SHA256);
	assert_int_equal(p->hdrdigest.algo, DIGEST_SHA256);
	assert_int_equal(p->instance, 0);
	assert_int_equal(p->scriptlets, SCRIPT_POST | SCRIPT_POSTUN | SCRIPT_TRIGGER |
						SCRIPT_FILETRIGGER);
	assert_int_equal(p->triggers.n, 2);
	assert_true(strlist_has(&p->triggers, "zsh"));
	assert_int_equal(p->filetriggers.n, 2);
	assert_true(strlist_has(&p->filetriggers, "/usr/lib/fixture"));
	pkg_free(p);
}

/* What a %post presets, joined by blanks. */
static char *presets_of(const char *post)
{
	cleanup_header Header h = headerNew();
	struct strlist got = {0};
	struct buf b = {0};

	headerPutString(h, RPMTAG_POSTIN, post);
	hdr_presets_read(h, &got);
	buf_str(&b, "");
	for (uint32_t i = 0; i < got.n; i++)
		buf_printf(&b, "%s%s", i ? " " : "", got.v[i]);
	strlist_release(&got);
	return buf_steal(&b);
}

static void presets(void **state _unused_)
{
	static const struct {
		const char *post, *units;
	} cases[] = {
		{"if [ $1 -eq 1 ]; then\n"
		 "    systemctl --no-reload preset b.socket a.service &>/dev/null || :\nfi",
		 "a.service b.socket"},
		{"if [ $1 -eq 1 ] && [ -x /usr/lib/systemd/systemd-update-helper ]; then\n"
		 "    /usr/lib/systemd/systemd-update-helper install-system-units x.timer || :\n"
		 "fi",
		 "x.timer"},
		{"for service in a.service ; do\n"
		 "/usr/bin/systemctl preset \"$service\"\ndone",
		 "a.service"},
		{"systemctl try-restart a.service", ""},
		{"systemctl restart a.service # whatever presets say", ""},
		{"systemd-update-helper mark-install-system-units a.service", ""},
		{"", ""},
	};

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_free char *got = presets_of(cases[i].post);

		assert_string_equal(got, cases[i].units);
	}
}

static void files(void **state _unused_)
{
	struct pkg *p = read_good();
	const struct pkgfile *f = file_named(p, "/usr/bin/fixture");
	struct vfs_cap_data caps;

	assert_int_equal(f->mode, S_IFREG | 0755);
	assert_int_equal(f->digest_len, 32);
	assert_int_equal(f->size, 10);
	assert_int_equal(f->link_count, 1);
	assert_int_equal(f->caps_len, sizeof(caps));
	memcpy(&caps, f->caps, sizeof(caps));
	assert_int_equal(le32toh(caps.magic_etc),
			 VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE);
	assert_int_equal(le32toh(caps.data[0].permitted), 1 << 12 | 1 << 13);
	assert_int_equal(caps.data[0].inheritable, 0);

	f = file_named(p, "/usr/share/fixture");
	assert_int_equal(f->mode, S_IFDIR | 0750);
	assert_string_equal(f->group, "mail");
	assert_null(f->digest);

	f = file_named(p, "/etc/fixture.conf");
	assert_int_equal(f->flags, FILE_CONFIG | FILE_NOREPLACE);
	assert_string_equal(f->user, "daemon");
	assert_string_equal(f->dir, "/etc/");

	f = file_named(p, "/usr/share/fixture/link");
	assert_string_equal(f->link, "one");
	assert_true(S_ISLNK(f->mode));

	assert_true(file_named(p, "/var/lib/fixture/state")->flags & FILE_GHOST);
	pkg_free(p);
}

/* Of the good package, with these signatures for its files. */
static struct pkg *with_signatures(const char *const *hex, uint32_t n)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = open_fixture("good.rpm");
	cleanup_header Header h = NULL;
	struct pkg *p = NULL;

	if (hdr_read_file(fd, "good.rpm", &h, &err))
		fail_msg("%s", err.msg);
	headerPutStringArray(h, RPMTAG_FILESIGNATURES, (const char **)hex, n);
	if (hdr_read(h, HDR_FILES, "good.rpm", &p, &err))
		fail_msg("%s", err.msg);
	return p;
}

static void signatures_of_files(void **state _unused_)
{
	struct pkg *p = read_good();
	uint32_t n = p->files.n, one = file_named(p, "/usr/share/fixture/one") - p->files.v,
		 two = file_named(p, "/usr/share/fixture/two") - p->files.v,
		 three = file_named(p, "/usr/share/fixture/three") - p->files.v,
		 last = MAX(MAX(one, two), three);
	cleanup_free const char **hex = xcalloc(n, sizeof(*hex));

	assert_null(p->filesigs);
	pkg_free(p);
	for (uint32_t i = 0; i < n; i++)
		hex[i] = "";
	hex[0] = "0302040000000000200A";
	hex[1] = "030204";		 /* too short */
	hex[2] = "0000000000000000000a"; /* what is no file has such */
	hex[last] = "03020400000000002099";
	hex[one == last ? two : one] = "03020400000000002011";
	p = with_signatures(hex, n);
	assert_non_null(p->filesigs);
	assert_int_equal(p->filesigs[0].len, 10);
	assert_int_equal(p->filesigs[0].bytes[9], 10);
	assert_null(p->filesigs[1].bytes);
	assert_null(p->filesigs[2].bytes);
	assert_int_equal(p->filesigs[one].bytes[9], 0x99);
	assert_int_equal(p->filesigs[two].bytes[9], 0x99);
	pkg_free(p);
	/* librpm looks at none of these either */
	p = with_signatures(hex, n - 1);
	assert_null(p->filesigs);
	pkg_free(p);
	hex[0] = "0302040000000000200";
	p = with_signatures(hex, n);
	assert_null(p->filesigs);
	pkg_free(p);
	hex[0] = "030204000000000020xx";
	p = with_signatures(hex, n);
	assert_null(p->filesigs);
	pkg_free(p);
}

static void hard_links(void **state _unused_)
{
	struct pkg *p = read_good();
	const struct pkgfile *one = file_named(p, "/usr/share/fixture/one");
	const struct pkgfile *two = file_named(p, "/usr/share/fixture/two");
	const struct pkgfile *three = file_named(p, "/usr/share/fixture/three");
	const struct pkgfile *empty = file_named(p, "/usr/share/fixture/empty");

	assert_int_equal(one->link_count, 3);
	assert_int_equal(two->link_count, 3);
	assert_int_equal(one->link_first, two->link_first);
	assert_int_equal(two->link_first, three->link_first);
	assert_int_equal(empty->link_count, 1);
	assert_int_equal(empty->link_first, empty - p->files.v);
	pkg_free(p);
}

static void identity_alone_reads_no_files(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	Header h = lab_header("a", "1");
	struct pkg *p = NULL;
	uint32_t bad = 9;

	lab_files(h, "a", 1);
	headerPutUint32(h, RPMTAG_DIRINDEXES, &bad, 1);
	assert_int_equal(hdr_read(h, HDR_FILES, "a", &p, &err), -1);
	assert_int_equal(hdr_read(h, HDR_IDENTITY, "a", &p, &err), 0);
	assert_int_equal(p->files.n, 0);
	pkg_free(p);
	headerFree(h);
}

/* --- headers of people who mean no good ------------------------------------------------------- */

static void set_strings(Header h, rpmTagVal tag, const char *a, const char *b)
{
	const char *v[2] = {a, b};

	headerDel(h, tag);
	headerPutStringArray(h, tag, v, b ? 2 : 1);
}

static void set_number(Header h, rpmTagVal tag, uint32_t a, uint32_t b)
{
	uint32_t v[2] = {a, b};

	headerDel(h, tag);
	headerPutUint32(h, tag, v, 2);
}

static void spoil(Header h, int how)
{
	uint16_t modes[2] = {S_IFLNK | 0777, S_IFREG | 0644};

	switch (how) {
	case 0: set_number(h, RPMTAG_DIRINDEXES, 0, 2); break;
	case 1: set_number(h, RPMTAG_DIRINDEXES, UINT32_MAX, 0); break;
	case 2: set_strings(h, RPMTAG_BASENAMES, "one", NULL); break;
	case 3: set_strings(h, RPMTAG_BASENAMES, "..", "b"); break;
	case 4: set_strings(h, RPMTAG_BASENAMES, ".", "b"); break;
	case 5: set_strings(h, RPMTAG_BASENAMES, "a/b", "b"); break;
	case 6: set_strings(h, RPMTAG_BASENAMES, "", "b"); break;
	case 7: set_strings(h, RPMTAG_DIRNAMES, "opt/", "/opt/"); break;
	case 8: set_strings(h, RPMTAG_DIRNAMES, "/opt", "/opt/"); break;
	case 9: set_strings(h, RPMTAG_DIRNAMES, "/opt/../etc/", "/opt/"); break;
	case 10: set_strings(h, RPMTAG_DIRNAMES, "/opt/./", "/opt/"); break;
	case 11: set_strings(h, RPMTAG_DIRNAMES, "", "/opt/"); break;
	case 12: headerDel(h, RPMTAG_DIRNAMES); break;
	case 13: headerDel(h, RPMTAG_FILEMODES); break;
	case 14: headerDel(h, RPMTAG_FILEUSERNAME); break;
	case 15: set_strings(h, RPMTAG_FILEDIGESTS, "zz", ""); break;
	case 16:
		set_strings(h, RPMTAG_FILEDIGESTS, "d41d8cd98f00b204e9800998ecf8427z",
			    "");
		break;
	case 17: set_strings(h, RPMTAG_FILECAPS, "cap_of_no_kernel=ep", ""); break;
	case 18: set_strings(h, RPMTAG_FILEGROUPNAME, "root", NULL); break;
	case 19:
		headerDel(h, RPMTAG_FILEMODES);
		headerPutUint16(h, RPMTAG_FILEMODES, modes, 2);
		break;
	case 20: headerDel(h, RPMTAG_NAME); break;
	case 21:
		headerDel(h, RPMTAG_NAME);
		headerPutString(h, RPMTAG_NAME, "../../etc");
		break;
	case 22:
		headerDel(h, RPMTAG_VERSION);
		headerPutString(h, RPMTAG_VERSION, "1 2");
		break;
	case 23: headerDel(h, RPMTAG_SOURCERPM); break;
	}
}

static void hostile_headers(void **state _unused_)
{
	static const char *const says[] = {
		"directory 2 of 2",
		"directory 4294967295 of 2",
		"1 files have 2",
		"'..' is no name",
		"'.' is no name",
		"'a/b' is no name",
		"'' is no name",
		"'opt/' is no directory",
		"'/opt' is no directory",
		"'/opt/../etc/'",
		"'/opt/./'",
		"'' is no directory",
		"no directories",
		"no modes",
		"no users",
		"2 digits long",
		"not hexadecimal",
		"cap_of_no_kernel",
		"2 files have 1 gr",
		"leads nowhere",
		"name, version",
		"name, version",
		"name, version",
		"source package",
	};

	for (size_t i = 0; i < ELEMENTSOF(says); i++) {
		cleanup_error struct error err = ERROR_INIT;
		Header h = lab_header("a", "1");
		struct pkg *p;

		lab_files(h, "a", 2);
		assert_int_equal(hdr_read(h, HDR_FILES, "spoiled", &p, &err), 0);
		pkg_free(p);
		spoil(h, (int)i);
		if (hdr_read(h, HDR_FILES, "spoiled", &p, &err) == 0)
			fail_msg("header %zu passes", i);
		assert_error(&err, ERR_FAILED, says[i]);
		assert_non_null(strstr(err.msg, "spoiled"));
		headerFree(h);
	}
}

static void odd_but_legal(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	Header h = lab_header("a", "1");
	uint32_t algo = 99;
	struct pkg *p = NULL;

	lab_files(h, "a", 2);
	set_strings(h, RPMTAG_DIRNAMES, "/", "/opt///a//");
	set_strings(h, RPMTAG_BASENAMES, "", "..b");
	/* same device and inode, but not the same file: numbers that were cut short */
	set_number(h, RPMTAG_FILEINODES, 7, 7);
	set_number(h, RPMTAG_FILESIZES, 1, 2);
	/* an algorithm of the future: no digest rather than a wrong one */
	headerPutUint32(h, RPMTAG_FILEDIGESTALGO, &algo, 1);
	set_strings(h, RPMTAG_FILEDIGESTS, "abcd", "");
	if (hdr_read(h, HDR_FILES, "odd", &p, &err))
		fail_msg("%s", err.msg);
	assert_string_equal(p->files.v[0].dir, "/");
	assert_string_equal(p->files.v[0].base, "");
	assert_string_equal(p->files.v[1].dir, "/opt/a/");
	assert_string_equal(p->files.v[1].base, "..b");
	assert_int_equal(p->files.v[0].link_count, 1);
	assert_int_equal(p->files.v[1].link_first, 1);
	assert_null(p->files.v[0].digest);
	assert_string_equal(p->keyid, "");
	assert_true(p->id.epoch == EPOCH_NONE);
	pkg_free(p);
	headerFree(h);
}

static void whole_paths_of_rpm_3(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	Header h = lab_header("a", "1");
	struct pkg *p = NULL;

	lab_files(h, "a", 2);
	headerDel(h, RPMTAG_BASENAMES);
	headerDel(h, RPMTAG_DIRNAMES);
	headerDel(h, RPMTAG_DIRINDEXES);
	set_strings(h, RPMTAG_OLDFILENAMES, "/usr/bin/x", "/usr/lib/y");
	if (hdr_read(h, HDR_FILES, "old", &p, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(p->files.n, 2);
	assert_string_equal(p->files.v[1].dir, "/usr/lib/");
	assert_string_equal(p->files.v[1].base, "y");
	assert_int_equal(p->digest_algo, DIGEST_MD5);
	pkg_free(p);
	headerFree(h);
}

/* --- states, digests, files that are none ----------------------------------------------------- */

static void states_count_when_installed(void **state _unused_)
{
	static const uint8_t states[2] = {STATE_NOTINSTALLED, 77};
	cleanup_error struct error err = ERROR_INIT;
	Header h = lab_header("a", "1");
	struct pkg *p = NULL;

	lab_files(h, "a", 2);
	assert_int_equal(hdr_set_states(h, states, 1, &err), -1);
	assert_error(&err, ERR_FAILED, "2 files");
	assert_int_equal(hdr_set_states(h, states, 2, &err), 0);
	assert_int_equal(hdr_read(h, HDR_FILES, "a", &p, &err), 0);
	assert_int_equal(p->files.v[0].state, STATE_NORMAL);
	pkg_free(p);
	assert_int_equal(hdr_read_installed(h, 5, HDR_FILES, "a", &p, &err), 0);
	assert_int_equal(p->instance, 5);
	assert_int_equal(p->files.v[0].state, STATE_NOTINSTALLED);
	assert_int_equal(p->files.v[1].state, STATE_NORMAL);
	pkg_free(p);
	headerFree(h);
}

static void states_that_are_signed(void **state _unused_)
{
	static const uint8_t states[2] = {STATE_NOTINSTALLED, STATE_NORMAL}, others[2];
	cleanup_error struct error err = ERROR_INIT;
	Header h = lab_header("a", "1");

	lab_files(h, "a", 2);
	assert_int_equal(hdr_set_states(h, states, 2, &err), 0);
	h = lab_seal(h);
	assert_int_equal(hdr_set_states(h, others, 2, &err), -1);
	assert_error(&err, ERR_FAILED, "among what is signed");
	headerFree(h);
}

static void digest_survives_installation(void **state _unused_)
{
	static const uint8_t states[32];
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = open_fixture("good.rpm");
	cleanup_header Header h = NULL, back = NULL;
	cleanup_free void *blob = NULL;
	struct pkg *p = read_good();
	struct hdr_install how = {1, 2, 3, states, p->files.n, NULL, 0};
	struct digest d;
	size_t n;

	assert_int_equal(hdr_read_file(fd, "good", &h, &err), 0);
	assert_true(hdr_is_sound(h, &p->hdrdigest));
	assert_int_equal(hdr_make_installed(h, &how, &err), 0);
	blob = hdr_export(h, &n);
	back = hdr_import(blob, n, "record", &err);
	assert_non_null(back);
	hdr_digest(back, &d);
	assert_true(digest_is_same(&d, &p->hdrdigest));
	assert_true(hdr_is_sound(back, &d));
	assert_int_equal(hdr_install_color(back), 3);
	d.bytes[0] ^= 1;
	assert_false(hdr_is_sound(back, &d));
	pkg_free(p);
}

/* Of a real package, as its record comes out of a database and goes back. */
static void states_of_a_record(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = open_fixture("good.rpm");
	cleanup_header Header h = NULL;
	struct pkg *p = read_good(), *back = NULL;
	uint8_t states[32] = {0};
	struct hdr_install how = {1, 2, 3, states, p->files.n, NULL, 0};
	struct digest d;

	assert_int_equal(hdr_read_file(fd, "good", &h, &err), 0);
	assert_int_equal(hdr_make_installed(h, &how, &err), 0);
	for (int round = 0; round < 3; round++) {
		cleanup_free void *blob = NULL;
		size_t n;

		states[round] = STATE_REPLACED;
		assert_int_equal(hdr_set_states(h, states, p->files.n, &err), 0);
		blob = hdr_export(h, &n);
		headerFree(h);
		h = hdr_import(blob, n, "record", &err);
		assert_non_null(h);
		hdr_digest(h, &d);
		assert_true(digest_is_same(&d, &p->hdrdigest));
		assert_int_equal(hdr_read_installed(h, 1, HDR_FILES, "r", &back, &err),
				 0);
		assert_int_equal(back->files.v[round].state, STATE_REPLACED);
		assert_int_equal(back->files.v[round + 1].state, STATE_NORMAL);
		pkg_free(back);
	}
	/* installed once more: times and color are written over as well */
	how.color = 1;
	assert_int_equal(hdr_make_installed(h, &how, &err), 0);
	assert_int_equal(hdr_install_color(h), 1);
	pkg_free(p);
}

static void records_that_are_none(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	static const char zeros[64];

	assert_null(hdr_import("x", 1, "package 7", &err));
	assert_error(&err, ERR_FAILED, "package 7 is damaged");
	assert_null(hdr_import(zeros, sizeof(zeros), "package 7", &err));
}

static void refuse(const void *p, size_t n, const char *says)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = file_of(p, n);
	Header h;

	assert_int_equal(hdr_read_file(fd, "x.rpm", &h, &err), -1);
	assert_error(&err, ERR_FAILED, says);
	assert_non_null(strstr(err.msg, "x.rpm"));
}

static void files_that_are_none(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_buf struct buf b = {0};
	Header h;

	refuse("", 0, "not an rpm package");
	refuse("http://example.org/a.rpm\n", 25, "not an rpm package");
	read_fixture("good.rpm", &b);
	refuse(b.s, 50, "truncated");
	refuse(b.s, 200, "truncated");
	refuse(b.s, 6000, "truncated in its header");
	memset(b.s + 96, 0, 4);
	refuse(b.s, b.n, "no header where it ought to be");
	assert_int_equal(hdr_read_file(dir, "x.rpm", &h, &err), -1);
	assert_error(&err, ERR_FAILED, "not an rpm package");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity),
		cmocka_unit_test(presets),
		cmocka_unit_test(files),
		cmocka_unit_test(signatures_of_files),
		cmocka_unit_test(hard_links),
		cmocka_unit_test(identity_alone_reads_no_files),
		cmocka_unit_test(hostile_headers),
		cmocka_unit_test(odd_but_legal),
		cmocka_unit_test(whole_paths_of_rpm_3),
		cmocka_unit_test(states_count_when_installed),
		cmocka_unit_test(states_that_are_signed),
		cmocka_unit_test(digest_survives_installation),
		cmocka_unit_test(states_of_a_record),
		cmocka_unit_test(records_that_are_none),
		cmocka_unit_test(files_that_are_none),
	};
	cleanup_error struct error err = ERROR_INIT;

	if (hdr_init(&err))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
