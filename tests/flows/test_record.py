"""Reading the record: section, entry, source, search, and back; what is new; and all of it without a signal."""

from __future__ import annotations

from collections.abc import Callable

from app.record.entry import Section
from app.screens.choosing import ChoosingState
from app.screens.home import HomeState
from app.screens.result_trend import TrendState
from app.screens.section_list import SectionState
from tests.actions.made_up import AMARA, PEOPLE, SIAN, SURGERY, World, bundle_of, resources, written
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]


def test_from_a_section_to_an_entry_to_its_source_and_back_again(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("section-allergies")
        assert window.heading() == "Allergies"
        assert window.says(f"Checked: signed by {SURGERY.name}")
        await window.press(window.first_entry())
        assert window.says(f"Checked: signed by {SURGERY.name}")
        assert not window.says('"resourceType"')
        await window.press("raw-show")
        assert window.says('"AllergyIntolerance"')
        await window.press("raw-hide")
        assert not window.says('"AllergyIntolerance"')
        await window.press("back")
        assert window.heading() == "Allergies"
        await window.press("back")
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)


def test_an_entry_says_who_signed_it_when_and_against_which_list_it_was_checked(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("section-allergies")
        await window.press(window.first_entry())
        assert window.says("23 November 2098")
        assert window.says("version 1")

    tell(story)


def test_a_warning_of_the_surgery_is_on_the_screen_of_its_section(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("section-conditions")
        assert window.says("Some items are being withheld by the surgery")

    tell(story)


def test_what_is_found_in_a_section_is_still_that_section_after_an_entry_was_read(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("section-medicines")
        await window.type_into("query", "apixaban")
        await window.press("find")
        found = window.identifiers("entry-")
        assert found
        await window.press(found[0])
        await window.press("back")
        assert window.heading() == "Medicines"
        assert window.identifiers("entry-") == found
        await window.press("back")
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)


def test_search_finds_without_accents_and_comes_back_to_what_was_found(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("search")
        await window.type_into("query", "prys iolo")
        await window.press("find")
        found = window.identifiers("entry-")
        assert found
        await window.press(found[0])
        assert window.says("Iolo Prŷs")
        await window.press("back")
        assert window.identifiers("entry-") == found
        await window.press("back")
        assert window.heading() == PEOPLE[SIAN].name

    tell(story)


def test_a_search_that_finds_nothing_says_so(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("search")
        await window.type_into("query", "xylophone")
        await window.press("find")
        assert window.identifiers("entry-") == []
        assert window.shows("found")

    tell(story)


def test_what_came_since_the_last_look_is_told_after_unlocking(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        await window.lock()
        world.clock.forward(days=1)
        bundle = bundle_of(AMARA, "gp")
        resources(bundle, "Condition")[0]["code"] = {"text": "Asthma, quiet for years"}
        world.sign(AMARA, "gp", written(bundle))
        await window.unlock()
        assert window.shows("new")
        await window.press("section-conditions")
        assert window.says("Asthma, quiet for years")

    tell(story)


def test_an_update_of_somebody_else_is_told_in_words_after_unlocking(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        await window.lock()
        world.clock.forward(days=1)
        world.sign(AMARA, "gp", PEOPLE[SIAN].bundles["gp"].bundle)
        await window.unlock()
        assert window.heading() == "Not everything could be updated"
        assert window.says(f"{SURGERY.name}: ")
        await window.press("message-action")
        await window.press("search")
        await window.type_into("query", "apixaban")
        await window.press("find")
        assert window.identifiers("entry-") == []

    tell(story)


def test_with_every_service_gone_the_whole_record_is_there_and_home_says_calmly_why(tell: Tell, world: World) -> None:
    async def first(window: Window) -> None:
        await window.first_run(SIAN)

    async def offline(window: Window) -> None:
        world.lose()
        await window.unlock()
        assert window.shows("offline-chip")
        assert window.says("No signal. Everything here still works")
        assert window.desk is not None
        assert isinstance(window.desk.shell.screen, HomeState)
        counts = {card.section: card.count for card in window.desk.shell.screen.sections}
        for section in (Section.MEDICINES, Section.RESULTS, Section.ALLERGIES):
            assert counts[section] > 0
            await window.press(f"section-{section.value}")
            screen = window.desk.shell.screen
            assert isinstance(screen, SectionState)
            assert screen.total == counts[section]
            await window.press("back")
        await window.press("emergency")
        assert window.shows("emergency-code")
        await window.press("back")
        assert window.shows("offline-chip")

    tell(first)
    tell(offline)


def test_asking_for_an_update_without_a_signal_is_answered_and_changes_nothing(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        world.lose()
        await window.press("update")
        assert window.says("There is no connection to the service.")
        await window.press("message-action")
        assert window.heading() == PEOPLE[SIAN].name
        assert window.shows("offline-chip")
        world.bring_back()
        await window.press("update")
        assert window.heading() == PEOPLE[SIAN].name
        assert not window.shows("offline-chip")

    tell(story)


def test_language_and_size_of_text_are_kept_for_the_next_start(tell: Tell) -> None:
    async def first(window: Window) -> None:
        await window.make_passport()
        await window.press("later")
        await window.press("place-you")
        await window.pick("size", "1.5")

    async def second(window: Window) -> None:
        assert window.desk is not None
        assert window.desk.shell.appearance.scale == 1.5

    tell(first)
    tell(second)


def test_about_names_the_list_that_signatures_are_checked_against(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("place-you")
        await window.press("about")
        assert window.says("Version 1")
        await window.press("back")
        assert window.shows("lock")

    tell(story)


def test_the_timeline_holds_every_section_can_be_narrowed_and_opened_at_a_year(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("timeline")
        whole = shown_list(window)
        assert whole.section is None
        assert len({row.entry.section for row in whole.rows}) > 1
        dates = [row.entry.when.text for row in whole.rows if row.entry.when]
        assert dates == sorted(dates, reverse=True)
        await window.press("choose")
        choosing = choosing_shown(window)
        year, count = choosing.years[-1]
        await window.press(f"jump-{year}")
        jumped = shown_list(window)
        assert jumped.rows[0].entry.when is not None
        assert jumped.rows[0].entry.when.text.startswith(year)
        assert jumped.total == whole.total
        await window.press("choose")
        await window.pick("choose-year", year)
        assert choosing_shown(window).total == count
        await window.press("show")
        narrowed = shown_list(window)
        assert narrowed.total == len(narrowed.rows) == count
        assert window.shows("narrowed")
        await window.press(f"entry-{narrowed.rows[0].entry_id}")
        await window.press("back")
        assert shown_list(window) == narrowed
        await window.press("show-all")
        assert shown_list(window).total == whole.total

    tell(story)


def test_a_section_is_narrowed_to_one_source_and_to_what_stands_today(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("section-medicines")
        await window.press("choose")
        choosing = choosing_shown(window)
        name, count = choosing.sources[-1]
        await window.pick("choose-source", name)
        assert choosing_shown(window).total == count < choosing.total
        await window.pick("choose-standing", "current")
        left = choosing_shown(window).total
        assert 0 < left <= count
        await window.press("show")
        (group,) = shown_list(window).groups
        assert group.source.name == name
        assert {row.entry.standing.value for row in group.rows} == {"current"}
        assert len(group.rows) == left

    tell(story)


def test_a_repeated_result_is_shown_over_time_and_leads_to_each_of_them(tell: Tell) -> None:
    async def story(window: Window) -> None:
        await window.first_run(SIAN)
        await window.press("search")
        await window.type_into("query", "creatinine")
        await window.press("find")
        first = window.identifiers("entry-")[0]
        await window.press(first)
        await window.press("trend")
        assert window.desk is not None
        screen = window.desk.shell.screen
        assert isinstance(screen, TrendState)
        points = screen.trend.series[0].points
        assert [point.when for point in points] == sorted(point.when for point in points)
        assert len(points) > 1
        oldest = points[0].stored
        await window.press(f"entry-{oldest.id}")
        assert window.heading() == oldest.entry.title
        await window.press("back")
        assert window.shows("chart")

    tell(story)


def shown_list(window: Window) -> SectionState:
    assert window.desk is not None
    screen = window.desk.shell.screen
    assert isinstance(screen, SectionState)
    return screen


def choosing_shown(window: Window) -> ChoosingState:
    assert window.desk is not None
    screen = window.desk.shell.screen
    assert isinstance(screen, ChoosingState)
    return screen
