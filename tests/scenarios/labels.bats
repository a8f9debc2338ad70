#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What comes gets the SELinux label that the root's own policy has for it; where that cannot be, the machine
# is told to label itself.

setup() {
	load lib
	need getfattr setfattr
	lab plain types modes
	FILES=$R/etc/selinux/targeted/contexts/files
	: > "$TMP/probe"
	setfattr -n security.selinux -v x:y:z:s0 "$TMP/probe" 2> "$TMP/err" || skip 'no labels on this file system'
}

policy() { # a small policy, with everything that goes with a file_contexts
	mkdir -p "$FILES"
	printf '%s\n' '# comment' 'SELINUX=enforcing' 'SELINUXTYPE=targeted' > "$R/etc/selinux/config"
	cat > "$FILES/file_contexts" <<-'CONTEXTS'
		/.*	system_u:object_r:default_t:s0
		/usr/share(/.*)?	system_u:object_r:usr_t:s0
		/usr/share/plain/sly	--	system_u:object_r:sly_t:s0
		/usr/lib(/.*)?	system_u:object_r:lib_t:s0
		/usr/lib/.*	-l	system_u:object_r:link_t:s0
		/usr/lib/types/.*	-d	system_u:object_r:dir_t:s0
		/usr/lib/modes/caps\+	--	<<none>>
		/elsewhere/tree-link(/.*)?	system_u:object_r:substituted_t:s0
	CONTEXTS
	echo '/usr/share/plain/goes	--	system_u:object_r:local_t:s0' > "$FILES/file_contexts.local"
	echo '/usr/lib/types/dir-gone/.*	system_u:object_r:home_t:s0' > "$FILES/file_contexts.homedirs"
	echo '/usr/lib/types/tree-link /elsewhere/tree-link' > "$FILES/file_contexts.subs_dist"
	: > "$FILES/file_contexts.subs"
	settle
}

label() { getfattr -h --only-values -n security.selinux "$R/$1" 2> "$TMP/err" | tr -d '\0' || :; }

is_labelled() { # PATH TYPE
	[ "$(label "$1")" = "${2:+system_u:object_r:$2:s0}" ] || tell "$1 has the label '$(label "$1")', not $2"
}


back() { pb apply --yes plain-1-1 types-1-1 modes-1-1 "$@"; }

with_libselinux() {
	pb plan plain-1-1
	case $output in *'without libselinux'*) skip 'a build without libselinux' ;; esac
}

@test "files, directories and links get the labels of the root's policy, and lose them again" {
	policy
	with_libselinux
	assert_root_untouched
	setfattr -n security.selinux -v staff_u:object_r:odd_t:s0 "$R/usr/share/plain/changes"
	setfattr -n security.selinux -v staff_u:object_r:odd_t:s0 "$R/usr/share/plain/stays"
	settle
	back
	assert_exit 0 7
	refute_says autorelabel
	is_labelled usr/share/plain/changes usr_t
	is_labelled usr/share/plain/sly sly_t
	is_labelled usr/share/plain/goes local_t
	is_labelled usr/lib/types/file-link lib_t
	is_labelled usr/lib/types/link-file link_t
	is_labelled usr/lib/types/dir-link dir_t
	is_labelled usr/lib/types/dir-link/one lib_t
	is_labelled usr/lib/types/dir-gone/x home_t
	is_labelled usr/lib/types/tree-link/a/b/c substituted_t
	is_labelled usr/lib/modes/setuid+ lib_t
	is_labelled usr/lib/modes/caps+ ''
	# what needs no change keeps what it has
	[ "$(label usr/share/plain/stays)" = staff_u:object_r:odd_t:s0 ]
	[ ! -e "$R/.autorelabel" ]
	# capabilities are not lost over it
	getcap "$R/usr/lib/modes/caps+" | grep -q cap_net_admin
	pb undo --yes
	assert_exit 0
	assert_undone
	[ "$(label usr/share/plain/changes)" = staff_u:object_r:odd_t:s0 ]
}

