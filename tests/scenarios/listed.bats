#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# An archive that has no list of packages, by what its server says is in its folders.

setup() {
	load lib
	load net
	lab plain
	KIT=$TMP/kit
	nginx_up 'autoindex on;'
}
teardown() { stop_servers; }

build() { # NAME VERSION RELEASE [LINE...]: a package with a file, into the folder it has in a build system
	local at=$TMP/web/packages/${SRC-$1}/$2/$3/noarch file=${OWNS-/opt/$1}
	mkdir -p "$at"
	{
		printf '%s\n' "Name: $1" "Version: $2" "Release: $3" 'Summary: Listed' 'License: none' 'BuildArch: noarch' "${@:4}" \
			%description Listed. %install "mkdir -p %{buildroot}/opt" "echo $2-$3 > %{buildroot}$file" %files "$file"
	} > "$TMP/spec"
	rpmbuild -bb --quiet -D "_topdir $TMP/top" -D "_rpmdir $TMP/built" "$TMP/spec" > "$TMP/log" 2>&1 || tell "$(cat "$TMP/log")"
	BUILT=$TMP/built/$1-$2-$3.noarch.rpm
	sign "$BUILT"
	cp "$BUILT" "$at"
}
install() { # [NAME VERSION RELEASE]: what was built of it, or last
	[ $# = 0 ] || BUILT=$TMP/built/$1-$2-$3.noarch.rpm
	rpmr "$R" -i --oldpackage "$BUILT"
	settle
}
koji() { from "koji:$HTTP/web" -- "$@"; }
comes() { jq -c '[.changes[].to.nevra]' <<< "$output"; }

@test "the newest that is older, of the same release of the distribution" {
	local release
	for release in 1.el9 2.el9 2.el9_2.1 3.el9 3.el10 2.fc40; do build tool 1.0 $release; done
	build tool 1.2 1.el9
	build tool 1.1 1.el10
	build tool 1.1 2.fc40
	build tool 0.9 7.el9
	rm -r "$TMP/web/packages/tool/1.2"
	install tool 1.2 1.el9
	koji plan tool --json
	assert_exit 0
	[ "$(comes)" = '["tool-1.0-3.el9.noarch"]' ]
	assert_root_untouched
	koji apply tool --yes
	assert_exit 0
	[ "$(cat "$R/opt/tool")" = 1.0-3.el9 ]
	# and from there on
	koji plan tool --json
	[ "$(comes)" = '["tool-1.0-2.el9_2.1.noarch"]' ]
	koji apply tool.noarch --yes
	koji plan 't*l' --json
	[ "$(comes)" = '["tool-1.0-2.el9.noarch"]' ]
	koji plan --path /opt/tool --json
	[ "$(comes)" = '["tool-1.0-2.el9.noarch"]' ]
}

@test "an earlier release of the distribution where the same has none, never a later one" {
	build tool 1.0 1.fc40
	build tool 1.0 1.fc41
	build tool 0.9 1.fc42
	build tool 0.8 1
	build tool 2.0 1.fc41
	install
	rm -r "$TMP/web/packages/tool/1.0/1.fc41" "$TMP/web/packages/tool/2.0"
	koji plan tool --json
	[ "$(comes)" = '["tool-1.0-1.fc40.noarch"]' ]
	rm -r "$TMP/web/packages/tool/1.0"
	koji plan tool --json
	[ "$(comes)" = '["tool-0.8-1.noarch"]' ]
	rm -r "$TMP/web/packages/tool/0.8"
	koji plan tool
	assert_exit 4
	assert_says 'a version of tool.noarch older than 2.0-1.fc41'
}

@test "letters and digits of a candidate for release are no distribution" {
	build tool 1.0 0.1.rc1.fc40
	build tool 1.0 0.2.rc2.fc41
	build tool 2.0 0.3.beta3.fc40
	install
	rm -r "$TMP/web/packages/tool/2.0"
	koji plan tool --json
	assert_exit 0
	[ "$(comes)" = '["tool-1.0-0.1.rc1.fc40.noarch"]' ]
}

@test "a version without its release, and what is in another's source" {
	SRC=suite build tool-libs 1.0 1.fc40 # which its installed package does not tell
	build tool 1.0 1.fc40
	build tool 1.0 2.fc40
	build tool 2.0 1.fc40
	install
	koji plan tool-1.0 --json
	[ "$(comes)" = '["tool-1.0-2.fc40.noarch"]' ]
	koji plan tool-0.7
	assert_exit 4
	assert_says tool-0.7
}

@test "what a folder names and does not have is passed over for the next" {
	local n
	for n in 1 2 3 4 5 6; do build tool 1.$n 1; done
	build tool 2.0 1
	install
	rm "$TMP"/web/packages/tool/1.[3456]/1/noarch/*.rpm
	rmdir "$TMP/web/packages/tool/1.6/1/noarch"
	cp "$TMP"/web/packages/tool/1.1/1/noarch/*.rpm "$TMP/web/packages/tool/1.4/1/noarch/tool-1.4-1.noarch.rpm"
	koji plan tool --json
	assert_exit 0
	[ "$(comes)" = '["tool-1.2-1.noarch"]' ]
}

@test "by a template: in one folder, in folders of versions, and where it tells no version" {
	local n
	for n in 1 2; do build tool 1.$n 3; done
	build tool 1.3 1
	install
	mkdir -p "$TMP/web/t/tool" "$TMP/web/v/1.1/noarch" "$TMP/web/v/1.2/noarch"
	cp "$TMP"/built/*.rpm "$TMP/web/t/tool/"
	touch "$TMP/web/t/tool/tool-1.2-9.x86_64.rpm" "$TMP/web/t/tool/tool-1.2-9.noarch.rpm.asc" "$TMP/web/t/tool/other-1.2-9.noarch.rpm"
	for n in 1 2; do cp "$TMP/built/tool-1.$n-3.noarch.rpm" "$TMP/web/v/1.$n/noarch/"; done
	from "koji:$HTTP/web/{initial}/{name}/{nevra}.rpm" -- plan tool --json
	[ "$(comes)" = '["tool-1.2-3.noarch"]' ]
	from "koji:$HTTP/web/v/{version}/{arch}/{name}-{version}-{release}.{arch}.rpm" -- plan tool --json
	[ "$(comes)" = '["tool-1.2-3.noarch"]' ]
	from "koji:$HTTP/web/{initial}/{name}/{nevra}.rpm?a=b" -- plan tool
	assert_exit 4
	from "koji:$HTTP/web/{initial}/{name}/{name}-{version}.rpm" -- plan tool
	assert_exit 4
}

@test "kernels: one that is not there yet" {
	local n
	for n in 1 2 3 4; do
		OWNS=/opt/mod-$n build mod $n 1 'Provides: installonlypkg(kernel-module)'
		[ $n = 1 ] || install
	done
	koji plan mod --json
	assert_exit 0
	[ "$(comes)" = '["mod-1-1.noarch"]' ]
}

@test "an older one for a kit, and patterns of what is listed" {
	build tool 1.0 1.fc40
	build tool 2.0 1.fc40
	install
	mkdir "$TMP/empty"
	from "$TMP/empty" -- plan tool -o "$TMP/wanted"
	pb_bare fetch "$TMP/wanted" --from "koji:$HTTP/web" --key "$KEY" --to "$KIT"
	assert_exit 0
	[ "$(ls "$KIT/packages")" = tool-1.0-1.fc40.noarch.rpm ]
	from "kit:$KIT" -- plan tool --json
	[ "$(comes)" = '["tool-1.0-1.fc40.noarch"]' ]
	mkdir "$TMP/folder"
	cp "$TMP"/built/*.rpm "$V1"/*.rpm "$TMP/folder"
	pb_bare fetch 't*-1.0-*' 'pl*' --from "$TMP/folder" --key "$KEY" --to "$TMP/two"
	assert_exit 0
	[ "$(ls "$TMP/two/packages")" = $'plain-1-1.noarch.rpm\ntool-1.0-1.fc40.noarch.rpm' ]
	pb_bare fetch 'tool*' 'nosuch*' --from "$TMP/folder" --key "$KEY" --to "$TMP/three"
	assert_exit 4
	assert_says 'nosuch*: no source has a package of such a name'
	[ "$(ls "$TMP/three/packages")" = tool-2.0-1.fc40.noarch.rpm ]
}

@test "undo of what is on no record but rpm's" {
	build tool 1.0 1
	build tool 2.0 1
	rm -rf "$R"/var/lib/dnf "$R"/var/log
	rpmr "$R" -U "$TMP/built/tool-1.0-1.noarch.rpm"
	sleep 1.1
	rpmr "$R" -U "$TMP/built/tool-2.0-1.noarch.rpm"
	koji plan --undo last --json
	assert_exit 0
	[ "$(comes)" = '["tool-1.0-1.noarch"]' ]
}

@test "pages that are hostile, huge or none" {
	build tool 1.0 1
	build tool 2.0 1
	install
	mkdir -p "$TMP/bad/packages/tool" "$TMP/big/packages/tool"
	cat > "$TMP/bad/packages/tool/index.html" <<-'HTML'
		<a href="../../../../etc/">x</a> <a href="..%2f..%2fetc/">x</a> <a href="1.0%0a/">x</a> <a href="1.0%1b[31m/">x</a>
		<a href="1.0;rm/">x</a> <a href="http://127.0.0.1:1/1.0/">x</a> <a href="0.9/">x</a> <a href="1-2/">x</a>
	HTML
	from "koji:$HTTP/bad" -- plan tool --why tool
	assert_exit 4
	refute_says $'\e[31m' etc
	head -c 5M /dev/zero | tr '\0' x > "$TMP/big/packages/tool/index.html"
	from "koji:$HTTP/big" -- plan tool
	assert_exit 4
	head -c 4M /dev/zero | tr '\0' x | sed 's/xxxxxxxxxxx/<a href=x1>/g' > "$TMP/big/packages/tool/index.html"
	SECONDS=0
	from "koji:$HTTP/big" -- plan tool
	assert_exit 4
	[ $SECONDS -lt 20 ]
	assert_root_untouched
}

@test "of packages of one source the folders are asked for once" {
	local name
	for name in tool tool-a tool-b; do
		for n in 1 2; do OWNS=/opt/$name build $name $n 1; done
		install
	done
	from "koji:$HTTP/web/packages/{nevra}.rpm" -- plan 'tool*'
	assert_exit 4
	[ "$(grep -c 'GET /web/packages/ ' "$TMP/nginx/access.log")" = 1 ]
	cp "$TMP"/built/tool*.rpm "$TMP/web/packages"
	from "koji:$HTTP/web/packages/{nevra}.rpm" -- plan 'tool*' --json
	[ "$(comes)" = '["tool-1-1.noarch","tool-a-1-1.noarch","tool-b-1-1.noarch"]' ]
	[ "$(grep -c 'GET /web/packages/ ' "$TMP/nginx/access.log")" = 2 ]
}
