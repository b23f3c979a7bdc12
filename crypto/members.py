"""Members of JSON objects of our own making, with the type each must have; MalformedToken names what is not so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from crypto.errors import MalformedToken

_SHA256: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def text(of: Mapping[str, Any], name: str) -> str:
    """The text at `name`."""
    value = of.get(name)
    if not isinstance(value, str):
        raise MalformedToken(f"{name}: expected text")
    return value


def utf8(of: Mapping[str, Any], name: str) -> bytes:
    """The text at `name` as its UTF-8 bytes; half a surrogate pair has none."""
    try:
        return text(of, name).encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedToken(f"{name}: expected characters that UTF-8 can hold") from error


def filled_text(of: Mapping[str, Any], name: str) -> str:
    """The text at `name`, which is not empty."""
    value = text(of, name)
    if not value:
        raise MalformedToken(f"{name}: expected text")
    return value


def sha256(of: Mapping[str, Any], name: str) -> str:
    """The SHA-256 at `name`, as base64url."""
    value = filled_text(of, name)
    if _SHA256.fullmatch(value) is None:
        raise MalformedToken(f"{name}: expected the base64url of a SHA-256")
    return value


def count(of: Mapping[str, Any], name: str) -> int:
    """The whole number from 0 upwards at `name`."""
    value = _whole(of, name)
    if value is None or value < 0:
        raise MalformedToken(f"{name}: expected a whole number from 0 upwards")
    return value


def ordinal(of: Mapping[str, Any], name: str) -> int:
    """The whole number from 1 at `name`: a place in an order."""
    value = _whole(of, name)
    if value is None or value < 1:
        raise MalformedToken(f"{name}: expected a whole number from 1")
    return value


def flag(of: Mapping[str, Any], name: str) -> bool:
    """True or false at `name`."""
    value = of.get(name)
    if not isinstance(value, bool):
        raise MalformedToken(f"{name}: expected true or false")
    return value


def array(of: Mapping[str, Any], name: str) -> list[Any]:
    """The list at `name`."""
    value = of.get(name)
    if not isinstance(value, list):
        raise MalformedToken(f"{name}: expected a list")
    return value


def texts(of: Mapping[str, Any], name: str) -> list[str]:
    """The list of texts at `name`."""
    values = array(of, name)
    if not all(isinstance(value, str) for value in values):
        raise MalformedToken(f"{name}: expected a list of texts")
    return values


def object_in(value: object, name: str) -> Mapping[str, Any]:
    """`value` as an object."""
    if not isinstance(value, Mapping):
        raise MalformedToken(f"{name}: expected an object")
    return value


def _whole(of: Mapping[str, Any], name: str) -> int | None:
    value = of.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
