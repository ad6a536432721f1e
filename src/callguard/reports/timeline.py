"""CallReport -> where each turn and mark stands on the picture of a call.

Positions across are per cent of the call's length, so that the picture fits any width; positions down are pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callguard.reports import wording
from callguard.types import Speaker

if TYPE_CHECKING:
    from callguard.types import CallReport, ScoredTurn

AGENT_BASE = 50
CUSTOMER_BASE = 118
"""Pixels from the top to the floor of each lane; bars stand on it."""
BAR_PX = 14
LEVEL_PX = 6
"""A bar is taller by this for each level: severity is height and a number, never colour alone."""
NARROWEST = 0.5
"""Per cent below which a bar could not be hit."""
_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Bar:
    """One turn."""

    index: int
    x: float
    width: float
    y: int
    height: int
    style: str
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A warning, a finding or the permission, above its moment."""

    x: float
    index: int
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A time under the lanes."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The picture of a call."""

    bars: tuple[Bar, ...]
    flags: tuple[Flag, ...]
    ticks: tuple[Tick, ...]


def timeline(report: CallReport) -> Timeline:
    """Lay out a call; one without turns has an empty picture."""
    length_s = max([report.duration_s, *(t.turn.end_s for t in report.turns), 1.0])
    return Timeline(
        bars=tuple(_bar(scored, length_s) for scored in report.turns),
        flags=tuple(_flags(report, length_s)),
        ticks=tuple(_ticks(length_s)),
    )


def _bar(scored: ScoredTurn, length_s: float) -> Bar:
    turn = scored.turn
    level = 0 if scored.level is None else int(scored.level)
    height = BAR_PX + LEVEL_PX * level
    base = AGENT_BASE if turn.speaker is Speaker.AGENT else CUSTOMER_BASE
    what = f", {wording.level(scored.level)}" if level else ""
    return Bar(
        index=turn.index,
        x=_percent(turn.start_s, length_s),
        width=max(NARROWEST, _percent(turn.end_s - turn.start_s, length_s)),
        y=base - height,
        height=height,
        style="agent" if turn.speaker is Speaker.AGENT else f"level-{level}",
        number=str(level) if level else "",
        title=f"{wording.clock(turn.start_s)}, {turn.speaker.value}{what}",
    )


def _flags(report: CallReport, length_s: float) -> list[Flag]:
    verdict = report.verdict
    if verdict is None:
        return []
    start_s = {t.turn.index: t.turn.start_s for t in report.turns}
    end_s = {t.turn.index: t.turn.end_s for t in report.turns}
    flags = [Flag(_percent(start_s[i], length_s), i, "warning", "valid warning") for i in verdict.warning_turns if i in start_s]
    flags += [
        Flag(_percent(f.at_s, length_s), f.turn_indexes[0], "possible" if f.possible else "finding", f"{f.rule_id}: {f.clause}")
        for f in verdict.findings
        if f.turn_indexes and f.turn_indexes[0] not in verdict.warning_turns
    ]
    if verdict.eligible_from_turn in end_s:
        index = verdict.eligible_from_turn
        flags.append(Flag(_percent(end_s[index], length_s), index, "permission", "from here the agent may end the call"))
    return flags


def _ticks(length_s: float) -> list[Tick]:
    step = next((s for s in _STEPS_S if length_s / s <= 6), _STEPS_S[-1])
    # The last tick would run out of the picture when it stands at the very edge.
    times = [n * step for n in range(int(length_s // step) + 1) if n * step <= 0.96 * length_s]
    return [Tick(_percent(s, length_s), wording.clock(s)) for s in times]


def _percent(seconds: float, length_s: float) -> float:
    return round(100 * max(0.0, min(seconds, length_s)) / length_s, 2)
