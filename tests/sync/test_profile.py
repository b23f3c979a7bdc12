"""Which profiles are read, and what is said about the others."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from crypto.errors import NoServices, NotJson, PassportError, Unreadable
from sync.profile import load_profile

GOOD: dict[str, Any] = {
    "name": "stand-in",
    "made_up": True,
    "holders": [
        {"iss": "https://a.example", "name": "Oak Lane Surgery", "kind": "gp", "base_url": "http://127.0.0.1:1"}
    ],
    "login": {"base_url": "http://127.0.0.1:2", "client_id": "patient-passport", "gateway": "http://127.0.0.1:6"},
    "trust": {"metadata_url": "http://127.0.0.1:3/m", "targets_url": "http://127.0.0.1:3/t", "root": "root.json"},
    "relay": {"base_url": "http://127.0.0.1:4"},
    "people": [{"id": "amina", "label": "Amina, 34"}],
}


def written(folder: Path, profile: object) -> Path:
    (folder / "root.json").write_bytes(b'{"signed":{}}')
    path = folder / "profile.json"
    path.write_text(json.dumps(profile), encoding="utf-8")
    return path


def test_profile_is_read_with_its_root_from_the_file_beside_it(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path, GOOD))
    assert profile.holders[0].kind == "gp"
    assert profile.trust.root == b'{"signed":{}}'
    assert [person.id for person in profile.people] == ["amina"]
    assert profile.service is None


def test_root_may_stand_inline_as_base64(tmp_path: Path) -> None:
    inline = GOOD | {"trust": GOOD["trust"] | {"root": base64.b64encode(b"root bytes").decode()}}
    assert load_profile(written(tmp_path, inline)).trust.root == b"root bytes"


def test_members_it_does_not_know_are_left_aside(tmp_path: Path) -> None:
    assert load_profile(written(tmp_path, GOOD | {"later": 1})).name == "stand-in"


def test_no_file_is_no_services(tmp_path: Path) -> None:
    with pytest.raises(NoServices, match="no-services: expected a profile, found no file"):
        load_profile(tmp_path / "profile.json")


def test_text_that_is_no_json_is_not_json(tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_text("{")
    with pytest.raises(NotJson):
        load_profile(tmp_path / "profile.json")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"relay": {"base_url": "ftp://a.example"}}, "relay.base_url"),
        ({"relay": {"base_url": "https://a.example/"}}, "relay.base_url"),
        ({"relay": {"base_url": "https://a.example/?q=1"}}, "relay.base_url"),
        ({"holders": [GOOD["holders"][0] | {"kind": "pharmacy"}]}, "holders.0.kind"),
        ({"login": {"base_url": "https://a.example"}}, "login.client_id"),
        ({"login": GOOD["login"] | {"gateway": "ftp://a.example"}}, "login.gateway"),
        ({"trust": GOOD["trust"] | {"root": 5}}, "trust.root"),
        ({"trust": GOOD["trust"] | {"root": "gone.json"}}, "trust.root"),
        ({"trust": GOOD["trust"] | {"root": "!"}}, "trust.root"),
    ],
)
def test_wrong_member_is_named_and_its_value_is_not(tmp_path: Path, change: dict[str, Any], place: str) -> None:
    with pytest.raises(Unreadable, match=place) as refusal:
        load_profile(written(tmp_path, GOOD | change))
    assert refusal.value.code == "unreadable"
    assert "a.example" not in str(refusal.value)
    assert isinstance(refusal.value, PassportError)
