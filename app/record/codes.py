"""The few codes that decide where something is shown, each with its name. Not a terminology.

What an entry is called always comes from the record itself. Sources: SNOMED CT codes from the
IPS terminology and NHS England's record specifications (National Record Locator pointer types,
GP Connect), LOINC from the HL7 IPS and the vital signs profile. Looked up November 2026.
This material includes SNOMED Clinical Terms (SNOMED CT), used by permission of SNOMED
International; LOINC is copyright of Regenstrief Institute, Inc.
"""

from __future__ import annotations

NO_KNOWN_ALLERGY = frozenset(
    {
        "716186003",  # No known allergy
        "160244002",  # No known allergies (earlier code)
        "no-known-allergies",  # IPS absent-unknown
    }
)
"""Only the statement about every allergy. "No known drug allergy" says less and is shown as it was said."""

NOTHING_KNOWN = frozenset(
    {
        "no-known-medications",
        "no-known-problems",
        "no-known-immunizations",
        "no-known-procedures",
        "no-known-devices",
        "787481004",  # No known medications
        "787483001",  # No known device use
    }
)
"""IPS absent-unknown and its SNOMED CT twins: the source looked and there is none.

"No current problems" says less (nothing of the past) and is shown as it was said."""

NO_INFORMATION = frozenset(
    {
        "no-allergy-info",
        "no-medication-info",
        "no-problem-info",
        "no-immunization-info",
        "no-procedure-info",
        "no-device-info",
    }
)
"""IPS absent-unknown: the source has no information, which is not the same as none."""

FOR_CPR = frozenset({"450475007"})  # For attempted cardiopulmonary resuscitation
NOT_FOR_CPR = frozenset(
    {
        "450476008",  # Not for attempted cardiopulmonary resuscitation
        "304253006",  # Not for resuscitation
        "143021000119109",  # Do not resuscitate status, with documentation
        "dnr",  # HL7 consent category
    }
)
RESPECT_FORM = frozenset({"1382601000000107"})  # ReSPECT form
WISHES = FOR_CPR | NOT_FOR_CPR | RESPECT_FORM
"""What a paramedic must see before anything else is done."""

PLAN_DOCUMENTS = RESPECT_FORM | {
    "736253002",  # Mental health crisis plan
    "325691000000100",  # Contingency plan
    "736373009",  # End of life care plan
    "861421000000109",  # End of life care coordination summary
    "887701000000100",  # Emergency health care plan
    "42348-3",  # LOINC Advance directives
}
PLAN_CONSENTS = frozenset({"acd", "adr", "dnr", "polst", "hcd", "emrgonly", "llv", "mdc"})
"""HL7 consent scopes and categories that are advance decisions, not data sharing."""

REASONABLE_ADJUSTMENT = frozenset({"national-reasonable-adjustment-flag", "NRAF", "NRAFlag"})
ADJUSTMENT_SYSTEM = "FlagCategoryRA"

MEASURED = frozenset(
    {
        "85354-9", "8480-6", "8462-4", "8867-4", "59408-5", "2708-6", "29463-7", "3141-9", "8302-2", "39156-5",
        "9279-1", "8310-5", "8287-5", "33452-4", "19935-6",
        "75367002",  # Blood pressure
        "163020007",  # On examination - blood pressure reading
        "72313002", "271649006",  # Systolic arterial pressure, systolic blood pressure
        "1091811000000102", "271650006",  # Diastolic arterial pressure, diastolic blood pressure
        "27113001",  # Body weight
        "50373000",  # Body height
        "60621009",  # Body mass index
        "78564009", "364075005",  # Pulse rate, heart rate
        "386725007",  # Body temperature
        "431314004",  # Peripheral oxygen saturation
        "86290005",  # Respiratory rate
        "18491006",  # Peak expiratory flow rate
    }
)  # fmt: skip
SYSTOLIC = frozenset({"8480-6", "72313002", "271649006"})
DIASTOLIC = frozenset({"8462-4", "1091811000000102", "271650006"})

LIFESTYLE = frozenset(
    {
        "72166-2",  # LOINC Tobacco smoking status
        "74013-4",  # LOINC Alcoholic drinks per day
        "365981007",  # Finding of tobacco smoking behaviour
        "77176002", "8392000", "8517006", "266919005",  # Smoker, non-smoker, ex-smoker, never smoked tobacco
        "160573003", "897148007",  # Alcohol intake
    }
)  # fmt: skip

PREGNANCY = frozenset(
    {
        "82810-3", "11778-8", "11779-6", "77386006", "60001007",
        "11636-8", "11637-6", "11638-4", "11639-2", "11640-0", "11612-9", "11613-7", "11614-5", "33065-4",
    }
)  # fmt: skip
"""Pregnancy status, expected date of delivery (two LOINC codes), pregnant, not pregnant; outcomes (IPS)."""

BLOOD_GROUP = frozenset({"882-1", "365637002"})

COMMENT_NOTE = "37331000000100"
"""GP Connect: a filing comment that belongs to the result it is derived from."""
