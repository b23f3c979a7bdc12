"""The keystore of a phone, through flet-secure-storage: Android's Keystore, the iOS keychain.

Owns its settings and the step from the worker threads that ask to the event loop that answers. Fills the port of
app/store/keystore.py without importing it (ui knows no store). Nothing is reset when an entry cannot be read: that
would take every other secret with it. Nothing leaves this device, by backup or by synchronising.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import concurrent.futures
from collections.abc import Coroutine
from typing import Any, Final, Protocol, TypeVar

import flet as ft
from flet_secure_storage import AndroidOptions, IOSOptions, KeychainAccessibility, SecureStorage

from crypto.errors import KeystoreUnavailable

ANSWER_SECONDS: Final = 10.0
"""A phone that takes longer than this for a small secret is not going to answer."""

ANDROID: Final = AndroidOptions(reset_on_error=False)
IOS: Final = IOSOptions(
    account_name="patient-passport", accessibility=KeychainAccessibility.UNLOCKED_THIS_DEVICE, synchronizable=False
)

T = TypeVar("T")


class Storage(Protocol):
    """What is asked of flet-secure-storage."""

    async def get(self, key: str) -> str | None: ...
    async def set(self, key: str, value: Any) -> None: ...
    async def remove(self, key: str) -> None: ...


class PhoneKeystore:
    """A keystore that is asked from any thread but the event loop's own, where it would wait for itself."""

    def __init__(self, storage: Storage, loop: asyncio.AbstractEventLoop) -> None:
        self._storage = storage
        self._loop = loop

    @property
    def available(self) -> bool:
        """Phones keep secrets for programs; one that refuses says so when it is asked."""
        return True

    def read(self, name: str) -> bytes | None:
        """What is kept under a name, None where nothing is; raises KeystoreUnavailable."""
        kept = self._answer(self._storage.get(name))
        if kept is None:
            return None
        try:
            return base64.b64decode(kept.encode("ascii"), validate=True)
        except (UnicodeEncodeError, binascii.Error) as error:
            raise KeystoreUnavailable("expected base64, found other text") from error

    def write(self, name: str, value: bytes) -> None:
        """Keep a value under a name; raises KeystoreUnavailable."""
        self._answer(self._storage.set(name, base64.b64encode(value).decode("ascii")))

    def delete(self, name: str) -> None:
        """Forget what is kept under a name, if anything is; raises KeystoreUnavailable."""
        self._answer(self._storage.remove(name))

    def _answer(self, asked: Coroutine[Any, Any, T]) -> T:
        if _running_loop() is self._loop:
            asked.close()
            raise KeystoreUnavailable("expected a worker thread, found the event loop")
        if self._loop.is_closed():
            asked.close()
            raise KeystoreUnavailable("expected an event loop that runs, found it closed")
        answer = asyncio.run_coroutine_threadsafe(asked, self._loop)
        try:
            return answer.result(ANSWER_SECONDS)
        except concurrent.futures.TimeoutError as error:
            answer.cancel()
            raise KeystoreUnavailable(f"no answer in {ANSWER_SECONDS:.0f} s") from error
        except (RuntimeError, OSError, concurrent.futures.CancelledError) as error:  # a refusal is flet's RuntimeError
            raise KeystoreUnavailable(f"the keystore refused ({type(error).__name__})") from error


def phone_keystore(page: ft.Page) -> PhoneKeystore | None:
    """The keystore of the phone the app runs on; None anywhere else. To be called on the event loop of `page`."""
    if page.web or page.platform not in (ft.PagePlatform.ANDROID, ft.PagePlatform.IOS):
        return None
    return PhoneKeystore(SecureStorage(android_options=ANDROID, ios_options=IOS), asyncio.get_running_loop())


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
