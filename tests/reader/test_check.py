"""`passport check` without a command line: what it reads, what it judges by, what it gives back."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.reader.check import CheckRequest, parse_time, run_check
from crypto.errors import NotACode, NotAllowed, TrustUnreadable
from tests.reader.made_up import GP, NOW, a_card


@pytest.fixture
def jwks(tmp_path: Path) -> Path:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [GP.key.public.to_jwk()]}))
    return path


@pytest.fixture
def card_file(tmp_path: Path) -> Path:
    path = tmp_path / "card.txt"
    path.write_text(a_card() + "\n")
    return path


def test_a_card_is_checked_by_its_issuers_own_keys(card_file: Path, jwks: Path) -> None:
    found = run_check(CheckRequest(str(card_file), jwks=jwks, iss=GP.issuer.iss), now=NOW)
    assert (found["verdict"], found["code"], found["issuer"]) == ("checked", "", GP.issuer.iss)
    steps = found["steps"]
    assert isinstance(steps, list)
    assert steps[1]["detail"] == "keys given by hand"
    assert [step["name"] for step in steps] == ["form", "list", "issuer", "signature", "time", "entries"]


def test_keys_count_for_their_own_issuer_only(card_file: Path, jwks: Path) -> None:
    found = run_check(CheckRequest(str(card_file), jwks=jwks, iss="https://other.example"), now=NOW)
    assert (found["verdict"], found["code"], found["issuer"]) == ("cannot-check", "issuer-unknown", None)


def test_standard_input_is_read_for_a_dash(monkeypatch: pytest.MonkeyPatch, jwks: Path) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(a_card().encode())))
    assert run_check(CheckRequest("-", jwks=jwks, iss=GP.issuer.iss), now=NOW)["verdict"] == "checked"


def test_without_any_list_the_verdict_is_cannot_check(card_file: Path) -> None:
    found = run_check(CheckRequest(str(card_file)), now=NOW)
    assert (found["verdict"], found["code"]) == ("cannot-check", "trust-too-old")


def test_keys_without_their_issuer_are_refused(card_file: Path, jwks: Path) -> None:
    with pytest.raises(NotAllowed, match="issuer whose keys"):
        run_check(CheckRequest(str(card_file), jwks=jwks), now=NOW)


def test_two_kinds_of_trust_at_once_are_refused(card_file: Path, jwks: Path, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="found both"):
        run_check(CheckRequest(str(card_file), trust=tmp_path, jwks=jwks, iss=GP.issuer.iss), now=NOW)


def test_a_folder_without_a_list_is_refused(card_file: Path, tmp_path: Path) -> None:
    with pytest.raises(TrustUnreadable, match="found none"):
        run_check(CheckRequest(str(card_file), trust=tmp_path), now=NOW)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\xff")
    with pytest.raises(NotACode, match="UTF-8"):
        run_check(CheckRequest(str(path)), now=NOW)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-23T12:00:00+01:00", datetime(2026, 11, 23, 11, tzinfo=UTC)),
        ("2026-11-23T12:00:00Z", NOW),
    ],
)
def test_a_time_is_read_with_its_zone_or_as_utc(text: str, at: datetime) -> None:
    assert parse_time(text) == at


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="tomorrow"):
        parse_time("tomorrow")
