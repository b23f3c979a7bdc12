"""Holds a case of a vector file against what the code does with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crypto.errors import PassportError
from tests.vectors.read import Case


def judge(case: Case, act: Callable[[], object]) -> object:
    """What `act` returns for a good case; for a bad one its refusal's code and message are asserted."""
    if case.code == "ok":
        return act()
    with pytest.raises(PassportError) as refusal:
        act()
    assert refusal.value.code == case.code, str(refusal.value)
    assert case.message in str(refusal.value)
    return None


def names(case: Case) -> str:
    return case.name.replace(" ", "-")
