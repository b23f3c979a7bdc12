"""The whole stand-in without sockets, with one made-up person whom both holders know."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.profile import Profile, load_profile
from sync.sandbox.in_process import InProcess
from sync.sandbox.people import HeldBundle, HolderKind, MadeUpPerson
from sync.sandbox.stand_in import NAMES, StandIn, assemble
from sync.transport import Transport

ADDRESSES = {name: f"http://127.0.0.1:{8101 + number}" for number, name in enumerate(NAMES)}


def bundle_of(note: str) -> bytes:
    patient = {"resourceType": "Patient", "birthDate": "1959-03-01"}
    entries = [{"resource": patient}, {"resource": {"resourceType": "Basic", "id": note}}]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


@pytest.fixture
def mair() -> MadeUpPerson:
    surgery, hospital = HeldBundle("3.0.1", bundle_of("surgery")), HeldBundle("4.0.1", bundle_of("hospital"))
    held: dict[HolderKind, HeldBundle] = {"gp": surgery, "hospital": hospital}
    return MadeUpPerson("mair", "Mair Testing, 67", "9990000026", "1959-03-01", "Siôn", ("Mair",), held)


@pytest.fixture
def assembled(tmp_path: Path, clock: Any) -> Callable[..., StandIn]:
    return lambda *people: assemble(tmp_path / "state", addresses=ADDRESSES, people=people, now=clock)


@pytest.fixture
def reach(over: Callable[[httpx.BaseTransport], Transport]) -> Callable[[StandIn], Transport]:
    return lambda stand_in: over(InProcess(stand_in.by_address()))


@pytest.fixture
def written_profile(tmp_path: Path) -> Callable[[], Profile]:
    return lambda: load_profile(tmp_path / "state" / "profile.json")
