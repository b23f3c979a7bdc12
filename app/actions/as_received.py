"""One kept message opened again: its Bundle, what it reads as, and every resource as it stood.

Owns telling an update, a health card and a plain file apart, for whoever gives resources out again. Whether a message
may be believed was decided when it came in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.actions.import_forms import card_reading
from app.actions.session import Passport
from app.record.bundle import Received, load, unwrap
from app.record.entry import Reading
from app.record.reading import read_bundle
from app.record.source import SourceInfo, SourceKind
from app.store import received
from crypto import card, jws


@dataclass(frozen=True, slots=True)
class AsReceived:
    """`bundle` as it stood; `texts` are the resources by position, `places` the same parsed, with their fullUrls."""

    bundle: bytes = field(repr=False)
    reading: Reading = field(repr=False)
    places: Received = field(repr=False)
    texts: tuple[bytes, ...] = field(repr=False)


def as_received(passport: Passport, source: SourceInfo) -> AsReceived:
    """The message behind `source`; raises StoreDamaged where it is missing."""
    raw = passport.store.raw_message(source.source_id)
    if source.kind is SourceKind.UPDATE:
        update = received.signed_update(raw)
        bundle, reading = update.bundle, read_bundle(update.bundle, update.fhir_version)
    elif raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") or raw.count(b".") != 2:
        bundle, reading = raw, read_bundle(raw)
    else:
        token = raw.decode("ascii", "replace")
        bundle, reading = card.bundle_of(jws.read_unverified(token).payload), card_reading(token)
    places = unwrap(load(bundle), reading.fhir_version)
    return AsReceived(bundle, reading, places, passport.store.resources_of(source.source_id))
