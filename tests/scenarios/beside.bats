#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What stands beside other versions of its name, and what is never taken away: by what packages say of themselves,
# and by the root's own configuration.

setup() { load lib; lab plain needs; mkdir -p "$R/etc/dnf"; }

build() { # NAME VERSION FILE [LINE...]: a package with one file of its own, into $V1
	{
		printf '%s\n' "Name: $1" "Version: $2" 'Release: 1' 'Summary: Beside' 'License: none' 'BuildArch: noarch' "${@:4}" \
			%description Beside. %install "mkdir -p %{buildroot}$(dirname "$3")" "echo $2 > %{buildroot}$3" %files "$3"
	} > "$TMP/spec"
	rpmbuild -bb --quiet -D "_topdir $TMP/top" -D "_rpmdir $V1" "$TMP/spec" > "$TMP/log" 2>&1 || tell "$(cat "$TMP/log")"
	sign "$V1/$1-$2-1.noarch.rpm"
}

kinds() { jq -c '[.changes[] | [.kind, .to.nevra]]' <<< "$output"; }

@test "a package that says so comes beside, and none goes for it" {
	build mod 1 /opt/mod-1 'Provides: installonlypkg(kernel-module)'
	build mod 2 /opt/mod-2 'Provides: installonlypkg(kernel-module)'
	rpmr "$R" -i "$V1"/mod-2*.rpm
	settle
	pb plan mod-1-1 --json
	[ "$(kinds)" = '[["install","mod-1-1.noarch"]]' ]
	pb apply mod-1-1 --yes
	assert_exit 0
	run -0 rpmr "$R" -q mod-1-1 mod-2-1
	[ -e "$R/opt/mod-1" ] && [ -e "$R/opt/mod-2" ]
	pb undo --yes
	assert_undone
}

@test "so does what the root's configuration names, and nothing else" {
	build mod 1 /opt/mod-1
	build mod 2 /opt/mod-2
	rpmr "$R" -i "$V1"/mod-2*.rpm
	pb plan mod-1-1 --json
	[ "$(kinds)" = '[["downgrade","mod-1-1.noarch"]]' ]
	printf '[main]\ninstallonlypkgs = kernel,\n  mod\n' > "$R/etc/dnf/dnf.conf"
	pb plan mod-1-1 --json
	[ "$(kinds)" = '[["install","mod-1-1.noarch"]]' ]
	rm "$R/etc/dnf/dnf.conf"
	mkdir -p "$R/etc/zypp" "$R/etc/dnf/libdnf5.conf.d"
	printf '[main]\nmultiversion = provides:multiversion(kernel), mo?\n' > "$R/etc/zypp/zypp.conf"
	pb plan mod-1-1 --json
	[ "$(kinds)" = '[["install","mod-1-1.noarch"]]' ]
	# a comma in front does away with what was said before
	printf '[main]\nmultiversion = ,other\n' > "$R/etc/zypp/zypp.conf"
	printf '[main]\ninstallonlypkgs=mod\n' > "$R/etc/dnf/libdnf5.conf.d/50-lab.conf"
	pb plan mod-1-1 --json
	[ "$(kinds)" = '[["downgrade","mod-1-1.noarch"]]' ]
}

@test "it may name what packages provide" {
	build mod 1 /opt/mod-1 'Provides: lab-modules = 1'
	build mod 2 /opt/mod-2 'Provides: lab-modules = 2'
	build rod 1 /opt/rod-1
	build rod 2 /opt/rod-2
	rpmr "$R" -i "$V1"/mod-2*.rpm "$V1"/rod-2*.rpm
	printf '[main]\ninstallonlypkgs = lab-modules\n' > "$R/etc/dnf/dnf.conf"
	settle
	pb plan mod-1-1 rod-1-1 --json
	[ "$(kinds)" = '[["install","mod-1-1.noarch"],["downgrade","rod-1-1.noarch"]]' ]
	rm "$R/etc/dnf/dnf.conf"
	mkdir -p "$R/etc/zypp"
	printf '[main]\nmultiversion = provides:lab-modules\n' > "$R/etc/zypp/zypp.conf"
	pb plan mod-1-1 --json
	[ "$(kinds)" = '[["install","mod-1-1.noarch"]]' ]
	rpmr "$R" -i --force "$V1"/mod-1*.rpm
	pb survey --json
	assert_jq '.interrupted == null'
}

@test "the last kernel stays, whatever it is called" {
	build linux-lt 5 /boot/vmlinuz-5-lt
	rpmr "$R" -i "$V1"/linux-lt-5*.rpm
	rpmr "$R" -qa --qf '%{NAME}-%{EVR}.%{ARCH}\n' | grep -v -e linux-lt -e gpg-pubkey > "$TMP/list"
	settle
	pb plan --manifest "$TMP/list" --exact --json
	assert_exit 0
	[ "$(kinds)" = '[]' ]
	assert_says 'linux-lt-5-1.noarch stays' 'no other kernel would be left'
	build linux-lt 6 /boot/vmlinuz-6-lt 'Provides: installonlypkg(kernel)'
	rpmr "$R" -i "$V1"/linux-lt-6*.rpm
	echo linux-lt-5-1.noarch >> "$TMP/list"
	# and what merely speaks of kernels is none
	build notes 1 /usr/share/doc/vmlinuz.txt
	rpmr "$R" -i "$V1"/notes*.rpm
	pb plan --manifest "$TMP/list" --exact --json
	[ "$(kinds)" = '[["remove",null]]' ]
}

@test "what dnf.conf protects stays, and dnf itself" {
	build dnf 4 /usr/bin/dnf
	build dnf5 5 /usr/bin/dnf5
	build guarded 1 /opt/guarded
	build loose 1 /opt/loose
	rpmr "$R" -i "$V1"/dnf-4* "$V1"/dnf5-5* "$V1"/guarded* "$V1"/loose*
	rpmr "$R" -qa --qf '%{NAME}-%{EVR}.%{ARCH}\n' | grep -v -e dnf -e guarded -e loose -e needs -e gpg-pubkey > "$TMP/list"
	mkdir -p "$R/etc/lab.d"
	echo needs > "$R/etc/lab.d/a.conf"
	echo loose > "$R/etc/lab.d/a.txt"
	printf '[main]\nprotected_packages=guarded glob:/etc/lab.d/*.conf\n' > "$R/etc/dnf/dnf.conf"
	pb plan --manifest "$TMP/list" --exact --json
	assert_exit 0
	assert_jq '[.changes[].from.name] == ["loose"]' '[.problems[] | select(.severity == "warning") | .subject] | sort == ["dnf-4-1.noarch", "dnf5-5-1.noarch", "guarded-1-1.noarch", "needs-2-1.noarch"]'
	# as dnf has it, a comma in front leaves nobody protected
	printf '[main]\nprotected_packages=,guarded\n' > "$R/etc/dnf/dnf.conf"
	pb plan --manifest "$TMP/list" --exact --json
	assert_jq '[.changes[].from.name] | sort == ["dnf", "dnf5", "loose", "needs"]'
}
