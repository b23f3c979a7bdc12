"""Giving access by a link, seeing who opened it, ending it (D8, D9).

Owns what a link holds: the chosen sections as holders signed them and a patient summary for plain viewers,
under terms this passport signs. Ending goes through the outbox, so that it holds without a signal. Leaves which
resources travel to share_contents.py, the choices offered to app/policy/access.py, sealing and sending to
sync/links.py, drawing the code to app/qr.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.actions import guarding
from app.actions.far_side import Services
from app.actions.session import Passport
from app.actions.share_contents import Chosen, choose, contents
from app.actions.vouching import attestation_of
from app.record.entry import Person, Section
from app.record.identity import subject_parts
from app.record.ips import Provided, ProvidedNote, ips_bytes, ips_document
from app.record.share_binary import wrap_share
from app.store.ledger import ACTIVE, AccessRow, GrantRow
from app.store.outgoing import LAPSED, SENT
from crypto import json_text, link_share, shlink
from crypto.attestation import Subject
from crypto.encoding import b64url_decode, b64url_encode
from crypto.errors import Ended, NotAllowed, StoreDamaged
from crypto.passcode import new_passcode
from crypto.shlink import Link
from sync import links, outbox
from sync.links import Openings, OwnedLink
from sync.outbox import Delivery, Item

LINK: Final = "link"
LABEL: Final = "Patient Passport"
FLAG: Final = "P"
FHIR_JSON: Final = "application/fhir+json"
GIVEN: Final = "access-given"
OPENED: Final = "link-opened"
TRIED: Final = "link-tried"
ENDED: Final = "access-ended"
END_LINK: Final = "end-link"
"""What an outbox row of this kind asks: end the link of the grant it is about."""
_TRIES: Final = "sharing.tries."
"""Setting: how many tries of a link are in the log. The relay keeps the newest ones only and counts them all."""


@dataclass(frozen=True, slots=True)
class Access:
    """Access that was given: the code's text and the 6-figure number, what is in it, and how it stands."""

    grant_id: str
    code: str = field(repr=False)
    passcode: str = field(repr=False)
    sections: tuple[Section, ...]
    entries: int
    given_at: datetime
    expires: datetime
    ended_at: datetime | None = None
    ending_since: datetime | None = None
    """When the patient ended it, while the relay has not been told: until then the code still works."""

    def is_live(self, *, now: datetime) -> bool:
        """Whether a reader may still open it."""
        return self.ended_at is None and now < self.expires


def give_access(
    passport: Passport, services: Services, sections: Sequence[Section], *, expires: datetime, now: datetime
) -> Access:
    """Publish a link over `sections` until `expires`, and keep it as given.

    Raises NotAllowed when there is nothing to share, Unavailable when the relay cannot be reached:
    then nothing is kept and nothing can be opened.
    """
    person = passport.store.person()
    chosen = choose(passport, sections)
    if person is None or not (chosen.entries or chosen.notes):
        raise NotAllowed("expected entries in the sections, found none")
    owned = links.new_link(services.profile.relay, exp=expires.replace(microsecond=0), label=LABEL, flag=FLAG)
    passcode = new_passcode()
    files = [
        (FHIR_JSON, _summary(person, sections, chosen, now=now)),
        (FHIR_JSON, wrap_share(_share(passport, person, owned.link, sections, chosen, now=now))),
    ]
    links.publish(services.transport, owned, files, passcode=passcode)
    access = Access(
        grant_id=owned.link.url.rsplit("/", 1)[-1],
        code=shlink.make(owned.link),
        passcode=passcode,
        sections=tuple(sections),
        entries=len(chosen.entries),
        given_at=now,
        expires=expires.replace(microsecond=0),
    )
    named = tuple(section.value for section in sections)
    with passport.store.together():
        passport.store.add_grant(_to_row(access, owned))
        passport.store.log(AccessRow(now, GIVEN, "", "", named, access.grant_id))
    return access


def all_access(passport: Passport) -> list[Access]:
    """All access ever given by link, newest first."""
    ending = _ending(passport)
    return [_from_row(row, ending)[0] for row in passport.store.grants() if row.kind == LINK]


def openings(passport: Passport, services: Services, grant_id: str, *, now: datetime) -> Openings | None:
    """Who opened a link so far, as its relay wrote it down; each new line goes into the patient's own log.

    None when the relay has forgotten the link. Raises Unavailable without a network.
    """
    access, owned = _kept(passport, grant_id)
    try:
        found = links.openings(services.transport, owned)
    except Ended:
        return None
    if passport.rolled_back:  # told, and written down when the copy is put right
        return found
    counted = f"{_TRIES}{grant_id}"
    unseen = found.attempts - int(passport.store.setting(counted) or 0)
    sections = tuple(section.value for section in access.sections)
    with passport.store.together():
        for opening in found.openings[-unseen:] if unseen > 0 else ():
            what = OPENED if opening.opened else TRIED
            passport.store.log(AccessRow(opening.at, what, opening.recipient, "", sections, grant_id))
        passport.store.set_setting(counted, str(found.attempts))
    return found


