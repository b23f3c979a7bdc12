"""The contact-card form: the same lines, read back by the rules of RFC 2426 from what a decoder gives."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.qr.draw import draw_words
from app.qr.scan import read_image
from app.record.emergency_contact import MAX_LINE_OCTETS, contact_card
from tests.record.made_up import PERSON

TEXT = "PATIENT PASSPORT EMERGENCY CARD\nName: Siân Llŷr\nALLERGIES: Nuts, all - rash; Latex\nPath: C:\\n"


def read_back(card: str) -> dict[str, str]:
    """A reader of vCards, written from RFC 2426 sections 2.6 and 4: unfold, split, unescape."""
    unfolded = re.sub(r"\r\n[ \t]", "", card)
    assert unfolded.endswith("\r\n")
    found = dict(line.split(":", 1) for line in unfolded.removesuffix("\r\n").split("\r\n"))
    ends = {"n": "\n", "N": "\n"}
    return {name: re.sub(r"\\(.)", lambda m: ends.get(m[1], m[1]), value) for name, value in found.items()}


def test_it_is_a_contact_of_that_name_whose_note_is_the_card() -> None:
    found = read_back(contact_card("Siân Llŷr", "1959-03-04", TEXT))
    assert found == {
        "BEGIN": "VCARD", "VERSION": "3.0", "FN": "Siân Llŷr", "N": "Siân Llŷr;;;;", "BDAY": "1959-03-04",
        "NOTE": TEXT, "END": "VCARD",
    }  # fmt: skip


def test_no_number_in_it_could_be_taken_for_the_patients() -> None:
    assert "TEL" not in read_back(contact_card("Siân Llŷr", "1959-03-04", "CALL: Gwen - daughter 07700 900252"))


@pytest.mark.parametrize("born", ["1959", "1959-03", ""])
def test_a_birth_date_without_a_day_is_no_day(born: str) -> None:
    assert "BDAY" not in read_back(contact_card("Siân Llŷr", born, TEXT))


def test_a_name_cannot_begin_another_line() -> None:
    found = read_back(contact_card("A\r\nTEL:999;x", "", "y"))
    assert found["FN"] == "A TEL:999;x"
    assert "TEL" not in found


@pytest.mark.parametrize(
    "name", ["Gwenllian Angharad Ŵyn-Pritchard", "Zoë O’Brien", "نور الهاشمي", "李小龙", "Đặng Thị Mỹ"]
)
def test_accents_and_other_scripts_survive_drawing_and_decoding(name: str) -> None:
    card = contact_card(name, PERSON.birth_date, f"Name: {name}\n" * 9)
    (read,) = read_image(draw_words(card).png)
    assert read_back(read)["NOTE"] == f"Name: {name}\n" * 9


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=400))
def test_whatever_the_text_no_line_is_too_long_and_the_note_is_the_same(text: str) -> None:
    card = contact_card("Siân Llŷr", "1959-03-04", text)
    assert max(len(line.encode("utf-8")) for line in card.split("\r\n")) <= MAX_LINE_OCTETS
    assert read_back(card)["NOTE"] == text
