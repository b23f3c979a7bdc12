"""Connecting to a record: the login in the system browser, and the way back from it (RFC 8252).

Owns the order: listen, open the provider's page, wait, take the tokens, fetch. What each answer is worth
is sync/login.py's; fetching is record.py's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from app.actions.progress import Progress
from app.actions.refreshing import Refreshed, connect_with
from app.journeys.desk import Desk
from app.screens.connecting import ConnectingEvents, ConnectingState
from crypto.errors import PassportError
from sync.login import Tokens, begin_login, finish_login
from sync.loopback import Goodbye, Listener, listening

WAIT: Final = timedelta(minutes=5)
"""How long a person may take on the login page."""

Fetch = Callable[[Callable[[Progress], None]], Refreshed]


@dataclass(slots=True)
class Connecting:
    """The login of one window. `fetched` shows how far fetching is and then Home."""

    desk: Desk
    fetched: Callable[[Fetch], Awaitable[None]]
    _listener: Listener | None = field(default=None, repr=False)
    _address: str = field(default="", repr=False)

    def events(self) -> ConnectingEvents:
        """What the screen calls."""
        return ConnectingEvents(again=self._open_page, stop=self.stop)

    async def begin(self) -> None:
        """Open the login page and wait for it behind the screen."""
        self.stop()
        self.desk.shell.busy(self.desk.words("busy.connecting"))
        self.desk.shell.start(self._connect)

    def stop(self) -> None:
        """Wait no more, where anything waits."""
        if self._listener is not None:
            self._listener.stop()

    async def _connect(self) -> None:
        desk, services = self.desk, self.desk.online
        passport = desk.passport
        tokens: Tokens | None = None
        try:
            tokens = await self._logged_in()
        except PassportError:
            if desk.is_open:
                raise
            return  # locked meanwhile: there is nobody to tell
        finally:
            if tokens is None and desk.is_open and isinstance(desk.shell.screen, ConnectingState):
                await desk.stay()
        if desk.is_open and desk.passport is passport:
            await self.fetched(lambda told: connect_with(passport, services, tokens, now=desk.now(), told=told))

    async def _logged_in(self) -> Tokens:
        desk, services = self.desk, self.desk.online
        async with listening(self._goodbye()) as listener:
            pending = await desk.work(
                begin_login, services.transport, services.profile, port=listener.port, path=listener.path
            )
            self._listener, self._address = listener, pending.address
            desk.shell.show(ConnectingState())
            try:
                await self._open_page()
                returned = await listener.answer(within=WAIT)
            finally:
                self._listener, self._address = None, ""
        return await desk.work(finish_login, services.transport, services.profile, pending, returned, now=desk.now())

    async def _open_page(self) -> None:
        if self._address:
            await self.desk.shell.open_page(self._address)

    def _goodbye(self) -> Goodbye:
        words = self.desk.words
        heading, text = words("connecting.done.title"), words("connecting.done.text")
        return Goodbye(heading, text, words.language, words.rtl)
