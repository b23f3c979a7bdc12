"""Made-up links and sealed files for the relay's tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crypto import jwe
from sync.relay.link import SealedFile, StoredLink, new_link, sha256_hex

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def sealed() -> Callable[[bytes], str]:
    return lambda content: jwe.encrypt(content, bytes(32), content_type="application/fhir+json")


@pytest.fixture
def link() -> Callable[..., StoredLink]:
    def made(**changes: Any) -> StoredLink:
        terms: dict[str, Any] = {
            "owner_sha256": sha256_hex("O" * 43),
            "passcode": "123456",
            "flag": "P",
            "exp": NOW + timedelta(hours=1),
            "files": (SealedFile("application/fhir+json", 100, NOW),),
        }
        return new_link(**(terms | changes))

    return made
