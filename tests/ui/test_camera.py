"""The camera's loop: it finds the code, waits its patience and no longer, and says why it stopped."""

from __future__ import annotations

import asyncio
import io
import threading

import flet_camera
import pytest
from PIL import Image

from app.qr.draw import draw_words
from app.qr.scan import read_image
from app.ui import camera
from app.ui.camera import CameraStopped, Patience, Trouble, next_texts, open_eye, watch
from crypto.errors import TooLarge

QUICK = Patience(start_seconds=0.05, picture_seconds=0.05)
FRONT = flet_camera.CameraDescription("front", flet_camera.CameraLensDirection.FRONT, 0)
BACK = flet_camera.CameraDescription("back", flet_camera.CameraLensDirection.BACK, 90)


def a_picture(text: str = "") -> bytes:
    if text:
        return draw_words(text, module_pixels=4).png
    out = io.BytesIO()
    Image.new("L", (64, 48), 128).save(out, "JPEG")
    return out.getvalue()


class FakeEye:
    """A camera that shows these pictures in turn, or raises, or never answers (None)."""

    def __init__(self, *pictures: bytes | Exception | None, cameras: tuple[object, ...] = (FRONT, BACK)) -> None:
        self.pictures = list(pictures)
        self.cameras = list(cameras)
        self.started: list[tuple[object, bool]] = []

    async def get_available_cameras(self) -> list[flet_camera.CameraDescription]:
        return self.cameras  # type: ignore[return-value]

    async def initialize(
        self,
        description: flet_camera.CameraDescription,
        resolution_preset: flet_camera.ResolutionPreset,
        enable_audio: bool,
    ) -> None:
        self.started.append((description, enable_audio))

    async def take_picture(self) -> bytes:
        picture = self.pictures.pop(0)
        if picture is None:
            await asyncio.Event().wait()
        if isinstance(picture, Exception):
            raise picture
        assert picture is not None
        return picture


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "READY_SECONDS", 0)
    monkeypatch.setattr(camera, "PAUSE_SECONDS", 0)


def test_it_looks_until_a_picture_shows_a_code() -> None:
    eye = FakeEye(a_picture(), b"cut short", a_picture(), a_picture("Siân"))
    assert asyncio.run(next_texts(eye, QUICK, read_image)) == ["Siân"]
    assert eye.pictures == []


def test_a_look_that_is_ended_just_as_a_picture_comes_is_ended() -> None:
    async def ended_as_it_comes() -> bool:
        came: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        class Waiting(FakeEye):
            async def take_picture(self) -> bytes:
                await came
                return b"no code"

        looking = asyncio.create_task(next_texts(Waiting(), Patience(), read_image))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        came.set_result(None)
        await asyncio.sleep(0)
        looking.cancel()
        done, _ = await asyncio.wait([looking], timeout=1)
        return bool(done)

    assert asyncio.run(ended_as_it_comes())


def test_the_camera_that_looks_away_is_started_and_never_with_sound() -> None:
    eye = FakeEye()
    asyncio.run(open_eye(eye, QUICK))
    assert eye.started == [(BACK, False)]


def test_the_only_camera_is_started_whichever_way_it_looks() -> None:
    eye = FakeEye(cameras=(FRONT,))
    asyncio.run(open_eye(eye, QUICK))
    assert eye.started == [(FRONT, False)]


def test_no_camera_is_absent() -> None:
    with pytest.raises(CameraStopped) as stopped:
        asyncio.run(open_eye(FakeEye(cameras=()), QUICK))
    assert (stopped.value.trouble, stopped.value.code) == (Trouble.ABSENT, "camera-unavailable")


def test_a_picture_that_never_comes_is_given_up() -> None:
    with pytest.raises(CameraStopped) as stopped:
        asyncio.run(next_texts(FakeEye(None), QUICK, read_image))
    assert stopped.value.trouble is Trouble.SLOW


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ("CameraException(CameraAccessDenied, User denied the camera access request.)", Trouble.REFUSED),
        ("CameraException(permissionDenied, no)", Trouble.REFUSED),
        ("CameraException(cameraNotFound, No camera found for the given camera options.)", Trouble.ABSENT),
        ("CameraException(cameraNotReadable, The camera is not readable)", Trouble.FAILED),
        ("CameraException(cameraNotSupported, not)", Trouble.UNSUPPORTED),
    ],
)
def test_what_the_browser_says_finds_its_sentence(said: str, trouble: Trouble) -> None:
    with pytest.raises(CameraStopped) as stopped:
        asyncio.run(next_texts(FakeEye(RuntimeError(said)), QUICK, read_image))
    assert stopped.value.trouble is trouble
    assert said not in str(stopped.value)


def seen_by(eye: FakeEye, enough: int) -> list[list[str]]:
    """What `watch` hands over until so many pictures with a code were seen."""
    handed: list[list[str]] = []

    def seen(texts: list[str]) -> bool:
        handed.append(texts)
        return sum(map(bool, handed)) == enough

    asyncio.run(watch(eye, QUICK, read_image, seen))
    return handed


def test_watching_hands_over_every_picture_in_order_until_it_is_enough() -> None:
    eye = FakeEye(a_picture("1"), a_picture(), a_picture("2"), b"cut short", a_picture("3"), a_picture("4"))
    assert seen_by(eye, 3) == [["1"], [], ["2"], [], ["3"]]


def test_watching_takes_the_next_picture_while_one_is_read() -> None:
    second_asked_for = threading.Event()

    class Telling(FakeEye):
        async def take_picture(self) -> bytes:
            if len(self.pictures) == 1:
                second_asked_for.set()
            return await super().take_picture()

    found: list[bool] = []

    def read(_picture: bytes) -> list[str]:
        found.append(second_asked_for.wait(5))
        return ["enough"]

    asyncio.run(watch(Telling(b"first", b"second"), QUICK, read, bool))
    assert found[0]


def test_watching_passes_over_a_code_that_is_too_large() -> None:
    def read(picture: bytes) -> list[str]:
        if picture == b"large":
            raise TooLarge("expected fewer characters")
        return read_image(picture)

    handed: list[list[str]] = []
    eye = FakeEye(b"large", a_picture("1"), a_picture())
    asyncio.run(watch(eye, QUICK, read, lambda texts: handed.append(texts) or bool(texts)))  # type: ignore[func-returns-value]
    assert handed == [[], ["1"]]


def test_watching_a_camera_that_stops_says_why() -> None:
    with pytest.raises(CameraStopped) as stopped:
        seen_by(FakeEye(a_picture("1"), RuntimeError("CameraAccessDenied")), 2)
    assert stopped.value.trouble is Trouble.REFUSED
    with pytest.raises(CameraStopped) as stopped:
        seen_by(FakeEye(a_picture("1"), None), 2)
    assert stopped.value.trouble is Trouble.SLOW
