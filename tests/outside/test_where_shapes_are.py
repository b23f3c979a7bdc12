"""Each shape a record can have: which foreign file shows it and what a person sees; where none does, a made-up one.

No foreign file here holds an Appointment, a FamilyMemberHistory, a reasonable adjustment, a list that says "not asked"
or one that waits for filing; those stand in the second half.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from app.record.entry import Absence, Entry, ListWarning, Reading, Section, SectionNote, Standing
from app.record.reading import read_bundle
from tests.outside.test_records import VECTORS

GP2GP = "gp2gp/service/src/test/resources/uat/input/TC7/9465701297_Livermore_full_20210602.json"
PWTP2 = "gp2gp/wiremock/stubs/__files/EMISPatientStructurede2eResponsePWTP2.json"
PWTP11 = "gp2gp/wiremock/stubs/__files/EMISPatientStructurede2eResponsePWTP11.json"
FACING = "gpconnect/gpc-patient-facing-full_record.stu3.json"
IPS = "hl7-ips-2.0.0/package/example/Bundle-bundle-ips-all-sections.json"
SCR = "nhs-scr/specification/components/examples/GetScrBundle.json"

pytestmark = pytest.mark.outside
foreign = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="third-party vectors are not here (expected in ../shared/vectors)"
)


@cache
def read(name: str) -> Reading:
    return read_bundle((VECTORS / name).read_bytes())


def told(entry: Entry) -> dict[str, str]:
    return {fact.name: fact.value for fact in entry.facts}


# ---- shown by a foreign file --------------------------------------------------------------------


@foreign
@pytest.mark.parametrize(
    ("name", "section", "title"),
    [
        (GP2GP, Section.PLANS, "For attempted cardiopulmonary resuscitation"),
        (GP2GP, Section.PLANS, "Preferred place of death: home"),
        (GP2GP, Section.FAMILY, "Family history of asthma"),
        (GP2GP, Section.SOCIAL, "Lives alone - help available"),
        (GP2GP, Section.PEOPLE, "TEMPLE SOWERBY MEDICAL PRACTICE"),
        (GP2GP, Section.OTHER, "Referral to hand surgeon"),
        (FACING, Section.PREGNANCY, "Patient currently pregnant"),
        (FACING, Section.FAMILY, "FH: Asthma"),
        (FACING, Section.SOCIAL, "Pints of beer"),
        (SCR, Section.PEOPLE, "JONES Bob"),
        (SCR, Section.DEVICES, "Some device"),
        ("hl7-ips-2.0.0/package/example/Observation-pregnancy-outcome-example.json", Section.PREGNANCY, "Births total"),
    ],
)
def test_a_shape_is_shown_in_its_section(name: str, section: Section, title: str) -> None:
    assert any(title in entry.title for entry in read(name).entries if entry.section is section)


@foreign
@pytest.mark.parametrize("section", [Section.PLANS, Section.DEVICES, Section.NEEDS, Section.PREGNANCY])
def test_the_ips_with_all_sections_has_each_of_the_rare_ones(section: Section) -> None:
    assert any(entry.section is section for entry in read(IPS).entries)


@foreign
@pytest.mark.parametrize(
    ("name", "kind", "standing"),
    [
        (GP2GP, "Acute", Standing.CURRENT),
        (GP2GP, "Acute", Standing.PAST),
        (GP2GP, "Repeat", Standing.CURRENT),
        (GP2GP, "Repeat", Standing.PAST),
        (PWTP2, "Repeat dispensing", Standing.CURRENT),
    ],
)
def test_a_medicine_says_how_it_is_prescribed_and_whether_it_is_taken_today(
    name: str, kind: str, standing: Standing
) -> None:
    found = [one for one in read(name).entries if one.section is Section.MEDICINES and told(one).get("kind") == kind]
    assert standing in {one.standing for one in found}


@foreign
def test_a_medicine_is_told_once_with_its_plan_its_orders_and_its_product() -> None:
    reading = read(GP2GP)
    medicine = next(one for one in reading.entries if told(one).get("issues") == "1 of 6")
    assert (medicine.resource_type, medicine.title) == ("MedicationStatement", "Furosemide 20mg tablets")
    assert sum(into == medicine.position for into in reading.merged.values()) >= 2
    assert all(
        entry.resource_type == "MedicationStatement" for entry in reading.entries if entry.section == "medicines"
    )


@foreign
@pytest.mark.parametrize(
    ("name", "note"),
    [
        (GP2GP, SectionNote(Section.CONDITIONS, warning=ListWarning.CONFIDENTIAL)),
        (GP2GP, SectionNote(Section.MEDICINES, warning=ListWarning.IN_TRANSIT)),
        (FACING, SectionNote(Section.VISITS, warning=ListWarning.CONFIDENTIAL)),
        (
            "hl7-ips-2.0.0/package/example/AllergyIntolerance-eumfh-39-07-1.json",
            SectionNote(Section.ALLERGIES, absence=Absence.NONE_KNOWN),
        ),
        (
            "hl7-ips-2.0.0/package/example/Bundle-bundle-no-info-required-sections.json",
            SectionNote(Section.ALLERGIES, absence=Absence.UNAVAILABLE),
        ),
    ],
)
def test_what_a_list_says_about_itself_reaches_the_section(name: str, note: SectionNote) -> None:
    assert note in read(name).notes


@foreign
def test_a_problem_of_the_gp_record_and_its_consultation_name_each_other() -> None:
    found = {entry.title: entry for entry in read(PWTP11).entries if entry.section is Section.CONDITIONS}
    assert told(found["Macular hole"])["visit"] == "2010-02-10"
    visits = [entry for entry in read(PWTP11).entries if entry.section is Section.VISITS]
    assert "Macular hole" in {fact.value for visit in visits for fact in visit.facts if fact.name == "problem"}


# ---- made up, because no file here has them -----------------------------------------------------


def coded(code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": display}]}


def gpc_list(*, warning: str = "", reason: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {
        "resourceType": "List",
        "status": "current",
        "code": coded("886921000000105", "Allergies and adverse reactions"),
    }
    if warning:
        url = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1"
        made["extension"] = [{"url": url, "valueCode": warning}]
    if reason:
        made["emptyReason"] = {"coding": [{"code": reason}]}
    return made


@pytest.mark.parametrize(
    ("made", "note"),
    [
        (gpc_list(warning="data-awaiting-filing"), SectionNote(Section.ALLERGIES, warning=ListWarning.AWAITING_FILING)),
        (gpc_list(reason="notasked"), SectionNote(Section.ALLERGIES, absence=Absence.NOT_ASKED)),
        (gpc_list(reason="nilknown"), SectionNote(Section.ALLERGIES, absence=Absence.NONE_KNOWN)),
        (gpc_list(reason="withheld"), SectionNote(Section.ALLERGIES, absence=Absence.WITHHELD)),
    ],
    ids=["awaiting filing", "not asked", "none known", "withheld"],
)
def test_a_list_says_why_it_is_empty_or_not_whole(made: dict[str, Any], note: SectionNote) -> None:
    assert read_bundle(made).notes == (note,)


def test_a_list_where_nothing_was_recorded_says_nothing() -> None:
    assert read_bundle(gpc_list(reason="no-content-recorded")).notes == ()


def test_an_appointment_of_the_gp_surgery_says_when_where_and_with_whom() -> None:
    doctor = {"resourceType": "Practitioner", "id": "d", "name": [{"family": "Puw", "prefix": ["Dr"]}]}
    place = {"resourceType": "Location", "id": "l", "name": "Oak Lane Surgery"}
    booked = {
        "resourceType": "Appointment",
        "status": "booked",
        "description": "Asthma review",
        "start": "2026-12-01T09:10:00+00:00",
        "end": "2026-12-01T09:20:00+00:00",
        "participant": [{"actor": {"reference": one}} for one in ("Patient/me", "Practitioner/d", "Location/l")],
    }
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in (doctor, place, booked)]}
    [entry] = [one for one in read_bundle(bundle).entries if one.section is Section.APPOINTMENTS]
    assert (entry.title, entry.author, told(entry)["place"]) == ("Asthma review", "Dr Puw", "Oak Lane Surgery")
    assert entry.when is not None
    assert entry.when.text == "2026-12-01T09:10:00+00:00"
    assert entry.standing is Standing.CURRENT


def test_a_reasonable_adjustment_is_told_as_one() -> None:
    flag = {
        "resourceType": "Flag",
        "status": "active",
        "category": [{"coding": [{"code": "NRAF"}]}],
        "code": coded("1108111000000107", "Requires additional time for healthcare"),
    }
    [entry] = read_bundle(flag).entries
    assert (entry.section, entry.detail) == (Section.NEEDS, "Reasonable adjustment")


@pytest.mark.parametrize(
    "made",
    [
        {"resourceType": "DocumentReference", "type": coded("1382601000000107", "ReSPECT form")},
        {"resourceType": "DocumentReference", "type": coded("736373009", "End of life care plan")},
        {"resourceType": "Observation", "code": coded("450476008", "Not for attempted CPR")},
        {"resourceType": "Flag", "code": coded("450476008", "Not for attempted CPR")},
        {"resourceType": "Consent", "status": "active", "scope": {"coding": [{"code": "adr"}]}},
        {"resourceType": "Observation", "code": {"text": "Advance decision to refuse treatment signed"}},
    ],
    ids=["ReSPECT", "end of life plan", "CPR observed", "CPR flag", "advance decision", "advance decision by name"],
)
def test_a_wish_or_advance_decision_stands_with_the_plans(made: dict[str, Any]) -> None:
    [entry] = read_bundle(made).entries
    assert entry.section is Section.PLANS


def test_the_illness_of_a_relative_stands_with_the_family() -> None:
    history = {
        "resourceType": "FamilyMemberHistory",
        "relationship": {"text": "Mother"},
        "condition": [{"code": {"text": "Breast cancer"}}],
    }
    [entry] = read_bundle(history).entries
    assert (entry.section, entry.title, entry.detail) == (Section.FAMILY, "Breast cancer", "Mother")
