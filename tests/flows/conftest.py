"""The whole app in this process: a real window's session, a real passport on the disk, the stand-in without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import flet as ft
import pytest

from app.clock import Clock
from app.compose import open_window
from app.journeys.desk import Desk
from app.store.home import PassportHome
from app.store.household import Household
from crypto.vault_header import FLOOR
from tests.actions.made_up import PHRASE, SIAN, StandingClock, World
from tests.flows.driver import Driver


@dataclass(slots=True)
class WorldsClock(Clock):
    """The app's clock, standing where the stand-in's stands."""

    standing: StandingClock = field(default_factory=StandingClock)

    def now(self) -> datetime:
        return self.standing.at


def household(home: PassportHome) -> Household:
    """The household whose root is this home."""
    return Household(home.path, lambda path: home if path == home.path else PassportHome(path, home.keystore))


class Window(Driver):
    """A window of the app: what a person does there, in the words of the stories."""

    def __init__(self, world: World, home: PassportHome) -> None:
        super().__init__()
        self.world = world
        self.home = home
        self.desk: Desk | None = None

    async def opened(self) -> Window:
        async def main(page: ft.Page) -> None:
            clock = WorldsClock(standing=self.world.clock)
            self.desk = await open_window(page, household(self.home), self.world.services(), clock, UTC)
            self.desk.cost = lambda: FLOOR

        await self.start(main)
        return self

    async def closed(self) -> None:
        assert self.desk is not None
        self.desk.lock()
        await self.stop()

    async def quiet(self) -> None:
        """Wait for what runs behind the screen."""
        assert self.desk is not None
        if tasks := set(self.desk.shell.guard.tasks):
            await asyncio.wait(tasks)
        await self.settle()

    async def make_passport(self, phrase: str = PHRASE) -> None:
        await self.press("begin")
        await self.type_into("passphrase", phrase)
        await self.type_into("passphrase-again", phrase)
        await self.press("make")
        await self.keep_words()
        if self.shows("without-pin"):
            await self.press("without-pin")
        await self.press("not-now")

    def words_shown(self) -> list[str]:
        """The twelve recovery words, in order."""
        numbered = (text.split(". ", 1) for text in self.texts() if text[:1].isdigit() and ". " in text)
        return [word for _, word in sorted((int(number), word) for number, word in numbered)]

    def asked(self) -> list[int]:
        """The numbers of the words that are asked for."""
        return [int(text.removeprefix("Word ")) for text in self.texts() if text.startswith("Word ")]

    async def keep_words(self) -> list[str]:
        """From the recovery words past the proof that they were kept; gives them."""
        words = self.words_shown()
        await self.press("written-down")
        await self.prove(words)
        return words

    async def prove(self, words: list[str]) -> None:
        """Type the two words that are asked for."""
        for place, number in enumerate(self.asked(), 1):
            await self.type_into(f"proof-{place}", words[number - 1])
        await self.press("prove")

    async def first_run(self, person_id: str = SIAN) -> None:
        """From nothing to Home with a made-up person's record."""
        await self.make_passport()
        await self.press("add-try")
        await self.press(f"person-{person_id}")

    async def lock(self) -> None:
        await self.press("place-you")
        await self.press("lock")

    async def unlock(self, phrase: str = PHRASE) -> None:
        await self.type_into("passphrase", phrase)
        await self.press("unlock")
        await self.quiet()

    def first_entry(self) -> str:
        """The test id of the first entry in the list on the screen."""
        return self.identifiers("entry-")[0]

    def identifiers(self, beginning: str) -> list[str]:
        marked = [c.identifier or "" for c in self.controls() if isinstance(c, ft.Semantics)]
        return [identifier for identifier in marked if identifier.startswith(beginning)]

    def shows(self, identifier: str) -> bool:
        return identifier in self.identifiers(identifier)


Story = Callable[[Window], Awaitable[None]]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "state")


@pytest.fixture
def home(tmp_path: Path) -> PassportHome:
    return PassportHome(tmp_path / "home")


@pytest.fixture
def tell(world: World, home: PassportHome) -> Callable[[Story], None]:
    """Runs a story in a new window over `home`; the next story is the app started again."""

    def run(story: Story) -> None:
        async def whole() -> None:
            window = await Window(world, home).opened()
            try:
                await story(window)
                assert window.client.crashes == []
            finally:
                await window.closed()

        asyncio.run(whole())

    return run
