"""Asking holders: pages until there are no more, only at the address asked, again only where the line dropped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from crypto.errors import LoginNeeded, NetworkUnavailable, ServiceRefused
from sync.login import Tokens
from sync.profile import Holder
from sync.records import KeptHead, emergency_summary, newest_head, update_pages
from sync.transport import Transport

ISS = "https://oak-lane-surgery.example"
HOLDER = Holder(ISS, "Oak Lane Surgery", "gp", ISS)
OPERATION = f"{ISS}/Patient/pairwise-1/$health-cards-issue"
Answering = Callable[[httpx.Request], httpx.Response]


def tokens() -> Tokens:
    fields: dict[str, Any] = dict.fromkeys(Tokens.__dataclass_fields__)
    known = {"access": "access-1", "subjects": {ISS: "pairwise-1"}, "birth_date": date(1959, 3, 1)}
    return Tokens(**{**fields, **known, "expires_at": datetime(2098, 1, 1, tzinfo=UTC)})


def reaching(answering: Answering) -> tuple[Transport, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answering(request)

    http = httpx.MockTransport(handle)
    return Transport(monotonic=lambda: 0.0, wait=lambda _: None, jitter=lambda: 0.0, http=http), asked


def page(*updates: str, following: object = None) -> httpx.Response:
    parameters = [{"name": "verifiableCredential", "valueString": update} for update in updates]
    if following is not None:
        parameters.append({"name": "next", "valueUri": following})  # type: ignore[dict-item]
    return httpx.Response(200, json={"resourceType": "Parameters", "parameter": parameters})


def pages(**by_query: httpx.Response | list[httpx.Response]) -> Answering:
    """A holder whose first page is `first`, and whose others are asked for by their query."""

    def answer(request: httpx.Request) -> httpx.Response:
        found = by_query["first" if request.method == "POST" else request.url.query.decode()]
        return found.pop(0) if isinstance(found, list) else found

    return answer


class Dropping(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield b'{"resourceType":"Parameters","parameter":[{"name":"verifiableCred'
        raise httpx.ReadError("reset")


def test_pages_are_followed_to_the_last_one_as_queries_of_the_same_operation() -> None:
    wire, asked = reaching(pages(first=page("a", "b", following="?p2"), p2=page("c", following="?p3"), p3=page("d")))
    assert list(update_pages(wire, HOLDER, tokens())) == [[b"a", b"b"], [b"c"], [b"d"]]
    assert [str(one.url) for one in asked] == [OPERATION, f"{OPERATION}?p2", f"{OPERATION}?p3"]
    assert {one.headers["authorization"] for one in asked} == {"Bearer access-1"}


def test_a_holder_that_knows_no_pages_gives_everything_at_once() -> None:
    wire, asked = reaching(pages(first=page("a", "b", "c")))
    assert list(update_pages(wire, HOLDER, tokens())) == [[b"a", b"b", b"c"]]
    assert {"name": "_count", "valueInteger": 20} in json.loads(asked[0].content)["parameter"]


@pytest.mark.parametrize(
    "following",
    ["https://elsewhere.example/?p2", f"{OPERATION}?p2", "//elsewhere.example/?x", "/Patient/other?x", "", 7],
)
def test_a_next_page_at_any_other_address_is_refused_unasked(following: object) -> None:
    wire, asked = reaching(pages(first=page("a", following=following)))
    with pytest.raises(ServiceRefused, match="expected the next page as another query"):
        list(update_pages(wire, HOLDER, tokens()))
    assert len(asked) == 1


def test_pages_that_lead_in_a_circle_are_left() -> None:
    wire, asked = reaching(pages(first=page("a", following="?p2"), p2=page("b", following="?p2")))
    with pytest.raises(ServiceRefused, match="expected an end within"):
        list(update_pages(wire, HOLDER, tokens()))
    assert len(asked) == 2


def test_when_the_line_drops_only_that_page_is_asked_for_again() -> None:
    dropped = httpx.Response(200, stream=Dropping())
    wire, asked = reaching(pages(first=page("a", following="?p2"), p2=[dropped, page("b")]))
    assert list(update_pages(wire, HOLDER, tokens())) == [[b"a"], [b"b"]]
    assert [one.method for one in asked] == ["POST", "GET", "GET"]


def test_what_came_before_the_line_dropped_for_good_has_been_given() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return page("a", following="?p2") if request.method == "POST" else httpx.Response(200, stream=Dropping())

    wire, _ = reaching(answer)
    found = update_pages(wire, HOLDER, tokens())
    assert next(found) == [b"a"]
    with pytest.raises(NetworkUnavailable):
        next(found)


def test_a_login_forgotten_between_pages_is_told() -> None:
    wire, _ = reaching(pages(first=page("a", following="?p2"), p2=httpx.Response(401)))
    found = update_pages(wire, HOLDER, tokens())
    next(found)
    with pytest.raises(LoginNeeded):
        next(found)


def test_the_head_that_is_known_is_named_and_stays_when_nothing_is_newer() -> None:
    wire, asked = reaching(lambda _: httpx.Response(304))
    known = KeptHead(b"head", 'W/"1"')
    assert newest_head(wire, HOLDER, tokens(), known) is known
    assert asked[0].headers["if-none-match"] == 'W/"1"'


def test_nothing_newer_is_refused_from_a_holder_that_was_not_told_a_head() -> None:
    for known in (None, KeptHead(b"head")):
        wire, asked = reaching(lambda _: httpx.Response(304))
        with pytest.raises(ServiceRefused, match="expected 200, found 304"):
            newest_head(wire, HOLDER, tokens(), known)
        assert "if-none-match" not in asked[0].headers


def test_a_newer_head_comes_with_its_own_name() -> None:
    wire, _ = reaching(lambda _: httpx.Response(200, headers={"ETag": 'W/"2"'}, content=b"newer\n"))
    assert newest_head(wire, HOLDER, tokens(), KeptHead(b"head", 'W/"1"')) == KeptHead(b"newer", 'W/"2"')


def test_a_name_over_its_ceiling_is_not_kept() -> None:
    wire, _ = reaching(lambda _: httpx.Response(200, headers={"ETag": '"' + "x" * 300 + '"'}, content=b"newer"))
    assert newest_head(wire, HOLDER, tokens(), None).etag == ""


# ---- the emergency summary -------------------------------------------------------------------


def test_a_summary_is_asked_for_as_a_card_of_both_types() -> None:
    transport, asked = reaching(lambda _: page("a.b.c"))
    assert emergency_summary(transport, HOLDER, tokens()) == b"a.b.c"
    assert [str(request.url) for request in asked] == [OPERATION]
    said = json.loads(asked[0].content)["parameter"]
    assert [(one["name"], one["valueUri"]) for one in said] == [
        ("credentialType", "https://smarthealth.cards#health-card"),
        ("credentialType", "https://patient-passport.example#emergency-summary"),
    ]


def test_a_holder_without_a_summary_gives_none() -> None:
    transport, _ = reaching(lambda _: page())
    assert emergency_summary(transport, HOLDER, tokens()) is None


@pytest.mark.parametrize(("status", "refusal"), [(401, LoginNeeded), (500, ServiceRefused), (404, ServiceRefused)])
def test_a_refused_summary_is_refused(status: int, refusal: type[Exception]) -> None:
    transport, _ = reaching(lambda _: httpx.Response(status, json={}))
    with pytest.raises(refusal):
        emergency_summary(transport, HOLDER, tokens())
