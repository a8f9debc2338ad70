#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Files of the root that are no files, have no end, say more than is good, or are none of its own.

setup() { load lib; load hostile; hostile_setup; hostile_lab; }

teardown() {
	[ -z "${MOUNTED-}" ] || umount "$MOUNTED"
	hostile_teardown
}

# All that is read of a machine beside its rpmdb, as far as it is one file.
READ=(etc/os-release usr/lib/os-release etc/fstab etc/passwd etc/group usr/lib/passwd usr/lib/group etc/machine-id
	etc/hostname etc/yum.repos.d/x.repo etc/dnf/dnf.conf etc/yum.conf etc/dnf/vars/releasever etc/zypp/repos.d/x.repo
	etc/dnf/protected.d/x.conf etc/selinux/config etc/sysconfig/kernel etc/pki/rpm-gpg/RPM-GPG-KEY-x
	var/lib/dnf/history.sqlite usr/lib/sysimage/libdnf5/transaction_history.sqlite
	usr/lib/sysimage/libdnf5/packages.toml var/lib/yum/history/history-2026-01-01.sqlite
	var/log/zypp/history var/log/dnf.rpm.log var/log/yum.log var/log/dnf5.log
	boot/grub2/grubenv boot/loader/entries/x.conf etc/machine-info)

# Puts something in the place of each of them.
all_become() { # COMMAND WITH $f
	local f
	for f in "${READ[@]}"; do
		mkdir -p "$R/${f%/*}"
		rm -rf "${R:?}/$f"
		(cd "$R" && eval "$1")
	done
	settle
}

read_all() {
	attack survey
	attack history
	attack plan plain-1-1 --trust-root-keys
	attack plan plain-1-1 --from repos --offline
}

@test "fifos and devices wherever a file is read: nobody waits, nothing is opened" {
	all_become 'mkfifo "$f"'
	read_all
	all_become 'mknod "$f" c 1 5' # /dev/zero, which has no end
	read_all
	assert_root_untouched
}

@test "links to the host's secret wherever a file is read: it is not" {
	all_become 'ln -s "$VICTIM/secret" "$f"'
	read_all
	all_become 'ln -s "../../../../../../../../../../../../$VICTIM/secret" "$f"'
	read_all
	all_become 'ln -s "/proc/self/root/$VICTIM/secret" "$f"'
	read_all
}

@test "folders and loops of links wherever a file is read" {
	all_become 'mkdir "$f"'
	read_all
	all_become 'ln -s "${f##*/}" "$f"'
	read_all
	assert_root_untouched
}

# (a snapshot would read them: what counts is how long it takes, and that it is told)
@test "files of more bytes than there are disks" {
	for f in "${READ[@]}"; do
		mkdir -p "$R/${f%/*}"
		rm -f "$R/$f"
		truncate -s 1E "$R/$f" 2> "$TMP/err" || truncate -s 15T "$R/$f"
	done
	LIMIT=120
	read_all
	attack apply plain-1-1 --yes
	assert_exit 1
	names passwd
	rm "$R/etc/passwd" "$R/etc/group" "$R"/usr/lib/{passwd,group}
	truncate -s 15T "$R/var/lib/rpm/rpmdb.sqlite"
	attack plan plain-1-1
	assert_exit 1
	names rpmdb.sqlite 'larger than'
}

# What is there now is only digested where it would be believed otherwise.
@test "a packaged file of more bytes than there are disks" {
	truncate -s 15T "$R/usr/share/plain/changes" "$R/usr/share/plain/comes"
	attack plan plain-1-1
	attack apply plain-1-1 --yes
	assert_exit 0
	[ "$(content usr/share/plain/changes)" = 'this is version 1' ]
	attack undo --yes
	assert_exit 0
	[ "$(stat -c %s "$R/usr/share/plain/changes")" = 16492674416640 ]
}

