/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/filesig.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/buf.h"
#include "base/failpoint.h"

int filesig_give(const struct op *op, int fd, struct error *err)
{
	cleanup_free char *shown = NULL;
	int saved;

	if (!op->filesig)
		return 0;
	if (fsetxattr(fd, XATTR_FILESIG, op->filesig->bytes, op->filesig->len, 0) < 0 ||
	    FAILPOINT("stage-filesig")) {
		if (errno == EOPNOTSUPP)
			return 0;
		saved = errno;
		shown = quoted(op->path);
		errno = saved;
		return err_errno(
			err,
			"cannot give the new '/%s' the signature (" XATTR_FILESIG
			") that its package has for it; leave the package out, or "
			"try from a rescue system without IMA",
			shown);
	}
	return 0;
}
