"""A short seeded slice of build/fuzz.py over every parser, and that it would notice what it looks for."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from crypto.errors import Tampered

BUILD = Path(__file__).resolve().parents[2] / "build"
NAMES = [
    "jws", "jwe", "card", "update", "head", "cbor", "cose", "attestation",
    "numeric", "card-file", "shlink", "words", "recognise", "frame", "picture",
    "share", "proofs", "issuers", "vault-header", "record", "profile",
    "trust-1.root.json", "trust-timestamp.json", "trust-snapshot.json", "trust-targets.json", "trust-issuers.json",
]  # fmt: skip
RUNS = 150


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BUILD))
        return importlib.import_module("fuzz")


@pytest.fixture(scope="module")
def targets(fuzz: ModuleType) -> dict[str, object]:
    return dict(fuzz.targets())


def test_every_parser_has_its_slice(targets: dict[str, object]) -> None:
    assert list(targets) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_parser_takes_what_is_right(fuzz: ModuleType, targets: dict[str, object], name: str) -> None:
    """Else everything would be refused at the door, and the slice would show nothing."""
    target = targets[name]
    target.parse(target.seeds[0])  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NAMES)
def test_a_parser_lets_out_refusals_only(fuzz: ModuleType, targets: dict[str, object], name: str) -> None:
    assert fuzz.fuzz(name, targets[name], seed=20261123, runs=RUNS) == (RUNS, [])


def test_a_parser_that_lets_something_else_out_is_named(fuzz: ModuleType) -> None:
    def breaks(data: bytes) -> None:
        if b"\xff" in data:
            raise IndexError("planted")
        raise Tampered("as it must be")

    count, finds = fuzz.fuzz("planted", fuzz.Target(breaks, [b"abc"]), seed=1, runs=200)
    assert count == 200
    assert [(find.target, find.what) for find in finds] == [("planted", "IndexError: planted")]


def test_the_same_seed_gives_the_same_inputs(fuzz: ModuleType) -> None:
    def inputs(seed: int) -> list[bytes]:
        seen: list[bytes] = []
        fuzz.fuzz("any", fuzz.Target(seen.append, [b'{"a":[1,2]}', b"x.y.z"]), seed=seed, runs=50)
        return seen

    assert inputs(1) == inputs(1)
    assert inputs(1) != inputs(2)
