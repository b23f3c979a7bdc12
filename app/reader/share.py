"""From what a link leads to, to a verdict: only proven bytes are called signed (D1, D8).

Owns the reader's half of opening a share: whose record it is, which lines may be shown and who stands
behind each. The plain patient summary beside the share is for other viewers; nothing of it is shown
here. Signatures, proofs and terms are crypto/link_share.py; fetching is compose.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from app.reader.judge import judge_cards
from app.reader.verdict import Kind, Line, Outcome, Said, Step, StepName, Verdict, Voice, weakest
from app.reader.walk import SHARE_PLAN, Keys, Walk, begin, strength
from app.record.entry import Person, Reading
from app.record.identity import same_person
from app.record.reading import read_resources
from app.record.share_binary import unwrap_share
from crypto import card, link_share
from crypto.attestation import Subject
from crypto.entries import ProvenEntries
from crypto.errors import NotACode, PassportError, Unreadable, WrongPatient
from crypto.link_share import OpenedShare, UnsignedEntry
from crypto.shlink import Link
from crypto.trust import TrustList

HEALTH_CARD = "application/smart-health-card"


@dataclass(frozen=True, slots=True)
class LinkFile:
    """One decrypted file of a link."""

    content_type: str
    data: bytes = field(repr=False)


def judge_files(files: Sequence[LinkFile], link: Link, trust: TrustList | None, *, now: datetime) -> Verdict:
    """The verdict on a link whose files were fetched: its share, else its health cards, else cannot check."""
    for file in files:
        if (share := unwrap_share(file.data)) is not None:
            return judge_share(share, link, trust, now=now)
    walk = begin(SHARE_PLAN, trust, now=now)
    try:
        cards = [token for file in files if _holds_cards(file) for token in card.from_file(file.data)]
    except Unreadable as refusal:
        return walk.refused(refusal, StepName.TERMS)
    if cards:
        return judge_cards(tuple(cards), trust, now=now)
    return walk.refused(NotACode("link: expected signed entries in it, found none"), StepName.TERMS)


def judge_share(data: bytes, link: Link, trust: TrustList | None, *, now: datetime) -> Verdict:
    """The verdict on a share: as strong as its weakest line, nothing shown where anything in it is refused."""
    walk = begin(SHARE_PLAN, trust, now=now)
    keys = Keys(trust, now)
    try:
        opened = link_share.open_share(data, link, keys, now=now)
    except PassportError as refusal:
        return walk.refused(refusal, _step_of_share(walk, refusal, keys.asked))
    try:
        return _judge_opened(opened, walk)
    except WrongPatient as refusal:
        return walk.refused(refusal)
    except Unreadable as refusal:
        return walk.refused(refusal, StepName.ENTRIES)


def refuse_link(refusal: PassportError, trust: TrustList | None, *, now: datetime) -> Verdict:
    """The verdict of a refusal met on the way to a link's files; raises the refusal where it means none."""
    walk = begin(SHARE_PLAN, trust, now=now)
    step = walk.step_of(refusal)
    return walk.refused(refusal, step if step in (StepName.TIME, StepName.LIST) else StepName.RELAY)


def _judge_opened(opened: OpenedShare, walk: Walk) -> Verdict:
    readings = [(group, read_resources([data for _, data in group.resources])) for group in opened.proven]
    person = _one_patient(opened.patient, readings)
    lines = [line for group, reading in readings for line in _signed(group, reading)]
    unsigned = _by_message(opened.unsigned)
    lines += [line for source, reading in unsigned for line in _said(opened, source, reading)]
    granted = tuple(line for line in lines if line.entry.section.value in opened.sections)
    signers = list(dict.fromkeys(group.issuer.name for group in opened.proven))
    vouched = "" if opened.attested is None else opened.attested.issuer.name
    walk = walk.noting(issuer=", ".join(signers), passport=vouched, entries=str(len(granted)))
    return Verdict(
        weakest([strength(walk), *(_worth(line, walk) for line in granted)]),
        "",
        opened.proven[0].issuer if len(signers) == 1 else None,
        _steps(opened, walk),
        walk.trust_list,
        person=person,
        lines=granted,
        notes=_notes(opened, readings, unsigned),
        sections=opened.sections,
        label=opened.label,
        not_displayed=sum(len(reading.not_displayed) for _, reading in (*readings, *unsigned)),
        until=opened.exp,
    )


