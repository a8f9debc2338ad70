#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Packages out of repositories: on real servers, good ones and others.

setup() { load lib; load net; lab dnf plain other config; createrepo_c -q "$V1"; }
teardown() { stop_servers; }

@test "file://" {
	from "file://$V1" -- plan --undo last --json
	assert_exit 0
	assert_jq '.changes | length == 3'
	assert_root_untouched
	from "file://$V1" -- apply --undo last --yes
	assert_exit 0
	assert_put_back
	[ ! -e "$R/.putback/downloads" ]
}

@test "http: a plan downloads headers, a run the rest, and nothing stays" {
	misbehave
	from "$BAD/good" -- plan --undo last
	assert_exit 0
	assert_root_untouched
	# the list of packages, and of each package the bytes before its payload
	[ "$(grep -c '\.rpm bytes=0-[0-9]* 206' "$REQUESTS")" = 3 ]
	! grep '\.rpm - ' "$REQUESTS"
	from "$BAD/good" -- apply --undo last --yes
	assert_exit 0
	assert_put_back
	[ ! -e "$R/.putback/downloads" ]
}

@test "--cache: what is there is not downloaded again" {
	misbehave
	from "$BAD/good" -- plan --undo last --cache "$TMP/cache"
	assert_exit 0
	from "$BAD/good" -- apply --undo last --yes --cache "$TMP/cache"
	assert_exit 0
	assert_put_back
	# the second half of each, behind the headers of the plan
	[ "$(grep -c '\.rpm bytes=[1-9][0-9]*- 206' "$REQUESTS")" = 3 ]
	pb undo --yes
	: > "$REQUESTS"
	from "$BAD/good" -- apply --undo last --yes --cache "$TMP/cache"
	assert_exit 0
	! grep -v repomd.xml "$REQUESTS"
	stop_servers
	pb undo --yes
	from "$BAD/good" -- apply --undo last --yes --cache "$TMP/cache" --offline
	assert_exit 0
	assert_put_back
}

