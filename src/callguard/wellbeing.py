"""Reports of calls -> what each agent was exposed to.

Exposure is a property of the calls. Nothing here looks at how an agent felt, and no column ranks one person against another.
docs/wellbeing.md says what each figure rests on. No published weight for a minute of abuse exists: that is why the dose comes with a flat
and a steep variant beside it.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callguard.types import AgentLoad, Fact, Label, Level, Speaker

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from callguard.types import CallReport, ScoredTurn

MERGE_GAP_S = 30.0
"""Silence or other speech, in seconds, across which an episode goes on (docs/wellbeing.md)."""
RUN_GAP_MIN = 10.0
"""Minutes between two calls below which a run goes on (docs/wellbeing.md)."""
RECOVERY_MIN: Mapping[Level, float] = {Level.ABUSIVE: 5.0, Level.SEVERE: 10.0, Level.CRITICAL: 30.0}
"""Minutes of recovery that are due after a call, by its highest level; 30 also after one that the agent ended (docs/wellbeing.md)."""

WEIGHTS: Mapping[Level, float] = {Level.ABUSIVE: 1, Level.SEVERE: 2, Level.CRITICAL: 4}
FLAT_WEIGHTS: Mapping[Level, float] = {Level.ABUSIVE: 1, Level.SEVERE: 1, Level.CRITICAL: 1}
STEEP_WEIGHTS: Mapping[Level, float] = {Level.ABUSIVE: 1, Level.SEVERE: 3, Level.CRITICAL: 9}
"""Policy weights of a minute at each level (docs/wellbeing.md); unproven, so all three are shown."""

UNKNOWN_AGENT = "unknown"


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of customer speech at level 2 or above."""

    minutes: float
    level: Level
    """The highest in it."""
    estimated: bool = False
    """True where the minutes were counted from words."""


@dataclass(frozen=True, slots=True)
class _Gaps:
    """Minutes from the end of each abusive call to the start of the agent's next, beside the minutes that were due."""

    pairs: tuple[tuple[float, float], ...]

    @property
    def missed(self) -> int:
        return sum(gap < due for gap, due in self.pairs)

    @property
    def coverage(self) -> float | None:
        return 1 - self.missed / len(self.pairs) if self.pairs else None


def agent_loads(reports: Iterable[CallReport]) -> list[AgentLoad]:
    """Account for each agent's exposure.

    Calls that were not analysed say nothing about exposure and are left out; calls without an agent count under `unknown`.

    Returns:
        One load an agent in the order of their names: minutes, hours and counts as each field of `AgentLoad` says (docs/wellbeing.md).
    """
    by_agent: defaultdict[str, list[CallReport]] = defaultdict(list)
    for report in reports:
        if report.verdict is not None:
            by_agent[report.call.agent_id or UNKNOWN_AGENT].append(report)
    return [_load(agent_id, calls) for agent_id, calls in sorted(by_agent.items())]


def episodes(report: CallReport) -> tuple[Episode, ...]:
    """Find the abusive episodes of a call.

    An episode is customer speech at level 2 or above, with gaps of at most 30 s merged; its length in minutes runs from the first word to
    the last, gaps included (docs/wellbeing.md).
    """
    merged: list[list[ScoredTurn]] = []
    end_s = 0.0
    for scored in sorted((t for t in report.turns if _is_abusive(t)), key=lambda t: t.turn.start_s):
        if merged and scored.turn.start_s - end_s <= MERGE_GAP_S:
            merged[-1].append(scored)
            end_s = max(end_s, scored.turn.end_s)
        else:
            merged.append([scored])
            end_s = scored.turn.end_s
    return tuple(_episode(turns) for turns in merged)


def dose(found: Iterable[Episode], weights: Mapping[Level, float] = WEIGHTS) -> float:
    """Weigh episodes: sum of w(L) x max(minutes, 1), in weighted minutes (docs/wellbeing.md).

    The floor of one minute keeps a threat of three seconds from counting as nothing.
    """
    return sum(weights[e.level] * max(e.minutes, 1.0) for e in found)


def poisson_interval(events: int, exposure: float) -> tuple[float, float]:
    """Give the exact 95% interval of a rate, in events per unit of `exposure`.

    Garwood (1936): lower = chi2(.025, 2k) / 2E, upper = chi2(.975, 2k + 2) / 2E (docs/wellbeing.md).
    Without exposure there is no rate: 0 to 0.
    """
    # scipy takes a while to import, and most commands count nothing.
    from scipy.stats import chi2

    if exposure <= 0:
        return 0.0, 0.0
    lower = float(chi2.ppf(0.025, 2 * events)) / (2 * exposure) if events else 0.0
    return lower, float(chi2.ppf(0.975, 2 * events + 2)) / (2 * exposure)


def recovery_due_min(report: CallReport) -> float:
    """Give the minutes of recovery due after a call: 5, 10 or 30 by its highest level, 30 where the agent ended it; 0 after a calm one.

    The 30 minutes are Hyundai Card's, the others proposals (docs/wellbeing.md).
    """
    found = episodes(report)
    if not found:
        return 0.0
    if _ending_indexes(report):
        return RECOVERY_MIN[Level.CRITICAL]
    return RECOVERY_MIN[max(e.level for e in found)]


