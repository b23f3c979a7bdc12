"""From a text to one of the six verdicts, with the steps that led there. Pure.

Owns what is checked for a card and for plain words, and what may be shown after each verdict. The
checks are crypto's, each with its own refusal; which verdict a refusal means is verdict.py, which
step it stops at is walk.py; what a link leads to is share.py; fetching and the clock are compose.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from app.reader.recognise import CardText, LinkText, WordsText, recognise
from app.reader.verdict import Kind, Line, Outcome, Said, Step, StepName, Verdict, Voice, weakest
from app.reader.walk import CARD_PLAN, LINK_PLAN, UNKNOWN_PLAN, WORDS_PLAN, Keys, Walk, begin, strength
from app.record.emergency_text import subject_of
from app.record.entry import Person
from app.record.identity import same_person
from app.record.reading import read_bundle
from crypto import card, plain_words, shlink
from crypto.attestation import Subject
from crypto.card import VerifiedCard
from crypto.errors import AttestationWrong, NetworkUnavailable, NotYetValid, PassportError, Unreadable, WrongPatient
from crypto.instants import require_before
from crypto.shlink import Link
from crypto.trust import TrustList


def judge_text(text: str, trust: TrustList | None, *, now: datetime) -> Verdict:
    """The verdict on a scanned text, a `.smart-health-card` file or a JWS, without asking any service.

    A link is judged as far as its own text goes: expired, or cannot check without asking its relay.
    Always returns a verdict; a text that is nothing of ours is `cannot-check` with its code.
    """
    try:
        found = recognise(text)
    except Unreadable as refusal:
        return begin(UNKNOWN_PLAN, trust, now=now).refused(refusal)
    match found:
        case CardText():
            return judge_cards(found.cards, trust, now=now)
        case WordsText():
            return judge_words(found.text, trust, now=now)
        case LinkText():
            return judge_link_text(found.text, trust, now=now)
        case _:
            assert_never(found)


def judge_cards(tokens: tuple[str, ...], trust: TrustList | None, *, now: datetime) -> Verdict:
    """The verdict on the cards of one text or file: the weakest of theirs, and nothing shown if that is a refusal."""
    verdicts = [judge_card(token, trust, now=now) for token in tokens]
    kind = weakest(verdict.kind for verdict in verdicts)
    decisive = next(verdict for verdict in verdicts if verdict.kind is kind)
    if len(verdicts) == 1 or kind not in (Kind.CHECKED, Kind.CHECKED_COULD_NOT_ASK):
        return decisive
    return _joined(decisive, verdicts)


def judge_card(token: str, trust: TrustList | None, *, now: datetime) -> Verdict:
    """The verdict on one SMART Health Card as a compact JWS; its lines are signed by its issuer."""
    walk = begin(CARD_PLAN, trust, now=now)
    try:
        opened = card.open_card(token, Keys(trust, now), now=now)
    except PassportError as refusal:
        return walk.refused(refusal)
    try:
        reading = read_bundle(opened.bundle_bytes)
    except Unreadable as refusal:
        return walk.refused(refusal, StepName.ENTRIES, opened.issuer)
    walk = walk.noting(issuer=opened.issuer.name, time=_times(opened), entries=str(len(reading.entries)))
    lines = tuple(Line(entry, Voice.SIGNED, opened.issuer.name, opened.issued_at) for entry in reading.entries)
    return Verdict(
        strength(walk),
        "",
        opened.issuer,
        walk.passed(),
        walk.trust_list,
        person=reading.person,
        lines=lines,
        notes=tuple(Said(note, Voice.SIGNED, opened.issuer.name) for note in reading.notes),
        not_displayed=len(reading.not_displayed),
        until=opened.expires,
    )


def judge_words(text: str, trust: TrustList | None, *, now: datetime) -> Verdict:
    """The verdict on plain words: at best said by the patient's passport, whatever signed them.

    Where only nobody can be named who vouches for them, the words are shown with that said: any
    phone's camera shows them too. Where they are not what was signed, they are not shown.
    """
    walk = begin(WORDS_PLAN, trust, now=now)
    keys = Keys(trust, now)
    try:
        opened = plain_words.open_words(text, _subject, keys, now=now)
    except PassportError as refusal:
        return _words_refused(walk, refusal, keys.asked, text)
    attested = opened.attested
    walk = walk.noting(issuer=attested.issuer.name, signature=f"signed {opened.signed_at:%Y-%m-%d}")
    return Verdict(
        Kind.SAID_BY_PASSPORT,
        "",
        attested.issuer,
        walk.passed(),
        walk.trust_list,
        person=_stated(opened.text),
        words=opened.text,
        until=attested.exp,
    )


def judge_link_text(text: str, trust: TrustList | None, *, now: datetime) -> Verdict:
    """The verdict on a link by its text alone: not well made, past its end, or not asked."""
    walk = begin(LINK_PLAN, trust, now=now)
    try:
        read_link(text, now=now)
    except PassportError as refusal:
        return walk.refused(refusal)
    steps = walk.stopped(StepName.LIST, Outcome.NOT_DONE, "a link is checked by asking its relay")
    return Verdict(Kind.CANNOT_CHECK, NetworkUnavailable.code, None, steps, walk.trust_list)


def read_link(text: str, *, now: datetime) -> Link:
    """The link in a text, if it is well made and within its time; raises as shlink.parse does, and Expired."""
    link = shlink.parse(text)
    if link.exp is not None:
        require_before(link.exp, now=now)
    return link


def _words_refused(walk: Walk, refusal: PassportError, asked: StepName | None, text: str) -> Verdict:
    verdict = walk.refused(refusal, _step_of_words(walk, refusal, asked))
    if verdict.kind is not Kind.CANNOT_CHECK or isinstance(refusal, Unreadable):
        return verdict
    above = text.replace("\r\n", "\n").partition("\n" + plain_words.PREFIX)[0]
    return replace(
        verdict, person=_stated(above), words=above
    )  # their form and the passport's signature held: both come before the list


def _step_of_words(walk: Walk, refusal: PassportError, asked: StepName | None) -> StepName:
    if isinstance(refusal, NotYetValid):
        return StepName.SIGNATURE if asked is None else StepName.PASSPORT
    if isinstance(refusal, AttestationWrong) and asked is None:
        return StepName.FORM  # no attestation that can be read stands in the trailer
    return walk.step_of(refusal)


def _subject(text: str) -> Subject:
    parts = subject_of(text)
    return Subject(parts.nhs_number, parts.birth_date, parts.name)


def _stated(text: str) -> Person:
    """The person whom words state, for the professional to ask the patient about."""
    parts = subject_of(text)
    return Person(parts.nhs_number, parts.birth_date, family="", given=(parts.name,))


def _joined(decisive: Verdict, verdicts: list[Verdict]) -> Verdict:
    """Several cards of one person as one verdict; cards of different people are never laid together."""
    people = [verdict.person for verdict in verdicts if verdict.person is not None]
    try:
        for person in people[1:]:
            same_person(people[0], person)
    except WrongPatient as refusal:
        steps = (*decisive.steps, Step(StepName.PATIENT, Outcome.NOT_DONE, "cards of different people in one file"))
        return Verdict(Kind.CANNOT_CHECK, refusal.code, None, steps, decisive.trust_list)
    ends = [verdict.until for verdict in verdicts if verdict.until is not None]
    return replace(
        decisive,
        person=people[0] if people else None,
        lines=tuple(line for verdict in verdicts for line in verdict.lines),
        notes=tuple(note for verdict in verdicts for note in verdict.notes),
        not_displayed=sum(verdict.not_displayed for verdict in verdicts),
        until=min(ends, default=None),
    )


def _times(opened: VerifiedCard) -> str:
    signed = f"signed {opened.issued_at:%Y-%m-%d}"
    return signed if opened.expires is None else f"{signed}, ends {opened.expires:%Y-%m-%d}"
