"""Choosing what is on the emergency card. Every choice is kept at once; the preview shows what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.actions import emergency_choices as choosing
from app.journeys.desk import Desk, Place
from app.record.emergency import CardLine, CardPart
from app.record.emergency_choices import MAX_OWN_CONTACTS, MAX_OWN_LINES
from app.screens.emergency_choices import (
    ChoicesEvents,
    ChoicesState,
    ContactState,
    LineChoice,
    PartChoice,
    WordsState,
)
from app.ui.say import sentence
from crypto.errors import CardContactRefused, CardWordsRefused


@dataclass(slots=True)
class EmergencyChoices:
    """One window's way through the choices; `preview` shows the card as others see it."""

    desk: Desk
    preview: Place

    def events(self) -> ChoicesEvents:
        """What the screens call."""
        go = self.desk.go
        return ChoicesEvents(
            put_part=lambda name, on: self._chosen(choosing.put_part, CardPart(name), bool(on)),
            put_line=lambda keys, on: self._chosen(choosing.put_line, keys, bool(on)),
            add_words=lambda: go(self._words),
            keep_words=self._keep_words,
            remove_words=lambda number: self._chosen(choosing.remove_words, number),
            add_contact=lambda: go(self._contact),
            keep_contact=self._keep_contact,
            remove_contact=lambda number: self._chosen(choosing.remove_contact, number),
            say_original=lambda: go(self._original),
            keep_original=self._keep_original,
            preview=lambda: go(self.preview),
            back=self.desk.back,
        )

    async def show(self) -> None:
        """What is on the card, and what could be."""
        desk = self.desk
        found = await desk.work(choosing.offered, desk.passport, now=desk.now())
        chosen = found.choices
        desk.shell.show(
            ChoicesState(
                parts=tuple(_part(part, on, lines) for part, on, lines in found.parts),
                own_words=chosen.own_words,
                contacts=tuple(_told(one.name, one.relationship, one.phone) for one in chosen.contacts),
                original=chosen.original,
                room_for_words=len(chosen.own_words) < MAX_OWN_LINES,
                room_for_contacts=len(chosen.contacts) < MAX_OWN_CONTACTS,
            )
        )

    async def _chosen(self, choose: Callable[..., None], *what: object) -> None:
        await self._keep(choose, *what)
        await self.show()

    async def _keep(self, choose: Callable[..., None], *what: object) -> None:
        desk = self.desk
        await desk.work(choose, desk.passport, *what, now=desk.now())
        desk.changed()

    async def _words(self) -> None:
        self.desk.shell.show(WordsState())

    async def _keep_words(self, text: str) -> None:
        try:
            await self._keep(choosing.add_words, text)
        except CardWordsRefused as refusal:
            self.desk.shell.show(WordsState(text=text, problem=sentence(refusal, self.desk.words)))
            return
        await self.desk.back()

    async def _original(self) -> None:
        desk = self.desk
        found = await desk.work(choosing.offered, desk.passport, now=desk.now())
        desk.shell.show(WordsState(original=True, text=found.choices.original))

    async def _keep_original(self, text: str) -> None:
        try:
            await self._keep(choosing.say_where_original_is, text)
        except CardWordsRefused as refusal:
            self.desk.shell.show(WordsState(original=True, text=text, problem=sentence(refusal, self.desk.words)))
            return
        await self.desk.back()

    async def _contact(self) -> None:
        self.desk.shell.show(ContactState())

    async def _keep_contact(self, name: str, relationship: str, phone: str) -> None:
        try:
            await self._keep(choosing.add_contact, name, relationship, phone)
        except CardContactRefused as refusal:
            problem = sentence(refusal, self.desk.words)
            self.desk.shell.show(ContactState(name, relationship, phone, problem))
            return
        await self.desk.back()


def _part(part: CardPart, on: bool, lines: tuple[choosing.OfferedLine, ...]) -> PartChoice:
    return PartChoice(part.value, on, tuple(LineChoice(one.line.keys, _line(one.line), one.on) for one in lines))


def _line(line: CardLine) -> str:
    return _told(line.text, line.detail, line.phone)


def _told(text: str, detail: str, phone: str) -> str:
    return " ".join(one for one in (f"{text}: {detail}" if detail else text, phone) if one)
