"""One received message read into entries, every resource of it accounted for.

Owns the sum: each resource is an entry, or merged into one, or part of the frame, or not displayed
with a reason. What a type means is decided by the mapper modules; nothing is checked here that a
signature would answer. A record may name other patients (a parent, a search answer): what is about
them is never shown as this person's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from app.record.allergies import absence_said, read_allergy
from app.record.bundle import Frame, Received, load, unwrap, unwrap_sliced, version_of
from app.record.care import read_device, read_flag, read_procedure
from app.record.codes import NO_INFORMATION, NOTHING_KNOWN
from app.record.conditions import read_condition
from app.record.context import Context
from app.record.documents import read_answers, read_document
from app.record.element import Resource, as_map, codes, maps, reference, text
from app.record.entry import (
    Absence,
    Entry,
    NotDisplayed,
    Person,
    Reading,
    Section,
    SectionNote,
    Standing,
)
from app.record.lists import list_notes
from app.record.medicines import read_medicine
from app.record.merging import INTO_FRAME, told_through
from app.record.observations import read_observation
from app.record.other import read_other
from app.record.patient import nhs_number, read_person
from app.record.people import NAMED, alike, read_named, ties
from app.record.plans import read_consent, read_plan
from app.record.relations import read_family, read_related_person
from app.record.reports import read_report
from app.record.sections import FRAME_TYPES, KNOWN_TYPES, SECTION_OF, type_words
from app.record.standing import standing_of
from app.record.vaccinations import read_vaccination
from app.record.visits import read_appointment, read_visit

Mapper = Callable[[int, Resource, Context], Entry]

MAPPERS: Mapping[str, Mapper] = MappingProxyType(
    {
        "MedicationStatement": read_medicine,
        "MedicationRequest": read_medicine,
        "MedicationDispense": read_medicine,
        "MedicationAdministration": read_medicine,
        "AllergyIntolerance": read_allergy,
        "AdverseEvent": read_allergy,
        "Condition": read_condition,
        "ClinicalImpression": read_condition,
        "Observation": read_observation,
        "DiagnosticReport": read_report,
        "ImagingStudy": read_report,
        "Immunization": read_vaccination,
        "ImmunizationRecommendation": read_vaccination,
        "Encounter": read_visit,
        "EpisodeOfCare": read_visit,
        "Appointment": read_appointment,
        "DocumentReference": read_document,
        "Binary": read_document,
        "Media": read_document,
        "QuestionnaireResponse": read_answers,
        "Communication": read_answers,
        "CarePlan": read_plan,
        "Goal": read_plan,
        "Consent": read_consent,
        "Procedure": read_procedure,
        "Device": read_device,
        "DeviceUseStatement": read_device,
        "Flag": read_flag,
        "FamilyMemberHistory": read_family,
        "RelatedPerson": read_related_person,
        "CareTeam": read_related_person,
        **dict.fromkeys(NAMED, read_named),
    }
)
"""Every other known type that is not part of the frame is read by other.py."""

_NAMED_BY = ("code", "medicationCodeableConcept", "vaccineCode")
_NOTED = frozenset({"List", "Composition"})


def read_bundle(data: bytes | Resource, fhir_version: str | None = None) -> Reading:
    """Read a Bundle, a Parameters that carries one, or a single resource, R4 or STU3.

    `fhir_version` is what the carrier of the bytes said; without it the version is told by its
    marks. Raises NotJson and NotFhir; nothing inside a Bundle raises.
    """
    return _read(unwrap(load(data) if isinstance(data, bytes) else data, fhir_version))


def read_sliced(frame: Resource, resources: Sequence[bytes], fhir_version: str) -> Reading | None:
    """What `read_bundle` gives for a Bundle taken apart (unwrap_sliced), its resources parsed one by one.

    None where only `read_bundle` reads it: another document, or Bundles inside the Bundle.
    """
    received = unwrap_sliced(frame, resources, fhir_version)
    return None if received is None else _read(received)


def read_resources(resources: Sequence[bytes | Resource], fhir_version: str | None = None) -> Reading:
    """Read resources that stand alone, such as the proven entries of a share, in the order given.

    Raises NotJson where one of them is not JSON.
    """
    found = tuple(load(one) if isinstance(one, bytes) else one for one in resources)
    return _read(Received(found, ("",) * len(found), fhir_version or version_of(found)))


class _Sorter:
    """Puts every position in exactly one place."""

    def __init__(self, received: Received) -> None:
        self.received = received
        self.frame = Frame(received)
        self.merged = told_through(received.resources, self.frame)
        self.context = Context(received.resources, self.frame, self.merged)
        self.person, self.strangers = _people(received, self.frame)
        if self.person is not None:
            patient = self.frame.at(self.person.position)
            self.context.ties = ties(patient, self.frame, self.merged, received.fhir_version)
        self.entries: list[Entry] = []
        self.not_displayed: list[NotDisplayed] = []
        self.notes: list[SectionNote] = []
        self.silent: list[tuple[int, Section, Absence]] = []

    def place(self, position: int, resource: object) -> None:
        """One resource to its place."""
        if not isinstance(resource, dict):
            self.not_displayed.append(NotDisplayed(position, "", "not-an-object"))
            return
        kind = resource.get("resourceType")
        if not isinstance(kind, str) or not kind:
            self.not_displayed.append(NotDisplayed(position, "", "no-type"))
        elif kind not in KNOWN_TYPES:
            self.not_displayed.append(NotDisplayed(position, kind, "unknown-type"))
        elif self._is_strangers(position, resource):
            self.merged.pop(position, None)
            self.not_displayed.append(NotDisplayed(position, kind, "another-patient"))
        else:
            self._place_known(position, kind, resource)

    def _place_known(self, position: int, kind: str, resource: Resource) -> None:
        if kind in _NOTED:
            self.notes.extend(list_notes(resource))
        if kind in FRAME_TYPES:
            self.merged.setdefault(position, INTO_FRAME)
        elif position not in self.merged:
            self._show(position, kind, resource)

    def _show(self, position: int, kind: str, resource: Resource) -> None:
        said = None if _is_error(resource) else _absence(kind, self._naming(position, kind, resource))
        if said is not None:
            self.silent.append((position, *said))
            return
        entry = MAPPERS.get(kind, read_other)(position, resource, self.context)
        if not _is_blank(entry):
            self.entries.append(entry)
        elif kind in NAMED:
            self._into_frame(position)
        else:
            self.not_displayed.append(NotDisplayed(position, kind, "nothing-readable"))

    def _into_frame(self, position: int) -> None:
        """One that is not shown, with whatever was told through it."""
        self.merged.update({one: INTO_FRAME for one, into in self.merged.items() if into == position})
        self.merged[position] = INTO_FRAME

    def _naming(self, position: int, kind: str, resource: Resource) -> Resource:
        """Where the resource that is used is a Device of its own, that Device says whether there is none."""
        if kind != "DeviceUseStatement":
            return resource
        devices = self.context.told(position, "Device")
        return devices[0] if devices else self.frame.follow(resource.get("device"), resource)

    def _is_strangers(self, position: int, resource: Resource) -> bool:
        if not self.strangers:
            return False
        if position in self.strangers:
            return True
        subject = resource.get("subject") or resource.get("patient") or resource.get("beneficiary")
        return self.frame.position(reference(subject)) in self.strangers

    def settle(self) -> None:
        """ "None known" becomes a note, unless the same source also names something current there."""
        for position, section, absence in self.silent:
            contradicted = any(
                entry.section is section and entry.standing in (Standing.CURRENT, Standing.UNKNOWN)
                for entry in self.entries
            )
            resource = as_map(self.received.resources[position])
            if contradicted:
                kind = text(resource.get("resourceType"))
                self.entries.append(MAPPERS.get(kind, read_other)(position, resource, self.context))
            else:
                self._into_frame(position)
                self.notes.append(SectionNote(section, absence=absence))
        self._drop_orphans()
        same = alike(self.entries, self.frame)
        self.merged = {one: same.get(into, into) for one, into in self.merged.items()} | same
        self.entries = [entry for entry in self.entries if entry.position not in same]
        self.entries.sort(key=lambda entry: entry.position)

    def _drop_orphans(self) -> None:
        """What was merged into something that is not displayed is not displayed either."""
        hidden = {one.position: one.reason for one in self.not_displayed}
        for position, into in list(self.merged.items()):
            if into in hidden:
                kind = text(self.frame.at(position).get("resourceType"))
                self.not_displayed.append(NotDisplayed(position, kind, hidden[into]))
                del self.merged[position]


def _read(received: Received) -> Reading:
    sorter = _Sorter(received)
    for position, resource in enumerate(received.resources):
        sorter.place(position, resource)
    sorter.settle()
    return Reading(
        fhir_version=received.fhir_version,
        person=sorter.person,
        entries=tuple(_distinct(sorter.entries)),
        merged=dict(sorted(sorter.merged.items())),
        not_displayed=tuple(sorted(sorter.not_displayed, key=lambda one: one.position)),
        notes=tuple(dict.fromkeys(sorter.notes)),
        resources=len(received.resources),
        taken_back=_taken_back(received),
    )


def _taken_back(received: Received) -> tuple[str, ...]:
    """Keys entered in error or deleted. In one Bundle a deletion comes first (FHIR): what is there too stays."""
    held: dict[str, bool] = {}
    for resource in received.resources:
        if isinstance(resource, Mapping) and (identity := text(resource.get("id"))):
            key = f"{text(resource.get('resourceType'))}/{identity}"
            held[key] = held.get(key, True) and _is_error(resource)
    deleted = (key for key in received.deleted if key not in held)
    return (*(key for key, wrong in held.items() if wrong), *deleted)


def _is_error(resource: Resource) -> bool:
    return standing_of(resource, "status", "verificationStatus", "clinicalStatus") is Standing.ENTERED_IN_ERROR


def _people(received: Received, frame: Frame) -> tuple[Person | None, frozenset[int]]:
    """The person of this record and the positions of Patients who are somebody else.

    The person is the Patient a Composition speaks of, else the first.
    """
    patients: dict[int, Resource] = {}
    subjects: list[int | None] = []
    for position, one in enumerate(received.resources):
        if not isinstance(one, dict):
            continue
        if one.get("resourceType") == "Patient":
            patients[position] = one
        elif one.get("resourceType") == "Composition":
            subjects.append(frame.position(reference(one.get("subject"))))
    if not patients:
        return None, frozenset()
    mine = next((position for position in subjects if position in patients), next(iter(patients)))
    own = _names_of(patients[mine])
    born = patients[mine].get("birthDate")
    strangers = frozenset(
        position for position, one in patients.items() if one.get("birthDate") != born or own.isdisjoint(_names_of(one))
    )
    return read_person(mine, patients[mine], frame, received.fhir_version), strangers


def _names_of(patient: Resource) -> frozenset[tuple[str, str]]:
    """What tells a Patient from another: its NHS number, or where it has none its id and other identifiers."""
    if number := nhs_number(patient):
        return frozenset({("nhs-number", number)})
    others = ((text(one.get("system")), text(one.get("value"))) for one in maps(patient.get("identifier")))
    return frozenset({("id", text(patient.get("id"))), *others})


def _absence(kind: str, resource: Resource) -> tuple[Section, Absence] | None:
    if kind == "AllergyIntolerance":
        said = absence_said(resource)
        return (Section.ALLERGIES, said) if said else None
    naming = ("type",) if kind in ("Device", "DeviceUseStatement") else _NAMED_BY
    known = [code for name in naming if name in resource for code in codes(resource[name])]
    if not NOTHING_KNOWN.isdisjoint(known):
        return SECTION_OF.get(kind, Section.OTHER), Absence.NONE_KNOWN
    if not NO_INFORMATION.isdisjoint(known):
        return SECTION_OF.get(kind, Section.OTHER), Absence.UNAVAILABLE
    return None


def _is_blank(entry: Entry) -> bool:
    told = entry.detail or entry.when or entry.quantity or entry.codings
    return not told and entry.title == type_words(entry.resource_type) and not entry.facts


def _distinct(entries: list[Entry]) -> list[Entry]:
    """Keys made unique: the second resource with the same id is shown too, with "~2" behind its key."""
    seen: dict[str, int] = {}
    found = []
    for entry in entries:
        seen[entry.key] = times = seen.get(entry.key, 0) + 1
        found.append(entry if times == 1 else replace(entry, key=f"{entry.key}~{times}"))
    return found