@test "configuration of more bytes than there are disks is an edited one" {
	lab config
	cd "$R/etc/config"
	truncate -s 15T plain.conf noreplace.conf added.conf
	LIMIT=120
	attack plan config-1-1
	assert_exit 0
	attack apply config-1-1 --yes
	assert_exit 0
	[ "$(content etc/config/plain.conf)" = 'plain 1' ]
	[ "$(stat -c %s plain.conf.rpmsave noreplace.conf added.conf.rpmsave | sort -u)" = 16492674416640 ]
	attack undo --yes
	assert_exit 0
	[ "$(stat -c %s plain.conf noreplace.conf added.conf | sort -u)" = 16492674416640 ]
}

@test "a thousand users who are root, and lines without end" {
	for i in $(seq 1000); do echo "root$i:x:0:0::/root:/bin/sh"; done >> "$R/etc/passwd"
	for i in $(seq 1000); do echo "root:x:$i:"; done >> "$R/etc/group"
	head -c 3000000 /dev/zero | tr '\0' 'x' >> "$R/etc/passwd"
	head -c 3000000 /dev/zero | tr '\0' ':' >> "$R/etc/group"
	settle
	attack apply plain-1-1 --yes
	assert_exit 0
	# the first of a name counts
	[ "$(stat -c %u:%g "$R/usr/share/plain/changes")" = 0:0 ]
	attack undo --yes
	assert_undone
}

@test "escapes in all that is shown" {
	esc=$'\033[31m\033]0;pwned\007\r\033[2K\xc2\x9b1m\xe2\x80\xae'
	printf 'NAME="x"\nPRETTY_NAME="%s"\nVERSION_ID="%s"\nID="%s"\n' "$esc" "$esc" "$esc" > "$R/etc/os-release"
	printf '%s\n' "$esc" > "$R/etc/hostname"
	printf '%s\n' "$esc" > "$R/etc/machine-id"
	printf '/dev/%s /srv/%s ext4 defaults 0 0\n' "$esc" "$esc" >> "$R/etc/fstab"
	mkdir -p "$R/var/log/zypp" "$R/etc/yum.repos.d" "$R/etc/dnf/vars" "$R/etc/dnf/protected.d"
	printf '2026-01-02 03:04:05|install|x%s|1-1|noarch|user@%s|%s|x|x|\n' "$esc" "$esc" "$esc" > "$R/var/log/zypp/history"
	printf '2026-01-02 03:04:05|command|root@x|%s|\n' "$esc" >> "$R/var/log/zypp/history"
	printf 'Jan 02 03:04:05 Updated: %s-1-1.noarch\n' "$esc" > "$R/var/log/yum.log"
	printf '[x%s]\nname=%s\nbaseurl=http://127.0.0.1:1/%s\n' "$esc" "$esc" "$esc" > "$R/etc/yum.repos.d/x.repo"
	printf '%s\n' "$esc" > "$R/etc/dnf/vars/releasever"
	printf '%s\n' "$esc" > "$R/etc/dnf/protected.d/x.conf"
	mkdir -p "$R/usr/share/plain/"$'\033[2J'
	echo x > "$R/usr/share/plain/"$'\033[2J/\n\033]0;x\007'
	mkdir -p "$R/var/cache/dnf/x"$'\033[7m'/packages
	echo 'no package' > "$R/var/cache/dnf/x"$'\033[7m'/packages/$'\033[7m'.rpm
	settle
	attack survey
	attack history
	attack history last
	attack plan --undo last
	attack plan plain-1-1 --files --verbose
	attack plan plain-1-1 --from cache --verbose
	attack plan plain-1-1 --from repos --timeout 1 --retries 0
	attack plan "$esc-1-1"
	attack plan plain-1-1 --json --files
	attack survey --json
	jq -e . <<< "$output" > "$TMP/out"
	attack apply plain-1-1 --yes --verbose
	assert_exit 0 7
	attack log
}

