"""Connections the stand-in can break: its HTTP protocol, which remembers who is on the other end of each.

An ASGI app cannot reset a connection; the faults `reset` and `truncated` need one that breaks under an
answer. Owns only the way from an ASGI scope to its connection.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any, Final

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

Ends = tuple[tuple[str, int], tuple[str, int]]
"""A connection's two ends: address and port here, address and port there."""

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on, for 0 seconds: closing throws away what was not sent and resets the connection."""

_OPEN: Final[dict[Ends, asyncio.Transport]] = {}


class BreakableProtocol(H11Protocol):
    """uvicorn's HTTP protocol; its connections can be cut and reset by the scope of a request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection."""
        super().connection_made(transport)
        self._ends = _ends(transport.get_extra_info("sockname"), transport.get_extra_info("peername"))
        _OPEN[self._ends] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        _OPEN.pop(self._ends, None)
        super().connection_lost(exc)


def cut(scope: Scope) -> None:
    """Close the connection of a request after what was sent; raises KeyError where there is none."""
    _OPEN[_ends(scope["server"], scope["client"])].close()


def reset(scope: Scope) -> None:
    """Reset the connection of a request (TCP RST); raises KeyError where there is none."""
    transport = _OPEN[_ends(scope["server"], scope["client"])]
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


def _ends(here: Any, there: Any) -> Ends:
    return (here[0], here[1]), (there[0], there[1])
