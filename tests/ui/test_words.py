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


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("cy", ["1 Ionawr 2026 am 12:05am", "23 Tachwedd 2026 am 9:30am", "31 Rhagfyr 2026 am 3:12pm"]),
        ("ar", ["1 يناير 2026 الساعة 12:05 ص", "23 نوفمبر 2026 الساعة 9:30 ص", "31 ديسمبر 2026 الساعة 3:12 م"]),
    ],
)
def test_dates_and_times_are_written_as_each_language_writes_them(language: str, shown: list[str]) -> None:
    words = load_words(language)
    moments = [(1, 1, 0, 5), (11, 23, 9, 30), (12, 31, 15, 12)]
    assert [words.moment(datetime(2026, *one, tzinfo=UTC)) for one in moments] == shown
    assert words.partial_date("2026-11") == f"{words('date.month.11')} 2026"
    assert len({words(f"date.month.{month}") for month in range(1, 13)}) == 12


@pytest.mark.parametrize(
    ("language", "key", "shown"),
    [
        ("cy", "wait.minutes", {1: "1 munud", 2: "2 funud", 3: "3 munud", 6: "6 munud", 30: "30 munud"}),
        ("cy", "share.opened", {1: "Agorwyd unwaith", 2: "Agorwyd ddwywaith", 6: "Agorwyd 6 gwaith"}),
        ("cy", "home.age", {0: "0 oed", 1: "1 oed", 67: "67 oed"}),
        ("cy", "home.count", {1: "1 eitem", 1204: "1,204 eitem"}),
        (
            "ar",
            "home.count",
            {1: "بند واحد", 2: "بندان", 3: "3 بنود", 11: "11 بندًا", 100: "100 بند", 1204: "1,204 بنود"},
        ),
        ("ar", "wait.minutes", {1: "دقيقة واحدة", 2: "دقيقتين", 5: "5 دقائق", 30: "30 دقيقة"}),
        ("ar", "home.age", {0: "العمر: أقل من سنة", 2: "العمر: سنتان", 8: "العمر: 8 سنوات", 67: "العمر: 67 سنة"}),
    ],
)
def test_numbers_take_the_plural_of_each_language(language: str, key: str, shown: dict[int, str]) -> None:
    words = load_words(language)
    assert {number: words.count(key, number) for number in shown} == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Oak Lane Surgery", "\u2066Oak Lane Surgery\u2069"),
        ("+44 20 7946 0999", "\u2066+44 20 7946 0999\u2069"),
        ("999 123 4567", "\u2066999 123 4567\u2069"),
        ("عيادة النور", "عيادة النور"),
        ("05", "05"),
        (1204, "1204"),
    ],
)
def test_a_value_keeps_its_order_inside_an_arabic_sentence(value: object, shown: str) -> None:
    assert load_words("ar")("emergency.said", name=value) == f"حسب {shown}"
    assert load_words("cy")("emergency.said", name=value) == f"Yn ôl {value}"


def test_a_sentence_that_is_placed_in_another_is_not_turned_around() -> None:
    arabic = load_words("ar")
    placed = arabic("progress.step.done", name="Oak Lane Surgery")
    assert arabic("update.refused", name="Northfield", why=placed) == f"\u2066Northfield\u2069: {placed}"
