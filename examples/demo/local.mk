# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/demo builds its packages from.
EXTRA_DIST +=
