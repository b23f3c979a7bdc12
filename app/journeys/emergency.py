"""The emergency card: seeing it, and choosing whether it shows while locked."""

from __future__ import annotations

from dataclasses import dataclass

from app.actions import emergency
from app.actions.keeping_card import choices_of
from app.actions.locked_card import ShownCard, ShownGroup, is_shown_while_locked
from app.journeys.desk import Desk
from app.policy.locked_choices import LockedChoices
from app.qr.draw import draw_words
from app.record.entry import Absence, ListWarning, Person, Section
from app.screens.emergency_card import CardGroup, CardLine, EmergencyEvents, EmergencyState, LeftOut
from app.screens.message import MessageState
from app.screens.places import Moves
from app.screens.section_list import absence_words
from app.ui.parts import CodePicture
from app.ui.words import Words, nhs_number

_SECTIONS = {"allergies": Section.ALLERGIES, "medicines": Section.MEDICINES, "conditions": Section.CONDITIONS}


@dataclass(slots=True)
class Emergency:
    """The card of an open passport."""

    desk: Desk

    def events(self, moves: Moves) -> EmergencyEvents:
        """What the screen calls."""
        return EmergencyEvents(
            moves=moves, show_while_locked=self._switch, choose_while_locked=self._choose, back=self.desk.back
        )

    async def show(self) -> None:
        """The card, as a paramedic will see it."""
        desk = self.desk
        card = await desk.work(emergency.shown_card, desk.passport, now=desk.now())
        if card is None:
            words = desk.words
            desk.shell.show(MessageState(words("emergency.title"), words("section.nothing"), words("button.continue")))
            return
        desk.shell.show(await desk.work(emergency_state, card, desk, locked=False))

    async def _switch(self, on: bool) -> None:
        desk = self.desk
        await desk.work(emergency.show_while_locked, desk.passport, bool(on), now=desk.now())
        await self.show()

    async def _choose(self, choices: LockedChoices) -> None:
        desk = self.desk
        await desk.work(emergency.choose_while_locked, desk.passport, choices, now=desk.now())
        await self.show()


def emergency_state(card: ShownCard, desk: Desk, *, locked: bool) -> EmergencyState:
    """The card as its screen shows it; the code is drawn here."""
    words = desk.words
    picture = None
    if card.code is not None:
        drawing = draw_words(card.code)
        picture = CodePicture(drawing.png, drawing.modules + 8)
    person = Person(card.nhs_number, card.birth_date, card.name, ())
    return EmergencyState(
        name=card.name,
        born=words.partial_date(card.birth_date),
        age=person.age(desk.local(desk.now()).date()),
        nhs_number=nhs_number(card.nhs_number),
        groups=tuple(_group(group, words) for group in card.groups),
        code=picture,
        text=card.text,
        left_out=tuple(LeftOut(*one) for one in card.left_out),
        locked=locked,
        shown_while_locked=is_shown_while_locked(desk.home),
        keystore="system" if not locked and desk.home.keystore.available else "none",
        choices=LockedChoices() if locked else choices_of(desk.passport),
        updated=words.moment(desk.local(card.made_at)),
    )


def _group(group: ShownGroup, words: Words) -> CardGroup:
    lines = tuple(
        CardLine(
            text=f"{line.text} {line.phone}".strip(),
            said_by=words("list.and").join(line.said_by),
            when=words.partial_date(line.when) if line.when else "",
            own_words=line.own_words,
        )
        for line in group.lines
    )
    said = [words(f"warning.{ListWarning(warning).value}") for warning, _ in group.warnings]
    if not lines:
        said += [absence_words(words, _SECTIONS[group.part], Absence(what), who) for what, who in group.absences]
        said = said or [words("section.nothing")]
    return CardGroup(group.part, lines, "\n".join(said))
