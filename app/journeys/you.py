"""How the app looks to this person, and what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from app.actions.kept_login import is_connected, log_out
from app.actions.trusting import stored_trust
from app.journeys.desk import Desk, Place
from app.screens.message import MessageState
from app.screens.places import Moves
from app.screens.you import AboutState, YouEvents, YouState
from app.store.home import PassportHome
from app.ui.shell import Appearance, Brightness
from app.ui.words import languages, load_words

_FORM = TypeAdapter(Appearance)


@dataclass(slots=True)
class You:
    """The You screens of one window."""

    desk: Desk
    lock: Place
    pick_file: Place
    link: Place
    files: Place
    security: Place
    backup: Place
    delete: Place
    people: Place
    version: str

    def events(self, moves: Moves) -> YouEvents:
        """What the You screens call."""
        return YouEvents(
            moves=moves,
            set_language=lambda language: self._appear(lambda seen: replace(seen, language=language)),
            set_scale=lambda scale: self._appear(lambda seen: replace(seen, scale=scale)),
            set_brightness=lambda kind: self._appear(lambda seen: replace(seen, brightness=Brightness(kind))),
            import_file=self.pick_file,
            link=lambda: self.desk.go(self.link),
            files=self.files,
            lock=self.lock,
            log_out=self._log_out,
            security=lambda: self.desk.go(self.security),
            backup=lambda: self.desk.go(self.backup),
            delete=lambda: self.desk.go(self.delete),
            people=lambda: self.desk.go(self.people),
            about=lambda: self.desk.go(self._about),
            back=self.desk.back,
        )

    async def show(self) -> None:
        """You."""
        spoken = tuple((code, load_words(code)("language.name")) for code in languages())
        desk = self.desk
        connected = desk.services is not None and await desk.work(is_connected, desk.passport)
        desk.shell.show(YouState(desk.shell.appearance, spoken, self.version, connected))

    async def _log_out(self) -> None:
        desk = self.desk
        done = await desk.work(log_out, desk.passport, desk.online)
        text = desk.words("logged-out.text" if done.told else "logged-out.unheard.text")
        desk.shell.show(MessageState(desk.words("logged-out.title"), text, desk.words("button.continue")))

    async def _about(self) -> None:
        desk = self.desk
        trust = await desk.work(stored_trust, desk.passport, now=desk.now())
        listed = "" if trust is None else desk.words("about.trust", version=trust.version)
        desk.shell.show(AboutState(self.version, listed))

    async def _appear(self, change: Callable[[Appearance], Appearance]) -> None:
        desk = self.desk
        desk.shell.appear(change(desk.shell.appearance))
        await desk.work(desk.home.write_appearance, _FORM.dump_json(desk.shell.appearance))
        await self.show()


def kept_appearance(home: PassportHome) -> Appearance | None:
    """How the app looked last to this person; None where nothing, or nothing readable, was kept."""
    kept = home.read_appearance()
    try:
        return None if kept is None else _FORM.validate_json(kept)
    except ValidationError:
        return None
