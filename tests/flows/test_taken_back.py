"""What a surgery takes back, as the patient meets it: gone from the list, and its history still to be read."""

from __future__ import annotations

from collections.abc import Callable

from tests.actions.made_up import AMARA, SURGERY, World, bundle_of, resources, written
from tests.flows.conftest import Story, Window

Tell = Callable[[Story], None]


def test_an_entry_taken_back_is_listed_apart_and_its_history_says_by_whom_and_when(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        world.clock.forward(days=1)
        bundle = bundle_of(AMARA, "gp")
        gone = resources(bundle, "Condition")[0]
        rest = [one for one in bundle["entry"] if one["resource"] is not gone]
        deletion = {"request": {"method": "DELETE", "url": f"Condition/{gone['id']}"}}
        world.sign(AMARA, "gp", written(bundle | {"entry": [*rest, deletion]}))
        await window.press("update")
        await window.press("section-conditions")
        assert window.says("Whoever wrote these no longer stands by them.")
        await window.press(window.identifiers("entry-")[-1])
        assert window.says(f"Taken back by {SURGERY.name} on 24 November 2098")
        await window.press("back")
        assert window.heading() == "Health conditions"

    tell(story)


def test_older_versions_of_an_entry_are_one_press_away(tell: Tell, world: World) -> None:
    async def story(window: Window) -> None:
        await window.first_run(AMARA)
        world.clock.forward(days=1)
        bundle = bundle_of(AMARA, "gp")
        resources(bundle, "Condition")[0]["code"] = {"text": "Asthma, quiet for years"}
        world.sign(AMARA, "gp", written(bundle))
        await window.press("update")
        await window.press("search")
        await window.type_into("query", "quiet for years")
        await window.press("find")
        await window.press(window.first_entry())
        assert window.says("Shown above")
        [older] = window.identifiers("version-")
        await window.press(older)
        assert window.says("Replaced by a newer version")
        await window.press("back")
        assert window.heading() == "Asthma, quiet for years"

    tell(story)
