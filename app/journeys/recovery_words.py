"""The recovery words on their way to paper: shown, saved as a sheet, proved, forgotten here.

Owns the only place that holds the words after they were made, until two of them were typed. Where one goes then
is the caller's: first_run.py or securing.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.actions.session import note_recovery_kept
from app.journeys.desk import Desk, Place
from app.paper.recovery import recovery_sheet
from app.screens.recovery import ProofState, RecoveryEvents, RecoveryState, SheetForm
from crypto.words import ask_two


@dataclass(slots=True)
class RecoveryWords:
    """One window's words while they are being kept."""

    desk: Desk
    _words: tuple[str, ...] = field(default=(), repr=False)
    _asked: tuple[int, int] = (1, 2)
    _saved: bool = False
    _then: Place | None = None

    def events(self) -> RecoveryEvents:
        """What the two screens call."""
        replace = self.desk.replace
        return RecoveryEvents(
            save=self._save,
            kept=lambda: replace(self._ask),
            prove=self._prove,
            look_again=lambda: replace(self._sheet),
        )

    async def begin(self, words: Sequence[str], then: Place) -> None:
        """Show new words; once they are proved to be kept, go on to `then`."""
        self._words, self._saved, self._then = tuple(words), False, then
        await self.desk.start_at(self._sheet)

    def forget(self) -> None:
        """After locking: nobody sees them again."""
        self._words, self._then = (), None

    async def _sheet(self) -> None:
        self.desk.shell.show(RecoveryState(self._words, self._saved))

    async def _save(self, form: SheetForm) -> None:
        desk = self.desk
        desk.shell.busy(desk.words("busy.sheet"))
        made_on = desk.local(desk.now()).date()
        sheet = await desk.work(recovery_sheet, self._words, made_on=made_on, words_in=desk.words)
        desk.shell.ready()
        data = sheet.pdf if form == "pdf" else sheet.svg[0].encode()
        self._saved |= await desk.shell.save_file(f"{sheet.file_name.removesuffix('.pdf')}.{form}", data)
        await self._sheet()

    async def _ask(self) -> None:
        self._asked = ask_two()
        self.desk.shell.show(ProofState(self._asked))

    async def _prove(self, first: str, second: str) -> None:
        desk = self.desk
        typed = [word.strip().casefold() for word in (first, second)]
        if self._then is None or typed != [self._words[number - 1] for number in self._asked]:
            desk.shell.show(ProofState(self._asked, desk.words("proof.wrong.text")))
            return
        await desk.work(note_recovery_kept, desk.passport, now=desk.now())
        then = self._then
        self.forget()
        await then()
