"""When the emergency card was opened while locked: noted in a box that can only be added to, told after unlocking.

Owns the way of a note from the box into the store and from there to the patient. The bytes of the box are
crypto/sealed_box.py's, its file app/store/home.py's. What the store holds is told until the patient has seen it:
killed anywhere on the way it is told again, never lost. What whoever holds the device can do to the box stands in
crypto/THREATS.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from app.actions.keeping_card import box_key
from app.actions.locked_card import kept_outside
from app.actions.session import Passport
from app.store.home import PassportHome
from app.store.instant import from_text, to_text
from crypto import sealed_box
from crypto.errors import MalformedToken, Tampered
from crypto.sealed_box import NOTE_BYTES
from crypto.vault_header import read_header

_TOLD_OF: Final = "card-openings"
MAX_TIMES: Final = 20
"""So many times are told one by one, the newest; the others are counted."""


@dataclass(frozen=True, slots=True)
class CardOpenings:
    """What is to be told. `times` the newest of `count` openings, oldest first; `spoiled`: notes that were damaged,
    taken out of the middle or put in by somebody else."""

    count: int = 0
    times: tuple[datetime, ...] = ()
    spoiled: int = 0

    @property
    def calls(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.count or self.spoiled)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the store holds. `seen` names the parts that came out of the box last, which may be in it still."""

    openings: CardOpenings = field(default_factory=CardOpenings)
    seen: frozenset[str] = frozenset()


def note_opening(home: PassportHome, *, now: datetime) -> None:
    """Note that the locked card was opened; nothing where it was kept without a box. After it is shown, never before.

    Raises StoreUnavailable, StoreDamaged, HeaderUnreadable, MalformedToken.
    """
    outside = kept_outside(home)
    if outside is None or outside.box is None:
        return
    vault_id = read_header(home.read_header()).vault_id
    with home.alone():
        added = sealed_box.add(home.read_box(sealed_box.MAX_BOX_BYTES), outside.box, vault_id, now)
        home.write_into_box(added.offset, added.data)


def openings_to_tell(passport: Passport) -> CardOpenings:
    """What was noted since the patient last said that it was seen; what is in the box goes into the store first.

    An older copy is not written to: there the box stays as it is. Raises StoreUnavailable.
    """
    if not passport.rolled_back:
        _empty_box(passport)
    return _kept(passport).openings


def openings_were_seen(passport: Passport, told: CardOpenings) -> None:
    """The patient has seen `told`; what came after it is told yet. Raises OlderCopyOpened."""
    kept = _kept(passport)
    if kept.openings == told:
        _keep(passport, replace(kept, openings=CardOpenings()))


def _empty_box(passport: Passport) -> None:
    """Into the store in one transaction, then out of the box: a kill between the two is what `seen` is for."""
    home = passport.home
    if not home.read_box(1):
        return
    with home.alone():
        box = home.read_box(sealed_box.MAX_BOX_BYTES + 1)
        kept = _kept(passport)
        names = frozenset(_name(box[at : at + NOTE_BYTES]) for at in range(0, len(box), NOTE_BYTES))
        if not names <= kept.seen:
            _keep(passport, _Kept(_joined(kept.openings, _read(passport, box, kept.seen)), names))
        home.remove_box()


def _read(passport: Passport, box: bytes, seen: frozenset[str]) -> CardOpenings:
    found, key = sealed_box.parts(box), box_key(passport)
    places: set[int] = set()
    times: list[datetime] = []
    spoiled = found.spoiled
    for part in found.parts:
        note = None if key is None else _opened(key, passport.header.vault_id, part)
        if note is None or note.place in places:
            spoiled += _name(part) not in seen
            continue
        places.add(note.place)
        if _name(part) not in seen:
            times.append(note.at)
    taken_out = max(places, default=-1) + 1 - len(found.parts)
    return CardOpenings(len(times) + found.no_room, tuple(times), spoiled + max(0, taken_out))


def _opened(key: sealed_box.BoxKey, vault_id: str, part: bytes) -> sealed_box.Note | None:
    try:
        return sealed_box.open_note(key, vault_id, part)
    except (MalformedToken, Tampered):
        return None


def _joined(one: CardOpenings, other: CardOpenings) -> CardOpenings:
    times = tuple(sorted((*one.times, *other.times))[-MAX_TIMES:])
    return CardOpenings(one.count + other.count, times, one.spoiled + other.spoiled)


def _name(part: bytes) -> str:
    return hashlib.sha256(part).hexdigest()[:16]


# ---- in the store ---------------------------------------------------------------------------


def _kept(passport: Passport) -> _Kept:
    kept = passport.store.setting(_TOLD_OF)
    if kept is None:
        return _Kept()
    of: dict[str, Any] = json.loads(kept)
    times = tuple(from_text(time) for time in of["times"])
    return _Kept(CardOpenings(of["count"], times, of["spoiled"]), frozenset(of["seen"]))


def _keep(passport: Passport, kept: _Kept) -> None:
    of = asdict(kept.openings) | {"times": [to_text(at) for at in kept.openings.times], "seen": sorted(kept.seen)}
    passport.store.set_setting(_TOLD_OF, json.dumps(of))
