"""One contract for every keystore: in memory (for tests), over keyring, over phones' secure storage (tests/ui)."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import keyring.errors
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailKeyring

from app.store import system_keystore
from app.store.keystore import Keystore, NoKeystore
from app.store.system_keystore import OFF, SERVICE, SystemKeystore
from crypto.errors import KeystoreUnavailable
from tests.faults.keystore import KeptKeystore
from tests.store.keystores import MemoryKeystore

NAME = "VXDknG3Pzju5G4JXm4zRMg.device.SsWPkMxjYxIa3-2NDIhDlg"
VALUE = bytes(range(256))


class TextKeyring(KeyringBackend):
    """keyring's own port in memory: text in, text out, an error for a name that is not there."""

    priority = 1.0

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("not there")


@pytest.fixture(params=["memory", "keyring", "kept in a file"])
def keystore(request: pytest.FixtureRequest, tmp_path: Path) -> Keystore:
    made: dict[str, Keystore] = {
        "memory": MemoryKeystore(),
        "keyring": SystemKeystore(TextKeyring()),
        "kept in a file": KeptKeystore(tmp_path / "keystore"),
    }
    return made[request.param]


def test_what_is_written_is_read_back_byte_for_byte(keystore: Keystore) -> None:
    assert keystore.available
    assert keystore.read(NAME) is None
    for value in (VALUE, b"", b"\0"):
        keystore.write(NAME, value)
        assert keystore.read(NAME) == value
    assert keystore.read(NAME + "x") is None


def test_what_is_deleted_is_gone_and_may_be_deleted_twice(keystore: Keystore) -> None:
    keystore.write(NAME, VALUE)
    keystore.write(NAME + "x", VALUE)
    keystore.delete(NAME)
    keystore.delete(NAME)
    assert keystore.read(NAME) is None
    assert keystore.read(NAME + "x") == VALUE


@pytest.mark.parametrize("keystore", [NoKeystore(), SystemKeystore(FailKeyring())], ids=["none", "refusing"])
def test_a_keystore_that_is_not_there_refuses_every_use(keystore: Keystore) -> None:
    uses: list[Callable[[], object]] = [
        lambda: keystore.read(NAME),
        lambda: keystore.write(NAME, VALUE),
        lambda: keystore.delete(NAME),
    ]
    for use in uses:
        with pytest.raises(KeystoreUnavailable) as refused:
            use()
        assert refused.value.code == "keystore-unavailable"
        assert NAME not in str(refused.value)


def test_no_keystore_says_so() -> None:
    assert not NoKeystore().available


def test_text_of_another_program_under_our_name_is_refused_and_left() -> None:
    backend = TextKeyring()
    backend.set_password(SERVICE, NAME, "not base64!")
    with pytest.raises(KeystoreUnavailable, match="base64"):
        SystemKeystore(backend).read(NAME)
    assert backend.get_password(SERVICE, NAME) == "not base64!"


def test_a_value_stands_as_text_under_our_service() -> None:
    backend = TextKeyring()
    SystemKeystore(backend).write(NAME, b"\xff\0")
    assert backend.kept == {(SERVICE, NAME): "/wA="}


def test_only_backends_that_the_system_seals_are_named() -> None:
    named = {*system_keystore._SEALED_ELSEWHERE, *(one for many in system_keystore._SEALED.values() for one in many)}
    refused = ("fail", "null", "chainer", "alt", "file")
    for name in named:
        module, _, kind = name.rpartition(".")
        assert issubclass(getattr(importlib.import_module(module), kind), KeyringBackend)
    assert [name for name in named if any(word in name.casefold().split(".") for word in refused)] == []


@pytest.fixture
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OFF)


@pytest.mark.usefixtures("switched_on")
def test_a_setting_for_another_backend_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setattr(system_keystore, "_SEALED_ELSEWHERE", ("keyring.backends.nowhere.Keyring",))
    assert isinstance(system_keystore.system_keystore("linux"), NoKeystore)


@pytest.mark.usefixtures("switched_on")
def test_a_backend_that_works_is_taken_unless_it_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = TextKeyring()
    monkeypatch.setattr(system_keystore, "_backend", lambda name: backend if "SecretService" in name else None)
    found = system_keystore.system_keystore("linux")
    found.write(NAME, VALUE)
    assert SystemKeystore(backend).read(NAME) == VALUE
    monkeypatch.setenv(OFF, "1")
    assert isinstance(system_keystore.system_keystore("linux"), NoKeystore)
