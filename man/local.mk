# SPDX-License-Identifier: GPL-2.0-or-later
# Man pages and the schema of --json. One line per page: dist_man_MANS += man/NAME.SECTION
dist_man_MANS += man/putback.8
dist_pkgdata_DATA = doc/schema/putback-1.json
bashcompdir = $(datadir)/bash-completion/completions
EXTRA_DIST += ARCHITECTURE.md completions/putback.bash
install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(bashcompdir)'
	$(INSTALL_DATA) $(srcdir)/completions/putback.bash '$(DESTDIR)$(bashcompdir)/putback'
uninstall-local:
	rm -f '$(DESTDIR)$(bashcompdir)/putback'
