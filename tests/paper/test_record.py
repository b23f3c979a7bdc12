"""The record on paper: every word of it as text, tagged, with its source, and nothing of it ever run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.paper.coverage import MARK, Shown, covered
from app.paper.record import Printed, record_sheet
from app.record.entry import (
    Absence,
    Entry,
    Fact,
    ListWarning,
    NotDisplayed,
    Quantity,
    Section,
    SectionNote,
    Standing,
    When,
)
from app.record.source import Aside, Checked, SourceInfo, SourceKind, StoredEntry, StoredNotDisplayed, StoredNote
from app.ui.words import languages, load_words
from tests.paper.pdf_text import Pdf, read_pdf
from tests.record.made_up import NOW, PERSON, SURGERY

FILE = SourceInfo(SourceKind.IMPORT, "letter.json", Checked.NOT_SIGNED, NOW)
EACH = pytest.mark.parametrize("language", languages())
SALBUTAMOL = Entry(
    "MedicationStatement/1", 0, Section.MEDICINES, "MedicationStatement", "Salbutamol", "Two puffs", When("2026-10"),
    Standing.CURRENT, (Fact("reason", "Asthma"), Fact("started", "2019-03-04")), author="Dr A. Khan",
)  # fmt: skip
POTASSIUM = Entry(
    "Observation/1", 1, Section.RESULTS, "Observation", "Potassium", "4.60 mmol/L", None, Standing.CURRENT,
    quantity=Quantity("4.60", "mmol/L", "3.50", "5.30"),
)  # fmt: skip


def made(
    *entries: StoredEntry, notes: tuple[StoredNote, ...] = (), language: str = "en", aside: Aside | None = None
) -> Pdf:
    printed = Printed(PERSON, list(Section), True, entries, notes, aside or Aside())
    sheet = record_sheet(printed, made_on=date(2026, 11, 23), file_name="record.pdf", words_in=load_words(language))
    assert sheet.svg == ()
    return read_pdf(sheet.pdf)


def said(pdf: Pdf) -> str:
    return " ".join(pdf.text.split())


def stored(entry: Entry, source: SourceInfo = SURGERY) -> StoredEntry:
    return StoredEntry(1, entry, source)


@EACH
def test_it_is_tagged_as_pdf_ua_1_in_its_language(language: str) -> None:
    pdf = made(stored(SALBUTAMOL), stored(POTASSIUM, FILE), language=language)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf.about
    assert b"/Marked true" in pdf.about
    assert f"/Lang({language})".encode() in pdf.about


def test_each_entry_stands_with_its_date_and_who_said_it() -> None:
    text = said(made(stored(SALBUTAMOL), stored(POTASSIUM, FILE)))
    assert "Salbutamol Two puffs Reason: Asthma" in text
    assert "Started: 4 March 2019" in text
    assert "October 2026 · Current · Dr A. Khan · Checked: signed by Oak Lane Surgery" in text
    assert "4.60 mmol/L. Within the laboratory" in text or "4.60 mmol/L" in text
    assert "3.50" in text
    assert "No date given · Current · Not signed: imported from letter.json" in text


def test_what_came_by_a_link_names_its_host() -> None:
    by_link = replace(FILE, kind=SourceKind.LINK, issuer_name="links.northfield.example")
    assert "Not signed: received by a link from links.northfield.example" in said(made(stored(POTASSIUM, by_link)))


def test_the_three_absences_and_the_warnings_are_told_apart() -> None:
    notes = (
        *(StoredNote(SectionNote(section, absence=absence), SURGERY) for section, absence in (
            (Section.ALLERGIES, Absence.NONE_KNOWN), (Section.CONDITIONS, Absence.NOT_ASKED))),
        StoredNote(SectionNote(Section.MEDICINES, warning=ListWarning.CONFIDENTIAL), SURGERY),
    )  # fmt: skip
    text = said(made(notes=notes))
    assert "No known allergies (said by Oak Lane Surgery)" in text
    assert "Not asked (said by Oak Lane Surgery)" in text
    assert "Some items are being withheld by the surgery" in text
    assert "Procedures" not in text
    assert text.count("Nothing recorded here") == len(Section) - 2


def test_every_page_says_whose_it_is_when_it_was_made_and_its_number() -> None:
    pdf = made(*[stored(replace(SALBUTAMOL, key=str(number))) for number in range(60)])
    text = said(pdf)
    assert pdf.pages > 2
    assert text.count("Patient-held copy, made on 23 November 2026") == pdf.pages
    assert text.count("Siân Llŷr · 4 March 1959 · 999 000 0018") == pdf.pages
    assert [f"Page {page} of {pdf.pages}" in text for page in range(1, pdf.pages + 1)] == [True] * pdf.pages


@pytest.mark.parametrize(
    "planted", ['#read("/etc/passwd")', '#panic("x")', "*bold*", "$x$", "]#image(1)", "\\", "@label", "⟦p⟧", "= x"]
)
def test_record_text_that_looks_like_markup_stays_text(planted: str) -> None:
    entry = replace(SALBUTAMOL, title=planted, detail=planted, facts=(Fact("reason", f"{planted}."),))
    pdf = made(stored(entry, replace(FILE, issuer_name=planted)))
    shown = Shown()(planted)
    assert said(pdf).replace(" ", "").count(shown.replace(" ", "")) == 4
    assert "root:" not in pdf.text


def test_the_person_is_not_in_what_the_file_says_about_itself() -> None:
    about = made(stored(SALBUTAMOL)).about
    assert "Llŷr".encode() not in about
    assert b"Salbutamol" not in about


@pytest.mark.parametrize("words", ["عربي", "नमस्ते", "ਪੰਜਾਬੀ", "বাংলা", "Ελληνικά", "Łódź", "≥ 5 µg"])
def test_the_scripts_of_the_fonts_are_covered(words: str) -> None:
    shown = Shown()
    assert MARK not in shown(words)
    assert not shown.marked


def test_a_sign_no_font_has_is_marked_and_that_is_said() -> None:
    text = said(made(stored(replace(SALBUTAMOL, title="漢字 and \U0001f600"))))
    assert f"{MARK}{MARK} and {MARK}" in text
    assert f"stands as {MARK}" in text
    assert "stands as" not in said(made(stored(SALBUTAMOL)))


def test_controls_and_signs_that_turn_a_line_around_are_left_out() -> None:
    assert Shown()("a\u202eb\x00c\ue000d\n e") == "abcd  e"


def test_the_mark_itself_can_be_shown() -> None:
    assert ord(MARK) in covered()


def test_what_was_entered_by_mistake_says_so() -> None:
    assert "Entered by mistake" in said(made(stored(replace(SALBUTAMOL, standing=Standing.ENTERED_IN_ERROR))))


GONE = StoredEntry(2, replace(SALBUTAMOL, title="Aspirin"), SURGERY, taken_back_at=NOW)
UNREAD = StoredNotDisplayed(NotDisplayed(4, "Unheard", "unknown-type"), FILE)


def test_what_was_taken_back_closes_the_record_and_tells_nothing_of_what_it_said() -> None:
    text = said(made(stored(POTASSIUM), aside=Aside((GONE,), 1)))
    closing = text.partition("Taken back by the source")[2]
    assert "1 entry taken back Aspirin Medicines · October 2026 · Taken back by Oak Lane Surgery on 23" in closing
    assert "Two puffs" not in text
    assert "Only the newest" not in closing


def test_more_that_was_taken_back_than_is_listed_is_counted() -> None:
    text = said(made(aside=Aside((GONE,), 51)))
    assert "51 entries taken back Only the newest are listed here" in text


def test_what_could_not_be_displayed_is_counted_for_each_source() -> None:
    text = said(made(stored(POTASSIUM), aside=Aside(not_displayed=(UNREAD, UNREAD))))
    assert "Could not be displayed letter.json: 2 items could not be displayed." in text
    assert "Taken back" not in text


def test_without_either_the_record_ends_with_its_last_section() -> None:
    text = said(made(stored(POTASSIUM)))
    assert "Could not be displayed" not in text
    assert "Taken back" not in text


@EACH
def test_the_closing_part_is_tagged_like_the_rest(language: str) -> None:
    pdf = made(stored(SALBUTAMOL), aside=Aside((GONE,), 1, (UNREAD,)), language=language)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf.about
    assert pdf.about.count(b"/S/H2") >= len(Section) + 2
