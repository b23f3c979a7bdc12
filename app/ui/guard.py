"""No exception reaches the window: one guard around every handler, task and drawing.

Owns turning what was raised into a `Problem` a person can read. A refusal becomes its sentence
(say.py); anything else becomes a calm sentence with a short reference, and only the exception's
type and the file and line of each frame go to stderr: a message or an argument may hold a record.
Showing the problem is shell.py.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import sys
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flet as ft

from app.ui.say import sentence
from app.ui.words import Words
from crypto.errors import PassportError

Action = Callable[..., object]
"""What a screen calls: plain or async, with no argument or with the new value of a control."""

Handler = Callable[[Any], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Problem:
    """What a person is told. `reference` is empty for a refusal, else what to quote when asking for help."""

    code: str
    text: str = field(repr=False)
    reference: str = ""


@dataclass(slots=True)
class Guard:
    """Wraps handlers and tasks; each problem goes to `report`."""

    words: Words = field(repr=False)
    report: Callable[[Problem], None] = field(repr=False)
    tasks: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    def click(self, action: Action) -> Handler:
        """A Flet handler that calls `action` with nothing and reports what it raises."""

        async def handler(_event: object) -> None:
            await self.run(action)

        return handler

    def value(self, action: Action) -> Handler:
        """A Flet handler that calls `action` with the control's new value and reports what it raises."""

        async def handler(event: ft.Event[Any]) -> None:
            await self.run(action, getattr(event.control, "value", event.data))

        return handler

    async def run(self, action: Action, *arguments: object) -> None:
        """Call `action`, wait for it where it is async, and report instead of raising."""
        try:
            result = action(*arguments)
            if inspect.isawaitable(result):
                await result
        except Exception as error:  # noqa: BLE001 - the one place where nothing may pass
            self.report(problem_of(error, self.words))

    def start(self, action: Action, *arguments: object) -> asyncio.Task[None]:
        """Run `action` as a task of the running loop; a reference is kept until it ends."""
        task = asyncio.get_running_loop().create_task(self.run(action, *arguments))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task


def problem_of(error: Exception, words: Words) -> Problem:
    """What to tell a person about `error`; a fault of ours is also noted on stderr, without its message."""
    if isinstance(error, PassportError):
        return Problem(error.code, sentence(error, words))
    reference = note_fault(error)
    return Problem("fault", words("problem.fault", reference=reference), reference)


def note_fault(error: BaseException) -> str:
    """Write type, files and lines of an exception to stderr, never its message, arguments or locals.

    Returns the reference: six hex figures of a hash over the same facts, so the same fault has the same one.
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    facts = f"{type(error).__name__} at {places}"
    reference = hashlib.sha256(facts.encode()).hexdigest()[:6]
    sys.stderr.write(f"fault {reference}: {facts}\n")
    return reference
