"""What is drawn is what both decoders read, and the picture keeps the rules of a good code."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from app.qr.draw import (
    Drawing,
    Level,
    draw_ascii,
    draw_ascii_svg,
    draw_card,
    draw_link,
    draw_words,
    svg_card,
    svg_words,
)
from app.qr.scan import Decoder, zbar_decoder, zxing_decoder
from crypto.errors import NotACode, TooLarge

ACCENTS = "Siân Ŵyn Brontë\nNHS 999 123 4567\nNo colon · José Nuñez, Łódź\nPP1:6BFOXN$%*+-./"
LINK = "shlink:/" + "eyJ1cmwiOiJodHRwczovL3JlbGF5LmV4YW1wbGUvIn0" * 6
CARD = "shc:/" + "5676290952432060346029243740446031222959532654603460292540772804336028" * 8
BASE45 = "PP1:" + "6BFOXN$%*+-./:" * 40


@pytest.fixture(params=[zxing_decoder, zbar_decoder], ids=["zxing", "zbar"])
def decode(request: pytest.FixtureRequest) -> Decoder:
    decoder: Decoder = request.param()
    return decoder


def grey(drawing: Drawing) -> Image.Image:
    return Image.open(io.BytesIO(drawing.png)).convert("L")


@pytest.mark.parametrize(
    ("drawing", "text"),
    [
        (draw_words(ACCENTS), ACCENTS),
        (draw_words(ACCENTS, level=Level.M), ACCENTS),
        (draw_link(LINK), LINK),
        (draw_card(CARD), CARD),
        (draw_ascii(BASE45, level=Level.L), BASE45),
    ],
    ids=["words-screen", "words-paper", "link", "card", "base45"],
)
def test_a_drawn_code_is_read_back_exactly(drawing: Drawing, text: str, decode: Decoder) -> None:
    assert decode(grey(drawing)) == [text]


NAMES = {
    "welsh": "Siân Gwenllïan Llŷr-Ŵyn",
    "spanish": "José Nuñez, Zoë Brontë",
    "polish": "Łukasz Żółć-Śliwiński",
    "turkish": "Çağrı Işık İnönü",
    "vietnamese": "Nguyễn Thị Hương",
    "arabic": "فاطمة الزهراء",
    "persian with a joiner": "می\u200cخواهم",
    "hebrew": "שירה כהן",
    "chinese": "王小明",
    "japanese": "山田太郎 やまだ",
    "korean": "김민준",
    "devanagari": "प्रिया शर्मा",
    "bengali": "প্রিয়াঙ্কা দাস",
    "gurmukhi": "ਹਰਪ੍ਰੀਤ ਕੌਰ",
    "tamil": "கவிதா",
    "thai": "สมชาย ใจดี",
    "greek": "Γεώργιος Παπαδόπουλος",
    "ukrainian": "Наталія Їжак",
    "ethiopic": "ሰላም ተስፋዬ",
}


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_of_any_script_is_read_back_exactly(name: str, level: Level, decode: Decoder) -> None:
    words = f"PATIENT PASSPORT EMERGENCY CARD\nName: {name}\nALLERGIES: penicillin\nPP1:6BFOXN$%*+-./"
    for text in (name, f"Name: {name}", words):
        assert decode(grey(draw_words(text, level=level))) == [text]


def test_a_module_is_a_whole_number_of_pixels_and_the_quiet_zone_is_four_modules() -> None:
    drawing = draw_link(LINK, module_pixels=5)
    picture = grey(drawing)
    assert picture.size == ((drawing.modules + 8) * 5,) * 2
    assert picture.getextrema() == (0, 255)
    assert picture.crop((0, 0, picture.width, 20)).getextrema() == (255, 255)
    assert picture.getpixel((20, 20)) == 0
    small = picture.resize((drawing.modules + 8,) * 2, Image.Resampling.NEAREST)
    assert small.resize(picture.size, Image.Resampling.NEAREST).tobytes() == picture.tobytes()


def test_the_drawing_says_its_version_and_level() -> None:
    drawing = draw_link(LINK)
    assert drawing.level is Level.M
    assert drawing.modules == 17 + 4 * drawing.version


def test_a_card_of_1195_characters_fits_version_22() -> None:
    assert draw_card("shc:/" + "77" * 1195).version == 22


def test_a_card_over_1195_characters_is_refused() -> None:
    with pytest.raises(TooLarge, match="version 22 at most, found 23"):
        draw_card("shc:/" + "77" * 1220)


def test_a_long_run_of_zero_digits_is_drawn(decode: Decoder) -> None:
    card = "shc:/" + "0" * 800
    assert decode(grey(draw_card(card))) == [card]


@pytest.mark.parametrize("text", ["", "shc:/", "shc:/12a", "567629", "shc:/１２"])
def test_a_card_that_is_no_digits_is_refused(text: str) -> None:
    with pytest.raises(NotACode, match="expected shc:/ and digits"):
        draw_card(text)


def test_accents_are_refused_where_the_code_would_garble_them() -> None:
    with pytest.raises(NotACode, match="draw them with draw_words"):
        draw_ascii("Siân", level=Level.L)


def test_text_over_version_40_is_refused() -> None:
    with pytest.raises(TooLarge, match="version 40-M"):
        draw_link("shlink:/" + "a" * 2400)
    with pytest.raises(TooLarge, match="version 40-L"):
        draw_words("é" * 1600)


def test_the_picture_stays_out_of_the_repr() -> None:
    assert "png" not in repr(draw_link(LINK))


def test_the_last_line_of_plain_words_takes_five_and_a_half_bits_a_character() -> None:
    words, trailer = "Siân Llŷr\n" + "a" * 1000, "\nPP1:" + "A1B2 $%*+-./:" * 28
    assert draw_words(words + trailer).version <= 25
    assert draw_words(words + trailer.lower()).version > 25


def drawn_svg(svg: str) -> tuple[Image.Image, list[tuple[int, ...]], int]:
    """The picture at 6 pixels for each module, its runs (x, y, width) and its side in modules."""
    side = int(re.findall(r'viewBox="0 0 (\d+) \1"', svg)[0])
    picture = Image.new("L", (side * 6, side * 6), 255)
    pen = ImageDraw.Draw(picture)
    runs = [tuple(map(int, run)) for run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg)]
    for x, y, width in runs:
        pen.rectangle((x * 6, y * 6, (x + width) * 6 - 1, y * 6 + 5), fill=0)
    return picture, runs, side


@pytest.mark.parametrize(
    ("svg", "text"),
    [
        (draw_ascii_svg(BASE45), BASE45),
        (svg_words(ACCENTS, Level.L), ACCENTS),
        (svg_words(ACCENTS, Level.M), ACCENTS),
        (svg_card(CARD), CARD),
    ],
    ids=["base45", "words-screen", "words-paper", "card"],
)
def test_a_code_as_svg_is_whole_modules_with_a_quiet_zone(svg: str, text: str, decode: Decoder) -> None:
    picture, runs, side = drawn_svg(svg)
    assert f'width="{side * 8}" height="{side * 8}"' in svg
    assert min(x for x, _, _ in runs) == min(y for _, y, _ in runs) == 4
    assert max(x + width for x, _, width in runs) == side - 4
    assert decode(picture) == [text]


@pytest.mark.parametrize("level", Level)
def test_png_and_svg_of_words_are_the_same_code_at_the_level_asked_for(level: Level) -> None:
    drawing = draw_words(ACCENTS, level=level, module_pixels=6)
    picture, _, side = drawn_svg(svg_words(ACCENTS, level))
    assert grey(drawing).tobytes() == picture.tobytes()
    assert (drawing.level, drawing.modules + 8, 17 + 4 * drawing.version) == (level, side, drawing.modules)
    assert [code.ec_level for code in zxingcpp.read_barcodes(picture)] == [level.value]


def test_a_card_as_svg_is_refused_as_its_png_is() -> None:
    with pytest.raises(TooLarge, match="version 22 at most, found 23"):
        svg_card("shc:/" + "77" * 1220)
    with pytest.raises(NotACode, match="expected shc:/ and digits"):
        svg_card("shc:/12a")


def test_a_code_for_paper_refuses_other_characters_than_ascii() -> None:
    with pytest.raises(NotACode, match="expected ASCII"):
        draw_ascii_svg("Siân")
