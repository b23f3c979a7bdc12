"""Getting what record holders signed: connect the first time, refresh after that (D1).

Owns the order of one visit: who is logged in, what the patient ended meanwhile, the trust list, then each holder by
itself. A holder that fails is told and never holds up the others. Believing and storing what came is receiving.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.actions.far_side import Services
from app.actions.receiving import Received, Receiver, require_same_login
from app.actions.session import Passport
from app.actions.sharing import deliver_endings
from app.actions.trusting import newest_trust
from app.actions.vouching import renew_attestation
from crypto.errors import LoginNeeded, PassportError, WrongPatient
from crypto.trust import TrustList
from sync.login import Tokens
from sync.profile import Holder
from sync.records import feed_head, issue_updates

PERSON_ID: Final = "login.person"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a refresh is: which holder, and the share of the whole that is done (0.0 to 1.0)."""

    holder: str
    done: float


@dataclass(frozen=True, slots=True)
class HolderOutcome:
    """What one holder gave: how many updates and entries, or why not."""

    name: str
    updates: int = 0
    entries: int = 0
    refusal: PassportError | None = None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """One visit to every holder."""

    at: datetime
    trust_version: int
    outcomes: tuple[HolderOutcome, ...]

    @property
    def refusals(self) -> tuple[HolderOutcome, ...]:
        """The holders that gave nothing, each with why."""
        return tuple(outcome for outcome in self.outcomes if outcome.refusal is not None)


@dataclass(slots=True)
class _Visit:
    """What one refresh works with."""

    passport: Passport
    services: Services
    person_id: str
    tokens: Tokens = field(repr=False)
    trust: TrustList
    now: datetime
    told: Callable[[Progress], None]
    may_log_in: bool = True

    def log_in_again(self) -> bool:
        """A service may have forgotten a login that has time left; once a visit a new one is made."""
        if not self.may_log_in:
            return False
        self.may_log_in = False
        self.tokens = self.services.log_in(self.person_id, now=self.now)
        return True


def is_connected(passport: Passport) -> bool:
    """Whether somebody logged in with this passport before."""
    return passport.store.setting(PERSON_ID) is not None


def connect(
    passport: Passport, services: Services, person_id: str, *, now: datetime, told: Callable[[Progress], None]
) -> Refreshed:
    """Log in as `person_id` and fetch the record; `told` hears how far it is.

    Raises WrongPatient before anything is stored when somebody else's record is in this passport;
    LoginFailed, Unavailable and the refusals of the trust list.
    """
    tokens = services.log_in(person_id, now=now)
    known = passport.store.person()
    if known is not None:
        try:
            require_same_login(known, tokens)
        except WrongPatient:
            services.tokens = None
            raise
    refreshed = _visit(passport, services, person_id, tokens, now=now, told=told)
    passport.store.set_setting(PERSON_ID, person_id)
    return refreshed


def refresh(passport: Passport, services: Services, *, now: datetime, told: Callable[[Progress], None]) -> Refreshed:
    """Fetch what is new from every holder; raises as `connect`, and LoginNeeded before the first login."""
    person_id = passport.store.setting(PERSON_ID)
    if person_id is None:
        raise LoginNeeded("expected a login, found none yet")
    tokens = services.fresh_tokens(person_id, now=now)
    return _visit(passport, services, person_id, tokens, now=now, told=told)


def _visit(
    passport: Passport,
    services: Services,
    person_id: str,
    tokens: Tokens,
    *,
    now: datetime,
    told: Callable[[Progress], None],
) -> Refreshed:
    deliver_endings(passport, services, now=now)
    trust = newest_trust(passport, services, now=now)
    visit = _Visit(passport, services, person_id, tokens, trust, now, told)
    holders = services.profile.holders
    outcomes = tuple(_visit_holder(visit, holder, index / len(holders)) for index, holder in enumerate(holders))
    if any(outcome.refusal is None for outcome in outcomes):
        renew_attestation(passport, services, visit.tokens, trust, now=now)
    told(Progress("", 1.0))
    return Refreshed(now, trust.version, outcomes)


def _visit_holder(visit: _Visit, holder: Holder, begin: float) -> HolderOutcome:
    """One holder; its refusal is its own."""
    if holder.iss not in visit.tokens.subjects:
        return HolderOutcome(holder.name)
    visit.told(Progress(holder.name, begin))
    try:
        got = _asked(visit, holder, begin)
    except PassportError as error:
        return HolderOutcome(holder.name, refusal=error)
    return HolderOutcome(holder.name, got.updates, got.entries)


def _asked(visit: _Visit, holder: Holder, begin: float) -> Received:
    try:
        return _received(visit, holder, begin)
    except LoginNeeded:
        if not visit.log_in_again():
            raise
    return _received(visit, holder, begin)


def _received(visit: _Visit, holder: Holder, begin: float) -> Received:
    """Ask the holder how far its feed goes, and for what is missing; believing it is receiving.py."""
    transport, tokens = visit.services.transport, visit.tokens
    receiver = Receiver(visit.passport, visit.trust, tokens, iss=holder.iss, now=visit.now)
    if not receiver.accept_head(feed_head(transport, holder, tokens)):
        return Received()
    part = 1 / len(visit.services.profile.holders)

    def received(done: int, total: int | None) -> None:
        visit.told(Progress(holder.name, begin + part * (done / total if total else 0.0)))

    return receiver.accept(issue_updates(transport, holder, tokens, since=receiver.last_signed(), progress=received))
