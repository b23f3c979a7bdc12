"""The long runs against the disk: the passport killed, refused, cut from the current. The same runs for the same seed.

    python3 build/faults.py [--only NAME …] [--kills N] [--refusals N] [--cuts N] [--seed N] [--list]

Each run plays an act of the passport (import, update, share, …) in a process of its own on a disk that is spoilt under
it, opens the passport afresh, and compares with what had been acknowledged. Prints a line for each act and fault, and
each thing that was lost; ends with 1 when there was any, or when a fault never came. `tests/faults` holds the acts and
checks and runs a short slice of this. Linux with gcc.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import environment

if TYPE_CHECKING:
    from tests.faults.running import Outcome, Workshop

KILLS, REFUSALS, CUTS = 200, 4, 60
"""Kills over all acts; refusals of each kind in each act, and power cuts in each act."""


@dataclass
class Row:
    """One line of the table: a fault, an act, and what came of the runs."""

    fault: str
    act: str
    runs: int = 0
    struck: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)

    def line(self) -> str:
        """As it is printed."""
        return f"{self.fault:22}{self.act:12}{self.runs:7}{self.struck:9}{self.acknowledged:15}{len(self.lost):7}"


HEADING = f"{'fault':22}{'act':12}{'runs':>7}{'struck':>9}{'acknowledged':>15}{'lost':>7}"


def row(fault: str, act: str, outcomes: Sequence[Outcome]) -> Row:
    """The outcomes of one fault in one act as a line."""
    from tests.faults.running import failures

    return Row(
        fault,
        act,
        len(outcomes),
        sum(one.struck for one in outcomes),
        sum(one.acknowledged for one in outcomes),
        failures(outcomes),
    )


def kills(shop: Workshop, asked: argparse.Namespace) -> Iterator[Row]:
    """kill -9 at a seeded call of each act, or after a seeded time."""
    from tests.faults import running
    from tests.faults.acts import ACTS

    names = list(ACTS)
    for at, act in enumerate(names):
        chance = seeded(asked, "kill", act)
        share = len(range(at, asked.kills, len(names)))
        yield row("kill -9", act, [running.killed(shop, act, chance) for _ in range(share)])


def refusals(shop: Workshop, asked: argparse.Namespace) -> Iterator[Row]:
    """Each way a disk refuses, at seeded calls of each act; an act that makes no such call has no line."""
    from tests.faults import running
    from tests.faults.acts import ACTS

    for fault in running.SPOILT:
        for act in ACTS:
            chance = seeded(asked, fault, act)
            found = [running.refused(shop, act, fault, chance) for _ in range(asked.refusals)]
            if outcomes := [one for one in found if one is not None]:
                yield row(fault, act, outcomes)


def cuts(shop: Workshop, asked: argparse.Namespace) -> Iterator[Row]:
    """The current gone at seeded places of each act."""
    from tests.faults import running
    from tests.faults.acts import ACTS

    for act in ACTS:
        yield row("power cut", act, running.cut_off(shop, act, asked.cuts, seeded(asked, "cut", act)))


def keystores(shop: Workshop, asked: argparse.Namespace) -> Iterator[Row]:
    """The keystore refuses at a seeded call of each act that uses it."""
    from tests.faults import running
    from tests.faults.acts import ACTS

    for act in (act for act in ACTS if shop.counts[act]["KEYSTORE"]):
        chance = seeded(asked, "keystore", act)
        outcomes = [running.without_keystore(shop, act, chance) for _ in range(3 * asked.refusals)]
        yield row("keystore refuses", act, outcomes)


RUNS: dict[str, Callable[[Workshop, argparse.Namespace], Iterator[Row]]] = {
    "kill": kills,
    "refuse": refusals,
    "keystore": keystores,
    "cut": cuts,
}


def seeded(asked: argparse.Namespace, *names: str) -> random.Random:
    """The same chance for the same seed, whichever other runs were asked for."""
    return random.Random(f"{asked.seed} {' '.join(names)}")  # noqa: S311  (nothing secret: the same runs each time)


def main() -> int:
    """Run and print; runs itself again in the project's environment when it is started by another Python."""
    parser = argparse.ArgumentParser(description="Spoil the disk under the passport and see what it loses.")
    parser.add_argument("--only", action="append", choices=RUNS, metavar="NAME", help="only these (may be repeated)")
    parser.add_argument("--kills", type=int, default=KILLS, metavar="N", help=f"kills in all (default {KILLS})")
    parser.add_argument("--refusals", type=int, default=REFUSALS, metavar="N", help="refusals of each kind in each act")
    parser.add_argument("--cuts", type=int, default=CUTS, metavar="N", help=f"cuts of each act (default {CUTS})")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, other runs (default 1)")
    parser.add_argument("--list", action="store_true", help="print the names of the runs")
    asked = parser.parse_args()
    if asked.list:
        print("\n".join(RUNS))
        return 0
    python = environment.python_for(environment.TEST_LOCK)
    if Path(sys.prefix) != environment.VENV:
        os.execv(python, [str(python), *sys.argv])
    sys.path.insert(0, str(environment.ROOT))
    return run(asked)


def run(asked: argparse.Namespace) -> int:
    """All runs that are asked for; 1 where anything was lost."""
    from tests.faults.running import workshop

    began, rows = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="passport-faults-") as name, workshop(Path(name)) as shop:
        print(HEADING)
        for each in asked.only or RUNS:
            for made in RUNS[each](shop, asked):
                rows.append(made)
                print(made.line(), flush=True)
    lost = [line for made in rows for line in made.lost]
    print("\n".join(["", *lost]) if lost else "", end="\n")
    runs, struck = sum(made.runs for made in rows), sum(made.struck for made in rows)
    print(f"{runs} runs, {struck} faults struck, {len(lost)} lost something, {time.monotonic() - began:.0f} s")
    return 1 if lost or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
