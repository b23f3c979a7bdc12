"""Getting what record holders signed: connect the first time, refresh after that (D1).

Owns the order of one visit: who is logged in, what the patient ended meanwhile, the trust list, then all holders at
once. Each holder has a thread that asks and waits; believing and storing is done by one of them at a time, so there is
one writer. A holder that fails or is slow is told and never holds up the others: what they gave is stored meanwhile.
Believing and storing what came is receiving.py; how far it is, progress.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.actions.far_side import Services
from app.actions.progress import Gauge, Progress
from app.actions.receiving import Receiver, require_same_login
from app.actions.session import Passport
from app.actions.sharing import deliver_endings
from app.actions.trusting import newest_trust
from app.actions.vouching import renew_attestation
from crypto.errors import HeadTooOld, LoginNeeded, PassportError, WrongPatient
from crypto.trust import TrustList
from sync.login import Tokens
from sync.profile import Holder
from sync.records import PAGE_UPDATES, KeptHead, newest_head, update_pages

PERSON_ID: Final = "login.person"


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
    """What one refresh works with; its holders' threads share it."""

    passport: Passport
    services: Services
    person_id: str
    tokens: Tokens = field(repr=False)
    trust: TrustList
    now: datetime
    gauge: Gauge
    writer: threading.Lock = field(default_factory=threading.Lock)
    """Held while something is believed and stored, never while somebody is waited for."""
    login: threading.Lock = field(default_factory=threading.Lock)
    may_log_in: bool = True

    def log_in_again(self, refused: Tokens) -> bool:
        """A service may have forgotten a login that has time left; once a visit a new one is made for all holders."""
        with self.login:
            if self.tokens is not refused:
                return True  # another holder's thread was there first
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
    with services.visiting:
        refreshed = _visit(passport, services, person_id, tokens, now=now, told=told)
    passport.store.set_setting(PERSON_ID, person_id)
    return refreshed


def refresh(passport: Passport, services: Services, *, now: datetime, told: Callable[[Progress], None]) -> Refreshed:
    """Fetch what is new from every holder; raises as `connect`, and LoginNeeded before the first login."""
    person_id = passport.store.setting(PERSON_ID)
    if person_id is None:
        raise LoginNeeded("expected a login, found none yet")
    tokens = services.fresh_tokens(person_id, now=now)
    with services.visiting:
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
    holders = services.profile.holders
    gauge = Gauge([holder.name for holder in holders], told)
    visit = _Visit(passport, services, person_id, tokens, trust, now, gauge)
    with ThreadPoolExecutor(max(len(holders), 1), "holder") as threads:
        asked = [threads.submit(_HolderVisit(visit, holder).outcome) for holder in holders]
    outcomes = tuple(one.result() for one in asked)
    if any(outcome.refusal is None for outcome in outcomes):
        renew_attestation(passport, services, visit.tokens, trust, now=now)
    gauge.over()
    return Refreshed(now, trust.version, outcomes)


class _HolderVisit:
    """One holder, in a thread of its own; its refusal is its own."""

    def __init__(self, visit: _Visit, holder: Holder) -> None:
        self._visit = visit
        self._holder = holder
        self._updates = 0
        self._entries = 0
        self._bytes = 0

    def outcome(self) -> HolderOutcome:
        """Everything it has that is new, or why not; what was stored before a refusal is counted."""
        name, refusal = self._holder.name, None
        if self._holder.iss in self._visit.tokens.subjects:
            self._visit.gauge.asked(name)
            try:
                self._got()
            except PassportError as error:
                refusal = error
        self._visit.gauge.finished(name)
        return HolderOutcome(name, self._updates, self._entries, refusal)

    def _got(self) -> None:
        tokens = self._visit.tokens
        try:
            self._get(tokens)
        except LoginNeeded:
            if not self._visit.log_in_again(tokens):
                raise
            self._get(self._visit.tokens)

    def _get(self, tokens: Tokens) -> None:
        """Ask how far the feed goes, and page by page for what is missing; believing it is receiving.py."""
        visit, holder = self._visit, self._holder
        receiver = Receiver(visit.passport, visit.trust, tokens, iss=holder.iss, now=visit.now)
        if not self._head_leads_on(receiver, tokens):
            return
        missing, begun = receiver.missing, self._updates

        def arrived(done: int, total: int | None) -> None:
            here = self._updates - begun
            part = min(PAGE_UPDATES, missing - here) * (done / total if total else 0.0)
            visit.gauge.arrived(holder.name, (here + part) / missing, self._bytes + done)
            page_bytes[0] = done

        page_bytes = [0]
        for page in update_pages(
            visit.services.transport, holder, tokens, since=receiver.last_signed(), progress=arrived
        ):
            self._bytes += page_bytes[0]
            with visit.writer:
                got = receiver.accept(page)
            self._updates += got.updates
            self._entries += got.entries
            visit.gauge.stored(holder.name, got.entries)
        receiver.require_complete()

    def _head_leads_on(self, receiver: Receiver, tokens: Tokens) -> bool:
        """Whether the holder's head promises more than is here.

        "Nothing newer than the head you have" is not signed: it counts only as long as that head itself does.
        """
        heads, transport = self._visit.services.heads, self._visit.services.transport
        key = (self._holder.iss, tokens.subjects[self._holder.iss])
        known = heads.get(key)
        head = newest_head(transport, self._holder, tokens, known)
        try:
            leads_on = self._accepted(receiver, head)
        except HeadTooOld:
            if head is not known:
                raise
            heads.pop(key, None)
            head = newest_head(transport, self._holder, tokens, None)
            leads_on = self._accepted(receiver, head)
        heads[key] = head
        return leads_on

    def _accepted(self, receiver: Receiver, head: KeptHead) -> bool:
        with self._visit.writer:
            return receiver.accept_head(head.token)
