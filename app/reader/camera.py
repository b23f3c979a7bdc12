"""The reader's eye: a camera's pictures until one shows a code, or a reason why there are none.

Owns the loop over flet-camera (take a picture, decode it in a thread, again), its patience, and the
telling apart of why a camera gives no pictures, each with its own sentence. What a text means is
recognise.py. Sound is never recorded.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import flet_camera

from app.qr.scan import read_image
from crypto.errors import CameraUnavailable, PictureUnreadable

READY_SECONDS = 0.3
"""What a browser needs between drawing the preview and answering for it."""
PAUSE_SECONDS = 0.05
"""Between two pictures: about ten a second are enough, and the window stays quick."""

T = TypeVar("T")


class Trouble(StrEnum):
    """Why a camera gives no pictures; the value names the sentence below "reader.camera."."""

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


async def open_eye(eye: Eye, patience: Patience) -> None:
    """Start the camera that looks away from the user where there is one, without sound; raises CameraStopped."""
    await asyncio.sleep(READY_SECONDS)
    cameras = await _patiently(eye.get_available_cameras(), patience.start_seconds)
    if not cameras:
        raise CameraStopped(Trouble.ABSENT)
    back = [one for one in cameras if one.lens_direction is flet_camera.CameraLensDirection.BACK]
    start = eye.initialize((back or cameras)[0], flet_camera.ResolutionPreset.VERY_HIGH, enable_audio=False)
    await _patiently(start, patience.start_seconds)


async def next_texts(eye: Eye, patience: Patience, read: Callable[[bytes], list[str]] = read_image) -> list[str]:
    """The texts of the first picture that shows a code; raises CameraStopped, TooLarge for a code over its bound."""
    while True:
        picture = await _patiently(eye.take_picture(), patience.picture_seconds)
        with contextlib.suppress(PictureUnreadable):  # one picture cut short is no reason to stop looking
            if texts := await asyncio.to_thread(read, picture):
                return texts
        await asyncio.sleep(PAUSE_SECONDS)


async def _patiently(answer: Coroutine[Any, Any, T], seconds: float) -> T:
    try:
        return await asyncio.wait_for(answer, seconds)
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
