"""The two libraries that can hold the store, and a store's test run on each."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from app.store.mc_driver import McDriver
from app.store.sqlcipher_driver import SqlcipherDriver

LIBRARIES: dict[str, type[Any]] = {"sqlcipher3": SqlcipherDriver, "apsw": McDriver}


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each library in turn is the one that is installed. Every test has files of its own: never two on one file."""
    if request.param == "apsw":
        monkeypatch.setitem(sys.modules, "app.store.sqlcipher_driver", None)
    return str(request.param)
