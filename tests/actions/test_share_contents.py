"""Which resources travel in a share: nothing of sections that were not chosen, and nothing mixed up on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.actions.far_side import Services
from app.actions.importing import import_file
from app.actions.session import Passport
from app.actions.share_contents import choose, contents
from app.reader.verdict import Kind, Voice
from app.record.entry import Section
from app.record.share_binary import unwrap_share
from tests.actions.made_up import HOSPITAL, LEAST, SIAN, World, bundle_of, given, resources, written
from tests.actions.test_importing import allergy, health_card, patient

EVERY_SECTION = tuple(Section)
MARKER = "PLANTEDMARKER"


@pytest.fixture
def connected(world: World, fresh: Passport, services: Services) -> Passport:
    """Siân's passport with her record in it."""
    world.connect(fresh, SIAN, services)
    return fresh


# ---- what must not leave --------------------------------------------------------------------


def planted() -> bytes:
    """Siân's surgery record with a marker in every entry that is not in a section of LEAST."""
    bundle = bundle_of(SIAN, "gp")
    for kind in ("Encounter", "Immunization", "DiagnosticReport", "ProcedureRequest"):
        for resource in resources(bundle, kind):
            resource["text"] = {"status": "additional", "div": f"<div>{MARKER}</div>"}
    return written(bundle)


def test_sections_that_were_not_chosen_are_nowhere_in_what_is_decrypted(
    world: World, fresh: Passport, services: Services
) -> None:
    world.sign(SIAN, "gp", planted())
    world.connect(fresh, SIAN, services)
    for section in LEAST:
        for file in world.open_files(given(world, fresh, [section])):
            assert MARKER.encode() not in _unwrapped(file.data)
    results = world.open_files(given(world, fresh, [Section.RESULTS]))
    assert any(MARKER.encode() in _unwrapped(file.data) for file in results)


def _unwrapped(data: bytes) -> bytes:
    """A file with what lies in base64 inside it laid open."""
    return data + (unwrap_share(data) or b"")


@pytest.mark.parametrize("section", [Section.MEDICINES, Section.VISITS, Section.ALLERGIES])
def test_no_title_of_another_section_is_in_what_is_decrypted(
    world: World, connected: Passport, section: Section
) -> None:
    files = b"".join(_unwrapped(file.data) for file in world.open_files(given(world, connected, [section])))
    others = {stored.entry.title for stored in connected.store.entries(Section.VACCINATIONS, 0, 1000)}
    others |= {stored.entry.title for stored in connected.store.entries(Section.DOCUMENTS, 0, 1000)}
    assert len(others) > 1
    assert [title for title in others if json.dumps(title, ensure_ascii=False)[1:-1].encode() in files] == []


def test_only_people_and_places_that_chosen_entries_name_go_along(
    world: World, fresh: Passport, services: Services
) -> None:
    bundle = bundle_of(SIAN, "gp")
    bundle["entry"].append({"resource": {"resourceType": "Organization", "id": "unnamed", "name": f"{MARKER} clinic"}})
    world.sign(SIAN, "gp", written(bundle))
    world.connect(fresh, SIAN, services)
    others = [section for section in EVERY_SECTION if section is not Section.PEOPLE]
    shared = b"".join(_unwrapped(file.data) for file in world.open_files(given(world, fresh, others)))
    assert MARKER.encode() not in shared


def test_a_resource_in_a_bundle_inside_the_bundle_travels_alone_and_unsigned(
    world: World, fresh: Passport, services: Services
) -> None:
    inner: list[dict[str, Any]] = [
        {"resourceType": "AllergyIntolerance", "id": "nested-a", "code": {"text": "Nested nuts"}},
        {"resourceType": "Procedure", "id": "nested-p", "status": "completed", "code": {"text": MARKER}},
    ]
    nested = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in inner]}
    bundle = bundle_of(SIAN, "hospital")
    bundle["entry"].append({"resource": nested})
    world.sign(SIAN, "hospital", written(bundle))
    world.connect(fresh, SIAN, services)
    access = given(world, fresh, [Section.ALLERGIES])
    verdict = world.judge(access)
    nuts = next(line for line in verdict.lines if line.entry.title == "Nested nuts")
    assert (nuts.voice, nuts.who) == (Voice.PASSPORT, HOSPITAL.name)
    assert verdict.kind is Kind.SAID_BY_PASSPORT
    assert all(MARKER.encode() not in _unwrapped(file.data) for file in world.open_files(access))


