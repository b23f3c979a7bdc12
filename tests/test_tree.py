"""The tree stays tidy: names, locks, what Flet owns, what the documents promise."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]

NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "service", "services"}
FLET_OWNS = {"linux", "macos", "windows", "apk", "aab", "ipa", "web", "flutter", "site-packages", "python-app"}
"""Names below build/ that Flet launches, rewrites or deletes (flet-cli 1.0.5)."""

LEFT_OVER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
REGISTRIES = re.compile(
    "pypi" + r"\.org|python" + "hosted|npm" + r"js\.(org|com)|deb\.deb" + r"ian|regis" + "try\\.npm"
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(root|home|Users|work)/\w")
MAX_LINES = 500
"""Longer files give their reason in their first lines, with the word `lines`."""

MAX_FUNCTION_LINES = 40
"""Without the docstring; a test may be a longer list of cases."""

DOCUMENTS = ("README.md", "CHANGELOG.md", "SECURITY.md")
TOP_LEVEL = {"app", "sync", "crypto", "assets", "tests", "build"}


@cache
def files() -> tuple[Path, ...]:
    """Everything git tracks or would track."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files are the project's")
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts(*suffixes: str) -> dict[str, str]:
    return {named(path): path.read_text(encoding="utf-8") for path in files() if path.suffix in suffixes}


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a lock file: what it asks for, and how many files it accepts by hash."""

    requirement: Requirement
    hashes: int

    @property
    def version(self) -> str:
        (only,) = self.requirement.specifier
        assert only.operator == "=="
        return only.version


def locked(name: str) -> dict[str, Pin]:
    text = (ROOT / "build" / "lock" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    found = [Pin(Requirement(line.split(" --hash")[0]), line.count("--hash=sha256:")) for line in pins]
    return {canonicalize_name(pin.requirement.name): pin for pin in found}


def required(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return [Requirement(line) for line in lines]


def not_in_step(versions: dict[str, str], wanted: list[Requirement]) -> list[str]:
    return [str(r) for r in wanted if not r.specifier.contains(versions.get(canonicalize_name(r.name), "0"))]


def versions(name: str) -> dict[str, str]:
    return {package: pin.version for package, pin in locked(name).items()}


# ---- names --------------------------------------------------------------------------------------


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [named(path) for path in files() if path.suffix == ".py" and path.stem in NAMES_THAT_SAY_NOTHING] == []
    assert [named(path) for path in files() if NAMES_THAT_SAY_NOTHING & set(path.relative_to(ROOT).parts[:-1])] == []


def test_nothing_tracked_stands_where_flet_launches_or_deletes() -> None:
    parts = [path.relative_to(ROOT).parts for path in files()]
    assert ["/".join(p) for p in parts if p[0] == "build" and len(p) > 1 and p[1] in FLET_OWNS] == []


def test_no_program_in_build_hides_a_library() -> None:
    programs = {path.stem for path in files() if path.parent == ROOT / "build" and path.suffix == ".py"}
    assert "run" in programs
    assert "__init__" not in programs
    assert programs & (sys.stdlib_module_names | {"flet", "build"}) <= {"test"}  # the standard library's own tests


def test_the_top_level_holds_only_what_it_should() -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in files() if path.parent != ROOT}
    assert folders <= TOP_LEVEL | {".ci"}


# ---- text ---------------------------------------------------------------------------------------


def test_no_folder_of_tests_is_passed_over(pytestconfig: pytest.Config) -> None:
    folders = {name for path in files() for name in path.parent.relative_to(ROOT).parts if named(path)[:6] == "tests/"}
    passed_over = pytestconfig.getini("norecursedirs")
    assert "build" in folders
    assert [name for name in folders if any(fnmatch(name, pattern) for pattern in passed_over)] == []


def test_nothing_is_left_for_later() -> None:
    found = [name for name, text in texts(".py", ".mjs", ".md", ".toml", ".html").items() if LEFT_OVER.search(text)]
    assert found == []


def test_no_package_registry_is_named() -> None:
    found = [
        name for name, text in texts(".py", ".mjs", ".md", ".toml", ".txt", ".json").items() if REGISTRIES.search(text)
    ]
    assert found == []


def test_no_path_of_somebodys_machine_stands_in_the_tree() -> None:
    found = [name for name, text in texts(".py", ".mjs", ".md", ".toml", ".txt").items() if MACHINE_PATHS.search(text)]
    assert found == []


def test_the_searches_find_what_they_look_for() -> None:
    assert LEFT_OVER.search("# TO" + "DO later")
    assert REGISTRIES.search("https://regis" + "try.npmjs" + ".org/x")
    assert MACHINE_PATHS.search("see /ho" + "me/anna/key")


def test_long_files_give_their_reason() -> None:
    long = {name: text for name, text in texts(".py", ".mjs").items() if text.count("\n") > MAX_LINES}
    assert [name for name, text in long.items() if "lines" not in "\n".join(text.splitlines()[:12])] == []


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{name}:{node.lineno} {node.name}"
        for name, text in texts(".py").items()
        for node in ast.walk(ast.parse(text))
        if not name.startswith("tests/")
        and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and lines_of_code(node) > MAX_FUNCTION_LINES
    ]
    assert long == []


def lines_of_code(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


# ---- locks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_package_has_its_hashes(name: str) -> None:
    lock = locked(name)
    assert len(lock) > 20
    assert [package for package, pin in lock.items() if pin.hashes == 0] == []


def test_the_locks_fit_the_project_file() -> None:
    assert not_in_step(versions("requirements.txt"), required("build")) == []
    assert not_in_step(versions("requirements-dev.txt"), required("build", "dev")) == []


def test_a_lock_out_of_step_is_noticed() -> None:
    wanted = [Requirement("flet==1.0.5"), Requirement("tuf>=7,<8"), Requirement("segno>=1.6")]
    assert not_in_step({"flet": "1.0.4", "segno": "1.6.6"}, wanted) == ["flet==1.0.5", "tuf<8,>=7"]


def test_the_lock_for_tests_holds_the_lock_for_running() -> None:
    testing = versions("requirements-dev.txt")
    running = versions("requirements.txt")
    assert {name: testing.get(name) for name in running} == running


def test_what_is_installed_is_what_is_locked() -> None:
    pins = [pin for pin in locked("requirements-dev.txt").values() if applies_here(pin.requirement)]
    installed = {pin.requirement.name: version(pin.requirement.name) for pin in pins}
    assert installed == {pin.requirement.name: pin.version for pin in pins}


def applies_here(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate()


def test_the_lock_of_the_judges_pins_by_hash_and_names_no_host() -> None:
    lock = json.loads((ROOT / "build" / "judges" / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((ROOT / "build" / "judges" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = {path: entry for path, entry in lock["packages"].items() if path and not entry.get("inBundle")}
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [path for path, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []
    assert [path for path, entry in packages.items() if "resolved" in entry] == []


# ---- documents ----------------------------------------------------------------------------------


def commands() -> list[list[str]]:
    """Every command line of this project that a document shows."""
    shown = [line for name in DOCUMENTS for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    quoted = [code for line in shown for code in re.findall(r"`([^`]+)`", line)]
    ours = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?(python3? build/|passport\b|python3? -m )")
    found = sorted({line.strip().removeprefix("$ ") for line in [*shown, *quoted] if ours.match(line.strip())})
    return [line.split() for line in found]


def program(words: list[str]) -> list[str]:
    """The program a command line starts, as this Python runs it, with the sub-command if it names one."""
    if words[0].endswith("passport"):
        return [sys.executable, "-m", "app.cli", *(word for word in words[1:2] if word[0].isalpha())]
    return [sys.executable, *(words[1:3] if words[1] == "-m" else words[1:2])]


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(words))
def test_every_command_in_a_document_exists_with_its_options(words: list[str]) -> None:
    done = subprocess.run([*program(words), "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    options = [word.split("=")[0].strip("[]") for word in words if word.strip("[").startswith("--")]
    assert [option for option in options if option not in done.stdout] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_in_a_document_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    mentioned = set(re.findall(r"`([\w./-]+/[\w./-]*)`|\]\(([\w./-]+)\)", text))
    paths = {path for pair in mentioned for path in pair if path and path.split("/")[0] in TOP_LEVEL}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_the_readme_shows_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 build/run.py" in text
    assert "python3 build/test.py" in text


def test_continuous_integration_runs_what_a_person_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in script
    assert script.rstrip().endswith("exec python3 build/test.py")
