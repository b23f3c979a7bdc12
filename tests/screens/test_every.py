"""Each screen, drawn from a made-up state: one main heading, named controls, guarded handlers, nothing left raw."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import flet as ft
import pytest
from flet.controls.base_control import BaseControl

from app.screens import every
from app.ui.guard import Guard, Problem
from app.ui.look import Look, Whose
from app.ui.theme import DARK, LIGHT
from app.ui.words import load_words

ROOT = Path(__file__).resolve().parents[2]


def beside(name: str, path: Path) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


samples = beside("samples", Path(__file__).parent / "samples.py")
driver = beside("driver", ROOT / "tests" / "flows" / "driver.py")
PRESSED = (ft.TextButton, ft.Checkbox, ft.Switch)


def look(*, dark: bool = False, width: float = 390, scale: float = 1.0, language: str = "en") -> Look:
    told: list[Problem] = []
    words = load_words(language)
    return Look(words, DARK if dark else LIGHT, Guard(words, told.append), width, scale)


def walk(node: object, around: tuple[BaseControl, ...] = ()) -> Iterator[tuple[BaseControl, tuple[BaseControl, ...]]]:
    """Every control with what stands around it, components drawn."""
    node = driver.body(node)
    if isinstance(node, (list, tuple)):
        for one in node:
            yield from walk(one, around)
    elif isinstance(node, BaseControl):
        yield node, around
        for one in dataclasses.fields(node):
            if not one.metadata.get("skip") and not one.name.startswith("_"):
                yield from walk(getattr(node, one.name, None), (*around, node))


def drawn(name: str, how: Look) -> ft.View:
    return drawn_state(samples.STATES[name], how)


def drawn_state(state: object, how: Look) -> ft.View:
    view = driver.drawn_alone(every.draw(samples.events(samples.Calls())), state, how)
    assert isinstance(view, ft.View)
    return view


def texts(view: ft.View) -> list[str]:
    return [str(one.value) for one, _ in walk(view) if isinstance(one, ft.Text)]


STATE = pytest.mark.parametrize("name", list(samples.STATES))


def test_nothing_that_comes_and_goes_moves_the_emergency_card_on_home() -> None:
    def above(**changes: object) -> list[str]:
        told = texts(drawn_state(dataclasses.replace(samples.HOME, **changes), look()))
        return told[: told.index("Emergency card")]

    assert above()
    for changes in ({"offline": True}, {"older": True}, {"new": ()}, {"words_kept": False}, {"backup": None}):
        assert above(**changes) == above(), changes


def test_every_screen_has_a_sample() -> None:
    assert {type(state) for state in samples.STATES.values()} == set(every.DRAWINGS)


@STATE
def test_a_screen_has_one_main_heading_and_it_comes_before_the_content(name: str) -> None:
    levels = [
        one.heading_level for one, _ in walk(drawn(name, look())) if isinstance(one, ft.Semantics) and one.heading_level
    ]
    assert levels.count(1) == 1
    assert levels[0] == 1


@STATE
def test_everything_that_can_be_pressed_has_words_and_a_test_id(name: str) -> None:
    for one, around in walk(drawn(name, look())):
        if isinstance(one, PRESSED):
            assert [inner for inner, _ in walk(one) if isinstance(inner, ft.Text) and inner.value]
            assert [outer for outer in around if isinstance(outer, ft.Semantics) and outer.identifier]


@STATE
def test_test_ids_are_unique_on_a_screen(name: str) -> None:
    ids = [one.identifier for one, _ in walk(drawn(name, look())) if isinstance(one, ft.Semantics) and one.identifier]
    assert sorted(set(ids)) == sorted(ids)


@STATE
def test_no_key_of_the_catalogue_and_no_open_place_is_shown(name: str) -> None:
    for text in texts(drawn(name, look())):
        assert not load_words().has(text)
        assert "{" not in text or text.startswith("{")


@STATE
@pytest.mark.parametrize(("width", "scale", "dark"), [(320, 2.0, True), (1280, 1.0, False)])
def test_a_screen_is_drawn_small_and_large(name: str, width: float, scale: float, dark: bool) -> None:
    assert texts(drawn(name, look(dark=dark, width=width, scale=scale)))


@STATE
@pytest.mark.parametrize("language", ["cy", "ar"])
def test_a_screen_is_drawn_in_each_language_with_the_same_parts(name: str, language: str) -> None:
    english, other = drawn(name, look()), drawn(name, look(language=language))
    assert [type(one) for one, _ in walk(other)] == [type(one) for one, _ in walk(english)]
    assert texts(other) != texts(english)


@STATE
def test_no_record_text_stands_in_the_route(name: str) -> None:
    assert drawn(name, look()).route == "/"


@STATE
@pytest.mark.parametrize(("scale", "language"), [(1.0, "en"), (2.0, "ar")])
def test_where_several_people_are_kept_every_screen_says_whose_passport_it_is(
    name: str, scale: float, language: str
) -> None:
    how = dataclasses.replace(look(scale=scale, language=language), whose=Whose(2, "Gwenllian", "orange", lambda: None))
    view = drawn(name, how)
    said = how.words("whose.banner", name="Gwenllian")
    assert [text for text in texts(view) if said in text] == [how.words.directed(said)]
    marks = [one for one, _ in walk(view) if isinstance(one, ft.Semantics) and (one.identifier or one.heading_level)]
    assert [one.identifier for one in marks[:2]] == ["whose", "switch-person"]
    assert marks.index(next(one for one in marks if one.heading_level == 1)) > 1
    assert not [one for one, _ in walk(drawn(name, look())) if getattr(one, "identifier", None) == "whose"]


def test_the_banner_is_the_number_in_words_where_no_name_was_given() -> None:
    how = dataclasses.replace(look(), whose=Whose(3, "", "sky", lambda: None))
    assert "Passport of Person 3" in texts(drawn("07-home", how))


def test_the_three_absences_keep_their_own_words() -> None:
    said = samples.LIST
    from app.record.entry import Absence, Section
    from app.screens.section_list import absence_words

    words = load_words()
    shown = {absence_words(words, Section.ALLERGIES, one, "Oak Lane Surgery") for one in Absence}
    shown.add(words("section.nothing"))
    assert said.section is Section.MEDICINES
    assert shown == {
        "No known allergies (said by Oak Lane Surgery)",
        "Not asked (said by Oak Lane Surgery)",
        "Withheld by Oak Lane Surgery",
        "Oak Lane Surgery could not supply this",
        "Nothing recorded here",
    }


def test_an_unsigned_source_is_never_called_checked() -> None:
    assert not [text for text in texts(drawn("11-entry-result", look())) if text.startswith("Checked")]
    assert "Checked: signed by Oak Lane Surgery" in texts(drawn("10-entry", look()))


def test_a_result_says_the_value_then_the_laboratorys_own_range() -> None:
    assert "4.6 mmol/L. The laboratory's range is 3.5 to 5.3" in texts(drawn("11-entry-result", look()))


def test_home_shows_the_cards_in_their_order() -> None:
    view = drawn("07-home", look())
    ids = [one.identifier for one, _ in walk(view) if isinstance(one, ft.Semantics)]
    sections = [found for found in ids if found and found.startswith("section-")]
    assert sections == [
        f"section-{name}"
        for name in (
            "medicines", "appointments", "results", "vaccinations", "conditions", "allergies", "documents", "devices"
        )
    ]  # fmt: skip


def test_the_locked_emergency_card_leads_nowhere_else() -> None:
    ids = [one.identifier for one, _ in walk(drawn("16-emergency-locked", look())) if isinstance(one, ft.Semantics)]
    assert not [found for found in ids if found and (found.startswith("place-") or found == "show-while-locked")]


def test_screens_attach_no_handler_past_the_guard() -> None:
    past = []
    for path in sorted((ROOT / "app" / "screens").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg and node.arg.startswith("on_"):
                past.append(f"{path.name}:{node.value.lineno} {node.arg}")
    assert [one for one in past if "on_emergency_card" not in one] == []
