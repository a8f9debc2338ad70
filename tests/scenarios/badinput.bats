#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Input that is damaged, hostile or wrong: a message that says what and where, and no byte of the root changed. What one kind
# of source does with its own kind of damage stands in the file of that source.

setup() { load lib; load net; lab dnf plain other; createrepo_c -q "$V1"; }
teardown() { stop_servers; }

history_says() { # SQL: what dnf wrote is that
	sqlite3 "$(find "$R" -name history.sqlite)" "$1"
	settle
}

@test "repomd.xml that ends anywhere, or does not end" {
	cp "$V1/repodata/repomd.xml" "$TMP/good"
	misbehave
	size=$(stat -c %s "$TMP/good")
	for n in 0 1 60 $((size / 2)) $((size - 12)); do
		head -c "$n" "$TMP/good" > "$V1/repodata/repomd.xml"
		from "file://$V1" -- plan --undo last
		assert_exit 4
		assert_says "file://$V1: its repomd.xml" 'no proper XML' plain-1-1
		from "$BAD/good" -- plan --undo last
		assert_exit 4
		assert_says "$BAD/good/repodata/repomd.xml: is no proper XML"
	done
	{ cat "$TMP/good"; head -c 9000000 /dev/zero | tr '\0' ' '; } > "$V1/repodata/repomd.xml"
	from "file://$V1" -- plan --undo last
	assert_exit 4
	assert_says "$V1/repodata/repomd.xml is longer than makes sense"
	from "$BAD/good" -- plan --undo last
	assert_exit 4
	assert_says "$BAD/good/repodata/repomd.xml: has 8.6 MiB there, which is more than the 8.0 MiB that make sense"
	assert_root_untouched
}

@test "a list of packages that is vouched for, and ends anywhere" {
	misbehave
	for n in 0 1 100 900; do
		repodata ''
		head -c "$n" "$TMP/primary.xml" > "$V1/repodata/primary.xml"
		sed -i "s|<checksum type=\"sha256\">[0-9a-f]*|<checksum type=\"sha256\">$(sha256sum < "$V1/repodata/primary.xml" | cut -c1-64)|; s|<size>[0-9]*|<size>$n|" \
			"$V1/repodata/repomd.xml"
		for where in "file://$V1" "$BAD/good"; do
			from "$where" -- plan --undo last
			assert_exit 4
			assert_says "'repodata/primary.xml' " plain-1-1 other-1-1
		done
	done
	assert_root_untouched
}

@test "a redirect of a package to a file of this host" {
	misbehave
	cp "$V1"/plain-1*.rpm "$TMP/package"
	repodata 's|<location href="|<location xml:base="http://MODE/" href="|'
	sed -i "s|http://MODE/|$BAD/file/|" "$V1/repodata/primary.xml"
	sed -i "s|<checksum type=\"sha256\">[0-9a-f]*|<checksum type=\"sha256\">$(sha256sum < "$V1/repodata/primary.xml" | cut -c1-64)|; s|<size>[0-9]*|<size>$(stat -c %s "$V1/repodata/primary.xml")|" \
		"$V1/repodata/repomd.xml"
	from "$BAD/good" -- apply --undo last --yes
	assert_exit 4
	assert_says "$BAD/file/" 'redirects to something that is neither http nor https'
	assert_root_untouched
}

@test "a donor of another architecture" {
	supply 1 elsewhere
	new_root "$TMP/donor"
	rpmr "$TMP/donor" -i --ignorearch "${FILES[@]}"
	"$ORACLES/tree" snapshot "$TMP/donor" "$TMP/donor.before"
	for selection in elsewhere-1-1 "--like=$TMP/donor"; do
		pb_bare --root "$R" --from "donor:$TMP/donor" --key "$KEY" apply --yes "$selection"
		assert_exit 5
		assert_says 'elsewhere-1-1.aarch64 is for another architecture'
	done
	same tree "$TMP/donor.before" "$TMP/donor" --untouched
	assert_root_untouched
}

@test "a history of packages that nobody ever had" {
	history_says "update rpm set version='0.7' where name='plain' and version='1'"
	from "$V1" -- apply --undo last --yes
	assert_exit 4
	assert_stderr plain-0.7-1.noarch "$V1"
	entry=$(sqlite3 "$(find "$R" -name history.sqlite)" 'select max(id) from trans')
	history_says "update rpm set name='never' where name='plain'"
	from "$V1" -- apply --undo "$entry" --yes
	assert_exit 4
	assert_stderr never-0.7-1.noarch
	assert_root_untouched
}

@test "a history that says another version came than is installed" {
	entry=$(sqlite3 "$(find "$R" -name history.sqlite)" 'select max(id) from trans')
	history_says "update rpm set version='3' where name='plain' and version='2'"
	# somebody must have taken it from 3 to 2 since, and that is what was last
	from "$V1" -- plan --undo last
	assert_exit 4
	assert_stderr plain-3-1.noarch
	from "$V1" -- plan --undo "$entry"
	assert_exit 0
	assert_says 'installed 3-1, 2-1 is installed now; goes back to 1-1'
	assert_root_untouched
	from "$V1" -- apply --undo "$entry" --yes
	assert_exit 0
	assert_put_back
}

@test "a history that says something came that is not installed" {
	rpmr "$R" -e --noscripts other
	rm -f "$R"/var/lib/dnf/history.sqlite-wal
	settle
	from "$V1" -- plan --undo last
	assert_says 'none is installed now, 1-1 comes back'
	assert_exit 0
	# a package that came, and of which neither the root nor any source knows
	history_says "insert into item values(900, 1); insert into rpm values(900, 'never', 0, '7', '1', 'noarch');
		insert into trans_item(trans_id, item_id, repo_id, action, reason, state) select max(id), 900, 1, 1, 2, 1 from trans"
	from "$V1" -- plan --undo last
	assert_exit 0
	refute_says 'never-7'
	assert_root_untouched
}
