"""The emergency summary that a record holder signed as a SMART Health Card: asked for, kept, shown (D6).

Owns when it is asked for again, and that only what a listed holder signed of this very person is kept. The one kept is
not shown while it tells anything that the patient's own card would not: what the patient hid stays hidden here
too. What stands in it was chosen and counted by who signed it; making a code of it is crypto/card.py and app/qr.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from app.actions.far_side import Services
from app.actions.session import Passport
from app.record.entry import Reading, Section
from app.record.identity import same_person
from app.record.reading import read_bundle
from crypto import card, json_text, jws, members
from crypto.bundle import EMERGENCY_TYPE
from crypto.errors import MalformedToken, NoLonger, NotBelieved, TooLarge, Unavailable, Unreadable
from crypto.instants import from_numeric_date
from crypto.trust import TrustList
from sync.login import Tokens
from sync.profile import Holder
from sync.records import emergency_summary

RENEW_AFTER: Final = timedelta(days=30)
"""A summary signed longer ago than this is asked for again, also where nothing in the record changed."""

_SUMMARY: Final = "emergency-health-card"
_NONE: Final = b""
_TOLD: Final = (Section.ALLERGIES, Section.MEDICINES, Section.CONDITIONS)


@dataclass(frozen=True, slots=True)
class HealthCard:
    """A summary as a compact JWS, with the name of who signed it, by the list of then, and when."""

    token: str = field(repr=False)
    issuer_name: str
    iss: str
    signed_at: datetime


def health_card_of(passport: Passport) -> str | None:
    """The compact JWS to show; None where there is none, or it tells something the patient hid."""
    shown = health_card(passport)
    return None if shown is None else shown.token


def health_card(passport: Passport) -> HealthCard | None:
    """The same, with who signed it and when."""
    kept = _kept(passport)
    return kept if kept is not None and _tells_nothing_hidden(passport, kept) else None


def renew_health_card(
    passport: Passport,
    services: Services,
    tokens: Tokens,
    trust: TrustList,
    *,
    answered: Collection[str],
    now: datetime,
) -> None:
    """Ask for a new one where there is none, the record changed or the one kept is old; getting none is no failure.

    Of the holders named in `answered` the first to give one has it, surgeries before hospitals. One whose key counts
    no more, or that is another person's by now, is kept no longer.
    """
    kept = _kept(passport)
    if kept is not None and not _still_believed(passport, kept, trust, now=now):
        passport.store.set_secret(_SUMMARY, _NONE)
        kept = None
    for holder in sorted(services.profile.holders, key=lambda one: one.kind != "gp"):
        if holder.iss not in tokens.subjects or holder.name not in answered:
            continue
        if kept is not None and kept.iss == holder.iss and not _is_behind(passport, kept, now=now):
            return
        found = _asked(passport, services, tokens, holder, trust, now=now)
        if found is not None:
            made = json_text.dump({"jws": found.token, "name": found.issuer_name})
            passport.store.set_secret(_SUMMARY, made)
            return


def _asked(
    passport: Passport, services: Services, tokens: Tokens, holder: Holder, trust: TrustList, *, now: datetime
) -> HealthCard | None:
    try:
        wire = emergency_summary(services.transport, holder, tokens)
        return None if wire is None else _believed(passport, wire.decode("ascii"), holder.iss, trust, now=now)
    except (Unavailable, Unreadable, NotBelieved, NoLonger):
        return None


def _believed(passport: Passport, token: str, iss: str, trust: TrustList, *, now: datetime) -> HealthCard:
    """The summary, once it fits a code, its holder signed it and it is this person's; raises what refuses it."""
    if len(token) > card.MAX_QR_CHARACTERS:
        raise TooLarge(f"summary: expected at most {card.MAX_QR_CHARACTERS} characters, found {len(token)}")
    opened = card.open_card(token, trust, now=now)
    if opened.issuer.iss != iss:
        raise NotBelieved("summary: expected the signature of who was asked, found another's")
    if EMERGENCY_TYPE not in opened.payload["vc"]["type"]:
        raise MalformedToken(f"summary vc.type: expected {EMERGENCY_TYPE}")
    about, person = read_bundle(opened.bundle_bytes).person, passport.store.person()
    if about is None or person is None:
        raise MalformedToken("summary: expected a person")
    same_person(person, about)
    return HealthCard(token, opened.issuer.name, iss, opened.issued_at)


def _still_believed(passport: Passport, kept: HealthCard, trust: TrustList, *, now: datetime) -> bool:
    try:
        _believed(passport, kept.token, kept.iss, trust, now=now)
    except (Unreadable, NotBelieved, NoLonger):
        return False
    return True


def _is_behind(passport: Passport, kept: HealthCard, *, now: datetime) -> bool:
    """Whether its holder signed something since, or it is old."""
    signed = [
        one.signed_at for one in passport.store.all_sources() if one.iss == kept.iss and one.signed_at is not None
    ]
    return max(signed, default=kept.signed_at) > kept.signed_at or now - kept.signed_at > RENEW_AFTER


def _tells_nothing_hidden(passport: Passport, kept: HealthCard) -> bool:
    """Whether each line of it stands on the patient's side too, by its beginning: a summary may shorten a name."""
    if any(passport.store.own_section(section).hidden for section in _TOLD):
        return False
    shelf = passport.store.without_hidden()
    found = _reading(kept)
    for section in _TOLD:
        told = [entry.title.casefold() for entry in found.entries if entry.section is section]
        titles = [one.entry.title.casefold() for one in shelf.entries(section, 0, shelf.count(section)) if one.live]
        if not all(any(title.startswith(words) for title in titles) for words in told):
            return False
    return True


def _reading(kept: HealthCard) -> Reading:
    return read_bundle(card.bundle_of(jws.read_unverified(kept.token).payload))


def _kept(passport: Passport) -> HealthCard | None:
    """The one kept; it was believed before it was, and the store is sealed."""
    found = passport.store.secret(_SUMMARY)
    if not found:
        return None
    stored = json_text.parse_object(found)
    token = members.text(stored, "jws")
    unverified = jws.read_unverified(token)
    signed_at = from_numeric_date(unverified.claims["nbf"], name="card nbf")
    return HealthCard(token, members.text(stored, "name"), unverified.issuer or "", signed_at)