@test "macros and configuration of rpm in the root are not read" {
	evil='%(touch /ran-macro "$VICTIM/ran")%{lua:os.execute("touch /ran-macro")}'
	for f in etc/rpm/macros usr/lib/rpm/macros usr/lib/rpm/macros.d/macros.evil etc/rpmrc usr/lib/rpm/rpmrc root/.rpmmacros; do
		mkdir -p "$R/${f%/*}"
		{
			printf '%s\n' "%_dbpath $VICTIM/db" "%_tmppath $VICTIM" "%_rpmlock_path $VICTIM/lock" "%__plugindir $VICTIM"
			printf '%%%s %s\n' _arch "$evil" _install_langs "$evil" _pkgverify_level none __transaction_evil "$evil"
		} > "$R/$f"
	done
	settle
	attack plan plain-1-1
	assert_exit 0
	attack apply plain-1-1 --yes
	assert_exit 0
	assert_same_db
	attack undo --yes
	assert_exit 0
	assert_undone
	[ ! -e /ran-macro ]
}

@test "nests of folders, deeper than a path can be, beside and in the place of packaged files" {
	/usr/bin/python3 - "$R/usr/share/plain" 300 <<-'PYTHON'
		import os, sys
		os.chdir(sys.argv[1])
		os.unlink("changes")
		for top in ("changes", "nest"):
		    os.chdir(sys.argv[1])
		    os.mkdir(top)
		    os.chdir(top)
		    for i in range(int(sys.argv[2])):
		        os.mkdir("d" * 20)
		        os.chdir("d" * 20)
		    open("end", "w").close()
	PYTHON
	attack plan plain-1-1
	attack apply plain-1-1 --yes
	case $status in
	0 | 7) attack undo --yes && assert_exit 0 && attack forget 1 --yes ;;
	esac
	attack survey
	# bats removes what is left, and is no better at it than rm
	rm -rf "$R/usr/share/plain"
}

dnf_db() { # SQL: on an empty history of dnf's
	mkdir -p "$R/var/lib/dnf"
	rm -f "$R/var/lib/dnf/history.sqlite"
	sqlite3 "$R/var/lib/dnf/history.sqlite" "
		create table config(key text primary key, value text);
		insert into config values('version', '1.2');
		create table trans(id integer primary key, dt_begin integer, dt_end integer, rpmdb_version_begin text,
			rpmdb_version_end text, releasever text, user_id integer, cmdline text, state integer, comment text);
		create table trans_item(id integer primary key, trans_id integer, item_id integer, repo_id integer,
			action integer, reason integer, state integer);
		create table item(id integer primary key, item_type integer);
		create table rpm(item_id integer primary key, name text, epoch integer, version text, release text, arch text);
		create table repo(id integer primary key, repoid text);
		$1"
	settle
}

# One transaction of yum's that ended and was commanded 100,000 times: ten thousand million rows to sort.
yum_db() {
	local numbers='with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000)'
	mkdir -p "$R/var/lib/yum/history"
	sqlite3 "$R/var/lib/yum/history/history-2026-01-01.sqlite" "
		create table trans_beg(tid integer primary key, timestamp integer, rpmdb_version text, loginuid integer);
		create table trans_end(tid integer, timestamp integer, rpmdb_version text, return_code integer);
		create table trans_cmdline(tid integer, cmdline text);
		create table trans_data_pkgs(tid integer, pkgtupid integer, done text, state text);
		create table pkgtups(pkgtupid integer primary key, name text, arch text, epoch text, version text, release text);
		insert into trans_beg values(1, 100, '', 0);
		$numbers insert into trans_end select 1, i, '', 0 from n;
		$numbers insert into trans_cmdline select 1, 'x' from n;"
	settle
}

