#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --from repos: the repositories that the root is configured for, with its variables, mirrors and certificates.

setup() { load lib; load net; lab dnf plain other config; createrepo_c -q "$V1"; mkdir -p "$R/etc/yum.repos.d" "$R/etc/dnf/vars"; }
teardown() { stop_servers; }

repo() { # ID LINE...: a .repo file in the root
	printf '%s\n' "[$1]" "name=$1" "${@:2}" > "$R/etc/yum.repos.d/$1.repo"
	settle
}

# what the tests put into the root is not in its twin
assert_back() { assert_put_back --ignore '/etc/dnf*' --ignore '/etc/yum.repos.d*' --ignore '/etc/pki*' --ignore /etc/os-release; }

@test "variables of the root, and what is not enabled" {
	misbehave "$TMP"
	mkdir -p "$TMP/9/$(uname -m)"
	mv "$V1" "$TMP/9/$(uname -m)/os"
	echo "$BAD" > "$R/etc/dnf/vars/server"
	echo 'VERSION_ID="9"' >> "$R/etc/os-release"
	repo off enabled=0 "baseurl=http://127.0.0.1:9/"
	repo lab 'baseurl=${server}/good/$releasever/$basearch/os' # and a remark
	from repos -- plan --undo last --releasever 9 --json
	assert_exit 0
	assert_jq '[.changes[].source] | unique == ["repos:lab"]'
	from repos -- apply --undo last --releasever 9 --yes
	assert_exit 0
	assert_back
}