@test "a file in the cache that was tampered with is downloaded anew" {
	misbehave
	from "$BAD/good" -- apply --undo last --yes --cache "$TMP/cache"
	assert_exit 0
	pb undo --yes
	for file in "$TMP"/cache/downloads/*plain*.rpm; do printf X | dd of="$file" bs=1 seek=1000 conv=notrunc status=none; done
	from "$BAD/good" -- apply --undo last --yes --cache "$TMP/cache"
	assert_exit 0
	assert_put_back
}

@test "each kind of failure ends in the next source's mirror or a message with URL and reason" {
	misbehave
	local mode reason
	while read -r mode reason; do
		from "$BAD/$mode" -- plan --undo last
		assert_exit 4
		assert_says "127.0.0.1" "/$mode/repodata/repomd.xml" "$reason"
		from "$BAD/$mode" "$BAD/good" -- plan --undo last
		assert_exit 0
	done <<-MODES
		gone	404
		stall	nothing came
		silent	nothing came
		file	neither http nor https
		round	redirects
		portal	document type
		short	no proper XML
	MODES
	assert_root_untouched
}

@test "packages: wrong bytes, cut short, too long: the root is as it was" {
	misbehave
	for mode in wrong truncate long; do
		sed "s|@|$BAD|; s|MODE|$mode|" > "$TMP/list" <<< '@/good
@/MODE'
		from "$BAD/$mode" -- apply --undo last --yes
		assert_exit 4 9
		assert_says "127.0.0.1"
		assert_root_as_it_was
	done
}

@test "a server without ranges, one that moved, one that is busy, one that is cut short once" {
	misbehave
	for mode in noranges moved; do
		from "$BAD/$mode" -- plan --undo last
		assert_exit 0
	done
	from "$BAD/busy" -- plan --undo last --retries 3
	assert_exit 0
	from "$BAD/once" -- apply --undo last --yes --retries 1
	assert_exit 0
	assert_put_back
}

@test "nobody listens: the message says so" {
	from "http://127.0.0.1:9" -- plan --undo last
	assert_exit 4
	assert_says "http://127.0.0.1:9" "connect"
	assert_root_untouched
}

@test "a server that dies is given up for all packages, and the next one has them" {
	misbehave
	repos_of() { # URL...
		mkdir -p "$R/etc/yum.repos.d"
		printf '[lab]\nname=lab\nbaseurl=%s\n' "$*" > "$R/etc/yum.repos.d/lab.repo"
		settle
		from repos -- plan --undo last "${more[@]}"
	}
	more=(-v)
	repos_of "$BAD/gone/" "$BAD/good/"
	assert_exit 0
	assert_stderr "repomd.xml of repos:lab: $BAD/gone/repodata/repomd.xml: the server says 404"
	more=()
	repos_of "$BAD/dies/"
	assert_exit 4
	assert_says 'no answer: nothing came for 1 seconds (and 2 more)'
	repos_of "$BAD/dies/" "${BAD/127.0.0.1/localhost}/good/"
	assert_exit 0
	assert_root_untouched
}

@test "the line of progress says who is waited for" {
	need script
	misbehave
	TERM=xterm run script -qec "'$PUTBACK' --root '$R' --from '$BAD/silent' --timeout 1 --retries 0 plan plain" /dev/null < /dev/null
	assert_says "downloading: 0 B, from $BAD"
}

@test "--offline forbids the network" {
	misbehave
	from "$BAD/good" -- plan --undo last --offline
	assert_exit 4
	assert_says offline
	[ ! -s "$REQUESTS" ]
}

@test "passwords in URLs are not shown" {
	from "http://me:secret@127.0.0.1:9/x" -- plan --undo last
	assert_exit 4
	refute_says secret
}

@test "nginx over http and https, with its own authority and with client certificates" {
	nginx_up 'location /v1/closed { alias '"$V1"'; } ssl_verify_client optional;
		location /guarded/ { alias '"$V1"'/; if ($ssl_client_verify != SUCCESS) { return 403; } }'
	from "$HTTP/v1" -- plan --undo last
	assert_exit 0
	from "$HTTPS/v1" -- plan --undo last
	assert_exit 4
	assert_says certificate
	from "$HTTPS/v1" -- plan --undo last --cacert "$CA"
	assert_exit 0
	from "$HTTPS/guarded" -- plan --undo last --cacert "$CA"
	assert_exit 4
	assert_says 403
	from "$HTTPS/v1" -- apply --undo last --cacert "$CA" --yes
	assert_exit 0
	assert_put_back
}

@test "metadata compressed by zstd, xz, bzip2 and gzip, or not at all" {
	need zstd xz bzip2
	for kind in zst xz bz2 gz ''; do
		repodata '' $kind
		ls "$V1"/repodata/primary.xml${kind:+.$kind}
		from "file://$V1" -- plan --undo last
		assert_exit 0
	done
}

@test "metadata that was tampered with, is damaged, or hostile" {
	cp -a "$V1/repodata" "$TMP/good"
	again() { rm -rf "$V1/repodata"; cp -a "$TMP/good" "$V1/repodata"; }
	for file in "$V1"/repodata/*primary.xml*; do truncate -s -5 "$file"; done
	from "file://$V1" -- plan --undo last
	assert_exit 4
	assert_says 'another digest'
	again
	truncate -s 100 "$V1/repodata/repomd.xml"
	from "file://$V1" -- plan --undo last
	assert_exit 4
	again
	sed -i 's|<repomd |<!DOCTYPE x [<!ENTITY a "b">]><repomd |' "$V1/repodata/repomd.xml"
	from "file://$V1" -- plan --undo last
	assert_exit 4
	assert_says 'document type'
	again
	sed -i 's|href="repodata/[^"]*primary|href="../../etc/primary|' "$V1/repodata/repomd.xml"
	from "file://$V1" -- plan --undo last
	assert_exit 4
	assert_says 'beneath the repository'
	again
	sed -i 's|<size>[0-9]*|<size>-5|' "$V1/repodata/repomd.xml"
	from "file://$V1" -- plan --undo last
	assert_exit 4
	assert_says 'makes no sense'
	assert_root_untouched
}

@test "a hostile list of packages" {
	repodata 's|<metadata |<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "\&a;\&a;\&a;\&a;">]><metadata |'
	from "file://$V1" -- plan --undo last
	assert_exit 4
	assert_says 'document type'
	repodata 's|<location href="|&../|'
	from "file://$V1" -- plan --undo last
	assert_exit 4
	assert_says 'outside'
	repodata 's|package="[0-9]*"|package="-7"|'
	from "file://$V1" -- plan --undo last
	assert_exit 4 1
	repodata 's|header-range start="[0-9]*" end="[0-9]*"|header-range start="-1" end="99999999999"|'
	misbehave
	from "$BAD/good" -- plan --undo last
	assert_exit 0
	repodata 's|</metadata>||; s|</package>|<package>|'
	from "file://$V1" -- plan --undo last
	assert_exit 4
	assert_root_untouched
}

@test "a checksum of a package that does not match" {
	repodata 's|<checksum type="sha256" pkgid="YES">....|&0000|; s|\(pkgid="YES">....0000[0-9a-f]\{56\}\)[0-9a-f]*|\1|'
	from "file://$V1" -- plan --undo last
	assert_exit 9
	assert_says 'another file than'
	misbehave
	from "$BAD/good" -- apply --undo last --yes
	assert_exit 4
	assert_says 'another digest'
	assert_root_as_it_was
}

@test "repomd.xml.asc: by our key, tampered with, by a stranger" {
	gnupg gpg --batch --quiet --yes --armor --detach-sign -u good@localhost "$V1/repodata/repomd.xml"
	misbehave
	from "$BAD/good" -- plan --undo last
	assert_exit 0
	grep -q repomd.xml.asc "$REQUESTS"
	cp "$V1/repodata/repomd.xml" "$TMP/repomd.xml"
	echo '<!-- -->' >> "$V1/repodata/repomd.xml"
	from "$BAD/good" -- plan --undo last
	assert_exit 4
	assert_says 'does not match'
	cp "$TMP/repomd.xml" "$V1/repodata/repomd.xml"
	gnupg gpg --batch --quiet --yes --armor --detach-sign -u stranger@localhost "$V1/repodata/repomd.xml"
	from "$BAD/good" -- plan --undo last
	assert_exit 0
	from "$BAD/good" -- plan --undo last -v
	assert_says 'not trusted here'
}

@test "a package that is listed and gone" {
	rm "$V1"/other*.rpm
	from "file://$V1" -- plan --undo last
	assert_exit 4
	assert_says other-1-1 '1 packages of its list are not there'
	refute_says config-1-1
}

@test "a download that cannot be written" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	misbehave
	PUTBACK_FAILPOINT=download-write=EIO from "$BAD/good" -- plan --undo last
	assert_exit 1
	assert_stderr 'Input/output error'
	PUTBACK_FAILPOINT=download-write=kill from "$BAD/good" -- plan --undo last
	assert_exit 137
	assert_root_untouched
}
