"""The shell of a window, where it needs no window."""

from __future__ import annotations

import asyncio

import pytest

from app.ui.shell import Shell
from crypto.errors import NoBrowser


def test_a_page_outside_is_opened_by_the_persons_own_browser_or_told_that_there_is_none() -> None:
    async def story() -> None:
        opened: list[str] = []
        shell = Shell.__new__(Shell)
        shell.outside = lambda address: not opened.append(address)
        await shell.open_page("http://127.0.0.1:1/login")
        assert opened == ["http://127.0.0.1:1/login"]
        shell.outside = lambda _address: False
        with pytest.raises(NoBrowser) as refusal:
            await shell.open_page("http://127.0.0.1:1/login")
        assert refusal.value.code == "no-browser"

    asyncio.run(story())
