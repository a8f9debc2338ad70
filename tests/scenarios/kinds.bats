#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every kind of thing in the place of every other, back from version 2 to version 1: what rpm does is done, and what
# it refuses to do (directories and links in each other's place) comes to what a first installation would have made.
#
#	f file   c %config   n %config(noreplace)   k %config, a link   l link to a file
#	D link to a directory   b link to nothing   e empty directory   d directory with a file
#
# Package AB holds /srv/AB/x, of kind A in version 1 and of kind B in version 2.

KINDS=(f c n k l D b e d)

setup_file() {
	load lib
	TMP=$BATS_FILE_TMPDIR
	local v
	make_home
	for v in 1 2; do
		write_spec $v > "$TMP/kinds.spec"
		SOURCE_DATE_EPOCH=1700000000 rpmbuild -bb --quiet -D "ver $v" -D "_topdir $TMP/top" -D "_rpmdir $TMP/v$v" \
			"$TMP/kinds.spec" > "$TMP/log" 2>&1 || { cat "$TMP/log" >&2; return 1; }
	done
	mkdir -p "$TMP/base/etc"
	cp /etc/passwd /etc/group "$TMP/base/etc/"
	rpmr "$TMP/base" --initdb
	cp -a "$TMP/base" "$TMP/first"
	rpmr "$TMP/first" -i "$TMP"/v1/*.rpm
	cp -a "$TMP/base" "$TMP/root"
	rpmr "$TMP/root" -i "$TMP"/v2/*.rpm
}

setup() {
	load lib
	V1=$BATS_FILE_TMPDIR/v1
	cp -a "$BATS_FILE_TMPDIR/root" "$R"
}

write_spec() { # VERSION
	local a b kind
	printf '%s\n' '%lab kinds' 'BuildArch: noarch' '%description' x
	printf '%s\n' '%install' '%tools' > "$TMP/install"
	for a in "${KINDS[@]}"; do
		for b in "${KINDS[@]}"; do
			kind=$a
			[ "$1" = 1 ] || kind=$b
			printf '%s\n' "%package -n $a$b" 'Summary: x' 'AutoReqProv: no' "%description -n $a$b" x "%files -n $a$b" \
				"%dir /srv/$a$b" "/srv/$a$b/there" "/srv/$a$b/to"
			echo "put srv/$a$b/there 'to point at'; put srv/$a$b/to/some 'to point at'"
			case $kind in
			f) echo "/srv/$a$b/x"; echo "put srv/$a$b/x 'file %{ver}'" >&3 ;;
			c) echo "%config /srv/$a$b/x"; echo "put srv/$a$b/x 'file %{ver}'" >&3 ;;
			n) echo "%config(noreplace) /srv/$a$b/x"; echo "put srv/$a$b/x 'file %{ver}'" >&3 ;;
			k) echo "%config /srv/$a$b/x"; echo "link there%{ver} srv/$a$b/x" >&3 ;;
			l) echo "/srv/$a$b/x"; echo "link there srv/$a$b/x" >&3 ;;
			D) echo "/srv/$a$b/x"; echo "link to srv/$a$b/x" >&3 ;;
			b) echo "/srv/$a$b/x"; echo "link nowhere%{ver} srv/$a$b/x" >&3 ;;
			e) echo "/srv/$a$b/x"; echo "mkdir -p srv/$a$b/x" >&3 ;;
			d) echo "/srv/$a$b/x"; echo "put srv/$a$b/x/in-%{ver} 'in a directory'; put srv/$a$b/x/both 'version %{ver}'" >&3 ;;
			esac
		done
	done 3>> "$TMP/install" | while IFS= read -r line; do
		case $line in put*) echo "$line" >> "$TMP/install" ;; *) echo "$line" ;; esac
	done > "$TMP/packages"
	# what is pointed at comes first; times are the same in both
	cat "$TMP/packages" "$TMP/install"
	echo 'find . -exec touch -h -d @1650000000 {} +'
}

# Sets REFUSED, the packages that rpm will not take back, and makes $TMP/by-rpm of the others.
by_rpm() {
	local files=() file
	cp -a "$R" "$TMP/by-rpm"
	rpmr "$TMP/by-rpm" -U --oldpackage --test "$V1"/*.rpm 2> "$TMP/conflicts" || :
	REFUSED=$(sed -n 's/.* from install of \([a-zA-Z]*\)-1-1.* conflicts .*/\1/p' "$TMP/conflicts" | sort -u)
	for file in "$V1"/*.rpm; do
		grep -q -x "$(basename "$file" -1-1.noarch.rpm)" <<< "$REFUSED" || files+=("$file")
	done
	rpmr "$TMP/by-rpm" -U --oldpackage --nodeps "${files[@]}"
}

names() { (cd "$V1" && ls) | sed 's/\.noarch\.rpm//'; }

# Each package against its judge.
judge() { # [tree's options]
	local p against
	local by_rpm=() refused=()
	for p in $(names | sed 's/-1-1//'); do
		if grep -q -x "$p" <<< "$REFUSED"; then refused+=(--only "/srv/$p"); else by_rpm+=(--only "/srv/$p"); fi
	done
	same tree "$TMP/by-rpm" "$R" --no-dir-mtime "${by_rpm[@]}" "$@"
	[ -n "${EDITED-}" ] || same tree "$BATS_FILE_TMPDIR/first" "$R" --no-dir-mtime "${refused[@]}" "$@"
}

@test "as they were installed" {
	by_rpm
	[ "$(wc -l <<< "$REFUSED")" -gt 5 ] || tell "rpm refuses only: $REFUSED"
	settle
	# shellcheck disable=SC2046
	pb apply --yes --allow-unsigned $(names)
	assert_exit 0 7
	judge
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "edited by hand" {
	local x
	for x in "$R"/srv/*/x; do
		if [ -L "$x" ]; then ln -sfn mine "$x"; elif [ -f "$x" ]; then echo mine >> "$x"; fi
	done
	EDITED=1
	by_rpm
	settle
	# shellcheck disable=SC2046
	pb apply --yes --allow-unsigned $(names)
	assert_exit 0 7
	judge
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "directories that were moved away and linked to, and links that lead nowhere" {
	need_rpm 4.17
	local x n=0
	for x in "$R"/srv/*[ed]/x; do
		n=$((n + 1))
		mv "$x" "$x.moved"
		if [ $((n % 2)) = 0 ]; then ln -s x.moved "$x"; else ln -s nowhere "$x"; fi
	done
	EDITED=1
	by_rpm
	settle
	# shellcheck disable=SC2046
	pb apply --yes --allow-unsigned $(names)
	if [ "$status" = 5 ]; then
		tell refused
	fi
	assert_exit 0 7
	judge
	pb undo --yes
	assert_exit 0
	assert_undone
}