@test "by name or pattern, enabled or not; those that are disabled are named when packages are missing" {
	misbehave
	repo lab-vault enabled=0 "baseurl=$BAD/good"
	repo lab-debuginfo enabled=0 "baseurl=http://127.0.0.1:9/"
	from repos -- plan --undo last
	assert_exit 4
	assert_says '(not asked)' 'disabled: lab-vault; --from repos:ID'
	[ ! -s "$REQUESTS" ]
	for spec in repos:lab-vault 'repos:*-vault'; do
		from "$spec" repos -- plan --undo last --json
		assert_exit 0
		assert_jq '[.changes[].source] | unique == ["repos:lab-vault"]'
	done
	: > "$REQUESTS"
	from repos:lab-vault 'repos:lab-v*' -- plan --undo last
	assert_exit 0
	[ "$(grep -c '^good repodata/repomd.xml\>[^.]' "$REQUESTS")" = 1 ] || tell "$(cat "$REQUESTS")"
	from repos repos:lab-vault -- plan --with nothing-1-1.noarch
	assert_exit 4
	! grep -q 'not asked' <<< "$stderr" || tell "$stderr"
	repo lab "baseurl=$BAD/good"
	for spec in repos:lab-vaults 'repos:x*'; do
		from "$spec" -- plan --undo last
		assert_exit 2
		assert_says "$spec" 'no such repository; it has lab-debuginfo (disabled), lab-vault (disabled), lab'
	done
	rm "$R"/etc/yum.repos.d/*
	from repos:lab -- plan --undo last
	assert_exit 2
	assert_says 'none at all'
}

@test "what dnf 5 overrides" {
	local etc=$R/etc/dnf/repos.override.d share=$R/usr/share/dnf5/repos.override.d
	misbehave
	mkdir -p "$etc" "$share"
	repo lab enabled=0 "baseurl=$BAD/good"
	printf '[l*]\nenabled=1\n' > "$etc/50.repo"
	from repos -- plan --undo last
	assert_exit 0
	# the last has the word, by its name alone, and one of etc hides its namesake
	printf '[lab]\nenabled=0\n' > "$share/60.repo"
	from repos -- plan --undo last
	assert_exit 4
	printf '[lab]\n' > "$etc/60.repo"
	from repos -- plan --undo last
	assert_exit 0
	# what is no boolean does not count; there is no repository of that name to be made
	printf '[lab]\nenabled=maybe\n[more]\nbaseurl=%s\n' "$BAD/gone" > "$etc/99-config_manager.repo"
	from repos -- plan --undo last
	assert_exit 0
	from repos:more -- plan --undo last
	assert_exit 2
}

@test "reposdir and varsdir; the first file that has a repository counts" {
	misbehave
	mkdir -p "$R/etc/my.repos" "$R/etc/my.vars" "$R/etc/dnf/libdnf5.conf.d" "$R/usr/share/dnf5/repos.d"
	repo lab "baseurl=$BAD/good"
	printf '[lab]\nbaseurl=%s/gone\nenabled=0\n' "$BAD" > "$R/usr/share/dnf5/repos.d/lab.repo"
	from repos -- plan --undo last
	assert_exit 0
	printf '[main]\nreposdir=/etc/my.repos\n' > "$R/etc/dnf/libdnf5.conf.d/10.conf"
	from repos -- plan --undo last
	assert_exit 4
	mv "$R/etc/yum.repos.d/lab.repo" "$R/etc/my.repos"
	sed -i 's,/good,/$how,' "$R/etc/my.repos/lab.repo"
	echo gone > "$R/etc/dnf/vars/how"
	echo good > "$R/etc/my.vars/how"
	from repos -- plan --undo last
	assert_exit 4
	printf '[main]\nvarsdir=/etc/dnf/vars, /etc/my.vars\n' > "$R/etc/dnf/dnf.conf"
	from repos -- plan --undo last
	assert_exit 0
}

@test "[main] has what a repository does not say itself" {
	nginx_up
	repo lab "baseurl=$HTTPS/v1"
	from repos -- plan --undo last
	assert_exit 4
	printf '[main]\nsslverify=False\n' > "$R/etc/dnf/dnf.conf"
	from repos -- plan --undo last
	assert_exit 0
	repo lab "baseurl=$HTTPS/v1" sslverify=1
	from repos -- plan --undo last
	assert_exit 4
	repo lab "baseurl=$HTTP/v1"
	for main in 'repo_gpgcheck=1' $'gpgcheck=1\ngpgcheck_policy=full'; do
		printf '[main]\n%s\n' "$main" > "$R/etc/dnf/dnf.conf"
		from repos -- plan --undo last
		assert_exit 4
		assert_says 'has no signature'
	done
	repo lab "baseurl=$HTTP/v1" repo_gpgcheck=0
	from repos -- plan --undo last
	assert_exit 0
	# of zypper's repositories it is not
	printf '[main]\nrepo_gpgcheck=1\n' > "$R/etc/dnf/dnf.conf"
	rm "$R/etc/yum.repos.d/lab.repo"
	mkdir -p "$R/etc/zypp/repos.d"
	printf '[suse]\nenabled=1\nbaseurl=%s/v1\n' "$HTTP" > "$R/etc/zypp/repos.d/suse.repo"
	from repos -- plan --undo last
	assert_exit 0
}

@test "a repository in the root itself, out of which no link leads" {
	mkdir "$R/srv"
	cp -r "$V1" "$R/srv/old rpms"
	ln -s "/srv/old rpms" "$R/srv/link"
	repo lab baseurl=file:///srv/link
	from repos -- plan --undo last --json
	assert_exit 0
	assert_jq '[.changes[].source] | unique == ["repos:lab"]'
	repo lab 'baseurl=/srv/none, file:///srv/old%20rpms/'
	from repos -- apply --undo last --yes
	assert_exit 0
	assert_put_back --ignore '/etc/dnf*' --ignore '/etc/yum.repos.d*' --ignore '/srv*'
	pb undo --yes
	mv "$R/srv/old rpms" "$TMP/outside"
	ln -s "$TMP/outside" "$R/srv/out"
	ln -s "../../../../../../../../../../..$TMP/outside" "$R/srv/further"
	repo lab baseurl=file:///srv/out file:///srv/further
	from repos -- plan --undo last
	assert_exit 4
	assert_says 'place of that machine that is not in the root'
	mkdir -p "$R/srv/in"
	cp -r "$TMP/outside/repodata" "$R/srv/in"
	ln -s "$TMP"/outside/*.rpm "$R/srv/in"
	repo lab baseurl=file:///srv/in
	from repos -- plan --undo last
	assert_exit 4
	assert_says 'packages of its list are not there'
	rm -r "$R/srv/in/repodata"
	from repos -- plan --undo last
	assert_exit 4
	assert_says 'srv/in/repodata/repomd.xml'
}

@test "a list of mirrors in the root" {
	misbehave
	echo "$BAD/good" > "$R/etc/yum.repos.d/mirrors"
	repo lab mirrorlist=file:///etc/yum.repos.d/mirrors
	from repos -- plan --undo last
	assert_exit 0
	repo lab mirrorlist=file:///etc/yum.repos.d
	from repos -- plan --undo last
	assert_exit 4
	assert_says 'cannot be read in the root'
}

@test "releasever: given, of the variables, of the package that provides it, of os-release" {
	misbehave
	repo lab "baseurl=$BAD/good/\$releasever"
	wanted() { grep -q "^good $1/repodata/repomd.xml" "$REQUESTS" || tell "$(cat "$REQUESTS")"; }
	from repos -- plan --undo last
	wanted 1 # as `base` provides it
	rpmr "$R" -e --justdb --nodeps base
	rm -f "$R/etc/os-release" "$R/usr/lib/os-release"
	from repos -- plan --undo last 
	assert_says 'nobody defines $releasever'
	mkdir -p "$R/etc"
	printf 'ID="rocky"\nID_LIKE="rhel fedora"\nVERSION_ID="8.7"\n' > "$R/etc/os-release"
	from repos -- plan --undo last
	wanted 8
	printf 'Name: lab-release\nVersion: 37\nRelease: 2\nSummary: x\nLicense: x\nBuildArch: noarch\nProvides: system-release = 37-2\n%%description\n%%files\n' > "$TMP/r.spec"
	rpmbuild -bb --quiet -D "_topdir $TMP/top" -D "_rpmdir $TMP/out" "$TMP/r.spec" > "$TMP/log" 2>&1
	rpmr "$R" -i --nosignature "$TMP"/out/lab-release*.rpm
	from repos -- plan --undo last
	wanted 37
	echo 5 > "$R/etc/dnf/vars/releasever"
	from repos -- plan --undo last
	wanted 5
	from repos -- plan --undo last --releasever 41
	wanted 41
}

@test "metalink: mirrors by preference, the bad ones passed by, repomd.xml by its digest" {
	misbehave
	metalink() { # DIGEST
		cat > "$V1/metalink" <<-XML
			<?xml version="1.0" encoding="utf-8"?>
			<metalink version="3.0" xmlns="http://www.metalinker.org/"><files><file name="repomd.xml">
			<verification><hash type="md5">00</hash><hash type="sha256">$1</hash></verification>
			<resources maxconnections="1">
			<url protocol="rsync" type="rsync" preference="100">rsync://127.0.0.1/x/repodata/repomd.xml</url>
			<url protocol="http" type="http" preference="80">$BAD/wrong/repodata/repomd.xml</url>
			<url protocol="http" type="http" preference="90">$BAD/gone/repodata/repomd.xml</url>
			<url protocol="http" type="http" preference="70">$BAD/good/repodata/repomd.xml</url>
			<url preference="99">file:///etc/repodata/repomd.xml</url>
			</resources></file></files></metalink>
		XML
	}
	metalink "$(sha256sum < "$V1/repodata/repomd.xml" | cut -c1-64)"
	repo lab "metalink=$BAD/good/metalink"
	from repos -- apply --undo last --yes
	assert_exit 0
	assert_back
	# first the best, then the next, whose packages are wrong
	[ "$(grep -n 'gone repodata/repomd' "$REQUESTS" | head -1 | cut -d: -f1)" -lt "$(grep -n 'wrong repodata/repomd' "$REQUESTS" | head -1 | cut -d: -f1)" ]
	grep -q '^wrong .*rpm' "$REQUESTS"
	grep -q '^good .*rpm' "$REQUESTS"
	pb undo --yes
	metalink "$(printf x | sha256sum | cut -c1-64)"
	from repos -- plan --undo last
	assert_exit 4
	assert_says 'another digest' "$BAD/good/repodata/repomd.xml"
}

@test "a list of mirrors, and several URLs" {
	misbehave
	printf '# mirrors\nftp://x/y\n%s\n%s\n' "$BAD/gone" "$BAD/good/" > "$V1/mirrors"
	repo lab "mirrorlist=$BAD/good/mirrors"
	from repos -- plan --undo last
	assert_exit 0
	repo lab "baseurl=$BAD/silent $BAD/gone" "  $BAD/good"
	from repos -- plan --undo last
	assert_exit 0
	printf 'nothing\n' > "$V1/mirrors"
	repo lab "mirrorlist=$BAD/good/mirrors"
	from repos -- plan --undo last
	assert_exit 4
	assert_says 'names no mirror'
}

@test "client certificates of the root" {
	nginx_up 'ssl_verify_client optional;
		location /guarded/ { alias '"$V1"'/; if ($ssl_client_verify != SUCCESS) { return 403; } }'
	mkdir -p "$R/etc/pki/entitlement"
	cp "$CA" "$TMP"/tls/client.* "$R/etc/pki/entitlement/"
	repo lab "baseurl=$HTTPS/guarded" sslcacert=/etc/pki/entitlement/ca.pem
	from repos -- plan --undo last
	assert_exit 4
	assert_says 403
	repo lab "baseurl=$HTTPS/guarded" sslcacert=/etc/pki/entitlement/ca.pem \
		sslclientcert=/etc/pki/entitlement/client.pem sslclientkey=/etc/pki/entitlement/client.key
	from repos -- apply --undo last --yes
	assert_exit 0
	assert_back
	[ -z "$(find /dev/shm /run /var/tmp /tmp -maxdepth 1 -name 'putback-secret-*' -newer "$CA" 2> "$TMP/err")" ]
}

@test "metadata that must be signed and is not" {
	misbehave
	repo lab "baseurl=$BAD/good" repo_gpgcheck=1
	from repos -- plan --undo last
	assert_exit 4
	assert_says 'has no signature'
	gnupg gpg --batch --quiet --yes --armor --detach-sign -u good@localhost "$V1/repodata/repomd.xml"
	from repos -- plan --undo last
	assert_exit 0
	# by a key that the root has
	mkdir -p "$R/etc/pki/rpm-gpg"
	cp "$KEY" "$R/etc/pki/rpm-gpg"
	pb_bare --root "$R" --from repos "${quick[@]}" plan --undo last
	assert_exit 4
	assert_says 'repomd.xml'
	pb_bare --root "$R" --from repos --trust-root-keys "${quick[@]}" plan --undo last
	assert_exit 0
	# where nobody demands a signature, none is asked for
	repo lab "baseurl=$BAD/good"
	: > "$REQUESTS"
	pb_bare --root "$R" --from repos --trust-root-keys "${quick[@]}" plan --undo last
	assert_exit 0
	! grep 'xml.asc' "$REQUESTS"
}

@test "what cannot be reached from here is named" {
	printf '%s\n' '[odd' 'x' '[]' '=' "[lab]" "baseurl=file:///srv/rpms" '[cd]' 'baseurl=cd:///' > "$R/etc/yum.repos.d/odd.repo"
	settle
	from repos -- plan --undo last
	assert_exit 4
	assert_says 'place of that machine' 'neither http nor https'
	assert_root_untouched
}
