"""A new passport at the cheapest cost, and the world it talks to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.actions.far_side import Services
from app.actions.session import Passport, create_passport
from app.store.home import PassportHome
from crypto.vault_header import FLOOR
from tests.actions.made_up import PHRASE, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "state")


@pytest.fixture
def services(world: World) -> Services:
    return world.services()


@pytest.fixture
def fresh(tmp_path: Path, world: World) -> Iterator[Passport]:
    """A passport with nothing in it."""
    passport, _ = create_passport(PassportHome(tmp_path / "home"), PHRASE, now=world.now, cost=FLOOR)
    yield passport
    passport.lock()
