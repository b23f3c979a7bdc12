# ruff: noqa: ISC004 -- a group of words is one text, however many lines it takes
"""Words people use for what records write: "water tablet", "sugar", "heart attack".

A help for finding, never a statement: what is found is shown as its source wrote it. Reviewed November 2026. Each group
names where its words come from; names of medicines are British approved names. A phrase that is missing here only finds
what it says itself. Phrases are in small letters, without accents, in the singular.
Sources: the conditions and medicines pages of nhs.uk ("also called", "known medically as"), by their names below; the
British National Formulary's treatment groups for which medicines belong to a group.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# nhs.uk/medicines: "blood thinner" at anticoagulants, "water tablet" at diuretics and each medicine's own page,
# "inhaler", "painkiller", "sleeping tablet", "statin"; BNF 2.2, 2.8, 2.12, 3.1, 3.2, 4.1, 4.3, 4.7, 1.3, 6.1, 6.2.
_MEDICINES: Final = (
    ("water tablet|water pill", "diuretic|furosemide|bumetanide|torasemide|bendroflumethiazide|indapamide|chlortalidone"
     "|metolazone|spironolactone|eplerenone|amiloride|co-amilofruse|hydrochlorothiazide"),
    ("blood thinner|blood thinning tablet", "anticoagulant|warfarin|apixaban|rivaroxaban|edoxaban|dabigatran|heparin"
     "|enoxaparin|dalteparin|clopidogrel|aspirin|ticagrelor|prasugrel"),
    ("painkiller|pain killer|pain relief", "analgesic|paracetamol|ibuprofen|naproxen|codeine|co-codamol|dihydrocodeine"
     "|tramadol|morphine|diclofenac"),
    ("blood pressure tablet|blood pressure medicine", "amlodipine|ramipril|lisinopril|perindopril|losartan|candesartan"
     "|bisoprolol|atenolol|indapamide|doxazosin|felodipine|lercanidipine"),
    ("cholesterol tablet|statin", "statin|atorvastatin|simvastatin|rosuvastatin|pravastatin|fluvastatin|ezetimibe"),
    ("stomach tablet|acid tablet", "omeprazole|lansoprazole|esomeprazole|pantoprazole|rabeprazole|famotidine"),
    ("sleeping tablet|sleeping pill", "hypnotic|zopiclone|zolpidem|temazepam|melatonin|nitrazepam"),
    ("puffer|inhaler", "inhaler|salbutamol|beclometasone|salmeterol|formoterol|tiotropium|budesonide|fluticasone"),
    ("thyroid tablet", "levothyroxine|carbimazole|liothyronine"),
    ("steroid", "steroid|prednisolone|hydrocortisone|dexamethasone|methylprednisolone|fludrocortisone"),
    ("antidepressant", "antidepressant|sertraline|citalopram|escitalopram|fluoxetine|mirtazapine|venlafaxine"
     "|amitriptyline|duloxetine|paroxetine|trazodone"),
    ("the pill|contraceptive pill", "contraceptive|levonorgestrel|desogestrel|ethinylestradiol|drospirenone"),
    ("hrt", "hormone replacement|estradiol|oestrogen|progesterone|tibolone"),
    ("gtn spray|angina spray", "glyceryl trinitrate"),
    ("epipen|adrenaline pen", "adrenaline|epinephrine"),
)  # fmt: skip

# nhs.uk/conditions, each page's own "also called" or first sentence.
_CONDITIONS: Final = (
    ("heart attack", "myocardial infarction|mi|nstemi|stemi|acute coronary syndrome"),
    ("sugar|blood sugar", "glucose|hba1c|haemoglobin a1c|glycated haemoglobin|diabetes"),
    ("sugar diabetes", "diabetes"),
    ("high blood pressure", "hypertension|hypertensive"),
    ("low blood pressure", "hypotension"),
    ("blood pressure", "hypertension|systolic|diastolic"),
    ("mini stroke", "transient ischaemic attack|tia"),
    ("stroke", "cerebrovascular accident|cva|cerebral infarction|cerebral haemorrhage"),
    ("irregular heartbeat", "atrial fibrillation|arrhythmia|af"),
    ("blood clot", "thrombosis|embolism|dvt|thromboembolism"),
    ("hardening of the arteries|furred arteries", "atherosclerosis|peripheral arterial disease"),
    ("high cholesterol", "hypercholesterolaemia|hyperlipidaemia"),
    ("underactive thyroid", "hypothyroidism"),
    ("overactive thyroid", "hyperthyroidism|thyrotoxicosis"),
    ("smoker lung|emphysema", "chronic obstructive pulmonary disease|copd|emphysema"),
    ("chest infection", "lower respiratory tract infection|bronchitis|pneumonia|lrti"),
    ("cold", "upper respiratory tract infection|coryza|urti"),
    ("flu", "influenza"),
    ("whooping cough", "pertussis"),
    ("chickenpox|chicken pox", "varicella"),
    ("shingles", "herpes zoster"),
    ("cold sore", "herpes simplex|herpes labialis"),
    ("german measles", "rubella"),
    ("lockjaw", "tetanus"),
    ("glandular fever", "infectious mononucleosis"),
    ("hay fever|hayfever", "allergic rhinitis|seasonal rhinitis"),
    ("hive|nettle rash", "urticaria"),
    ("water infection|bladder infection", "urinary tract infection|cystitis|uti"),
    ("kidney stone", "renal calculus|nephrolithiasis|ureteric calculus|renal colic"),
    ("kidney disease", "renal disease|chronic kidney disease|nephropathy"),
    ("kidney", "renal|nephro"),
    ("liver", "hepatic|hepatitis|liver"),
    ("gallstone", "cholelithiasis|cholecystitis"),
    ("heartburn|acid reflux", "gastro-oesophageal reflux|oesophagitis|dyspepsia|gord"),
    ("stomach ulcer", "peptic ulcer|gastric ulcer|duodenal ulcer"),
    ("pile", "haemorrhoid"),
    ("broken bone|break", "fracture"),
    ("brittle bone|thin bone", "osteoporosis|osteopenia"),
    ("wear and tear|worn joint", "osteoarthritis"),
    ("slipped disc", "prolapsed disc|intervertebral disc"),
    ("frozen shoulder", "adhesive capsulitis"),
    ("tennis elbow", "lateral epicondylitis"),
    ("fit|seizure", "epilepsy|seizure|convulsion"),
    ("memory loss", "dementia|alzheimer|cognitive impairment"),
    ("low mood", "depression|depressive"),
    ("panic attack", "panic disorder|anxiety"),
    ("short sighted|short sight", "myopia"),
    ("long sighted|long sight", "hypermetropia"),
    ("pink eye|red eye", "conjunctivitis"),
    ("glue ear", "otitis media with effusion"),
    ("ear infection", "otitis"),
    ("ringing in the ear", "tinnitus"),
    ("tummy ache|stomach ache|tummy pain", "abdominal pain"),
    ("sickness bug|stomach bug", "gastroenteritis|norovirus"),
    ("runs|the runs", "diarrhoea"),
    ("throwing up|being sick", "vomiting|emesis"),
    ("nosebleed|nose bleed", "epistaxis"),
    ("fainting|blackout", "syncope|vasovagal"),
    ("dizzy", "dizziness|vertigo"),
    ("womb", "uterus|uterine|endometri"),
    ("miscarriage", "miscarriage|spontaneous abortion"),
    ("skin cancer", "melanoma|basal cell carcinoma|squamous cell carcinoma"),
    ("blood cancer", "leukaemia|lymphoma|myeloma"),
    ("cancer", "carcinoma|malignant|neoplasm|cancer"),
    ("eczema", "dermatitis|eczema"),
    ("overweight", "obesity|obese|body mass index"),
)  # fmt: skip

# nhs.uk tests and treatments, vaccinations; PRSB's names for what records hold.
_TESTS_AND_CARE: Final = (
    ("jab|jag|vaccine", "vaccination|immunisation|vaccine"),
    ("mmr", "measles mumps rubella|mmr"),
    ("blood count", "full blood count|haemoglobin|fbc"),
    ("iron", "ferritin|iron|haemoglobin|anaemia"),
    ("kidney test|kidney function", "egfr|creatinine|urea|glomerular"),
    ("liver test|liver function", "alanine aminotransferase|alt|bilirubin|alkaline phosphatase|albumin"),
    ("thyroid test", "thyroid stimulating hormone|tsh|thyroxine"),
    ("cholesterol", "cholesterol|lipid|ldl|hdl|triglyceride"),
    ("wee test|pee test|water sample", "urine"),
    ("poo test|stool test|bowel test", "faecal|faeces|fit test|calprotectin"),
    ("smear test|smear", "cervical screening|cervical smear"),
    ("breast screening", "mammogram|mammography"),
    ("heart tracing", "electrocardiogram|ecg"),
    ("heart scan", "echocardiogram"),
    ("x ray|xray", "radiograph|x-ray|plain film"),
    ("brain scan", "ct head|mri head|mri brain"),
    ("camera test|camera down the throat", "endoscopy|gastroscopy|colonoscopy"),
    ("weight", "body weight|body mass index"),
    ("pulse|heart rate", "pulse rate|heart rate"),
    ("temperature", "body temperature|pyrexia|fever"),
    ("dnr|do not resuscitate", "cardiopulmonary resuscitation|dnacpr|respect"),
    ("living will", "advance decision"),
    ("hip replacement|new hip", "arthroplasty of hip|hip replacement"),
    ("knee replacement|new knee", "arthroplasty of knee|knee replacement"),
    ("tonsil out", "tonsillectomy"),
    ("appendix out", "appendicectomy|appendectomy"),
    ("womb removed", "hysterectomy"),
    ("c section|caesarean", "caesarean"),
    ("heart bypass|bypass", "coronary artery bypass|cabg"),
    ("hearing aid", "hearing aid|hearing loss|deaf"),
)  # fmt: skip


def _phrases() -> Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    found: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
    for everyday, written in (*_MEDICINES, *_CONDITIONS, *_TESTS_AND_CARE):
        for phrase in everyday.split("|"):
            key = tuple(phrase.split(" "))
            if key in found:
                raise ValueError(f"two groups for one phrase: {phrase}")
            found[key] = tuple(tuple(term.replace("-", " ").split(" ")) for term in written.split("|"))
    return MappingProxyType(found)


EVERYDAY: Final = _phrases()
"""Phrase, as words → what records write, each as words."""

LONGEST_PHRASE: Final = max(len(phrase) for phrase in EVERYDAY)
