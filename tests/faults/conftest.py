"""One workshop for all runs of a session."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator

import pytest

from tests.faults.running import Workshop, workshop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    if not sys.platform.startswith("linux") or shutil.which("gcc") is None:
        pytest.skip("the spoilt disk is made of gcc and glibc")
    with workshop(tmp_path_factory.mktemp("workshop")) as made:
        yield made
