"""A whole made-up life as one R4 Bundle of any length: for benches, long lists and search.

Owns variety and repeatability: the same seed, length and person always give the same Bundle, to the
byte once dumped. Nothing in it is true of anybody, and it is no model of any illness: values wander
inside and a little outside the ranges beside them. Codes are few and carry their names; what has no
code we are sure of is text only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final

Json = dict[str, Any]

SNOMED: Final = "http://snomed.info/sct"
BASE: Final = "https://riverside-hospital.example/fhir"
UNTIL: Final = date(2026, 11, 1)
"""Lives are told up to this day, so that a seed means the same next year."""

_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_LAB: Final = (
    ("1022431000000105", "Haemoglobin estimation", "g/L", 120.0, 150.0, 0),
    ("1022541000000102", "Total white cell count", "10*9/L", 4.0, 11.0, 2),
    ("1022651000000100", "Platelet count", "10*9/L", 150.0, 400.0, 0),
    ("1000661000000107", "Serum sodium level", "mmol/L", 133.0, 146.0, 0),
    ("1000651000000109", "Serum potassium level", "mmol/L", 3.5, 5.3, 1),
    ("1000731000000107", "Serum creatinine level", "umol/L", 45.0, 84.0, 0),
    ("1005671000000105", "Serum cholesterol level", "mmol/L", 3.0, 5.0, 1),
    ("993381000000106", "Serum ferritin level", "ug/L", 13.0, 150.0, 0),
    ("1022791000000101", "Serum TSH (thyroid stimulating hormone) level", "mU/L", 0.27, 4.2, 2),
)
_VITAL: Final = (
    ("27113001", "Body weight", "kg", 55.0, 95.0, 1),
    ("78564009", "Pulse rate", "beats/min", 55.0, 100.0, 0),
    ("18491006", "Peak expiratory flow rate", "L/min", 300.0, 550.0, 0),
)
_CONDITIONS: Final = (
    ("195967001", "Asthma"), ("43116000", "Eczema"), ("37796009", "Migraine"), ("59621000", "Essential hypertension"),
    ("65363002", "Otitis media"), ("367498001", "Seasonal allergic rhinitis"), ("87522002", "Iron deficiency anaemia"),
    ("44054006", "Type 2 diabetes mellitus"), ("", "Sprained ankle"), ("", "Chest infection"), ("", "Low back pain"),
)  # fmt: skip
_MEDICINES: Final = (
    ("39113611000001102", "Salbutamol 100micrograms/dose inhaler CFC free", "Two puffs when needed"),
    ("323510009", "Amoxicillin 500mg capsules", "One three times a day for a week"),
    ("325278007", "Metformin 500mg tablets", "One twice a day with food"),
    ("318906001", "Ramipril 10mg capsules", "One each morning"),
    ("320030001", "Atorvastatin 20mg tablets", "One at night"),
    ("320818006", "Cetirizine 10mg tablets", "One each day"),
    ("317291008", "Omeprazole 20mg gastro-resistant capsules", "One each morning"),
    ("42109611000001109", "Paracetamol 500mg tablets", "Two up to four times a day when needed"),
)
_VACCINES: Final = (
    ("86198006", "Administration of influenza vaccine"),
    ("38598009", "Administration of measles and mumps and rubella vaccine"),
    ("", "Tetanus, diphtheria and polio vaccination"),
)
_ALLERGIES: Final = (
    ("91936005", "Allergy to penicillin"),
    ("300916003", "Latex allergy"),
    ("91935009", "Allergy to peanut"),
)
_PROCEDURES: Final = (("54885007", "Extraction of cataract"), ("80146002", "Appendectomy"), ("", "Removal of a mole"))
_VISITS: Final = ("GP appointment", "Telephone consultation", "Outpatient clinic", "Emergency department attendance")
_LETTERS: Final = ("Clinic letter", "Discharge summary", "Referral letter", "Scan report")


def lifetime(seed: int, entries: int, person: Mapping[str, Any]) -> Json:
    """A collection Bundle of exactly `entries` resources, the Patient first, then a life in order of time.

    `person` has nhs_number, birth_date (YYYY-MM-DD, before 1 November 2026), family and given, as in a
    made-up patient's person.json. Raises ValueError for fewer than one entry.
    """
    if entries < 1:
        raise ValueError(f"expected at least 1 entry, found {entries}")
    life = _Life(Random(seed), date.fromisoformat(person["birth_date"]), entries)
    found = [_patient(person), *life.resources()]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": f"{UNTIL.isoformat()}T00:00:00Z",
        "entry": [
            {"fullUrl": f"{BASE}/{resource['resourceType']}/{resource['id']}", "resource": resource}
            for resource in found[:entries]
        ],
    }


def lifetime_bytes(seed: int, entries: int, person: Mapping[str, Any]) -> bytes:
    """The same Bundle as minified JSON in UTF-8."""
    return json.dumps(lifetime(seed, entries, person), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


class _Life:
    """Draws one resource after another along the years."""

    def __init__(self, random: Random, born: date, entries: int) -> None:
        self.random = random
        self.born = born
        self.entries = entries
        self.visit = ""
        self.tests: list[str] = []

    def resources(self) -> Iterator[Json]:
        """At least `entries` - 1 resources after the Patient."""
        yield {"resourceType": "Organization", "id": "organization-1", "name": "Riverside Hospital"}
        yield {
            "resourceType": "Practitioner",
            "id": "practitioner-1",
            "name": [{"family": "Iqbal", "given": ["Farah"]}],
        }
        days = max((UNTIL - self.born).days, 1)
        offsets = sorted(self.random.randrange(days) for _ in range(self.entries))
        makers: list[Callable[[str, int], Json]] = [
            self._lab, self._vital, self._encounter, self._medicine, self._vaccination, self._condition,
            self._procedure, self._document, self._report, self._pressure, self._allergy,
        ]  # fmt: skip
        weights = (42, 14, 12, 9, 4, 4, 3, 4, 3, 5, 1)
        for number, offset in enumerate(offsets, start=1):
            day = (self.born + timedelta(days=offset)).isoformat()
            make = self.random.choices(makers, weights)[0]
            yield make(day, number)

    def _base(self, kind: str, number: int) -> Json:
        return {"resourceType": kind, "id": f"{kind.lower()}-{number}", "subject": _SUBJECT}

    def _observation(self, day: str, number: int, category: str) -> Json:
        found = self._base("Observation", number) | {"status": "final", "effectiveDateTime": self._moment(day)}
        found |= {"category": [{"coding": [{"system": _CATEGORY, "code": category}]}]}
        return found | ({"encounter": {"reference": self.visit}} if self.visit else {})

    def _moment(self, day: str) -> str:
        clock = time(self.random.randrange(8, 18), self.random.randrange(60))
        return datetime.combine(date.fromisoformat(day), clock, UTC).isoformat()

    def _number(self, low: float, high: float, places: int) -> float | int:
        value = round(self.random.triangular(low * 0.8, high * 1.2), places)
        return value if places else int(value)

    def _lab(self, day: str, number: int) -> Json:
        code, display, unit, low, high, places = self.random.choice(_LAB)
        value = self._number(low, high, places)
        found = self._observation(day, number, "laboratory") | {"code": _concept(code, display)}
        found["valueQuantity"] = {"value": value, "unit": unit}
        found["referenceRange"] = [{"low": {"value": low, "unit": unit}, "high": {"value": high, "unit": unit}}]
        found["performer"] = [{"reference": "Organization/organization-1"}]
        self.tests.append(f"Observation/{found['id']}")
        return found

    def _vital(self, day: str, number: int) -> Json:
        code, display, unit, low, high, places = self.random.choice(_VITAL)
        found = self._observation(day, number, "vital-signs") | {"code": _concept(code, display)}
        return found | {"valueQuantity": {"value": self._number(low, high, places), "unit": unit}}

    def _pressure(self, day: str, number: int) -> Json:
        upper, lower = self.random.randint(105, 160), self.random.randint(60, 98)
        parts = (
            ("72313002", "Systolic arterial pressure", upper),
            ("1091811000000102", "Diastolic arterial pressure", lower),
        )
        found = self._observation(day, number, "vital-signs") | {"code": _concept("75367002", "Blood pressure")}
        found["component"] = [
            {"code": _concept(code, display), "valueQuantity": {"value": value, "unit": "mmHg"}}
            for code, display, value in parts
        ]
        return found

    def _encounter(self, day: str, number: int) -> Json:
        found = self._base("Encounter", number) | {"status": "finished"}
        found["class"] = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
        found |= {"type": [{"text": self.random.choice(_VISITS)}], "period": {"start": self._moment(day)}}
        found["participant"] = [{"individual": {"reference": "Practitioner/practitioner-1"}}]
        self.visit = f"Encounter/{found['id']}"
        return found | {"serviceProvider": {"reference": "Organization/organization-1"}}

    def _medicine(self, day: str, number: int) -> Json:
        code, display, dose = self.random.choice(_MEDICINES)
        status = "active" if day > "2025" else self.random.choice(("completed", "stopped"))
        found = self._base("MedicationRequest", number) | {"status": status, "intent": "order", "authoredOn": day}
        found |= {"medicationCodeableConcept": _concept(code, display), "dosageInstruction": [{"text": dose}]}
        return found | {"requester": {"reference": "Practitioner/practitioner-1"}}

    def _vaccination(self, day: str, number: int) -> Json:
        code, display = self.random.choice(_VACCINES)
        found = {"resourceType": "Immunization", "id": f"immunization-{number}", "patient": _SUBJECT}
        declined = self.random.random() < 0.08
        found |= {"status": "not-done" if declined else "completed", "vaccineCode": _concept(code, display)}
        if declined:
            return found | {"occurrenceDateTime": day, "statusReason": {"text": "Declined"}}
        return found | {"occurrenceDateTime": day, "lotNumber": f"LT{self.random.randrange(10_000):04}"}

    def _condition(self, day: str, number: int) -> Json:
        code, display = self.random.choice(_CONDITIONS)
        status = self.random.choice(("active", "resolved", "resolved"))
        system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
        found = self._base("Condition", number) | {"clinicalStatus": {"coding": [{"system": system, "code": status}]}}
        return found | {"code": _concept(code, display), "onsetDateTime": day, "recordedDate": day}

    def _allergy(self, day: str, number: int) -> Json:
        code, display = self.random.choice(_ALLERGIES)
        system = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
        found = {"resourceType": "AllergyIntolerance", "id": f"allergyintolerance-{number}", "patient": _SUBJECT}
        found |= {"clinicalStatus": {"coding": [{"system": system, "code": "active"}]}, "recordedDate": day}
        return found | {"code": _concept(code, display), "reaction": [{"manifestation": [{"text": "Rash"}]}]}

    def _procedure(self, day: str, number: int) -> Json:
        code, display = self.random.choice(_PROCEDURES)
        found = self._base("Procedure", number) | {"status": "completed", "performedDateTime": day}
        return found | {"code": _concept(code, display)}

    def _document(self, day: str, number: int) -> Json:
        title = self.random.choice(_LETTERS)
        found = self._base("DocumentReference", number) | {"status": "current", "type": {"text": title}}
        attachment = {"contentType": "application/pdf", "url": f"{BASE}/Binary/{number}", "title": f"{title} {day}"}
        return found | {"date": self._moment(day), "content": [{"attachment": attachment}]}

    def _report(self, day: str, number: int) -> Json:
        found = self._base("DiagnosticReport", number) | {"status": "final", "code": {"text": "Blood tests"}}
        found |= {"effectiveDateTime": day, "result": [{"reference": test} for test in self.tests[-4:]]}
        self.tests.clear()
        return found


_SUBJECT: Final = {"reference": "Patient/patient-1"}


def _patient(person: Mapping[str, Any]) -> Json:
    return {
        "resourceType": "Patient",
        "id": "patient-1",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": person["nhs_number"]}],
        "name": [{"use": "official", "family": person["family"], "given": list(person["given"])}],
        "birthDate": person["birth_date"],
    }


def _concept(code: str, display: str) -> Json:
    return {"coding": [{"system": SNOMED, "code": code, "display": display}]} if code else {"text": display}
