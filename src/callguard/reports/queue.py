"""Reports -> the order in which a supervisor should see them, and the words that decided each.

The order is: safety, then unsupported agents, then promises, endings, conduct, then the rest. It never orders people.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from callguard.types import Fact, Label, Level, Outcome, Speaker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from callguard.types import CallReport, Finding, Verdict


class Group(IntEnum):
    """Groups of the queue, the most pressing first."""

    SAFETY = 0
    SUPPORT = 1
    PROMISES = 2
    ENDINGS = 3
    CONDUCT = 4
    UNCLEAR = 5
    REST = 6

    @property
    def title(self) -> str:
        """Name of the group for people."""
        return _TITLES[self]


_TITLES = {
    Group.SAFETY: "Safety",
    Group.SUPPORT: "Agents who may need support",
    Group.PROMISES: "Promises",
    Group.ENDINGS: "Endings",
    Group.CONDUCT: "Conduct",
    Group.UNCLEAR: "Cannot tell",
    Group.REST: "Everything else",
}

FLAGGED = frozenset({Group.SAFETY, Group.SUPPORT, Group.PROMISES, Group.ENDINGS, Group.CONDUCT})
"""Groups that ask a person for something."""

_SAFETY = {Outcome.NEVER_END_ROUTE_TO_HELP, Outcome.EMERGENCY_SAFETY_PROTOCOL}


def group(report: CallReport) -> Group:
    """Place an analysed call in the queue."""
    verdict = report.verdict
    if verdict is None:
        return Group.UNCLEAR
    # The first that holds wins, from the most pressing on.
    holds = {
        Group.SAFETY: verdict.outcome in _SAFETY or verdict.max_level is Level.CRITICAL or _possible_threat(verdict),
        Group.UNCLEAR: verdict.outcome is Outcome.CANNOT_TELL,
        Group.SUPPORT: verdict.max_level >= Level.ABUSIVE,
        Group.PROMISES: verdict.outcome is Outcome.NOT_ELIGIBLE_COMPANY_AT_FAULT or Fact.BROKEN_PROMISE in verdict.facts,
        Group.ENDINGS: verdict.outcome is Outcome.CLOSE_COURTEOUSLY or _ended_by_agent(report),
        Group.CONDUCT: verdict.outcome is Outcome.NOT_ELIGIBLE_AGENT_CONDUCT_REVIEW,
    }
    return next((which for which, it_does in holds.items() if it_does), Group.REST)


def ordered(reports: Iterable[CallReport]) -> list[CallReport]:
    """Sort analysed calls as a supervisor should see them."""
    return sorted((r for r in reports if r.verdict is not None), key=key)


def deciding(report: CallReport) -> Finding | None:
    """Pick the finding that decided a call: from the turn that made it eligible if it is, else the most severe, else the first."""
    if report.verdict is None or not report.verdict.findings:
        return None
    eligible = report.verdict.eligible_from_turn
    return min(report.verdict.findings, key=lambda f: (eligible is None or eligible not in f.turn_indexes, -f.level, f.possible, f.at_s))


def key(report: CallReport) -> tuple[int, int, int, str, str]:
    """Sort key of an analysed call: group, outcome in the order of the decision table, highest level, start, identifier."""
    verdict = report.verdict
    rank = list(Outcome).index(verdict.outcome) if verdict else len(Outcome)
    started = report.call.started_at.isoformat() if report.call.started_at else ""
    return group(report), rank, -(verdict.max_level if verdict else 0), started, report.call.call_id


def _possible_threat(verdict: Verdict) -> bool:
    """A threat in uncertain words is for a person to judge at once, not one to leave at the end of the list."""
    return any(f.possible and f.level is Level.CRITICAL for f in verdict.findings)


def _ended_by_agent(report: CallReport) -> bool:
    ended = any(t.turn.speaker is Speaker.AGENT and t.has(Label.CALL_ENDED_BY_AGENT) for t in report.turns)
    return ended or (report.verdict is not None and Fact.AGENT_ENDED_WITHOUT_GROUNDS in report.verdict.facts)