# ---- what nobody signed ---------------------------------------------------------------------


def sians_file(*extra: dict[str, Any]) -> bytes:
    patient = resources(bundle_of(SIAN, "hospital"), "Patient")[0]
    inside = [{"resource": one} for one in (patient, *extra)]
    return written({"resourceType": "Bundle", "type": "collection", "entry": inside})


NUTS = {"resourceType": "AllergyIntolerance", "id": "n", "code": {"text": "Walnuts"}}


def test_an_imported_entry_is_told_as_said_by_the_passport_from_that_file(world: World, connected: Passport) -> None:
    import_file(connected, sians_file(NUTS), "letter.json", now=world.now)
    verdict = world.judge(given(world, connected))
    (line,) = [line for line in verdict.lines if line.entry.title == "Walnuts"]
    assert (line.voice, line.who) == (Voice.PASSPORT, "letter.json")
    assert verdict.kind is Kind.SAID_BY_PASSPORT
    assert {one.voice for one in verdict.lines if one is not line} == {Voice.SIGNED}


def test_an_imported_medicine_brings_the_resource_that_names_it(world: World, connected: Passport) -> None:
    taken = {
        "resourceType": "MedicationStatement",
        "id": "taken",
        "status": "active",
        "medicationReference": {"reference": "Medication/named"},
    }
    named = {"resourceType": "Medication", "id": "named", "code": {"text": "Cod liver oil"}}
    import_file(connected, sians_file(taken, named), "letter.json", now=world.now)
    verdict = world.judge(given(world, connected, [Section.MEDICINES]))
    assert [line.entry.title for line in verdict.lines if line.who == "letter.json"] == ["Cod liver oil"]


def medicine_by(medication: str, reference: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationStatement",
        "id": f"taken-{medication}",
        "status": "active",
        "medicationReference": {"reference": reference},
    }


@pytest.mark.parametrize("name", ["second.json", "first.json"], ids=["other name", "same name"])
def test_two_files_that_number_their_resources_alike_are_not_mixed_up(
    world: World, connected: Passport, name: str
) -> None:
    for file, medicine in (("first.json", "Garlic"), (name, "Cod liver oil")):
        named = {"resourceType": "Medication", "id": "m", "code": {"text": medicine}}
        import_file(connected, sians_file(medicine_by(medicine, "Medication/m"), named), file, now=world.now)
        world.clock.forward(seconds=1)
    verdict = world.judge(given(world, connected, [Section.MEDICINES]))
    found = sorted((line.entry.title, line.who) for line in verdict.lines if line.who.endswith(".json"))
    assert found == [("Cod liver oil", name), ("Garlic", "first.json")]


def test_a_resource_named_by_its_uuid_reads_the_same_at_the_reader(
    world: World, fresh: Passport, services: Services
) -> None:
    identity = "6b6ed376-5b4f-4c5c-9b7c-6f2b1a3d9e10"
    bundle = bundle_of(SIAN, "hospital")
    named = {"resourceType": "Medication", "id": identity, "code": {"text": "Garlic"}}
    taken = medicine_by("by-uuid", f"urn:uuid:{identity}")
    bundle["entry"] += [{"fullUrl": f"urn:uuid:{identity}", "resource": named}, {"resource": taken}]
    world.sign(SIAN, "hospital", written(bundle))
    world.connect(fresh, SIAN, services)
    verdict = world.judge(given(world, fresh, [Section.MEDICINES]))
    assert "Garlic" in {line.entry.title for line in verdict.lines}


def test_an_import_without_a_passport_that_is_vouched_for_cannot_be_checked(world: World, fresh: Passport) -> None:
    import_file(fresh, sians_file(NUTS), "letter.json", now=world.now)
    verdict = world.judge(given(world, fresh, [Section.ALLERGIES]))
    assert verdict.kind is Kind.CANNOT_CHECK
    assert [(line.entry.title, line.voice) for line in verdict.lines] == [("Walnuts", Voice.UNCHECKED)]


def test_a_health_card_that_was_brought_in_travels_unsigned(fresh: Passport, world: World) -> None:
    import_file(fresh, health_card(patient(), allergy("Latex")).encode(), "card.txt", now=world.now)
    inside = contents(fresh, choose(fresh, [Section.ALLERGIES]))
    assert inside.proofs == ()
    assert [json.loads(one.resource)["code"]["text"] for one in inside.unsigned] == ["Latex"]
