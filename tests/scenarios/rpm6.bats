#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Packages of rpm 6 and a root that it made, with whichever librpm is at hand: tests/fixtures/rpm6/make says
# what is what.

setup() {
	load lib
	need zstd
	SIX=$FIXTURES/rpm6
	KEY=$SIX/key.asc V1=$SIX/v1
}

six() { # unpack the root that was updated, and its twin
	export RPMDB_PATH=/usr/lib/sysimage/rpm
	mkdir "$R" "$ORACLE"
	zstd -dc "$SIX/updated.tar.zst" | tar -C "$R" -xf -
	zstd -dc "$SIX/before.tar.zst" | tar -C "$ORACLE" -xf -
	settle
}

# What is to be checked is one package, in a folder of its own.
only() { # FILE
	V1=$TMP/only
	mkdir -p "$V1"
	cp "$SIX/$1" "$V1/plain-1-1.noarch.rpm"
}

records() { # ROOT: tags and lengths of what each record has behind its region, and the numbers of tags in it
	sqlite3 "file:$1$RPMDB_PATH/rpmdb.sqlite?mode=ro" 'select hex(blob) from Packages' |
		/usr/bin/python3 -c '
import struct, sys
for line in sys.stdin:
    b = bytes.fromhex(line)
    n, size = struct.unpack(">II", b[:8])
    entries = [struct.unpack(">IIiI", b[8 + 16 * i:24 + 16 * i]) for i in range(n)]
    store = b[8 + 16 * n:]
    name = next(store[e[2]:].split(b"\0")[0].decode() for e in entries if e[0] == 1000)
    print(name, sorted((tag, kind, count) for tag, kind, at, count in entries))' | sort
}

@test "a root of rpm 6 is put back as it was before, its records too" {
	six
	pb plan plain-1-1 hardlinks-1-1
	assert_exit 0
	assert_says 'key <key@putback.test>'
	assert_root_untouched
	pb apply --yes plain-1-1 hardlinks-1-1
	assert_exit 0
	same tree "$ORACLE" "$R" --no-dir-mtime "${OURS[@]}" --ignore "$RPMDB_PATH/*"
	same rpmdb "$ORACLE" "$R"
	records "$ORACLE" > "$TMP/wanted"
	records "$R" > "$TMP/got"
	diff "$TMP/wanted" "$TMP/got"
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "packages of rpm 6 on a root of this rpm" {
	V1=$TMP/v1
	lab plain hardlinks
	V1=$SIX/v1 KEY=$SIX/key.asc
	pb apply --yes plain-1-1 hardlinks-1-1
	assert_exit 0 7
	assert_same_tree
	[ "$(rpmr "$R" -q plain)" = plain-1-1.noarch ]
	[ -z "$(rpmr "$R" -V plain hardlinks)" ]
	pb undo --yes
	assert_exit 0
	assert_undone
}

@test "another root of rpm 6 gives what it has" {
	six
	pb_bare --root "$R" --key "$KEY" --from "donor:$ORACLE" apply --yes plain-1-1 hardlinks-1-1
	assert_exit 0
	same tree "$ORACLE" "$R" --no-dir-mtime "${OURS[@]}" --ignore "$RPMDB_PATH/*"
	same rpmdb "$ORACLE" "$R"
}

@test "keys in files beside the rpmdb: on shelves, or side by side" {
	six
	pb_bare --root "$R" --from "$V1" plan plain-1-1
	assert_exit 9
	assert_stderr 'the root has it' --trust-root-keys
	pb_bare --root "$R" --from "$V1" --trust-root-keys plan plain-1-1
	assert_exit 0
	pb_bare --root "$R" --from "$V1" --key "$R$RPMDB_PATH/pubkeys" plan plain-1-1
	assert_exit 0
	mv "$R$RPMDB_PATH"/pubkeys/*/* "$R$RPMDB_PATH/pubkeys/gpg-pubkey-0123.key"
	pb_bare --root "$R" --from "$V1" --trust-root-keys plan plain-1-1
	assert_exit 0
	rm "$R$RPMDB_PATH/pubkeys/gpg-pubkey-0123.key"
	pb_bare --root "$R" --from "$V1" --trust-root-keys plan plain-1-1
	assert_exit 9
	refute_says 'the root has it'
}

@test "of several signatures one by a trusted key is enough" {
	need_rpm 4.17 # before, librpm knows no EdDSA, and calls it bad
	six
	only both.rpm
	for KEY in "$SIX/other.asc" "$SIX/key.asc"; do
		pb plan plain-1-1
		assert_exit 0
	done
	only compat.rpm
	for KEY in "$SIX/other.asc" "$SIX/key.asc"; do
		pb plan plain-1-1
		assert_exit 0
	done
	package base 1 > /dev/null
	KEY=$CACHE/good.asc
	pb plan plain-1-1
	assert_exit 9
	assert_stderr 'a key that is not trusted' 'the root has it'
}

@test "not signed, damaged, cut short: refused, each with its own words" {
	six
	only unsigned.rpm
	pb plan plain-1-1
	assert_exit 9
	assert_stderr 'not signed'
	only v1/plain-1-1.noarch.rpm
	size=$(stat -c %s "$V1/plain-1-1.noarch.rpm")
	printf '\377' | dd of="$V1/plain-1-1.noarch.rpm" bs=1 seek=$((size - 20)) conv=notrunc status=none
	pb plan plain-1-1
	assert_exit 9
	assert_stderr 'is damaged' 'Payload SHA'
	only v1/plain-1-1.noarch.rpm
	truncate -s -10 "$V1/plain-1-1.noarch.rpm"
	pb plan plain-1-1
	assert_exit 9
	assert_stderr "is truncated: $((size - 10)) bytes of $size"
}

@test "a signature that was made over another package" {
	six
	only v1/plain-1-1.noarch.rpm
	/usr/bin/python3 - "$SIX/v2/plain-2-1.noarch.rpm" "$V1/plain-1-1.noarch.rpm" <<-'PYTHON'
		import struct, sys
		def split(name):
		    d = open(name, 'rb').read()
		    n, size = struct.unpack('>II', d[104:112])
		    return d, 112 + 16 * n, n
		other, from_store, n = split(sys.argv[1])
		d, store, m = split(sys.argv[2])
		def at(d, store, n):
		    for i in range(n):
		        tag, kind, offset, count = struct.unpack('>IIiI', d[112 + 16 * i:128 + 16 * i])
		        if tag == 278:
		            return store + offset, d.index(b'\0', store + offset)
		a, b = at(other, from_store, n)
		x, y = at(d, store, m)
		assert b - a == y - x
		open(sys.argv[2], 'wb').write(d[:x] + other[a:b] + d[y:])
	PYTHON
	pb plan plain-1-1
	assert_exit 9
	assert_stderr 'is bad'
	pb plan plain-1-1 --allow-unsigned
	assert_exit 9
	assert_root_untouched
}
