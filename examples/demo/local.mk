# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts/demo builds its packages from.
EXTRA_DIST += \
	examples/demo/base.spec \
	examples/demo/greet.spec \
	examples/demo/libc.spec
