"""A repository that tells the truth until it is edited, and a client that has refreshed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.outside.tuf.repository import Client, Repository


@pytest.fixture
def repo() -> Repository:
    return Repository()


@pytest.fixture
def client(tmp_path: Path, repo: Repository) -> Client:
    """Set up with the shipped root and nothing else."""
    client = Client(tmp_path, repo)
    assert client.init() == 0
    return client


@pytest.fixture
def refreshed(client: Client) -> Client:
    """One that holds version 1 of everything."""
    assert client.refresh() == 0
    return client
