"""The root of the window: one current screen, drawn from a frozen state, and what lies over it.

Owns the observable stage (screen, work under way, problem, look), the drawing of it as one view at
one opaque route, and what the outside changes (a turned phone, a dark evening). It knows no screen:
the caller gives the function from state to view, the patient's app and the reader each their own.
Change it from handlers and tasks of the window only; heavy work goes through asyncio.to_thread and
reports back with `post`.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import flet as ft

from app.ui import buttons, notices, text, theme
from app.ui.copied import Copied
from app.ui.frame import ROUTE, frame
from app.ui.guard import Action, Guard, Overtaken, Problem, problem_of
from app.ui.look import Look, Whose
from app.ui.words import Words, load_words
from crypto.errors import NoBrowser

WIDTH_STEP = 8
"""Window widths are rounded down to this many px, so that dragging an edge does not redraw at each pixel."""


class Brightness(StrEnum):
    """Which colours: what the device says, or always the one."""

    DEVICE = "device"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Appearance:
    """What a person chose: language code, brightness, and text scale from 1.0 to 2.0."""

    language: str = "en"
    brightness: Brightness = Brightness.DEVICE
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Busy:
    """Work under way: what it is, and how far (0.0 to 1.0) where that is known."""

    label: str
    done: float | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """What is about to happen by itself, and the one thing that keeps it from happening."""

    heading: str
    text: str
    label: str
    keep: Action = field(repr=False)


@dataclass(frozen=True, slots=True)
class PickedFile:
    """A file a person picked: its name, and its bytes."""

    name: str = field(repr=False)
    data: bytes = field(repr=False)


Draw = Callable[[object, Look], ft.View]
"""From a frozen state to its view."""


@ft.observable
@dataclass
class Stage:
    """What the window shows now."""

    screen: object
    look: Look
    busy: Busy | None = None
    problem: Problem | None = None
    warned: Warned | None = None


@dataclass(slots=True)
class Shell:
    """One window. `show` puts a screen on; `busy`, `ready`, `warn` and `tell` lay things over it.

    What was begun before the last `put_away` raises Overtaken where it would change what is shown.
    """

    page: ft.Page
    draw: Draw
    appearance: Appearance
    outside: Callable[[str], bool] | None = field(default=None, repr=False)
    whose: Whose | None = None
    stage: Stage = field(init=False)
    guard: Guard = field(init=False)
    picker: ft.FilePicker = field(init=False, repr=False)
    copied: Copied = field(init=False, repr=False)
    launcher: ft.UrlLauncher = field(init=False, repr=False)
    loop: asyncio.AbstractEventLoop = field(init=False, repr=False)
    context: contextvars.Context = field(init=False, repr=False)

    def open(self, first: object) -> None:
        """Draw the first screen and begin to follow the window; call it from the `main` that Flet was given."""
        self.loop, self.context = asyncio.get_running_loop(), contextvars.copy_context()
        words = load_words(self.appearance.language)
        self.guard = Guard(words, self.tell)
        self.stage = Stage(first, self._look(words))
        # Services are dropped by the toolkit where nobody keeps a reference.
        self.picker, self.launcher = ft.FilePicker(), ft.UrlLauncher()
        self.copied = Copied(self.page, self._start_anew)
        self._dress()
        self.page.on_resize = self.page.on_platform_brightness_change = self.guard.told(lambda _event: self._refit())
        self.page.render_views(Root, self.stage, self)

    @property
    def words(self) -> Words:
        """The words in use."""
        return self.stage.look.words

    @property
    def screen(self) -> object:
        """The state shown now."""
        return self.stage.screen

    def follow(self, used: Callable[[], None], hidden: Callable[[bool], object]) -> None:
        """Say when a person did something, and when the window is hidden from every eye (True) or seen again.

        Flet's client tells both for a browser window too: `hide` when the page's visibility goes, not when
        another window is merely in front.
        """
        self.guard.used = used
        self.page.on_keyboard_event = self.guard.seen
        self.page.on_app_lifecycle_state_change = self.guard.told(lambda event: self._moved(event, hidden))

    def _moved(self, event: ft.AppLifecycleStateChangeEvent, hidden: Callable[[bool], object]) -> object:
        """`inactive` is a window beside another one; `hide` and `pause` are one that nobody sees."""
        if event.state in (ft.AppLifecycleState.HIDE, ft.AppLifecycleState.PAUSE):
            return hidden(True)
        if event.state is ft.AppLifecycleState.RESUME:
            self.copied.try_again()
        if event.state in (ft.AppLifecycleState.SHOW, ft.AppLifecycleState.RESUME):
            return hidden(False)
        return None

    def require_current(self) -> None:
        """Raises Overtaken where the screen was put away since this was begun."""
        if self.guard.overtaken:
            raise Overtaken

    def show(self, screen: object) -> None:
        """Put a screen on; work under way ends."""
        self.require_current()
        self.stage.busy = None
        self.stage.screen = screen

    def put_away(self, screen: object) -> None:
        """Put `screen` on for good: nothing begun until now shows anything any more. On the event loop only."""
        self.guard.begin_sitting()
        # The window may be another one than that of the caller, or gone for good: then nothing is left to replace.
        with contextlib.suppress(RuntimeError):
            self.context.copy().run(self._replace, screen)
            self.copied.take_back()

    def _replace(self, screen: object) -> None:
        self.stage.busy = self.stage.problem = self.stage.warned = None
        self.stage.screen = screen
        # The toolkit draws no window that lost its connection, and sends the old tree, whole, when it comes back.
        drawing: Any = self.page.views
        drawing.update()

    def busy(self, label: str, done: float | None = None) -> None:
        """Say what is under way; the screen beneath takes no input until `ready` or `show`."""
        self.require_current()
        self.stage.busy = Busy(label, done)

    def ready(self) -> None:
        """Nothing is under way any more."""
        self.require_current()
        self.stage.busy = None

    def warn(self, warned: Warned | None) -> None:
        """Lay a warning over whatever is shown or under way, or take it away."""
        self.stage.warned = warned

    def tell(self, problem: Problem) -> None:
        """Lay a problem over the screen until it is closed; work under way ends."""
        self.require_current()
        self.stage.busy = None
        self.stage.problem = problem

    def start(self, action: Action, *arguments: object) -> None:
        """Run `action` as a guarded task."""
        self.guard.start(action, *arguments)

    def _start_anew(self, action: Action) -> None:
        """The same, whatever it is that asks: not overtaken, and of this window."""
        self.context.copy().run(self.guard.start, action)

    def post(self, action: Action, *arguments: object) -> None:
        """The same from any thread: work that reports its progress calls this."""
        context = contextvars.copy_context() if self.guard.is_running else self.context
        self.loop.call_soon_threadsafe(self.start, action, *arguments, context=context)

    async def pick_file(self) -> PickedFile | None:
        """Let a person pick one file; None where they did not."""
        files = await self.picker.pick_files(allow_multiple=False, with_data=True)
        if not files or files[0].bytes is None:
            return None
        return PickedFile(files[0].name, files[0].bytes)

    async def save_file(self, name: str, data: bytes) -> bool:
        """Let a person save bytes as a file; False where they did not. A browser window downloads it unasked."""
        saved = await self.picker.save_file(file_name=name, src_bytes=data)
        return self.page.web or saved is not None

    @property
    def can_pick_folder(self) -> bool:
        """Whether this device has a dialog for choosing a folder: a browser window has none."""
        return not self.page.web

    async def pick_folder(self, title: str) -> str | None:
        """Let a person choose a folder; None where they did not."""
        return await self.picker.get_directory_path(dialog_title=title)

    async def copy(self, words: str) -> None:
        """Put text on the clipboard, for a minute."""
        await self.copied.copy(words)

    async def open_page(self, address: str) -> None:
        """Open a page in the system browser, outside this window; raises NoBrowser where there is none.

        Where the window is a browser of our own, which reaches nothing but this machine, `outside` opens it.
        """
        if self.outside is not None:
            if not await asyncio.to_thread(self.outside, address):
                raise NoBrowser("expected a browser to open a page, found none")
            return
        await self.launcher.launch_url(address, mode=ft.LaunchMode.EXTERNAL_APPLICATION, web_only_window_name="_blank")

    async def call(self, number: str) -> None:
        """Offer to call a number, digits with or without a plus, with whatever makes calls on this device."""
        await self.launcher.launch_url(f"tel:{number}")

    def appear(self, appearance: Appearance) -> None:
        """Change language, brightness or size of text; the screen is drawn anew."""
        self.appearance = appearance
        self.guard.words = load_words(appearance.language)
        self._refit()

    def say_whose(self, whose: Whose | None) -> None:
        """Say on every screen whose passport this is, or no longer; the screen is drawn anew."""
        self.whose = whose
        self._refit()

    def drawn(self) -> ft.View:
        """The view of the current screen; a fault while drawing becomes a calm screen."""
        look = self.stage.look
        try:
            view = self.draw(self.stage.screen, look)
        except Exception as error:  # noqa: BLE001 - a fault here would replace the whole app by its text
            problem = problem_of(error, look.words)
            view = frame(look, look.words("problem.title"), [text.body(look, problem.text)], name="fault")
        if self.stage.busy is not None:
            _lay_busy(view, look, self.stage.busy)
        if self.stage.warned is not None:
            view.controls.insert(1, _warning(look, self.stage.warned))
        view.route = ROUTE
        view.rtl = look.words.rtl
        return view

    def close_problem(self) -> None:
        """Take the problem away."""
        self.stage.problem = None

    def _refit(self) -> None:
        self._dress()
        self.stage.look = self._look(self.guard.words)

    def _look(self, words: Words) -> Look:
        width = int((self.page.width or 390) // WIDTH_STEP * WIDTH_STEP)
        scale = min(max(self.appearance.scale, theme.MIN_SCALE), theme.MAX_SCALE)
        ratio = self.page.media.device_pixel_ratio if self.page.media else 1.0
        tokens = theme.DARK if self._dark() else theme.LIGHT
        return Look(words, tokens, self.guard, float(width), scale, ratio or 1.0, self.whose)

    def _dark(self) -> bool:
        if self.appearance.brightness is Brightness.DEVICE:
            return self.page.platform_brightness == ft.Brightness.DARK
        return self.appearance.brightness is Brightness.DARK

    def _dress(self) -> None:
        """Page-wide settings: fonts, themes, title, and the direction of the language."""
        look = self._look(self.guard.words)
        self.page.title = look.words("brand.name")
        self.page.fonts = theme.fonts()
        self.page.theme = theme.theme(theme.LIGHT, wide=look.wide, scale=look.scale)
        self.page.dark_theme = theme.theme(theme.DARK, wide=look.wide, scale=look.scale)
        self.page.theme_mode = ft.ThemeMode.DARK if self._dark() else ft.ThemeMode.LIGHT
        locale = ft.Locale(look.words.language)
        self.page.rtl = look.words.rtl
        self.page.locale_configuration = ft.LocaleConfiguration(supported_locales=[locale], current_locale=locale)
        self.page.update()


@ft.component
def Root(stage: Stage, shell: Shell) -> list[ft.View]:  # noqa: N802 - Flet components are named as types
    """The one view, and the problem dialog over it."""
    ft.use_dialog(_dialog(shell, stage.look, stage.problem) if stage.problem else None)
    return [shell.drawn()]


def _lay_busy(view: ft.View, look: Look, busy: Busy) -> None:
    bar = ft.Container(
        notices.progress(look, busy.label, busy.done),
        bgcolor=look.tokens.card,
        padding=ft.Padding.symmetric(horizontal=look.gutter, vertical=12),
    )
    for below in view.controls[1:]:
        if isinstance(below, ft.Control):
            below.disabled = True
    view.controls.insert(1, bar)


def _warning(look: Look, warned: Warned) -> ft.Control:
    told = text.told(notices.callout(look, warned.heading, [warned.text]), identifier="warned")
    keep = buttons.primary(look, warned.label, warned.keep, identifier="warned-keep")
    column = ft.Column([told, keep], spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    return ft.Container(column, padding=ft.Padding.symmetric(horizontal=look.gutter, vertical=12))


def _dialog(shell: Shell, look: Look, problem: Problem) -> ft.AlertDialog:
    close = shell.close_problem
    return ft.AlertDialog(
        modal=True,
        title=ft.Text(look.words("problem.title"), style=look.style(theme.Kind.SECTION)),
        content=ft.Text(look.words.directed(problem.text), style=look.style(theme.Kind.BODY)),
        actions=[buttons.secondary(look, look.words("button.close"), close, identifier="problem-close")],
        bgcolor=look.tokens.card,
        shape=ft.RoundedRectangleBorder(radius=theme.RADIUS),
        scrollable=True,
        on_dismiss=look.guard.click(close),
    )
