"""Which FHIR types are shown where, what an unnamed one is called, and the names facts may have.

Owns the tables; the modules beside it decide within a type (an Observation may be a result, a
measurement, a wish). The order of sections is that of entry.Section.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.record.entry import Section

SECTION_OF: Mapping[str, Section] = MappingProxyType(
    {
        "MedicationStatement": Section.MEDICINES,
        "MedicationRequest": Section.MEDICINES,
        "MedicationDispense": Section.MEDICINES,
        "MedicationAdministration": Section.MEDICINES,
        "Appointment": Section.APPOINTMENTS,
        "DiagnosticReport": Section.RESULTS,
        "Observation": Section.RESULTS,
        "ImagingStudy": Section.RESULTS,
        "Immunization": Section.VACCINATIONS,
        "ImmunizationRecommendation": Section.VACCINATIONS,
        "Condition": Section.CONDITIONS,
        "ClinicalImpression": Section.CONDITIONS,
        "AllergyIntolerance": Section.ALLERGIES,
        "AdverseEvent": Section.ALLERGIES,
        "DocumentReference": Section.DOCUMENTS,
        "Binary": Section.DOCUMENTS,
        "Media": Section.DOCUMENTS,
        "Communication": Section.DOCUMENTS,
        "QuestionnaireResponse": Section.DOCUMENTS,
        "CarePlan": Section.PLANS,
        "Goal": Section.PLANS,
        "Procedure": Section.PROCEDURES,
        "Encounter": Section.VISITS,
        "EpisodeOfCare": Section.VISITS,
        "Device": Section.DEVICES,
        "DeviceUseStatement": Section.DEVICES,
        "Flag": Section.NEEDS,
        "FamilyMemberHistory": Section.FAMILY,
        "RelatedPerson": Section.PEOPLE,
        "CareTeam": Section.PEOPLE,
    }
)
"""Where a type is shown unless its module knows better; every other type is shown under OTHER."""

FRAME_TYPES = frozenset(
    {
        "Patient", "Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService", "List",
        "Composition", "Provenance", "Bundle", "Parameters", "MessageHeader", "AuditEvent", "Endpoint", "Schedule",
        "Slot", "Person",
    }
)  # fmt: skip
"""What holds a record together and is read through the entries that refer to it."""

EXTRA_TYPES = frozenset(
    {
        "Account", "ActivityDefinition", "AppointmentResponse", "Basic", "BiologicallyDerivedProduct", "BodySite",
        "BodyStructure", "ChargeItem", "Claim", "ClaimResponse", "CommunicationRequest", "Consent",
        "Contract", "Coverage", "CoverageEligibilityRequest", "CoverageEligibilityResponse", "DetectedIssue",
        "DeviceMetric", "DeviceRequest", "EligibilityRequest", "EligibilityResponse", "EnrollmentRequest",
        "EnrollmentResponse", "ExplanationOfBenefit", "Group", "GuidanceResponse", "ImagingManifest",
        "Invoice", "Linkage", "Medication", "MolecularSequence", "NutritionOrder", "OperationOutcome", "PaymentNotice",
        "PaymentReconciliation", "ProcedureRequest", "ProcessRequest", "ProcessResponse", "Questionnaire",
        "ReferralRequest", "RequestGroup", "ResearchStudy", "ResearchSubject", "RiskAssessment", "Sequence",
        "ServiceRequest", "Specimen", "Substance", "SupplyDelivery", "SupplyRequest", "Task", "VisionPrescription",
        "VerificationResult",
    }
)  # fmt: skip
KNOWN_TYPES = frozenset(SECTION_OF) | FRAME_TYPES | EXTRA_TYPES
"""R4 and STU3 types about a patient. Anything else is counted as not displayed."""

TYPE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "AllergyIntolerance": "Allergy, not named by the source",
        "Appointment": "Appointment",
        "Binary": "Attached file",
        "CarePlan": "Care plan",
        "Claim": "Payment claim",
        "Condition": "Condition, not named by the source",
        "Consent": "Choice about care or information",
        "Coverage": "Cover",
        "DeviceUseStatement": "Device",
        "DiagnosticReport": "Test report",
        "DocumentReference": "Document",
        "Encounter": "Visit",
        "EpisodeOfCare": "Period of care",
        "ExplanationOfBenefit": "Payment statement",
        "FamilyMemberHistory": "Family history",
        "ImagingStudy": "Scan",
        "Immunization": "Vaccination, not named by the source",
        "Medication": "Medicine, not named by the source",
        "MedicationAdministration": "Medicine given, not named by the source",
        "MedicationDispense": "Medicine handed out, not named by the source",
        "MedicationRequest": "Medicine, not named by the source",
        "MedicationStatement": "Medicine, not named by the source",
        "Observation": "Observation, not named by the source",
        "OperationOutcome": "Message from the service",
        "ProcedureRequest": "Planned care",
        "QuestionnaireResponse": "Answers to questions",
        "ReferralRequest": "Referral",
        "RelatedPerson": "Person",
        "ServiceRequest": "Planned care",
    }
)
"""What an entry is called when its source gave it no name; other types go by their FHIR name."""

FACT_NAMES = frozenset(
    {
        "activity", "amount", "answer", "batch", "body-site", "category", "conclusion", "criticality", "dispenses",
        "dose", "dose-number", "ended", "expires", "file-type", "finding", "goal", "interpretation",
        "issues", "kind", "last-issued", "maker", "method", "model", "note", "onset", "panel", "part",
        "phone", "place", "protects-against", "range", "reaction", "reason", "recorded", "relationship", "result",
        "role", "route", "serial", "severity", "significance", "site", "specimen", "started", "status",
        "status-reason", "stored-at", "tests", "topic", "until", "verification",
    }
)  # fmt: skip
"""Every Fact.name there is; the text catalogue has a word for each below "fact."."""

NOT_DISPLAYED_REASONS = frozenset({"not-an-object", "no-type", "unknown-type", "nothing-readable", "another-patient"})
"""Every NotDisplayed.reason there is."""


def type_words(resource_type: str) -> str:
    """What an unnamed entry of this type is called."""
    return TYPE_WORDS.get(resource_type, resource_type)
