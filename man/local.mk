# SPDX-License-Identifier: GPL-2.0-or-later
# One line per page: dist_man_MANS += man/NAME.SECTION
dist_man_MANS +=