@test "the plan says which labels, and a saved one is bound to the policy" {
	policy
	with_libselinux
	pb plan --json --files plain-1-1
	assert_exit 0
	assert_jq '[.ops[] | select(.path == "/usr/share/plain/sly").label] == ["system_u:object_r:sly_t:s0"]'
	pb plan -o "$TMP/saved" plain-1-1
	sed -i 's/sly_t/other_t/' "$FILES/file_contexts"
	pb apply --yes "$TMP/saved"
	assert_exit 5
	assert_stderr changed
}

@test "a root without SELinux, or that disables it, is not labelled" {
	policy
	rm "$R/etc/selinux/config"
	settle
	back
	assert_exit 0 7
	is_labelled usr/share/plain/sly ''
	[ ! -e "$R/.autorelabel" ]
	pb undo --yes
	printf '%s\n' 'SELINUX=Disabled' 'SELINUXTYPE=targeted' > "$R/etc/selinux/config"
	settle
	back
	assert_exit 0 7
	is_labelled usr/share/plain/sly ''
	[ ! -e "$R/.autorelabel" ]
	pb undo --yes
	# a type without a policy is none either, and one that leads elsewhere
	for type in strict ../selinux . '' '../../../../etc/selinux/targeted'; do
		printf '%s\n' 'SELINUX=enforcing' "SELINUXTYPE=$type" > "$R/etc/selinux/config"
		pb plan plain-1-1
		assert_exit 0
		refute_says autorelabel
	done
}

@test "a policy that cannot be read: the machine is told to label itself, and undo takes that back" {
	policy
	rm "$FILES/file_contexts"
	ln -s /etc/hostname "$FILES/file_contexts" # leads to a file that is not there in the root
	settle
	pb plan plain-1-1
	assert_exit 0
	assert_says 'get no SELinux labels' /.autorelabel
	assert_root_untouched
	pb apply --yes plain-1-1
	assert_exit 7
	assert_says 'warning: files that come get no SELinux labels' /.autorelabel
	[ -f "$R/.autorelabel" ] && [ ! -s "$R/.autorelabel" ]
	pb undo --yes
	assert_exit 0
	assert_undone
	[ ! -e "$R/.autorelabel" ]
	pb redo --yes
	assert_exit 0 7
	[ -f "$R/.autorelabel" ]
	pb undo --yes
	assert_undone
}

@test "a machine that has labelled its files since is not told to be in the middle when its journal is lost" {
	policy
	rm "$FILES/file_contexts"
	settle
	pb apply --yes plain-1-1
	assert_exit 7
	rm "$R/.autorelabel" "$R"/.putback/journal.sqlite*
	pb recover --salvage --json
	assert_exit 0
	assert_jq '.salvage[0].stands == "done"'
}

@test "a file_contexts that is a trap is told, and nothing hangs" {
	policy
	with_libselinux
	mkdir "$TMP/outside"
	for trap in fifo device link directory garbage costly huge; do
		rm -rf "$FILES/file_contexts"
		case $trap in
		fifo) mkfifo "$FILES/file_contexts" ;;
		device) mknod "$FILES/file_contexts" c 1 5 ;;
		link) ln -s "$TMP/outside/x" "$FILES/file_contexts" ;;
		directory) mkdir "$FILES/file_contexts" ;;
		garbage) head -c 100000 /dev/urandom > "$FILES/file_contexts" ;;
		# takes for ever, would it be tried to its end
		costly) echo '/((((u+s*r*)+/*)+s*h*)+)+nothing	system_u:object_r:usr_t:s0' > "$FILES/file_contexts" ;;
		huge) truncate -s 3T "$FILES/file_contexts" 2> "$TMP/err" || truncate -s 40M "$FILES/file_contexts" ;;
		esac
		PB_TIMEOUT=50 pb plan plain-1-1
		assert_exit 0
		[ $trap = garbage ] || [ $trap = costly ] || assert_says /.autorelabel
	done
}

