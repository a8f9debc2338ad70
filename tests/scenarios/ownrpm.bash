# SPDX-License-Identifier: GPL-2.0-or-later
#
# A root with an rpm of its own, which is a copy of the host's (byroot.bats, ndb.bats).
#
#	own_rpm ROOT KIND	rpmdb, and what it needs to rebuild an rpmdb of that kind; a shell, and cp

program() { # ROOT NAME: of the host, with what it needs, in /usr/bin
	local path lib
	path=$(command -v "$2")
	mkdir -p "$1/usr/bin"
	cp -L "$path" "$1/usr/bin/$2"
	for lib in $(ldd "$path" | grep -o '/[^ ]*'); do
		mkdir -p "$1${lib%/*}"
		cp -L "$lib" "$1$lib"
	done
}

own_rpm() {
	local program config macros
	config=$(rpm -E %_rpmconfigdir)
	macros=$1$(rpm -E %_sysconfdir)/rpm
	mkdir -p "$1/proc" "$1/dev" "$1$config" "$macros"
	for program in rpmdb sh cp; do program "$1" "$program"; done
	cp -a "$config/macros" "$config/rpmrc" "$config/macros.d" "$1$config/"
	echo "%_db_backend $2" > "$macros/macros"
}
