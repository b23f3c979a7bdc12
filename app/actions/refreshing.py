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

from app.actions.emergency_health_card import renew_health_card
from app.actions.far_side import Services
from app.actions.guarding import updating
from app.actions.kept_login import keep_login, new_tokens, tokens_in_use
from app.actions.progress import Gauge, Progress
from app.actions.receiving import Receiver, require_same_login
from app.actions.session import Passport
from app.actions.sharing import deliver_endings
from app.actions.trusting import newest_trust
from app.actions.vouching import renew_attestation
from crypto.errors import DeviceRevoked, HeadTooOld, LoginNeeded, PassportError, WrongLogin, WrongPatient
from crypto.trust import TrustList
from sync.login import Tokens
from sync.profile import Holder
from sync.records import PAGE_UPDATES, KeptHead, newest_head, update_pages


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
    tokens: Tokens = field(repr=False)
    trust: TrustList
    now: datetime
    gauge: Gauge
    writer: threading.Lock = field(default_factory=threading.Lock)
    """Held while something is believed and stored, never while somebody is waited for."""
    login: threading.Lock = field(default_factory=threading.Lock)
    may_log_in: bool = True

    def log_in_again(self, refused: Tokens) -> bool:
        """A service may have forgotten a login that has time left; once a visit it is renewed for all holders."""
        with self.login:
            if self.tokens is not refused:
                return True  # another holder's thread was there first
            if not self.may_log_in:
                return False
            self.may_log_in = False
            self.tokens = new_tokens(self.passport, self.services, instead_of=refused, now=self.now)
            return True


def connect(
    passport: Passport, services: Services, person_id: str, *, now: datetime, told: Callable[[Progress], None]
) -> Refreshed:
    """Log in as the made-up person `person_id` and fetch the record; raises as `connect_with`, and LoginFailed."""
    tokens = services.log_in(person_id, now=now)
    return connect_with(passport, services, tokens, person_id=person_id, now=now, told=told)


def connect_with(
    passport: Passport,
    services: Services,
    tokens: Tokens,
    *,
    person_id: str = "",
    now: datetime,
    told: Callable[[Progress], None],
) -> Refreshed:
    """Fetch the record of whoever logged in; `told` hears how far it is.

    Raises WrongLogin before anything is stored when somebody else's record is in this passport;
    Unavailable and the refusals of the trust list.
    """
    known = passport.store.person()
    if known is not None:
        try:
            require_same_login(known, tokens)
        except WrongPatient as error:
            services.tokens = None
            raise WrongLogin("login: expected the person whose record is here, found another") from error
    services.tokens = tokens
    with updating(passport, now=now) as update:
        keep_login(passport, tokens, person_id)
        with services.visiting:
            refreshed = _visit(passport, services, tokens, now=now, told=told)
        update.complete = _all_gave(refreshed, tokens)
    return refreshed


def refresh(passport: Passport, services: Services, *, now: datetime, told: Callable[[Progress], None]) -> Refreshed:
    """Fetch what is new from every holder; raises as `connect_with`, and LoginNeeded where a person must log in."""
    with updating(passport, now=now) as update:
        tokens = tokens_in_use(passport, services, now=now)
        with services.visiting:
            refreshed = _visit(passport, services, tokens, now=now, told=told)
        update.complete = _all_gave(refreshed, tokens)
    return refreshed


def _all_gave(refreshed: Refreshed, tokens: Tokens) -> bool:
    """Whether everybody who has something for this person gave all of it: then an older copy is one no more."""
    return bool(tokens.subjects) and all(outcome.refusal is None for outcome in refreshed.outcomes)


def _visit(
    passport: Passport,
    services: Services,
    tokens: Tokens,
    *,
    now: datetime,
    told: Callable[[Progress], None],
) -> Refreshed:
    deliver_endings(passport, services, now=now)
    trust = newest_trust(passport, services, now=now)
    holders = services.profile.holders
    gauge = Gauge([holder.name for holder in holders], told)
    visit = _Visit(passport, services, tokens, trust, now, gauge)
    with ThreadPoolExecutor(max(len(holders), 1), "holder") as threads:
        asked = [threads.submit(_HolderVisit(visit, holder).outcome) for holder in holders]
    outcomes = tuple(one.result() for one in asked)
    if any(outcome.refusal is None for outcome in outcomes):
        answered = frozenset(outcome.name for outcome in outcomes if outcome.refusal is None)
        renew_health_card(passport, services, visit.tokens, trust, answered=answered, now=now)
        outcomes += _vouched(visit)
    gauge.over()
    return Refreshed(now, trust.version, outcomes)


def _vouched(visit: _Visit) -> tuple[HolderOutcome, ...]:
    """Have this device vouched for; what is told of it is only that it never will be again."""
    try:
        renew_attestation(visit.passport, visit.services, visit.tokens, visit.trust, now=visit.now)
    except DeviceRevoked as error:
        service = visit.services.profile.service
        return (HolderOutcome("" if service is None else service.name, refusal=error),)
    return ()


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
            visit.gauge.arrived(holder.name, (here + part) / missing if missing else 0.0, self._bytes + done)
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
