#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Packages in an ISO image, which is read as it is, without a mount or a loop device.

setup() {
	load lib
	command -v xorriso > "$TMP/which" || skip 'no xorriso'
	lab dnf plain other config
	mkdir -p "$TMP/disc/Packages/p" "$TMP/disc/docs"
	mv "$V1"/*.rpm "$TMP/disc/Packages/p/"
	echo 'no package' > "$TMP/disc/docs/README"
	ISO=$TMP/disc.iso
}

image() { # [OPTION of mkisofs]...: $ISO of $TMP/disc
	xorriso -as mkisofs -quiet -V LAB -o "$ISO" "$@" "$TMP/disc" > "$TMP/log" 2>&1 || tell "$(cat "$TMP/log")"
}

from_iso() { # ARG...
	pb_bare --root "$R" --from "$ISO" --key "$KEY" "$@"
}

put_back_from_iso() {
	from_iso apply --undo last --yes
	assert_exit 0
	assert_put_back
	[ -z "$(find "$XDG_CACHE_HOME" -type f -name '*.rpm')" ] || tell 'packages are left on the host'
}

@test "Rock Ridge" {
	image -R
	put_back_from_iso
}

@test "Joliet" {
	image --norock -J
	[ "$(grep -c -a RRIP_1991A "$ISO")" = 0 ] || tell 'it has Rock Ridge'
	put_back_from_iso
}

@test "names in capitals, as ISO 9660 alone has them" {
	image --norock -iso-level 1
	[ "$(grep -c -a RRIP_1991A "$ISO")" = 0 ] || tell 'it has Rock Ridge'
	put_back_from_iso
}

@test "content that is packed in the image" {
	xorriso -outdev "$ISO" -volid LAB -map "$TMP/disc" / -set_filter_r --zisofs / -- > "$TMP/log" 2>&1 ||
		skip 'this xorriso does not pack'
	! grep -q -a -b -o $'\xed\xab\xee\xdb' "$ISO" || skip 'nothing was packed'
	put_back_from_iso
}

# The directory's record of a file is made to point at the end of a sparse image, and its content put there.
move_far_away() { # NAME BLOCK
	/usr/bin/python3 - "$ISO" "$1" "$2" <<-'PYTHON'
		import struct, sys
		image, name, block = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])
		with open(image, 'r+b') as f:
		    data = f.read()
		    # Rock Ridge's NM entry holds the whole name; the record that it is in begins with its own length
		    at = data.index(b'NM' + bytes([len(name) + 5, 1, 0]) + name)
		    start = max(s for s in range(at - 255, at) if data[s] > at - s and data[s + 28:s + 32] == b'\1\0\0\1'
		                and data[s + 2:s + 6] == data[s + 6:s + 10][::-1])
		    extent, size = struct.unpack_from('<I', data, start + 2)[0], struct.unpack_from('<I', data, start + 10)[0]
		    content = data[extent * 2048:extent * 2048 + size]
		    assert content[:4] == b'\xed\xab\xee\xdb', 'not the record'
		    f.seek(start + 2); f.write(struct.pack('<I', block) + struct.pack('>I', block))
		    f.seek(extent * 2048); f.write(b'\0' * size)
		    f.seek(block * 2048); f.write(content + b'\0' * (-size % 2048))
		    blocks = block + (size + 2047) // 2048
		    f.seek(16 * 2048 + 80); f.write(struct.pack('<I', blocks) + struct.pack('>I', blocks))
	PYTHON
}

@test "an image of more than 4 GiB" {
	image -R
	move_far_away plain-1-1.noarch.rpm 2200000 || tell 'the image cannot be made'
	[ "$(stat -c %s "$ISO")" -gt 4294967296 ]
	put_back_from_iso
}

@test "the second time, no header is read again; another image is another" {
	image -R
	sleep 3
	from_iso -v plan --undo last
	assert_exit 0
	assert_says '0 packages known from an earlier run, 3 read'
	from_iso -v plan --undo last
	assert_exit 0
	assert_says '3 packages known from an earlier run, 0 read'
	rm "$TMP/disc/Packages/p"/plain-*
	image -R
	from_iso plan --undo last
	assert_exit 4
	assert_stderr plain-1-1 "$ISO"
	assert_root_untouched
}

@test "where nothing can be kept" {
	image -R
	touch "$TMP/file"
	XDG_CACHE_HOME=$TMP/file put_back_from_iso
}

@test "--cache keeps what was taken out, and takes no file of others" {
	image -R
	sleep 3
	from_iso --cache "$TMP/kept/here" plan --undo last
	assert_exit 0
	[ "$(find "$TMP/kept/here" -name '*.rpm' | wc -l)" = 3 ] || tell "$(find "$TMP/kept")"
	for file in "$TMP/kept/here"/*.rpm; do
		cmp -s "$file" "$TMP/disc/Packages/p/$(rpm -qp --nosignature --qf '%{nevra}.rpm' "$file")" || tell "$file"
		echo damaged > "$file"
	done
	from_iso --cache "$TMP/kept/here" apply --undo last --yes
	assert_exit 0
	assert_put_back
	pb --cache "$TMP/disc/docs/README" plan --undo last
	assert_exit 2
	assert_stderr "$TMP/disc/docs/README"
}

@test "an image without packages" {
	rm -r "$TMP/disc/Packages"
	image -R
	from_iso plan --undo last
	assert_exit 4
	assert_stderr plain-1-1 'there is no package in this image'
	assert_root_untouched
}

@test "what is no image, and what is a piece of one" {
	head -c 100000 /dev/urandom > "$ISO"
	from_iso plan --undo last
	assert_exit 1
	assert_stderr "$ISO" 'not an ISO 9660 image'
	: > "$ISO"
	from_iso plan --undo last
	assert_exit 1
	assert_stderr "$ISO" 'not an ISO 9660 image'
	image -R
	size=$(stat -c %s "$ISO")
	for part in 95 80 60 40 30 20 10 5; do
		image -R
		truncate -s $((size * part / 100)) "$ISO"
		from_iso plan --undo last
		assert_exit 0 1 4
		[ "$status" = 0 ] || assert_stderr "$ISO"
		[ "$status" != 4 ] || assert_stderr truncated
	done
	assert_root_untouched
}

@test "an image whose package is not what it was signed as" {
	image -R
	/usr/bin/python3 - "$ISO" <<-'PYTHON'
		import sys
		with open(sys.argv[1], 'r+b') as f:
		    data = f.read()
		    at = data.index(b'\xed\xab\xee\xdb')
		    f.seek(data.index(b'\x8e\xad\xe8', data.index(b'\x8e\xad\xe8', at) + 1) + 400)
		    f.write(b'\xff\xff\xff\xff')
	PYTHON
	from_iso apply --undo last --yes
	assert_exit 4 9
	assert_root_untouched
}

@test "the disc in a drive: a block device, which is read and nothing else" {
	need losetup
	image -R -J
	drive=$(losetup -f --show -r "$ISO" 2> "$TMP/err") || skip "no loop devices here: $(cat "$TMP/err")"
	[ -b "$drive" ] || { losetup -d "$drive"; skip 'no loop devices here'; }
	pb_bare --root "$R" --from "$drive" --key "$KEY" apply --undo last --yes && wrong= || wrong=1
	# another disc in the same drive is another source
	losetup -d "$drive"
	[ -z "$wrong" ]
	assert_exit 0
	assert_put_back
	pb undo --yes
	rm "$TMP/disc/Packages/p"/plain*
	image -R -J
	again=$(losetup -f --show -r "$ISO")
	pb_bare --root "$R" --from "$again" --key "$KEY" plan --undo last
	losetup -d "$again"
	assert_exit 4
	assert_stderr plain-1-1 "$again"
	refute_says 'missing: other-1-1'
}
