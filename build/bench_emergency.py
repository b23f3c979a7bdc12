"""Rows of build/bench.py about the emergency card: how soon it is in somebody's hand, drawn and read.

    start to code        a new process until the locked card's code is a picture,   against reading a file + qrcode
    locked card read     the card as it is kept, checked to the last member,        against open + json.loads
    words V20, V25       a code of plain words as PNG (segno, UTF-8),               against qrcode's PNG of ASCII
    frame of 1080p       one camera frame read, with a code and without any,        against pyzbar.decode
    card in Chromium     the app started and the strip pressed, until its lines     against a plain Flet program,
                         are on the screen (by the wall clock),                     a press and its list

"start to card" of bench.py ends in the process; "card in Chromium" ends on the screen. A frame is drawn upright with
a slight turn and blur; how often real ones are read is no matter of time (build/optics.py).
"""

from __future__ import annotations

import io
import json
import math
import sys
import time
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import NOW, Row, compare, spent, spent_by_child
from bench_drawn import PATHS

if TYPE_CHECKING:
    from PIL.Image import Image

    from app.actions.locked_card import ShownCard

CODE = """
import sys
from pathlib import Path
from app.actions.locked_card import locked_card
from app.qr.draw import draw_words
from app.store.home import PassportHome
sys.exit(0 if draw_words(locked_card(PassportHome(Path(sys.argv[1]))).code).png else 1)
"""
PLAIN_CODE = """
import sys
from pathlib import Path
import qrcode
qrcode.make(Path(sys.argv[1]).read_text()).save(sys.argv[2])
"""
ROOM = {"V20": (20, 604, 858), "V25": (25, 1018, 1273)}
"""Version; bytes of words beside their trailer; bytes of ASCII, all at level L."""
FIRST_ON_CARD = "Allergies"
PLAIN_APP = "a plain Flet program"


def emergency_rows(data: bytes, rounds: int, folder: Path) -> list[Row]:
    """Every row but the one in Chromium."""
    folder.mkdir(parents=True)
    card = kept_card(data, folder / "home")
    return [
        start_to_code(card, rounds, folder),
        locked_card_read(card, rounds, folder),
        *(words_drawn(name, rounds) for name in ROOM),
        *frames_read(rounds),
    ]


def kept_card(data: bytes, home: Path) -> ShownCard:
    """A locked passport whose card, with its code, may be seen without the passphrase."""
    from app.actions import vouching
    from app.actions.emergency import show_while_locked
    from app.actions.importing import import_file
    from app.actions.locked_card import locked_card
    from app.actions.session import create_passport
    from app.record.identity import subject_parts
    from app.store.home import PassportHome
    from crypto import attestation
    from crypto.keys import SigningKey
    from crypto.vault_header import FLOOR

    passport, _ = create_passport(PassportHome(home), "a passphrase for one benchmark", now=NOW, cost=FLOOR)
    import_file(passport, data, "bench.json", now=NOW)
    person = passport.store.person()
    assert person is not None
    parts = subject_parts(person)
    subject = attestation.Subject(parts.nhs_number, parts.birth_date, parts.name)
    key, until = passport.device_key.public, NOW + timedelta(days=90)
    wire = attestation.issue(subject, key, "Z99000", SigningKey.generate(), iat=NOW, exp=until)
    passport.store.set_secret(vouching._ATTESTATION, wire)  # noqa: SLF001 -- no record service stands behind a benchmark
    show_while_locked(passport, True, now=NOW)
    passport.lock()
    card = locked_card(passport.home)
    assert card is not None
    assert card.code
    return card


def start_to_code(card: ShownCard, rounds: int, folder: Path) -> Row:
    """Two processes from nothing to a PNG of the same version; the plain one finds its text in a file."""
    plain = folder / "plain.txt"
    plain.write_text("a" * len((card.code or "").encode()), encoding="ascii")
    ours, theirs = ["-c", CODE, str(folder / "home")], ["-c", PLAIN_CODE, str(plain), str(folder / "plain.png")]
    times = [(spent_by_child(ours), spent_by_child(theirs)) for _ in range(rounds)]
    return compare("start to code", times, "reading a file + qrcode")


def locked_card_read(card: ShownCard, rounds: int, folder: Path) -> Row:
    """The way to the card that needs no unlocking, without the start of a process."""
    from app.actions.locked_card import locked_card
    from app.store.home import PassportHome

    home, plain = PassportHome(folder / "home"), folder / "card.json"
    plain.write_text(json.dumps(asdict(card), default=str), encoding="utf-8")

    def ours() -> None:
        for _ in range(20):
            locked_card(home)

    def theirs() -> None:
        for _ in range(20):
            json.loads(plain.read_bytes())

    times = [(spent(ours) / 20, spent(theirs) / 20) for _ in range(rounds)]
    return compare("locked card read", times, "open + json.loads")


