"""How far a visit is, told from several threads: it only rises, and ends at one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from app.actions.progress import Gauge, Progress

SURGERY, HOSPITAL = "Oak Lane Surgery", "Riverside Hospital"


def test_each_holder_is_an_equal_part_of_the_whole() -> None:
    told: list[Progress] = []
    gauge = Gauge([SURGERY, HOSPITAL], told.append)
    gauge.asked(SURGERY)
    gauge.arrived(SURGERY, 0.5, 100)
    gauge.stored(SURGERY, 7)
    gauge.finished(SURGERY)
    gauge.arrived(HOSPITAL, 0.5, 30)
    gauge.over()
    assert told == [
        Progress(SURGERY, 0.0),
        Progress(SURGERY, 0.25, 100),
        Progress(SURGERY, 0.25, 100, 7),
        Progress(SURGERY, 0.5, 100, 7, (SURGERY,)),
        Progress(HOSPITAL, 0.75, 130, 7, (SURGERY,)),
        Progress("", 1.0, 130, 7, (SURGERY,)),
    ]


def test_a_page_that_begins_anew_takes_nothing_back() -> None:
    told: list[Progress] = []
    gauge = Gauge([SURGERY], told.append)
    for share, received in ((0.8, 80), (0.1, 10), (0.9, 90)):
        gauge.arrived(SURGERY, share, received)
    assert [(one.done, one.received_bytes) for one in told] == [(0.8, 80), (0.8, 80), (0.9, 90)]


def test_told_from_many_threads_at_once_it_only_rises() -> None:
    told: list[Progress] = []
    names = [f"holder {number}" for number in range(8)]
    gauge = Gauge(names, told.append)

    def report(name: str) -> None:
        for step in range(1, 101):
            gauge.arrived(name, step / 100, step)
            gauge.stored(name, 1)
        gauge.finished(name)

    with ThreadPoolExecutor(len(names)) as threads:
        list(threads.map(report, names))
    for counts in ([one.done for one in told], [one.received_bytes for one in told], [one.entries for one in told]):
        assert counts == sorted(counts)
    assert (told[-1].done, told[-1].received_bytes, told[-1].entries) == (1.0, 800, 800)


def test_with_nobody_to_ask_everything_is_done() -> None:
    told: list[Progress] = []
    Gauge([], told.append).over()
    assert told == [Progress("", 1.0)]
