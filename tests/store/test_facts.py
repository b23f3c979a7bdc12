from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.record.entry import Section
from app.store import facts, rows
from app.store.record import Store
from crypto.errors import StoreDamaged
from tests.store.made_up import FULL, KEY, NOW, imported, reading

TEXTS = st.text(st.characters(), max_size=400)
JSON = (
    '[[["result","4.60 mmol/L"],["range","3.5 to 5.3 mmol/L"]],[["http://snomed.info/sct","1000651000000109",""]],null]'
)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_any_text_comes_back_whatever_stands_beside_it(text: str, title: str, detail: str, at: str) -> None:
    assert facts.unfold(facts.fold(text, title, detail, at), title, detail, at) == text


def test_what_was_folded_first_is_read_for_ever() -> None:
    """A dictionary that changes by one letter would make every stored entry unreadable."""
    kept = bytes.fromhex("01234a91b19e29285c4df58ce1b2f87d6668606060660a2281c0d0c012e209884b01")
    assert facts.unfold(kept, "Serum potassium level", "4.60 mmol/L", "2024-05-06") == JSON


def test_text_kept_before_there_was_folding_is_read_as_it_is() -> None:
    assert facts.unfold(JSON, "Any", "thing", "") == JSON
    assert facts.unfold("", "", "", "") == ""


@pytest.mark.parametrize("kept", [b"\x02abc", b"\x01\xff\xff\xff", b"\x00"])
def test_what_cannot_be_unfolded_is_damage(kept: bytes) -> None:
    with pytest.raises(StoreDamaged, match="facts: expected") as refused:
        facts.unfold(kept, "Serum potassium level", "4.60 mmol/L", "")
    assert refused.value.code == "store-damaged"


def test_an_entry_keeps_its_facts_folded_and_gives_them_back(tmp_path) -> None:
    store = Store.create(tmp_path / "a.db", KEY, now=NOW)
    store.add_update(reading(FULL), b"{}", imported())
    ((kept,),) = store._driver.rows("SELECT more FROM entry")
    assert isinstance(kept, bytes)
    assert len(kept) < len(rows._more(FULL)) / 2
    assert [one.entry for one in store.entries(Section.RESULTS)] == [FULL]
    store.close()
