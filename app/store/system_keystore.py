"""The keystores of desktops, through `keyring`: the Secret Service, KWallet, the macOS keychain, Windows credentials.

Only what the operating system seals is used: never keyring's `null` or `fail`, nor the plain files of `keyrings.alt`,
nor a backend that a setting or a plugin brings in. So backends are named here, and keyring is not asked for one.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import keyring.errors
from keyring.backend import KeyringBackend

from app.store.keystore import NoKeystore
from crypto.errors import KeystoreUnavailable

SERVICE: Final = "patient-passport"
"""What the operating system's own list of secrets shows them under."""

OFF: Final = "PATIENT_PASSPORT_NO_KEYSTORE"
"""Set to anything in the environment: no keystore is used. For made-up passports, which would leave entries behind."""

_SEALED: Final = {
    "darwin": ("keyring.backends.macOS.Keyring",),
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
}
_SEALED_ELSEWHERE: Final = (
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.libsecret.Keyring",
)

_ERRORS_OF_BACKENDS: Final = (
    ("secretstorage.exceptions", "SecretStorageException"),
    ("jeepney", "DBusErrorResponse"),
    ("dbus", "DBusException"),
    ("win32ctypes.pywin32.pywintypes", "error"),
)
"""keyring lets these through, each from a library that only some systems have."""


class SystemKeystore:
    """A `Keystore` over one of keyring's backends; values stand there as base64, because keyring keeps text."""

    def __init__(self, backend: KeyringBackend) -> None:
        self._backend = backend

    @property
    def available(self) -> bool:
        """Whether it answered when the program started; it may still refuse later."""
        return True

    def read(self, name: str) -> bytes | None:
        """What is kept under a name."""
        with _translated():
            kept = self._backend.get_password(SERVICE, name)
        if kept is None:
            return None
        try:
            return base64.b64decode(kept.encode("ascii"), validate=True)
        except (UnicodeEncodeError, binascii.Error) as error:
            raise KeystoreUnavailable("expected base64, found other text") from error

    def write(self, name: str, value: bytes) -> None:
        """Keep a value under a name."""
        with _translated():
            self._backend.set_password(SERVICE, name, base64.b64encode(value).decode("ascii"))

    def delete(self, name: str) -> None:
        """Forget what is kept under a name."""
        if self.read(name) is None:
            return
        with _translated():
            self._backend.delete_password(SERVICE, name)


def system_keystore(platform: str = sys.platform) -> SystemKeystore | NoKeystore:
    """The keystore of the desktop this runs on; NoKeystore where it has none that the system seals, or it is OFF."""
    if os.environ.get(OFF):
        return NoKeystore()
    for name in _SEALED.get(platform, _SEALED_ELSEWHERE):
        backend = _backend(name)
        if backend is not None:
            return SystemKeystore(backend)
    return NoKeystore()


def _backend(name: str) -> KeyringBackend | None:
    """keyring says that a backend does not work here by a RuntimeError from its priority (`viable`)."""
    try:
        module, _, kind = name.rpartition(".")
        found = getattr(importlib.import_module(module), kind)
        with _translated():
            return found() if found.viable else None
    except (ImportError, KeystoreUnavailable):
        return None


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _library_errors() as error:
        raise KeystoreUnavailable(f"the keystore refused ({type(error).__name__})") from error


def _library_errors() -> tuple[type[Exception], ...]:
    loaded = ((sys.modules.get(module), name) for module, name in _ERRORS_OF_BACKENDS)
    theirs = (getattr(module, name) for module, name in loaded if module is not None)
    return (keyring.errors.KeyringError, RuntimeError, OSError, *theirs)
