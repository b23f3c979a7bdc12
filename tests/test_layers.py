"""Which part may import which. The arrows of the design, decided here and nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

ALLOWED: dict[str, set[str]] = {
    "crypto": {"crypto"},
    "sync": {"sync", "crypto"},
    "app.record": {"app.record", "crypto.errors"},
    "app.policy": {"app.policy", "app.record", "crypto.errors"},
    "app.store": {"app.store", "app.record", "crypto"},
    "app.actions": {"app.actions", "app.store", "app.policy", "app.record", "app.clock", "sync", "crypto"},
    "app.qr": {"app.qr", "crypto"},
    "app.paper": {"app.paper", "app.record", "app.qr", "app.ui.words", "app.ui.assets", "crypto.errors"},
    "app.ui": {"app.ui", "app.clock", "app.record", "crypto.errors"},
    "app.screens": {"app.screens", "app.ui", "app.record", "app.policy", "crypto.errors"},
    "app.reader": {"app.reader", "app.record", "app.ui", "app.qr", "app.policy", "app.clock", "crypto"},
    "app.commands": {
        *("app.commands", "app.actions", "app.store", "app.record", "app.paper", "app.clock", "app.ui.words"),
        *("app.ui.say", "crypto"),
    },
    "app.commands.emergency": {"app.commands", "app.actions", "app.record", "app.qr", "app.clock", "crypto.errors"},
    "app.commands.check": {"app.commands", "app.reader.check", "app.clock", "crypto"},
    "app.clock": set(),
    "app.dumps": set(),
}
"""Longest matching prefix decides. What is not named here (compose, cli, __main__) wires and may import all."""

EXCEPTIONS = {"app.reader.compose": {"sync"}, "app.reader.__main__": {"sync", "app.dumps"}}

LIBRARIES: dict[str, tuple[str, ...]] = {
    "flet": ("app.ui", "app.screens", "app.reader", "app.__main__", "app.compose"),
    "flet_camera": ("app.ui", "app.reader", "app.screens"),
    "flet_charts": ("app.screens",),
    "httpx": ("sync",),
    "rapidfuzz": ("app.store",),
    "sqlcipher3": ("app.store",),
    "apsw": ("app.store",),
    "sqlite3": ("app.store",),
    "keyring": ("app.store",),
    "portalocker": ("app.store",),
    "flet_secure_storage": ("app.ui",),
    "typst": ("app.paper",),
    "qrcode": ("app.qr",),
    "segno": ("app.qr",),
    "zxingcpp": ("app.qr",),
    "pyzbar": ("app.qr",),
    "socket": ("sync", "app.ui.window"),
}
NO_FLET = ("app.ui.words", "app.ui.say")


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources() -> list[Path]:
    return sorted(p for top in ("app", "sync", "crypto") for p in (ROOT / top).rglob("*.py"))


def imports(path: Path) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            module = node.module or ""
            found += [(f"{module}.{alias.name}" if is_ours(module) else module, node.lineno) for alias in node.names]
    return found


def is_ours(name: str) -> bool:
    return name.split(".")[0] in {"app", "sync", "crypto"}


def within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def rule_for(module: str) -> set[str] | None:
    matching = [prefix for prefix in ALLOWED if within(module, prefix)]
    return ALLOWED[max(matching, key=len)] if matching else None


def broken_arrows(module: str, found: list[tuple[str, int]]) -> list[str]:
    rule = rule_for(module)
    if rule is None:
        return []
    allowed = rule | EXCEPTIONS.get(module, set())
    return [
        f"{module}:{line} imports {name}"
        for name, line in found
        if is_ours(name) and not any(within(name, prefix) for prefix in allowed)
    ]


def misplaced_libraries(module: str, found: list[tuple[str, int]]) -> list[str]:
    return [
        f"{module}:{line} imports {name}"
        for name, line in found
        if (homes := LIBRARIES.get(name.split(".")[0])) is not None
        and (not any(within(module, home) for home in homes) or (name.split(".")[0] == "flet" and module in NO_FLET))
    ]


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_follow_the_arrows(path: Path) -> None:
    found = imports(path)
    module = module_name(path)
    assert broken_arrows(module, found) + misplaced_libraries(module, found) == []


def test_a_planted_wrong_import_is_noticed() -> None:
    assert broken_arrows("crypto.keys", [("app.store.schema", 3)])
    assert broken_arrows("app.screens.home", [("app.actions.refresh", 3)])
    assert misplaced_libraries("app.actions.refresh", [("httpx", 1)])
    assert misplaced_libraries("app.ui.words", [("flet", 1)])


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_says_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
