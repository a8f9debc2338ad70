#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Two packages and one path: what rpm's own test suite tries of conflicts, shared files, verification and obsoletes
# (tests/rpmconflict.at, rpmverify.at, rpme.at, rpmi.at of rpm 4.18), each on the way back, with rpm as the judge.

setup() { load lib; make_home; new_root "$R"; PATH_=/usr/share/pair; }

# make NAME VERSION WORD...: a package with PATH_, of the content WORD, or of what a word makes of it:
# attr=..., ghost, config, mtime=N, link, dir; obsoletes=NAME
make() {
	local name=$1 v=$2 content= attr='%attr(0644,root,root)' how=file mtime=1600000000 more=
	for word in "${@:3}"; do
		case $word in
		attr=*) attr="%attr(${word#attr=})" ;;
		caps=*) attr="$attr %caps(${word#caps=})" ;;
		ghost | config) attr="$attr %$word" ;;
		mtime=*) mtime=${word#mtime=} ;;
		link | dir) how=$word ;;
		obsoletes=*) more="Obsoletes: ${word#obsoletes=}" ;;
		*) content=$word ;;
		esac
	done
	mkdir -p "$TMP/v$v"
	{
		printf '%s\n' "%lab $name" 'BuildArch: noarch' "$more" '%description' x '%install' '%tools' "put usr/share/$name/own 'version $v'"
		case $how in
		file) echo "put .$PATH_ '$content'" ;;
		link) echo "link '$content' .$PATH_" ;;
		dir) echo "put .$PATH_/$content '$content'" ;;
		esac
		printf '%s\n' "touch -h -d @$mtime .$PATH_" '%files' "/usr/share/$name" "$attr $PATH_"
	} > "$TMP/$name.spec"
	rpmbuild -bb --quiet -D "ver $v" -D "_topdir $TMP/top" -D "_rpmdir $TMP/v$v" -D 'clamp_mtime_to_source_date_epoch 0' "$TMP/$name.spec" \
		> "$TMP/log" 2>&1 || { cat "$TMP/log"; return 1; }
}

file() { echo "$TMP/v$2/$1-$2-1.noarch.rpm"; }

# rpm and putback go back to version 1 of the packages: both refuse, or both come to the same. Sets BY_RPM.
back() { # [OPTION...] NAME...
	local options=() files=() names=() word
	for word; do
		case $word in
		--*) options+=("$word") ;;
		*) files+=("$(file "$word" 1)"); names+=("$word-1-1") ;;
		esac
	done
	rm -rf "$TMP/by-rpm"
	cp -a "$R" "$TMP/by-rpm"
	settle
	BY_RPM=0
	rpmr "$TMP/by-rpm" -U --oldpackage --nodeps "${options[@]}" "${files[@]}" 2> "$TMP/rpm.says" || BY_RPM=$?
	pb_bare --root "$R" --from "$TMP/v1" --allow-unsigned apply --yes --nodeps "${options[@]}" "${names[@]}"
	if [ "$BY_RPM" != 0 ]; then
		assert_exit 5
		assert_stderr "$PATH_" conflicts
		assert_undone
	else
		assert_exit 0 7
		assert_same_as_rpm
		diff <(verified "$TMP/by-rpm") <(verified "$R") || tell 'verifies otherwise'
	fi
}

verified() { rpmr "$1" -Va --nodeps --noscripts || :; }

undone() {
	pb_bare --root "$R" undo --yes
	assert_exit 0
	assert_undone
}

refused() { [ "$BY_RPM" != 0 ] || tell 'rpm does not refuse'; }

@test "two that conflict, both at once" {
	make one 1 'of one'; make two 1 'of two'
	make one 2 same; make two 2 same
	rpmr "$R" -i "$(file one 2)" "$(file two 2)"
	back one two
	refused
	# which of the two is there afterwards comes of rpm's order, which goes by nothing that means anything
	pb_bare --root "$R" --from "$TMP/v1" --allow-unsigned apply --yes --replacefiles one-1-1 two-1-1
	assert_exit 7
	rpmr "$TMP/by-rpm" -U --oldpackage --replacefiles "$(file one 1)" "$(file two 1)"
	assert_same_as_rpm --ignore "$PATH_"
	[[ $(content $PATH_) == 'of '@(one|two) ]]
	undone
}

@test "two that conflict, one after the other" {
	make one 1 'of one'; make two 1 'of two'
	make one 2 same; make two 2 same
	rpmr "$R" -i "$(file one 2)" "$(file two 2)"
	back one
	refused
	back --replacefiles one
	# rpm refuses; what was taken over stays with the one who took it
	rpmr "$R" -U --oldpackage --test "$(file two 1)" 2> "$TMP/err" && tell 'rpm does not refuse'
	pb_bare --root "$R" --from "$TMP/v1" --allow-unsigned apply --yes two-1-1
	assert_exit 7
	[ "$(content $PATH_)" = 'of one' ]
	[ "$(verified "$R")" = ".........    $PATH_ (replaced)" ] || tell "$(verified "$R")"
	pb_bare --root "$R" undo --yes
	assert_exit 0
	back --replacefiles two
	undone
}

