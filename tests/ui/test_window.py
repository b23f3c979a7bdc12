"""The window: opened with a profile of its own, and loggers that never print an exception's message."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.ui.window import BROWSERS, QUIET_LOGGERS, open_browser_window, quiet_loggers

MARKER = "999 123 4567"


def fail() -> None:
    raise ValueError(MARKER)


@pytest.fixture
def loggers() -> Iterator[None]:
    """Give the loggers back as they were."""
    before = [(logging.getLogger(name), list(logging.getLogger(name).handlers)) for name in QUIET_LOGGERS]
    yield
    for logger, handlers in before:
        logger.handlers, logger.propagate = handlers, True


@pytest.mark.parametrize("name", QUIET_LOGGERS)
def test_a_toolkit_logger_notes_type_and_place_and_no_message(
    name: str, loggers: None, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet_loggers()
    try:
        fail()
    except ValueError as error:
        logging.getLogger(name).error("%s", error, exc_info=True)
    noted = capsys.readouterr().err
    assert "ValueError at test_window.py:" in noted
    assert MARKER not in noted


def test_without_a_browser_there_is_no_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert open_browser_window(tmp_path / "open.html", tmp_path / "profile") is None
    assert not (tmp_path / "profile").exists()


def test_the_window_gets_the_file_and_never_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / BROWSERS[0]
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$0.said"\n', encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    opened = open_browser_window(tmp_path / "open.html", tmp_path / "profile")
    assert opened is not None
    assert opened.wait(10) == 0
    said = Path(f"{program}.said").read_text(encoding="utf-8").splitlines()
    assert said[0] == f"--app={(tmp_path / 'open.html').as_uri()}"
    assert said[1] == f"--user-data-dir={tmp_path / 'profile'}"
    assert stat.S_IMODE((tmp_path / "profile").stat().st_mode) == 0o700
