"""The words themselves, linted: SCREENS.md's banned words, no full stops in headings and labels, no stray keys."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import pytest

from app.record.sections import FACT_NAMES
from app.ui.words import languages, load_words, read_catalogue

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "assets" / "words"
KEY = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")

TO_PATIENTS_NEVER = ("clinician", "grant", "revoke", "sync", "bundle", "signature", "cryptographic")
NEVER = ("diagnos", "detect", "predict", "calculate your risk", "alarm", "monitor")
FOR_PROFESSIONALS = ("reader.", "verdict.", "step.")
"""Keys of the professional's app: its words may be a professional's."""

SENTENCES = re.compile(
    r"(^error\.|^problem\.fault$|\.lead$|\.note|\.care\.\d|\.is\.\d|^welcome\.not\.(nhs|emergency)|\.lost$"
    r"|^emergency\.locked\.(none|system)$|^about\.(what|shows|private)$|^import\.check\.|\.hint$|^search\.(more|like\.text)$|^list\.choose\.jump\.text$"
    r"|^reader\.(scan\.(starting|looking|other|picture)|camera\.|list\.none|link\.name\.missing|verdict\.clears|cleared)"
    r"|\.none$|^access\.(nothing-ticked|no-signal)$|^live\.(over|unasked|opened)|^entry\.on-emergency|\.text$|\.said|\.why)"
)
"""Keys whose texts are sentences; every other text is a heading or a label and has no full stop."""

ENGLISH = load_words()
TEXTS = [(key, form) for key, forms in ENGLISH.catalogue.texts.items() for form in forms]


def sources() -> list[Path]:
    return sorted((ROOT / "app").rglob("*.py"))


def literals() -> tuple[set[str], list[re.Pattern[str]]]:
    """Every key-like string in the source, and each f-string as a pattern of the keys it can make."""
    plain: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
                plain.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                made = "".join(
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[a-z0-9.-]*"
                    for part in node.values
                )
                if re.match(r"[a-z][a-z-]*\.", ast.unparse(node)[2:]):
                    patterns.append(re.compile(made))
    return plain, patterns


def asked_for() -> list[tuple[str, str]]:
    """(place, key) of each key handed to words(…), w(…) or ….count(…) as it stands."""
    found: list[tuple[str, str]] = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args and speaks(node.func)):
                continue
            found += [
                (f"{path.name}:{inner.lineno}", inner.value)
                for inner in ast.walk(node.args[0])
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and KEY.fullmatch(inner.value)
            ]
    return found


def speaks(func: ast.expr) -> bool:
    if isinstance(func, ast.Name):
        return func.id in ("w", "words", "speak")
    return isinstance(func, ast.Attribute) and func.attr in ("words", "count") and "w" in ast.unparse(func)


def test_every_key_asked_for_exists() -> None:
    assert [(place, key) for place, key in asked_for() if not ENGLISH.has(key)] == []


def test_every_key_of_the_catalogue_is_used() -> None:
    plain, patterns = literals()
    unused = [
        key for key in ENGLISH.catalogue.texts if key not in plain and not any(p.fullmatch(key) for p in patterns)
    ]
    assert unused == []


@pytest.mark.parametrize(("key", "text"), TEXTS)
def test_banned_words_are_not_used(key: str, text: str) -> None:
    banned = NEVER if key.startswith(FOR_PROFESSIONALS) else (*NEVER, *TO_PATIENTS_NEVER)
    lowered = text.lower()
    assert [word for word in banned if word in lowered] == []


def test_the_only_nhs_word_is_the_number_and_the_denial() -> None:
    said = {key for key, text in TEXTS if "NHS" in text and "NHS number" not in text}
    assert said <= {"welcome.not.nhs", "reader.not.nhs"}


def test_headings_and_labels_have_no_full_stop() -> None:
    assert [(key, text) for key, text in TEXTS if text.endswith(".") and not SENTENCES.search(key)] == []


def test_texts_hold_no_placeholder_of_another_kind() -> None:
    assert [key for key, text in TEXTS if "%s" in text or "%(" in text] == []


def test_every_fact_has_a_word() -> None:
    assert [name for name in sorted(FACT_NAMES) if not ENGLISH.has(f"fact.{name}")] == []


PLACES = re.compile(r"\{([a-z_]+)\}")
OTHERS = [code for code in languages() if code != "en"]
EACH = pytest.mark.parametrize("language", OTHERS)

AS_IN_ENGLISH = {
    "cy": {
        *("list.and", "date.full", "date.month-year", "date.time", "date.am", "date.pm", "result.no-range"),
        *("fact.model", "update.refused", "access.what.said", "about.licence.value", "whose.unnamed"),
    },
    "ar": {
        "date.full",
        "date.month-year",
        "result.no-range",
        "update.refused",
        "access.what.said",
        "about.licence.value",
    },
}
"""Keys whose text may be English's own: only places, a name, or a word that both languages write alike."""

