"""What the device's operating system keeps for this program outside the folder: a few small secrets and counts.

Owns the port and having none. system_keystore.py fills it on desktops, app/ui/secure_storage.py on phones. What is
kept, under which names and what its loss means is the actions'.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, Protocol

from crypto.errors import KeystoreUnavailable


class Keystore(Protocol):
    """Names are ASCII and begin with a vault id; values are a few hundred bytes. Blocks; may ask the person first."""

    @property
    def available(self) -> bool:
        """Whether this device keeps secrets for programs at all."""

    def read(self, name: str) -> bytes | None:
        """What is kept under a name, None where nothing is; raises KeystoreUnavailable."""

    def write(self, name: str, value: bytes) -> None:
        """Keep a value under a name, in the place of what was there; raises KeystoreUnavailable."""

    def delete(self, name: str) -> None:
        """Forget what is kept under a name, if anything is; raises KeystoreUnavailable."""


class NoKeystore:
    """A device that keeps no secrets for programs: every use is refused."""

    @property
    def available(self) -> bool:
        """Never."""
        return False

    def read(self, name: str) -> bytes | None:
        """Raises KeystoreUnavailable."""
        self._refuse()

    def write(self, name: str, value: bytes) -> None:
        """Raises KeystoreUnavailable."""
        self._refuse()

    def delete(self, name: str) -> None:
        """Raises KeystoreUnavailable."""
        self._refuse()

    @staticmethod
    def _refuse() -> NoReturn:
        raise KeystoreUnavailable("expected a keystore, found none")


class LateKeystore:
    """A keystore that is looked for when it is first needed: to look takes a tenth of a second of a start."""

    def __init__(self, find: Callable[[], Keystore]) -> None:
        self._find = find
        self._found: Keystore | None = None

    @property
    def available(self) -> bool:
        """Whether the one that is found keeps secrets."""
        return self._keystore().available

    def read(self, name: str) -> bytes | None:
        """What is kept under a name."""
        return self._keystore().read(name)

    def write(self, name: str, value: bytes) -> None:
        """Keep a value under a name."""
        self._keystore().write(name, value)

    def delete(self, name: str) -> None:
        """Forget what is kept under a name."""
        self._keystore().delete(name)

    def _keystore(self) -> Keystore:
        if self._found is None:
            self._found = self._find()
        return self._found
