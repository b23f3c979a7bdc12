"""The recovery sheet carries the words once, in order, as text and as a code, and nothing that says whose they are."""

from __future__ import annotations

import sys
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import typst

from app.paper import sheet as setting
from app.paper.recovery import recovery_sheet
from app.paper.sheet import Sheet, set_sheet
from app.qr.scan import read_image
from app.ui.words import languages, load_words
from crypto.errors import NotACode, PaperUnavailable
from crypto.words import from_words, to_words
from tests.paper.pdf_text import read_pdf

MADE_ON = date(2026, 11, 23)
WORDS = tuple(to_words(bytes(range(16))))
EACH = pytest.mark.parametrize("language", languages())


@cache
def made(language: str, words: tuple[str, ...] = WORDS) -> Sheet:
    return recovery_sheet(words, made_on=MADE_ON, words_in=load_words(language))


def as_png(page: str) -> bytes:
    """A page of the sheet as a picture, at 150 dots an inch."""
    paper = b'#set page(width: 210mm, height: 297mm, margin: 0mm)\n#image(bytes(sys.inputs.page), format: "svg")'
    return typst.compile(paper, format="png", ppi=150, sys_inputs={"page": page}, ignore_system_fonts=True)


@EACH
def test_the_sheet_is_one_page_and_tagged_as_pdf_ua_1(language: str) -> None:
    pdf = read_pdf(made(language).pdf)
    assert pdf.pages == len(made(language).svg) == 1
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf.about
    assert b"/Marked true" in pdf.about
    assert f"/Lang({language})".encode() in pdf.about
    assert b"/Alt" in pdf.about


@EACH
def test_every_word_stands_once_and_in_order_after_its_number(language: str) -> None:
    lines = read_pdf(made(language).pdf).text.split("\n")
    at = lines.index("1")
    expected = [line for number, word in enumerate(WORDS, 1) for line in (str(number), word)]
    assert lines[at : at + 24] == expected
    rest = lines[:at] + lines[at + 24 :]
    assert [word for word in WORDS if word in rest] == []


@EACH
def test_the_code_of_the_printed_page_holds_the_same_words(language: str) -> None:
    texts = read_image(as_png(made(language).svg[0]))
    assert texts == [" ".join(WORDS)]
    assert from_words(texts[0]) == bytes(range(16))


def test_what_stands_on_it_beside_the_words_is_the_same_for_everybody() -> None:
    other = tuple(to_words(bytes(range(50, 66))))
    first, second = (read_pdf(made("en", words).pdf).text for words in (WORDS, other))
    for mine, theirs in zip(WORDS, other, strict=True):
        first = first.replace(f"\n{mine}\n", f"\n{theirs}\n", 1)
    assert first == second


def test_it_says_what_it_is_for_who_may_see_it_and_what_to_do_if_it_is_lost() -> None:
    text = read_pdf(made("en").pdf).text.replace("\n", "")
    words = load_words()
    for part in ("for", "who", "lost", "code"):
        assert words(f"paper.recovery.{part}.text") in text
    assert words("paper.recovery.backup") in text
    assert "Made on 23 November 2026" in text


@EACH
def test_the_words_are_not_in_what_the_file_says_about_itself(language: str) -> None:
    found = made(language)
    about = read_pdf(found.pdf).about
    distinctive = [word for word in WORDS if len(word) > 4]
    assert distinctive
    for word in distinctive:
        assert word.encode() not in about
        assert word.encode("utf-16-be") not in about
        assert word not in found.file_name
        assert word not in repr(found)


def test_the_check_of_what_a_file_says_about_itself_sees_a_title() -> None:
    assert b"Your recovery sheet" in read_pdf(made("en").pdf).about


@pytest.mark.parametrize(
    "planted", ['#read("/etc/passwd")', '#panic("x")', "*bold*", "$x$", "]#image(1)", "\\", "@label", "</svg>"]
)
def test_a_word_that_looks_like_markup_stays_text(planted: str) -> None:
    text = read_pdf(made("en", (planted, *WORDS[1:])).pdf).text.replace("\n", "")
    assert f"1{planted}2{WORDS[1]}3" in text
    assert "root:" not in text


def test_words_that_cannot_stand_in_the_code_are_refused() -> None:
    with pytest.raises(NotACode, match="expected ASCII"):
        recovery_sheet(["ŵy"] * 12, made_on=MADE_ON, words_in=load_words())


def test_the_same_words_and_day_give_the_same_bytes() -> None:
    again = recovery_sheet(WORDS, made_on=MADE_ON, words_in=load_words())
    assert (again.pdf, again.svg) == (made("en").pdf, made("en").svg)


def test_nothing_is_written_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMPDIR", "TEMP", "TMP", "HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    recovery_sheet(WORDS, made_on=MADE_ON, words_in=load_words())
    assert list(tmp_path.rglob("*")) == []


def test_without_a_typesetter_the_sheet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(PaperUnavailable, match="found none"):
        recovery_sheet(WORDS, made_on=MADE_ON, words_in=load_words())


def test_a_refusal_of_the_typesetter_says_nothing_of_the_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "paper").mkdir()
    (tmp_path / "paper" / "broken.typ").write_text("#panic(sys.inputs.sheet)", encoding="utf-8")
    monkeypatch.setattr(setting, "assets_dir", lambda: tmp_path)
    with pytest.raises(PaperUnavailable, match="found a refusal") as refused:
        set_sheet("broken.typ", {"words": list(WORDS)}, file_name="x.pdf", made_on=MADE_ON)
    assert WORDS[0] not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_template_reaches_no_file_outside_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "paper").mkdir()
    (tmp_path / "beside.txt").write_text("beside", encoding="utf-8")
    (tmp_path / "paper" / "reaching.typ").write_text('#read("../beside.txt")', encoding="utf-8")
    monkeypatch.setattr(setting, "assets_dir", lambda: tmp_path)
    with pytest.raises(PaperUnavailable, match=r"reaching\.typ"):
        set_sheet("reaching.typ", {}, file_name="x.pdf", made_on=MADE_ON)
