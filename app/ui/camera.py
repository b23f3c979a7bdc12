"""A camera's pictures until one shows a code, or all that a moving code needs, or a reason why there are none.

Owns the loops over flet-camera (take a picture, read it in a thread, again), their patience, and the telling apart
of why a camera gives no pictures: each app has a sentence for each. How a picture is read (app/qr/scan.py) and what
a text means are the caller's. Sound is never recorded.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import flet as ft
import flet_camera

from crypto.errors import CameraUnavailable, PictureUnreadable, TooLarge

READY_SECONDS = 0.3
"""What a browser needs between drawing the preview and answering for it."""
PAUSE_SECONDS = 0.05
"""Between two pictures of a code that stands still: about ten a second are enough, and the window stays quick."""

T = TypeVar("T")

Read = Callable[[bytes], list[str]]
"""The texts of the codes in a picture; raises PictureUnreadable, or TooLarge for a picture or a text over its bound."""


class Trouble(StrEnum):
    """Why a camera gives no pictures; the value names the sentence below "reader.camera." or "moving.camera."."""

    REFUSED = "refused"
    ABSENT = "absent"
    SLOW = "slow"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"


class CameraStopped(CameraUnavailable):
    """The camera gives no pictures; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(f"expected pictures, found {trouble.value}")
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for the person to allow the camera and for it to start, and for one picture."""

    start_seconds: float = 30.0
    picture_seconds: float = 10.0


class Eye(Protocol):
    """What is asked of a camera control (flet-camera's Camera)."""

    async def get_available_cameras(self) -> list[flet_camera.CameraDescription]: ...

    async def initialize(
        self,
        description: flet_camera.CameraDescription,
        resolution_preset: flet_camera.ResolutionPreset,
        enable_audio: bool,
    ) -> None: ...

    async def take_picture(self) -> bytes: ...


Camera = ft.Control
"""A camera as a part of a screen."""


def new_camera() -> Camera:
    """A camera control to be laid on a screen; raises CameraStopped where this kind of device has none."""
    try:
        camera: Camera = flet_camera.Camera()
    except ft.FletUnsupportedPlatformException as error:
        raise CameraStopped(Trouble.UNSUPPORTED) from error
    return camera


async def open_eye(eye: Eye, patience: Patience) -> None:
    """Start the camera that looks away from the user where there is one, without sound; raises CameraStopped."""
    await asyncio.sleep(READY_SECONDS)
    cameras = await _patiently(eye.get_available_cameras(), patience.start_seconds)
    if not cameras:
        raise CameraStopped(Trouble.ABSENT)
    back = [one for one in cameras if one.lens_direction is flet_camera.CameraLensDirection.BACK]
    start = eye.initialize((back or cameras)[0], flet_camera.ResolutionPreset.VERY_HIGH, enable_audio=False)
    await _patiently(start, patience.start_seconds)


async def next_texts(eye: Eye, patience: Patience, read: Read) -> list[str]:
    """The texts of the first picture that shows a code; raises CameraStopped, TooLarge for a code over its bound."""
    while True:
        picture = await _patiently(eye.take_picture(), patience.picture_seconds)
        with contextlib.suppress(PictureUnreadable):  # one picture cut short is no reason to stop looking
            if texts := await asyncio.to_thread(read, picture):
                return texts
        await asyncio.sleep(PAUSE_SECONDS)


async def watch(eye: Eye, patience: Patience, read: Read, seen: Callable[[list[str]], bool]) -> None:
    """Hand the texts of every picture to `seen` until it says that nothing more is needed; raises CameraStopped.

    For a code that moves: there is no pause, and one picture is read while the next is taken. `seen` is called for
    pictures without a code too, with no texts.
    """
    reading: asyncio.Task[list[str]] | None = None
    try:
        while True:
            picture = await _patiently(eye.take_picture(), patience.picture_seconds)
            if reading is not None and seen(await reading):
                return
            reading = asyncio.create_task(asyncio.to_thread(_texts, read, picture))
    finally:
        if reading is not None:
            reading.cancel()


def _texts(read: Read, picture: bytes) -> list[str]:
    with contextlib.suppress(PictureUnreadable, TooLarge):  # one bad picture is no reason to stop looking
        return read(picture)
    return []


async def _patiently(answer: Coroutine[Any, Any, T], seconds: float) -> T:
    try:
        async with asyncio.timeout(seconds):  # wait_for may lose a cancelling (Python 3.11), and the camera would go on
            return await answer
    except TimeoutError as error:
        raise CameraStopped(Trouble.SLOW) from error
    except RuntimeError as error:  # what the toolkit makes of every refusal of the browser
        raise CameraStopped(_trouble(str(error))) from error


def _trouble(said: str) -> Trouble:
    words = said.casefold()
    if any(word in words for word in ("denied", "permission", "notallowed", "restricted")):
        return Trouble.REFUSED
    if any(word in words for word in ("notfound", "not found", "no camera", "nocamera", "overconstrained")):
        return Trouble.ABSENT
    if any(word in words for word in ("unsupported", "notsupported", "type not supported")):
        return Trouble.UNSUPPORTED
    return Trouble.FAILED
