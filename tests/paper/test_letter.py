"""The letter carries who asks whom for what, as data, and names Article 16."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.paper.letter import Correction, correction_letter
from app.paper.sheet import Sheet
from app.ui.words import languages, load_words
from tests.paper.pdf_text import read_pdf

MADE_ON = date(2026, 11, 23)
ASKED = Correction(
    to="Oak Lane Surgery",
    name="Gwenllian Ŵyn",
    born="4 March 1959",
    nhs_number="9990000018",
    title="Warfarin 3 mg tablets",
    rows=(("Date", "4 May 2024"), ("Recorded by", "Dr A. Khan")),
    wrong="I never took this.\nIt was my sister.",
)


def made(asked: Correction = ASKED, language: str = "en") -> Sheet:
    return correction_letter(asked, made_on=MADE_ON, words_in=load_words(language))


def test_it_says_who_asks_whom_for_what_and_by_which_right() -> None:
    text = read_pdf(made().pdf).text.replace("\n", "")
    said = (
        *("To: Oak Lane Surgery", "23 November 2026", "Gwenllian Ŵyn", "999 000 0018", "4 March 1959", "Article 16"),
        *("Warfarin 3 mg tablets", "Dr A. Khan", "I never took this.", "It was my sister.", "within one month"),
    )
    assert [one for one in said if one not in text] == []


@pytest.mark.parametrize("language", languages())
def test_it_is_tagged_in_its_language_and_its_name_says_nothing_of_the_person(language: str) -> None:
    sheet = made(language=language)
    about = read_pdf(sheet.pdf).about
    assert b"<pdfuaid:part>1</pdfuaid:part>" in about
    assert f"/Lang({language})".encode() in about
    assert sheet.file_name == "patient-passport-letter.pdf"
    assert "Warfarin" not in repr(ASKED) + repr(sheet)


@pytest.mark.parametrize(
    "planted", ['#read("/etc/passwd")', '#panic("x")', "*bold*", "$x$", "]#image(1)", "@label", "\\"]
)
def test_words_that_look_like_markup_stay_text(planted: str) -> None:
    text = read_pdf(made(replace(ASKED, wrong=planted, title=planted, to=planted)).pdf).text.replace("\n", "")
    assert text.count(planted) >= 3
    assert "root:" not in text


def test_a_long_reason_takes_another_page_and_is_there_to_its_end() -> None:
    pdf = read_pdf(made(replace(ASKED, wrong="\n".join(f"line {n}" for n in range(90)))).pdf)
    assert pdf.pages > 1
    assert "line 89" in pdf.text


def test_without_a_name_or_a_number_it_says_so() -> None:
    text = read_pdf(made(replace(ASKED, to="", nhs_number="")).pdf).text.replace("\n", "")
    assert "To: the organisation that holds this record" in text
    assert "Not in this record" in text