def end_access(passport: Passport, services: Services | None, grant_id: str, *, now: datetime) -> Access:
    """End a link for good: at the relay at once, or as soon as there is a signal. Gives how it stands.

    That the patient ended it is on the disk before anything is sent; what did not get through is sent by the next
    `deliver_endings`. Until the relay has answered the access is not called ended.
    """
    access, _ = _kept(passport, grant_id)
    if access.is_live(now=now):
        passport.store.queue(END_LINK, grant_id, now)
        guarding.mirror(passport)
        if services is not None:
            deliver_endings(passport, services, now=now)
    return _kept(passport, grant_id)[0]


def deliver_endings(passport: Passport, services: Services, *, now: datetime) -> Delivery:
    """Tell relays what the patient ended meanwhile, in that order; raises nothing for what cannot be reached."""
    waiting = _Waiting(passport, now)

    def send(item: Item) -> None:
        links.end(services.transport, _kept(passport, item.about)[1])

    return outbox.deliver(waiting, send)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The outbox of one passport, as sync/outbox.py asks it."""

    passport: Passport
    now: datetime

    def pending(self) -> list[Item]:
        """What waits. Also a link whose own time ran out by this clock, which may be wrong: ended twice is ended."""
        rows = [row for row in self.passport.store.outgoing() if row.kind == END_LINK]
        return [Item(row.number, row.kind, row.about) for row in rows]

    def settle(self, item: Item) -> None:
        """The relay has answered: the row, the access and the patient's log, together.

        Access whose own time had run out needed no ending any more, and is not said to have been ended.
        """
        store = self.passport.store
        access, _ = _kept(self.passport, item.about)
        over = self.now >= access.expires
        with store.together():
            if not store.settle(item.number, LAPSED if over else SENT, self.now) or over:
                return  # or another process of this passport was there first, and has written it down
            store.end_grant(item.about, self.now)
            named = tuple(section.value for section in access.sections)
            store.log(AccessRow(self.now, ENDED, "", "", named, item.about))


def _ending(passport: Passport) -> Mapping[str, datetime]:
    """Since when each access waits to be ended, by grant."""
    return {row.about: row.created for row in passport.store.outgoing() if row.kind == END_LINK}


def _summary(person: Person, sections: Sequence[Section], chosen: Chosen, *, now: datetime) -> bytes:
    provided = [Provided(stored.entry, stored.source.issuer_name) for stored in chosen.entries]
    notes = [ProvidedNote(kept.note, kept.source.issuer_name) for kept in chosen.notes]
    return ips_bytes(ips_document(person, provided, notes, sections=sections, now=now))


def _share(
    passport: Passport, person: Person, link: Link, sections: Sequence[Section], chosen: Chosen, *, now: datetime
) -> bytes:
    parts = subject_parts(person)
    inside = contents(passport, chosen)
    return link_share.make_share(
        link,
        passport.device_key,
        patient=Subject(parts.nhs_number, parts.birth_date, parts.name),
        sections=[section.value for section in sections],
        proofs=inside.proofs,
        unsigned=inside.unsigned,
        attestation_wire=attestation_of(passport),
        now=now,
    )


def _kept(passport: Passport, grant_id: str) -> tuple[Access, OwnedLink]:
    for row in passport.store.grants():
        if row.id == grant_id:
            return _from_row(row, _ending(passport))
    raise StoreDamaged("access: expected one with this id, found none")


def _to_row(access: Access, owned: OwnedLink) -> GrantRow:
    terms = {
        "url": owned.link.url,
        "key": b64url_encode(owned.link.key),
        "owner_token": owned.owner_token,
        "passcode": access.passcode,
        "sections": [section.value for section in access.sections],
        "entries": access.entries,
    }
    return GrantRow(access.grant_id, LINK, json_text.dump(terms).decode(), ACTIVE, access.given_at, access.expires)


def _from_row(row: GrantRow, ending: Mapping[str, datetime]) -> tuple[Access, OwnedLink]:
    terms = json.loads(row.terms)
    link = Link(terms["url"], b64url_decode(terms["key"]), row.expires, FLAG, LABEL)
    sections = tuple(Section(name) for name in terms["sections"])
    access = Access(
        row.id,
        shlink.make(link),
        terms["passcode"],
        sections,
        terms["entries"],
        row.created,
        row.expires,
        row.ended_at,
        None if row.ended_at is not None else ending.get(row.id),
    )
    return access, OwnedLink(link, terms["owner_token"])
