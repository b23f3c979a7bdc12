"""What matters most in an emergency: medicines, conditions and implants to be named first.

An order of telling, never advice: everything else follows after, and nothing is hidden by it. The
classes of medicines are those crews must know of; names are British approved names and brands
common in England, reviewed November 2026. A name that is missing here only loses its place.
Sources for the classes: anticoagulants NPSA/2007/18; insulin NPSA/2010/RRR013; steroids NatPSA/2020/005; opioids
NPSA/2008/RRR005; methotrexate NPSA/2006/13; lithium NPSA/2009/PSA005; anti-epileptics MHRA Drug
Safety Update November 2013. Conditions: PRSB Ambulance Handover, design reference on what crews asked for.
"""

from __future__ import annotations

import re

_ANTICOAGULANTS = "warfarin|acenocoumarol|phenindione|apixaban|rivaroxaban|edoxaban|dabigatran|heparin|enoxaparin|dalteparin|tinzaparin|fondaparinux|eliquis|xarelto|lixiana|pradaxa|clexane|fragmin|innohep"  # noqa: E501
_INSULINS = "insulin|lantus|levemir|tresiba|toujeo|abasaglar|semglee|novorapid|fiasp|humalog|lyumjev|apidra|trurapi|admelog|humulin|novomix|insulatard|actrapid|hypurin"  # noqa: E501
_STEROIDS = "prednisolone|hydrocortisone|dexamethasone|fludrocortisone|methylprednisolone|betamethasone|deflazacort|triamcinolone|plenadren|alkindi"  # noqa: E501
_OPIOIDS = "morphine|oxycodone|fentanyl|buprenorphine|methadone|diamorphine|hydromorphone|tapentadol|tramadol|codeine|co-codamol|dihydrocodeine|co-dydramol|pethidine|oramorph|zomorph|longtec|oxycontin|oxynorm|butec|butrans"  # noqa: E501
_ANTI_EPILEPTICS = "valproate|valproic|carbamazepine|lamotrigine|levetiracetam|phenytoin|phenobarbital|primidone|topiramate|zonisamide|lacosamide|brivaracetam|clobazam|oxcarbazepine|eslicarbazepine|perampanel|ethosuximide|vigabatrin|rufinamide|epilim|keppra|tegretol"  # noqa: E501
_IMMUNOSUPPRESSANTS = "methotrexate|azathioprine|mercaptopurine|ciclosporin|tacrolimus|sirolimus|everolimus|mycophenolate|leflunomide|cyclophosphamide|adalimumab|etanercept|infliximab|rituximab|tocilizumab|baricitinib|tofacitinib|upadacitinib|adoport|prograf"  # noqa: E501
_NARROW = "lithium|priadel|clozapine|digoxin|amiodarone"

_MEDICINES = re.compile(
    rf"\b(?:{_ANTICOAGULANTS}|{_INSULINS}|{_STEROIDS}|{_OPIOIDS}|{_ANTI_EPILEPTICS}|{_IMMUNOSUPPRESSANTS}|{_NARROW})\b",
    re.IGNORECASE,
)
_ON_THE_SKIN = re.compile(
    r"\b(?:cream|ointment|gel|lotion|scalp|eye|ear|nasal|spray|inhaler|inhalation|mouthwash|shampoo|flush)\b",
    re.IGNORECASE,
)
_CONDITIONS = re.compile(
    r"\b(?:epilep|seizure|diabet|asthma|chronic obstructive|copd|heart failure|angina|myocardial|infarct|atrial fib"
    r"|arrhythmia|long qt|cardiomyopath|stroke|transient ischaemic|haemophilia|von willebrand|bleeding|sickle|thalass"
    r"|adrenal|addison|hypopituit|anaphyla|dementia|alzheimer|parkinson|myasthenia|transplant|dialysis|kidney failure"
    r"|chronic kidney|cirrhosis|immunodef|asplen|splenectomy|learning disab|autis|porphyria|malignant hyper|tracheost"
    r"|laryngectomy|aneurysm|cystic fibrosis|motor neuron|palliative|end of life|cancer|malignant)",
    re.IGNORECASE,
)  # fmt: skip
_IMPLANTS = re.compile(
    r"\b(?:pacemaker|defibrillator|implant|stent|shunt|prosthe|heart valve|valve replacement|cochlear|nerve stimulator"
    r"|insulin pump|port-a-cath|neurostimulator|loop recorder|aneurysm clip)",
    re.IGNORECASE,
)


def medicine_comes_first(title: str) -> bool:
    """Whether a medicine is of a class to be named first; what goes on the skin, in the eye or is inhaled is not."""
    return bool(_MEDICINES.search(title)) and not _ON_THE_SKIN.search(title)


def condition_comes_first(title: str) -> bool:
    """Whether a condition is one that crews asked to see first."""
    return bool(_CONDITIONS.search(title))


def is_implant(title: str) -> bool:
    """Whether a procedure tells of something left in the body."""
    return bool(_IMPLANTS.search(title))
