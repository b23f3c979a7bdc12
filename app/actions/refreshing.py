"""Getting what record holders signed: connect the first time, refresh after that (D1).

Owns the order of one visit: who is logged in, the trust list, then each holder by itself: head,
updates, whose record, one transaction an update. A holder that fails is told and never holds up the
others; nothing of a refused update is stored. Belief is crypto/feed.py; whose record it is is
app/record/identity.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.actions.far_side import Services
from app.actions.session import Passport
from app.actions.trusting import newest_trust
from app.actions.vouching import renew_attestation
from app.record.entry import Person, Reading
from app.record.identity import same_person
from app.record.reading import read_bundle
from app.record.source import Checked, SourceInfo, SourceKind
from crypto.errors import LoginNeeded, PassportError, UpdateReplayed, WrongPatient
from crypto.feed import Feed, FeedPosition, VerifiedUpdate
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
            _require_same_login(known, tokens)
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
    updates = entries = 0
    try:
        for believed in _asked(visit, holder, begin):
            entries += _store_update(visit, believed)
            updates += 1
    except PassportError as error:
        return HolderOutcome(holder.name, updates, entries, error)
    return HolderOutcome(holder.name, updates, entries)


@dataclass(frozen=True, slots=True)
class _Believed:
    update: VerifiedUpdate
    position: FeedPosition


def _asked(visit: _Visit, holder: Holder, begin: float) -> list[_Believed]:
    try:
        return _new_updates(visit, holder, begin)
    except LoginNeeded:
        if not visit.log_in_again():
            raise
    return _new_updates(visit, holder, begin)


def _new_updates(visit: _Visit, holder: Holder, begin: float) -> list[_Believed]:
    store, tokens = visit.passport.store, visit.tokens
    known = store.feed_position(holder.iss)
    subject = tokens.subjects[holder.iss]
    if known is not None and known.sub != subject:
        raise WrongPatient("login: expected the person this feed belongs to, found another")
    feed = Feed(known, iss=holder.iss, sub=subject, keys=visit.trust, now=visit.now)
    feed.head(feed_head(visit.services.transport, holder, tokens).decode("ascii", "replace"))
    if not feed.missing:
        return []
    part = 1 / len(visit.services.profile.holders)

    def received(done: int, total: int | None) -> None:
        visit.told(Progress(holder.name, begin + part * (done / total if total else 0.0)))

    sent = issue_updates(visit.services.transport, holder, tokens, since=_last_signed(visit, holder), progress=received)
    believed: list[_Believed] = []
    for token in sent:
        try:
            update = feed.update(token.decode("ascii"))
        except UpdateReplayed:
            if believed:
                raise
            continue  # `_since` is a time: an update the passport has already may be among them
        assert feed.position is not None
        believed.append(_Believed(update, feed.position))
    feed.require_complete()
    return believed


def _store_update(visit: _Visit, believed: _Believed) -> int:
    update = believed.update
    reading = read_bundle(update.bundle, update.fhir_version)
    _require_this_person(visit, reading)
    source = SourceInfo(
        kind=SourceKind.UPDATE,
        issuer_name=update.issuer.name,
        checked=Checked.CHECKED,
        received_at=visit.now,
        iss=update.iss,
        kid=update.kid,
        signed_at=update.signed_at,
        trust_version=visit.trust.version,
        feed=update.feed,
        seq=update.seq,
        file_hash=hashlib.sha256(update.raw).hexdigest(),
    )
    visit.passport.store.add_update(reading, update.raw, source, believed.position)
    return len(reading.entries)


def _require_this_person(visit: _Visit, reading: Reading) -> None:
    """The Patient inside must be whoever logged in, and whoever's record is here already."""
    if reading.person is None:
        raise WrongPatient("update: expected a Patient, found none")
    _require_same_login(reading.person, visit.tokens)
    known = visit.passport.store.person()
    if known is not None:
        same_person(known, reading.person)


def _require_same_login(person: Person, tokens: Tokens) -> None:
    first = person.given[:1]
    same_person(person, Person(tokens.nhs_number, tokens.birth_date, tokens.family_name, first))


def _last_signed(visit: _Visit, holder: Holder) -> datetime | None:
    signed = [source.signed_at for source in visit.passport.store.sources() if source.iss == holder.iss]
    return max((at for at in signed if at is not None), default=None)