@test "a file system that takes no labels" {
	policy
	unshare -m true 2> "$TMP/err" || skip 'no mount namespaces here'
	in_mounts "$PUTBACK" "$R" "$V1" "$KEY" "$TMP" "$ORACLES" > "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; return 1; }
		PUTBACK=$1 R=$2 V1=$3 KEY=$4 TMP=$5 ORACLES=$6
		mkdir "$TMP/mnt"
		mount -t ramfs none "$TMP/mnt" || { echo 'no ramfs here'; exit 0; }
		cp -a "$R/." "$TMP/mnt/"
		pb() { "$PUTBACK" --root "$TMP/mnt" --from "$V1" --key "$KEY" "$@" < /dev/null; }
		"$ORACLES/tree" snapshot "$TMP/mnt" "$TMP/old"
		pb plan plain-1-1 > "$TMP/plan"
		grep -q -e /.autorelabel -e 'without libselinux' "$TMP/plan"
		pb apply plain-1-1 --yes || [ $? = 7 ]
		[ -e "$TMP/mnt/.autorelabel" ]
		grep -q 'this is version 1' "$TMP/mnt/usr/share/plain/changes"
		pb undo --yes
		[ ! -e "$TMP/mnt/.autorelabel" ]
		"$ORACLES/tree" compare "$TMP/old" "$TMP/mnt" --ignore '/.putback*'
	SCRIPT
}

@test "the machine has labelled itself since: undo and redo do not mind" {
	policy
	pb apply --yes --autorelabel plain-1-1
	assert_exit 0 7
	[ -f "$R/.autorelabel" ]
	# what a boot does: labels and their change times, no more
	for path in usr/share/plain usr/share/plain/changes usr/share/plain/goes usr/share/plain/sly; do
		setfattr -n security.selinux -v system_u:object_r:booted_t:s0 "$R/$path"
	done
	pb undo --yes
	assert_exit 5
	assert_stderr changed
	rm "$R/.autorelabel"
	# content is still looked at
	cp -p "$R/usr/share/plain/goes" "$TMP/goes"
	echo edited >> "$R/usr/share/plain/goes"
	pb undo --yes
	assert_exit 5
	assert_stderr /usr/share/plain/goes
	refute_says /usr/share/plain/sly
	cat "$TMP/goes" > "$R/usr/share/plain/goes"
	touch -r "$TMP/goes" "$R/usr/share/plain/goes"
	pb undo --yes
	assert_exit 0
	setfattr -x security.selinux "$R/usr/share/plain"
	assert_undone
	[ ! -e "$R/.autorelabel" ]
	pb redo --yes
	assert_exit 0 7
	is_labelled usr/share/plain/sly booted_t
}

@test "one that is there already is used, and stays" {
	policy
	: > "$R/.autorelabel"
	settle
	pb apply --yes --autorelabel plain-1-1
	assert_exit 0 7
	assert_says 'is there already'
	pb undo --yes
	assert_exit 0
	assert_undone
	[ -f "$R/.autorelabel" ]
}

@test "a label that is refused in the middle ends it with the root as it was" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	policy
	with_libselinux
	refused() {
		assert_exit 1
		assert_stderr 'for SELinux' 'Operation not permitted' --autorelabel
		assert_root_as_it_was
	}
	PUTBACK_FAILPOINT=stage-label=EPERM back
	refused
	PUTBACK_FAILPOINT=stage-label-by-name=EPERM back
	refused
	for place in stage-label stage-label-by-name; do
		PUTBACK_FAILPOINT=$place back
		[ "$status" = 137 ]
		pb recover --yes
		assert_exit 0
		assert_root_as_it_was
		PUTBACK_FAILPOINT=$place=EPERM back --autorelabel
		assert_exit 0 7
		pb undo --yes
		assert_exit 0
		assert_undone
		settle
	done
}
