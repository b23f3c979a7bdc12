"""Which resources of the record travel in a share, so that its entries read elsewhere as they read here.

Owns the choice, message by message: the chosen entries, what was merged into them, the people and places
they name, and what a list said about a chosen section ("no known allergies", "some items are withheld").
Nothing else of a message goes along. What is proven by its holder and what is only said is kept apart;
making and signing the share is sharing.py's and crypto/link_share.py's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.actions.as_received import as_received
from app.actions.session import Passport
from app.record.bundle import Frame, load, unwrap
from app.record.entry import Reading, Section, SectionNote
from app.record.merging import INTO_FRAME
from app.record.people import NAMED, literals
from app.record.reading import read_bundle, read_resources
from app.record.source import Checked, SourceInfo, SourceKind, StoredEntry, StoredNote
from app.store import received, resource_text
from crypto import entries
from crypto.entries import EntryProofs
from crypto.errors import WrongPatient
from crypto.link_share import UnsignedEntry


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be shared: live entries of the sections, and what lists said about those sections."""

    entries: tuple[StoredEntry, ...]
    notes: tuple[StoredNote, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """A share's contents: proofs for each signed message, and what nobody signed."""

    proofs: tuple[EntryProofs, ...] = field(repr=False)
    unsigned: tuple[UnsignedEntry, ...] = field(repr=False)


@dataclass(slots=True)
class Message:
    """One message and what was chosen of it: positions of entries, and what its lists said."""

    source: SourceInfo
    positions: set[int] = field(default_factory=set)
    notes: set[SectionNote] = field(default_factory=set)


def choose(passport: Passport, sections: Sequence[Section]) -> Chosen:
    """Everything that stands in `sections` today."""
    store = passport.store
    found = [stored for section in sections for stored in store.entries(section, 0, store.count(section))]
    return Chosen(tuple(found), tuple(note for note in store.notes() if note.note.section in sections))


def contents(passport: Passport, chosen: Chosen) -> Contents:
    """The resources of `chosen` with what they need around them; raises WrongPatient for an update of nobody."""
    proofs: list[EntryProofs] = []
    unsigned: list[UnsignedEntry] = []
    for message in _messages(chosen):
        if message.source.checked is Checked.CHECKED and message.source.kind is SourceKind.UPDATE:
            proven, said = _signed(passport, message)
            proofs.append(proven)
            unsigned += said
        else:
            unsigned += _imported(passport, message)
    return Contents(tuple(proofs), tuple(unsigned))


def _messages(chosen: Chosen) -> list[Message]:
    found: dict[int, Message] = {}
    for stored in chosen.entries:
        found.setdefault(stored.source.source_id, Message(stored.source)).positions.add(stored.entry.position)
    for kept in chosen.notes:
        found.setdefault(kept.source.source_id, Message(kept.source)).notes.add(kept.note)
    return list(found.values())


def _signed(passport: Passport, message: Message) -> tuple[EntryProofs, list[UnsignedEntry]]:
    """Proofs for one update, its Patient among them.

    What stands in a Bundle inside the Bundle can be proven only together with everything beside it, chosen
    or not: such a resource travels alone and unsigned.
    """
    update = received.signed_update(passport.store.raw_message(message.source.source_id))
    leaves = resource_text.leaves(update.resources)
    reading = read_bundle(update.bundle, update.fhir_version)
    if reading.person is None:
        raise WrongPatient("update: expected a Patient, found none")
    texts = passport.store.resources_of(message.source.source_id)
    chosen = travelling(message, reading, update.bundle, texts)
    outermost = len(set(leaves))
    own = sorted(leaves[at] for at in chosen | {reading.person.position} if at < outermost)
    inner = [_unsigned_entry(message.source, texts[at]) for at in sorted(chosen) if at >= outermost]
    return entries.prove(update.resources, update.seed, update.root_jws, own), inner


def _imported(passport: Passport, message: Message) -> list[UnsignedEntry]:
    """The chosen entries of one file; those of files with one name keep apart by `received`, to the second."""
    kept = as_received(passport, message.source)
    chosen = travelling(message, kept.reading, kept.bundle, kept.texts)
    return [_unsigned_entry(message.source, kept.texts[at]) for at in sorted(chosen)]


def _unsigned_entry(source: SourceInfo, resource: bytes) -> UnsignedEntry:
    return UnsignedEntry(source.issuer_name, f"{source.received_at:%Y-%m-%dT%H:%M:%SZ}", resource)


def travelling(message: Message, reading: Reading, bundle: bytes, texts: Sequence[bytes]) -> set[int]:
    """The positions of what was chosen, of what was merged into it, whom it names, and what its lists said."""
    told = message.positions | {at for at, into in reading.merged.items() if into in message.positions}
    said = {at for at in _standing_apart(reading) if _says_only(texts[at], reading.fhir_version, message.notes)}
    return told | said | named_by(told, Frame(unwrap(load(bundle), reading.fhir_version)))


def _standing_apart(reading: Reading) -> Iterator[int]:
    return (at for at, into in reading.merged.items() if into == INTO_FRAME)


def _says_only(resource: bytes, fhir_version: str, notes: set[SectionNote]) -> bool:
    """Whether a resource says something about its whole section, and nothing but what was chosen."""
    said = set(read_resources([resource], fhir_version).notes) if notes else set()
    return bool(said) and said <= notes


def named_by(positions: set[int], frame: Frame) -> set[int]:
    """Who and where the resources at `positions` name, and whom those name in turn."""
    found: set[int] = set()
    waiting = list(positions)
    for position in waiting:
        for literal in literals(frame.at(position)):
            at = frame.position(literal)
            if at is not None and at not in found and frame.at(at).get("resourceType") in NAMED:
                found.add(at)
                waiting.append(at)
    return found
