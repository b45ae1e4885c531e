"""python container.py CALLS COMMAND...: run a command where the kernel refuses system calls, as a container does.

CALLS: names, separated by commas. A refused call fails as one that the kernel does not have, for all that is started.
"""

from __future__ import annotations

import errno
import os
import sys

import pyseccomp

rules = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
for name in sys.argv[1].split(","):
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), name)
rules.load()
os.execv(sys.argv[2], sys.argv[2:])
