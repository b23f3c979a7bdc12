"""Whole visits to a feed, and that no refusal of D1 lacks its error, its sentence, its vector or its test."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from app.ui.words import load_words
from crypto import errors
from crypto.errors import PassportError
from crypto.feed import Feed, FeedPosition
from tests.vectors.judge import judge, names
from tests.vectors.read import Case, cases, vector_trust

HERE = Path(__file__).parent

D1 = {
    "issuer-unknown": "test_feed.py::test_an_issuer_outside_the_trust_list_is_refused",
    "key-not-the-issuers": "test_feed.py::test_a_key_that_is_not_the_issuers_is_refused",
    "wrong-patient": "test_feed.py::test_an_update_for_another_patient_is_refused",
    "update-replayed": "test_feed.py::test_a_replayed_update_is_refused",
    "update-missing": "test_feed.py::test_a_gap_is_refused",
    "update-forked": "test_feed.py::test_an_update_on_another_history_is_a_fork",
    "head-too-old": "test_feed_head.py::test_a_head_is_refused_from_the_second_it_expires",
    "key-revoked": "test_feed.py::test_an_update_signed_when_its_key_was_revoked_is_refused",
    "expired": "test_update.py::test_an_update_is_refused_from_the_second_it_expires",
    "tampered": "test_update.py::test_a_signature_one_bit_off_is_refused",
    "too-large": "test_update.py::test_an_update_over_the_ceiling_is_refused_before_it_is_read",
    "not-yet-valid": "test_update.py::test_an_update_from_the_future_is_refused_past_the_tolerance",
    "entry-proof-wrong": "test_update.py::test_a_commitment_to_other_resources_is_refused",
    "malformed-token": "test_update.py::test_a_head_is_no_update_and_an_update_no_head",
}
"""Every refusal of D1, and of what a feed is made of, with the test that shows it."""

CLASSES = {
    found.code: found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, PassportError) and found.__module__ == errors.__name__
}


def visited(case: Case) -> Feed:
    """The feed after everything in the case was given to it."""
    given = case.given
    known = None if given["position"] is None else FeedPosition(**given["position"])
    feed = Feed(known, iss=given["iss"], sub=given["sub"], keys=vector_trust(), now=case.now)
    feed.head(given["head"])
    for token in given["updates"]:
        feed.update(token)
    feed.require_complete()
    return feed


@pytest.mark.parametrize("case", cases("feeds"), ids=names)
def test_a_passport_takes_a_visit_as_the_vector_says(case: Case) -> None:
    judge(case, lambda: visited(case))


@pytest.mark.parametrize("code", D1)
def test_each_refusal_of_d1_has_its_error_its_sentence_its_vector_and_its_test(code: str) -> None:
    assert issubclass(CLASSES[code], PassportError)
    assert load_words().catalogue.texts[f"error.{code}"][0].endswith(".")
    assert code in {case.code for case in cases("feeds")}
    file, _, function = D1[code].partition("::")
    defined = {
        node.name: ast.unparse(node)
        for node in ast.parse((HERE / file).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    assert code in defined[function] or CLASSES[code].__name__ in defined[function]


def test_no_vector_of_a_feed_is_refused_by_another_name() -> None:
    assert {case.code for case in cases("feeds")} == {"ok", *D1}
