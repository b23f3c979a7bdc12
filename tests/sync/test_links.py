"""A link from both ends, over the relay's own app, and everything a relay may get wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from crypto import jwe, shlink
from crypto.encoding import b64url_encode
from crypto.errors import (
    Ended,
    Expired,
    NetworkUnavailable,
    PasscodeNeeded,
    RelayNotListed,
    ServiceRefused,
    Tampered,
    TooLarge,
    WrongPasscode,
)
from sync import links
from sync.links import OwnedLink
from sync.profile import Profile
from sync.sandbox.in_process import InProcess
from sync.transport import Transport

RELAY = "http://127.0.0.1:8105"
LISTED = frozenset({RELAY})
FILES = [("application/fhir+json", b'{"resourceType":"Bundle"}'), ("application/smart-health-card", b'{"vc":[]}')]
BIG = [("application/fhir+json", json.dumps([f"{i * 7919 % 100003}" for i in range(200_000)]).encode())]


@pytest.fixture
def owned(profile: Profile, clock: Any) -> OwnedLink:
    return links.new_link(profile.relay, exp=clock().replace(hour=10), label="For Dr Khan", flag="P")


def opened(
    transport: Transport, owned: OwnedLink, clock: Any, passcode: str | None = "123456"
) -> list[tuple[str, bytes]]:
    return links.resolve(transport, owned.link, recipient="Dr A. Khan", passcode=passcode, relays=LISTED, now=clock())


def counting(over: Callable[[httpx.BaseTransport], Transport], answer: httpx.Response) -> tuple[Transport, list[str]]:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return answer

    return over(httpx.MockTransport(handle)), asked


def test_what_was_published_is_what_is_opened(transport: Transport, owned: OwnedLink, clock: Any) -> None:
    links.publish(transport, owned, FILES, passcode="123456")
    assert opened(transport, owned, clock) == FILES


def test_file_too_large_to_embed_comes_by_its_location(transport: Transport, owned: OwnedLink, clock: Any) -> None:
    token = jwe.encrypt(BIG[0][1], bytes(32), content_type="application/fhir+json")
    assert len(token) > links.MAX_EMBEDDED_CHARACTERS
    links.publish(transport, owned, BIG, passcode="123456")
    assert opened(transport, owned, clock) == BIG


def test_address_of_a_new_link_is_unguessable_and_fits_the_code(owned: OwnedLink, profile: Profile, clock: Any) -> None:
    other = links.new_link(profile.relay, exp=clock(), label="", flag="")
    assert len({owned.link.url, other.link.url}) == len({owned.link.key, other.link.key}) == 2
    assert len(owned.link.url.rsplit("/", 1)[1]) == 43
    assert shlink.parse(shlink.make(owned.link)) == owned.link


def test_direct_link_is_opened_by_one_get(transport: Transport, profile: Profile, clock: Any) -> None:
    owned = links.new_link(profile.relay, exp=clock().replace(hour=10), label="", flag="U")
    links.publish(transport, owned, FILES[:1], passcode=None)
    assert opened(transport, owned, clock, None) == FILES[:1]


def test_owner_sees_who_tried(transport: Transport, owned: OwnedLink, clock: Any) -> None:
    links.publish(transport, owned, FILES, passcode="123456")
    with pytest.raises(WrongPasscode):
        opened(transport, owned, clock, "000000")
    clock.forward(minutes=3)
    opened(transport, owned, clock)
    found = links.openings(transport, owned)
    assert (found.active, found.remaining, found.attempts) == (True, 4, 2)
    assert [(one.at, one.recipient, one.opened) for one in found.openings] == [
        (clock().replace(minute=0), "Dr A. Khan", False),
        (clock(), "Dr A. Khan", True),
    ]


def test_wrong_passcode_says_how_many_tries_remain(transport: Transport, owned: OwnedLink, clock: Any) -> None:
    links.publish(transport, owned, FILES, passcode="123456")
    seen = []
    for _ in range(5):
        with pytest.raises(WrongPasscode) as refusal:
            opened(transport, owned, clock, "000000")
        seen.append(refusal.value.remaining)
    assert seen == [4, 3, 2, 1, 0]
    with pytest.raises(Ended, match="ended"):
        opened(transport, owned, clock)


def test_ended_link_opens_no_more_and_its_openings_stay(transport: Transport, owned: OwnedLink, clock: Any) -> None:
    links.publish(transport, owned, FILES, passcode="123456")
    opened(transport, owned, clock)
    links.end(transport, owned)
    with pytest.raises(Ended):
        opened(transport, owned, clock)
    found = links.openings(transport, owned)
    assert (found.active, len(found.openings)) == (False, 1)
    links.end(transport, owned)  # twice is once


def test_link_the_relay_never_had_is_ended(transport: Transport, owned: OwnedLink, clock: Any) -> None:
    with pytest.raises(Ended):
        opened(transport, owned, clock)
    with pytest.raises(Ended):
        links.openings(transport, owned)
    links.end(transport, owned)


def test_new_files_take_the_place_of_the_old(transport: Transport, owned: OwnedLink, clock: Any) -> None:
    links.publish(transport, owned, FILES, passcode="123456")
    links.publish(transport, owned, FILES[:1], passcode="123456")
    assert opened(transport, owned, clock) == FILES[:1]


def test_nobody_else_can_publish_at_a_link(transport: Transport, owned: OwnedLink, clock: Any) -> None:
    links.publish(transport, owned, FILES, passcode="123456")
    with pytest.raises(ServiceRefused, match="expected 201 or 200, found 404"):
        links.publish(transport, replace(owned, owner_token="X" * 43), FILES[:1], passcode="123456")
    assert opened(transport, owned, clock) == FILES


def test_relay_that_is_down_is_network_unavailable(
    owned: OwnedLink, over: Callable[[httpx.BaseTransport], Transport]
) -> None:
    with pytest.raises(NetworkUnavailable):
        links.publish(over(InProcess({})), owned, FILES, passcode="123456")


# ---- refused before anything is sent ----


def test_relay_that_is_not_listed_is_not_asked(owned: OwnedLink, clock: Any, over: Any) -> None:
    transport, asked = counting(over, httpx.Response(200))
    with pytest.raises(RelayNotListed, match="relay-not-listed: expected one of the 1 relays"):
        links.resolve(
            transport,
            owned.link,
            recipient="x",
            passcode="1",
            relays=frozenset({"http://127.0.0.1:81"}),
            now=clock(),
        )
    assert asked == []


def test_link_without_its_passcode_is_not_asked(owned: OwnedLink, clock: Any, over: Any) -> None:
    transport, asked = counting(over, httpx.Response(200))
    with pytest.raises(PasscodeNeeded, match="passcode-needed"):
        opened(transport, owned, clock, None)
    assert asked == []


def test_link_at_its_end_is_not_asked(owned: OwnedLink, clock: Any, over: Any) -> None:
    transport, asked = counting(over, httpx.Response(200))
    clock.forward(hours=1)
    with pytest.raises(Expired, match="expired: link"):
        opened(transport, owned, clock)
    assert asked == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://Links.Hospital.example/x", "links.hospital.example"),
        ("https://links.hospital.example:8443/x", "links.hospital.example:8443"),
        ("https://li\u00f1ks.example/x", "xn--liks-hqa.example"),
        ("http://127.0.0.1:8105/x", "127.0.0.1:8105"),
    ],
)
def test_the_host_said_is_the_one_that_is_asked(url: str, said: str, owned: OwnedLink, over: Any) -> None:
    link = replace(owned.link, url=url, flag="")
    assert links.host(link) == said
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(404)

    with pytest.raises(Ended):
        links.resolve(
            over(httpx.MockTransport(handle)),
            link,
            recipient="x",
            passcode=None,
            relays=frozenset({links.origin(url)}),
            now=owned.link.exp.replace(hour=9),  # type: ignore[union-attr]
        )
    assert [request.headers["host"] for request in sent] == [said]


# ---- a relay that is wrong ----


def test_a_redirect_is_not_followed(owned: OwnedLink, clock: Any, over: Any) -> None:
    transport, asked = counting(over, httpx.Response(307, headers={"location": "https://evil.example/x"}))
    with pytest.raises(ServiceRefused, match="expected 200, found 307"):
        opened(transport, owned, clock)
    assert asked == [owned.link.url]


@pytest.mark.parametrize(("status", "opens"), [("finalized", True), ("can-change", True), ("no-longer-valid", False)])
def test_a_manifest_that_says_it_is_over_is_ended(
    owned: OwnedLink, clock: Any, over: Any, status: str, opens: bool
) -> None:
    token = jwe.encrypt(b"{}", owned.link.key, content_type="application/fhir+json")
    answer = {"status": status, "files": [{"contentType": "application/fhir+json", "embedded": token}]}
    transport, _ = counting(over, httpx.Response(200, json=answer))
    if opens:
        assert opened(transport, owned, clock) == [("application/fhir+json", b"{}")]
    else:
        with pytest.raises(Ended):
            opened(transport, owned, clock)


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_files_together_over_their_bound_are_too_large(
    owned: OwnedLink, clock: Any, over: Any, monkeypatch: pytest.MonkeyPatch, more: int, fits: bool
) -> None:
    monkeypatch.setattr(links, "MAX_OPENED_BYTES", 200)
    contents = [b"a" * 100, b"b" * (100 + more)]
    files = [
        {"contentType": "text/plain", "embedded": jwe.encrypt(one, owned.link.key, content_type="text/plain")}
        for one in contents
    ]
    transport, _ = counting(over, httpx.Response(200, json={"files": files}))
    if fits:
        assert [content for _, content in opened(transport, owned, clock)] == contents
    else:
        with pytest.raises(TooLarge, match="at most 100 bytes"):
            opened(transport, owned, clock)


def test_location_at_another_host_is_not_followed(owned: OwnedLink, clock: Any, over: Any) -> None:
    files = [{"contentType": "application/fhir+json", "location": "https://evil.example/x"}]
    transport, asked = counting(over, httpx.Response(200, json={"files": files}))
    with pytest.raises(RelayNotListed):
        opened(transport, owned, clock)
    assert asked == [owned.link.url]


def test_changed_media_type_is_tampered(owned: OwnedLink, clock: Any, over: Any) -> None:
    token = jwe.encrypt(b"{}", owned.link.key, content_type="application/fhir+json")
    files = [{"contentType": "application/smart-health-card", "embedded": token}]
    transport, _ = counting(over, httpx.Response(200, json={"files": files}))
    with pytest.raises(Tampered, match="expected the media type under the seal"):
        opened(transport, owned, clock)


def test_parameter_of_a_media_type_is_no_change(owned: OwnedLink, clock: Any, over: Any) -> None:
    token = jwe.encrypt(b"{}", owned.link.key, content_type="application/fhir+json")
    files = [{"contentType": "application/fhir+json;fhirVersion=4.0.1", "embedded": token}]
    transport, _ = counting(over, httpx.Response(200, json={"files": files}))
    assert opened(transport, owned, clock) == [("application/fhir+json", b"{}")]


def test_file_under_another_key_is_tampered(owned: OwnedLink, clock: Any, over: Any) -> None:
    token = jwe.encrypt(b"{}", bytes(32), content_type="application/fhir+json")
    files = [{"contentType": "application/fhir+json", "embedded": token}]
    transport, _ = counting(over, httpx.Response(200, json={"files": files}))
    with pytest.raises(Tampered, match="tag does not fit"):
        opened(transport, owned, clock)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json={"files": [{"contentType": "application/fhir+json"}]}),
        httpx.Response(200, json={"files": [{"contentType": "a/b", "embedded": "x"}] * 9}),
        httpx.Response(401, content=b"{}"),
    ],
)
def test_answer_that_is_no_manifest_is_refused(owned: OwnedLink, clock: Any, over: Any, answer: httpx.Response) -> None:
    with pytest.raises(ServiceRefused, match="service-refused"):
        opened(counting(over, answer)[0], owned, clock)


def test_link_without_flag_that_asks_for_a_passcode_says_so(owned: OwnedLink, clock: Any, over: Any) -> None:
    plain = replace(owned, link=replace(owned.link, flag=""))
    transport, _ = counting(over, httpx.Response(401, json={"remainingAttempts": 5}))
    with pytest.raises(PasscodeNeeded):
        opened(transport, plain, clock, None)


def test_nothing_of_the_record_and_no_key_leaves_in_clear(owned: OwnedLink, over: Any) -> None:
    sent: list[bytes] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(bytes(request.url.raw_path) + str(request.headers.raw).encode() + request.read())
        return httpx.Response(201)

    links.publish(over(httpx.MockTransport(handle)), owned, [("text/plain", b"marker-7f3a")], passcode="123456")
    text = b64url_encode(owned.link.key).encode()
    assert len(sent) == 1
    assert b"marker-7f3a" not in sent[0]
    assert text not in sent[0]


def test_owner_token_and_names_stay_out_of_repr(transport: Transport, owned: OwnedLink, clock: Any) -> None:
    links.publish(transport, owned, FILES, passcode="123456")
    opened(transport, owned, clock)
    shown = repr(owned) + repr(links.openings(transport, owned))
    assert owned.owner_token not in shown
    assert "Khan" not in shown.replace("For Dr Khan", "")
