#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --run-scriptlets: in the root, after the files, in the order and with the arguments of rpm's own downgrade.

setup() {
	load lib
	unshare -m true 2> "$TMP/err" || skip 'no mount namespaces here'
	RPM_OPTIONS=(--nodeps)
	new_root "$R"
	shell "$R"
	lab_install scriptlets
	lab_update
	: > "$R/log"
	settle
}

# A program of the host with what it needs, as the root's own.
program() { # ROOT NAME
	local lib
	for lib in $(ldd "$(command -v "$2")" | grep -o '/[^ ]*'); do
		mkdir -p "$1${lib%/*}"
		cp -L "$lib" "$1$lib"
	done
	cp -L "$(command -v "$2")" "$1/bin/$2"
}

shell() { # ROOT
	mkdir -p "$1/bin" "$1/proc" "$1/dev"
	program "$1" sh
}

# Every scriptlet is what standard input says, instead.
instead() {
	mv "$R/bin/sh" "$R/bin/sh.real"
	{ echo '#!/bin/sh.real' && cat; } > "$R/bin/sh"
	chmod 755 "$R/bin/sh"
}

@test "order and arguments are those of rpm -U --oldpackage" {
	need_rpm 4.17 # before, %posttrans had another argument
	cp -a "$R" "$TMP/by-rpm"
	rpmr "$TMP/by-rpm" -U --oldpackage --nodeps "$V1"/*.rpm > "$TMP/out"
	[ "$(wc -l < "$TMP/by-rpm/log")" -ge 12 ]
	pb apply scriptlets-1-1 scriptlets-watcher-1-1 --yes --run-scriptlets
	assert_exit 0
	diff -U 6 "$TMP/by-rpm/log" "$R/log"
	pb log 1
	assert_says '%post of scriptlets-1-1' '/bin/sh 2' 'said by post 1' ': ok'
	pb log 1 --json
	assert_jq '.transactions[0].scriptlets | length >= 12' '.transactions[0].scriptlets[0] | .kind == "%pretrans" and .result == "ok"'
}

@test "one package alone: the triggers of the other that stays" {
	need_rpm 4.17
	cp -a "$R" "$TMP/by-rpm"
	rpmr "$TMP/by-rpm" -U --oldpackage --nodeps "$V1"/scriptlets-1-1.*.rpm > "$TMP/out"
	pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 0
	diff -U 6 "$TMP/by-rpm/log" "$R/log"
}

@test "a removal" {
	need_rpm 4.17
	cp -a "$R" "$TMP/by-rpm"
	rpmr "$TMP/by-rpm" -e scriptlets > "$TMP/out"
	echo scriptlets-watcher-2-1 | sed 's/$/.x86_64/' > "$TMP/list"
	rpmr "$R" -qa --qf '%{NEVRA}\n' | grep -v -e '^scriptlets-2' -e gpg-pubkey > "$TMP/list"
	pb apply --manifest "$TMP/list" --exact --yes --run-scriptlets
	assert_exit 0
	diff -U 6 "$TMP/by-rpm/log" "$R/log"
}

# What rpm 4.20 itself did with the same two packages.
@test "the root's own rpm says which rules there are" {
	build_package ownrpm 1
	build_package ownrpm 2
	for new in 2 1; do
		rpmr "$R" -U --oldpackage --nodeps "$CACHE"/v$new/ownrpm/rpm-*.rpm
		: > "$R/log"
		pb apply scriptlets-1-1 scriptlets-watcher-1-1 --yes --run-scriptlets
		assert_exit 0
		cp "$R/log" "$TMP/log.$new"
		pb undo --yes --force
		assert_exit 0
	done
	grep filetrigger "$TMP/log.2" | diff - <(cat <<-LOG
		watcher-transfiletriggerun 2 1
		watcher-filetriggerin 1 2 1
		watcher-filetriggerin-high 1 2 1
		watcher-filetriggerin 2 2 2
		watcher-filetriggerin 1 2 2
		watcher-filetriggerin-high 2 2 2
		watcher-filetriggerin-high 1 2 2
		watcher-filetriggerun 2 1 2
		watcher-filetriggerun 1 1 1
		watcher-filetriggerpostun 1 1 1
		watcher-transfiletriggerpostun 1 1
		watcher-transfiletriggerin 1 2
	LOG
	)
	grep -x 'posttrans 1 2' "$TMP/log.2"
	grep -x 'posttrans 1 1' "$TMP/log.1"
	grep -x 'watcher-filetriggerin 2 0' "$TMP/log.1"
}

@test "without the option nothing of the root runs" {
	pb apply scriptlets-1-1 --yes
	assert_exit 0
	[ ! -s "$R/log" ]
	assert_says 'were not run'
}

@test "one that fails is named, and the next one runs" {
	rm "$R/log"
	mkdir "$R/log"
	pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 7
	assert_says '%pre of scriptlets-1-1' '%posttrans of scriptlets-1-1' 'ended with status'
	run -0 rpmr "$R" -q scriptlets-1-1
	pb log 1
	assert_says 'ended with status'
}

@test "a shell that is not there is told, and the rest is done" {
	rm "$R/bin/sh"
	pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 7
	assert_says 'cannot run /bin/sh'
	run -0 rpmr "$R" -q scriptlets-1-1
}

@test "undo does not mind what scriptlets wrote elsewhere" {
	pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 0
	pb undo --yes
	assert_exit 0
	run -0 rpmr "$R" -q scriptlets-2-1
}

@test "Lua is rpm's own, and is named" {
	lab scripts
	find "$R" -name 'ran-*' | sort > "$TMP/ran"
	pb apply scripts-1-1 --yes --run-scriptlets
	assert_exit 7
	assert_says '%post of scripts-1-1.noarch: not run: it is Lua' 'that run afterwards'
	find "$R" -name 'ran-*' | sort | diff "$TMP/ran" -
}

@test "a scriptlet has the root as its world, and no way out of it" {
	instead <<-SH
		[ ! -e "$TMP" ] || echo ESCAPED >> /log
		[ ! -e /proc/1/root/home ] || [ ! -e "/proc/1/root$TMP" ] || echo ESCAPED >> /log
		echo "pid \$\$" >> /log
		for d in /dev/*; do echo "\$d" >> /log; done
		while read -r line; do echo "net \$line"; done < /proc/net/dev >> /log
		while read -r line; do echo "\$line"; done < /proc/self/status >> /log
	SH
	pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 0
	run -1 grep ESCAPED "$R/log"
	grep -q '^pid 1$' "$R/log"
	grep -q '^/dev/null$' "$R/log"
	run -1 grep -e '^/dev/sd' -e '^/dev/vd' -e '^/dev/mem' -e '^/dev/dm' "$R/log"
	[ "$(grep -c '^net .*:' "$R/log")" = "$(grep -c '^net lo:' "$R/log")" ]
	# CAP_SYS_ADMIN, CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_PTRACE, CAP_NET_ADMIN
	caps=0x$(sed -n 's/^CapBnd:[^0-9a-f]*//p' "$R/log" | head -1)
	[ $((caps & (1 << 21 | 1 << 16 | 1 << 17 | 1 << 19 | 1 << 12))) = 0 ]
	[ ! -e "$R/dev/null" ]
	[ -z "$(ls "$R/proc")" ]
}

