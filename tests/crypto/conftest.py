"""What tests of several modules in crypto/ start from."""

from __future__ import annotations

import pytest

from tests.crypto.feed_simulator import Holder


@pytest.fixture
def holder() -> Holder:
    """A record holder whose feed has its first update."""
    holder = Holder()
    holder.append()
    return holder
