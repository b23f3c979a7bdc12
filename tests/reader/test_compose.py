"""The reader's list of organisations: fetched, kept, believed again offline, left aside when it is damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.clock import monotonic, system_now
from app.reader.compose import TrustKeeper
from crypto.errors import NetworkUnavailable, TrustRolledBack
from crypto.trust import Floors
from sync.profile import Profile, load_profile
from sync.sandbox.in_process import InProcess
from sync.sandbox.stand_in import NAMES, StandIn, assemble
from sync.transport import Transport


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    addresses = {name: f"http://127.0.0.1:{8100 + place}" for place, name in enumerate(NAMES)}
    return assemble(tmp_path / "stand-in", addresses=addresses, people=[], now=system_now)


@pytest.fixture
def profile(stand_in: StandIn, tmp_path: Path) -> Profile:
    path = tmp_path / "stand-in" / "profile.json"
    assert json.loads(path.read_text())["made_up"] is True
    return load_profile(path)


def keeper(folder: Path, profile: Profile, stand_in: StandIn | None) -> TrustKeeper:
    """A keeper with the stand-in before it, or with no network at all."""
    wire = InProcess({} if stand_in is None else stand_in.by_address())
    return TrustKeeper(folder, profile, Transport(monotonic=monotonic, http=wire), system_now)


def test_a_fetched_list_is_believed_again_without_a_network(
    tmp_path: Path, profile: Profile, stand_in: StandIn
) -> None:
    first = keeper(tmp_path / "trust", profile, stand_in)
    first.start()
    assert first.trust is None
    fetched = first.renew()
    offline = keeper(tmp_path / "trust", profile, None)
    offline.start()
    assert offline.trust is not None
    assert offline.trust.issuers.keys() == fetched.issuers.keys()
    assert offline.floors == fetched.floors
    with pytest.raises(NetworkUnavailable):
        offline.renew()
    assert offline.trust is not None


def test_a_damaged_list_is_left_aside_and_fetched_again(
    tmp_path: Path, profile: Profile, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    keeper(tmp_path / "trust", profile, stand_in).renew()
    path = tmp_path / "trust" / "issuers.json"
    path.write_bytes(path.read_bytes().replace(b"Oak Lane", b"Oaf Lane"))
    again = keeper(tmp_path / "trust", profile, stand_in)
    again.start()
    assert again.trust is None
    assert "Tampered" in capsys.readouterr().err
    assert again.renew().issuers


def test_a_list_older_than_one_seen_before_is_not_used(tmp_path: Path, profile: Profile, stand_in: StandIn) -> None:
    behind = keeper(tmp_path / "trust", profile, stand_in)
    behind.floors = Floors(timestamp=99)
    with pytest.raises(TrustRolledBack):
        behind.renew()
    assert behind.trust is None
    assert not (tmp_path / "trust").exists()


def test_a_list_from_another_root_is_left_aside(
    tmp_path: Path, profile: Profile, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    keeper(tmp_path / "trust", profile, stand_in).renew()
    root = tmp_path / "trust" / "1.root.json"
    root.write_bytes(root.read_bytes() + b" ")
    again = keeper(tmp_path / "trust", profile, stand_in)
    again.start()
    assert again.trust is None
    assert "TrustNotSigned" in capsys.readouterr().err
