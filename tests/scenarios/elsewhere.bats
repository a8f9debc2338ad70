#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A package that cannot be had, is damaged, or that nobody vouches for: the next source has it.

setup() {
	load lib
	load net
	lab plain
	FIRST=$TMP/first COPY=$TMP/first/plain-1-1.noarch.rpm
	mkdir "$FIRST"
	cp "$V1"/plain*.rpm "$COPY"
}
teardown() { stop_servers; }

shorten() { truncate -s -100 "$1"; }
by_stranger() {
	rpmsign --delsign "$1" > "$TMP/out" 2>&1
	gnupg rpmsign -D '_gpg_name stranger@localhost' --addsign "$1" > "$TMP/out" 2>&1
}
turn_over() { # the last byte
	local byte
	byte=$(tail -c 1 "$1" | od -An -tu1)
	printf "\\$(printf %o $((byte ^ 255)))" | dd of="$1" bs=1 seek=$(($(stat -c %s "$1") - 1)) conv=notrunc status=none
}
server() { # FOLDER: a repository at $BAD
	createrepo_c -q "$1"
	misbehave "$1"
}

@test "cut short, by a stranger, or damaged: the same from the next source, and --why tells" {
	local spoil
	for spoil in shorten by_stranger turn_over; do
		cp "$V1"/plain*.rpm "$COPY"
		"$spoil" "$COPY"
		from "$FIRST" "$V1" -- --json plan plain-1-1 --why plain
		assert_exit 0
		assert_jq '.changes | length == 1' ".changes[0].source == \"$V1\"" '.changes[0].signer | contains("good@localhost")' \
			".why[0].candidates | map(select(.location == \"$COPY\")) | length == 1 and (.[0].reason | startswith(\"of no use: plain-1-1\"))" \
			"[.problems[] | select(.kind == \"source\")] | length == 1 and .[0].severity == \"note\" and .[0].subject == \"$FIRST\""
		/usr/bin/python3 "$HERE/../schema/check.py" "$HERE/../../doc/schema/putback-1.json" <<< "$output"
	done
	assert_root_untouched
	from "$FIRST" "$V1" -- apply plain --yes
	assert_exit 0
	assert_put_back
}

@test "no copy is left: told with the exit code of what is wrong, and each copy is named" {
	cp -r "$FIRST" "$TMP/second"
	shorten "$COPY"
	by_stranger "$TMP/second/plain-1-1.noarch.rpm"
	from "$FIRST" "$TMP/second" -- --json plan plain
	assert_exit 9
	assert_jq '.error.message | startswith("1 of 1 packages")' '.error.packages | length == 2' '[.error.packages[].verdict] | sort == ["no-key", "truncated"]'
	server "$V1"
	from "$BAD/noserver" "$BAD/wrong" "$BAD/short" -- plan plain-1-1
	assert_exit 4
	assert_root_untouched
}

@test "of a repository: gone from its server, wrong bytes, a file that its list does not know" {
	createrepo_c -q "$V1"
	misbehave
	createrepo_c -q "$FIRST"
	echo >> "$COPY"
	from "$BAD/wrong" "file://$FIRST" "$V1" -- --json plan plain --why plain
	assert_exit 0
	assert_jq ".changes[0].source == \"$V1\"" '[.why[0].candidates[] | select(.reason // "" | startswith("of no use"))] | length == 2'
	mkdir "$TMP/kept"
	mv "$V1"/plain*.rpm "$TMP/kept"
	from "$BAD/good" "$TMP/kept" -- plan plain
	assert_exit 0
	assert_says "$TMP/kept" 'of no use'
	from "$BAD/good" -- plan plain
	assert_exit 4
	assert_stderr 404 "$BAD"
	from "$BAD/good" "$TMP/kept" -- plan plain --offline
	assert_root_untouched
}

@test "a run finds out what a plan could not, and goes on with the same from elsewhere" {
	server "$V1"
	from "$BAD/drops" "$TMP/first" -- apply plain --yes # it breaks off where the payload ends
	assert_exit 0
	assert_stderr 'looking for what else'
	assert_put_back
	[ ! -e "$R/.putback/downloads" ]
	[ "$(grep -c '^Packages that' <<< "$output")" -le 1 ]
	pb undo --yes
	rm -r "$V1/repodata"
	turn_over "$V1"/plain*.rpm
	createrepo_c -q "$V1" # what the list says is right, what was built is not
	from "$BAD/good" "$TMP/first" -- apply plain --yes
	assert_exit 0
	assert_stderr damaged
	assert_put_back
}

@test "a run that comes to another version says so, and a saved plan is kept to" {
	server "$V1"
	supply 0 plain
	from "$BAD/drops" "$TMP/v0" -- plan plain -o "$TMP/saved"
	assert_exit 0
	refute_says 'of no use'
	from "$BAD/drops" "$TMP/v0" -- apply "$TMP/saved" --yes
	assert_exit 5
	run -0 rpmr "$R" -q plain-2-1
	stop_servers
	rm "$TMP/port"
	server "$V1"
	from "$BAD/drops" "$TMP/v0" -- apply plain --yes
	assert_exit 7
	assert_says 'plain-0-1.noarch is taken and not plain-1-1.noarch'
	run -0 rpmr "$R" -q plain-0-1
}