@test "a scriptlet can neither make a device nor open one that lies in the root" {
	mknod "$R/node" c 1 3 2> "$TMP/err" && : < "$R/node" || skip 'no device can be made here'
	program "$R" mknod
	instead <<-'SH'
		mknod /made c 1 3 >> /log 2>&1 && echo MADE >> /log
		(: < /node) >> /log 2>&1 && echo OPENED >> /log
		mknod /dev/made c 1 3 2> /dev/null && echo MADE >> /log
		exit 0
	SH
	pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 0
	run -1 grep -e MADE -e OPENED "$R/log"
	grep '/made.*Operation not permitted' "$R/log"
	grep '/node.*Permission denied' "$R/log"
	[ ! -e "$R/made" ]
}

@test "a scriptlet cannot fill the host's memory by way of its /dev" {
	instead <<-'SH'
		x=0123456789abcdef i=0
		while [ ${#x} -lt 1000000 ]; do x=$x$x; done
		while [ $i -lt 40 ] && printf %s "$x"; do i=$((i + 1)); done > /dev/fill 2>> /log
		[ $i -lt 40 ] || echo FILLED >> /log
	SH
	pb apply scriptlets-1-1 --yes --run-scriptlets
	run -1 grep FILLED "$R/log"
	grep -i 'no space\|I/O error' "$R/log"
}

@test "the plain devices are there for every user" {
	need setpriv
	program "$R" setpriv
	instead <<-'SH'
		setpriv --reuid 65534 --clear-groups /bin/sh.real -c '
			for d in null zero full random urandom; do : < /dev/$d || exit; done
			: > /dev/null && : > /dev/zero && echo could
			[ -w /dev/tty ] && echo might' >> /log 2>&1
		exit 0
	SH
	pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 0
	grep -x could "$R/log"
	grep -x might "$R/log"
}

# Opened, but not written to, should it open.
@test "a scriptlet can set nothing of the kernel" {
	mkdir "$R/sys"
	instead <<-'SH'
		for f in /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sysrq-trigger \
			/proc/irq/default_smp_affinity /sys/kernel/uevent_helper /sys/power/state /sys/kernel/profiling; do
			[ ! -e $f ] || (: >> $f) 2> /dev/null && [ -e $f ] && echo "OPENED $f" >> /log
			[ ! -e $f ] || echo "saw $f" >> /log
		done
		while read -r line; do echo "key $line"; done < /proc/keys >> /log
		echo 0 > /proc/self/oom_score_adj && echo "its own" >> /log
		read -r version < /proc/sys/kernel/osrelease && echo "reads $version" >> /log
		exit 0
	SH
	run --separate-stderr timeout 60 unshare -m sh -c 'mount --rbind /sys "$1/sys" && shift && exec "$@"' - "$R" \
		"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 0
	run -1 grep -e OPENED -e '^key' "$R/log"
	grep -x 'saw /proc/sys/kernel/core_pattern' "$R/log"
	grep '^saw /sys/' "$R/log"
	grep -x 'its own' "$R/log"
	grep -x "reads $(uname -r)" "$R/log"
}

# A shell that says by a pipe that it runs, and never ends: the pipe does, with the last process of the scriptlet.
@test "a putback that is killed takes its scriptlet with it" {
	mv "$R/bin/sh" "$R/bin/sh.real"
	printf '#!/bin/sh.real\nexec > /pipe\necho begun\nwhile :; do :; done\n' > "$R/bin/sh"
	chmod 755 "$R/bin/sh"
	mkfifo "$R/pipe"
	"$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply scriptlets-1-1 --yes --run-scriptlets \
		> "$TMP/out" 2>&1 < /dev/null 3>&- &
	export PID=$!
	run -0 timeout 60 bash -c 'exec < "$1"; read -r line; kill -KILL "$PID"; cat; echo "$line, ended"' - "$R/pipe"
	[ "$output" = 'begun, ended' ]
	wait "$PID" || [ $? = 137 ]
	were_cut_off "%pretrans of scriptlets-1-1.$(uname -m) had begun"
	pb log 1
	assert_says "%pretrans of scriptlets-1-1.$(uname -m) (/bin/sh 2): begun, and its end is not on record" \
		"%pre of scriptlets-1-1.$(uname -m) (/bin/sh 2): not run: its turn did not come"
	pb undo --yes
	assert_exit 0
	is_silent
}

# After transaction 1: everybody who is asked says so.
were_cut_off() { # TEXT
	local command
	for command in survey 'recover --yes'; do
		# shellcheck disable=SC2086
		pb $command
		assert_exit 7
		assert_says 'scriptlets of transaction 1 have not come to their end' 'putback log 1' "$@"
	done
	pb log
	assert_says 'scriptlets CUT OFF'
	pb log 1
	assert_says 'of them CUT OFF' 'putback undo 1' 'rpm -q --scripts'
	for command in log 'log 1' survey; do
		# shellcheck disable=SC2086
		pb $command --json
		"$HERE/../schema/check.py" "$HERE/../../doc/schema/putback-1.json" <<< "$output" || tell 'not as the schema says'
		assert_jq '.transactions[0].scriptlets_left > 0'
	done
}

is_silent() {
	pb survey
	refute_says 'have not come to their end'
	pb recover --yes
	assert_exit 0
	refute_says 'have not come to their end'
}

need_places() { [ -n "${PUTBACK_FAILPOINTS-}" ] || skip 'a build without failpoints (configure --enable-failpoints)'; }

@test "killed between two scriptlets: which were run, and which were not" {
	need_places
	PUTBACK_FAILPOINT=scriptlet-noted:3=kill pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 137
	were_cut_off
	pb log 1 --json
	assert_jq '.transactions[0] | .scriptlets_left == (.scriptlets | length) - 2' \
		'.transactions[0].scriptlets | [.[0:4][].result] == ["ok", "ok", "begun, and its end is not on record", "not run: its turn did not come"]'
	pb undo --yes
	assert_exit 0
	is_silent
	pb apply scriptlets-1-1 --yes --run-scriptlets # as is advised
	assert_exit 0
	is_silent
	pb log 2 --json
	assert_jq '[.transactions[0].scriptlets[].result] | unique == ["ok"]'
}

@test "killed before the first scriptlet, as the files are put back: recover says that none was run" {
	need_places
	PUTBACK_FAILPOINT=commit-exchanged:2=kill pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 137
	pb survey
	refute_says 'have not come to their end' # nor have the files
	pb recover --yes
	assert_exit 7
	assert_says 'is done' 'scriptlets of transaction 1 have not come to their end'
	were_cut_off
	pb log 1 --json
	assert_jq '.transactions[0] | .scriptlets_left == (.scriptlets | length)'
	pb forget 1 --yes
	assert_exit 0
	is_silent
}

@test "what never was had no scriptlets" {
	need_places
	pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 0
	sqlite3 "$R/.putback/journal.sqlite" 'select key, value from meta' > "$TMP/rows"
	PUTBACK_FAILPOINT=ready=kill pb apply scriptlets-watcher-1-1 --yes --run-scriptlets
	assert_exit 137
	sqlite3 "$R/.putback/journal.sqlite" 'select key from meta' | grep 'scriptlet 2'
	pb recover --yes
	assert_exit 0
	sqlite3 "$R/.putback/journal.sqlite" 'select key, value from meta' | diff "$TMP/rows" -
}

@test "a note that is not written is written with the next; the last one is told" {
	need_places
	PUTBACK_FAILPOINT=scriptlet-noted:2=EIO pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 0
	pb log 1 --json
	assert_jq '[.transactions[0].scriptlets[].result] | unique == ["ok"]'
	last=$(($(jq '.transactions[0].scriptlets | length' <<< "$output") + 1))
	pb undo --yes
	assert_exit 0
	PUTBACK_FAILPOINT=scriptlet-noted:$last=EIO pb apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 7
	assert_says 'the journal does not hold how scriptlets went'
}

# The signal once the scriptlet says by a pipe that it runs; python, for a shell has SIGINT ignored in the background.
stopped_by() { # SIGNAL
	instead <<-'SH'
		echo 'and on' # before anybody can stop it
		echo begun > /pipe
		while :; do echo 'and on'; done
	SH
	mkfifo "$R/pipe"
	run --separate-stderr timeout 60 /usr/bin/python3 -c '
import signal, subprocess, sys
pipe, number, *command = sys.argv[1:]
p = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=lambda: signal.signal(int(number), signal.SIG_DFL))
with open(pipe) as f:
    f.readline()
p.send_signal(int(number))
try:
    sys.exit(p.wait(30))
except subprocess.TimeoutExpired:
    p.kill()
    sys.exit("it goes on")' "$R/pipe" "$1" "$PUTBACK" --root "$R" --from "$V1" --key "$KEY" apply scriptlets-1-1 --yes --run-scriptlets
	assert_exit 7
	assert_says "%pretrans of scriptlets-1-1.$(uname -m): it was stopped as asked for" \
		"%pre of scriptlets-1-1.$(uname -m): not run: stopped as asked for" \
		"%posttrans of scriptlets-1-1.$(uname -m): not run: stopped as asked for" ' 0 of '
	run -0 rpmr "$R" -q scriptlets-1-1
	pb log 1
	assert_says 'it was stopped as asked for' 'and on'
	[ -z "$(ls "$R/dev")" ]
}

@test "Ctrl-C ends a scriptlet that speaks without end; the others are not run, and the transaction stands" { stopped_by 2; }
@test "SIGTERM does so too" { stopped_by 15; }
