"""Members of JSON objects of our own making, with the type each must have; MalformedToken names what is not so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crypto.errors import MalformedToken


def text(of: Mapping[str, Any], name: str) -> str:
    """The text at `name`."""
    value = of.get(name)
    if not isinstance(value, str):
        raise MalformedToken(f"{name}: expected text")
    return value


def count(of: Mapping[str, Any], name: str) -> int:
    """The whole number from 0 upwards at `name`."""
    value = of.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedToken(f"{name}: expected a whole number from 0 upwards")
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
