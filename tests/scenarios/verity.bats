#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Files with fs-verity: the kernel keeps a tree of digests beside their content, which nobody can write to any more. Where
# the kernel that runs here has none, tests/qemu/run tries this under one that has.

setup() { load lib; }

# A script on stdin, on a root in a file system that knows verity, where each packaged file has it: rpm itself has made the
# files, configuration was edited, and a file that nobody packaged stands in the way of one that comes.
on_verity() { # FS
	need "mkfs.$1" losetup
	truncate -s 320M "$TMP/img"
	case $1 in
	ext4) mkfs.ext4 -q -F -b 4096 -O verity "$TMP/img" ;; # blocks as big as a page, which older kernels insist on
	btrfs) mkfs.btrfs -q "$TMP/img" ;;
	esac > "$TMP/mkfs" 2>&1 || skip "mkfs.$1 makes none"
	lab plain config modes hardlinks
	cat > "$TMP/script"
	in_mounts "$1" "$TMP/script" "$PUTBACK" "$R" "$V1" "$KEY" "$ORACLES" "$TMP" \
		> "$TMP/out" 2>&1 <<-'SCRIPT' || { cat "$TMP/out"; return 1; }
		fs=$1 script=$2 PUTBACK=$3 R=$4 V1=$5 KEY=$6 ORACLES=$7 TMP=$8
		WHAT=(plain-1-1 config-1-1 modes-1-1 hardlinks-1-1)
		M=$TMP/mnt
		# enable FILE...; sign FILE SIGNATURE; measure ROOT: inode, digest and path of each file that has it
		verity() {
			/usr/bin/python3 - "$@" <<-'PYTHON'
			import ctypes, errno, fcntl, os, struct, sys
			ENABLE, MEASURE = 0x40806685, 0xc0046686
			def enable(path, sig=b''):
			    fd = os.open(path, os.O_RDONLY)
			    before = os.fstat(fd)
			    try:
			        held = ctypes.create_string_buffer(sig, len(sig))
			        where = ctypes.addressof(held) if sig else 0
			        fcntl.ioctl(fd, ENABLE, struct.pack('IIIIQIIQ88x', 1, 1, 4096, 0, 0, len(sig), 0, where))
			    except FileExistsError: # it has it
			        pass
			    os.utime(fd, ns=(before.st_atime_ns, before.st_mtime_ns)) # rpm sets times later, too
			    os.close(fd)
			def measure(top):
			    for folder, below, names in os.walk(top):
			        if '.putback' in below:
			            below.remove('.putback')
			        for path in (os.path.join(folder, n) for n in names):
			            if os.path.islink(path) or not os.path.isfile(path):
			                continue
			            fd = os.open(path, os.O_RDONLY)
			            try:
			                digest = fcntl.ioctl(fd, MEASURE, struct.pack('HH60x', 0, 60))
			                print(os.fstat(fd).st_ino, digest[4:36].hex(), path[len(top):])
			            except OSError as e:
			                if e.errno != errno.ENODATA:
			                    raise
			            os.close(fd)
			if sys.argv[1] == 'measure':
			    measure(sys.argv[2])
			elif sys.argv[1] == 'sign':
			    enable(sys.argv[2], open(sys.argv[3], 'rb').read())
			else:
			    for path in sys.argv[2:]:
			        enable(path)
			PYTHON
		}
		pb() { "$PUTBACK" --root "$M" --from "$V1" --key "$KEY" "$@" < /dev/null; }
		apply() { pb apply --yes "${WHAT[@]}" || [ $? = 7 ]; }
		forward() { pb "$@" --yes || [ $? = 7 ]; }
		compare() { "$ORACLES/tree" compare "$1" "$M" "${@:2}" --ignore '/.putback*'; }
		measured() { verity measure "$M" | sort -u; }
		# wholly what it was: the very inodes, with what they had
		old() {
			compare "$TMP/old" --inodes
			diff "$TMP/measured" <(measured)
		}
		# as rpm has it, and of the files of before that are still there each is what it was
		new() {
			compare "$TMP/by-rpm" --no-dir-mtime --ignore '/var/lib/rpm/*' --ignore /lost+found
			"$ORACLES/rpmdb" compare "$TMP/by-rpm" "$M"
			measured > "$TMP/now"
			diff <(cut -d ' ' -f 1,2 "$TMP/now" | sort -u) <(find "$M" -path "$M/.putback" -prune -o -type f -printf '%i\n' |
				sort -u | join - <(cut -d ' ' -f 1,2 "$TMP/measured" | sort -u))
		}
		remount() { umount "$M"; mount -o loop "$TMP/img" "$M"; }

		mkdir "$M"
		if ! mount -o loop "$TMP/img" "$M" || ! touch "$M/try" || ! verity enable "$M/try"; then
			touch "$TMP/none"
			exit 1
		fi
		rm "$M/try"
		cp -a "$R/." "$M"
		for name in plain noreplace added; do echo 'by hand' > "$M/etc/config/$name.conf"; done
		echo 'in the way' > "$M/usr/share/plain/goes"
		mkdir "$TMP/by-rpm"
		cp -a "$M/." "$TMP/by-rpm"
		rpm --root "$TMP/by-rpm" --dbpath /var/lib/rpm -U --oldpackage --noscripts --nodeps "$V1"/*.rpm
		mapfile -t FILES < <(find "$M/etc/config" "$M/usr/share/plain" "$M/usr/lib/modes" "$M/usr/lib/links" -type f -printf '%i %p\n' |
			sort -u -k 1,1 | cut -d ' ' -f 2)
		verity enable "${FILES[@]}"
		remount
		"$ORACLES/tree" snapshot "$M" "$TMP/old"
		measured > "$TMP/measured"
		[ "$(wc -l < "$TMP/measured")" -gt 30 ]
		. "$script"
		umount "$M"
	SCRIPT
}

# On each file system that has it here.
try_on() { # FS
	on_verity "$1" || { [ -e "$TMP/none" ] && skip "no fs-verity on $1 here"; return 1; }
}

there_and_back() {
	cat <<-'SCRIPT'
		pb plan "${WHAT[@]}" > "$TMP/plan"
		grep 'have fs-verity, and what comes in their place has none' "$TMP/plan"
		compare "$TMP/old" --untouched
		apply
		new
		grep 'usr/share/plain/stays' "$TMP/now"
		grep 'usr/lib/modes/mode$' "$TMP/now" # attributes only
		grep 'etc/config/added.conf.rpmsave' "$TMP/now"
		if grep 'usr/share/plain/changes' "$TMP/now"; then exit 1; fi
		remount
		pb undo --yes
		old
		remount
		forward redo
		new
		pb undo --yes
		old
		pb forget 1 --yes
		[ ! -e "$M/.putback/1" ]
		old
		apply
		pb forget 2 --yes
		new
	SCRIPT
}

@test "ext4: replaced, removed, moved, set anew; undone, redone, forgotten" { try_on ext4 < <(there_and_back); }
@test "btrfs: replaced, removed, moved, set anew; undone, redone, forgotten" { try_on btrfs < <(there_and_back); }

need_failpoints() { [ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'; }

killed() {
	cat <<-'SCRIPT'
		kill_at() { if PUTBACK_FAILPOINT=$1 pb "${@:2}" --yes; then return 1; else [ $? = 137 ]; fi; }
		for place in commit-exchanged:5 commit-exchanged:20 commit-moved:4 attr-mode; do # the first ones are probes
			kill_at $place apply "${WHAT[@]}"
			remount
			pb recover --back --yes
			old
			kill_at $place apply "${WHAT[@]}"
			remount
			forward recover
			new
			kill_at $place undo
			remount
			pb recover --yes
			old
		done
	SCRIPT
}

@test "ext4: killed at any time, and recovered, forward and back" { need_failpoints; try_on ext4 < <(killed); }
@test "btrfs: killed at any time, and recovered, forward and back" { need_failpoints; try_on btrfs < <(killed); }

salvaged() {
	cat <<-'SCRIPT'
		apply
		rm "$M"/.putback/journal.sqlite*
		pb recover --salvage > "$TMP/said"
		forward recover --salvage /usr/share/plain
		cmp <(grep ' /usr/share/plain/' "$TMP/measured") <(measured | grep ' /usr/share/plain/')
		remount
		forward recover --salvage
		old
	SCRIPT
}

@test "ext4: salvaged without a journal" { try_on ext4 < <(salvaged); }
@test "btrfs: salvaged without a journal" { try_on btrfs < <(salvaged); }

pinned() {
	cat <<-'SCRIPT'
		pin() { # +|- FILE...: what chattr(1) does; btrfs would take the flag of verity for one to set
			/usr/bin/python3 - "$@" <<-'PYTHON'
			import fcntl, os, struct, sys
			GET, SET, IMMUTABLE, VERITY = 0x80086601, 0x40086602, 0x10, 0x100000
			for path in sys.argv[2:]:
			    fd = os.open(path, os.O_RDONLY)
			    flags = struct.unpack('i4x', fcntl.ioctl(fd, GET, bytes(8)))[0] & ~(VERITY | IMMUTABLE)
			    fcntl.ioctl(fd, SET, struct.pack('i4x', flags | (IMMUTABLE if sys.argv[1] == '+' else 0)))
			PYTHON
		}
		flags() { lsattr -d "${PINNED[@]}" | awk '{ gsub("[^iV]", "", $1); print $1 }' | tr '\n' ' '; }
		PINNED=("$M"/usr/share/plain/{changes,comes,stays} "$M"/usr/lib/modes/mode "$M"/etc/config/added.conf)
		pin + "${PINNED[@]}"
		[ "$(flags)" = 'iV iV iV iV iV ' ]
		"$ORACLES/tree" snapshot "$M" "$TMP/old"
		apply
		new
		pb undo --yes
		old
		[ "$(flags)" = 'iV iV iV iV iV ' ]
		if [ -n "${PUTBACK_FAILPOINTS-}" ]; then
			PUTBACK_FAILPOINT=commit-exchanged:2 pb apply "${WHAT[@]}" --yes && false || [ $? = 137 ]
			remount
			pb recover --back --yes
			old
			[ "$(flags)" = 'iV iV iV iV iV ' ]
		fi
		forward redo
		rm "$M"/.putback/journal.sqlite*
		forward recover --salvage
		old
		[ "$(flags)" = 'iV iV iV iV iV ' ]
		pin - "${PINNED[@]}"
	SCRIPT
}

@test "ext4: marked immutable as well" { try_on ext4 < <(pinned); }
@test "btrfs: marked immutable as well" { try_on btrfs < <(pinned); }

@test "a donor whose files have it, and one of them is damaged" {
	try_on ext4 <<-'SCRIPT'
		apply
		find "$M/usr/share/plain" -type f | while read -r file; do verity enable "$file"; done
		pb_donor() { "$PUTBACK" --root "$R" --from "donor:$M" --key "$KEY" "$@" plain-1-1 < /dev/null; }
		cp -a "$R" "$TMP/again"
		pb_donor apply --yes
		[ "$(cat "$R/usr/share/plain/changes")" = 'this is version 1' ]
		R=$TMP/again
		block=$(debugfs -R 'blocks /usr/share/plain/changes' "$TMP/img" 2> "$TMP/err" | awk '{ print $1 }')
		umount "$M"
		printf 'THIS' | dd of="$TMP/img" bs=1 seek=$((block * 4096)) conv=notrunc status=none
		mount -o loop "$TMP/img" "$M"
		if cat "$M/usr/share/plain/changes"; then exit 1; fi
		"$ORACLES/tree" snapshot "$R" "$TMP/old"
		if pb_donor apply --yes > "$TMP/said" 2>&1; then exit 1; fi
		cat "$TMP/said"
		grep 'usr/share/plain/changes' "$TMP/said"
		"$ORACLES/tree" compare "$TMP/old" "$R" --inodes --ignore '/.putback*'
	SCRIPT
}

@test "a file of the root that is damaged, which its digests show: named, and replaced once it is out of the way" {
	try_on ext4 <<-'SCRIPT'
		block=$(debugfs -R 'blocks /usr/share/plain/sly' "$TMP/img" 2> "$TMP/err" | awk '{ print $1 }')
		umount "$M"
		printf 'SLY' | dd of="$TMP/img" bs=1 seek=$((block * 4096)) conv=notrunc status=none
		mount -o loop "$TMP/img" "$M"
		if cat "$M/usr/share/plain/sly"; then exit 1; fi
		if pb apply "${WHAT[@]}" --yes > "$TMP/said" 2>&1; then exit 1; fi
		cat "$TMP/said"
		grep "cannot read '/usr/share/plain/sly': Input/output error" "$TMP/said"
		[ ! -e "$M/.putback" ]
		mv "$M/usr/share/plain/sly" "$M/root-sly"
		apply
		[ "$(cat "$M/usr/share/plain/sly")" = 'sly 1' ]
		pb undo --yes
		[ ! -e "$M/usr/share/plain/sly" ]
	SCRIPT
}

@test "signed by a certificate that the kernel does not know, it cannot be read: named, and what to do" {
	need openssl
	try_on ext4 <<-'SCRIPT'
		file=$M/usr/share/plain/sly
		ring() { # add CERTIFICATE | clear: the kernel's keyring of who may sign
			/usr/bin/python3 - "$@" <<-'PYTHON'
			import ctypes, sys
			ADD_KEY, KEYCTL, CLEAR = 248, 250, 7 # x86_64
			syscall = ctypes.CDLL(None, use_errno=True).syscall
			ring = [int(line.split()[0], 16) for line in open('/proc/keys') if '.fs-verity' in line]
			if not ring:
			    sys.exit(77)
			if sys.argv[1] == 'clear':
			    sys.exit(syscall(KEYCTL, CLEAR, ring[0]) < 0)
			key = open(sys.argv[2], 'rb').read()
			sys.exit(syscall(ADD_KEY, b'asymmetric', b'', key, ctypes.c_long(len(key)), ring[0]) < 0)
			PYTHON
		}
		[ "$(uname -m)" = x86_64 ] && ring clear || { touch "$TMP/none"; exit 1; }
		openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=lab -keyout "$TMP/key" -out "$TMP/cert" 2> "$TMP/err"
		openssl x509 -in "$TMP/cert" -outform der -out "$TMP/cert.der"
		ring add "$TMP/cert.der"
		# what is signed is the digest that the file has unsigned
		printf 'FSVerity\1\0\40\0' > "$TMP/digest"
		printf "$(awk '$3 == "/usr/share/plain/sly" { print $2 }' "$TMP/measured" | sed 's/../\\x&/g')" >> "$TMP/digest"
		openssl smime -sign -in "$TMP/digest" -signer "$TMP/cert" -inkey "$TMP/key" -binary -outform der -noattr -nocerts -md sha256 -out "$TMP/sig"
		cp -a "$file" "$M/copy" # which has none
		mv "$M/copy" "$file"
		verity sign "$file" "$TMP/sig"
		remount
		cat "$file"
		"$ORACLES/tree" snapshot "$M" "$TMP/old"
		measured > "$TMP/measured"
		ring clear
		remount
		if cat "$file"; then exit 1; fi
		if pb apply "${WHAT[@]}" --yes > "$TMP/said" 2>&1; then exit 1; fi
		cat "$TMP/said"
		grep "cannot read '/usr/share/plain/sly': Required key not available; .*keyctl padd" "$TMP/said"
		ring add "$TMP/cert.der"
		old
		apply
		[ "$(cat "$file")" = 'sly 1' ]
		ring clear # what is in the way of an apply is in the way of no undo
		remount
		pb undo --yes
		ring add "$TMP/cert.der"
		old
		ring clear
	SCRIPT
}
