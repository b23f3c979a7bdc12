"""Who a record is about: a Patient resource read into a Person, with the people to call."""

from __future__ import annotations

import re

from app.record.bundle import STU3, Frame
from app.record.element import (
    Resource,
    address,
    as_map,
    concept,
    concepts,
    extension,
    human_name,
    is_true,
    maps,
    phone,
    reference,
    strings,
    text,
)
from app.record.entry import Contact, Person

_NHS_NUMBER_SYSTEM = "nhs-number"


def read_person(position: int, patient: Resource, frame: Frame, fhir_version: str) -> Person:
    """A Person out of a Patient; what is not there stays empty."""
    name = _official(maps(patient.get("name")))
    language, interpreter = _communication(patient)
    return Person(
        nhs_number=nhs_number(patient),
        birth_date=text(patient.get("birthDate")),
        family=" ".join(strings(name.get("family"))) or _last_word(name),
        given=tuple(strings(name.get("given"))) or _first_words(name),
        gender=text(patient.get("gender")),
        phone=phone(patient.get("telecom")),
        address=address(patient.get("address")),
        language=language,
        interpreter_needed=interpreter,
        gp_surgery=_surgery(patient, frame, fhir_version),
        position=position,
        contacts=tuple(contact for one in maps(patient.get("contact")) if (contact := _contact(one)).name),
    )


def nhs_number(patient: Resource) -> str:
    """The NHS number without spaces, "" where there is none."""
    for identifier in maps(patient.get("identifier")):
        if text(identifier.get("system")).rstrip("/").endswith(_NHS_NUMBER_SYSTEM):
            return re.sub(r"[\s-]", "", text(identifier.get("value")))
    return ""


def _official(names: list[Resource]) -> Resource:
    for use in ("official", "usual", None):
        for name in names:
            if name.get("use") == use:
                return name
    return names[0] if names else {}


def _last_word(name: Resource) -> str:
    words = text(name.get("text")).split()
    return words[-1] if words else ""


def _first_words(name: Resource) -> tuple[str, ...]:
    return () if name.get("family") else tuple(text(name.get("text")).split()[:-1])


def _communication(patient: Resource) -> tuple[str, bool]:
    spoken = maps(patient.get("communication"))
    preferred = next((one for one in spoken if is_true(one.get("preferred"))), spoken[0] if spoken else {})
    language = concept(preferred.get("language"))
    nhs = extension(patient, "NHSCommunication-1", "NHSCommunication")
    language = language or concept(extension(nhs, "language").get("valueCodeableConcept"))
    flag = extension(nhs, "interpreterRequired") or extension(patient, "interpreterRequired", "InterpreterRequired")
    return language, is_true(flag.get("valueBoolean"))


def _surgery(patient: Resource, frame: Frame, fhir_version: str) -> str:
    for one in maps(patient.get("generalPractitioner")):
        target = frame.follow(one, patient)
        kinds = (target.get("resourceType"), one.get("type"), reference(one).rsplit("/", 1)[0].rsplit("/", 1)[-1])
        if "Organization" in kinds:
            return frame.name(one, patient)
        if target.get("resourceType") == "PractitionerRole":
            return frame.name(target.get("organization"), target)
    # (STU3) the GP record names a doctor here and the surgery as the managing organisation. In R4 the
    # managing organisation is whoever keeps the record, a hospital say, so the doctor's name is better.
    named = patient.get("managingOrganization" if fhir_version == STU3 else "generalPractitioner")
    return frame.name(as_map(named), patient)


def _contact(one: Resource) -> Contact:
    return Contact(
        name=human_name(one.get("name")),
        relationship=concepts(one.get("relationship")),
        phone=phone(one.get("telecom")),
    )
