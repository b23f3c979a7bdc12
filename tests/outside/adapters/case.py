"""One case of somebody else's suite and what became of it; a suite's tally, and how it differs from the manifest.

Every adapter is a function from the folder of vectors to `Case`s. Owns the counting; what a suite's files
mean is each adapter's, what was expected lies in counts.toml.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crypto.errors import PassportError


@dataclass(frozen=True, slots=True)
class Case:
    """`good` is what its authors say; `judge` raises PassportError where we refuse. `skip` gives a reason instead."""

    name: str
    good: bool
    judge: Callable[[], object]
    skip: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a suite came to. Names of the cases that went against their authors, either way."""

    cases: int
    accepted: int
    refused: int
    skipped: Mapping[str, int]
    wrongly_accepted: tuple[str, ...]
    strictly_refused: tuple[str, ...]


def tally(cases: Iterable[Case]) -> Tally:
    """Judge every case; anything but a PassportError comes out of here as it is."""
    listed = list(cases)
    judged = [(case, accepted(case)) for case in listed if not case.skip]
    return Tally(
        cases=len(listed),
        accepted=sum(taken for _, taken in judged),
        refused=sum(not taken for _, taken in judged),
        skipped=dict(Counter(case.skip for case in listed if case.skip)),
        wrongly_accepted=tuple(case.name for case, taken in judged if taken and not case.good),
        strictly_refused=tuple(case.name for case, taken in judged if not taken and case.good),
    )


def accepted(case: Case) -> bool:
    """Whether our code takes it."""
    try:
        case.judge()
    except PassportError:
        return False
    return True


def differences(found: Tally, listed: Mapping[str, Any]) -> list[str]:
    """Every line in which a tally is not what the manifest says; a wrong accept is never in a manifest."""
    pairs: dict[str, tuple[object, object]] = {
        "cases": (found.cases, listed["cases"]),
        "accepted": (found.accepted, listed["accepted"]),
        "refused": (found.refused, listed["refused"]),
        "skipped": (found.skipped, listed.get("skipped", {})),
        "stricter": (len(found.strictly_refused), listed.get("stricter", 0)),
        "wrongly accepted": (found.wrongly_accepted, ()),
    }
    return [f"{name}: found {ours}, listed {theirs}" for name, (ours, theirs) in pairs.items() if ours != theirs]
