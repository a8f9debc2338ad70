#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What a file is: links, kinds, modes, owners, times, devices. After apply the root is the one that
# never saw the update; after undo it is what it was, inode for inode.

setup() { load lib; WITH=0; }

there_and_back() { # NAME [tree's options]
	local name=$1
	shift
	lab "$name"
	pb apply "$name-1-1" --yes
	assert_exit "$WITH"
	assert_put_back "$@"
	pb undo --yes
	assert_exit 0
	assert_undone
	pb redo --yes
	assert_exit 0
	assert_put_back "$@"
}

as_rpm() { # NAME: rpm's own way back is the judge, for what it leaves behind on purpose
	lab "$1"
	rpm_goes_back
	pb apply "$1-1-1" --yes
	assert_exit 0
	assert_same_as_rpm
	assert_dir_times_kept
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "content, coming, going" { there_and_back plain; }
@test "sets of hard links: split, joined, swapped, shrunk" { there_and_back hardlinks; }
@test "setuid, setgid, capabilities, owners by the root's own numbers" { WITH=7 there_and_back modes; }
@test "device nodes" { there_and_back devices; }
@test "modification times" { there_and_back times; }
@test "ghosts" { as_rpm ghosts; }
@test "directories that appear and empty out" { there_and_back dirs; }
@test "an epoch" { there_and_back epoch; }
@test "a file in /boot" { there_and_back boot; }
@test "many files" { there_and_back bulk; }

@test "files, directories and links that turn into one another" {
	there_and_back types
	[ -d "$R/usr/lib/types/dir-link" ] && [ ! -L "$R/usr/lib/types/dir-link" ]
	[ -f "$R/usr/lib/types/file-dir" ]
	[ -L "$R/usr/lib/types/link-file" ]
}

@test "one set of hard links that the user took apart" {
	lab hardlinks
	cd "$R/usr/lib/links"
	cp -a whole.a own && mv own whole.a
	ln same.a not-packaged
	settle
	pb apply hardlinks-1-1 --yes
	assert_exit 0
	assert_put_back --ignore '*/not-packaged'
	[ -f not-packaged ]
	pb undo --yes
	assert_undone
}

@test "an owner that the root does not know becomes root, without setuid and setgid" {
	lab modes
	pb plan modes-1-1
	assert_says nobody-has-this
	pb apply modes-1-1 --yes
	assert_exit 0 7
	[ "$(stat -c '%u:%g %a' "$R/usr/lib/modes/unknown")" = "$(stat -c '%u:%g %a' "$ORACLE/usr/lib/modes/unknown")" ]
	[ "$(stat -c '%u:%g %a' "$R/usr/lib/modes/unknown")" = '0:0 755' ]
}

@test "a fifo" {
	lab_install
	supply 2 fifo
	rpmr "$R" -i "$V2"/*.rpm
	supply 1 fifo
	settle
	pb apply fifo-1-1 --yes
	assert_exit 0
	[ "$(stat -c '%F %a %u:%g' "$R/usr/lib/fifo/pipe")" = 'fifo 620 4321:4322' ]
	[ "$(content usr/lib/fifo/file)" = 'version 1' ]
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "sockets, as they are packaged; rpm 4.18 fails on them" {
	new_root "$R"
	printf '%s\n' '%lab socket' 'BuildArch: noarch' '%description' x '%install' '%tools' 'put usr/lib/socket/file "version %{ver}"' \
		'%if %{ver} == 1' 'mkdir -p dev run' \
		'for s in dev/log run/s; do /usr/bin/python3 -c "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])" $s; done' '%endif' \
		'%files' /usr/lib/socket '%if %{ver} == 1' '%attr(0666,lab,root) /dev/log' '%attr(0600,root,lab) /run/s' '%endif' > "$TMP/socket.spec"
	for v in 1 2; do
		rpmbuild -bb --quiet -D "ver $v" -D "_topdir $TMP/top" -D "_rpmdir $TMP/v$v" "$TMP/socket.spec" > "$TMP/log" 2>&1
	done
	rpmr "$R" -i "$V2"/socket*.rpm
	settle
	pb apply socket-1-1 --allow-unsigned --yes
	assert_exit 0 7
	[ "$(stat -c '%F %a %u:%g' "$R/dev/log" "$R/run/s" | paste -sd,)" = 'socket 666 4321:0,socket 600 0:4322' ]
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "whatever umask the caller has, directories that nobody describes are open as rpm makes them" {
	lab plain
	rm -r "$R/usr/share"
	settle
	umask 077
	rpm_goes_back
	pb apply plain-1-1 --yes
	umask 022
	assert_exit 0
	assert_same_as_rpm --ignore /usr/share/doc
	[ "$(stat -c %a "$R/usr/share")" = 755 ]
	pb undo --yes
	assert_undone
}

@test "a second name that somebody gave a file keeps the content that it had" {
	lab plain
	ln "$R/usr/share/plain/changes" "$R/var/mine"
	was=$(content var/mine)
	settle
	pb apply plain-1-1 --yes
	assert_exit 0
	[ "$(content var/mine)" = "$was" ] && [ "$(content usr/share/plain/changes)" != "$was" ]
	pb undo --yes
	assert_undone
	[ "$R/var/mine" -ef "$R/usr/share/plain/changes" ]
}

@test "users and groups of /usr/lib count as well, after those of /etc" {
	WITH=7
	lab modes
	for name in passwd group; do
		grep '^lab:' "$R/etc/$name" > "$R/usr/lib/$name"
		echo 'daemon:x:999:999:not this one:/:/' >> "$R/usr/lib/$name"
		sed -i '/^lab:/d' "$R/etc/$name"
	done
	settle
	pb apply modes-1-1 --yes
	assert_exit 7
	assert_same_tree --ignore /etc/passwd --ignore /etc/group --ignore /usr/lib/passwd --ignore /usr/lib/group
	[ "$(stat -c %u:%g "$R/usr/lib/modes/owner+")" = 4321:72 ]
	pb undo --yes
	assert_undone
}

@test "every payload compression that rpm knows" {
	lab plain
	for how in w6.gzdio w1.xzdio w3.zstdio w5.bzdio w1.lzdio w.ufdio; do
		rm -rf "$TMP/packed"
		SOURCE_DATE_EPOCH=1700086400 rpmbuild -bb --quiet -D 'ver 1' -D "_topdir $TMP/top" -D "_rpmdir $TMP/packed" \
			-D "_binary_payload $how" "$FIXTURES/specs/plain.spec" > "$TMP/log" 2>&1
		sign "$TMP"/packed/*.rpm
		pb_bare --root "$R" --from "$TMP/packed" --key "$KEY" apply plain-1-1 --yes
		assert_exit 0
		assert_same_tree || tell "with $how"
		pb undo --yes
		assert_exit 0
	done
	assert_undone
}

@test "a time that lies centuries ahead" {
	lab plain
	touch -d '2400-01-01 12:00' "$R/usr/share/plain/changes"
	[ "$(stat -c %y "$R/usr/share/plain/changes" | cut -c1-4)" = 2400 ] || skip 'no such time here'
	settle
	pb apply plain-1-1 --yes
	assert_exit 0
	assert_put_back
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "ghosts keep the content they have" {
	lab ghosts
	echo state > "$R/var/lib/ghosts/state"
	echo log > "$R/var/lib/ghosts/log"
	settle
	pb apply ghosts-1-1 --yes
	assert_exit 0
	[ "$(content var/lib/ghosts/state)" = state ]
	[ "$(content var/lib/ghosts/log)" = log ]
	[ "$(content var/lib/ghosts/was-ghost)" = 'real 1' ]
}

@test "a package that was installed under another prefix goes back to its own, as with rpm" {
	printf '%s\n' '%lab relocated' 'BuildArch: noarch' 'Prefix: /opt/relocated' '%description' x '%install' '%tools' \
		'put opt/relocated/file "version %{ver}"; put opt/relocated/only-%{ver} "here"; put etc/relocated "version %{ver}"' \
		'%files' /opt/relocated /etc/relocated > "$TMP/relocated.spec"
	new_root "$R"
	for v in 1 2; do
		rpmbuild -bb --quiet -D "ver $v" -D "_topdir $TMP/top" -D "_rpmdir $TMP/v$v" "$TMP/relocated.spec" > "$TMP/log" 2>&1
	done
	rpmr "$R" -i --relocate /opt/relocated=/srv/elsewhere "$V2"/relocated*.rpm
	[ -e "$R/srv/elsewhere/only-2" ]
	settle
	rpm_goes_back "$V1"/relocated*.rpm
	pb apply relocated-1-1 --allow-unsigned --yes
	assert_exit 0 7
	# rpm leaves the directory that it made for it, and that is nobody's
	assert_same_as_rpm --ignore /srv
	[ ! -e "$R/srv" ]
	[ "$(content opt/relocated/file)" = 'version 1' ]
	pb undo --yes
	assert_exit 0
	assert_undone
}
