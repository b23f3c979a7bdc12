"""No exception reaches the window: one guard around every handler, task and drawing.

Owns turning what was raised into a `Problem` a person can read. A refusal becomes its sentence
(say.py); anything else becomes a calm sentence with a short reference, and only the exception's
type and the file and line of each frame go to stderr: a message or an argument may hold a record.
Also owns the sitting: what was begun before a lock has no say after it. Showing the problem is shell.py.
"""

from __future__ import annotations

import asyncio
import contextvars
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

_BEGUN: contextvars.ContextVar[int | None] = contextvars.ContextVar("begun", default=None)
"""The sitting in which what runs now was begun; tasks and threads started by it inherit it."""


class Overtaken(Exception):
    """A lock came in between. Ends what was begun before it; nobody is told."""


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
    used: Callable[[], None] = field(default=lambda: None, repr=False)
    """Called whenever a person did something: a click, a key, typing, scrolling."""

    tasks: set[asyncio.Task[None]] = field(default_factory=set, repr=False)
    sitting: int = 0

    def click(self, action: Action) -> Handler:
        """A Flet handler that calls `action` with nothing and reports what it raises."""

        async def handler(_event: object) -> None:
            self.used()
            await self.run(action)

        return handler

    def value(self, action: Action) -> Handler:
        """A Flet handler that calls `action` with the control's new value and reports what it raises.

        The value is the event's own: a drawing begun at an earlier letter may have put that one back into the control.
        """

        async def handler(event: ft.Event[Any]) -> None:
            self.used()
            told = getattr(event.control, "value", None) if event.data is None else event.data
            await self.run(action, told)

        return handler

    async def seen(self, _event: object) -> None:
        """A Flet handler for what changes nothing but shows that somebody is there: a key, scrolling."""
        self.used()

    def told(self, action: Action) -> Handler:
        """A Flet handler for what the device says by itself, which is no person's doing; `action` gets the event."""

        async def handler(event: object) -> None:
            await self.run(action, event)

        return handler

    async def run(self, action: Action, *arguments: object) -> None:
        """Call `action`, wait for it where it is async, and report instead of raising."""
        begun = _BEGUN.set(self.sitting) if _BEGUN.get() is None else None
        try:
            result = action(*arguments)
            if inspect.isawaitable(result):
                await result
        except Overtaken:
            pass
        except Exception as error:  # noqa: BLE001 - the one place where nothing may pass
            problem = problem_of(error, self.words)
            if not self.overtaken:
                self.report(problem)
        finally:
            if begun is not None:
                _BEGUN.reset(begun)

    @property
    def is_running(self) -> bool:
        """Whether something the guard runs is what asks, in its task or in a thread of it."""
        return _BEGUN.get() is not None

    @property
    def overtaken(self) -> bool:
        """Whether what runs now was begun before the last lock."""
        return _BEGUN.get() not in (None, self.sitting)

    def begin_sitting(self) -> None:
        """From here on nothing that was begun before is shown or kept; what calls this goes on."""
        self.sitting += 1
        if _BEGUN.get() is not None:
            _BEGUN.set(self.sitting)

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