COMMANDS = {"“passport evidence”"}
"""What is typed on the command line, which is the same in every language."""

LATIN_IN_ARABIC = {"NHS", "ReSPECT", "shlink:/", "shc:/", "Apache 2.0"}
ENGLISH_WORDS = re.compile(
    r"\b(the|your|you|this|that|and|with|from|not|was|what|who|can|cannot|record|passport|passphrase|entry|entries"
    r"|code|number|check|checked|signed|show|hide|surgery|hospital|patient|try|again)\b",
    re.I,
)
"""Common in English and no words of Welsh."""

NEVER_IN = {
    "cy": ("clinig", "diagnos", "rhagfyneg", "darogan", "larwm", "monitr", "cydamser", "cryptograff", "dirym"),
    "ar": ("تشخيص", "تنبؤ", "تتنبأ", "يكتشف", "إنذار", "مراقبة", "مزامنة", "تشفير", "سريري"),
}
"""What English may not say to anybody, and its jargon, in the other languages' own words."""


def plural_rule(language: str) -> tuple[int, dict[int, list[int]]]:
    """How many plural forms a language has, and which of the numbers 0 to 199 fall on each."""
    text = (HOME / f"{language}.po").read_text(encoding="utf-8")
    found = re.search(r"nplurals=(\d); plural=([^;]+);", text)
    assert found is not None
    rule = gettext.c2py(found.group(2))
    falls: dict[int, list[int]] = {}
    for number in range(200):
        falls.setdefault(rule(number), []).append(number)
    return int(found.group(1)), falls


@EACH
def test_each_language_has_exactly_the_keys_of_english(language: str) -> None:
    other = read_catalogue(HOME / f"{language}.po").texts
    assert set(other) ^ set(ENGLISH.catalogue.texts) == set()
    assert [key for key, forms in other.items() if not all(forms)] == []


@EACH
def test_each_language_fills_the_same_places_as_english(language: str) -> None:
    _, falls = plural_rule(language)
    for key, forms in read_catalogue(HOME / f"{language}.po").texts.items():
        wanted = {place for form in ENGLISH.catalogue.texts[key] for place in PLACES.findall(form)}
        for index, form in enumerate(forms):
            one_number = len(forms) > 1 and len(falls[index]) == 1
            found = set(PLACES.findall(form))
            assert found == wanted or (one_number and found == wanted - {"n"}), (key, index)


@pytest.mark.parametrize("language", languages())
def test_each_plural_has_as_many_forms_as_its_language(language: str) -> None:
    count, falls = plural_rule(language)
    assert sorted(falls) == list(range(count))
    for key, forms in read_catalogue(HOME / f"{language}.po").texts.items():
        assert len(forms) == (1 if len(ENGLISH.catalogue.texts[key]) == 1 else count), key


@EACH
def test_no_english_is_left_over(language: str) -> None:
    for key, forms in read_catalogue(HOME / f"{language}.po").texts.items():
        for form in forms:
            if key not in AS_IN_ENGLISH[language]:
                assert form not in ENGLISH.catalogue.texts[key], key
            bare = PLACES.sub("", form)
            for command in COMMANDS:
                bare = bare.replace(command, "")
            if language == "ar":
                for known in LATIN_IN_ARABIC:
                    bare = bare.replace(known, "")
                assert not re.search(r"[A-Za-z]", bare), key
            else:
                assert not ENGLISH_WORDS.search(bare), key


@EACH
def test_headings_labels_and_sentences_end_as_in_english(language: str) -> None:
    for key, forms in read_catalogue(HOME / f"{language}.po").texts.items():
        ends = ENGLISH.catalogue.texts[key][0].endswith(".")
        assert [form for form in forms if form.endswith(".") != ends] == [], key


@EACH
def test_commands_are_named_as_in_english(language: str) -> None:
    for key, forms in read_catalogue(HOME / f"{language}.po").texts.items():
        named = {command for command in COMMANDS if command in ENGLISH.catalogue.texts[key][0]}
        assert [form for form in forms if {c for c in COMMANDS if c in form} != named] == [], key


@EACH
def test_the_bans_hold_in_each_language(language: str) -> None:
    for key, forms in read_catalogue(HOME / f"{language}.po").texts.items():
        assert [word for form in forms for word in NEVER_IN[language] if word in form.lower()] == [], key


@EACH
def test_each_translation_says_that_nobody_has_reviewed_it_yet(language: str) -> None:
    said = "# This translation has not been reviewed by a native speaker or a clinical translator yet.\n"
    assert said in (HOME / f"{language}.po").read_text(encoding="utf-8")


def test_every_language_has_a_name_of_its_own() -> None:
    names = {code: load_words(code)("language.name") for code in languages()}
    assert names == {"en": "English", "ar": "العربية", "cy": "Cymraeg"}
