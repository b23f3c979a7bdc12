"""An older copy of the folder put back: the window shows it, writes nothing into it, and an update puts it right."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.store.home import PassportHome
from crypto.vault_header import FLOOR
from tests.actions.made_up import AMARA, World, with_asthma_called
from tests.flows.conftest import Story, Window
from tests.store.keystores import MemoryKeystore

Tell = Callable[[Story], None]
NEWS = "Asthma, quiet for years"


@pytest.fixture
def home(tmp_path: Path) -> PassportHome:
    return PassportHome(tmp_path / "home", MemoryKeystore())


@pytest.fixture
def put_back(tell: Tell, world: World, home: PassportHome, tmp_path: Path) -> None:
    """A passport that had the news, in a folder as it was before them."""

    async def made(window: Window) -> None:
        await window.first_run(AMARA)
        await window.lock()

    async def updated(window: Window) -> None:
        await window.unlock()
        await window.quiet()
        await window.lock()

    tell(made)
    shutil.copytree(home.path, tmp_path / "copy")
    world.clock.forward(days=1)
    world.sign(AMARA, "gp", with_asthma_called(NEWS))
    tell(updated)
    shutil.rmtree(home.path)
    shutil.copytree(tmp_path / "copy", home.path)


@pytest.mark.usefixtures("put_back")
def test_it_is_read_without_a_signal_and_an_update_puts_it_right(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        assert window.desk is not None
        await window.unlock()
        passport = window.desk.passport
        assert passport.rolled_back
        before = passport.store.age()
        assert window.heading() != ""
        await window.press("section-conditions")
        assert window.identifiers("entry-")
        await window.press("place-home")
        assert passport.rolled_back
        assert passport.store.age().head == before.head
        assert passport.store.search("quiet for years").entries == ()
        world.bring_back()
        await window.press("update")
        await window.quiet()
        assert not passport.rolled_back
        assert len(passport.store.search("quiet for years").entries) == 1

    world.lose()
    tell(story)


def test_a_passport_is_made_with_the_cost_of_its_desk(tell: Tell, home: PassportHome) -> None:
    async def story(window: Window) -> None:
        await window.make_passport()

    tell(story)
    (kdf,) = [slot["kdf"] for slot in json.loads(home.read_header())["slots"] if "kdf" in slot]
    assert (kdf["m"], kdf["t"], kdf["p"]) == (FLOOR.memory_kib, FLOOR.passes, FLOOR.lanes)
