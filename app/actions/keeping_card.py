"""Keeping the emergency card outside the vault, sealed to this device where it has a keystore, and taking it away.

Owns what is written where and under which key, and the patient's choices about it. Which card it is, and when it is
made anew, is emergency.py's; reading it while locked locked_card.py's.

A card that was sealed is never written readable in its place: where the keystore does not answer when the card is to
be made anew, the old one goes and nothing can be shown until it answers.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, replace
from typing import Final

from app.actions.kept_here import card_entry
from app.actions.locked_card import ShownCard, kept_outside, to_bytes
from app.actions.locked_form import Outside, context_of
from app.actions.locked_form import to_bytes as file_bytes
from app.actions.session import Passport
from app.policy.locked_choices import LockedChoices
from crypto import device_seal, json_text
from crypto.errors import CardKeyUnavailable, KeystoreUnavailable, StoreDamaged
from crypto.sealed_box import BoxKey

_CHOICES: Final = "emergency.while-locked"
_BOX_KEY: Final = "card-openings"


def choices_of(passport: Passport) -> LockedChoices:
    """What the patient chose."""
    kept = json.loads(passport.store.setting(_CHOICES) or "{}")
    return LockedChoices(**{name: kept.get(name) is True for name in asdict(LockedChoices())})


def note_choices(passport: Passport, choices: LockedChoices) -> None:
    """Keep what the patient chose; the card is not made anew here. Raises OlderCopyOpened."""
    passport.store.set_setting(_CHOICES, json.dumps(asdict(choices)))


def keep_card(passport: Passport, card: ShownCard, choices: LockedChoices) -> None:
    """Keep a card outside the vault. Raises CardKeyUnavailable, and leaves what was there as it was."""
    if choices.codes_only:
        card = replace(card, groups=(), text="")
    inside = to_bytes(card)
    outside = Outside(choices, _box(passport))
    if passport.home.keystore.available or _is_sealed(passport):
        key = _key(passport)
        outside = replace(outside, sealed=_sealed(passport, key, outside, inside))
    else:
        outside = replace(outside, card=json_text.parse_object(inside))
    passport.home.write_locked_card(file_bytes(outside))


def shut_card(passport: Passport, choices: LockedChoices) -> None:
    """Put in the place of a card one that nobody can open: under a key that is kept nowhere, and with nothing in it."""
    outside = Outside(choices, _box(passport))
    sealed = _sealed(passport, device_seal.new_key(), outside, b"{}")
    passport.home.write_locked_card(file_bytes(replace(outside, sealed=sealed)))


def take_card_away(passport: Passport) -> None:
    """Take the card from the disk and its key from the keystore; one that refuses keeps a key that opens nothing."""
    passport.home.remove_locked_card()
    with contextlib.suppress(KeystoreUnavailable):
        passport.home.keystore.delete(card_entry(passport.header.vault_id))


def box_key(passport: Passport) -> BoxKey | None:
    """The key that reads the box of openings; None before there was one."""
    kept = passport.store.secret(_BOX_KEY)
    return None if kept is None else BoxKey.from_bytes(kept)


def _box(passport: Passport) -> bytes | None:
    """The half of it that is kept outside. An older copy is not written to: without a key yet it has no box."""
    key = box_key(passport)
    if key is None and not passport.rolled_back:
        key = BoxKey.generate()
        passport.store.set_secret(_BOX_KEY, key.to_bytes())
    return None if key is None else key.public


def _is_sealed(passport: Passport) -> bool:
    try:
        outside = kept_outside(passport.home)
    except StoreDamaged:
        return False
    return outside is not None and outside.sealed is not None


def _sealed(passport: Passport, key: bytes, outside: Outside, inside: bytes) -> bytes:
    return device_seal.seal(key, context_of(outside, passport.header.vault_id), inside)


def _key(passport: Passport) -> bytes:
    """The one that is kept, or a new one that is read back before anything is sealed with it."""
    keystore, entry = passport.home.keystore, card_entry(passport.header.vault_id)
    try:
        kept = keystore.read(entry)
        if kept is not None and len(kept) == device_seal.KEY_BYTES:
            return kept
        key = device_seal.new_key()
        keystore.write(entry, key)
        if keystore.read(entry) != key:
            raise CardKeyUnavailable("card key: expected what was written, found another")
    except KeystoreUnavailable as error:
        raise CardKeyUnavailable("card key: expected a keystore that keeps it, found a refusal") from error
    return key
