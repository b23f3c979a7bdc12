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
        "Practitioner": Section.PEOPLE,
        "PractitionerRole": Section.PEOPLE,
        "Organization": Section.PEOPLE,
        "HealthcareService": Section.PEOPLE,
        "Location": Section.PEOPLE,
    }
)
"""Where a type is shown unless its module knows better; every other type is shown under OTHER."""

FRAME_TYPES = frozenset(
    {
        "Patient", "List", "Composition", "Provenance", "Bundle", "Parameters", "MessageHeader", "AuditEvent",
        "Endpoint", "Schedule", "Slot", "Person",
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
        "Account": "Account for payment",
        "ActivityDefinition": "Plan for an activity",
        "AdverseEvent": "Reaction, not named by the source",
        "AllergyIntolerance": "Allergy, not named by the source",
        "Appointment": "Appointment",
        "AppointmentResponse": "Answer to an appointment",
        "Basic": "Other information",
        "Binary": "Attached file",
        "BiologicallyDerivedProduct": "Donated or transfused product",
        "BodySite": "Part of the body",
        "BodyStructure": "Part of the body",
        "CarePlan": "Care plan",
        "CareTeam": "Care team",
        "ChargeItem": "Charge",
        "Claim": "Payment claim",
        "ClaimResponse": "Answer to a payment claim",
        "ClinicalImpression": "Assessment",
        "Communication": "Message",
        "CommunicationRequest": "Request for a message",
        "Condition": "Condition, not named by the source",
        "Consent": "Choice about care or information",
        "Contract": "Agreement",
        "Coverage": "Cover",
        "CoverageEligibilityRequest": "Question about cover",
        "CoverageEligibilityResponse": "Answer about cover",
        "DetectedIssue": "Issue noted by the source",
        "Device": "Device",
        "DeviceMetric": "Setting of a device",
        "DeviceRequest": "Device asked for",
        "DeviceUseStatement": "Device",
        "DiagnosticReport": "Test report",
        "DocumentReference": "Document",
        "EligibilityRequest": "Question about cover",
        "EligibilityResponse": "Answer about cover",
        "Encounter": "Visit",
        "EnrollmentRequest": "Request to join a plan",
        "EnrollmentResponse": "Answer to joining a plan",
        "EpisodeOfCare": "Period of care",
        "ExplanationOfBenefit": "Payment statement",
        "FamilyMemberHistory": "Family history",
        "Flag": "Something to know",
        "Goal": "Goal",
        "Group": "Group",
        "GuidanceResponse": "Guidance",
        "HealthcareService": "Health service",
        "ImagingManifest": "List of scans",
        "ImagingStudy": "Scan",
        "Immunization": "Vaccination, not named by the source",
        "ImmunizationRecommendation": "Vaccination planned",
        "Invoice": "Invoice",
        "Linkage": "Link between records",
        "Location": "Place",
        "Media": "Picture or recording",
        "Medication": "Medicine, not named by the source",
        "MedicationAdministration": "Medicine given, not named by the source",
        "MedicationDispense": "Medicine handed out, not named by the source",
        "MedicationRequest": "Medicine, not named by the source",
        "MedicationStatement": "Medicine, not named by the source",
        "MolecularSequence": "Genetic test data",
        "NutritionOrder": "Diet asked for",
        "Observation": "Observation, not named by the source",
        "OperationOutcome": "Message from the service",
        "Organization": "Organisation",
        "PaymentNotice": "Payment notice",
        "PaymentReconciliation": "Payment summary",
        "Practitioner": "Health professional",
        "PractitionerRole": "Health professional",
        "Procedure": "Procedure, not named by the source",
        "ProcedureRequest": "Planned care",
        "ProcessRequest": "Request about a payment",
        "ProcessResponse": "Answer about a payment",
        "Questionnaire": "Questions",
        "QuestionnaireResponse": "Answers to questions",
        "ReferralRequest": "Referral",
        "RelatedPerson": "Person",
        "RequestGroup": "Group of requests",
        "ResearchStudy": "Research study",
        "ResearchSubject": "Taking part in research",
        "RiskAssessment": "Risk assessment",
        "Sequence": "Genetic test data",
        "ServiceRequest": "Planned care",
        "Specimen": "Sample",
        "Substance": "Substance",
        "SupplyDelivery": "Supply handed out",
        "SupplyRequest": "Supply asked for",
        "Task": "Task",
        "VerificationResult": "Check of information",
        "VisionPrescription": "Glasses or lenses prescription",
    }
)
"""What an entry is called when its source gave it no name: every known type that is shown has words."""

FACT_NAMES = frozenset(
    {
        "activity", "amount", "answer", "batch", "body-site", "category", "conclusion", "criticality", "dispenses",
        "dose", "dose-number", "email", "ended", "expires", "file-type", "finding", "goal", "interpretation",
        "issues", "kind", "last-issued", "maker", "method", "model", "note", "onset", "panel", "part", "phone",
        "place", "problem", "protects-against", "range", "reaction", "reason", "recorded", "relationship", "result",
        "role", "route", "serial", "severity", "significance", "site", "specimen", "started", "status",
        "status-reason", "stored-at", "tests", "to-you", "topic", "until", "verification", "visit",
    }
)  # fmt: skip
"""Every Fact.name there is; the text catalogue has a word for each below "fact."."""

NOT_DISPLAYED_REASONS = frozenset({"not-an-object", "no-type", "unknown-type", "nothing-readable", "another-patient"})
"""Every NotDisplayed.reason there is."""


def type_words(resource_type: str) -> str:
    """What an unnamed entry of this type is called."""
    return TYPE_WORDS.get(resource_type, resource_type)
