"""Exposure: the worked figures of the domain's notes, and the edges of each rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from callguard.types import CallReport, Fact, Label, Level, Outcome, ScoredTurn, Speaker
from callguard.wellbeing import (
    FLAT_WEIGHTS,
    STEEP_WEIGHTS,
    WEIGHTS,
    Episode,
    agent_loads,
    dose,
    episodes,
    longest_run,
    poisson_interval,
    post_eligibility_min,
    recovery_due_min,
)
from fakes_reports import report, scored, turn, unreadable, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
LABEL_AT = {0: None, 2: Label.PERSONAL_INSULT, 3: Label.INTIMIDATION, 4: Label.THREAT_VIOLENCE}


def said(level: int, start_s: float, end_s: float, *, text: str = "words", index: int = 0, estimated: bool = False) -> ScoredTurn:
    label = LABEL_AT[level]
    base = turn(Speaker.CUSTOMER, text, start_s, end_s, index=index, times_estimated=estimated)
    return scored(base, {label: ""} if label else {})


def agent_says(label: Label, start_s: float, end_s: float, *, index: int = 0) -> ScoredTurn:
    return scored(turn(Speaker.AGENT, "words", start_s, end_s, index=index), {label: ""})


def call(*turns: ScoredTurn, minutes: float = 2.0, at_min: float | None = None, agent_id: str | None = "a7", **more: object) -> CallReport:
    base = report("c", turns, verdict("c", Outcome.NO_ACTION, **more))
    started = None if at_min is None else NINE + timedelta(minutes=at_min)
    return replace(base, duration_s=60 * minutes, call=replace(base.call, agent_id=agent_id, started_at=started))


WORKED = [Episode(0.1, Level.ABUSIVE), Episode(1.5, Level.ABUSIVE), Episode(0.4, Level.SEVERE), Episode(0.05, Level.CRITICAL)]


@pytest.mark.parametrize(("weights", "expected"), [(WEIGHTS, 8.5), (FLAT_WEIGHTS, 4.5), (STEEP_WEIGHTS, 14.5)])
def test_dose_of_the_worked_episodes(weights: Mapping[Level, float], expected: float) -> None:
    assert dose(WORKED, weights) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("events", "exposure", "low", "high", "digits"),
    [
        (3, 1.20, 0.5, 7.3, 1),  # 3 in 120 h, per 100 h
        (1, 26, 0.001, 0.21, 2),  # 1 in 26 weeks
        (0, 26, 0.0, 0.14, 2),
        (9, 5.2, 0.79, 3.29, 2),  # 9 seen, 5.2 expected
    ],
)
def test_exact_poisson_interval(events: int, exposure: float, low: float, high: float, digits: int) -> None:
    lower, upper = poisson_interval(events, exposure)
    assert lower == pytest.approx(low, abs=0.5 * 10**-digits)
    assert upper == pytest.approx(high, abs=0.5 * 10**-digits)


def test_no_exposure_has_no_rate() -> None:
    assert poisson_interval(0, 0) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("turns", "minutes"),
    [
        ([], []),
        ([said(0, 0, 60)], []),
        ([said(2, 0, 6)], [0.1]),
        ([said(2, 0, 6), said(2, 36, 42)], [0.7]),  # a gap of 30 s is merged and counts
        ([said(2, 0, 6), said(2, 36.1, 42.1)], [0.1, 0.1]),
        ([said(2, 0, 6), said(0, 7, 9), said(3, 12, 18)], [0.3]),
        ([said(2, 12, 18), said(2, 0, 6)], [0.3]),  # in the order of time, whatever the order of turns
        ([said(2, 0, 60), said(2, 10, 20), said(2, 85, 90)], [1.5]),  # overlapping speech does not end an episode early
        ([said(2, 0, 6, estimated=True), said(2, 20, 26, estimated=True)], [0.2]),
    ],
)
def test_episodes(turns: Sequence[ScoredTurn], minutes: list[float]) -> None:
    assert [e.minutes for e in episodes(call(*turns))] == pytest.approx(minutes)


def test_an_episode_has_its_highest_level() -> None:
    assert [e.level for e in episodes(call(said(2, 0, 6), said(4, 8, 9)))] == [Level.CRITICAL]


def test_only_a_customers_words_are_exposure() -> None:
    unknown = said(4, 0, 6)
    unknown = replace(unknown, turn=replace(unknown.turn, speaker=Speaker.UNKNOWN))
    assert episodes(call(unknown, agent_says(Label.AGENT_INSULT, 7, 9))) == ()


@pytest.mark.parametrize(
    ("turns", "due"),
    [
        ([said(0, 0, 1)], 0),
        ([said(2, 0, 1)], 5),
        ([said(3, 0, 1)], 10),
        ([said(4, 0, 1)], 30),
        ([said(2, 0, 1), agent_says(Label.CALL_ENDED_BY_AGENT, 2, 3)], 30),
        ([said(0, 0, 1), agent_says(Label.CALL_ENDED_BY_AGENT, 2, 3)], 0),
    ],
)
def test_recovery_due(turns: Sequence[ScoredTurn], due: float) -> None:
    assert recovery_due_min(call(*turns)) == due


@pytest.mark.parametrize(
    ("starts", "levels", "expected"),
    [
        ([0, 11.9], [2, 2], 2),  # each lasts 2 minutes: a gap of 9.9
        ([0, 12], [2, 2], 1),  # 10 minutes is not under 10
        ([0, 5, 10], [2, 0, 2], 1),  # a calm call breaks the chain
        ([10, 5, 0], [2, 3, 2], 3),
        ([0, 5], [0, 0], 0),
        ([None, None], [2, 2], 1),
    ],
)
def test_longest_run(starts: list[float | None], levels: list[int], expected: int) -> None:
    assert longest_run([call(said(level, 0, 6), at_min=at) for at, level in zip(starts, levels, strict=True)]) == expected


@pytest.mark.parametrize(
    ("level", "next_start", "back_to_back", "coverage"),
    [(2, 6.9, 1, 0.0), (2, 7.0, 0, 1.0), (3, 7.0, 1, 0.0), (3, 12.0, 0, 1.0), (4, 31.9, 1, 0.0), (4, 32.0, 0, 1.0), (0, 2.0, 0, None)],
)
def test_recovery_before_the_next_call(level: int, next_start: float, back_to_back: int, coverage: float | None) -> None:
    (load,) = agent_loads([call(said(level, 0, 6), at_min=0), call(at_min=next_start)])
    assert (load.back_to_back, load.recovery_coverage) == (back_to_back, coverage)


def test_a_last_call_says_nothing_of_recovery() -> None:
    (load,) = agent_loads([call(said(2, 0, 6), at_min=0)])
    assert load.recovery_coverage is None


@pytest.mark.parametrize(("eligible", "minutes", "expected"), [(0, 2.0, 1.9), (None, 2.0, 0.0), (0, 0.1, 0.0), (7, 2.0, 0.0)])
def test_minutes_after_permission(eligible: int | None, minutes: float, expected: float) -> None:
    assert post_eligibility_min(call(said(2, 0, 6), minutes=minutes, eligible_from_turn=eligible)) == pytest.approx(expected)


def test_a_load_adds_up() -> None:
    ended = call(
        said(2, 0, 6, index=0),
        agent_says(Label.COMMITMENT_MADE, 7, 8, index=1),
        said(3, 60, 84, index=2),
        agent_says(Label.CALL_ENDED_BY_AGENT, 90, 95, index=3),
        eligible_from_turn=2,
        at_min=0,
    )
    calm = call(said(0, 0, 5), minutes=4, at_min=10, facts=(Fact.BROKEN_PROMISE,))
    (load,) = agent_loads([calm, ended])
    assert (load.agent_id, load.calls, load.abusive_calls, load.estimated) == ("a7", 2, 1, False)
    assert load.handled_h == pytest.approx(0.1)
    assert load.abusive_calls_per_100 == pytest.approx(50)
    assert load.exposure_min == pytest.approx(0.5)
    assert load.exposure_min_per_h == pytest.approx(5)
    assert (load.dose, load.dose_flat, load.dose_steep) == (3, 2, 4)
    assert (load.longest_run, load.back_to_back, load.recovery_coverage) == (1, 1, 0.0)
    assert load.post_eligibility_min == pytest.approx(0.6)
    assert (load.ended_after_eligible, load.promises_made, load.promises_broken) == (1, 1, 1)


def test_an_ending_before_permission_is_not_one_after_it() -> None:
    early = call(agent_says(Label.CALL_ENDED_BY_AGENT, 0, 1, index=0), said(2, 2, 3, index=1), eligible_from_turn=1)
    assert agent_loads([early])[0].ended_after_eligible == 0


def test_loads_are_in_the_order_of_names_and_leave_out_what_was_not_read() -> None:
    loads = agent_loads([call(agent_id="b"), call(agent_id=None), unreadable(), call(agent_id="a")])
    assert [(load.agent_id, load.calls) for load in loads] == [("a", 1), ("b", 1), ("unknown", 1)]


def test_estimated_times_are_said() -> None:
    assert agent_loads([call(said(0, 0, 5, estimated=True))])[0].estimated
