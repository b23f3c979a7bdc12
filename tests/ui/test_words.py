"""The text catalogue: keys to texts, plurals, English behind every language, dates as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.ui.words import CatalogueError, Words, languages, load_words, nhs_number, read_catalogue

ENGLISH = """
msgid ""
msgstr ""
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "greeting"
msgstr "Hello "
"{name}"

msgid "apples"
msgid_plural "apples"
msgstr[0] "{n} apple"
msgstr[1] "{n} apples"

msgid "only-english"
msgstr "Only English"
"""
WELSH = """
msgid ""
msgstr "Plural-Forms: nplurals=4; plural=(n==1) ? 0 : (n==2) ? 1 : (n==3) ? 2 : 3;\\n"
msgid "greeting"
msgstr "Helo {name}"
msgid "apples"
msgid_plural "apples"
msgstr[0] "{n} afal"
msgstr[1] "{n} afal dau"
msgstr[2] "{n} afal tri"
msgstr[3] "{n} o afalau"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "en.po").write_text(ENGLISH, encoding="utf-8")
    (tmp_path / "cy.po").write_text(WELSH, encoding="utf-8")
    return tmp_path


def test_a_key_gives_its_text_with_its_places_filled(folder: Path) -> None:
    assert load_words("en", folder)("greeting", name="Siân") == "Hello Siân"


def test_a_value_with_braces_is_not_filled_again(folder: Path) -> None:
    assert load_words("en", folder)("greeting", name="{name}") == "Hello {name}"


def test_the_plural_follows_the_rule_of_the_language(folder: Path) -> None:
    welsh = load_words("cy", folder)
    assert [welsh.count("apples", n) for n in (1, 2, 3, 12)] == ["1 afal", "2 afal dau", "3 afal tri", "12 o afalau"]
    assert load_words("en", folder).count("apples", 1204) == "1,204 apples"


def test_a_key_missing_in_a_language_is_read_from_english(folder: Path) -> None:
    assert load_words("cy", folder)("only-english") == "Only English"


def test_an_unknown_key_is_refused(folder: Path) -> None:
    with pytest.raises(KeyError, match="nothing-here"):
        load_words("en", folder)("nothing-here")


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en.po").write_text('msgid "a"\nmsgstr "1"\nmsgid "a"\nmsgstr "2"\n', encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"en\.po:3: a stands twice"):
        read_catalogue(tmp_path / "en.po")


def test_a_line_that_is_no_statement_is_refused_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "en.po").write_text('msgid "a"\nmsgstr broken\n', encoding="utf-8")
    with pytest.raises(CatalogueError, match="line 2"):
        read_catalogue(tmp_path / "en.po")


def test_a_language_without_a_catalogue_is_english(folder: Path) -> None:
    assert load_words("fr", folder).language == "en"
    assert languages(folder) == ["en", "cy"]


@pytest.mark.parametrize(
    ("received", "shown"),
    [
        ("2019", "2019"),
        ("2019-03", "March 2019"),
        ("2019-03-04", "4 March 2019"),
        ("2019-03-04T09:30:00+00:00", "4 March 2019"),
        ("about 2019", "about 2019"),
        ("2019-13", "2019-13"),
    ],
)
def test_a_date_keeps_the_precision_it_came_with(received: str, shown: str) -> None:
    assert load_words().partial_date(received) == shown


@pytest.mark.parametrize(
    ("hour", "minute", "shown"), [(0, 5, "12:05am"), (9, 30, "9:30am"), (12, 0, "12:00pm"), (15, 12, "3:12pm")]
)
def test_times_are_written_as_people_say_them(hour: int, minute: int, shown: str) -> None:
    when = datetime(2026, 11, 23, hour, minute, tzinfo=UTC)
    assert load_words().time(when) == shown
    assert load_words().moment(when) == f"23 November 2026 at {shown}"
    assert load_words().date(date(2026, 11, 23)) == "23 November 2026"


def test_an_nhs_number_is_grouped_three_three_four() -> None:
    assert nhs_number("9991234567") == "999 123 4567"
    assert nhs_number("12345") == "12345"


def test_lines_are_isolated_only_in_a_right_to_left_language() -> None:
    english = load_words()
    arabic = Words("ar", english.catalogue, english.fallback)
    assert english.directed("482 913", left_to_right=True) == "482 913"
    assert arabic.directed("482 913", left_to_right=True) == "\u2066482 913\u2069"
    assert arabic.directed("a\nb") == "\u2068a\u2069\n\u2068b\u2069"
