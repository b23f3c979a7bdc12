"""The keystore of phones: the port's contract over an event loop of its own, and every way it can stay silent."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flet_secure_storage import KeychainAccessibility

from app.ui import secure_storage
from app.ui.secure_storage import ANDROID, IOS, PhoneKeystore
from crypto.errors import KeystoreUnavailable

NAME = "VXDknG3Pzju5G4JXm4zRMg.device.SsWPkMxjYxIa3-2NDIhDlg"
VALUE = bytes(range(256))


class PhoneStorage:
    """flet-secure-storage's port in memory; `refusal` is raised, `silent` never answers."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.refusal: Exception | None = None
        self.silent = False

    async def get(self, key: str) -> str | None:
        await self._asked()
        return self.kept.get(key)

    async def set(self, key: str, value: Any) -> None:
        await self._asked()
        self.kept[key] = value

    async def remove(self, key: str) -> None:
        await self._asked()
        self.kept.pop(key, None)

    async def _asked(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        if self.silent:
            await asyncio.Event().wait()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread, as the app's does beside the workers."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    if not loop.is_closed():
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def storage() -> PhoneStorage:
    return PhoneStorage()


@pytest.fixture
def keystore(storage: PhoneStorage, loop: asyncio.AbstractEventLoop) -> PhoneKeystore:
    return PhoneKeystore(storage, loop)


def test_what_is_written_is_read_back_byte_for_byte(keystore: PhoneKeystore) -> None:
    assert keystore.available
    assert keystore.read(NAME) is None
    for value in (VALUE, b"", b"\0"):
        keystore.write(NAME, value)
        assert keystore.read(NAME) == value


def test_what_is_deleted_is_gone_and_may_be_deleted_twice(keystore: PhoneKeystore) -> None:
    keystore.write(NAME, VALUE)
    keystore.delete(NAME)
    keystore.delete(NAME)
    assert keystore.read(NAME) is None


def refuses(keystore: PhoneKeystore, why: str) -> None:
    for use in (lambda: keystore.read(NAME), lambda: keystore.write(NAME, VALUE), lambda: keystore.delete(NAME)):
        with pytest.raises(KeystoreUnavailable, match=why) as refused:
            use()
        assert refused.value.code == "keystore-unavailable"
        assert NAME not in str(refused.value)


@pytest.mark.parametrize("refusal", [RuntimeError("PlatformException"), OSError("gone")])
def test_a_phone_that_refuses_keeps_what_it_had(
    keystore: PhoneKeystore, storage: PhoneStorage, refusal: Exception
) -> None:
    storage.kept[NAME] = "AA=="
    storage.refusal = refusal
    refuses(keystore, "refused")
    assert storage.kept == {NAME: "AA=="}


def test_a_phone_that_does_not_answer_is_not_waited_for(
    keystore: PhoneKeystore, storage: PhoneStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secure_storage, "ANSWER_SECONDS", 0.01)
    storage.silent = True
    refuses(keystore, "no answer")


def test_text_of_another_program_is_refused(keystore: PhoneKeystore, storage: PhoneStorage) -> None:
    storage.kept[NAME] = "not base64!"
    with pytest.raises(KeystoreUnavailable, match="base64"):
        keystore.read(NAME)
    assert storage.kept == {NAME: "not base64!"}


def test_asked_on_the_event_loop_it_refuses_at_once_and_does_not_wait_for_itself(
    keystore: PhoneKeystore, storage: PhoneStorage, loop: asyncio.AbstractEventLoop
) -> None:
    async def on_the_loop() -> None:
        refuses(keystore, "found the event loop")

    asyncio.run_coroutine_threadsafe(on_the_loop(), loop).result(5)
    assert storage.kept == {}


def test_after_the_window_is_gone_it_refuses(storage: PhoneStorage) -> None:
    closed = asyncio.new_event_loop()
    closed.close()
    refuses(PhoneKeystore(storage, closed), "closed")


def test_nothing_is_reset_and_nothing_leaves_this_device() -> None:
    assert ANDROID.reset_on_error is False
    assert IOS.synchronizable is False
    assert IOS.accessibility is KeychainAccessibility.UNLOCKED_THIS_DEVICE
