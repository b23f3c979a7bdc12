"""Corrections and deletions by a holder, from its signed update to lists, search, sharing and the card."""

from __future__ import annotations

from typing import Any

import pytest

from app.actions import browsing, emergency, own_words
from app.actions.exporting import exportable
from app.actions.far_side import Services
from app.actions.session import Passport
from app.actions.share_contents import choose
from app.record.entry import Section, Standing
from app.record.own import Label
from tests.actions.made_up import SIAN, SURGERY, World, bundle_of, resources, written

WRONG = {"coding": [{"code": "entered-in-error"}]}


def allergy_of(bundle: dict[str, Any]) -> dict[str, Any]:
    return resources(bundle, "AllergyIntolerance")[0]


def deleting(url: str) -> bytes:
    """The Patient alone, and one deletion."""
    bundle = bundle_of(SIAN, "gp")
    [patient] = [one for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient"]
    return written(bundle | {"entry": [patient, {"request": {"method": "DELETE", "url": url}}]})


def in_error() -> bytes:
    bundle = bundle_of(SIAN, "gp")
    allergy_of(bundle)["verificationStatus"] = WRONG
    return written(bundle)


@pytest.fixture(params=["deleted", "entered in error"])
def taken_back(request: pytest.FixtureRequest, world: World, fresh: Passport, services: Services) -> str:
    """The key of an allergy that the surgery took back a day after it was received."""
    world.connect(fresh, SIAN, services)
    key = f"AllergyIntolerance/{allergy_of(bundle_of(SIAN, 'gp'))['id']}"
    assert key in keys(fresh)
    assert said_on_card(world, fresh)
    world.clock.forward(days=1)
    world.sign(SIAN, "gp", deleting(key) if request.param == "deleted" else in_error())
    assert [one.refusal for one in world.refresh(fresh, services).outcomes] == [None, None]
    return key


def keys(passport: Passport) -> set[str]:
    return {one.entry.key for one in passport.store.entries(Section.ALLERGIES) if one.source.iss == SURGERY.iss}


def test_it_leaves_list_and_sharing_and_the_rest_stays(world: World, fresh: Passport, taken_back: str) -> None:
    assert taken_back not in keys(fresh)
    chosen = choose(fresh, [Section.ALLERGIES])
    assert taken_back not in {one.entry.key for one in chosen.entries if one.source.iss == SURGERY.iss}
    assert fresh.store.count(Section.MEDICINES) > 0


def test_paper_names_it_as_taken_back_with_its_section_alone(world: World, fresh: Passport, taken_back: str) -> None:
    aside = exportable(fresh, None).aside
    assert [(one.entry.key, one.taken_back_at is not None) for one in aside.taken_back] == [(taken_back, True)]
    assert aside.total == 1
    assert exportable(fresh, [Section.MEDICINES]).aside.taken_back == ()


def test_paper_does_not_name_it_once_it_is_hidden(world: World, fresh: Passport, taken_back: str) -> None:
    [gone] = fresh.store.taken_back(Section.ALLERGIES)
    own_words.mark_entry(fresh, gone.id, Label.GENERAL, hidden=True, now=world.now)
    aside = exportable(fresh, None).aside
    assert (aside.taken_back, aside.total) == ((), 0)


def test_it_leaves_the_emergency_card(world: World, fresh: Passport, taken_back: str) -> None:
    assert said_on_card(world, fresh) == []
    assert fresh.store.taken_back(Section.ALLERGIES)


def said_on_card(world: World, passport: Passport) -> list[str]:
    """What the card says of that allergy on the surgery's word."""
    card = emergency.shown_card(passport, now=world.now)
    assert card is not None
    named = allergy_of(bundle_of(SIAN, "gp"))["code"]["text"].split()[0].lower()
    lines = [line for group in card.groups if group.part == "allergies" for line in group.lines]
    return [line.text for line in lines if named in line.text.lower() and SURGERY.name in line.said_by]


def test_it_stays_in_its_history_with_who_took_it_back_and_when(world: World, fresh: Passport, taken_back: str) -> None:
    page = browsing.section_page(fresh, Section.ALLERGIES)
    [gone] = [one for one in page.taken_back if one.entry.key == taken_back]
    assert (gone.source.issuer_name, gone.taken_back_at) == (SURGERY.name, world.now)
    view = browsing.entry_view(fresh, gone.id)
    assert view is not None
    oldest = view.history[-1]
    assert oldest.source.seq == 1
    assert oldest.entry.standing is not Standing.ENTERED_IN_ERROR
    assert '"AllergyIntolerance"' in browsing.raw_source(fresh, oldest.id)