def words_drawn(name: str, rounds: int) -> Row:
    """A full card of this version against as many modules of ASCII."""
    import qrcode

    from app.qr.draw import draw_words

    version, words, ascii_bytes = ROOM[name]
    text = "â" + "a" * (words - 2) + "\nPP1:" + "A1B2 $%*+-./:" * 26
    assert draw_words(text).version == version

    def plain() -> None:
        code = qrcode.QRCode(version=version, error_correction=qrcode.ERROR_CORRECT_L, box_size=8)
        code.add_data(b"a" * ascii_bytes, optimize=0)
        code.make(fit=False)
        code.make_image().save(io.BytesIO())

    times = [(spent(partial(draw_words, text)), spent(plain)) for _ in range(rounds)]
    return compare(f"words {name} drawn", times, "qrcode's PNG of ASCII")


def frames_read(rounds: int) -> list[Row]:
    """zxing-cpp and zbar as the app uses them, on a frame with a code and on one without any."""
    from pyzbar import pyzbar

    from app.qr.scan import zbar_decoder, zxing_decoder

    shown, plain = _frame(), partial(pyzbar.decode, symbols=[pyzbar.ZBarSymbol.QRCODE])
    empty = shown.crop((0, 0, 300, 300)).resize(shown.size)
    rows = []
    for name, decode in (("zxing-cpp", zxing_decoder()), ("zbar", zbar_decoder())):
        assert decode(shown)
        assert not decode(empty)
        for frame, what in ((shown, "read by"), (empty, "empty to")):
            times = [(spent(partial(decode, frame)), spent(partial(plain, frame))) for _ in range(rounds)]
            rows.append(compare(f"frame {what} {name}", times, "pyzbar.decode"))
    return rows


def _frame() -> Image:
    """1080p with a V25 code at 3.4 pixels a module, turned by 4 degrees."""
    from PIL import Image, ImageFilter

    from app.qr.draw import draw_words

    drawn = draw_words("a" * 1018 + "\nPP1:" + "A1B2" * 90, module_pixels=10)
    side = math.ceil((drawn.modules + 8) * 3.4)
    code = Image.open(io.BytesIO(drawn.png)).convert("L").resize((side, side), Image.Resampling.BOX)
    frame = Image.linear_gradient("L").resize((1920, 1080)).point(lambda value: 60 + value // 4)
    frame.paste(code, (1920 // 2 - side // 2, 1080 // 2 - side // 2))
    return frame.rotate(4, Image.Resampling.BICUBIC, fillcolor=90).filter(ImageFilter.GaussianBlur(0.7))


# ---- in Chromium ---------------------------------------------------------------------------------


def card_on_screen(data: bytes, rounds: int, folder: Path) -> list[Row]:
    """From the start of the app's process; none where there is no Chromium. The browser runs already."""
    try:
        from tests.browser.harness import browser, chromium
    except ModuleNotFoundError:
        sys.stderr.write("card in Chromium: not measured, Playwright is not installed\n")
        return []
    if chromium() is None:
        sys.stderr.write("card in Chromium: not measured, there is no Chromium\n")
        return []
    folder.mkdir(parents=True)
    kept_card(data, folder / "home")
    rows = folder / "plain.json"
    rows.write_text(json.dumps([["a line", "said by"]] * 50), encoding="utf-8")
    ours = ("app", "--home", folder / "home", "--no-window"), "emergency", f'role=heading[name="{FIRST_ON_CARD}"]'
    theirs = ("bench_drawn", rows), "plain-open", '[flt-semantics-identifier="plain-row"]'
    with browser() as running:
        times = [(_until_shown(running, *ours), _until_shown(running, *theirs)) for _ in range(rounds)]
    return [compare("card in Chromium", times, PLAIN_APP)]


def _until_shown(running: Any, arguments: tuple[str | Path, ...], pressed: str, wanted: str) -> float:
    """Seconds of the wall clock from the start of a program until what was pressed for (a selector) is drawn."""
    from tests.browser.harness import Window
    from tests.browser.running import program

    window, begun = Window(running), time.monotonic()
    with program(str(arguments[0]), *arguments[1:], environment={"PYTHONPATH": PATHS}) as said:
        window.page.goto(Path(said["address_file"]).as_uri())
        first = window.marked(pressed).first
        first.wait_for(state="attached", timeout=60_000)
        first.click()
        window.page.locator(wanted).first.wait_for(state="attached", timeout=60_000)
        seconds = time.monotonic() - begun
        window.close()
    return seconds
