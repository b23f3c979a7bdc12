"""What every test stands on: no network by accident, no skip in silence, where the outside vectors lie.

Unit tests open no socket at all. A test marked `loopback`, `browser` or `outside` may talk to servers it started on
this machine, and to nothing else. `build/test.py` adds a second wall where the system allows it: a network namespace
that has only loopback.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).resolve().parents[2] / "shared" / "vectors"
"""Other people's test vectors, beside the project and never copied into it."""

os.environ["PATIENT_PASSPORT_NO_KEYSTORE"] = "tests"
"""No test, and no program a test starts, writes into the keystore of whoever runs it."""

MAY_USE_LOOPBACK = ("loopback", "browser", "outside")

CANNOT_RUN: dict[str, str] = {}
"""Tests that no continuous integration of ours can run: node id (without parameters) and the reason."""


class NetworkForbidden(AssertionError):
    """A test reached for the network it may not use."""


# ---- no skip in silence -------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a skipped test is a failed test, but for CANNOT_RUN")
    without = "run as where sqlcipher3 is not installed (tests/store runs on both libraries by itself)"
    parser.addoption("--without-sqlcipher", action="store_true", help=without)


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.getoption("--without-sqlcipher"):
        sys.modules["app.store.sqlcipher_driver"] = None  # type: ignore[assignment]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    result = yield
    if item.config.getoption("--no-skips"):
        fail_if_skipped(result)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    result = yield
    if collector.config.getoption("--no-skips"):
        fail_if_skipped(result)
    return result


def fail_if_skipped(result: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that gives the skip's reason."""
    if result.skipped and not hasattr(result, "wasxfail") and result.nodeid.split("[")[0] not in CANNOT_RUN:
        result.outcome = "failed"
        result.longrepr = f"{result.nodeid} was skipped where nothing may be: {result.longrepr}"


# ---- no network by accident ---------------------------------------------------------------------


def is_loopback(address: Any) -> bool:
    """Whether a socket address stays on this machine; names other than localhost do not count."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    loopback = any(request.node.get_closest_marker(name) for name in MAY_USE_LOOPBACK)

    def guarded(name: str) -> Any:
        real = getattr(socket.socket, name)

        def method(self: socket.socket, address: Any) -> Any:
            internet = self.family in (socket.AF_INET, socket.AF_INET6)
            if internet and not (loopback and is_loopback(address)):
                raise NetworkForbidden(f"socket.{name}: mark the test `loopback` if it starts the server it talks to")
            return real(self, address)

        return method

    for name in ("connect", "connect_ex", "bind"):
        monkeypatch.setattr(socket.socket, name, guarded(name))


# ---- outside vectors ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of third-party vectors; skips where the project stands alone."""
    if not VECTORS.is_dir():
        pytest.skip("third-party vectors are not here (expected in ../shared/vectors)")
    return VECTORS
