"""Inclusion and consistency proofs of transparency-dev/merkle: 195 of 196 as it says; the other one is named."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crypto import merkle
from crypto.errors import Tampered

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "rfc6962" / "testdata"

pytestmark = [pytest.mark.outside, pytest.mark.usefixtures("vectors")]

KNOWN_DIFFERENT = {"consistency/additional/sizes-are-equal-one-and-proof-is-empty.json"}
"""It gives roots that are no hashes (not 32 bytes); ours refuses those before anything else."""


def data(text: str | None) -> bytes:
    return base64.b64decode(text) if text else b""


def inclusion(case: dict[str, Any]) -> None:
    path = [data(step) for step in case["proof"] or []]
    merkle.verify_inclusion(data(case["leafHash"]), case["leafIdx"], case["treeSize"], path, data(case["root"]))


def consistency(case: dict[str, Any]) -> None:
    path = [data(step) for step in case["proof"] or []]
    merkle.verify_consistency(case["size1"], case["size2"], path, data(case["root1"]), data(case["root2"]))


def refused(check: Callable[[dict[str, Any]], None], case: dict[str, Any]) -> bool:
    try:
        check(case)
    except Tampered:
        return True
    return False


@pytest.mark.parametrize(("kind", "check"), [("inclusion", inclusion), ("consistency", consistency)])
def test_every_published_proof_is_taken_as_it_says(kind: str, check: Callable[[dict[str, Any]], None]) -> None:
    files = sorted((FOLDER / kind).rglob("*.json"))
    assert len(files) == 98
    different = set()
    for file in files:
        case = json.loads(file.read_text(encoding="utf-8"))
        if refused(check, case) != case["wantErr"]:
            different.add(file.relative_to(FOLDER).as_posix())
    assert different == {name for name in KNOWN_DIFFERENT if name.startswith(kind)}