@test "which version is open: the same from elsewhere goes before an older one, of which the plan warns" {
	supply 0 plain
	shorten "$COPY"
	from "$FIRST" "$TMP/v0" "$V1" -- plan plain --json
	assert_exit 0
	assert_jq '.changes[0].to.version == "1"' 'all(.problems[]; .severity == "note")'
	from "$FIRST" "$TMP/v0" -- plan plain --json --why plain
	assert_exit 0
	assert_jq '.changes[0].to.version == "0"' \
		'[.problems[] | select(.severity == "warning")] | length == 1 and (.[0].text | contains("truncated"))' \
		'.why[0].candidates[] | select(.nevra == "plain-1-1.noarch") | .reason | startswith("of no use")'
	from "$FIRST" "$TMP/v0" -- plan plain-1-1
	assert_exit 9
	from "$FIRST" "$TMP/v0" -- plan 'pl*' --json
	assert_jq '.changes[0].to.version == "0"'
	from "$FIRST" "$TMP/v0" -- plan --path /usr/share/plain/changes --json
	assert_jq '.changes[0].to.version == "0"'
	assert_root_untouched
}

@test "what the closure needs: from elsewhere, and never is a package given up for want of it" {
	lab needs
	mv "$V1"/needs*.rpm "$FIRST"
	mkdir "$TMP/good"
	cp "$FIRST"/needs*.rpm "$TMP/good"
	shorten "$FIRST"/needs*.rpm
	from "$FIRST" "$TMP/good" -- --json plan plain-1-1
	assert_exit 0
	assert_jq '[.changes[] | select(.needed_by) | .to.nevra, .source] == ["needs-1-1.noarch", "'"$TMP/good"'"]' '.refused | not'
	from "$FIRST" -- plan plain-1-1
	assert_exit 9
	assert_stderr needs-1-1
	assert_root_untouched
}

remarks() { jq -c '[.problems[] | select(.kind == "source") | .severity]' <<< "$output"; }

@test "what could not be read of a source: a warning where the version is open, else a note" {
	truncate -s 3000 "$FIRST"/plain*.rpm
	local args
	set -f
	for args in plain 'pl*' plain.noarch '--path /usr/share/plain/changes' '--undo last --exclude base'; do
		# shellcheck disable=SC2086 # words
		from http://127.0.0.1:9/ "$FIRST" "$V1" -- --json plan $args
		assert_exit 0
		assert_jq '.changes[0].to.version == "1"'
		[ "$(remarks)" = '["warning","warning"]' ] || tell "$args"
	done
	set +f
	/usr/bin/python3 "$HERE/../schema/check.py" "$HERE/../../doc/schema/putback-1.json" <<< "$output"
	from http://127.0.0.1:9/ "$FIRST" "$V1" -- --json plan plain-1-1
	assert_exit 0
	[ "$(remarks)" = '["note","note"]' ]
	from http://127.0.0.1:9/ "$FIRST" "$V1" -- plan plain
	assert_says "$COPY: truncated" 127.0.0.1:9 'that was meant'
	from "$FIRST" "$V1" -- apply plain --yes
	assert_exit 7
	assert_put_back
}

@test "what could not be read, where a saved plan comes to something else" {
	supply 0 plain
	from "$FIRST" "$TMP/v0" -- plan plain -o "$TMP/saved"
	assert_exit 0
	truncate -s 3000 "$COPY"
	from "$FIRST" "$TMP/v0" -- apply "$TMP/saved" --yes
	assert_exit 5
	assert_stderr "$COPY: truncated"
	assert_root_untouched
}

@test "a dozen of them are told in a few lines, and what is as it should be in none" {
	local i
	for i in $(seq 12); do echo > "$FIRST/$i.rpm"; done
	from "$FIRST" -- --json plan plain
	assert_exit 0
	[ "$(remarks)" = '["warning","warning","warning","warning","warning","warning","warning","warning","warning"]' ]
	assert_jq '.problems[] | select(.text | startswith("4 more"))'
	rm "$FIRST"/[0-9]*.rpm
	mkdir "$FIRST/41"
	ln -s 41 "$FIRST/latest"
	cp "$COPY" "$FIRST/plain.src.rpm"
	printf '\0\1' | dd of="$FIRST/plain.src.rpm" bs=1 seek=6 conv=notrunc status=none
	rpmbuild -bs --quiet -D 'ver 1' -D "_srcrpmdir $FIRST/41" "$FIXTURES/specs/plain.spec"
	from "$FIRST" -- --json plan plain
	assert_exit 0
	assert_jq '.problems == []'
	pb_bare --root "$R" --key "$KEY" plan plain # the root's caches, which are not there
	assert_exit 4
}