@test "a history that would compute without end, or fill memory, is named and left out" {
	dnf_db "alter table trans add column x as (hex(zeroblob(4000000)));
		with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000) insert into trans(id) select i from n"
	attack history
	assert_exit 7
	names var/lib/dnf/history.sqlite 'trans.x is computed'
	dnf_db "alter table trans add column x check (length(hex(zeroblob(4000000))) > 1) default 1;
		insert into trans(id, dt_begin) values(7, 100)"
	attack history
	assert_exit 0
	names dnf4:7 || names 7
	dnf_db "with recursive n(i) as (select 1 union all select i + 1 from n where i < 50)
		insert into trans(id, cmdline) select i, hex(zeroblob(1000000)) from n"
	attack survey
	assert_exit 7
	names var/lib/dnf/history.sqlite 'over 64 MiB of text' 'is not read'
	attack apply plain-1-1 --yes
	assert_exit 0
	attack undo --yes
	assert_undone
}

@test "a database of packages that computes is refused" {
	cp -a "$R/var/lib/rpm/rpmdb.sqlite" "$TMP/rpmdb"
	for odd in 'create table x(a check (length(hex(zeroblob(400000000))) > 1)); insert into x values(1)' \
		'create table x(a, b as (hex(zeroblob(400000000)))); insert into x(a) values(1)'; do
		cp -a "$TMP/rpmdb" "$R/var/lib/rpm/rpmdb.sqlite"
		sqlite3 "$R/var/lib/rpm/rpmdb.sqlite" "pragma ignore_check_constraints = on; $odd"
		settle
		attack survey
		assert_exit 7
		attack apply plain-1-1 --yes
		assert_exit 1
		names var/lib/rpm/rpmdb.sqlite 'which rpm never makes'
	done
}

signalled() { # SIGNAL... -- ARG...: sent to a command that reads a history without end, while it stands still
	run --separate-stderr timeout "$LIMIT" /usr/bin/python3 -c '
import os, signal, subprocess, sys, time
cut = sys.argv.index("--")
p = subprocess.Popen(sys.argv[cut + 1:], stdin=subprocess.DEVNULL)
def reads():
    try:
        return any("history-2026" in os.readlink(f"/proc/{p.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{p.pid}/fd"))
    except OSError:
        return False
while p.poll() is None and not reads():
    time.sleep(.01)
p.send_signal(signal.SIGSTOP)
for s in sys.argv[1:cut]:
    p.send_signal(int(s))
p.send_signal(signal.SIGCONT)
began = time.time()
p.wait()
print("ended by", -p.returncode if p.returncode < 0 else 0, "within", "time" if time.time() - began < 3 else "ages")
sys.exit(max(p.returncode, 0))' "$@"
}

@test "a history without end: the first signal ends the reading, a second one the command" {
	yum_db
	for command in 'history' 'survey' 'plan plain-1-1' 'apply plain-1-1 --yes'; do
		signalled 15 -- "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" $command
		assert_exit 1
		names 'ended by 0 within time' 'once it is done with reading the histories' stopped
		signalled 2 15 -- "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" $command
		assert_exit 0
		[[ $output == 'ended by 2 within time' || $output == 'ended by 15 within time' ]]
	done
	assert_root_untouched
	# nobody asks: it ends by itself, and the others count
	attack history
	assert_exit 7
	names history-2026-01-01.sqlite 'takes longer to read' 'rpm:'
}

