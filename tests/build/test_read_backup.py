"""The reader that stands on nothing of the project gives what the passport keeps, byte for byte."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mnemonic import Mnemonic

from app.actions.backing_up import backup_bytes
from app.actions.session import Passport, new_recovery_words
from crypto import backup, vault
from crypto.vault_header import read_header
from tests.actions.conftest import fresh, services, world
from tests.actions.kept_folder import NOW, Kept, bring_in, make
from tests.actions.made_up import SIAN, World

__all__ = ["fresh", "services", "world"]

ROOT = Path(__file__).resolve().parents[2]
READER = ROOT / "build" / "read_backup.py"
WORDS = ROOT / "assets" / "recovery-words" / "english.txt"


def read(tmp_path: Path, data: bytes, words: str) -> subprocess.CompletedProcess[str]:
    """In a folder and a Python that does not see the project."""
    (tmp_path / "it.passport-backup").write_bytes(data)
    (tmp_path / "words.txt").write_text(words, encoding="utf-8")
    command = [sys.executable, "-I", str(READER), "it.passport-backup", "words.txt"]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def backed_up(kept: Kept) -> bytes:
    passport = kept.unlock()
    try:
        return backup_bytes(passport, now=NOW)
    finally:
        passport.lock()


def test_it_has_at_most_a_hundred_lines_and_needs_cryptography_alone() -> None:
    text = READER.read_text(encoding="utf-8")
    assert text.count("\n") <= 100
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_signed_updates_come_out_with_the_text_the_holder_signed(world: World, fresh: Passport, tmp_path: Path) -> None:
    world.connect(fresh, SIAN)
    words = new_recovery_words(fresh, now=world.now)
    found = lines(read(tmp_path, backup_bytes(fresh, now=world.now), " ".join(words)))
    sources = {line["source"]["id"]: line for line in found if "source" in line}
    assert {number: line["received"].encode() for number, line in sources.items()} == {
        one.source_id: fresh.store.raw_message(one.source_id) for one in fresh.store.sources()
    }
    for one in fresh.store.sources():
        resources = [line["resource"] for line in found if line.get("source_id") == one.source_id]
        assert resources == [json.loads(each) for each in fresh.store.resources_of(one.source_id)]
        assert sources[one.source_id]["source"]["iss"] == one.iss


def test_imported_files_come_out_as_they_were(tmp_path: Path) -> None:
    kept = make(tmp_path / "home", "Penicillin", "Nuts")
    found = lines(read(tmp_path, backed_up(kept), kept.words))
    assert [line["source"]["issuer_name"] for line in found if "source" in line] == ["Penicillin.json", "Nuts.json"]
    texts = {line["resource"].get("code", {}).get("text") for line in found if "resource" in line}
    assert texts >= {"Penicillin", "Nuts"}


def test_a_store_of_many_pages_is_read_whole(tmp_path: Path) -> None:
    kept = make(tmp_path / "home")
    passport = kept.unlock()
    for number in range(60):
        bring_in(passport, f"Thing {number}")
    data = backup_bytes(passport, now=NOW)
    passport.lock()
    found = lines(read(tmp_path, data, kept.words))
    assert sum("source" in line for line in found) == 60


def test_words_are_forgiven_numbers_capitals_and_lines_as_on_the_sheet(tmp_path: Path) -> None:
    kept = make(tmp_path / "home", "Penicillin")
    sheet = "\n".join(f"{number}. {word.capitalize()}" for number, word in enumerate(kept.words.split(), 1))
    assert lines(read(tmp_path, backed_up(kept), sheet))


@pytest.mark.parametrize("at", [0, 60, 700, -1])
def test_a_changed_backup_gives_nothing(tmp_path: Path, at: int) -> None:
    kept = make(tmp_path / "home", "Penicillin")
    data = bytearray(backed_up(kept))
    data[at] ^= 1
    done = read(tmp_path, bytes(data), kept.words)
    assert done.returncode != 0
    assert done.stdout == ""


@pytest.mark.parametrize(
    "words",
    ["abandon " * 12, "zoo " * 11, "coin sail envelope humor skin tell reason rival gold world long glad"],
    ids=["checksum", "eleven", "another passport's"],
)
def test_other_words_give_nothing(tmp_path: Path, words: str) -> None:
    kept = make(tmp_path / "home", "Penicillin")
    done = read(tmp_path, backed_up(kept), words)
    assert done.returncode != 0
    assert done.stdout == ""


def test_a_page_that_was_changed_before_it_was_sealed_is_named(tmp_path: Path) -> None:
    """What the backup's own seal cannot know: the store in it was not whole."""
    kept = make(tmp_path / "home", "Penicillin")
    passport = kept.unlock()
    source = io.BytesIO(backup_bytes(passport, now=NOW))
    about, pieces = backup.unseal(backup.read_head(source), passport.master_key, source)
    store = bytearray(b"".join(pieces))
    store[2 * 4096 + 100] ^= 1
    header = vault.recovery_only(read_header(kept.home.read_header()), passport.master_key)
    data = b"".join(backup.seal(header, passport.master_key, about, [bytes(store)]))
    passport.lock()
    done = read(tmp_path, data, kept.words)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "Page 3 was changed.\n")


def test_the_list_of_words_is_the_one_the_passport_uses() -> None:
    assert WORDS.read_text("ascii").split("\n")[:-1] == Mnemonic("english").wordlist
    readme = (WORDS.parent / "README.md").read_text("utf-8")
    assert re.search(r"`([0-9a-f]{64})`", readme)[1] == hashlib.sha256(WORDS.read_bytes()).hexdigest()  # type: ignore[index]
