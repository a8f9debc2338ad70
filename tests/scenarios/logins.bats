#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Servers that want to know who asks, and proxies on the way to them, in the words of the root's .repo files.

setup() { load lib; load net; lab dnf plain other config; createrepo_c -q "$V1"; mkdir -p "$R/etc/yum.repos.d"; settle; }
teardown() { stop_servers; }

repo() { # LINE...: a .repo file in the root
	printf '%s\n' '[lab]' 'name=lab' "$@" > "$R/etc/yum.repos.d/lab.repo"
	settle
}
assert_back() { assert_put_back --ignore '/etc/yum.repos.d*'; }

@test "a name and a password: in a URL, in a .repo file, wrong ones, none" {
	misbehave
	from "$BAD/login" -- plan --undo last
	assert_exit 4
	assert_says 401 'who are you'
	from "${BAD/127/me:wr0ng@127}/login" -- plan --undo last
	assert_exit 4
	assert_says 401
	refute_says wr0ng
	from "${BAD/127/me:s3cr3t@127}/login" -- plan --undo last
	assert_exit 0
	repo "baseurl=$BAD/login" username=me password=wr0ng
	from repos -- plan --undo last
	assert_exit 4
	assert_says 401
	refute_says wr0ng
	repo "baseurl=$BAD/login" username=me password=s3cr3t
	from repos -- apply --undo last --yes -v
	assert_exit 0
	refute_says s3cr3t
	assert_back
	! grep -q s3cr3t -r "$R/.putback"
}

@test "a login is for its own server, and does not go along where that one leads to" {
	misbehave
	repo "baseurl=$BAD/away" username=me password=s3cr3t
	from repos -- apply --undo last --yes
	assert_exit 0
	assert_back
	grep -q '^away .* 302 login$' "$REQUESTS"
	grep -q '^good .*rpm' "$REQUESTS"
	! grep '^good .* login' "$REQUESTS"
}

@test "a proxy of the root's configuration, of a repository, and none" {
	misbehave
	proxy_up
	repo "baseurl=$BAD/good" "proxy=http://$PROXY"
	from repos -- apply --undo last --yes
	assert_exit 0
	assert_back
	[ "$(grep -c "^GET $BAD/good/.*\.rpm 206" "$PROXIED")" -ge 3 ]
	pb undo --yes
	: > "$PROXIED"
	mkdir -p "$R/etc/dnf"
	printf '[main]\nproxy=http://%s\n' "$PROXY" > "$R/etc/dnf/dnf.conf"
	repo "baseurl=$BAD/good"
	from repos -- plan --undo last
	assert_exit 0
	grep -q repomd.xml "$PROXIED"
	: > "$PROXIED"
	repo "baseurl=$BAD/good" proxy=_none_
	from repos -- plan --undo last
	assert_exit 0
	[ ! -s "$PROXIED" ]
	repo "baseurl=$BAD/good" proxy=http://127.0.0.1:9
	from repos -- plan --undo last
	assert_exit 4
	assert_says "$BAD/good"
}

@test "a proxy that wants a login" {
	misbehave
	proxy_up pat:pr0xy
	repo "baseurl=$BAD/good" "proxy=http://$PROXY"
	from repos -- plan --undo last
	assert_exit 4
	assert_says 407
	repo "baseurl=$BAD/login" "proxy=http://$PROXY" proxy_username=pat proxy_password=pr0xy username=me password=s3cr3t
	from repos -- apply --undo last --yes -v
	assert_exit 0
	refute_says pr0xy
	assert_back
}

@test "https through a proxy: the tunnel, and who vouches for the server" {
	nginx_up ''
	proxy_up
	mkdir -p "$R/etc/pki"
	cp "$CA" "$R/etc/pki/"
	repo "baseurl=$HTTPS/v1" "proxy=http://$PROXY" sslcacert=/etc/pki/ca.pem
	from repos -- plan --undo last
	assert_exit 0
	grep -q "^CONNECT ${HTTPS#https://} 200" "$PROXIED"
	repo "baseurl=$HTTPS/v1" "proxy=http://$PROXY"
	from repos -- plan --undo last
	assert_exit 4
	assert_says certificate
}

@test "a proxy of the environment, and exceptions to it" {
	misbehave
	proxy_up
	http_proxy=http://$PROXY from "$BAD/good" -- plan --undo last
	assert_exit 0
	[ -s "$PROXIED" ]
	: > "$PROXIED"
	http_proxy=http://$PROXY no_proxy=127.0.0.1 from "$BAD/good" -- plan --undo last
	assert_exit 0
	[ ! -s "$PROXIED" ]
}

@test "what lies there of a download does not fit any more: it begins anew" {
	misbehave
	from "$BAD/good" -- plan --undo last --cache "$TMP/cache"
	assert_exit 0
	for file in "$TMP"/cache/downloads/*.rpm.part; do head -c 5000 /dev/urandom > "$file"; done
	from "$BAD/good" -- apply --undo last --yes --cache "$TMP/cache"
	assert_exit 0
	assert_back
	pb undo --yes
	# longer than the file is
	for file in "$TMP"/cache/downloads/*.rpm; do mv "$file" "$file.part"; head -c 100000 /dev/urandom >> "$file.part"; done
	from "$BAD/good" -- apply --undo last --yes --cache "$TMP/cache"
	assert_exit 0
	assert_back
	# and where only the server has another one now, that is said
	pb undo --yes
	rm "$TMP"/cache/downloads/*.rpm
	for file in "$V1"/*.rpm; do printf changed | dd of="$file" bs=1 seek=200 conv=notrunc status=none; done
	from "$BAD/good" -- apply --undo last --yes --cache "$TMP/cache"
	assert_exit 4 9
	assert_root_as_it_was
}
