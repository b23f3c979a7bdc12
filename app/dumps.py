"""No image of this process on the disk: what it holds in memory is a record.

Owns two switches of the system, thrown when a program of ours starts. A child process gets the first of them too; the
second one the system gives back when another program is started. What Python itself writes when it crashes
(faulthandler) names files, lines and functions, and no value.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

_PR_SET_DUMPABLE: Final = 4
"""prctl(2)"""


def forbid_core_dumps() -> None:
    """No core dump of this process, however it ends; on Linux no other process of this user may look into it either.

    On Windows crash dumps are the system's setting, not ours: there this does nothing.
    """
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # RLIMIT_CORE does not bind a kernel whose core_pattern is a pipe (systemd-coredump, apport): this does.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
