"""The words themselves, linted: SCREENS.md's banned words, no full stops in headings and labels, no stray keys."""

from __future__ import annotations

import ast
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
    r"|^emergency\.locked\.(none|system)$|^about\.(what|shows|private)$|^import\.check\.|\.hint$|^search\.more$"
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


@pytest.mark.parametrize("language", languages())
def test_each_language_fills_the_same_places_as_english(language: str) -> None:
    places = re.compile(r"\{([a-z_]+)\}")
    other = read_catalogue(HOME / f"{language}.po")
    assert set(other.texts) <= set(ENGLISH.catalogue.texts)
    for key, forms in other.texts.items():
        known = {place for form in ENGLISH.catalogue.texts[key] for place in places.findall(form)}
        assert {place for form in forms for place in places.findall(form)} <= known | {"n"}, key
