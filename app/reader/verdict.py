"""What the reader says of a code: exactly six verdicts, the steps behind one, and the lines it stands for.

Owns the vocabulary, the order from strong to weak, and which refusal means which verdict.
Checking is crypto; putting the checks together is judge.py; saying it in words is screens.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.record.entry import Entry, Person, SectionNote
from crypto.errors import (
    AttestationExpired,
    IssuerUnknown,
    KeyUnknown,
    MalformedToken,
    NoLonger,
    NotBelieved,
    NotYetValid,
    PassportError,
    RelayNotListed,
    TrustTooOld,
    Unreadable,
)
from crypto.keys import Issuer


class Kind(StrEnum):
    """The six verdicts (SCREENS 11), strongest first. The value is printed by `passport check`."""

    CHECKED = "checked"
    CHECKED_COULD_NOT_ASK = "checked-could-not-ask"
    SAID_BY_PASSPORT = "said-by-passport"
    CANNOT_CHECK = "cannot-check"
    ENDED_OR_EXPIRED = "ended-or-expired"
    NOT_GENUINE = "not-genuine"


class StepName(StrEnum):
    """One check, in words a professional knows. The words are at "reader.step." in the catalogue."""

    FORM = "form"
    LIST = "list"
    RELAY = "relay"
    ISSUER = "issuer"
    SIGNATURE = "signature"
    TIME = "time"
    PASSPORT = "passport"
    TERMS = "terms"
    ENTRIES = "entries"
    PATIENT = "patient"


class Outcome(StrEnum):
    """What became of a step: it passed, it failed, or it was not reached or could not be done."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_DONE = "not-done"


@dataclass(frozen=True, slots=True)
class Step:
    """One check behind a verdict. `detail` is a fact (a name, a date, a version), never record content."""

    name: StepName
    outcome: Outcome
    detail: str = ""


class Voice(StrEnum):
    """Who stands behind a line: its signer, or only the patient's own passport, or nobody that can be checked."""

    SIGNED = "signed"
    PASSPORT = "passport"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of what was shared, with who stands behind it. `who` is a name from the trust list where signed."""

    entry: Entry
    voice: Voice
    who: str
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a list said about itself ("no known allergies", "some items are withheld"), with who said it."""

    note: SectionNote
    voice: Voice
    who: str


@dataclass(frozen=True, slots=True)
class ListAge:
    """Which trust list judged, and until when it was current; `aged` once that is past."""

    version: int
    current_until: datetime
    aged: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said of one code, and what may be shown of it.

    `code` is the refusal behind it, "" where nothing was refused. `lines`, `notes`, `person` and `words`
    are empty for ended, expired and not genuine. `until` is when what is shown must be gone.
    """

    kind: Kind
    code: str
    issuer: Issuer | None
    steps: tuple[Step, ...]
    trust_list: ListAge | None = None
    person: Person | None = field(default=None, repr=False)
    lines: tuple[Line, ...] = field(default=(), repr=False)
    notes: tuple[Said, ...] = ()
    words: str = field(default="", repr=False)
    sections: tuple[str, ...] = ()
    label: str = field(default="", repr=False)
    not_displayed: int = 0
    until: datetime | None = None

    def as_json(self) -> dict[str, object]:
        """What `passport check --json` prints; record content is not in it."""
        steps = [{"name": s.name.value, "outcome": s.outcome.value, "detail": s.detail} for s in self.steps]
        issuer = self.issuer.iss if self.issuer else None
        return {"verdict": self.kind.value, "code": self.code, "issuer": issuer, "steps": steps}


KIND_OF_REFUSAL: tuple[tuple[type[PassportError], Kind], ...] = (
    (IssuerUnknown, Kind.CANNOT_CHECK),
    (TrustTooOld, Kind.CANNOT_CHECK),
    (NotYetValid, Kind.CANNOT_CHECK),
    (RelayNotListed, Kind.CANNOT_CHECK),
    (AttestationExpired, Kind.CANNOT_CHECK),
    (NoLonger, Kind.ENDED_OR_EXPIRED),
    (NotBelieved, Kind.NOT_GENUINE),
    (MalformedToken, Kind.NOT_GENUINE),
    (Unreadable, Kind.CANNOT_CHECK),
)
"""First match decides. What is in no row (no network, a passcode to ask for) is a sentence, not a verdict."""


def kind_of(refusal: PassportError, trust_list: ListAge | None) -> Kind:
    """The verdict a refusal means; raises the refusal itself where it means none.

    A key that a *current* list does not name is not genuine; an aged list may not know a new key yet.
    """
    if isinstance(refusal, KeyUnknown) and (trust_list is None or trust_list.aged):
        return Kind.CANNOT_CHECK
    for refused, kind in KIND_OF_REFUSAL:
        if isinstance(refusal, refused):
            return kind
    raise refusal


def weakest(kinds: Iterable[Kind]) -> Kind:
    """The weakest of the verdicts of its lines: a share is as good as its least-proven line."""
    order = list(Kind)
    return max(kinds, key=order.index, default=Kind.CANNOT_CHECK)
