"""The steps behind a verdict: each kind of code has its plan, and a refusal stops the walk at one step.

Owns the plans, in the order crypto checks in, and which step a refusal belongs to. So a step is only
ever called passed when the check behind it really ran before the refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.reader.verdict import Kind, ListAge, Outcome, Step, StepName, Verdict, kind_of
from crypto.errors import (
    AttestationExpired,
    AttestationWrong,
    CardWithdrawn,
    Ended,
    EntryProofWrong,
    IssuerUnknown,
    KeyRevoked,
    KeyUnknown,
    NoLonger,
    NotYetValid,
    PassportError,
    RelayNotListed,
    Tampered,
    TermsChanged,
    TrustTooOld,
    WrongPatient,
)
from crypto.keys import Issuer, VerifyingKey
from crypto.trust import Freshness, TrustList

UNKNOWN_PLAN = (StepName.FORM,)
CARD_PLAN = (StepName.FORM, StepName.LIST, StepName.ISSUER, StepName.SIGNATURE, StepName.TIME, StepName.ENTRIES)
WORDS_PLAN = (StepName.FORM, StepName.SIGNATURE, StepName.LIST, StepName.ISSUER, StepName.PASSPORT)
LINK_PLAN = (StepName.FORM, StepName.TIME, StepName.LIST, StepName.RELAY)
SHARE_PLAN = (
    *LINK_PLAN,
    StepName.TERMS,
    StepName.PASSPORT,
    StepName.ISSUER,
    StepName.SIGNATURE,
    StepName.ENTRIES,
    StepName.PATIENT,
)

STEP_OF_REFUSAL: tuple[tuple[type[PassportError], StepName], ...] = (
    (TrustTooOld, StepName.LIST),
    (IssuerUnknown, StepName.ISSUER),
    (KeyUnknown, StepName.ISSUER),
    (KeyRevoked, StepName.ISSUER),
    (Tampered, StepName.SIGNATURE),
    (AttestationExpired, StepName.PASSPORT),
    (AttestationWrong, StepName.PASSPORT),
    (Ended, StepName.RELAY),
    (RelayNotListed, StepName.RELAY),
    (CardWithdrawn, StepName.TIME),
    (NoLonger, StepName.TIME),
    (NotYetValid, StepName.TIME),
    (TermsChanged, StepName.TERMS),
    (EntryProofWrong, StepName.ENTRIES),
    (WrongPatient, StepName.PATIENT),
)


@dataclass(slots=True)
class Keys:
    """The keys of a list that may judge, and a note of who was asked for last: a refusal after it finds its step.

    Where there is no list, or it is past every grace, it refuses when asked and not before: so a code
    that is broken in itself is called that with no list at all.
    """

    trust: TrustList | None
    now: datetime
    asked: StepName | None = None

    def key(self, iss: str, kid: str, signed_at: datetime) -> tuple[Issuer, VerifyingKey]:
        """As the list answers, or TrustTooOld: a record holder was asked for."""
        self.asked = StepName.ISSUER
        return usable(self.trust, now=self.now).key(iss, kid, signed_at)

    def key_by_ods(self, ods: str, kid8: bytes, signed_at: datetime) -> tuple[Issuer, VerifyingKey]:
        """As the list answers, or TrustTooOld: who vouches for the passport was asked for."""
        self.asked = StepName.PASSPORT
        return usable(self.trust, now=self.now).key_by_ods(ods, kid8, signed_at)


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk through a plan against one list. `details` are facts for single steps, by name."""

    plan: tuple[StepName, ...]
    trust_list: ListAge | None
    details: Mapping[StepName, str] = field(default_factory=dict)

    def noting(self, **details: str) -> Walk:
        """The same walk with details added; the keyword is the step's value."""
        return replace(self, details={**self.details, **{StepName(name): text for name, text in details.items()}})

    def passed(self) -> tuple[Step, ...]:
        """Every step of the plan passed."""
        return tuple(self._step(name, Outcome.PASSED) for name in self.plan)

    def stopped(self, at: StepName, outcome: Outcome, reason: str) -> tuple[Step, ...]:
        """Passed before `at`, `outcome` there, and nothing done after it."""
        where = self.plan.index(at)
        before = [self._step(name, Outcome.PASSED) for name in self.plan[:where]]
        after = [Step(name, Outcome.NOT_DONE) for name in self.plan[where + 1 :]]
        return (*before, Step(at, outcome, reason), *after)

    def refused(self, refusal: PassportError, at: StepName | None = None, issuer: Issuer | None = None) -> Verdict:
        """The verdict of a refusal, nothing shown; raises the refusal where it means no verdict."""
        kind = kind_of(refusal, self.trust_list)
        outcome = Outcome.NOT_DONE if kind is Kind.CANNOT_CHECK else Outcome.FAILED
        reason = str(refusal.args[0]) if refusal.args else ""
        steps = self.stopped(at or self.step_of(refusal), outcome, reason)
        return Verdict(kind, refusal.code, issuer, steps, self.trust_list)

    def step_of(self, refusal: PassportError) -> StepName:
        """The step a refusal belongs to by its class; the form of the code where the class says no more."""
        named = next((step for refused, step in STEP_OF_REFUSAL if isinstance(refusal, refused)), StepName.FORM)
        return named if named in self.plan else StepName.FORM

    def _step(self, name: StepName, outcome: Outcome) -> Step:
        return Step(name, outcome, self.details.get(name, ""))


def begin(plan: tuple[StepName, ...], trust: TrustList | None, *, now: datetime) -> Walk:
    """A walk against a list; its own step carries the list's version and until when it was current."""
    if trust is None:
        return Walk(plan, None)
    aged = trust.freshness(now) is not Freshness.FRESH
    age = ListAge(trust.version, trust.expires, aged)
    by_hand = trust.version == 0  # TrustList.from_jwks: no repository, so no version and no end
    said = "keys given by hand" if by_hand else f"version {age.version}, current until {age.current_until:%Y-%m-%d}"
    return Walk(plan, age, {StepName.LIST: said})


def usable(trust: TrustList | None, *, now: datetime) -> TrustList:
    """The list, if anything new may be judged by it; raises TrustTooOld where there is none or it is too old."""
    if trust is None:
        raise TrustTooOld("trust list: expected one, found none on this device")
    trust.require_usable(now)
    return trust


def strength(walk: Walk) -> Kind:
    """What proven lines are worth under the list of this walk."""
    aged = walk.trust_list is not None and walk.trust_list.aged
    return Kind.CHECKED_COULD_NOT_ASK if aged else Kind.CHECKED