def longest_run(reports: Sequence[CallReport]) -> int:
    """Count the longest chain of abusive calls of one agent with under 10 minutes between one's end and the next one's start.

    In calls (docs/wellbeing.md). A calm call between breaks the chain; a call of unknown time is a chain of its own.
    """
    timed = _in_time(reports)
    best = int(any(episodes(r) for r in reports))
    length = 0
    for i, report in enumerate(timed):
        follows = i > 0 and _gap_min(timed[i - 1], report) < RUN_GAP_MIN
        length = (length if follows else 0) + 1 if episodes(report) else 0
        best = max(best, length)
    return best


def post_eligibility_min(report: CallReport) -> float:
    """Measure how long a call went on after the agent could end it: max(0, t_end - t_eligible), in minutes (docs/wellbeing.md)."""
    since = report.verdict.eligible_from_turn if report.verdict else None
    eligible_s = next((t.turn.end_s for t in report.turns if t.turn.index == since), None)
    return 0.0 if eligible_s is None else max(0.0, _length_s(report) - eligible_s) / 60


def _load(agent_id: str, calls: list[CallReport]) -> AgentLoad:
    found = [e for call in calls for e in episodes(call)]
    abusive = sum(bool(episodes(call)) for call in calls)
    handled_h = sum(map(_length_s, calls)) / 3600
    exposure_min = sum(e.minutes for e in found)
    ci_low, ci_high = poisson_interval(abusive, len(calls) / 100)
    gaps = _recovery_gaps(calls)
    return AgentLoad(
        agent_id=agent_id,
        calls=len(calls),
        handled_h=handled_h,
        abusive_calls=abusive,
        abusive_calls_per_100=100 * abusive / len(calls),
        ci_low=ci_low,
        ci_high=ci_high,
        exposure_min=exposure_min,
        exposure_min_per_h=exposure_min / handled_h if handled_h else 0.0,
        dose=dose(found),
        dose_flat=dose(found, FLAT_WEIGHTS),
        dose_steep=dose(found, STEEP_WEIGHTS),
        longest_run=longest_run(calls),
        back_to_back=gaps.missed,
        recovery_coverage=gaps.coverage,
        post_eligibility_min=sum(map(post_eligibility_min, calls)),
        ended_after_eligible=sum(map(_ended_after_eligible, calls)),
        promises_made=sum(map(_promises, calls)),
        promises_broken=sum(_has_fact(call, Fact.BROKEN_PROMISE) for call in calls),
        estimated=any(t.turn.times_estimated for call in calls for t in call.turns),
    )


def _is_abusive(scored: ScoredTurn) -> bool:
    return scored.turn.speaker is Speaker.CUSTOMER and scored.level is not None and scored.level >= Level.ABUSIVE


def _episode(turns: list[ScoredTurn]) -> Episode:
    level = max(t.level for t in turns if t.level is not None)
    if any(t.turn.times_estimated for t in turns):
        # The time between such turns is made up; that of each is its words at 150 a minute.
        return Episode(sum(t.turn.end_s - t.turn.start_s for t in turns) / 60, level, estimated=True)
    return Episode((max(t.turn.end_s for t in turns) - turns[0].turn.start_s) / 60, level)


def _length_s(report: CallReport) -> float:
    return max([report.duration_s, *(t.turn.end_s for t in report.turns)])


def _in_time(reports: Sequence[CallReport]) -> list[CallReport]:
    timed = [(r.call.started_at, r.call.call_id, r) for r in reports if r.call.started_at is not None]
    return [r for _, _, r in sorted(timed, key=lambda item: item[:2])]


def _gap_min(earlier: CallReport, later: CallReport) -> float:
    """Minutes from the end of one call to the start of the next; negative where they overlap."""
    if earlier.call.started_at is None or later.call.started_at is None:
        return float("inf")
    return ((later.call.started_at - earlier.call.started_at).total_seconds() - _length_s(earlier)) / 60


def _recovery_gaps(calls: Sequence[CallReport]) -> _Gaps:
    """Only a call that another one followed shows whether there was a pause; the last one of the records shows nothing."""
    timed = _in_time(calls)
    followed = itertools.pairwise(timed)
    return _Gaps(tuple((_gap_min(call, after), due) for call, after in followed if (due := recovery_due_min(call))))


def _ending_indexes(report: CallReport) -> list[int]:
    return [t.turn.index for t in report.turns if t.turn.speaker is Speaker.AGENT and t.has(Label.CALL_ENDED_BY_AGENT)]


def _ended_after_eligible(report: CallReport) -> bool:
    since = report.verdict.eligible_from_turn if report.verdict else None
    return since is not None and any(index > since for index in _ending_indexes(report))


def _promises(report: CallReport) -> int:
    return sum(t.turn.speaker is Speaker.AGENT and t.has(Label.COMMITMENT_MADE) for t in report.turns)


def _has_fact(report: CallReport, fact: Fact) -> bool:
    return report.verdict is not None and fact in report.verdict.facts
