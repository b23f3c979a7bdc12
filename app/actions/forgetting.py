"""Making it less likely that a locked passport is still found in this process's memory.

Owns what can be done from Python: collecting what nobody holds any more, writing zeroes over what was freed, giving
free pages back to the system. It is no erasure, and nothing is promised: `build/memory.py` counts what is left, and
crypto/THREATS.md says it ("Memory after locking").
"""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Final

_SMALL: Final = range(48, 513, 16)
"""Python's own allocator: one size class for each 16 bytes up to 512; it never writes over what is freed."""

_LARGE: Final = (528, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 16384, 32768, 65536)
"""Sizes for which Python asks the C library."""

_EACH_BYTES: Final = 1 << 20
_WHOLE_BYTES: Final = 16 << 20

_CACHED: Final = range(24, 1041, 16)
"""glibc keeps some freed blocks of each of these sizes for each thread, out of reach of M_PERTURB and malloc_trim."""

_CACHED_EACH: Final = 32
_COLLECTED_AFTER: Final = (50_000, 20, 50)
"""Of each generation; Python's own are 700, 10 and 10. A lock collects all of it at once (`forget_freed`)."""

_M_PERTURB, _M_ARENA_MAX, _NOT_ZERO = -6, -8, 0xA5
"""mallopt(3)"""


def write_over_what_is_freed() -> None:
    """From now on the C library writes over most of what SQLite, OpenSSL and Python free; call it at the start.

    glibc only. One arena for all threads, so that what one of them freed is within reach of the one that locks.
    """
    library = _glibc()
    if library is not None:
        library.mallopt(_M_ARENA_MAX, 1)
        library.mallopt(_M_PERTURB, _NOT_ZERO)


def collect_seldom() -> None:
    """Look for what holds itself only after so many new objects; call it at the start.

    Reading a long record makes millions that all stay: looking through them again and again took a third of the time.
    """
    gc.set_threshold(*_COLLECTED_AFTER)


def forget_freed() -> None:
    """Collect, write over what is free, and give it back. Some ten milliseconds; never on the event loop.

    Call it in the thread that closed the store: what a thread freed last it keeps for itself.
    """
    gc.collect()
    for size in (*_SMALL, *_LARGE):
        _write_over(size, _EACH_BYTES)
    _write_over(512, _WHOLE_BYTES)  # what is free as a whole serves any size
    library = _glibc()
    if library is not None:
        _empty_cache(library)
        library.malloc_trim(0)


def _write_over(size: int, whole: int) -> None:
    """Take so many bytes in blocks of this size, full of zeroes, and free them again."""
    inside = size - sys.getsizeof(b"")
    blocks = [b"\0" * inside for _ in range(whole // size)]
    blocks.clear()


def _empty_cache(library: ctypes.CDLL) -> None:
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    for size in _CACHED:
        blocks = [library.malloc(size) for _ in range(_CACHED_EACH)]
        for block in filter(None, blocks):
            ctypes.memset(block, 0, size)
            library.free(block)


def _glibc() -> ctypes.CDLL | None:
    """The C library where it is glibc; elsewhere there are no such switches."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None
