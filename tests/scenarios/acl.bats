#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Access control lists: what rpm makes of them on its way back, and what undo gives back.

# user::rw- user:1:rw- group::r-- mask::rw- other::r--, as the kernel keeps it (acl(5))
list() { # MODE...: tag and permissions, id
	printf '0x02000000'
	printf '%s' "$@"
}
LIST=$(list 01000600ffffffff 0200060001000000 04000400ffffffff 10000600ffffffff 20000400ffffffff)

setup() {
	load lib
	need setfattr getfattr
	lab_install plain modes types config
	setfattr -n system.posix_acl_default -v "$LIST" "$R/usr/share/plain" 2> "$TMP/err" ||
		skip 'no access control lists on this file system'
}

give() { setfattr -n system.posix_acl_access -v "$LIST" "$R/$1"; }

has_list() { getfattr -h -n system.posix_acl_access "$R/$1" > "$TMP/acl" 2>&1; }

@test "new files and directories inherit the default list of their directory, as with rpm" {
	setfattr -n system.posix_acl_default -v "$LIST" "$R/usr/lib/types"
	lab_update
	settle
	rpm_goes_back "$V1"/plain*.rpm "$V1"/modes*.rpm
	pb apply --yes plain-1-1 modes-1-1
	assert_exit 0 7
	# what is as packaged is not written anew
	assert_same_as_rpm --ignore /usr/share/plain/stays
	has_list usr/share/plain/goes
	pb undo --yes
	assert_exit 0
	assert_undone
	pb apply --yes types-1-1
	assert_exit 0 7
	has_list usr/lib/types/dir-link/one
	has_list usr/lib/types/tree-link/a/b/c
	getfattr -n system.posix_acl_default "$R/usr/lib/types/tree-link/a/b" > "$TMP/acl"
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "a packaged file that was given a list loses it, and has it again after undo" {
	lab_update
	give usr/lib/types/target
	give usr/lib/modes/owner+
	give usr/lib/modes/mode
	settle
	rpm_goes_back "$V1"/modes*.rpm "$V1"/plain*.rpm
	pb plan --files modes-1-1 plain-1-1 types-1-1
	assert_says '/usr/lib/types/target  (has an access control list)'
	pb apply --yes modes-1-1 plain-1-1
	assert_exit 0 7
	assert_same_as_rpm --ignore /usr/share/plain/stays
	! has_list usr/lib/modes/owner+
	! has_list usr/lib/modes/mode
	pb undo --yes
	assert_exit 0
	assert_undone
	has_list usr/lib/modes/owner+
	has_list usr/lib/modes/mode
}

@test "a list that cannot be given ends it with the root as it was" {
	[ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'
	lab_update
	settle
	PUTBACK_FAILPOINT=stage-acl=ENOSPC pb apply --yes plain-1-1
	assert_exit 1
	assert_stderr /usr/share/plain/
	assert_root_as_it_was
	PUTBACK_FAILPOINT=stage-acl pb apply --yes plain-1-1
	[ "$status" = 137 ]
	pb recover --yes
	assert_exit 0
	assert_root_as_it_was
}
