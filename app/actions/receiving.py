"""Believing what one holder sent and storing it: head, updates in their places, whose record, one transaction each.

Owns the step from bytes to stored entries (D1). What makes an update believable is crypto/feed.py, whose
record it is app/record/identity.py, asking the holder refreshing.py. What is stored is always a beginning
of the holder's true history: a refused update and all after it leave nothing of the record.

A fork is kept as evidence beside it. Updates of an issuer that the trust list does not name are kept aside,
unread; once it is named, the next visit asks for them again and judges them as any others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.actions.session import Passport
from app.record.entry import Person, Reading
from app.record.identity import same_person
from app.record.reading import read_bundle, read_sliced
from app.record.source import Checked, SourceInfo, SourceKind
from crypto.errors import IssuerUnknown, UpdateForked, UpdateReplayed, WrongPatient
from crypto.feed import Feed, VerifiedUpdate
from crypto.trust import TrustList
from crypto.update import Update, read_unverified_update, read_update
from sync.login import Tokens


@dataclass(frozen=True, slots=True)
class Received:
    """How much one holder gave."""

    updates: int = 0
    entries: int = 0


class Receiver:
    """One visit to one holder's feed; raises WrongPatient at once when it is another person's."""

    def __init__(self, passport: Passport, trust: TrustList, tokens: Tokens, *, iss: str, now: datetime) -> None:
        known = passport.store.feed_position(iss)
        subject = tokens.subjects[iss]
        if known is not None and known.sub != subject:
            raise WrongPatient("login: expected the person this feed belongs to, found another")
        self._passport = passport
        self._trust = trust
        self._tokens = tokens
        self._iss = iss
        self._now = now
        self._feed = Feed(known, iss=iss, sub=subject, keys=trust, now=now)
        self._unlisted: IssuerUnknown | None = None

    def accept_head(self, token: bytes) -> bool:
        """Accept how far the feed goes; whether its updates are wanted. Raises as `Feed.head`.

        A holder whose issuer is not listed is asked too: `accept` keeps what it gives aside, and refuses then.
        """
        try:
            self._feed.head(token.decode("ascii", "replace"))
        except UpdateForked as fork:
            self._passport.store.keep_fork(fork.evidence, now=self._now)
            raise
        except IssuerUnknown as unknown:
            if self._iss in self._trust.issuers:
                raise
            self._unlisted = unknown
            return True
        return self._feed.missing > 0

    @property
    def missing(self) -> int:
        """How many updates the head promises that are not here; 0 where no head is believed."""
        return 0 if self._unlisted is not None else self._feed.missing

    def last_signed(self) -> datetime | None:
        """When the newest update here was signed; None before the first."""
        believed = (source for source in self._passport.store.all_sources() if source.checked is Checked.CHECKED)
        signed = [source.signed_at for source in believed if source.iss == self._iss]
        return max((at for at in signed if at is not None), default=None)

    def accept(self, tokens: Sequence[bytes]) -> Received:
        """One page of updates: believe and store them one by one, oldest first; what was stored before a refusal stays.

        Raises as `Feed.update`, WrongPatient. Where the issuer is not listed they are kept aside.
        """
        if self._unlisted is not None:
            self._keep_aside(tokens)
            return Received()
        updates = entries = 0
        for token in tokens:
            try:
                update = self._feed.update(token.decode("ascii", "replace"))
            except UpdateReplayed:
                if updates:
                    raise
                continue  # `_since` is a time: an update the passport has already may be among them
            except UpdateForked as fork:
                self._passport.store.keep_fork(fork.evidence, now=self._now)
                raise
            entries += self._store(update)
            updates += 1
        return Received(updates, entries)

    def require_complete(self) -> None:
        """After the last page: raises UpdateMissing when not all came that the head promised.

        IssuerUnknown where the issuer is not listed: what came was kept aside, nothing of it is believed.
        """
        if self._unlisted is not None:
            raise self._unlisted
        self._feed.require_complete()

    def _keep_aside(self, tokens: Sequence[bytes]) -> None:
        """Keep what claims to be this issuer's for this patient; nobody can say yet whether it is."""
        aside: list[tuple[SourceInfo, bytes]] = []
        for token in tokens:
            unverified = read_unverified_update(token.decode("ascii"))
            claimed = read_update(unverified)
            if (unverified.issuer, claimed.sub) != (self._iss, self._tokens.subjects[self._iss]):
                raise WrongPatient("update: expected this issuer's feed for this patient, found another")
            aside.append((self._unbelieved(token, claimed), token))
        self._passport.store.keep_aside(aside)

    def _unbelieved(self, token: bytes, claimed: Update) -> SourceInfo:
        """Without `signed_at`: what an unknown key signs as its time is no time."""
        return SourceInfo(
            kind=SourceKind.UPDATE,
            issuer_name=self._iss,
            checked=Checked.QUARANTINED,
            received_at=self._now,
            iss=self._iss,
            feed=claimed.feed,
            seq=claimed.seq,
            file_hash=hashlib.sha256(token).hexdigest(),
        )

    def _store(self, update: VerifiedUpdate) -> int:
        reading = reading_of(update)
        self._require_this_person(reading)
        self._passport.store.add_update(reading, update.raw, self._source(update), self._feed.position)
        return len(reading.entries)

    def _source(self, update: VerifiedUpdate) -> SourceInfo:
        return SourceInfo(
            kind=SourceKind.UPDATE,
            issuer_name=update.issuer.name,
            checked=Checked.CHECKED,
            received_at=self._now,
            iss=update.iss,
            kid=update.kid,
            signed_at=update.signed_at,
            trust_version=self._trust.version,
            feed=update.feed,
            seq=update.seq,
            file_hash=hashlib.sha256(update.raw).hexdigest(),
        )

    def _require_this_person(self, reading: Reading) -> None:
        """The Patient inside must be whoever logged in, and whoever's record is here already."""
        if reading.person is None:
            raise WrongPatient("update: expected a Patient, found none")
        require_same_login(reading.person, self._tokens)
        known = self._passport.store.person()
        if known is not None:
            same_person(known, reading.person)


def reading_of(update: VerifiedUpdate | Update) -> Reading:
    """What an update says; a large one is read one resource at a time."""
    reading = None
    if update.frame is not None:
        reading = read_sliced(update.frame, update.resources, update.fhir_version)
    return read_bundle(update.bundle, update.fhir_version) if reading is None else reading


def require_same_login(person: Person, tokens: Tokens) -> None:
    """Raise WrongPatient unless the login's number, birth date and family name are this person's."""
    first = person.given[:1]
    same_person(person, Person(tokens.nhs_number, tokens.birth_date, tokens.family_name, first))
