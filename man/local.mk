# SPDX-License-Identifier: GPL-2.0-or-later
# Man pages and the schema of --json. One line per page: dist_man_MANS += man/NAME.SECTION
dist_man_MANS += man/putback.8
dist_pkgdata_DATA = doc/schema/putback-1.json
