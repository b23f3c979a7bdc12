"""The phone's keystore through a real Flet session and the real flet-secure-storage service; the phone is played."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flet as ft
import msgpack
import pytest
from flet.messaging.protocol import Message, MessageAction
from flet_secure_storage import SecureStorage

from app.compose import household_on
from app.store.household import Household
from app.store.keystore import NoKeystore
from app.ui.secure_storage import PhoneKeystore, phone_keystore
from crypto.errors import KeystoreUnavailable
from tests.flows.driver import Driver, encode

NAME = "VXDknG3Pzju5G4JXm4zRMg.age"


class Phone:
    """Keeps what the service sends; `error` is what the platform says instead."""

    def __init__(self, driver: Driver) -> None:
        self.kept: dict[str, str] = {}
        self.error: str | None = None
        self.sent: list[bytes] = []
        self._driver = driver
        self._pass_on = driver.client.send_message
        driver.client.send_message = self.send_message  # type: ignore[method-assign]

    def send_message(self, message: Message) -> None:
        body: Any = message.body
        self.sent.append(msgpack.packb([message.action, body], default=encode))
        if message.action != MessageAction.INVOKE_METHOD or body.name not in ("get", "set", "remove"):
            self._pass_on(message)
            return
        answer = None if self.error else self._do(body.name, body.args["key"], body.args.get("value"))
        reply = self._driver.session.handle_invoke_method_results
        self._driver.client.loop.call_soon(reply, body.control_id, body.call_id, answer, self.error)

    def _do(self, name: str, key: str, value: str | None) -> str | None:
        if name == "get":
            return self.kept.get(key)
        self.kept.pop(key, None)
        if value is not None:
            self.kept[key] = value
        return None


def on_a_phone(play: Callable[[PhoneKeystore, Phone], None], platform: ft.PagePlatform) -> Phone:
    """Run `play` in a worker thread, as actions run, beside a window on a phone."""

    async def story() -> Phone:
        driver = Driver()
        phone = Phone(driver)

        async def main(page: ft.Page) -> None:
            page.platform = platform
            keystore = phone_keystore(page)
            assert keystore is not None
            page.update()
            await asyncio.to_thread(play, keystore, phone)

        await driver.start(main)
        await driver.stop()
        return phone

    return asyncio.run(story())


@pytest.mark.parametrize("platform", [ft.PagePlatform.ANDROID, ft.PagePlatform.IOS])
def test_a_secret_is_kept_read_and_forgotten_through_the_real_service(platform: ft.PagePlatform) -> None:
    def play(keystore: PhoneKeystore, phone: Phone) -> None:
        assert keystore.read(NAME) is None
        keystore.write(NAME, b"\xff\0")
        assert phone.kept == {NAME: "/wA="}
        assert keystore.read(NAME) == b"\xff\0"
        keystore.delete(NAME)
        assert phone.kept == {}

    on_a_phone(play, platform)


def test_what_the_platform_refuses_is_a_refusal_of_ours() -> None:
    def play(keystore: PhoneKeystore, phone: Phone) -> None:
        phone.kept[NAME] = "AA=="
        phone.error = "PlatformException(Exception encountered, BadPaddingException)"
        for use in (lambda: keystore.read(NAME), lambda: keystore.write(NAME, b"x"), lambda: keystore.delete(NAME)):
            with pytest.raises(KeystoreUnavailable):
                use()
        assert phone.kept == {NAME: "AA=="}

    on_a_phone(play, ft.PagePlatform.ANDROID)


def test_the_settings_reach_the_phone_with_the_service() -> None:
    def play(keystore: PhoneKeystore, phone: Phone) -> None:
        keystore.write(NAME, b"x")

    sent = b"".join(on_a_phone(play, ft.PagePlatform.IOS).sent)
    assert b"SecureStorage" in sent
    assert b"unlocked_this_device" in sent
    assert msgpack.packb("reset_on_error") + msgpack.packb(False) in sent


def test_only_a_phone_gives_everybodys_home_another_keystore(tmp_path: Path) -> None:
    async def story() -> None:
        driver = Driver()
        household = Household(tmp_path)

        async def main(page: ft.Page) -> None:
            assert household_on(page, household) is household
            page.platform = ft.PagePlatform.ANDROID
            page.web = True
            assert household_on(page, household) is household
            page.web = False
            on_phone = household_on(page, household).first().home
            assert on_phone.path == tmp_path
            assert isinstance(on_phone.keystore, PhoneKeystore)
            assert isinstance(on_phone.keystore._storage, SecureStorage)

        await driver.start(main)
        await driver.stop()
        assert isinstance(household.first().home.keystore, NoKeystore)

    asyncio.run(story())
