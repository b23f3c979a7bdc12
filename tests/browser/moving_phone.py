"""One phone of a move, as a program: the real window, screens, journeys, codes and camera, with made-up bytes to move.

    python -m tests.browser.moving_phone --home DIR [--shows FILE | --receives FILE]

With `--shows` it stands before "Move to a new phone" and what it moves are the bytes of FILE. With `--receives` it
stands before "Move from another phone" and writes what came to FILE. Prints where it is, as the app does.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import flet as ft

from app.actions.session import Passport, create_passport
from app.clock import Clock, system_now
from app.journeys.desk import Desk
from app.journeys.moving import Moving
from app.journeys.receiving import Receiving
from app.screens import message, moving, receiving
from app.store.household import Household
from app.ui.look import Look
from app.ui.shell import Appearance, Shell
from app.ui.window import Address, serve
from crypto.vault_header import FLOOR

ARRIVED = message.MessageState("Arrived", "Everything came over.", "Continue")


class Phone:
    """The window of one phone."""

    def __init__(self, home: Path, shows: Path | None, receives: Path | None) -> None:
        self.household, self.shows, self.receives = Household(home), shows, receives
        self.desk: Desk | None = None

    async def open(self, page: ft.Page) -> None:
        shell = Shell(page, self._draw, Appearance())
        desk = self.desk = Desk(self.household, self.household.first(), shell, Clock(), UTC)
        self.moving = Moving(desk, self._back_up, desk.stay)
        self.receiving = Receiving(desk, self._restored, desk.stay)
        shell.open(moving.MoveState() if self.shows else receiving.ReceiveState())
        self.show = shell.show
        if self.shows:
            passport, _ = create_passport(desk.home, "anchor violet teapot harvest", now=system_now(), cost=FLOOR)
            desk.open(passport)
        await desk.start_at(self.moving.begin if self.shows else self.receiving.begin)

    def lock(self) -> None:
        """What the app does when a window is closed or lost."""
        if self.desk is not None:
            self.desk.lock()

    def _draw(self, state: object, look: Look) -> ft.View:
        match state:
            case moving.MoveState():
                return moving.view(state, self.moving.events(), look)
            case moving.ShowingState():
                return moving.showing(state, self.moving.events(), look)
            case receiving.ReceiveState():
                return receiving.view(state, self.receiving.events(), look)
            case receiving.ReceivingState():
                return receiving.receiving(state, self.receiving.events(), look)
            case _:
                return message.view(ARRIVED, message.MessageEvents(lambda: None), look)

    def _back_up(self, _passport: Passport, *, now: datetime) -> bytes:
        assert now.tzinfo is UTC
        assert self.shows is not None
        return self.shows.read_bytes()

    async def _restored(self, data: bytes) -> None:
        assert self.receives is not None
        self.receives.write_bytes(data)
        self.show(ARRIVED)


def ready(address: Address) -> None:
    """Say where it is."""
    sys.stdout.write(json.dumps({"address_file": str(address.opener), "url": address.origin}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    told = argparse.ArgumentParser()
    told.add_argument("--home", type=Path, required=True)
    told.add_argument("--shows", type=Path)
    told.add_argument("--receives", type=Path)
    given = told.parse_args()
    phone = Phone(given.home, given.shows, given.receives)
    serve(phone.open, name="passport", show_window=False, on_ready=ready, on_disconnect=phone.lock)
