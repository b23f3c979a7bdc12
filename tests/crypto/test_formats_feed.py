"""The examples of the formats' document are what the code writes and believes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crypto import jws
from crypto.errors import HeadTooOld
from crypto.feed import Feed, FeedPosition
from crypto.trust import Floors, TrustList, verify_trust
from crypto.update import token_hash
from tests.crypto.trust_simulator import TrustSimulator

SIGNED_AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ISS = "https://oak-lane-surgery.example"
SUB = "Zk3v9m"

DOCUMENTS = sorted(Path(__file__).resolve().parents[2].joinpath("crypto").glob("FORMATS*.md"))
EXAMPLES: dict[str, str] = {
    name: text
    for document in DOCUMENTS
    for name, text in re.findall(r"```([a-z]+\.[a-z]+)\n(.*?)\n```", document.read_text(encoding="utf-8"), re.DOTALL)
}


@pytest.fixture
def trust() -> TrustList:
    repository = TrustSimulator()
    repository.lists["issuers.json"] = json.loads(EXAMPLES["issuers.json"])
    return verify_trust(repository.files(), Floors(), now=SIGNED_AT)


def test_the_example_update_is_believed_under_the_example_head(trust: TrustList) -> None:
    feed = Feed(None, iss=ISS, sub=SUB, keys=trust, now=SIGNED_AT)
    feed.head(EXAMPLES["head.jws"])
    believed = feed.update(EXAMPLES["update.jws"])
    assert believed.issuer.name == "Oak Lane Surgery"
    assert feed.position == FeedPosition(ISS, "m1JX0QwqWb8", 1, EXAMPLES["update.hash"], SUB)
    assert [json.loads(resource)["resourceType"] for resource in believed.resources] == [
        "Patient",
        "AllergyIntolerance",
    ]


def test_the_example_head_is_good_for_an_hour(trust: TrustList) -> None:
    with pytest.raises(HeadTooOld):
        Feed(None, iss=ISS, sub=SUB, keys=trust, now=SIGNED_AT + timedelta(hours=1)).head(EXAMPLES["head.jws"])


@pytest.mark.parametrize("name", ["update", "head"])
def test_an_examples_payload_is_the_one_printed(name: str) -> None:
    assert jws.read_unverified(EXAMPLES[f"{name}.jws"]).payload.decode() == EXAMPLES[f"{name}.payload"]


def test_the_name_of_the_example_update_is_the_one_printed() -> None:
    assert token_hash(EXAMPLES["update.jws"]) == EXAMPLES["update.hash"]