def _one_patient(stated: Subject, readings: Sequence[tuple[ProvenEntries, Reading]]) -> Person:
    """The one person all of it is about; raises WrongPatient where a feed proves no Patient, or another one.

    Without it anybody could lay one person's signed entries beside another's signed name.
    """
    people = [reading.person for _, reading in readings if reading.person is not None]
    feeds = {(group.issuer.iss, group.feed) for group, _ in readings}
    known = {(group.issuer.iss, group.feed) for group, reading in readings if reading.person is not None}
    if feeds != known:
        raise WrongPatient(f"proven entries: expected a Patient for each of {len(feeds)} feeds, found {len(known)}")
    for person in people:
        same_person(people[0], person)
        same_person(_split_like(stated, person), person)
    return people[0] if people else _split_like(stated, None)


def _split_like(stated: Subject, person: Person | None) -> Person:
    """The stated name cut into given and family name where `person` has them, so that one rule compares both."""
    words = stated.name.split()
    family_words = len(person.family.split()) if person else 1
    given_words = len(person.given[0].split()) if person and person.given else 1
    given, family = " ".join(words[:given_words]), " ".join(words[-family_words:]) if family_words else ""
    shown = (given,) if person else tuple(words[:-1])
    return Person(stated.nhs_number, stated.birth_date, family, shown)


def _signed(group: ProvenEntries, reading: Reading) -> list[Line]:
    return [Line(entry, Voice.SIGNED, group.issuer.name, group.signed_at) for entry in reading.entries]


def _by_message(unsigned: Sequence[UnsignedEntry]) -> list[tuple[str, Reading]]:
    """Each message by itself: a reference finds its target in its own message only, never in another file."""
    found: dict[tuple[str, str], list[bytes]] = {}
    for entry in unsigned:
        found.setdefault((entry.source, entry.received), []).append(entry.resource)
    return [(source, read_resources(resources)) for (source, _), resources in found.items()]


def _said(opened: OpenedShare, source: str, reading: Reading) -> list[Line]:
    """Lines nobody signed: said by the passport where somebody vouches for it, else by nobody that can be checked."""
    voice = _unsigned_voice(opened)
    return [Line(entry, voice, source) for entry in reading.entries]


def _notes(
    opened: OpenedShare, readings: Sequence[tuple[ProvenEntries, Reading]], unsigned: Sequence[tuple[str, Reading]]
) -> tuple[Said, ...]:
    """What the shared lists said of themselves, for granted sections, each with who said it."""
    signed = [Said(note, Voice.SIGNED, group.issuer.name) for group, reading in readings for note in reading.notes]
    said = [Said(note, _unsigned_voice(opened), source) for source, reading in unsigned for note in reading.notes]
    return tuple(one for one in (*signed, *said) if one.note.section.value in opened.sections)


def _unsigned_voice(opened: OpenedShare) -> Voice:
    return Voice.UNCHECKED if opened.attested is None else Voice.PASSPORT


def _worth(line: Line, walk: Walk) -> Kind:
    match line.voice:
        case Voice.SIGNED:
            return strength(walk)
        case Voice.PASSPORT:
            return Kind.SAID_BY_PASSPORT
        case Voice.UNCHECKED:
            return Kind.CANNOT_CHECK
        case _:
            assert_never(line.voice)


def _steps(opened: OpenedShare, walk: Walk) -> tuple[Step, ...]:
    """All passed, but for a passport nobody vouches for: that step could not be done."""
    if opened.attested is not None:
        return walk.passed()
    unvouched = Step(StepName.PASSPORT, Outcome.NOT_DONE, "nobody vouches for this passport")
    return tuple(unvouched if step.name is StepName.PASSPORT else step for step in walk.passed())


def _holds_cards(file: LinkFile) -> bool:
    return file.content_type.partition(";")[0].strip().lower() == HEALTH_CARD


def _step_of_share(walk: Walk, refusal: PassportError, asked: StepName | None) -> StepName:
    """Before any key was asked for, the terms were being read; after that, the one who was asked for."""
    step = walk.step_of(refusal)
    if asked is None:
        return StepName.TERMS if step not in (StepName.TIME, StepName.LIST) else step
    if asked is StepName.PASSPORT:
        return step if step is StepName.LIST else StepName.PASSPORT
    return step if step in (StepName.LIST, StepName.SIGNATURE, StepName.ENTRIES) else StepName.ISSUER
