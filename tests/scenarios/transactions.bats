#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What dnf did is undone, whatever it was. The last state before it is $ORACLE.

setup() { load lib; need dnf createrepo_c; }

did() { # REPO dnf's command...: one more transaction
	createrepo_c -q "$1"
	rm -rf "$ORACLE"
	cp -a "$R" "$ORACLE"
	dnfr "$R" "$@"
	settle
}

undone() { # [tree's options]
	pb --from "$V2" apply --undo last --yes
	assert_exit 0
	assert_put_back "$@"
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "an install" {
	lab_install dnf plain
	supply 2 newcomer
	did "$V2" install newcomer
	undone
}

@test "an erasure" {
	lab_install dnf plain other
	did "$V1" remove other
	undone
}

@test "an upgrade" {
	lab_install dnf plain other
	supply 2 plain
	did "$V2" upgrade
	undone
}

@test "a downgrade" {
	lab_install dnf plain other
	supply 2 plain
	createrepo_c -q "$V2"
	dnfr "$R" "$V2" upgrade
	did "$V1" downgrade plain
	undone
}

@test "a reinstallation" {
	lab_install dnf plain
	did "$V1" reinstall plain
	pb apply --undo last --yes
	assert_exit 0
	assert_same_tree
	assert_same_db
}

@test "an obsoleted package: the obsoleter goes, the obsoleted returns" {
	lab_install dnf plain obsoleted
	supply 2 obsoleter
	did "$V2" upgrade
	run -0 rpmr "$R" -q obsoleter
	settle
	undone
	pb redo --yes
	assert_exit 0
	run -0 rpmr "$R" -q obsoleted
	run -1 rpmr "$R" -q obsoleter
}

@test "everything at once, with a package that the update brought along" {
	lab_install dnf plain other config hardlinks types modes devices times ghosts dirs moves shared scripts needs obsoleted epoch
	supply 2 plain other config hardlinks types modes devices times ghosts dirs moves shared scripts needs obsoleter epoch
	did "$V2" upgrade
	pb apply --undo last --yes
	assert_exit 0 7
	# what rpm's own way back leaves, too
	assert_put_back --ignore '/ran-*' --ignore /var/lib/ghosts/is-ghost
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "an entry further back, when packages have moved on since" {
	lab_install dnf plain other
	supply 2 plain
	did "$V2" upgrade
	n=$(pb history --json; jq '.entries | max_by(.id) | .id' <<< "$output")
	supply 2 other
	createrepo_c -q "$V2"
	dnfr "$R" "$V2" upgrade
	settle
	pb apply --undo "$n" --yes
	assert_exit 0 7
	rpmr "$R" -q plain-1-1 other-2-1 || tell 'wrong packages'
	same tree "$ORACLE" "$R" --no-dir-mtime --only /usr/share/plain
}

@test "the packages come from the root's own cache" {
	lab_install dnf plain
	mkdir -p "$R/var/cache/dnf/lab-0123456789abcdef/packages"
	cp "$V1"/*.rpm "$R/var/cache/dnf/lab-0123456789abcdef/packages/"
	supply 2 plain
	did "$V2" upgrade
	pb_bare --root "$R" --key "$KEY" apply --undo last --yes
	assert_exit 0
	assert_says var/cache/dnf
	assert_put_back
}

@test "the cache is where the root's dnf.conf says" {
	lab_install dnf plain
	mkdir -p "$R/etc/dnf" "$R/srv/elsewhere/lab-01/packages"
	printf '[main]\ncachedir=/srv/elsewhere\n' > "$R/etc/dnf/dnf.conf"
	cp "$V1"/*.rpm "$R/srv/elsewhere/lab-01/packages/"
	supply 2 plain
	did "$V2" upgrade
	pb_bare --root "$R" --key "$KEY" --from cache apply --undo last --yes
	assert_exit 0
	assert_put_back
}
