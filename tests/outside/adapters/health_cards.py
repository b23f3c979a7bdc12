"""SMART Health Cards: the published examples and the published mistakes, each token one case.

Cards: HL7/smart-health-cards-and-links (examples) and smart-on-fhir/health-cards-dev-tools (testdata). What a
file's name calls wrong is bad. Which refusal each gets: test_health_cards.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from crypto import card, jws
from crypto.trust import TrustList
from tests.outside.adapters.case import Case
from tests.vectors.read import trust

ISS = "https://spec.smarthealth.cards/examples/issuer"
KID = "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s"
WITHIN = datetime(2025, 5, 1, tzinfo=UTC)
"""Within the time of all published examples."""

IN_SEVERAL_CODES = "one card in several codes was given up in 2022"
ABOUT_THE_BUNDLE = "rightly signed: Resource.meta is asked of issuers, not of readers"


def cards(folder: Path) -> Iterator[Case]:
    """Tokens in text files, and each token of a card file."""
    keys = _published(folder)
    for path in _found(folder, "*jws*.txt"):
        skip = ABOUT_THE_BUNDLE if "bad-fhir-metadata" in path.name else ""
        yield Case(path.name, _good(path), partial(_open, path.read_text(encoding="utf-8"), keys, folder), skip)
    for path in _found(folder, "*.smart-health-card"):
        for place, token in enumerate(card.from_file(path.read_bytes())):
            good = _good(path) or ("multi-jws" in path.name and place == 1)
            yield Case(f"{path.name}#{place}", good, partial(_open, token, keys, folder))


def codes(folder: Path) -> Iterator[Case]:
    """Digits of codes, read as far as the form of the token in them."""
    for path in _found(folder, "*numeric*.txt"):
        text = path.read_bytes().decode("utf-8")
        several = text.startswith("shc:/") and "/" in text.removeprefix("shc:/")
        skip = IN_SEVERAL_CODES if several and _good(path) else ""
        yield Case(path.name, _good(path), partial(_read, text), skip)


def _good(path: Path) -> bool:
    return path.name.startswith("example-") or path.name == "test-example-1195-byte-qrnumeric.txt"


def _open(token: str, keys: TrustList, folder: Path) -> None:
    withdrawn = {KID: json.loads((folder / "shc-issuer" / f"crl-{KID}.json").read_text(encoding="utf-8"))}
    card.open_card(token, keys, now=WITHIN, withdrawals=withdrawn)


def _read(text: str) -> None:
    jws.read_unverified(card.from_numeric(text))


def _published(folder: Path) -> TrustList:
    keys = json.loads((folder / "shc-issuer" / "jwks.json").read_text(encoding="utf-8"))["keys"]
    listed = {"iss": ISS, "name": "Example issuer", "ods": "", "kind": "gp"}
    return trust([listed | {"keys": [{"jwk": key} for key in keys]}])


def _found(folder: Path, pattern: str) -> Iterator[Path]:
    for name in ("shc-hl7-ig", "shc-devtools-testdata"):
        yield from sorted(path for path in (folder / name).rglob(pattern) if "payload" not in path.name)