@test "two that were made to stand each other: their conflict is over, and was there before" {
	make one 1 same; make two 1 same
	make one 2 'of one'; make two 2 'of two'
	rpmr "$R" -i --replacefiles "$(file one 2)" "$(file two 2)"
	back one two
	undone
}

@test "two that share a file: one goes back, the other, both" {
	make one 1 same; make two 1 same
	make one 2 same; make two 2 same
	for names in one 'two one'; do
		rm -rf "$R"
		new_root "$R"
		rpmr "$R" -i "$(file one 2)" "$(file two 2)"
		# shellcheck disable=SC2086
		back $names
		undone
	done
}

@test "shared, with another time in each: whose it is, and that nothing is wrong with it" {
	make one 1 same mtime=1600000001; make two 1 same mtime=1600000002
	make one 2 same mtime=1600000003; make two 2 same mtime=1600000004
	rpmr "$R" -i --noorder "$(file one 2)" "$(file two 2)"
	back one
	undone
	back two
	undone
}

@test "another mode, another owner, another kind is a conflict; another time is none" {
	make two 1 same; make two 2 same
	for other in attr=0755,root,root attr=0644,lab,root attr=0644,root,lab; do
		rm -rf "$R" "$TMP"/v?/one*
		new_root "$R"
		make one 1 same $other; make one 2 same
		rpmr "$R" -i "$(file one 2)" "$(file two 2)"
		back one
		refused
		[ "$other" = attr=0755,root,root ] || continue
		back --replacefiles one
		undone
	done
}

@test "a file and a ghost: no conflict, and the file is made" {
	make one 1 'of one'; make two 1 'of two' ghost
	make one 2 'of one, later'; make two 2 'of two' ghost
	rpmr "$R" -i "$(file one 2)" "$(file two 2)"
	back one two
	[ "$(content $PATH_)" = 'of one' ]
	undone
	back two
	undone
	rpmr "$R" -e two
	back one
}

@test "links: the same target is shared, another is a conflict" {
	make one 1 there link; make two 1 there link
	make one 2 elsewhere link; make two 2 elsewhere link
	rpmr "$R" -i "$(file one 2)" "$(file two 2)"
	back one two
	undone
	back one
	refused
}

@test "configuration that two have: shared, changed, edited" {
	make one 1 same config; make two 1 same config
	make one 2 later config; make two 2 later config
	for edit in : 'echo mine'; do
		rm -rf "$R"
		new_root "$R"
		rpmr "$R" -i "$(file one 2)" "$(file two 2)"
		[ "$edit" = : ] || $edit > "$R$PATH_"
		back one two
		undone
	done
}

@test "a directory of one where another has a file is a conflict" {
	make one 1 inside dir; make two 1 same
	make one 2 same; make two 2 same
	rpmr "$R" -i "$(file one 2)" "$(file two 2)"
	back one
	refused
}

@test "one owner goes for good: the file stays while the other has it, with its own attributes and state" {
	make one 1 same; make two 1 same
	make one 2 same; make two 2 same
	rpmr "$R" -i "$(file one 2)" "$(file two 2)"
	rpmr "$R" -e one
	back two
	undone
}

@test "what was put in another's place, and that other goes back or its victim does" {
	make one 1 'of one'; make two 1 'of two'
	make one 2 'of one, later'; make two 2 'of two, later'
	rpmr "$R" -i "$(file one 2)"
	rpmr "$R" -i --replacefiles "$(file two 2)"
	back --replacefiles two
	undone
	back --replacefiles one
	undone
}

@test "damage of each kind, and what rpm -V says before and after" {
	make one 1 first attr=0750,lab,lab; make one 2 second attr=0750,lab,lab
	rpmr "$R" -i "$(file one 2)"
	cp -a "$R" "$TMP/clean"
	for damage in 'echo damaged' 'chmod 777' 'chown 0:0' 'touch' 'rm' 'ln -sf nowhere' 'setcap cap_net_raw=ep'; do
		rm -rf "$R"
		cp -a "$TMP/clean" "$R"
		case $damage in
		echo*) $damage > "$R$PATH_" ;;
		*) $damage "$R$PATH_" ;;
		esac
		[ -n "$(verified "$R")" ] || tell "rpm does not see $damage"
		back one
		[ -z "$(verified "$R")" ] || tell "after $damage: $(verified "$R")"
		undone
	done
}

@test "capabilities that are none, or for others to inherit" {
	for caps in = cap_net_raw=i; do
		rm -rf "$R" "$TMP"/v?
		new_root "$R"
		make one 1 first attr=0755,root,root caps=$caps; make one 2 second attr=0755,root,root
		rpmr "$R" -i "$(file one 2)"
		back one
		undone
	done
}

@test "an obsoleted package whose obsoleter stays and has its path: a conflict as any" {
	make old 1 'of the old'; make new 2 'of the new, later' obsoletes='old < 9'
	rpmr "$R" -i "$(file old 1)"
	rpmr "$R" -U "$(file new 2)"
	run -1 rpmr "$R" -q old
	back old
	refused
	pb_bare --root "$R" --from "$TMP/v1" --allow-unsigned apply --yes --replacefiles old-1-1
	assert_exit 0 7
	run -0 rpmr "$R" -q old
	undone
}
