"""The emergency card: seeing it, saying that one has, and choosing whether it shows while locked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.actions import emergency, emergency_choices
from app.actions.keeping_card import choices_of
from app.actions.locked_card import ShownCard, ShownGroup, is_shown_while_locked
from app.journeys.desk import Desk, Place
from app.policy.locked_choices import LockedChoices
from app.qr.draw import draw_words
from app.record.emergency_choices import number_to_dial
from app.record.emergency_contact import contact_card
from app.record.emergency_text import MAX_VERSION
from app.record.entry import Absence, ListWarning, Person, Section
from app.screens.emergency_card import CardGroup, CardLine, EmergencyEvents, EmergencyState, LeftOut
from app.screens.message import MessageState
from app.screens.places import Moves
from app.screens.section_list import absence_words
from app.ui.parts import CodePicture
from app.ui.words import Words, nhs_number
from crypto.errors import TooLarge

_SECTIONS = {"allergies": Section.ALLERGIES, "medicines": Section.MEDICINES, "conditions": Section.CONDITIONS}


@dataclass(slots=True)
class Emergency:
    """The card of an open passport. `choose` leads to what is on it; `as_contact` while its code is a contact."""

    desk: Desk
    choose: Place
    as_contact: bool = False

    def events(self, moves: Moves) -> EmergencyEvents:
        """What the screen calls."""
        return EmergencyEvents(
            moves=moves,
            show_while_locked=self._switch,
            choose_while_locked=self._choose_while_locked,
            call=self.desk.shell.call,
            as_contact=self._turn,
            choose=lambda: self.desk.go(self.choose),
            looked=self._looked,
            back=self.desk.back,
        )

    async def begin(self) -> None:
        """The card as one comes to it: its code as words."""
        self.as_contact = False
        await self.show()

    async def show(self) -> None:
        """The card, and what can be done about it."""
        self.desk.shell.show(await self._drawn())

    async def _anew(self) -> None:
        """The card as it is after a change; whoever went to another place meanwhile stays there."""
        drawn = await self._drawn()
        if isinstance(self.desk.shell.screen, EmergencyState):
            self.desk.shell.show(drawn)

    async def _drawn(self) -> EmergencyState | MessageState:
        desk = self.desk
        card = await desk.work(emergency.shown_card, desk.passport, now=desk.now())
        if card is None:
            words = desk.words
            return MessageState(words("emergency.title"), words("section.nothing"), words("button.continue"))
        why = await desk.work(emergency_choices.why_look, desk.passport, now=desk.now())
        state = await desk.work(emergency_state, card, desk, locked=False)
        contact = await desk.work(contact_picture, card)
        if contact is not None:
            code = contact if self.as_contact else state.code
            state = replace(state, code=code, contact=self.as_contact, signed=state.signed or self.as_contact)
        return replace(state, look_again="" if why is None else why.value)

    async def preview(self) -> None:
        """The card as a paramedic sees it, with nothing of the patient's own to press."""
        desk = self.desk
        card = await desk.work(emergency.shown_card, desk.passport, now=desk.now())
        if card is not None:
            desk.shell.show(await desk.work(emergency_state, card, desk, locked=True))

    async def _switch(self, on: bool) -> None:
        desk = self.desk
        await desk.work(emergency.show_while_locked, desk.passport, bool(on), now=desk.now())
        await self._anew()

    async def _turn(self, as_contact: bool) -> None:
        self.as_contact = as_contact
        await self._anew()

    async def _looked(self) -> None:
        desk = self.desk
        await desk.work(emergency_choices.note_looked, desk.passport, now=desk.now())
        desk.changed()
        await self._anew()

    async def _choose_while_locked(self, wanted: LockedChoices) -> None:
        desk = self.desk
        await desk.work(emergency.choose_while_locked, desk.passport, wanted, now=desk.now())
        await self._anew()


def emergency_state(card: ShownCard, desk: Desk, *, locked: bool) -> EmergencyState:
    """The card as its screen shows it; the code is drawn here. Without a signed one it is the words alone."""
    words = desk.words
    person = Person(card.nhs_number, card.birth_date, card.name, ())
    return EmergencyState(
        name=card.name,
        born=words.partial_date(card.birth_date),
        age=person.age(desk.local(desk.now()).date()),
        nhs_number=nhs_number(card.nhs_number),
        groups=tuple(_group(group, words) for group in card.groups),
        code=_picture(card.text if card.code is None else card.code),
        text=card.text,
        left_out=tuple(LeftOut(*one) for one in card.left_out),
        locked=locked,
        shown_while_locked=is_shown_while_locked(desk.home),
        keystore="system" if not locked and desk.home.keystore.available else "none",
        choices=LockedChoices() if locked else choices_of(desk.passport),
        updated=words.moment(desk.local(card.made_at)),
        signed=card.code is not None,
    )


def contact_picture(card: ShownCard) -> CodePicture | None:
    """The card's text as a contact, drawn; None where it does not fit a code that phones read well."""
    return _picture(contact_card(card.name, card.birth_date, card.text))


def _picture(text: str) -> CodePicture | None:
    """None for no text too."""
    if not text:
        return None
    try:
        drawing = draw_words(text)
    except TooLarge:
        return None
    return CodePicture(drawing.png, drawing.modules + 8) if drawing.version <= MAX_VERSION else None


def _group(group: ShownGroup, words: Words) -> CardGroup:
    lines = tuple(
        CardLine(
            text=f"{line.text} {line.phone}".strip(),
            said_by=words("list.and").join(line.said_by),
            when=words.partial_date(line.when) if line.when else "",
            own_words=line.own_words,
            dial=number_to_dial(line.phone),
        )
        for line in group.lines
    )
    said = [words(f"warning.{ListWarning(warning).value}") for warning, _ in group.warnings]
    if not lines:
        said += [absence_words(words, _SECTIONS[group.part], Absence(what), who) for what, who in group.absences]
        said = said or [words("section.nothing")]
    return CardGroup(group.part, lines, "\n".join(said))
