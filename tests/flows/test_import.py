"""Bringing in a file: what is in it is shown before it is kept; somebody else's is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.actions.made_up import AMARA, PEOPLE, SIAN, bundle_of, kept, resources, written
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]
WALNUTS = {"resourceType": "AllergyIntolerance", "id": "n", "code": {"text": "Walnuts"}}
STRANGE = {"resourceType": "Starship", "id": "s"}


def file_of(person_id: str, *extra: dict[str, Any]) -> bytes:
    patient = resources(bundle_of(person_id, "hospital"), "Patient")[0]
    inside = [{"resource": one} for one in (patient, *extra)]
    return written({"resourceType": "Bundle", "type": "collection", "entry": inside})


def picks(window: Window, name: str, data: bytes | None) -> None:
    """The next file a person picks; None where they close the picker."""
    chosen = [] if data is None else [{"id": 1, "name": name, "size": len(data), "bytes": data}]
    window.client.answers["pick_files"] = chosen


def test_a_file_is_shown_first_and_kept_when_a_person_says_so(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        assert window.desk is not None
        before = kept(window.desk.passport)
        picks(window, "letter.json", file_of(SIAN, WALNUTS, STRANGE))
        await window.press("import")
        assert window.says("letter.json")
        assert window.says(PEOPLE[SIAN].name)
        assert kept(window.desk.passport) == before
        await window.press("keep")
        assert window.shows("imported")
        assert kept(window.desk.passport) == (before[0] + 1, before[1] + 1)
        await window.press("continue")
        await window.press("section-allergies")
        assert window.says("Walnuts")
        assert window.says("Not signed")

    tell(story)


def test_going_back_from_the_preview_keeps_nothing(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        assert window.desk is not None
        before = kept(window.desk.passport)
        picks(window, "letter.json", file_of(SIAN, WALNUTS))
        await window.press("import")
        await window.press("back")
        assert window.heading() == PEOPLE[SIAN].name
        assert kept(window.desk.passport) == before

    tell(story)


def test_a_file_of_somebody_else_is_refused_in_words_and_nothing_is_stored(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        assert window.desk is not None
        before = kept(window.desk.passport)
        picks(window, "not mine.json", file_of(AMARA, WALNUTS))
        await window.press("import")
        assert window.says("This record is about somebody else.")
        assert not window.says("Okafor")
        await window.press("problem-close")
        assert window.heading() == PEOPLE[SIAN].name
        assert kept(window.desk.passport) == before
        await window.press("section-allergies")
        await window.press("back")
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)


def test_a_file_that_is_no_record_is_refused_in_words(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        assert window.desk is not None
        before = kept(window.desk.passport)
        for data in (b"not json", b'{"a": 1}'):
            picks(window, "holiday.jpg", data)
            await window.press("import")
            assert window.shows("problem-close")
            await window.press("problem-close")
        assert kept(window.desk.passport) == before

    tell(story)


def test_a_picker_that_was_closed_changes_nothing(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        picks(window, "", None)
        await window.press("import")
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)


def test_a_record_may_begin_with_a_file(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.make_passport()
        picks(window, "letter.json", file_of(SIAN, WALNUTS))
        await window.press("add-import")
        await window.press("keep")
        await window.press("continue")
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)


def test_after_a_file_of_ones_own_somebody_elses_record_is_not_fetched(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.make_passport()
        picks(window, "letter.json", file_of(SIAN, WALNUTS))
        await window.press("add-import")
        await window.press("keep")
        await window.press("continue")
        await window.press("update")
        await window.press(f"person-{AMARA}")
        assert window.shows("problem-close")
        await window.press("problem-close")
        assert window.heading() == PEOPLE[SIAN].name
        assert window.desk is not None
        assert kept(window.desk.passport) == (1, 1)
        assert not window.shows("offline-chip")

    tell(story)
