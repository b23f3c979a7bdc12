"""Drives the app in this process: a real Flet session and its tree of controls, no browser, no Flutter.

The only file of the project that uses private names of flet: it is tied to flet==1.0.5. Every message
is packed as it would be for a client, because components are drawn while they are packed.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flet as ft
import msgpack
from flet.components.component import Component, Renderer
from flet.components.public_utils import unwrap_component
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page, context
from flet.messaging.connection import Connection
from flet.messaging.protocol import Message, MessageAction, configure_encode_object_for_msgpack
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

encode = configure_encode_object_for_msgpack(BaseControl)


def drawn_alone(draw: Callable[..., Any], *arguments: Any) -> Any:
    """What a drawing function gives, without a window; components inside it are drawn as `body` asks for them."""
    return Renderer().render(draw, *arguments)


def body(component: Any) -> Any:
    """What a component draws, without a window; anything else as it is."""
    while isinstance(component, Component):
        component.before_update()
        component = component._b
    return component


class Client(Connection):
    """Stands where the client stands: packs what is sent and answers each call with nothing."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.page_url = "http://passport.localhost"
        self.loop = loop
        self.executor = ThreadPoolExecutor(1)
        self.pubsubhub = PubSubHub(loop=loop, executor=self.executor)
        self.crashes: list[str] = []
        self.answers: dict[str, Any] = {}
        self.session: Session | None = None

    def send_message(self, message: Message) -> None:
        msgpack.packb([message.action, message.body], default=encode)
        body: Any = message.body
        if message.action == MessageAction.SESSION_CRASHED:
            self.crashes.append(body.message)
        if message.action == MessageAction.INVOKE_METHOD:
            assert self.session is not None
            reply = self.session.handle_invoke_method_results
            self.loop.call_soon(reply, body.control_id, body.call_id, self.answers.get(body.name), None)


class Driver:
    """One window. `press`, `type_into` and `choose` do what a person does; `says` and `heading` read the screen."""

    def __init__(self) -> None:
        self.client = Client(asyncio.get_running_loop())
        self.session = self.client.session = Session(self.client)

    async def start(self, main: Callable[[ft.Page], object], *, width: int = 390, height: int = 844) -> Driver:
        """Run `main` as the server would."""
        page = self.session.page
        _context_page.set(page)
        context.reset_auto_update()
        facts = {"route": "/", "web": False, "platform": "linux", "width": width, "height": height}
        self.session.apply_page_patch(facts)
        msgpack.packb(self.session.get_page_patch(), default=encode)
        result = main(page)
        if asyncio.iscoroutine(result):
            await result
        await self.session.after_event(page)
        await self.settle()
        return self

    async def settle(self, turns: int = 8) -> None:
        """Let queued drawing and tasks run."""
        for _ in range(turns):
            await asyncio.sleep(0.005)
        assert self.client.crashes == []

    async def stop(self) -> None:
        """End the session and its thread."""
        self.session.close()
        await asyncio.sleep(0)
        self.client.executor.shutdown(wait=True)

    def controls(self) -> Iterator[BaseControl]:
        """Every control on the screen and in open dialogs, in reading order."""
        page = self.session.page
        seen: set[int] = set()
        yield from self._walk(page.views, seen)
        yield from self._walk([dialog for dialog in page._dialogs.controls if dialog.open], seen)

    def _walk(self, node: Any, seen: set[int]) -> Iterator[BaseControl]:
        node = unwrap_component(node)
        if isinstance(node, (list, tuple)):
            for one in node:
                yield from self._walk(one, seen)
        elif isinstance(node, BaseControl) and id(node) not in seen:
            seen.add(id(node))
            yield node
            for one in dataclasses.fields(node):
                if one.metadata.get("skip") or one.name.startswith("_p"):
                    continue
                value = unwrap_component(getattr(node, one.name, None))
                if isinstance(value, (list, tuple, BaseControl)):
                    yield from self._walk(value, seen)

    def texts(self) -> list[str]:
        """Every text on the screen, in reading order."""
        return [str(control.value) for control in self.controls() if isinstance(control, ft.Text)]

    def says(self, words: str) -> bool:
        """Whether some text on the screen holds these words."""
        return any(words in text for text in self.texts())

    def heading(self) -> str:
        """The main heading."""
        marked = [c for c in self.controls() if isinstance(c, ft.Semantics) and c.heading_level == 1]
        assert len(marked) == 1
        content = marked[0].content
        assert isinstance(content, ft.Text)
        return str(content.value)

    def marked(self, identifier: str) -> ft.Semantics:
        """The part with this test id; exactly one is expected."""
        found = [c for c in self.controls() if isinstance(c, ft.Semantics) and c.identifier == identifier]
        assert len(found) == 1, f"{identifier}: {len(found)} on the screen headed {self.heading()}"
        return found[0]

    def _within(self, identifier: str, kind: type[BaseControl]) -> BaseControl:
        return next(c for c in self._walk(self.marked(identifier), set()) if isinstance(c, kind))

    async def press(self, identifier: str) -> None:
        """Press the button with this test id."""
        button = self._within(identifier, ft.TextButton)
        assert isinstance(button, ft.TextButton)
        assert self.takes_input(button), f"{identifier} is disabled"
        await self.fire(button, "click")

    def takes_input(self, control: BaseControl | None) -> bool:
        """Whether neither the control nor anything around it is disabled: the client hands that down."""
        while control is not None:
            if getattr(control, "disabled", False):
                return False
            control = control.parent
        return True

    async def type_into(self, identifier: str, words: str) -> None:
        """Put words into the field with this test id."""
        await self._change(self._within(identifier, ft.TextField), words)

    async def choose(self, identifier: str, value: bool) -> None:
        """Set the tick box or switch with this test id."""
        box = next(
            c for c in self._walk(self.marked(identifier), set()) if isinstance(c, (ft.Checkbox, ft.Switch))
        )  # fmt: skip
        await self._change(box, value)

    async def pick(self, identifier: str, value: str) -> None:
        """Choose one of the radio buttons whose test ids begin so."""
        group = next(c for c in self.controls() if isinstance(c, ft.RadioGroup) and self._holds(c, identifier))
        await self._change(group, value)

    def _holds(self, group: BaseControl, identifier: str) -> bool:
        inside = (c for c in self._walk(group, set()) if isinstance(c, ft.Semantics))
        return any((c.identifier or "").startswith(f"{identifier}-") for c in inside)

    async def _change(self, control: BaseControl, value: object) -> None:
        self.session.apply_patch(control._i, {"value": value})
        await self.fire(control, "change", value)

    async def type_everywhere(self, words: str) -> int:
        """Put words into every field on the screen; gives how many there are."""
        fields = [control for control in self.controls() if isinstance(control, ft.TextField)]
        for field in fields:
            await self._change(field, words)
        return len(fields)

    async def fire(self, control: BaseControl, event: str, data: object = None) -> None:
        """Dispatch an event as the client would."""
        await self.session.dispatch_event(control._i, event, data)
        await self.settle()
