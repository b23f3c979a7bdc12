"""Bringing a passport back from a backup: the file, its words, a passphrase, and what is newer here.

Owns the order, and holds the file and the words only until the passport is open or the way is left.
"""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from app.actions.restoring import restore
from app.journeys.desk import Desk, Place
from app.journeys.record import Picked
from app.screens.passphrase import Choosing, PassphraseState
from app.screens.restoring import RestoreEvents, RestoreFileState, RestoreOlderState, RestoreWordsState
from app.ui.say import sentence
from crypto.backup import read_head
from crypto.errors import OlderBackup, PassphraseTooWeak, PassportError


@dataclass(slots=True)
class Restoring:
    """One window's way back from a backup. `start` is the first screen of all, `opened` Home."""

    desk: Desk
    pick: Callable[[], Awaitable[Picked | None]]
    start: Place
    opened: Place
    from_phone: Place
    _picked: Picked | None = field(default=None, repr=False)
    _words: str = field(default="", repr=False)
    _passphrase: str = field(default="", repr=False)
    _problem: str = ""

    def events(self) -> RestoreEvents:
        """What the screens call."""
        return RestoreEvents(
            pick=self.pick_file,
            from_phone=lambda: self.desk.go(self.from_phone),
            words=self._take_words,
            replace=self._replace,
            keep=self._keep,
            back=self.desk.back,
        )

    def forget(self) -> None:
        """The way was left, or went to its end."""
        self._picked, self._words, self._passphrase = None, "", ""

    async def begin(self) -> None:
        """What is needed."""
        self.forget()
        problem, self._problem = self._problem, ""
        self.desk.shell.show(RestoreFileState(problem))

    async def pick_file(self) -> None:
        """Choose a backup file."""
        picked = await self.pick()
        self.desk.shell.require_current()
        if picked is not None:
            await self._take(picked)

    async def take(self, data: bytes) -> None:
        """Go on with a backup that came from another phone."""
        await self._take(("", data))

    async def _take(self, picked: Picked) -> None:
        desk = self.desk
        desk.shell.busy(desk.words("busy.opening-backup"))
        try:
            await desk.work(read_head, io.BytesIO(picked[1]))
        except PassportError as refusal:
            self._problem = sentence(refusal, desk.words)
            await desk.start_along(self.start, self.begin)
            return
        self._picked = picked
        await desk.start_along(self.start, self.begin, self._ask_words)

    async def _ask_words(self, problem: str = "") -> None:
        if self._picked is None:
            await self.desk.back()
            return
        self.desk.shell.show(RestoreWordsState(self._picked[0], problem))

    async def _take_words(self, words: str) -> None:
        desk = self.desk
        if self._picked is None:
            await desk.back()
            return
        desk.shell.busy(desk.words("busy.opening-backup"))
        try:
            await desk.work(_require_words, self._picked[1], words)
        except PassportError as refusal:
            await self._ask_words(sentence(refusal, desk.words))
            return
        self._words = words
        await desk.go(self._choose)

    async def _choose(self) -> None:
        self.desk.shell.show(PassphraseState(Choosing.RESTORE))

    async def restore(self, passphrase: str, *, replace: bool = False) -> None:
        """Put the backup in its place with this passphrase, and open it."""
        desk = self.desk
        if self._picked is None:
            await desk.start_along(self.start, self.begin)
            return
        desk.shell.busy(desk.words("busy.restoring"))
        data, now = self._picked[1], desk.now()
        try:
            elsewhere = await desk.work(desk.vaults_elsewhere)
            passport = await desk.stretched(
                restore, desk.home, data, self._words, passphrase, now=now, replace=replace, elsewhere=elsewhere
            )
        except OlderBackup:
            self._passphrase = passphrase
            await desk.replace(self._ask_older)
            return
        except PassphraseTooWeak as refusal:
            desk.shell.show(PassphraseState(Choosing.RESTORE, sentence(refusal, desk.words)))
            return
        except PassportError as refusal:
            self._problem = sentence(refusal, desk.words)
            await desk.start_along(self.start, self.begin)
            return
        self.forget()
        desk.open(passport)
        await self.opened()

    async def _ask_older(self) -> None:
        self.desk.shell.show(RestoreOlderState())

    async def _replace(self) -> None:
        passphrase, self._passphrase = self._passphrase, ""
        await self.restore(passphrase, replace=True)

    async def _keep(self) -> None:
        self.forget()
        await self.desk.start_at(self.start)


def _require_words(data: bytes, words: str) -> None:
    """Asked for before the passphrase: who typed twelve words wrong should not have typed that too."""
    read_head(io.BytesIO(data)).open_with_recovery(words)