@test "logs of packages: many in one second, and packed ones without end" {
	need xz
	mkdir -p "$R/var/log/zypp"
	seq 100000 | sed 's/.*/2024-09-13 17:42:31|install|p&|1-1|x86_64|root@host|x|4138|/' > "$R/var/log/zypp/history"
	seq 100000 | sed 's/.*/2024-09-13T17:42:31Z SUBDEBUG Upgrade: p&-1-1.x86_64/' > "$R/var/log/dnf.rpm.log"
	seq 100000 | sed 's/.*/Sep 13 17:42:31 Updated: p&-1-1.x86_64/' > "$R/var/log/yum.log"
	LIMIT=30
	attack history
	assert_exit 0
	names 100000
	rm "$R/var/log/dnf.rpm.log" "$R/var/log/yum.log"
	yes '2024-09-13 17:42:31|install|a|1-1|x86_64|root@host|x|4138|' | head -c 70000000 | xz -0 > "$TMP/packed.xz"
	for i in 1 2 3 4 5 6 7 8; do cp "$TMP/packed.xz" "$R/var/log/zypp/history-2024010$i.xz"; done
	attack history
	assert_exit 7
	names 'history-20240108.xz' 'is read in part' 100000
	rm "$R/var/log/zypp/history"
	attack history
	assert_exit 7
	names 'history-20240108.xz' 'over 64 MiB and is not read' rpm:
}

# A folder of the root becomes a file system of its own, in which some names cannot be read.
unreadable() { # FOLDER NAME[:NAME]...
	mv "$R/$1" "$TMP/under"
	mkdir "$R/$1"
	PLAINFS_EIO=$2 "$PUTBACK_BUILDDIR/tests/crash/plainfs" "$TMP/under" "$R/$1" 0755
	MOUNTED=$R/$1
}
readable_again() {
	umount "$MOUNTED"
	rmdir "$MOUNTED"
	mv "$TMP/under" "$MOUNTED"
	MOUNTED=
}

@test "a disk that gives EIO: what it was is named, and that is all" {
	[ -x "$PUTBACK_BUILDDIR/tests/crash/plainfs" ] && [ -e /dev/fuse ] || skip 'no fuse3 here'
	unreadable etc os-release:fstab:hostname:machine-id
	attack survey
	assert_exit 7
	names "'/etc/fstab' of the root cannot be read (Input/output error)"
	attack plan plain-1-1 --json
	assert_jq '[.problems[] | select(.kind == "not-mounted" and .severity == "warning")] | length == 1'
	readable_again
	unreadable etc passwd
	attack plan plain-1-1
	assert_exit 1
	names passwd 'Input/output error'
	readable_again
	unreadable usr/share/plain changes
	attack plan plain-1-1
	names plain
	readable_again
	unreadable var/lib/rpm rpmdb.sqlite
	attack survey
	assert_exit 7
	attack apply plain-1-1 --yes
	assert_exit 1
	names rpmdb.sqlite 'Input/output error'
	readable_again
	attack apply plain-1-1 --yes
	assert_exit 0
	assert_same_tree
}

@test "the auditor itself: it sees what it is there to see" {
	for deed in 'echo x > "$0/changes"' 'ln "$0/changes" "$0/new"' 'cd "$0"; : > ./new' 'mkdir -p "$0/a/b"' 'chmod 600 "$0/changes"' \
		'ln -s "$0" "$1"; mv "$1/changes" "$1/new"' 'touch "$0/changes"' 'setfattr -n user.x -v x "$0/changes"'; do
		rm -rf "$TMP/playground" "$TMP/link"
		cp -a "$VICTIM" "$TMP/playground"
		"$AUDIT" -o "$TMP/audit" bash -c "$deed" "$TMP/playground" "$TMP/link"
		grep -q "^change [a-z0-9]* $TMP/playground" "$TMP/audit" || tell "not seen: $deed" "$(cat "$TMP/audit")"
	done
	"$AUDIT" -o "$TMP/audit" -r "$VICTIM/secret" bash -c ': < "$0"' "$VICTIM/secret"
	grep -q '^read ' "$TMP/audit"
	"$AUDIT" -o "$TMP/audit" bash -c '/bin/true'
	grep -q '^exec .*/true$' "$TMP/audit"
	"$AUDIT" -o "$TMP/audit" -w "$VICTIM" bash -c ': < "$0/changes"' "$VICTIM"
	[ "$(grep -c -v total "$TMP/audit")" = 0 ]
	victim_settle
}
