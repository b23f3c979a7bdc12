"""The walls around the tests stand: no socket leaves a unit test, and no skip passes where none may."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SKIPS = """
import pytest
def test_passes(): pass
@pytest.mark.skip(reason="the disk is not a disk")
def test_is_skipped(): pass
@pytest.mark.xfail(reason="known")
def test_is_expected_to_fail(): assert False
"""
SKIPS_WHOLE = "import pytest\npytest.skip('no decoder', allow_module_level=True)\n"


def run_pytest(folder: Path, test: str, *options: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(Path(__file__).with_name("conftest.py"), folder / "conftest.py")
    (folder / "test_it.py").write_text(test, encoding="utf-8")
    arguments = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(folder)]
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)


def test_a_unit_test_cannot_reach_another_machine() -> None:
    with socket.socket() as reaching, pytest.raises(AssertionError, match="mark the test `loopback`"):
        reaching.connect(("192.0.2.1", 443))


def test_a_unit_test_cannot_even_listen_on_loopback() -> None:
    with socket.socket() as listening, pytest.raises(AssertionError, match=r"socket\.bind"):
        listening.bind(("127.0.0.1", 0))


@pytest.mark.loopback
def test_a_loopback_test_listens_on_loopback_and_reaches_nothing_else() -> None:
    with socket.socket() as listening, socket.socket() as reaching:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        reaching.connect(listening.getsockname())
    with socket.socket() as reaching, pytest.raises(AssertionError, match=r"socket\.connect"):
        reaching.connect(("192.0.2.1", 443))


def test_a_skip_passes_where_it_may(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, SKIPS)
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped, 1 xfailed" in done.stdout


def test_a_skip_fails_with_its_reason_where_none_may_be(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, SKIPS, "--no-skips")
    assert done.returncode == 1, done.stdout
    assert "1 passed, 1 xfailed, 1 error" in done.stdout
    assert "the disk is not a disk" in done.stdout


def test_a_skipped_module_fails_where_none_may_be(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, SKIPS_WHOLE, "--no-skips")
    assert done.returncode != 0, done.stdout
    assert "no decoder" in done.stdout
