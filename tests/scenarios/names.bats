#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# File names with newlines, escapes, globs and bytes that are not UTF-8 (tests/fixtures/specs/names.spec).

setup() { load lib; lab names; }

@test "names that are not UTF-8: a replacement character, and the bytes in hex" {
	pb plan names-1-1 --json --files
	assert_exit 0
	iconv -f UTF-8 -t UTF-8 <<< "$output" > /dev/null
	assert_jq '[.ops[] | select(.path_hex) | .path_hex | ascii_downcase] | any(endswith("6c6174696e2de4f6"))' \
		'[.ops[].path] | any(endswith("/new\nline"))' '[.ops[].path] | any(endswith("/esc\u001b[7m"))'
}

@test "text is well-formed too: no control characters, no broken UTF-8" {
	pb plan names-1-1 --files
	assert_exit 0
	iconv -f UTF-8 -t UTF-8 <<< "$output" > /dev/null
	! grep -q $'[\001-\010\013-\037]' <<< "$output"
	pb apply names-1-1 --yes --verbose
	assert_exit 0
	! grep -q $'[\001-\010\013-\037]' <<< "$output$stderr"
}

@test "the names themselves come back" {
	pb apply names-1-1 --yes
	assert_exit 0
	assert_put_back
	[ ! -e pwned ]
	pb undo --yes
	assert_exit 0
	assert_undone
}

# A directory as deep as a path can be; SHORT is how many bytes are left to the limit. Prints the path.
deep() { # SHORT
	/usr/bin/python3 -c '
import sys
want, path = 4095 - int(sys.argv[1]), "/srv/deep"
while want - len(path) > 240:
	path += "/" + "d" * 200
print(path + "/" + "f" * (want - len(path) - 1))' "$1"
}

@test "a path as long as the kernel takes" {
	local top=/tmp/pb.$$ path
	path=$(deep ${#top}) # what is left is the name of the folder that rpmbuild finds it in
	for v in 1 2; do
		rm -rf "$top"
		/usr/bin/python3 -c '
import os, sys
top, path, version = sys.argv[1:]
os.makedirs(top)
os.chdir(top)
parts = path.strip("/").split("/")
for part in parts[:-1]:
	os.makedirs(part, exist_ok=True)
	os.chdir(part)
open(parts[-1] if version == "1" else "short", "w").write("version " + version)' "$top" "$path" $v
		printf '%s\n' '%lab deep' 'BuildArch: noarch' '%description' x '%files' /srv/deep > "$TMP/deep.spec"
		mkdir -p "$TMP/v$v"
		rpmbuild -bb --quiet --noclean --buildroot "$top" -D "ver $v" -D "_topdir $TMP/top" -D "_rpmdir $TMP/v$v" \
			"$TMP/deep.spec" > "$TMP/log" 2>&1 || { rm -rf "$top"; cat "$TMP/log"; return 1; }
	done
	rm -rf "$top"
	rpmr "$R" -i "$V2"/deep-2-1.noarch.rpm
	settle
	pb plan --allow-unsigned deep-1-1 --json --files
	assert_exit 0
	assert_jq "[.ops[].path | length] | max == ${#path}"
	pb apply --allow-unsigned --yes deep-1-1
	assert_exit 0 7
	[ "$(/usr/bin/python3 -c '
import os, sys
os.chdir(sys.argv[1])
parts = sys.argv[2].strip("/").split("/")
for part in parts[:-1]:
	os.chdir(part)
print(open(parts[-1]).read())' "$R" "$path")" = 'version 1' ]
	pb undo --yes
	assert_exit 0
	assert_undone
}
