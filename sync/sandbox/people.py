"""The stand-in's people: made-up patients shipped as data, and anyone whose Bundle is handed over.

Owns who may log in and which Bundle each holder has of them. It reads only the little of FHIR that
says whose record it is; reading a record is app/record, which nothing in sync may import.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from crypto import json_text
from crypto.errors import NotFhir
from sync.sandbox.lifetime import lifetime_bytes

NHS_NUMBER: Final = "https://fhir.nhs.uk/Id/nhs-number"
SHIPPED: Final = Path(__file__).with_name("patients")

LIFELONG_SEED: Final = 1947
LIFELONG_ENTRIES: Final = 3000

FhirVersion = Literal["3.0.1", "4.0.1"]
HolderKind = Literal["gp", "hospital"]

_BUNDLE_FILES: Final[Mapping[HolderKind, str]] = {"gp": "gp.stu3.json", "hospital": "hospital.r4.json"}
_VERSIONS: Final[Mapping[HolderKind, FhirVersion]] = {"gp": "3.0.1", "hospital": "4.0.1"}
_STU3_TYPES: Final = frozenset({"BodySite", "DeviceComponent", "ProcedureRequest", "ReferralRequest", "Sequence"})
_STU3_NAMES: Final = frozenset({"assertedDate", "notGiven"})
_STU3_TEXT: Final = {"AllergyIntolerance": "clinicalStatus", "Condition": "clinicalStatus"}
"""Elements that are text in STU3 and a CodeableConcept in R4."""


@dataclass(frozen=True, slots=True)
class HeldBundle:
    """What one holder has of one person: a FHIR Bundle, exactly as it was written, and its release."""

    fhir_version: FhirVersion
    bundle: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MadeUpPerson:
    """Somebody who can log in at the stand-in; `bundles` by kind of holder."""

    id: str
    label: str
    nhs_number: str = field(repr=False)
    birth_date: str = field(repr=False)
    family: str = field(repr=False)
    given: tuple[str, ...] = field(repr=False)
    bundles: Mapping[HolderKind, HeldBundle] = field(repr=False)

    @property
    def name(self) -> str:
        """Given names, then family name."""
        return " ".join((*self.given, self.family)).strip()


def load_people(folder: Path = SHIPPED) -> list[MadeUpPerson]:
    """The people in `folder`: each a folder with person.json and a Bundle of the surgery, the hospital or both."""
    return [_load_person(path.parent) for path in sorted(folder.glob("*/person.json"))]


def lifelong_person() -> MadeUpPerson:
    """Somebody whose hospital has a whole generated life of 3,000 entries: for long lists and search."""
    details = {"nhs_number": "9990004005", "birth_date": "1947-06-21", "family": "Pritchard", "given": ["Harold"]}
    data = lifetime_bytes(LIFELONG_SEED, LIFELONG_ENTRIES, details)
    label = f"Harold Pritchard, 79, has a record of {LIFELONG_ENTRIES:,} entries"
    return _person("harold-pritchard", label, {"hospital": HeldBundle("4.0.1", data)}, [json_text.parse_object(data)])


def person_from_file(path: Path) -> MadeUpPerson:
    """Somebody from any FHIR R4 or STU3 Bundle: STU3 is held by the surgery, R4 by the hospital.

    A Patient without an NHS number is given a made-up one: every record of the services stood in for has one,
    and a passport takes nobody's record without it. Raises NotJson, and NotFhir where no Patient is inside.
    """
    data = _numbered(_bundle_text(path.read_bytes()))
    parsed = json_text.parse_object(data)
    version = _fhir_version(parsed)
    kind: HolderKind = "gp" if version == "3.0.1" else "hospital"
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]  # two files may have one name
    identifier = "-".join((re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "file", place))
    return _person(identifier, None, {kind: HeldBundle(version, data)}, [parsed])


def _load_person(folder: Path) -> MadeUpPerson:
    label = json_text.parse_object((folder / "person.json").read_bytes()).get("label")
    held: dict[HolderKind, HeldBundle] = {}
    for kind, name in _BUNDLE_FILES.items():
        if (folder / name).exists():
            held[kind] = HeldBundle(_VERSIONS[kind], _bundle_text((folder / name).read_bytes()))
    parsed = [json_text.parse_object(item.bundle) for item in held.values()]
    return _person(folder.name, label if isinstance(label, str) else None, held, parsed)


def _person(
    identifier: str, label: str | None, held: Mapping[HolderKind, HeldBundle], bundles: Sequence[Mapping[str, Any]]
) -> MadeUpPerson:
    patient = next((found for bundle in bundles for found in patients(bundle)), None)
    if patient is None:
        raise NotFhir(f"{identifier}: expected a Patient, found none")
    name = official_name(patient)
    family = name.get("family", "")
    given = tuple(part for part in name.get("given", []) if isinstance(part, str))
    family = family if isinstance(family, str) else ""
    return MadeUpPerson(
        id=identifier,
        label=label or " ".join((*given, family)).strip() or identifier,
        nhs_number=nhs_number(patient),
        birth_date=str(patient.get("birthDate", "")),
        family=family,
        given=given,
        bundles=held,
    )


def _bundle_text(data: bytes) -> bytes:
    """A Bundle as it stands, one inside Parameters (GP Connect), or one made around a single resource."""
    document = json_text.parse_object(data)
    kind = document.get("resourceType")
    if kind == "Parameters":
        text = json_text.decode_utf8(data)
        for start, end in json_text.member_spans(text, ("parameter", None, "resource")):
            if json.loads(text[start:end]).get("resourceType") == "Bundle":
                return text[start:end].encode("utf-8")
    if kind == "Bundle":
        return data.strip()
    if not isinstance(kind, str):
        raise NotFhir("expected a FHIR resource, found no resourceType")
    return b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":' + data.strip() + b"}]}"


def _numbered(data: bytes) -> bytes:
    """The Bundle with an NHS number of the test range on its first Patient, where that has none; else as it is."""
    text = json_text.decode_utf8(data)
    for start, end in json_text.member_spans(text, ("entry", None, "resource")):
        patient = json_text.parse_object(text[start:end].encode("utf-8"))
        if patient.get("resourceType") != "Patient":
            continue
        if nhs_number(patient):
            return data
        number = json.dumps({"system": NHS_NUMBER, "value": _made_up_number(data)})
        if isinstance(patient.get("identifier"), list):
            at = start + json_text.member_spans(text[start:end], ("identifier",))[0].start + 1
            added = f"{number}," if patient["identifier"] else number
        else:
            at, added = start + 1, f'"identifier":[{number}],'
        return (text[:at] + added + text[at:]).encode("utf-8")
    return data


def _made_up_number(data: bytes) -> str:
    """A number beginning 999, the same for the same file, with its Modulus 11 check digit."""
    for turn in range(100):
        drawn = int.from_bytes(hashlib.sha256(bytes([turn]) + data).digest()[:8], "big") % 10**6
        nine = f"999{drawn:06d}"
        check = 11 - sum(int(figure) * weight for figure, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
        if check != 10:  # such a number is never given out
            return f"{nine}{check % 11}"
    raise NotFhir("expected a number to be found for this file")


def resources(bundle: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in objects(bundle.get("entry")):
        resource = entry.get("resource")
        if isinstance(resource, dict):
            yield resource


def patients(bundle: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return (resource for resource in resources(bundle) if resource.get("resourceType") == "Patient")


def official_name(patient: Mapping[str, Any]) -> Mapping[str, Any]:
    names = list(objects(patient.get("name")))
    return next((name for name in names if name.get("use") == "official"), names[0] if names else {})


def nhs_number(patient: Mapping[str, Any]) -> str:
    for identifier in objects(patient.get("identifier")):
        number = str(identifier.get("value", "")).replace(" ", "")
        if identifier.get("system") == NHS_NUMBER and re.fullmatch(r"[0-9]{10}", number, re.ASCII):
            return number
    return ""


def _fhir_version(bundle: Mapping[str, Any]) -> FhirVersion:
    """STU3 where something in it can be nothing else; R4 otherwise."""
    return "3.0.1" if any(_is_stu3(resource) for resource in resources(bundle)) else "4.0.1"


def _is_stu3(resource: Mapping[str, Any]) -> bool:
    kind = resource.get("resourceType")
    if kind in _STU3_TYPES or not _STU3_NAMES.isdisjoint(resource):
        return True
    meta = resource.get("meta")
    profiles = json.dumps(meta.get("profile", "")) if isinstance(meta, dict) else ""
    if "/STU3/" in profiles or "CareConnect" in profiles:
        return True
    return isinstance(resource.get(_STU3_TEXT.get(str(kind), "")), str)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
