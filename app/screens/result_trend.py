"""Results over time: the newest in a sentence, a chart with the laboratory's own range as a band, and a table.

Owns the drawing. The chart is for the eye; the sentence and the table say all of it. Nothing is judged: a band is drawn
where the source supplied one range for all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import flet as ft
import flet_charts as charts

from app.record.trend import Point, Series, Trend
from app.screens.entry import quantity_sentence
from app.screens.places import Moves, bar
from app.ui import parts
from app.ui.look import Look
from app.ui.theme import Kind

CHART_HEIGHT = 240
MARGIN_SHARE = Decimal("0.1")
"""Room above the highest and below the lowest number, as a share of what lies between."""
YEARS_NAMED = 4
ROWS = 100
"""Rows of a table at first; the oldest are left to the lists."""


@dataclass(frozen=True, slots=True)
class TrendState:
    """The results, and which day it is."""

    trend: Trend = field(repr=False)
    today: date


@dataclass(frozen=True, slots=True)
class TrendEvents:
    """What a person can do here."""

    moves: Moves
    open_entry: Callable[[int], object]
    back: Callable[[], object]


def view(state: TrendState, events: TrendEvents, look: Look) -> ft.View:
    """Each unit by itself: sentence, chart, table."""
    w, trend = look.words, state.trend
    controls: list[ft.Control] = []
    for series in trend.series:
        if len(trend.series) > 1:
            controls.append(parts.heading(look, w("trend.unit", unit=series.unit or w("trend.no-unit"))))
        controls += _series(look, series, events)
    if trend.undrawn:
        controls.append(parts.body(look, w.count("trend.undrawn.text", trend.undrawn)))
    places = bar(look, events.moves, "home")
    return parts.frame(look, trend.title, controls, name="trend", back=events.back, places=places)


def _series(look: Look, series: Series, events: TrendEvents) -> list[ft.Control]:
    w, newest = look.words, series.points[-1]
    found: list[ft.Control] = [
        parts.small(look, w.partial_date(newest.when)),
        parts.body(look, _said(look, newest), bold=True),
    ]
    if len(series.points) > 1:
        found.append(parts.card(look, [_chart(look, series), *_legend(look, series)]))
    found.append(parts.heading(look, w("trend.table")))
    rows = list(reversed(series.points))[:ROWS]
    found += [_row(look, point, events) for point in rows]
    if len(series.points) > ROWS:
        found.append(parts.body(look, w("trend.older.text", n=len(series.points) - ROWS)))
    return found


def _said(look: Look, point: Point) -> str:
    quantity = point.stored.entry.quantity
    return point.stored.entry.detail if quantity is None else quantity_sentence(look.words, quantity)


def _row(look: Look, point: Point, events: TrendEvents) -> ft.Control:
    entry, entry_id = point.stored.entry, point.stored.id
    quantity = entry.quantity
    value = entry.detail if quantity is None else f"{quantity.comparator}{quantity.value} {quantity.unit}".strip()
    note = "\n".join(
        line for line in (look.words.partial_date(point.when), point.stored.source.issuer_name) if line
    )  # fmt: skip
    return parts.card_link(look, value, lambda: events.open_entry(entry_id), identifier=f"entry-{entry_id}", note=note)


# ---- the chart ------------------------------------------------------------------------------


def _chart(look: Look, series: Series) -> ft.Control:
    """Drawn in months and in steps of the scale: the toolkit writes labels at whole numbers only."""
    low, high = _reach(series)
    step = _round_step((high - low) / 4)
    first, last = _month(series.points[0].on), _month(series.points[-1].on)
    edge = max(1.0, (last - first) / 40)
    lines = [_line(look, series, number, step) for number in range(max(len(one.values) for one in series.points))]
    style = look.style(Kind.SMALL)
    years = [charts.ChartAxisLabel(value=year * 12, label=ft.Text(str(year), style=style)) for year in _years(series)]
    chart = charts.LineChart(
        data_series=[*_band(look, series, first - edge, last + edge, step), *lines],
        min_x=first - edge,
        max_x=last + edge,
        min_y=float(low / step),
        max_y=float(high / step),
        bottom_axis=_axis(years, 28 * look.scale),
        left_axis=_axis(_scale(low, high, step, style), 48 * look.scale),
        border=ft.Border.only(left=_edge(look), bottom=_edge(look)),
        interactive=False,
        height=CHART_HEIGHT * min(look.scale, 1.5),
    )
    w = look.words
    said = w("trend.chart.text", n=len(series.points), first=_date(look, series, 0), last=_date(look, series, -1))
    return ft.Semantics(identifier="chart", label=said, image=True, exclude_semantics=True, content=chart)


def _axis(labels: list[charts.ChartAxisLabel], size: float) -> charts.ChartAxis:
    return charts.ChartAxis(labels=labels, label_spacing=1, label_size=size, show_min=False, show_max=False)


def _month(on: date) -> float:
    return on.year * 12 + on.month - 1 + (on.day - 1) / 31


def _date(look: Look, series: Series, at: int) -> str:
    return look.words.partial_date(series.points[at].when)


def _edge(look: Look) -> ft.BorderSide:
    return ft.BorderSide(1, look.tokens.input_border)


def _reach(series: Series) -> tuple[Decimal, Decimal]:
    """From where to where the numbers go: all of them, and the band."""
    numbers = [value for point in series.points for value in point.values]
    numbers += list(series.band or ())
    low, high = min(numbers), max(numbers)
    room = (high - low) * MARGIN_SHARE or abs(high) * MARGIN_SHARE or Decimal(1)
    return low - room, high + room


def _scale(low: Decimal, high: Decimal, step: Decimal, style: ft.TextStyle) -> list[charts.ChartAxisLabel]:
    """The round numbers up the side."""
    first, last = math.ceil(low / step), math.floor(high / step)
    return [
        charts.ChartAxisLabel(value=number, label=ft.Text(f"{(step * number).normalize():f}", style=style))
        for number in range(first, last + 1)
    ]


def _round_step(step: Decimal) -> Decimal:
    """1, 2 or 5 times a power of ten, not less than `step`."""
    power = Decimal(1).scaleb(step.adjusted())
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step)


def _years(series: Series) -> list[int]:
    """Some years whose first day lies between the oldest and the newest result."""
    years = list(range(series.points[0].on.year + 1, series.points[-1].on.year + 1))
    return years[:: max(1, -(-len(years) // YEARS_NAMED))]


def _line(look: Look, series: Series, number: int, step: Decimal) -> charts.LineChartData:
    colour = look.tokens.link if number == 0 else look.tokens.text
    dots = [
        charts.LineChartDataPoint(x=_month(point.on), y=float(point.values[number] / step), show_tooltip=False)
        for point in series.points
        if len(point.values) > number
    ]
    shape: charts.ChartPointShape = charts.ChartCirclePoint(color=colour, radius=4)
    if number:
        shape = charts.ChartSquarePoint(color=colour, size=8)
    return charts.LineChartData(points=dots, color=colour, stroke_width=2, point=shape)


def _band(look: Look, series: Series, first: float, last: float, step: Decimal) -> list[charts.LineChartData]:
    """The laboratory's range: filled from its upper edge down to its lower one."""
    if series.band is None:
        return []
    low, high = (float(one / step) for one in series.band)
    edge = [charts.LineChartDataPoint(x=at, y=high, show_tooltip=False) for at in (first, last)]
    back = look.tokens.tags["green"].back
    return [
        charts.LineChartData(
            points=edge, color=back, stroke_width=0, below_line_bgcolor=back, below_line_cutoff_y=low, point=False
        )
    ]


def _legend(look: Look, series: Series) -> list[ft.Control]:
    w = look.words
    if series.band is not None:
        low, high = series.band
        return [parts.small(look, w("trend.band.text", low=f"{low:f}", high=f"{high:f}"))]
    if len(series.points[-1].values) > 1:
        return [parts.small(look, w("trend.pair.text"))]
    return []
