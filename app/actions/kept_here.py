"""What the keystore of this device holds of a passport: names, and forgetting all of it.

Owns the names of the entries, each of which begins with the vault id. Tries are trying.py's, the mirror of the store's
age guarding.py's, the device secret beside a PIN session.py's, the key of the locked card keeping_card.py's.
"""

from __future__ import annotations

import contextlib

from app.store.keystore import Keystore
from crypto import vault
from crypto.errors import KeystoreUnavailable
from crypto.vault_header import Header


def tries_entry(vault_id: str) -> str:
    """Wrong tries in a row."""
    return f"{vault_id}.tries"


def age_entry(vault_id: str) -> str:
    """How old the newest store and header were."""
    return f"{vault_id}.age"


def device_entry(vault_id: str, device: str) -> str:
    """The secret without which a PIN opens nothing."""
    return f"{vault_id}.device.{device}"


def card_entry(vault_id: str) -> str:
    """The key that seals the emergency card shown while locked."""
    return f"{vault_id}.card"


def forget_pin(keystore: Keystore, header: Header) -> None:
    """Forget the device secret of a header's PIN, where it has one. A keystore that refuses keeps it."""
    device = vault.device_of(header)
    if device is not None:
        _forget(keystore, device_entry(header.vault_id, device))


def forget_passport(keystore: Keystore, header: Header) -> None:
    """Forget everything of a passport that is deleted."""
    forget_pin(keystore, header)
    for name in (tries_entry(header.vault_id), age_entry(header.vault_id), card_entry(header.vault_id)):
        _forget(keystore, name)


def _forget(keystore: Keystore, name: str) -> None:
    with contextlib.suppress(KeystoreUnavailable):
        keystore.delete(name)
